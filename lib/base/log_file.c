/* SPDX-License-Identifier: MIT */
/*
 * log_file.c - a file that lines are appended to, buffered or not, reopened when it was moved away
 * (logrotate), or put aside when it is large or old.
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

#include "log_folder.h"
#include "log_line.h"
#include "log_rotate.h"

#define MODE 0640

/* So long a file that could not be put aside just grows. */
#define ROTATE_AGAIN_SEC 60

/* A lock is waited for that long, and where that was in vain not again for so long. */
#define LOCK_MSEC      100
#define LOCK_AGAIN_SEC 10

struct vane_log_file {
	struct vane_log_file *next;
	struct vane_log_file_opts opts;
	int fd;       /* -1: it could not be opened, */
	time_t tried; /* when that was */
	bool failing; /* it was said that it cannot be written */
	dev_t dev;    /* which file it is, where it is to be put aside */
	ino_t ino;
	time_t rotate_again; /* not before */
	time_t wait_again;   /* for its lock, not before */
	char *buf;           /* lines that are to be written, NULL: none wait */
	volatile size_t len; /* so many bytes of them: a crash may come at any time */
	size_t cap;
	time_t since; /* the first of them is there */
	pid_t pid;    /* whose they are, and not of a child that has a copy */
	char path[];
};

/* All files of the process, for vane_log_reopen(). */
static struct vane_log_file *first;

/* Who is told that lines wait in a buffer that was empty. */
static struct {
	void (*fn)(void *data);
	void *data;
} buffered;

/* Say it once, on standard error: the lines themselves follow there. */
static void complain(struct vane_log_file *file, int rc, const char *what)
{
	char line[VANE__LOG_LINE_BYTES], text[VANE__LOG_LINE_ROOM];

	if (file->failing)
		return;
	file->failing = true;
	snprintf(line, sizeof(line), "%.2000s: %s: cannot %s", file->path, strerror(-rc),
		what);
	vane__log_stderr(VANE_LOG_ERROR, text, vane__log_line(text, VANE_LOG_ERROR, line));
}

/* Where another user may have put something in its place, or in that of a folder above. */
static bool is_exposed(const struct vane_log_file *file)
{
	return file->opts.owned && geteuid() == 0 && strncmp(file->path, "/dev/", 5) != 0;
}

/* A named pipe without a reader is an error and not to be waited for. */
static int open_flags(bool exposed)
{
	int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	return exposed ? flags | O_NOFOLLOW : flags;
}

/* What root makes is given to who is to write there, too. */
static int make(const struct vane_log_file *file, int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags | O_CREAT | O_EXCL, MODE);

	if (fd >= 0 && file->opts.owned && geteuid() == 0 &&
		fchown(fd, file->opts.uid, file->opts.gid) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd < 0 ? -errno : fd;
}

/* A file of root's may have been given another name there. */
static int check_exposed(int fd)
{
	struct stat st;
	int rc = 0;

	if (fstat(fd, &st) < 0)
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	else if (st.st_nlink != 1)
		rc = -EMLINK;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* It may be moved away, or be made, between two calls. */
static int open_or_make_at(
	const struct vane_log_file *file, int dir, const char *name, bool exposed)
{
	int flags = open_flags(exposed), tries, fd;

	for (tries = 0; tries < 10; tries++) {
		fd = openat(dir, name, flags);
		if (fd < 0 && errno != ENOENT)
			return -errno;
		if (fd >= 0)
			return exposed ? check_exposed(fd) : fd;
		fd = make(file, dir, name, flags);
		if (fd != -EEXIST)
			return fd;
	}
	return -EEXIST;
}

static int open_or_make(const struct vane_log_file *file)
{
	int dir, fd;

	if (!is_exposed(file))
		return open_or_make_at(file, AT_FDCWD, file->path, false);
	dir = vane__log_folder_open(file->path);
	if (dir < 0)
		return dir;
	fd = open_or_make_at(file, dir, vane__log_folder_name(file->path), true);
	close(dir);
	return fd;
}

/* Open it anew: what was open stays if that cannot be. */
static void reopen(struct vane_log_file *file)
{
	int fd = open_or_make(file);
	struct stat st;

	file->tried = time(NULL);
	if (fd < 0) {
		complain(file, fd,
			"open it: its lines go where they went, or to standard error");
		return;
	}
	if (file->fd >= 0)
		close(file->fd);
	file->fd = fd;
	file->failing = false;
	if (fstat(fd, &st) == 0) {
		file->dev = st.st_dev;
		file->ino = st.st_ino;
	}
}

int vane__log_file_make(
	struct vane_log_file **out, const char *path, const struct vane_log_file_opts *opts)
{
	size_t size = strlen(path) + 1;
	struct vane_log_file *file = calloc(1, sizeof(*file) + size);

	if (file == NULL)
		return -ENOMEM;
	file->cap = opts->buffer_size;
	if (file->cap > 0)
		file->buf = malloc(file->cap);
	if (file->cap > 0 && file->buf == NULL) {
		free(file);
		return -ENOMEM;
	}
	memcpy(file->path, path, size);
	file->opts = *opts;
	file->fd = -1;
	file->next = first;
	first = file;
	reopen(file);
	*out = file;
	return 0;
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

static bool is_same(const struct vane_log_file *file, const struct stat *st)
{
	return st->st_ino == file->ino && st->st_dev == file->dev;
}

static bool is_due(const struct vane_log_file *file, const struct stat *st, size_t more)
{
	return is_same(file, st) && S_ISREG(st->st_mode) &&
	       vane__log_rotate_due(&file->opts, st, more);
}

/* 0, or -EAGAIN where another process has it. */
static int try_lock(const struct vane_log_file *file, short type)
{
	struct flock what = { .l_type = type, .l_whence = SEEK_SET };

	if (fcntl(file->fd, F_SETLK, &what) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

/*
 * Another writer has it for a moment.  But whoever may read the file can lock it for as long as he
 * likes: it is not waited for that.
 */
static int lock(struct vane_log_file *file)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int tries = time(NULL) >= file->wait_again ? LOCK_MSEC : 0;
	int rc = try_lock(file, F_WRLCK);

	for (; rc == -EAGAIN && tries > 0; tries--) {
		nanosleep(&pause, NULL);
		rc = try_lock(file, F_WRLCK);
		if (rc == -EAGAIN && tries == 1)
			file->wait_again = time(NULL) + LOCK_AGAIN_SEC;
	}
	return rc;
}

/*
 * Several processes find that at a time: one has the lock, and those that come after it find
 * another file in this one's place.  Who does not get it writes on, and tries again with its next
 * line.  A lock is of the process, so that forked ones do not share it, and goes when the file is
 * closed.
 */
static void put_aside(struct vane_log_file *file, size_t more)
{
	struct stat st;
	int rc = lock(file);

	if (rc == -EAGAIN)
		return;
	if (rc == 0 && stat(file->path, &st) == 0 && is_due(file, &st, more))
		rc = vane__log_rotate(file->path, &file->opts, st.st_mtim.tv_sec);
	if (rc < 0) {
		try_lock(file, F_UNLCK);
		complain(file, rc, "put it aside, so it grows");
		file->rotate_again = time(NULL) + ROTATE_AGAIN_SEC;
		return;
	}
	reopen(file);
	try_lock(file, F_UNLCK);
}

/* See to it that so many bytes more find the right file. */
static void see_to_file(struct vane_log_file *file, size_t more)
{
	struct stat st;

	if (UNLIKELY(file->fd < 0)) {
		if (file->tried != time(NULL))
			reopen(file); /* there may be such a folder by now */
		return;
	}
	if (LIKELY(file->opts.rotate == VANE_LOG_ROTATE_NONE))
		return;
	if (stat(file->path, &st) < 0 || !is_same(file, &st))
		reopen(file); /* another process has put it aside */
	else if (is_due(file, &st, more) && time(NULL) >= file->rotate_again)
		put_aside(file, more);
}

static void write_through(
	struct vane_log_file *file, enum vane_log_level level, const char *text, size_t len)
{
	int rc;

	see_to_file(file, len);
	rc = vane__log_file_write_now(file, text, len);
	if (LIKELY(rc == 0)) {
		file->failing = false;
		return;
	}
	complain(file, rc, "write it: its lines go to standard error");
	vane__log_stderr(level, text, len);
}

static void flush(struct vane_log_file *file)
{
	size_t len = file->len;

	if (len == 0)
		return;
	if (file->pid == getpid())
		write_through(file, VANE_LOG_INFO, file->buf, len);
	file->len = 0;
}

static void begin_buffer(struct vane_log_file *file)
{
	file->since = time(NULL);
	file->pid = getpid();
	if (buffered.fn != NULL)
		buffered.fn(buffered.data);
}

void vane__log_file_write(
	struct vane_log_file *file, enum vane_log_level level, const char *text, size_t len)
{
	size_t at;

	if (len > file->cap - file->len)
		flush(file);
	if (len > file->cap) {
		write_through(file, level, text, len);
		return;
	}
	at = file->len;
	memcpy(file->buf + at, text, len);
	file->len =
		at +
		len; /* a signal that has written what was there has it twice, but whole */
	if (at == 0)
		begin_buffer(file);
	else if (time(NULL) > file->since + 1) /* where nobody keeps time */
		flush(file);
}

void vane__log_on_buffered(void (*fn)(void *data), void *data)
{
	buffered.fn = fn;
	buffered.data = data;
}

void vane_log_flush(void)
{
	struct vane_log_file *file;

	for (file = first; file != NULL; file = file->next)
		flush(file);
}

void vane__log_files_flush_now(void)
{
	struct vane_log_file *file;

	for (file = first; file != NULL; file = file->next) {
		size_t len = file->len;

		file->len = 0;
		if (len > 0 && file->pid == getpid() &&
			vane__log_file_write_now(file, file->buf, len) < 0)
			vane__log_stderr(VANE_LOG_INFO, file->buf, len);
	}
}

void vane_log_file_free(struct vane_log_file *file)
{
	struct vane_log_file **link = &first;

	if (file == NULL)
		return;
	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	flush(file);
	if (file->fd >= 0)
		close(file->fd);
	free(file->buf);
	free(file);
}

void vane_log_reopen(void)
{
	struct vane_log_file *file;

	vane_log_flush();
	for (file = first; file != NULL; file = file->next)
		reopen(file);
}
