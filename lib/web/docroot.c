/* SPDX-License-Identifier: MIT */
/*
 * docroot.c - a directory that files are served from.
 *
 * Two lines of defence: names that nobody should ask for are refused as text, and the
 * kernel is told not to leave the root (openat2), so that no race with a rename or a new
 * link opens another file than the one that was judged.
 */
#include "config.h" /* for O_PATH */

#include "docroot.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif

#include <vane/log.h>

#include "slice.h"
#include "text.h"

/* How often a resolution is tried that a rename elsewhere got in the way of. */
#define RACES 16

#if defined(HAVE_LINUX_OPENAT2_H) && defined(SYS_openat2)
static uint64_t resolve_flags(enum vane_symlinks symlinks)
{
	switch (symlinks) {
	case VANE_SYMLINKS_NEVER:
		return RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
	case VANE_SYMLINKS_ANYWHERE:
		return RESOLVE_NO_MAGICLINKS;
	default:
		return RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH;
	}
}

static int resolve(int root, const char *path, int flags, enum vane_symlinks symlinks)
{
	struct open_how how = {
		.flags = (uint64_t) flags,
		.resolve = resolve_flags(symlinks),
	};
	int tries = RACES, fd;

	do
		fd = (int) syscall(SYS_openat2, root, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && --tries > 0)));
	return fd < 0 ? -errno : fd;
}
#else
static int resolve(int root, const char *path, int flags, enum vane_symlinks symlinks)
{
	(void) root;
	(void) path;
	(void) flags;
	(void) symlinks;
	return -ENOSYS;
}
#endif

static int open_at(int dir, const char *name, int flags)
{
	int fd;

	do
		fd = openat(dir, name, flags);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

/*
 * One name.  A link is seen as such even where O_DIRECTORY would call it no directory; it
 * is not followed.
 */
static int step(int dir, const char *name, int flags)
{
	int fd = open_at(dir, name, flags | O_NOFOLLOW);
	struct stat st;

	if (fd == -ENOTDIR && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISLNK(st.st_mode))
		return -ELOOP;
	return fd;
}

/* Without openat2(): name by name, and no link is followed. */
static int walk(int root, const char *path, int flags)
{
	const int through = O_PATH | O_DIRECTORY | O_CLOEXEC;
	char name[NAME_MAX + 1];
	int dir = root, fd;

	for (;;) {
		size_t len = strcspn(path, "/");
		bool last = path[len] == '\0';

		fd = -ENAMETOOLONG;
		if (len < sizeof(name)) {
			memcpy(name, path, len);
			name[len] = '\0';
			fd = step(dir, name, last ? flags : through);
		}
		if (dir != root)
			close(dir);
		if (fd < 0 || last)
			return fd;
		dir = fd;
		path += len + 1;
	}
}

/* Whether a name may be asked for: 0, or why not. */
static int judge(const struct vane_docroot *docroot, struct vane_slice name)
{
	if (name.len == 0)
		return -ENOENT;
	if (name.data[0] != '.' || vane__slice_equal(name, SLICE(".well-known")))
		return 0;
	if (vane__slice_equal(name, SLICE(".")) || vane__slice_equal(name, SLICE("..")))
		return -EACCES;
	return docroot->opts.dotfiles ? 0 : -EACCES;
}

/* All names of a path that has no slash at either end. */
static int judge_all(const struct vane_docroot *docroot, struct vane_slice path)
{
	int rc = 0;

	while (rc == 0 && path.data != NULL)
		rc = judge(docroot, vane__slice_split(&path, '/'));
	return rc;
}

static int open_below(const struct vane_docroot *docroot, const char *path, int flags)
{
	if (!docroot->walks)
		return resolve(docroot->root, path, flags, docroot->opts.symlinks);
	if (docroot->opts.symlinks == VANE_SYMLINKS_ANYWHERE)
		return open_at(docroot->root, path, flags);
	return walk(docroot->root, path, flags);
}

/* A link that leads out, a link at all, a socket: what may not be had. */
static int refusal(int rc)
{
	return rc == -EXDEV || rc == -ELOOP || rc == -ENXIO || rc == -EPERM ? -EACCES : rc;
}

void vane__file_fill(struct vane_file *file, const struct stat *st)
{
	*file = (struct vane_file) {
		.device = (uint64_t) st->st_dev,
		.inode = (uint64_t) st->st_ino,
		.size = (int64_t) st->st_size,
		.modified_sec = (int64_t) st->st_mtim.tv_sec,
		.modified_nsec = (int32_t) st->st_mtim.tv_nsec,
		.mode = (uint32_t) st->st_mode,
	};
}

/* 0, or -EACCES for what may not be had. */
static int describe(struct vane_file *file, const struct stat *st)
{
	vane__file_fill(file, st);
	return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode) ? 0 : -EACCES;
}

/*
 * Open, and look at what it is.  O_NONBLOCK: a FIFO must not make us wait for its writer. A
 * link as such (walk() with O_PATH) is turned away here.
 */
static int open_checked(const struct vane_docroot *docroot, const char *path, int flags,
	struct vane_file *file)
{
	struct stat st;
	int fd = open_below(docroot, path,
		flags | O_CLOEXEC |
			(flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY | O_LARGEFILE));
	int rc;

	if (fd < 0)
		return refusal(fd);
	rc = fstat(fd, &st) < 0 ? -errno : describe(file, &st);
	if (rc < 0)
		close(fd);
	return rc < 0 ? rc : fd;
}

int vane_docroot_find(const struct vane_docroot *docroot, const char *path, int open_flags,
	struct vane_file *file)
{
	char bare[PATH_MAX];
	size_t len;
	int rc;

	if (vane__no_text(__func__, path))
		return -EINVAL;
	if (*path == '/')
		path++;
	len = strlen(path);
	if (len == 0)
		return open_checked(docroot, ".", open_flags | O_DIRECTORY, file);
	if (len >= sizeof(bare))
		return -ENAMETOOLONG;
	memcpy(bare, path, len + 1);
	if (bare[len - 1] == '/') {
		bare[--len] = '\0';
		open_flags |= O_DIRECTORY;
	}
	rc = judge_all(docroot, (struct vane_slice) { bare, len });
	return rc < 0 ? rc : open_checked(docroot, bare, open_flags, file);
}

static const char *why_not(int fd, const struct stat *st)
{
	if (fd == -EXDEV || fd == -ELOOP || (fd >= 0 && S_ISLNK(st->st_mode)))
		return "is, or lies behind, a symbolic link that is not followed";
	if (fd == -EACCES)
		return "lies in a folder that this process may not enter";
	if (fd >= 0 && !S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return "is a device, a FIFO or a socket";
	return "may not be read by this process";
}

const char *vane__docroot_why(const struct vane_docroot *docroot, const char *path)
{
	struct stat st = { 0 };
	char bare[PATH_MAX];
	size_t len;
	int fd;

	path += *path == '/';
	len = strlen(path);
	len -= len > 0 && path[len - 1] == '/';
	if (len == 0 || len >= sizeof(bare))
		return why_not(-EPERM, &st);
	memcpy(bare, path, len);
	bare[len] = '\0';
	if (judge_all(docroot, (struct vane_slice) { bare, len }) < 0)
		return "has a name that begins with a dot";
	fd = open_below(docroot, bare, O_PATH | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) < 0)
		st.st_mode = S_IFREG; /* nothing more is known */
	if (fd >= 0)
		close(fd);
	return why_not(fd, &st);
}

/* What lies in the root itself, if that is no link: one call, and most scripts lie there. */
static bool is_in_root(
	const struct vane_docroot *docroot, const char *name, struct vane_file *file)
{
	struct stat st;

	if (strchr(name, '/') != NULL || judge(docroot, vane__slice(name)) < 0)
		return false;
	return fstatat(docroot->root, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       describe(file, &st) == 0;
}

int vane_docroot_stat(
	const struct vane_docroot *docroot, const char *path, struct vane_file *file)
{
	int fd;

	if (is_in_root(docroot, *path == '/' ? path + 1 : path, file))
		return 0;
	fd = vane_docroot_find(docroot, path, O_PATH, file);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Whether openat2() is there, and not kept from us: older containers forbid what is new. */
static bool resolves(int root)
{
	int fd = resolve(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, VANE_SYMLINKS_INSIDE);

	if (fd >= 0)
		close(fd);
	return fd != -ENOSYS && fd != -EPERM;
}

static struct vane_docroot *make(
	const char *real, int root, const struct vane_docroot_opts *opts)
{
	size_t len = strcmp(real, "/") == 0 ? 0 : strlen(real);
	struct vane_docroot *docroot = malloc(sizeof(*docroot) + len + 1);

	if (docroot == NULL)
		return NULL;
	docroot->root = root;
	docroot->opts = opts != NULL ? *opts : (struct vane_docroot_opts) { 0 };
	docroot->walks = !resolves(root);
	memcpy(docroot->path, real, len);
	docroot->path[len] = '\0';
	docroot->place = (struct vane__sandbox_place) { .path = docroot->path,
		.rights = VANE_SANDBOX_READ };
	vane__sandbox_add(&docroot->place);
	if (docroot->walks && docroot->opts.symlinks == VANE_SYMLINKS_INSIDE)
		vane_log(VANE_LOG_WARNING,
			"%s: links are not followed, as openat2() is missing", real);
	return docroot;
}

int vane_docroot_open(struct vane_docroot **docroot, const char *root,
	const struct vane_docroot_opts *opts)
{
	char *real;
	int fd, rc = 0;

	if (vane__no_text(__func__, root))
		return -EINVAL;
	real = realpath(root, NULL);
	if (real == NULL)
		return -errno;
	fd = open_at(AT_FDCWD, real, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		rc = fd;
	} else {
		*docroot = make(real, fd, opts);
		if (*docroot == NULL) {
			close(fd);
			rc = -ENOMEM;
		}
	}
	free(real);
	return rc;
}

void vane_docroot_close(struct vane_docroot *docroot)
{
	if (docroot == NULL)
		return;
	vane__sandbox_remove(&docroot->place);
	close(docroot->root);
	free(docroot);
}

const char *vane_docroot_root(const struct vane_docroot *docroot)
{
	return docroot->path;
}
