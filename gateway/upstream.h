/* SPDX-License-Identifier: MIT */
/*
 * upstream.h - an upstream: a group of peers that can all answer the same requests.
 *
 * A request goes to the peer with the fewest, ties in turn, and around those that rest
 * because connections to them have failed of late.
 */
#ifndef VANE__UPSTREAM_H
#define VANE__UPSTREAM_H

#include <vane/gateway.h>

#include "balancer.h"

struct vane__upstream {
	struct vane__balancer balancer;
	struct vane__limiter limiter;
	struct vane__peer_opts peer_opts;
	int64_t max_fails, fail_msec;
	struct vane__peer *peers;
	size_t count, turn;
	struct vane_loop *loop; /* NULL: nobody has asked yet */
};

/* Fill in the defaults of limits and times that lie in these: 0 or -EINVAL. */
int vane__upstream_fill(struct vane_fastcgi_backend_opts *opts);

/*
 * Make a group of what opts->upstream names, with limits whose defaults are filled in.
 * Names are resolved now.  Returns 0; -EINVAL, -ENOENT (a name that cannot be resolved) or
 * -E2BIG, each with a line in the log; -ENOMEM.
 */
int vane__upstream_init(struct vane__upstream *upstream,
	const struct vane_fastcgi_backend_opts *opts,
	const struct vane_backend_limits *limits);

/* Close its connections; none may be in use, and the loop must still be there. */
void vane__upstream_fini(struct vane__upstream *upstream);

/* Milliseconds until a peer that rests may be tried again; 0: one may be now. */
int64_t vane__upstream_rest(const struct vane__upstream *upstream);

#endif
