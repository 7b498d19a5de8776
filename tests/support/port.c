/* SPDX-License-Identifier: MIT */
/*
 * port.c - free ports, and connections to them.
 */
#include "support/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PICK_MAX 16

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in) {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t) port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static int bound_socket(int *port)
{
	struct sockaddr_in addr = loopback(0);
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *) &addr, len) < 0 ||
		getsockname(fd, (struct sockaddr *) &addr, &len) < 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	*port = ntohs(addr.sin_port);
	return fd;
}

int port_pick(int *ports, size_t count)
{
	int fds[PICK_MAX], rc = 0;
	size_t n;

	/* Held all at once, so that they are distinct. */
	for (n = 0; n < count && n < PICK_MAX; n++) {
		fds[n] = bound_socket(&ports[n]);
		if (fds[n] < 0) {
			rc = fds[n];
			break;
		}
	}
	while (n-- > 0)
		close(fds[n]);
	return rc;
}

int port_listen(int *port)
{
	int fd = bound_socket(port), rc;

	if (fd < 0 || listen(fd, SOMAXCONN) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

int port_connect(int port, const char *path)
{
	struct sockaddr_in inet = loopback(port);
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	struct sockaddr *addr =
		path == NULL ? (struct sockaddr *) &inet : (struct sockaddr *) &local;
	socklen_t len = path == NULL ? sizeof(inet) : sizeof(local);
	int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		return -errno;
	if (path != NULL)
		snprintf(local.sun_path, sizeof(local.sun_path), "%s", path);
	if (connect(fd, addr, len) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}
