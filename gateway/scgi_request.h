/* SPDX-License-Identifier: MIT */
/*
 * scgi_request.h - requests to an SCGI application, each over an upstream connection of its own.
 */
#ifndef VANE__SCGI_REQUEST_H
#define VANE__SCGI_REQUEST_H

#include "balancer.h"
#include "buf.h"
#include "relay.h"

/* What all requests of a backend share. */
struct vane__scgi {
	struct vane__balancer *balancer;
	char *in; /* what is being read; no call back from there lasts */
};

/* The balancer is borrowed.  0 or -ENOMEM. */
int vane__scgi_init(struct vane__scgi *app, struct vane__balancer *balancer);
void vane__scgi_fini(struct vane__scgi *app);

/*
 * Have a relay answered.  head is the request's, as a netstring; it is taken over, and the
 * buffer is empty after it.  All that goes wrong goes to the relay.
 */
void vane__scgi_run(struct vane__scgi *app, struct vane__relay *relay, struct buf *head);

#endif
