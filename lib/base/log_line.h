/* SPDX-License-Identifier: MIT */
/*
 * log_line.h - a line of the log as it is written: its stamp, and standard error.
 */
#ifndef VANE__LOG_LINE_H
#define VANE__LOG_LINE_H

#include <stddef.h>

#include <vane/log.h>

/* The longest line of the log, and the room that it needs with its stamp and its end. */
#define VANE__LOG_LINE_BYTES 4096
#define VANE__LOG_LINE_ROOM  (VANE__LOG_LINE_BYTES + 64)

/* Put a stamp before a line and an end behind it: the length, which is below VANE__LOG_LINE_ROOM. */
size_t vane__log_line(
	char out[VANE__LOG_LINE_ROOM], enum vane_log_level level, const char *line);

/*
 * Find out whether standard error is a stream of systemd's journal, by the device and the inode that
 * JOURNAL_STREAM names: lines there have their priority before them from then on, "<3>" for an error
 * (sd-daemon(3)).
 */
void vane__log_find_journal(void);

/*
 * Write a whole line, with its end, or several, to standard error, in one write() so that lines of
 * several processes do not mix.  May be called from a signal handler.
 */
void vane__log_stderr(enum vane_log_level level, const char *text, size_t len);

#endif
