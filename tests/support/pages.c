/* SPDX-License-Identifier: MIT */
/*
 * pages.c - pages and scripts, copied to where programs may read them.
 */
#include "support/pages.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void source(char *path, size_t size, const char *name)
{
	const char *srcdir = getenv("srcdir");

	snprintf(path, size, "%s/tests/hosted/%s", srcdir == NULL ? "." : srcdir, name);
}

/* The whole of a text file, to be freed. */
static char *read_text(FILE *file, size_t size)
{
	char *text = calloc(1, size + 1);

	if (text != NULL && fread(text, 1, size, file) != size) {
		free(text);
		text = NULL;
	}
	return text;
}

int pages_copy(const struct tmp *tmp, const char *from, const char *to,
	const struct tmp_word *words)
{
	char path[512], target[TMP_PATH_MAX], *text = NULL;
	struct stat stat;
	int rc = -EIO;
	FILE *file;

	source(path, sizeof(path), from);
	file = fopen(path, "re");
	if (file == NULL) {
		rc = -errno;
		fprintf(stderr, "%s cannot be opened\n", path);
		return rc;
	}
	if (fstat(fileno(file), &stat) == 0)
		text = read_text(file, (size_t) stat.st_size);
	if (text != NULL)
		rc = tmp_write(tmp, to, text, words);
	if (rc == 0 && chmod(tmp_path(tmp, target, to), (stat.st_mode & 0111) | 0644) < 0)
		rc = -errno;
	free(text);
	fclose(file);
	return rc;
}

int pages_copy_folder(const struct tmp *tmp, const char *from, const char *to,
	const struct tmp_word *words)
{
	char path[512], target[512];
	struct dirent *entry;
	DIR *dir;
	int rc;

	source(path, sizeof(path), from);
	dir = opendir(path);
	if (dir == NULL)
		return -errno;
	rc = tmp_mkdir(tmp, to);
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", from, entry->d_name);
		snprintf(target, sizeof(target), "%s/%s", to, entry->d_name);
		rc = pages_copy(tmp, path, target, words);
	}
	closedir(dir);
	return rc;
}
