/* SPDX-License-Identifier: MIT */
/*
 * ownfile.c - files that go with the process that made them: sockets and the pid file.
 */
#include "ownfile.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct ownfile {
	struct ownfile *next;
	pid_t owner; /* not its children, which exit too */
	struct stat made;
	char path[];
};

/* For the function at exit, which takes no argument: the one variable here. */
static struct ownfile *first;

/*
 * The number of a file that was removed is given to the next one, so that it takes the time
 * too.  That of a socket never changes; a pid file's does if a successor has written to it.
 */
static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void remove_all(void)
{
	struct ownfile *file;
	struct stat now;

	while ((file = first) != NULL) {
		first = file->next;
		if (file->owner == getpid() && lstat(file->path, &now) == 0 &&
			is_same(&now, &file->made))
			unlink(file->path);
		free(file);
	}
}

int vane__ownfile_note(const char *path)
{
	size_t size = strlen(path) + 1;
	struct ownfile *file = malloc(sizeof(*file) + size);

	if (file == NULL)
		return -ENOMEM;
	*file = (struct ownfile) { .next = first, .owner = getpid() };
	memcpy(file->path, path, size);
	if (lstat(path, &file->made) < 0) {
		int rc = -errno;

		free(file);
		return rc;
	}
	if (first == NULL && atexit(remove_all) != 0) {
		free(file);
		return -ENOMEM;
	}
	first = file;
	return 0;
}
