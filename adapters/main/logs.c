/* SPDX-License-Identifier: MIT */
/*
 * logs.c - the files of the log and of the access log.
 */
#include "logs.h"

#include <errno.h>
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

int vane__logs_open(struct vane__logs *logs, const struct vane__settings *settings)
{
	struct vane__privileges privileges;
	struct vane_log_file_opts opts = { 0 };
	int rc;

	if (settings->log_file == NULL && settings->access_log_file == NULL)
		return 0;
	rc = vane__privileges_find(&privileges, settings->user, settings->group);
	if (rc < 0)
		return rc;
	opts.owned = privileges.changes;
	opts.uid = privileges.uid;
	opts.gid = privileges.gid;
	rc = open_one(&logs->errors, settings->log_file, &opts);
	if (rc == 0)
		rc = open_one(&logs->access, settings->access_log_file, &opts);
	vane_log_set_file(logs->errors);
	return rc;
}

void vane__logs_close(struct vane__logs *logs)
{
	vane_log_set_file(NULL);
	vane_log_file_free(logs->errors);
	vane_log_file_free(logs->access);
	*logs = (struct vane__logs) { 0 };
}
