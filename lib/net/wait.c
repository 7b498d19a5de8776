/* SPDX-License-Identifier: MIT */
/*
 * wait.c - waiting for a descriptor outside of any loop, while a request runs.
 */
#include "wait.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>

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
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

int vane__wait_send(int fd, const char *data, size_t len, int64_t msec)
{
	int rc = 0;

	while (rc == 0 && len > 0) {
		ssize_t n = send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n >= 0) {
			data += n;
			len -= (size_t) n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			rc = vane__wait(fd, POLLOUT, msec, NULL);
		} else if (errno != EINTR) {
			rc = -errno;
		}
	}
	return rc;
}
