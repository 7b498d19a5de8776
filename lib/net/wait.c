/* SPDX-License-Identifier: MIT */
/*
 * wait.c - waiting for a descriptor outside of any loop, while a request runs.
 */
#include "wait.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "clock.h"

int vane__wait(int fd, short events, int64_t msec, int64_t *waited)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int64_t began = vane__now_msec();

	for (;;) {
		int64_t left = msec - (vane__now_msec() - began);
		int n = poll(&pfd, 1, left < 0 ? 0 : left < INT_MAX ? (int) left : INT_MAX);

		if (n > 0 && waited != NULL)
			*waited += vane__now_msec() - began;
		if (n > 0)
			return 0;
		if (n == 0 && left <= INT_MAX)
			return -ETIMEDOUT;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}
