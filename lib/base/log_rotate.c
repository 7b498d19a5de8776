/* SPDX-License-Identifier: MIT */
/*
 * log_rotate.c - putting a log file aside when it is large or of an earlier day (Tornado's rotation).
 *
 * By size backups are called log.1, log.2 and so on, log.1 being the youngest; by time they have the
 * time of their last line.  When a file is due is seen from the file itself, so that all processes
 * come to the same: its size, and the time it was last written to.
 */
#include "log_rotate.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base.h"

static bool is_weekday(const char *when)
{
	return when[0] == 'W' && when[1] >= '0' && when[1] <= '6' && when[2] == '\0';
}

int64_t vane__log_rotate_unit_sec(const char *when)
{
	static const struct {
		const char *name;
		int64_t sec;
	} units[] = {
		{ "S", 1 },
		{ "M", 60 },
		{ "H", 3600 },
		{ "D", 86400 },
		{ "midnight", 86400 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (strcmp(when, units[i].name) == 0)
			return units[i].sec;
	return is_weekday(when) ? INT64_C(7) * 86400 : 0;
}

/* Which period of the local clock a time belongs to.  Weeks begin on their day, 0 is Monday. */
static int64_t period(const struct vane_log_file_opts *opts, time_t when)
{
	struct tm tm;
	int64_t local;

	localtime_r(&when, &tm);
	local = (int64_t) when + tm.tm_gmtoff;
	if (is_weekday(opts->when)) /* the first day of 1970 was a Thursday */
		local += (3 - (opts->when[1] - '0')) * INT64_C(86400);
	return local / vane__log_rotate_unit_sec(opts->when) / opts->interval;
}

bool vane__log_rotate_due(
	const struct vane_log_file_opts *opts, const struct stat *st, size_t more)
{
	if (st->st_size == 0)
		return false;
	if (opts->rotate == VANE_LOG_ROTATE_TIME)
		return period(opts, st->st_mtim.tv_sec) < period(opts, time(NULL));
	return st->st_size > opts->max_bytes ||
	       (uint64_t) more > (uint64_t) (opts->max_bytes - st->st_size);
}

/* log.9 becomes log.10, and so on down to log.1: a free number ends it. */
static int rotate_by_size(const char *path, const struct vane_log_file_opts *opts)
{
	char from[PATH_MAX], to[PATH_MAX];
	int64_t i = 1;

	for (;; i++) {
		snprintf(to, sizeof(to), "%s.%lld", path, (long long) i);
		if (i == opts->max_backups || access(to, F_OK) < 0)
			break;
	}
	for (; i > 1; i--) {
		snprintf(from, sizeof(from), "%s.%lld", path, (long long) (i - 1));
		snprintf(to, sizeof(to), "%s.%lld", path, (long long) i);
		if (rename(from, to) < 0)
			return -errno;
	}
	snprintf(to, sizeof(to), "%s.1", path);
	return rename(path, to) < 0 ? -errno : 0;
}

/* "2026-11-28", and as much of the time of day as tells periods apart. */
static void put_time(
	const struct vane_log_file_opts *opts, time_t when, char *text, size_t size)
{
	int64_t unit = vane__log_rotate_unit_sec(opts->when);
	struct tm tm;

	localtime_r(&when, &tm);
	strftime(text, size,
		unit >= 86400  ? "%Y-%m-%d"
		: unit >= 3600 ? "%Y-%m-%d_%H"
		: unit >= 60   ? "%Y-%m-%d_%H-%M"
			       : "%Y-%m-%d_%H-%M-%S",
		&tm);
}

/* A backup of this file: its name, a dot and a time, which begins with a year. */
static bool is_backup(const char *name, const char *base)
{
	size_t len = strlen(base);
	const char *time_of = name + len + 1;

	return strncmp(name, base, len) == 0 && name[len] == '.' &&
	       strspn(time_of, "0123456789") == 4 && time_of[4] == '-' &&
	       strspn(time_of, "0123456789-_.") == strlen(time_of);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* All backups in a folder, the oldest first.  What does not fit into memory stays. */
static char **list_backups(const char *folder, const char *base, size_t *count)
{
	DIR *dir = opendir(folder);
	char **names = NULL, **grown;
	struct dirent *entry;

	*count = 0;
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (!is_backup(entry->d_name, base))
			continue;
		grown = realloc(names, (*count + 1) * sizeof(*names));
		if (grown == NULL)
			break;
		names = grown;
		names[*count] = strdup(entry->d_name);
		if (names[*count] == NULL)
			break;
		++*count;
	}
	if (dir != NULL)
		closedir(dir);
	if (*count > 0)
		qsort(names, *count, sizeof(*names), by_name);
	return names;
}

static void remove_oldest(const char *path, int64_t keep)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	char folder[PATH_MAX], file[PATH_MAX];
	size_t count, i;
	char **names;

	snprintf(folder, sizeof(folder), "%.*s", (int) (base - path), path);
	names = list_backups(folder[0] != '\0' ? folder : ".", base, &count);
	for (i = 0; i < count; i++) {
		if (count - i > (uint64_t) keep &&
			snprintf(file, sizeof(file), "%s%s", folder, names[i]) < PATH_MAX)
			unlink(file);
		free(names[i]);
	}
	free(names);
}

static int rotate_by_time(
	const char *path, const struct vane_log_file_opts *opts, time_t last)
{
	char stamp[64], to[PATH_MAX];
	int i;

	put_time(opts, last, stamp, sizeof(stamp));
	snprintf(to, sizeof(to), "%s.%s", path, stamp);
	for (i = 1; access(to, F_OK) == 0 && i < 10000; i++)
		snprintf(to, sizeof(to), "%s.%s.%04d", path, stamp, i);
	if (rename(path, to) < 0)
		return -errno;
	remove_oldest(path, opts->max_backups);
	return 0;
}

int vane__log_rotate(const char *path, const struct vane_log_file_opts *opts, time_t last)
{
	if (strlen(path) + 80 > PATH_MAX)
		return -ENAMETOOLONG;
	return opts->rotate == VANE_LOG_ROTATE_TIME ? rotate_by_time(path, opts, last)
						    : rotate_by_size(path, opts);
}
