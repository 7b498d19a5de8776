/* SPDX-License-Identifier: MIT */
/*
 * port.h - free TCP ports on 127.0.0.1.
 */
#ifndef VANE_TEST_PORT_H
#define VANE_TEST_PORT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Find distinct ports that nobody uses now.  Somebody else may be quicker to take one: who
 * starts a server there tries again with others when it leaves at once.  0 or a negative
 * errno.
 */
int port_pick(int *ports, size_t count);

/* A listening socket on a free port; returns the descriptor or a negative errno. */
int port_listen(int *port);

/*
 * Connect to a port, or to a unix socket if path is not NULL; a descriptor or a negative errno.
 */
int port_connect(int port, const char *path);

#endif
