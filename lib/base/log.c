/* SPDX-License-Identifier: MIT */
/*
 * log.c - one event, one line.
 *
 * Level and destination belong to the process: they are the only variables here, and are set
 * at its start.
 */
#include <vane/log.h>

#include <stdio.h>

#include "base.h"
#include "log_escape.h"
#include "log_file.h"
#include "log_line.h"
#include "log_sink.h"
#include "log_syslog.h"
#include "slice.h"

static struct {
	enum vane_log_level level;
	struct vane_log_file *file; /* NULL: standard error */
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

void vane_log_set_file(struct vane_log_file *file)
{
	sink.file = file;
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

static void write_line(enum vane_log_level level, const char *line)
{
	char out[VANE__LOG_LINE_ROOM];
	size_t len = vane__log_line(out, level, line);

	if (sink.file != NULL)
		vane__log_file_write(sink.file, level, out, len);
	else if (!vane__syslog_wanted())
		vane__log_stderr(level, out, len);
}

void vane__log_last_words(const char *text, size_t len)
{
	if (vane__syslog_wanted())
		vane__syslog_last_words(text, len);
	if (sink.file == NULL || vane__log_file_write_now(sink.file, text, len) < 0)
		vane__log_stderr(VANE_LOG_ERROR, text, len);
}

void vane_vlog(enum vane_log_level level, const char *fmt, va_list args)
{
	char line[VANE__LOG_LINE_BYTES], safe[VANE__LOG_LINE_BYTES];
	int saved = errno;

	if (level == VANE_LOG_NONE || !vane_log_wanted(level))
		return;
	vsnprintf(line, sizeof(line), fmt, args);
	vane__log_escape(safe, sizeof(safe), line);
	if (sink.fn != NULL)
		sink.fn(level, safe, sink.data);
	else
		write_line(level, safe);
	if (sink.fn == NULL && vane__syslog_wanted())
		vane__syslog_send(level, safe);
	errno = saved;
}

void vane_log(enum vane_log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vane_vlog(level, fmt, args);
	va_end(args);
}
