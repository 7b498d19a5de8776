/* SPDX-License-Identifier: MIT */
/*
 * netutil.h - the part of binding that comes after the name has been resolved.
 */
#ifndef VANE__NETUTIL_H
#define VANE__NETUTIL_H

#include <vane/netutil.h>

struct addrinfo;
struct sockaddr;

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

/*
 * Adopt an inherited listening socket as vane_sockets_adopt() does, but leave O_NONBLOCK as it is: it
 * belongs to all who hold the socket, and one of them may wait in accept().  A loop then accepts with
 * vane__accept_briefly().
 */
int vane__sockets_adopt_blocking(struct vane_sockets *socks, int fd);

/*
 * accept4() on a socket that may be blocking, close-on-exec and non-blocking itself: what waits, or
 * -EAGAIN.  Somebody else may take that between a look and the call, which would then wait: it is
 * interrupted by SIGALRM after some milliseconds, so the interval timer of the process and the
 * handler of that signal are borrowed for the time of the call.  Returns a descriptor or a negative
 * errno.
 */
int vane__accept_briefly(int fd, struct sockaddr *peer, unsigned *peer_len);

/* The same without a look whether one waits. */
int vane__accept_late(int fd, struct sockaddr *peer, unsigned *peer_len);

/* Bind every distinct address of the list, in its order: all of them, or none. */
int vane__bind_addresses(const struct addrinfo *list, const struct vane_bind_opts *opts,
	struct vane_sockets *out);

/* The backlog to ask for, or -EINVAL; warns if the kernel will not give it. */
int vane__backlog(int wanted);

#endif
