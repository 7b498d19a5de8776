/* SPDX-License-Identifier: MIT */
/*
 * log_file.h - the inside of a file that lines are appended to.
 */
#ifndef VANE__LOG_FILE_H
#define VANE__LOG_FILE_H

#include <vane/log.h>

#include "base.h"

/* log_open.c: fill in the defaults of settings.  0, or -EINVAL, which is logged. */
int vane__log_file_fill(struct vane_log_file_opts *opts);

/* vane_log_file_new() with settings that are filled in.  0 or -ENOMEM. */
int vane__log_file_make(struct vane_log_file **out, const char *path,
	const struct vane_log_file_opts *opts);

/*
 * Have fn called when lines wait in a buffer: vane_log_flush() is to follow within a second.  NULL:
 * nobody, as until then.
 */
void vane__log_on_buffered(void (*fn)(void *data), void *data);

/* vane_log_flush() for a signal handler. */
void vane__log_files_flush_now(void);

/*
 * Append a whole line, with its end.  Where the file cannot be written the line goes to standard
 * error, at that level.
 */
void vane__log_file_write(struct vane_log_file *file, enum vane_log_level level,
	const char *text, size_t len);

/* Write bytes to a file as they are, 0 or -EBADF.  May be called from a signal handler. */
int vane__log_file_write_now(
	const struct vane_log_file *file, const char *text, size_t len);

#endif
