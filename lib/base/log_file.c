/* SPDX-License-Identifier: MIT */
/*
 * log_file.c - a file that lines are appended to, reopened when it was moved away (logrotate).
 *
 * Each line is one write() to a descriptor that appends, so that several processes may have one
 * file: their lines never mix.  What cannot be written to the file goes to standard error.
 */
#include "log_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log_line.h"

#define MODE 0640

struct vane_log_file {
	struct vane_log_file *next;
	struct vane_log_file_opts opts;
	int fd;       /* -1: it could not be opened, */
	time_t tried; /* when that was */
	bool failing; /* it was said that it cannot be written */
	char path[];
};

/* All files of the process, for vane_log_reopen(). */
static struct vane_log_file *first;

/* Say it once, on standard error: the lines themselves follow there. */
static void complain(struct vane_log_file *file, int rc)
{
	char line[VANE__LOG_LINE_BYTES], text[VANE__LOG_LINE_ROOM];

	if (file->failing)
		return;
	file->failing = true;
	snprintf(line, sizeof(line),
		"cannot write %.2000s: %s; its lines go to standard error", file->path,
		strerror(-rc));
	vane__log_stderr(VANE_LOG_ERROR, text, vane__log_line(text, VANE_LOG_ERROR, line));
}

/*
 * Root does not follow a link that lies where another user may have put it.  A named pipe without
 * a reader is an error and not to be waited for.
 */
static int open_flags(const struct vane_log_file *file)
{
	int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	if (file->opts.owned && geteuid() == 0 && strncmp(file->path, "/dev/", 5) != 0)
		flags |= O_NOFOLLOW;
	return flags;
}

/* What root makes is given to who is to write there, too. */
static int make(const struct vane_log_file *file, int flags)
{
	int fd = open(file->path, flags | O_CREAT | O_EXCL, MODE);

	if (fd >= 0 && file->opts.owned && geteuid() == 0 &&
		fchown(fd, file->opts.uid, file->opts.gid) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd < 0 ? -errno : fd;
}

/* It may be moved away, or be made, between two calls. */
static int open_or_make(const struct vane_log_file *file)
{
	int flags = open_flags(file), tries, fd;

	for (tries = 0; tries < 10; tries++) {
		fd = open(file->path, flags);
		if (fd >= 0 || errno != ENOENT)
			return fd < 0 ? -errno : fd;
		fd = make(file, flags);
		if (fd != -EEXIST)
			return fd;
	}
	return -EEXIST;
}

/* Open it anew: what was open stays if that cannot be. */
static void reopen(struct vane_log_file *file)
{
	int fd = open_or_make(file);

	file->tried = time(NULL);
	if (fd < 0) {
		complain(file, fd);
		return;
	}
	if (file->fd >= 0)
		close(file->fd);
	file->fd = fd;
	file->failing = false;
}

int vane_log_file_new(
	struct vane_log_file **out, const char *path, const struct vane_log_file_opts *opts)
{
	size_t size = path != NULL ? strlen(path) + 1 : 0;
	struct vane_log_file *file;

	if (size <= 1)
		return -EINVAL;
	file = calloc(1, sizeof(*file) + size);
	if (file == NULL)
		return -ENOMEM;
	memcpy(file->path, path, size);
	if (opts != NULL)
		file->opts = *opts;
	file->fd = -1;
	file->next = first;
	first = file;
	reopen(file);
	*out = file;
	return 0;
}

void vane_log_file_free(struct vane_log_file *file)
{
	struct vane_log_file **link = &first;

	if (file == NULL)
		return;
	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

void vane_log_reopen(void)
{
	struct vane_log_file *file;

	for (file = first; file != NULL; file = file->next)
		reopen(file);
}

/* All of it, or a negative errno: a disk may have room for a part. */
static int append(const struct vane_log_file *file, const char *text, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(file->fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t) n;
	}
	return 0;
}

int vane__log_file_write_now(const struct vane_log_file *file, const char *text, size_t len)
{
	return file->fd < 0 ? -EBADF : append(file, text, len);
}

void vane__log_file_write(
	struct vane_log_file *file, enum vane_log_level level, const char *text, size_t len)
{
	int rc;

	if (UNLIKELY(file->fd < 0) && file->tried != time(NULL))
		reopen(file); /* there may be such a folder by now */
	rc = vane__log_file_write_now(file, text, len);
	if (LIKELY(rc == 0)) {
		file->failing = false;
		return;
	}
	complain(file, rc);
	vane__log_stderr(level, text, len);
}
