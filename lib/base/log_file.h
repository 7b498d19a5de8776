/* SPDX-License-Identifier: MIT */
/*
 * log_file.h - the inside of a file that lines are appended to.
 */
#ifndef VANE__LOG_FILE_H
#define VANE__LOG_FILE_H

#include <vane/log.h>

#include "base.h"

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
