/* SPDX-License-Identifier: MIT */
/*
 * stderrlog.c - what a program writes to standard error, line by line in our log, so much
 * of it.
 */
#include "stderrlog.h"

#include <string.h>

#include <vane/log.h>

void vane__stderrlog_init(struct vane__stderrlog *log, const char *name, int64_t max_bytes)
{
	log->name = name;
	log->left = max_bytes;
	log->full = false;
	log->len = 0;
}

void vane__stderrlog_end(struct vane__stderrlog *log)
{
	if (log->len > 0 && log->line[log->len - 1] == '\r')
		log->len--;
	if (log->len > 0)
		vane_log(
			VANE_LOG_WARNING, "%s: %.*s", log->name, (int) log->len, log->line);
	log->len = 0;
}

/* How much of that many bytes may still be logged. */
static size_t take(struct vane__stderrlog *log, size_t len)
{
	if ((int64_t) len > log->left) {
		len = (size_t) log->left;
		log->left = 0;
	} else {
		log->left -= (int64_t) len;
	}
	return len;
}

static void add_line(struct vane__stderrlog *log, const char *data, size_t len)
{
	while (len > 0) {
		size_t room = sizeof(log->line) - log->len, n = len < room ? len : room;

		memcpy(log->line + log->len, data, n);
		log->len += n;
		data += n;
		len -= n;
		if (log->len == sizeof(log->line))
			vane__stderrlog_end(log);
	}
}

void vane__stderrlog_add(struct vane__stderrlog *log, const char *data, size_t len)
{
	size_t allowed = take(log, len);
	const char *end = data + allowed;

	while (data < end) {
		const char *newline = memchr(data, '\n', (size_t) (end - data));

		add_line(log, data, (size_t) ((newline != NULL ? newline : end) - data));
		if (newline == NULL)
			break;
		vane__stderrlog_end(log);
		data = newline + 1;
	}
	if (allowed == len || log->full)
		return;
	log->full = true;
	vane__stderrlog_end(log);
	vane_log(VANE_LOG_WARNING, "%s: too much on standard error, the rest is dropped",
		log->name);
}
