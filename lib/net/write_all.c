/* SPDX-License-Identifier: MIT */
/*
 * write_all.c - writing all of some bytes to a descriptor, however long it takes.
 *
 * For files, which never say that there is no room, and for a CGI program's standard output.
 */
#include "write_all.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int vane__write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			/* Whoever shares this pipe has made it non-blocking. */
			poll(&(struct pollfd) { .fd = fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t) n;
	}
	return 0;
}
