/* SPDX-License-Identifier: MIT */
/*
 * netutil.h - the part of binding that comes after the name has been resolved.
 */
#ifndef VANE__NETUTIL_H
#define VANE__NETUTIL_H

#include <vane/netutil.h>

struct addrinfo;

/*
 * Ask, when descriptors have run out, whether one was freed for the connection that waits: if so it
 * is accepted at once, and there is no pause.  data is the handler's.
 */
void vane__accept_when_full(struct vane_accept *accept, bool (*make_room)(void *data));

/*
 * Ask before each connection whether it is to be left to others who accept from the same socket: if
 * so there is a pause of a few milliseconds.
 */
void vane__accept_leave(struct vane_accept *accept, bool (*leave)(void *data));

/* Bind every distinct address of the list, in its order: all of them, or none. */
int vane__bind_addresses(const struct addrinfo *list, const struct vane_bind_opts *opts,
	struct vane_sockets *out);

/* The backlog to ask for, or -EINVAL; warns if the kernel will not give it. */
int vane__backlog(int wanted);

#endif
