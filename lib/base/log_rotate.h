/* SPDX-License-Identifier: MIT */
/*
 * log_rotate.h - putting a log file aside when it is large or of an earlier day (Tornado's rotation).
 *
 * Settings have their defaults here.
 */
#ifndef VANE__LOG_ROTATE_H
#define VANE__LOG_ROTATE_H

#include <sys/stat.h>

#include <vane/log.h>

/* The seconds of vane_log_file_opts.when, 0 for what is none. */
int64_t vane__log_rotate_unit_sec(const char *when);

/* Whether a file is to be put aside before so many bytes more are written to it. */
bool vane__log_rotate_due(
	const struct vane_log_file_opts *opts, const struct stat *st, size_t more);

/*
 * Give a file the name of a backup, which are moved on for it, and remove what is beyond their
 * number; last is when it was last written to.  For one process at a time.  0 or a negative errno.
 */
int vane__log_rotate(const char *path, const struct vane_log_file_opts *opts, time_t last);

#endif
