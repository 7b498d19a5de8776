/* SPDX-License-Identifier: MIT */
/*
 * netutil.h - the part of binding that comes after the name has been resolved.
 */
#ifndef VANE__NETUTIL_H
#define VANE__NETUTIL_H

#include <vane/netutil.h>

struct addrinfo;

/* Bind every distinct address of the list, in its order: all of them, or none. */
int vane__bind_addresses(const struct addrinfo *list, const struct vane_bind_opts *opts,
	struct vane_sockets *out);

/* The backlog to ask for; warns if the kernel will not give it. */
int vane__backlog(int wanted);

#endif
