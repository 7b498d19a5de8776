/* SPDX-License-Identifier: MIT */
/*
 * apphost.h - what FastCGI and SCGI hosts have in common: settings, and who is asked.
 */
#ifndef VANE__APPHOST_H
#define VANE__APPHOST_H

#include "buf.h"
#include "host.h"
#include "program.h"
#include "relay.h"
#include "upstream.h"
#include "cgi_vars.h"

struct vane__apphost {
	struct vane__host host;          /* first: handlers know no more */
	struct vane__balancer *balancer; /* one of these: */
	struct vane__upstream upstream;
	struct vane__program program;
	char **params;          /* the administrator's, up to a NULL */
	struct vane__vars vars; /* of a request, while they are put together */
};

/*
 * Fill one in; host.answer is the caller's to set.  Returns as vane_fastcgi_host_new()
 * does, and leaves nothing behind if it fails.
 */
int vane__apphost_init(
	struct vane__apphost *app, const struct vane_fastcgi_host_opts *opts);
void vane__apphost_fini(struct vane__apphost *app);

/* Start what is always there, if it is a program: 0 or a negative errno. */
int vane__apphost_start(struct vane__apphost *app, struct vane_loop *loop);

/* Have new workers of its program take the place of the old ones. */
void vane__apphost_reload(struct vane__apphost *app);

/*
 * Make what a backend needs for a request: the relay, whose name begins with kind, and its
 * variables as encode() appends them.  Returns 0 or a negative errno.
 */
int vane__apphost_begin(struct vane__apphost *app, struct vane_request *req,
	const struct vane__script *script, const char *kind,
	int (*encode)(const struct vane__vars *vars, struct buf *out), struct buf *out,
	struct vane__relay **relay);

#endif
