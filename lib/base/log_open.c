/* SPDX-License-Identifier: MIT */
/*
 * log_open.c - the settings of a log file, and their defaults.
 */
#include "limit.h"
#include "log_file.h"
#include "log_rotate.h"

#define DEFAULT_MAX_BYTES   (INT64_C(100) << 20)
#define DEFAULT_MAX_BACKUPS 10

int vane__log_file_fill(struct vane_log_file_opts *o)
{
	const struct vane__limit limits[] = {
		{ "vane_log_file_opts.max_bytes", &o->max_bytes, DEFAULT_MAX_BYTES },
		{ "vane_log_file_opts.max_backups", &o->max_backups, DEFAULT_MAX_BACKUPS },
	};

	if (o->when == NULL)
		o->when = "midnight";
	if (o->interval == 0)
		o->interval = 1;
	if (vane__log_rotate_unit_sec(o->when) == 0 || o->interval < 0 ||
		o->interval > INT32_MAX) {
		vane_log(VANE_LOG_ERROR,
			"vane_log_file_opts.when, .interval: every %lld of %s is no time",
			(long long) o->interval, o->when);
		return -EINVAL;
	}
	return vane__limits_fill(limits, ARRAY_SIZE(limits));
}

int vane_log_file_new(struct vane_log_file **file, const char *path,
	const struct vane_log_file_opts *given)
{
	struct vane_log_file_opts opts = { 0 };
	int rc;

	if (given != NULL)
		opts = *given;
	if (path == NULL || path[0] == '\0')
		return -EINVAL;
	rc = vane__log_file_fill(&opts);
	return rc < 0 ? rc : vane__log_file_make(file, path, &opts);
}
