/* SPDX-License-Identifier: MIT */
/*
 * program_socket.c - a listening unix socket for one program.
 *
 * Its file is made in a folder of its own that only we can enter, and both are removed at
 * once: a descriptor of the file is enough to connect to it, by way of /proc, and nothing
 * is left whatever becomes of us.  Without /proc they stay until the socket is closed.
 */
#include "config.h" /* for O_PATH */

#include "program_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A program has one connection, and one more may wait for its end. */
#define BACKLOG     16

#define SOCKET_NAME "/socket"
#define FOLDER_NAME "/vane-XXXXXX"

static int make_folder(struct vane__program_socket *sock)
{
	const char *base = getenv("TMPDIR");
	size_t room = sizeof(sock->path) - sizeof(FOLDER_NAME SOCKET_NAME);

	if (base == NULL || *base != '/' || strlen(base) > room)
		base = "/tmp";
	snprintf(sock->path, sizeof(sock->path), "%s" FOLDER_NAME, base);
	return mkdtemp(sock->path) == NULL ? -errno : 0;
}

/* The file and its folder, whose path we have. */
static void remove_file(const struct vane__program_socket *sock)
{
	char folder[sizeof(sock->path)];

	unlink(sock->path);
	snprintf(folder, sizeof(folder), "%s", sock->path);
	*strrchr(folder, '/') = '\0';
	rmdir(folder);
}

static int bind_socket(const struct vane__program_socket *sock)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", sock->path);
	if (bind(fd, (const struct sockaddr *) &address, sizeof(address)) == 0 &&
		listen(fd, BACKLOG) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* Exchange the name for a descriptor, if that leads there too. */
static void forget_name(struct vane__program_socket *sock)
{
#ifdef O_PATH
	struct vane__program_socket nameless;

	nameless.fd = open(sock->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	snprintf(nameless.path, sizeof(nameless.path), "/proc/self/fd/%d", nameless.fd);
	if (nameless.fd >= 0 && access(nameless.path, W_OK) == 0) {
		remove_file(sock);
		*sock = nameless;
	} else if (nameless.fd >= 0) {
		close(nameless.fd);
	}
#endif
}

void vane__program_socket_close(struct vane__program_socket *sock)
{
	if (sock->fd >= 0)
		close(sock->fd);
	else if (sock->path[0] != '\0')
		remove_file(sock);
	sock->fd = -1;
	sock->path[0] = '\0';
}

int vane__program_socket_open(struct vane__program_socket *sock, int *listen_fd)
{
	int rc = make_folder(sock);

	if (rc < 0) {
		sock->path[0] = '\0';
		return rc;
	}
	strcat(sock->path, SOCKET_NAME);
	sock->fd = -1;
	rc = bind_socket(sock);
	if (rc < 0) {
		vane__program_socket_close(sock);
		return rc;
	}
	*listen_fd = rc;
	forget_name(sock);
	return 0;
}
