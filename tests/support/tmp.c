/* SPDX-License-Identifier: MIT */
/*
 * tmp.c - temporary folders, and configuration files made from templates.
 */
#include "support/tmp.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

int tmp_make(struct tmp *tmp)
{
	const char *base = getenv("TMPDIR");

	/* A unix socket's path has 108 bytes at most: a long base does not do. */
	if (base == NULL || *base == '\0' || strlen(base) > 50)
		base = "/tmp";
	snprintf(tmp->path, sizeof(tmp->path), "%s/vane-XXXXXX", base);
	if (mkdtemp(tmp->path) == NULL || chmod(tmp->path, 0755) < 0)
		return -errno;
	return 0;
}

const char *tmp_path(const struct tmp *tmp, char *buf, const char *name)
{
	snprintf(buf, TMP_PATH_MAX, "%s/%s", tmp->path, name);
	return buf;
}

int tmp_mkdir(const struct tmp *tmp, const char *name)
{
	char path[TMP_PATH_MAX];

	if (mkdir(tmp_path(tmp, path, name), 0777) < 0 || chmod(path, 0777) < 0)
		return -errno;
	return 0;
}

/* Write text up to the next word, and the word's value; returns where to go on. */
static const char *write_piece(FILE *file, const char *text, const struct tmp_word *words)
{
	const char *at = strchr(text, '@');
	size_t len = at == NULL ? strlen(text) : (size_t) (at - text);

	fwrite(text, 1, len, file);
	if (at == NULL)
		return text + len;
	for (; words != NULL && words->name != NULL; words++) {
		len = strlen(words->name);
		if (strncmp(at + 1, words->name, len) != 0 || at[len + 1] != '@')
			continue;
		fputs(words->value, file);
		return at + len + 2;
	}
	fputc('@', file);
	return at + 1;
}

int tmp_write(const struct tmp *tmp, const char *name, const char *text,
	const struct tmp_word *words)
{
	char path[TMP_PATH_MAX];
	FILE *file = fopen(tmp_path(tmp, path, name), "we");

	if (file == NULL)
		return -errno;
	while (*text != '\0')
		text = write_piece(file, text, words);
	return fclose(file) == 0 ? 0 : -errno;
}

int tmp_copy_program(const struct tmp *tmp, const char *name, const char *from)
{
	char path[TMP_PATH_MAX];
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, rc = 0;
	struct stat stat;
	ssize_t n;

	if (in < 0 || fstat(in, &stat) < 0) {
		rc = -errno;
		goto out;
	}
	out = open(
		tmp_path(tmp, path, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (out < 0) {
		rc = -errno;
		goto out;
	}
	for (off_t left = stat.st_size; left > 0 && rc == 0; left -= n) {
		n = sendfile(out, in, NULL, (size_t) left);
		if (n <= 0)
			rc = n < 0 ? -errno : -EIO;
	}
	if (rc == 0 && fchmod(out, 0755) < 0)
		rc = -errno;
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return rc;
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	remove(path);
	return 0;
}

void tmp_remove(struct tmp *tmp)
{
	if (tmp->path[0] != '\0')
		nftw(tmp->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	tmp->path[0] = '\0';
}
