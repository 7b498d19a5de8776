/* SPDX-License-Identifier: MIT */
/*
 * door.h - a listening unix socket for one program, which nobody else finds.
 */
#ifndef VANE__DOOR_H
#define VANE__DOOR_H

#include <stdbool.h>

struct vane__door {
	int fd;        /* the socket's file, which has no name any more; -1: it has one */
	char path[88]; /* to connect to */
};

/*
 * Open one.  The listening socket is the caller's, who passes it on and closes it: then
 * nobody waits at a door whose program is gone.  Returns 0 or a negative errno.
 */
int vane__door_open(struct vane__door *door, int *listen_fd);

/* The path leads nowhere after this. */
void vane__door_close(struct vane__door *door);

#endif
