/* SPDX-License-Identifier: MIT */
/*
 * upload.c - saves an uploaded file in a directory: whole or not at all, and over no other.
 *
 * It is written under a name of its own first, which begins with a dot, so that nothing serves it, and
 * gets the name that was asked for in one step.
 */
#include "config.h" /* for renameat2() */

#include <vane/request.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "text.h"
#include "write_all.h"

#define DEFAULT_MODE 0640

/* How many names are tried for what is being written: two of them are hardly ever the same. */
#define TRIES 16

/* A file on its way into a directory. */
struct saving {
	int directory, fd;
	char name[32]; /* the one of its own */
};

/* What may be a file's name: hidden ones are for the system, and control characters for nobody. */
static bool name_ok(const char *name)
{
	const char *at;

	if (*name == '\0' || *name == '.')
		return false;
	for (at = name; *at != '\0'; at++)
		if (*at == '/' || (unsigned char) *at < 0x20 || *at == 0x7f)
			return false;
	return true;
}

static int draw_name(char name[32])
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -errno;
	snprintf(name, 32, ".upload-%016" PRIx64, number);
	return 0;
}

/* Make the file, for nobody else as yet. */
static int create(struct saving *saving)
{
	int tries = TRIES, rc;

	do {
		rc = draw_name(saving->name);
		if (rc < 0)
			return rc;
		saving->fd = openat(saving->directory, saving->name,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	} while (saving->fd < 0 && errno == EEXIST && --tries > 0);
	return saving->fd < 0 ? -errno : 0;
}

static int fill(int fd, struct vane_slice body, const struct vane_save_opts *opts)
{
	int rc = vane__write_all(fd, body.data, body.len);

	if (rc < 0)
		return rc;
	if (fchmod(fd, opts->mode != 0 ? opts->mode : DEFAULT_MODE) < 0)
		return -errno;
	return opts->sync && fsync(fd) < 0 ? -errno : 0;
}

/* Give it its name unless there is one already; a link where the file system knows no better. */
static int rename_new(const struct saving *saving, const char *name)
{
#ifdef RENAME_NOREPLACE
	if (renameat2(saving->directory, saving->name, saving->directory, name,
		    RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != ENOSYS && errno != EINVAL)
		return -errno;
#endif
	if (linkat(saving->directory, saving->name, saving->directory, name, 0) < 0)
		return -errno;
	unlinkat(saving->directory, saving->name, 0);
	return 0;
}

static int rename_over(const struct saving *saving, const char *name)
{
	return renameat(saving->directory, saving->name, saving->directory, name) < 0
		       ? -errno
		       : 0;
}

static int save(struct saving *saving, struct vane_slice body, const char *name,
	const struct vane_save_opts *opts)
{
	int rc = create(saving);

	if (rc < 0)
		return rc;
	rc = fill(saving->fd, body, opts);
	if (close(saving->fd) < 0 && rc == 0)
		rc = -errno;
	if (rc == 0)
		rc = opts->replace ? rename_over(saving, name) : rename_new(saving, name);
	if (rc < 0)
		unlinkat(saving->directory, saving->name, 0);
	else if (opts->sync && fsync(saving->directory) < 0)
		rc = -errno;
	return rc;
}

int vane_part_save(const struct vane_part *part, const char *directory, const char *name,
	const struct vane_save_opts *opts)
{
	static const struct vane_save_opts defaults = { 0 };
	struct saving saving = { 0 };
	int rc;

	if (vane__no_text(__func__, directory) || vane__no_text(__func__, name) ||
		!name_ok(name))
		return -EINVAL;
	saving.directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (saving.directory < 0)
		return -errno;
	rc = save(&saving, part->body, name, opts != NULL ? opts : &defaults);
	close(saving.directory);
	return rc;
}
