/* SPDX-License-Identifier: MIT */
/*
 * wait.h - waiting for a descriptor outside of any loop, while a request runs.
 */
#ifndef VANE__WAIT_H
#define VANE__WAIT_H

#include <vane/types.h>

/*
 * Wait for POLLIN or POLLOUT, whatever signals come: 0, -ETIMEDOUT or another errno.  The
 * milliseconds that it took are added to waited, which may be NULL.
 */
int vane__wait(int fd, short events, int64_t msec, int64_t *waited);

#endif
