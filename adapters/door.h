/* SPDX-License-Identifier: MIT */
/*
 * door.h - what a responder's connections come in by, and how it closes.
 */
#ifndef VANE__DOOR_H
#define VANE__DOOR_H

#include <vane/loop.h>
#include <vane/netutil.h>
#include <vane/types.h>

/* A socket that connections are accepted from. */
struct vane__entrance {
	struct vane_accept *accept;
	int fd;
	bool shared; /* others than our workers accept from it too */
};

/* The owner, which counts its connections, fills in the first five. */
struct vane__door {
	struct vane_loop *loop;
	vane_accept_fn enter; /* a connection has come */
	vane_loop_fn cut;     /* the drain takes too long: close all connections */
	void *owner;          /* what both are given */
	int64_t grace_msec;   /* 0: the default, < 0: none */

	struct vane__entrance *entrances;
	size_t count;
	size_t cut_count; /* requests that were */
	bool draining;
	vane_loop_fn drained; /* who waits for the end; NULL: nobody */
	void *drained_data;
	bool empty;    /* no connection is left */
	int64_t until; /* those that are left are cut then, by the loop's clock */
	struct vane_timer *timer;
};

/* Accept on sockets; the list is emptied.  Those that cannot be accepted on are closed. */
int vane__door_add(struct vane__door *door, struct vane_sockets *socks);

/*
 * Stop accepting, with a last accept of what nobody else would take; run done(data) as soon as
 * vane__door_check() finds no connection left, or after cutting those that are left after that
 * time.  Returns 0, -EALREADY or -ENOMEM.
 */
int vane__door_drain(struct vane__door *door, int64_t msec, vane_loop_fn done, void *data);

/* So many connections are left. */
void vane__door_check(struct vane__door *door, size_t count);

/*
 * While it drains: how long a connection that has been silent since then may still have a request
 * on the way; 0 if it need not be waited for.
 */
int64_t vane__door_grace(const struct vane__door *door, int64_t since);

/* A request is cut that began then: count it, and say in the log what it was. */
void vane__door_cut(struct vane__door *door, const char *what, int64_t since);

/* Close the sockets, and tell nobody. */
void vane__door_fini(struct vane__door *door);

#endif
