/* SPDX-License-Identifier: MIT */
/*
 * vane/netutil.h - listening sockets (Tornado's netutil).
 *
 * Every descriptor made here is close-on-exec and non-blocking.
 */
#ifndef VANE_NETUTIL_H
#define VANE_NETUTIL_H

#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sockaddr;
struct vane_loop;
struct vane_accept;

/* Listening sockets.  The array is the owner's: vane_sockets_fini(). */
struct vane_sockets {
	int *fds;
	size_t count;
	size_t inherited; /* so many of them, the first, are served by other programs too */
	int pid;          /* of the process that has put them here */
};

/* What to bind; zero means the default. */
struct vane_bind_opts {
	const char *address; /* name or number; NULL or "": all interfaces */
	/*
	 * number or service name; NULL or "0": the kernel chooses, the same one for every
	 * address
	 */
	const char *port;
	int family;  /* AF_INET, AF_INET6; 0: both where there are both */
	int backlog; /* 1024; the kernel cuts it at somaxconn, as it does VANE_NO_LIMIT */
	int flags;   /* AI_ bits for getaddrinfo(); 0: AI_PASSIVE */
	bool reuse_port; /* SO_REUSEPORT; -ENOTSUP where there is none */
};

/*
 * Make listening sockets, one for each distinct address that the name stands for, in the
 * resolver's order: all of them, or none.
 *
 * IPv6 sockets take IPv6 only.  Families that the system lacks are skipped; if none is left,
 * -EAFNOSUPPORT.  A name that cannot be resolved is logged and gives -ENOENT.
 */
VANE_API int vane_bind_sockets(const struct vane_bind_opts *opts, struct vane_sockets *out);

/*
 * Make a listening unix socket.
 *
 * A socket file that nobody serves is replaced, anything else in its place is -EADDRINUSE
 * (served) or -EEXIST (not a socket).  mode is that of the file, 0 means 0660; the
 * file is made with it, less what a default ACL of the directory takes.  backlog is as in struct
 * vane_bind_opts.
 */
VANE_API int vane_bind_unix_socket(
	const char *path, unsigned mode, int backlog, int *fd_out);

/*
 * Adopt an inherited listening socket: make it close-on-exec and non-blocking.
 *
 * -ENOTSOCK or -EINVAL if it is not a listening stream socket.  O_NONBLOCK is shared with all
 * who hold the socket: a sibling that accepts blocking will not work beside it.
 */
VANE_API int vane_socket_adopt(int fd);

/* Whether a descriptor is a listening socket. */
VANE_API bool vane_socket_is_listening(int fd);

/* Close all sockets of a list and free its array. */
VANE_API void vane_sockets_fini(struct vane_sockets *socks);

/* Append a descriptor to a list of sockets.  Returns 0 or -ENOMEM. */
VANE_API int vane_sockets_add(struct vane_sockets *socks, int fd);

/*
 * Adopt an inherited listening socket and put it on the list, as one that others hold, and may
 * serve, too: what waits in it when we leave is left to them.  The descriptor stays
 * the caller's if it fails.  Returns as vane_socket_adopt() does, or -ENOMEM.
 */
VANE_API int vane_sockets_adopt(struct vane_sockets *socks, int fd);

/*
 * Write where a socket listens as text: "127.0.0.1:8888", "[::1]:8888", "unix:/run/x.sock".
 * Returns its length as snprintf does, or a negative errno.
 */
VANE_API int vane_socket_name(int fd, char *buf, size_t size);

/* The port of a TCP socket, or a negative errno. */
VANE_API int vane_socket_port(int fd);

/* A connection has come.  The descriptor is the callback's. */
typedef void (*vane_accept_fn)(
	int fd, const struct sockaddr *peer, unsigned peer_len, void *data);

/*
 * Accept connections of a listening socket in a loop: as many as wait, but at most 128 a turn,
 * each given to fn before the next is accepted.  When descriptors run out it pauses for a
 * tenth of a second and says so once.
 *
 * A socket that is blocking when it is given stays so: others may wait in accept().  If one of them is
 * faster, that costs some milliseconds, and SIGALRM and the interval timer of the process are
 * borrowed meanwhile.
 */
VANE_API int vane_loop_add_accept(struct vane_loop *loop, int fd, vane_accept_fn fn,
	void *data, struct vane_accept **accept);

/*
 * End the listening of a socket so that no connection is lost: for a process that leaves, with
 * all who accept from it.
 *
 * Whatever waits, or is about to be there, is given to fn; whoever connects from now on is
 * refused, whoever still holds the socket.  (A TCP client that comes while this lasts, some two
 * milliseconds, is refused when it tries again after a second.)  The handler is to be removed,
 * and the descriptor closed.
 *
 * Not for a socket that others go on to serve: vane_process_siblings_stay(), vane_sockets_shared().
 */
VANE_API void vane_accept_last(struct vane_accept *accept);

/* Stop accepting connections of a socket, which stays open.  NULL is fine. */
VANE_API void vane_accept_remove(struct vane_accept *accept);

#ifdef __cplusplus
}
#endif

#endif
