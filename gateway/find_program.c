/* SPDX-License-Identifier: MIT */
/*
 * find_program.c - the absolute path of a program, looked for in PATH.
 */
#include "config.h" /* for asprintf() */

#include "find_program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || access(path, X_OK) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : -EACCES;
}

/* In a folder of so many bytes, which is meant from here if it is not absolute. */
static int look_in(const char *folder, size_t len, const char *name, char **path)
{
	char here[PATH_MAX] = "", *all;
	int rc;

	if (name[0] != '/' && (len == 0 || folder[0] != '/') &&
		getcwd(here, sizeof(here)) == NULL)
		return -errno;
	if (asprintf(&all, "%s%s%.*s%s%s", here, here[0] != '\0' && len > 0 ? "/" : "",
		    (int) len, folder, name[0] == '/' ? "" : "/", name) < 0)
		return -ENOMEM;
	rc = check(all);
	if (rc < 0)
		free(all);
	else
		*path = all;
	return rc;
}

int vane__find_program(const char *name, char **path)
{
	const char *folders = getenv("PATH");
	int best = -ENOENT, rc;

	if (strchr(name, '/') != NULL)
		return look_in("", 0, name, path);
	if (folders == NULL)
		folders = "/usr/local/bin:/usr/bin:/bin";
	for (;; folders++) {
		size_t len = strcspn(folders, ":");

		rc = look_in(folders, len, name, path);
		if (rc == 0 || rc == -ENOMEM)
			return rc;
		if (rc == -EACCES)
			best = rc;
		folders += len;
		if (*folders == '\0')
			return best;
	}
}
