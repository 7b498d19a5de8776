/* SPDX-License-Identifier: MIT */
/*
 * program_socket.h - a listening unix socket for one program, which nobody else finds.
 */
#ifndef VANE__PROGRAM_SOCKET_H
#define VANE__PROGRAM_SOCKET_H

#include <stdbool.h>

struct vane__program_socket {
	int fd;        /* the socket's file, which has no name any more; -1: it has one */
	char path[88]; /* to connect to */
};

/*
 * Open one.  The listening socket is the caller's, who passes it on and closes it: then
 * nobody waits at one whose program is gone.  Returns 0 or a negative errno.
 */
int vane__program_socket_open(struct vane__program_socket *sock, int *listen_fd);

/* The path leads nowhere after this. */
void vane__program_socket_close(struct vane__program_socket *sock);

#endif
