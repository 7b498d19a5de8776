/* SPDX-License-Identifier: MIT */
/*
 * log_line.c - a line of the log as it is written: its stamp, and standard error.
 */
#include "log_line.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base.h"

size_t vane__log_line(
	char out[VANE__LOG_LINE_ROOM], enum vane_log_level level, const char *line)
{
	static const char letters[] = "-EWID";
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	return (size_t) snprintf(out, VANE__LOG_LINE_ROOM,
		"[%c %02d%02d%02d %02d:%02d:%02d %ld] %.*s\n", letters[level],
		tm.tm_year % 100, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		tm.tm_sec, (long) getpid(), VANE__LOG_LINE_BYTES - 1, line);
}

void vane__log_stderr(enum vane_log_level level, const char *text, size_t len)
{
	ssize_t n = write(STDERR_FILENO, text, len);

	(void) level;
	(void) n; /* there is nobody left to tell */
}
