/* SPDX-License-Identifier: MIT */
/*
 * door.h - what a responder's connections come in by, and how it closes.
 */
#ifndef VANE__DOOR_H
#define VANE__DOOR_H

#include <vane/loop.h>
#include <vane/netutil.h>
#include <vane/types.h>

/* The owner, which counts its connections, fills in the first four. */
struct vane__door {
	struct vane_loop *loop;
	vane_accept_fn enter; /* a connection has come */
	vane_loop_fn cut;     /* the drain takes too long: close all connections */
	void *owner;          /* what both are given */

	struct vane_sockets socks;
	struct vane_accept **accepts; /* one a socket */
	bool draining;
	vane_loop_fn drained; /* who waits for the end; NULL: nobody */
	void *drained_data;
	struct vane_timer *timer;
};

/* Accept on sockets; the list is emptied.  Those that cannot be accepted on are closed. */
int vane__door_add(struct vane__door *door, struct vane_sockets *socks);

/*
 * Stop accepting; run done(data) as soon as vane__door_check() finds no connection left,
 * or after cutting those that are left after that time.  Returns 0, -EALREADY or -ENOMEM.
 */
int vane__door_drain(struct vane__door *door, int64_t msec, vane_loop_fn done, void *data);

/* So many connections are left. */
void vane__door_check(struct vane__door *door, size_t count);

/* Close the sockets, and tell nobody. */
void vane__door_fini(struct vane__door *door);

#endif
