/* SPDX-License-Identifier: MIT */
/*
 * logs.c - the files of the log and of the access log.
 */
#include "logs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "privileges.h"

static int open_one(struct vane_log_file **file, const char *path,
	const struct vane_log_file_opts *opts)
{
	int rc = path == NULL ? 0 : vane_log_file_new(file, path, opts);

	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cannot open the log %s: %s", path, strerror(-rc));
	return rc;
}

/* A handler may end the process by itself. */
static int flush_at_exit(const struct vane__settings *settings)
{
	return settings->access_log_buffer > 0 && atexit(vane_log_flush) != 0 ? -ENOMEM : 0;
}

static void set_rotation(
	struct vane_log_file_opts *opts, const struct vane__settings *settings)
{
	if (strcmp(settings->log_rotate, "size") == 0)
		opts->rotate = VANE_LOG_ROTATE_SIZE;
	else if (strcmp(settings->log_rotate, "time") == 0)
		opts->rotate = VANE_LOG_ROTATE_TIME;
	opts->max_bytes = settings->log_max_bytes;
	opts->max_backups = settings->log_max_backups;
	opts->when = settings->log_when;
	opts->interval = settings->log_interval;
}

int vane__logs_open(struct vane__logs *logs, const char *name,
	const struct vane__settings *settings, enum vane__mode mode)
{
	struct vane__privileges privileges;
	struct vane_log_file_opts opts = { 0 };
	int rc;

	if (strcmp(settings->log_syslog, "none") != 0)
		vane_log_set_syslog(settings->log_syslog, name, NULL);
	if (settings->log_file == NULL && settings->access_log_file == NULL)
		return 0;
	rc = vane__privileges_find(&privileges, settings->user, settings->group);
	if (rc < 0)
		return rc;
	opts.owned = privileges.changes;
	opts.uid = privileges.uid;
	opts.gid = privileges.gid;
	if (mode != VANE__MODE_CGI)
		set_rotation(&opts, settings);
	rc = open_one(&logs->errors, settings->log_file, &opts);
	if (mode != VANE__MODE_CGI)
		opts.buffer_size = (size_t) settings->access_log_buffer;
	if (rc == 0)
		rc = flush_at_exit(settings);
	if (rc == 0)
		rc = open_one(&logs->access, settings->access_log_file, &opts);
	vane_log_set_file(logs->errors);
	return rc;
}

void vane__logs_close(struct vane__logs *logs)
{
	vane_log_set_file(NULL);
	vane_log_set_syslog(NULL, NULL, NULL);
	vane_log_file_free(logs->errors);
	vane_log_file_free(logs->access);
	*logs = (struct vane__logs) { 0 };
}
