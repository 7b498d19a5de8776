/* SPDX-License-Identifier: MIT */
/*
 * app_backend.h - what FastCGI and SCGI backends have in common: settings, and who is asked.
 */
#ifndef VANE__APP_BACKEND_H
#define VANE__APP_BACKEND_H

#include "buf.h"
#include "backend.h"
#include "program.h"
#include "relay.h"
#include "upstream.h"
#include "cgi_vars.h"

struct vane__app_backend {
	struct vane__backend backend;    /* first: handlers know no more */
	struct vane__balancer *balancer; /* one of these: */
	struct vane__upstream upstream;
	struct vane__program program;
	char **params;          /* the administrator's, up to a NULL */
	struct vane__vars vars; /* of a request, while they are put together */
};

/*
 * Fill one in; backend.answer is the caller's to set.  Returns as vane_fastcgi_backend_new()
 * does, and leaves nothing behind if it fails.
 */
int vane__app_backend_init(
	struct vane__app_backend *app, const struct vane_fastcgi_backend_opts *opts);
void vane__app_backend_fini(struct vane__app_backend *app);

/* Start what is always there, if it is a program: 0 or a negative errno. */
int vane__app_backend_start(struct vane__app_backend *app, struct vane_loop *loop);

/* Have new workers of its program take the place of the old ones. */
void vane__app_backend_reload(struct vane__app_backend *app);

/*
 * Make what a carrier needs for a request: the relay, whose name begins with kind, and its
 * variables as encode() appends them.  Returns 0 or a negative errno.
 */
int vane__app_backend_begin(struct vane__app_backend *app, struct vane_request *req,
	const struct vane__script *script, const char *kind,
	int (*encode)(const struct vane__vars *vars, struct buf *out), struct buf *out,
	struct vane__relay **relay);

#endif
