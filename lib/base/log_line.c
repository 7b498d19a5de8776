/* SPDX-License-Identifier: MIT */
/*
 * log_line.c - a line of the log as it is written: its stamp, and standard error.
 */
#include "log_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base.h"

/* What standard error of the process is. */
static bool is_journal;

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

void vane__log_find_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	is_journal = stream != NULL && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
		     fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

/* A client's line that begins with a priority of its own has no say. */
static void write_journal(enum vane_log_level level, const char *text, size_t len)
{
	static const char *const priorities[] = { "<6>", "<3>", "<4>", "<6>", "<7>" };

	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line = end != NULL ? (size_t) (end - text) + 1 : len;
		struct iovec parts[] = {
			{ (void *) (uintptr_t) priorities[level], 3 },
			{ (void *) (uintptr_t) text, line },
		};
		ssize_t n = writev(STDERR_FILENO, parts, ARRAY_SIZE(parts));

		(void) n;
		text += line;
		len -= line;
	}
}

void vane__log_stderr(enum vane_log_level level, const char *text, size_t len)
{
	ssize_t n;

	if (is_journal) {
		write_journal(level, text, len);
		return;
	}
	n = write(STDERR_FILENO, text, len);
	(void) n; /* there is nobody left to tell */
}
