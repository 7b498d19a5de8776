/* SPDX-License-Identifier: MIT */
/*
 * log.c - one event, one line.
 *
 * Level and destination belong to the process: they are the only variables here, and are set
 * at its start.
 */
#include <vane/log.h>

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "log_escape.h"
#include "slice.h"

#define LINE_MAX_BYTES 4096

static struct {
	enum vane_log_level level;
	vane_log_fn fn;
	void *data;
} sink = { .level = VANE_LOG_INFO };

void vane_log_set_level(enum vane_log_level level)
{
	sink.level = level;
}

bool vane_log_wanted(enum vane_log_level level)
{
	return level <= sink.level;
}

void vane_log_set_function(vane_log_fn fn, void *data)
{
	sink.fn = fn;
	sink.data = data;
}

/*
 * The length of the UTF-8 character at p, 0 if it is none (RFC 3629, 4), or one of the
 * control characters U+0080 to U+009F, which some terminals obey.
 */
static size_t utf8_length(const unsigned char *p)
{
	size_t len, i;

	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f) ||
		(p[0] == 0xc2 && p[1] < 0xa0))
		return 0;
	for (i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

void vane__log_escape(char *out, size_t size, const char *line)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = (const unsigned char *) line;
	size_t at = 0, len;

	while (*p != '\0' && at + 5 < size) {
		len = *p >= 0x20 && *p < 0x7f ? 1 : *p < 0x80 ? 0 : utf8_length(p);
		if (len > 0) {
			memcpy(out + at, p, len);
			at += len;
			p += len;
			continue;
		}
		out[at++] = '\\';
		out[at++] = 'x';
		out[at++] = hex[*p >> 4];
		out[at++] = hex[*p++ & 15];
	}
	out[at] = '\0';
}

/* A stamp and the line in one write(), so that lines of several processes do not mix. */
static void write_stderr(enum vane_log_level level, const char *line)
{
	static const char letters[] = "-EWID";
	char out[LINE_MAX_BYTES + 64];
	time_t now = time(NULL);
	struct tm tm;
	ssize_t n;
	int len;

	localtime_r(&now, &tm);
	len = snprintf(out, sizeof(out), "[%c %02d%02d%02d %02d:%02d:%02d %ld] %s\n",
		letters[level], tm.tm_year % 100, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec, (long) getpid(), line);
	n = write(STDERR_FILENO, out, (size_t) len);
	(void) n; /* there is nobody left to tell */
}

void vane_vlog(enum vane_log_level level, const char *fmt, va_list args)
{
	char line[LINE_MAX_BYTES], safe[LINE_MAX_BYTES];
	int saved = errno;

	if (level == VANE_LOG_NONE || !vane_log_wanted(level))
		return;
	vsnprintf(line, sizeof(line), fmt, args);
	vane__log_escape(safe, sizeof(safe), line);
	if (sink.fn != NULL)
		sink.fn(level, safe, sink.data);
	else
		write_stderr(level, safe);
	errno = saved;
}

void vane_log(enum vane_log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vane_vlog(level, fmt, args);
	va_end(args);
}
