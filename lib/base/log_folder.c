/* SPDX-License-Identifier: MIT */
/*
 * log_folder.c - opens the folder of a file for root, without symbolic links of other users.
 *
 * Who may write to a folder above a log can put a link in its place, and root would make the file
 * wherever that leads.  O_NOFOLLOW sees the last component only, and RESOLVE_NO_SYMLINKS of
 * openat2() no difference between such a link and /var/log on another disk, so that the way is
 * walked here.
 */
#include "config.h" /* for O_PATH */

#include "log_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many as the kernel follows. */
#define LINKS_MAX 40

#define FOLDER    (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* How far one is. */
struct walk {
	int fd;              /* of the folder */
	char left[PATH_MAX]; /* the way from there, as far as it is known */
	int links;
};

const char *vane__log_folder_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static int enter(struct walk *walk, const char *name, int flags)
{
	int fd = openat(walk->fd, name, FOLDER | flags);

	if (fd < 0)
		return -errno;
	if (walk->fd >= 0)
		close(walk->fd);
	walk->fd = fd;
	return 0;
}

/* Whether nobody else can put anything there. */
static bool is_roots(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == 0 && (st.st_mode & 022) == 0;
}

/* What the link says comes before what is left. */
static int follow(struct walk *walk, const char *name, const char *rest)
{
	char text[PATH_MAX], left[PATH_MAX];
	ssize_t len;

	if (++walk->links > LINKS_MAX || !is_roots(walk->fd))
		return -ELOOP;
	len = readlinkat(walk->fd, name, text, sizeof(text));
	if (len < 0)
		return -errno;
	if ((size_t) len + 1 + strlen(rest) >= sizeof(left))
		return -ENAMETOOLONG;
	memcpy(left, text, (size_t) len);
	left[len] = '/';
	memcpy(left + len + 1, rest, strlen(rest) + 1);
	memcpy(walk->left, left, sizeof(left));
	return left[0] == '/' ? enter(walk, "/", 0) : 0;
}

/* One component further. */
static int step(struct walk *walk)
{
	char name[NAME_MAX + 1], *at = walk->left + strspn(walk->left, "/");
	size_t len = strcspn(at, "/");
	struct stat st;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, at, len);
	name[len] = '\0';
	at += len;
	if (len > 0 && fstatat(walk->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (len > 0 && S_ISLNK(st.st_mode))
		return follow(walk, name, at);
	memmove(walk->left, at, strlen(at) + 1);
	return len > 0 ? enter(walk, name, O_NOFOLLOW) : 0;
}

int vane__log_folder_open(const char *path)
{
	size_t len = (size_t) (vane__log_folder_name(path) - path);
	struct walk walk = { .fd = -1 };
	int rc;

	if (len >= sizeof(walk.left))
		return -ENAMETOOLONG;
	memcpy(walk.left, path, len);
	walk.left[len] = '\0';
	rc = openat(AT_FDCWD, path[0] == '/' ? "/" : ".", FOLDER);
	if (rc < 0)
		return -errno;
	walk.fd = rc;
	for (rc = 0; rc == 0 && walk.left[0] != '\0';)
		rc = step(&walk);
	if (rc < 0) {
		close(walk.fd);
		return rc;
	}
	return walk.fd;
}
