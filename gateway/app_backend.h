/* SPDX-License-Identifier: MIT */
/*
 * app_backend.h - a FastCGI or SCGI backend: settings, and who is asked.
 */
#ifndef VANE__APP_BACKEND_H
#define VANE__APP_BACKEND_H

#include "backend.h"
#include "program.h"
#include "protocol.h"
#include "upstream.h"

struct vane__app_backend {
	struct vane_backend backend;
	const struct vane__protocol *protocol;
	void *shared;                    /* the protocol's; NULL: not open yet */
	struct vane__balancer *balancer; /* one of these; NULL: not yet */
	struct vane__upstream upstream;
	struct vane__program program;
	struct vane__vars vars; /* of a request, while they are put together */
};

#endif
