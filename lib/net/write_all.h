/* SPDX-License-Identifier: MIT */
/*
 * write_all.h - writing all of some bytes to a descriptor, however long it takes.
 */
#ifndef VANE__WRITE_ALL_H
#define VANE__WRITE_ALL_H

#include <stddef.h>

/* Returns 0 or a negative errno; waits where the descriptor is non-blocking. */
int vane__write_all(int fd, const char *data, size_t len);

#endif
