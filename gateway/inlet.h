/* SPDX-License-Identifier: MIT */
/*
 * inlet.h - a listening unix socket for one program, which nobody else finds.
 */
#ifndef VANE__INLET_H
#define VANE__INLET_H

#include <stdbool.h>

struct vane__inlet {
	int fd;        /* the socket's file, which has no name any more; -1: it has one */
	char path[88]; /* to connect to */
};

/*
 * Open one.  The listening socket is the caller's, who passes it on and closes it: then
 * nobody waits at an inlet whose program is gone.  Returns 0 or a negative errno.
 */
int vane__inlet_open(struct vane__inlet *inlet, int *listen_fd);

/* The path leads nowhere after this. */
void vane__inlet_close(struct vane__inlet *inlet);

#endif
