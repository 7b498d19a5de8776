/* SPDX-License-Identifier: MIT */
/*
 * unixsock.c - unix listening sockets: the file, its mode, and whoever was there before.
 */
#include "config.h" /* for SOCK_CLOEXEC and its like */

#include "netutil.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base.h"
#include "text.h"

#define DEFAULT_MODE 0660

static int fill_address(struct sockaddr_un *addr, const char *path)
{
	size_t len = strlen(path);

	if (len == 0)
		return -EINVAL;
	if (len >= sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	*addr = (struct sockaddr_un) { .sun_family = AF_UNIX };
	memcpy(addr->sun_path, path, len + 1);
	return 0;
}

/*
 * Bind so that the file has its permissions as it is made.  Later it could be had by its name
 * only, and where others may write to the directory that may be another file by then.  The
 * file takes the mode of the socket, less the umask, which must not take more; a default ACL
 * of the directory may.
 */
static int bind_with_mode(int fd, const struct sockaddr_un *addr, mode_t mode)
{
	mode_t mask;
	int rc;

	if (fchmod(fd, mode) < 0)
		return -errno;
	mask = umask(0777 & ~mode);
	rc = bind(fd, (const struct sockaddr *) addr, sizeof(*addr)) < 0 ? -errno : 0;
	umask(mask);
	return rc;
}

/* Whether somebody listens there: 0 if not, -EADDRINUSE, or another errno if nobody can say. */
static int check_unserved(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc;

	if (fd < 0)
		return -errno;
	rc = connect(fd, (const struct sockaddr *) addr, sizeof(*addr)) < 0 ? -errno : 0;
	close(fd);
	if (rc == -ECONNREFUSED || rc == -ENOENT)
		return 0;
	/* EAGAIN: its queue is full; EPROTOTYPE: it takes datagrams.  Both are alive. */
	return rc == 0 || rc == -EAGAIN || rc == -EPROTOTYPE ? -EADDRINUSE : rc;
}

/* Remove the file of a socket that nobody serves any more. */
static int remove_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int rc;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	rc = check_unserved(addr);
	if (rc < 0)
		return rc;
	return unlink(addr->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

int vane_bind_unix_socket(const char *path, unsigned mode, int backlog, int *fd_out)
{
	struct sockaddr_un addr;
	mode_t file_mode = mode != 0 ? mode & 0777 : DEFAULT_MODE;
	int fd, rc;

	if (vane__no_text(__func__, path))
		return -EINVAL;
	backlog = vane__backlog(backlog);
	rc = backlog < 0 ? backlog : fill_address(&addr, path);
	if (rc < 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	rc = bind_with_mode(fd, &addr, file_mode);
	if (rc == -EADDRINUSE) {
		rc = remove_stale(&addr);
		if (rc == 0)
			rc = bind_with_mode(fd, &addr, file_mode);
	}
	if (rc < 0)
		goto fail;
	if (listen(fd, backlog) < 0) {
		rc = -errno; /* the file is stale then, and the next one replaces it */
		goto fail;
	}
	*fd_out = fd;
	return 0;
fail:
	close(fd);
	return rc;
}
