/* SPDX-License-Identifier: MIT */
/*
 * look.c - tells whether files, or folders with all that is in them, were modified.
 *
 * What is known of each file goes into one hash (FNV-1a): there is no list to be kept, and a file that
 * comes or goes is a modification as well.  Those of a folder are added up, as they come in any order.
 */
#include "look.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FNV_OFFSET UINT64_C(14695981039346656037)
#define FNV_PRIME  UINT64_C(1099511628211)

/* Links are followed, but not in circles. */
#define DEPTH_MAX 20

static uint64_t hash(uint64_t h, const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t i;

	for (i = 0; i < size; i++)
		h = (h ^ bytes[i]) * FNV_PRIME;
	return h;
}

static int is_of_interest(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && name[len - 1] != '~';
}

/* A folder's own time changes with names that are of no interest: its files are counted instead. */
static uint64_t hash_file(const char *path, const struct stat *st)
{
	uint64_t h = hash(FNV_OFFSET, path, strlen(path));

	h = hash(h, &st->st_ino, sizeof(st->st_ino));
	if (S_ISDIR(st->st_mode))
		return h;
	h = hash(h, &st->st_size, sizeof(st->st_size));
	h = hash(h, &st->st_mtim.tv_sec, sizeof(st->st_mtim.tv_sec));
	return hash(h, &st->st_mtim.tv_nsec, sizeof(st->st_mtim.tv_nsec));
}

static uint64_t look_below(const char *path, int depth);

static uint64_t look_into(const char *path, int depth)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	uint64_t sum = 0;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		char *below = NULL;

		if (!is_of_interest(entry->d_name) ||
			asprintf(&below, "%s/%s", path, entry->d_name) < 0)
			continue;
		sum += look_below(below, depth + 1);
		free(below);
	}
	closedir(dir);
	return sum;
}

static uint64_t look_below(const char *path, int depth)
{
	struct stat st;
	uint64_t h;

	if (stat(path, &st) < 0)
		return 0;
	h = hash_file(path, &st);
	return S_ISDIR(st.st_mode) && depth < DEPTH_MAX ? h + look_into(path, depth) : h;
}

uint64_t look_at(uint64_t before, const char *path)
{
	return before + look_below(path, 0);
}
