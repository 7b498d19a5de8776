/* SPDX-License-Identifier: MIT */
/*
 * accesslog.c - one line for each exchange, in the form that was asked for.
 *
 * Lines go to the application's file.  Without one they go to standard error, as a format says, without a stamp of ours: standard output is the response of a CGI
 * program, and closed under some process managers.  Tornado's go to the log, which escapes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <vane/log.h>

#include "access_format.h"
#include "access_rule.h"
#include "app.h"
#include "buf.h"
#include "exchange.h"
#include "log_escape.h"
#include "log_file.h"
#include "log_line.h"

/* What the buffer of a line keeps. */
#define KEEP_BYTES 4096

struct vane__access {
	struct vane__access_format *format; /* NULL: Tornado's */
	struct vane__access_rule rule;
	struct buf line; /* its memory is used again */
};

/* The forms that have a name, Tornado's apart. */
static const char *format_of(const struct vane_app_opts *opts)
{
	static const char json[] =
		"escape=json {\"time\":\"$time_iso8601\",\"remote_addr\":\"$remote_addr\","
		"\"remote_user\":\"$remote_user\",\"method\":\"$request_method\","
		"\"target\":\"$request_uri\",\"protocol\":\"$server_protocol\","
		"\"host\":\"$host\",\"route\":\"$route\",\"status\":$status,"
		"\"bytes\":$body_bytes_sent,\"complete\":$complete,"
		"\"seconds\":$request_time,\"referer\":\"$http_referer\","
		"\"user_agent\":\"$http_user_agent\",\"request_id\":\"$request_id\","
		"\"traceparent\":\"$traceparent\",\"mode\":\"$mode\",\"worker\":$worker,"
		"\"pid\":$pid}";

	switch (opts->access_log) {
	case VANE_ACCESS_LOG_COMMON:
		return "%h %l %u %t \"%r\" %s %B$cut";
	case VANE_ACCESS_LOG_COMBINED:
		return "%h %l %u %t \"%r\" %s %B \"%{Referer}i\" \"%{User-Agent}i\"$cut";
	case VANE_ACCESS_LOG_JSON:
		return json;
	case VANE_ACCESS_LOG_FORMAT:
		return opts->access_log_format;
	default:
		return NULL;
	}
}

int vane__access_new(struct vane__access **out, struct vane_app_opts *opts)
{
	const char *text;
	int rc = 0;

	if (opts->access_log_format != NULL)
		opts->access_log = VANE_ACCESS_LOG_FORMAT;
	if (opts->access_log == VANE_ACCESS_LOG_OFF)
		return 0;
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	rc = vane__access_rule_init(
		&(*out)->rule, opts->access_log_if, opts->access_log_sample);
	text = format_of(opts);
	if (text != NULL && rc == 0)
		rc = vane__access_format_new(&(*out)->format, text);
	return rc;
}

void vane__access_free(struct vane__access *access)
{
	if (access == NULL)
		return;
	vane__access_format_free(access->format);
	vane__access_rule_fini(&access->rule);
	vane__buf_fini(&access->line);
	free(access);
}

/*
 * What the client has got, as far as we know: a status that has not left is none.  What became
 * of a request without an answer is then said in nginx's way.
 */
int vane__sent_status(const struct vane_exchange *x, int rc)
{
	if (rc == 0 || x->res.head_sent)
		return x->res.status;
	if (rc == -ETIMEDOUT)
		return 408;
	return x->res.lost && rc != -ECANCELED ? 499 : 500;
}

static void put_line(const struct vane_exchange *x, enum vane_log_level level,
	const char *line, size_t len)
{
	if (x->opts->access_log_file != NULL)
		vane__log_file_write(x->opts->access_log_file, level, line, len);
	else
		vane__log_stderr(level, line, len);
}

static int64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* In a file of its own it looks as it does in the log, whose level does not count there. */
VANE_PRINTF(3, 4)
static void put_tornado(
	const struct vane_exchange *x, enum vane_log_level level, const char *fmt, ...)
{
	char line[VANE__LOG_LINE_BYTES], safe[VANE__LOG_LINE_BYTES],
		out[VANE__LOG_LINE_ROOM];
	va_list args;

	va_start(args, fmt);
	if (x->opts->access_log_file == NULL) {
		vane_vlog(level, fmt, args);
	} else {
		vsnprintf(line, sizeof(line), fmt, args);
		vane__log_escape(safe, sizeof(safe), line);
		put_line(x, level, out, vane__log_line(out, level, safe));
	}
	va_end(args);
}

/*
 * "200 GET / (127.0.0.1) 0.50ms", with a level by status as Tornado has it; and how much of it
 * went out, if that is not all.
 */
static void write_tornado(struct vane_exchange *x, const struct vane__access_end *end)
{
	int status = end->status;
	struct vane_slice method = vane__for_log(x->req.env.method);
	struct vane_slice target = vane__for_log(x->req.env.target);
	char cut[48] = "";
	enum vane_log_level level = status < 400   ? VANE_LOG_INFO
				    : status < 500 ? VANE_LOG_WARNING
						   : VANE_LOG_ERROR;

	if (end->cut)
		snprintf(cut, sizeof(cut), ", cut after %lld bytes",
			(long long) x->res.taken);
	put_tornado(x, level, "%d %.*s %.*s (%s) %.2fms%s", status, (int) method.len,
		method.data, (int) target.len, target.data, vane__request_peer(&x->req),
		(double) end->took_usec / 1000.0, cut);
}

static void write_formatted(struct vane__access *access, struct vane_exchange *x,
	const struct vane__access_end *end)
{
	struct buf *line = &access->line;

	if (vane__access_format_write(access->format, x, end, line) == 0 &&
		vane__buf_add(line, "\n", 1) == 0)
		put_line(x, VANE_LOG_INFO, line->data, line->len);
	vane__buf_reset(line, KEEP_BYTES);
}

void vane__access_log(struct vane_exchange *x, int rc)
{
	struct vane__access *access = x->app->access;
	const struct vane__access_end end = { vane__sent_status(x, rc), rc < 0,
		now_usec() - x->began_usec };

	if (x->req.unlogged ||
		!vane__access_rule_wants(&access->rule, end.status, end.took_usec))
		return;
	if (access->format != NULL)
		write_formatted(access, x, &end);
	else
		write_tornado(x, &end);
}
