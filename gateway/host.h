/* SPDX-License-Identifier: MIT */
/*
 * host.h - what CGI, FastCGI and SCGI hosts have in common: limits, loop, clock.
 */
#ifndef VANE__HOST_H
#define VANE__HOST_H

#include <vane/gateway.h>
#include <vane/loop.h>
#include <vane/request.h>

struct vane__relay;

struct vane__host {
	struct vane_host_limits limits; /* defaults filled in; < 0: none */
	struct vane_loop *own_loop;     /* where a mode has none */
	struct vane_tree *sendfile;     /* NULL: X-Accel-Redirect is not honoured */
	struct vane__relay *relays;     /* those under way */
	struct vane_timer *tick;        /* runs while there are any */
	struct vane_loop *tick_loop;    /* there */
	/* Waits, where a mode has no loop, for what is left when a relay is over; may be
	 * NULL. */
	void (*settle)(struct vane__host *host, struct vane_loop *loop);
};

/* 0, or a negative errno if sendfile_root (NULL: none) cannot be opened. */
int vane__host_init(struct vane__host *host, const struct vane_host_limits *limits,
	const char *sendfile_root);
void vane__host_fini(struct vane__host *host);

/* The loop a request's things are to be watched in.  NULL: there is no memory for one. */
struct vane_loop *vane__host_loop(struct vane__host *host, const struct vane_request *req);

#endif
