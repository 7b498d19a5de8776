/* SPDX-License-Identifier: MIT */
/*
 * access_words.c - what each word of a format of the access log writes: the status, a time, a field.
 *
 * Both ways of writing have one table of words: "$request_method" and "%m" are the same operation.
 */
#include "access_words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <vane/process.h>

#include "c_locale.h"
#include "exchange.h"
#include "json_text.h"
#include "months.h"
#include "route.h"
#include "slice.h"

static void put(const struct vane__access_scribe *s, const char *text, size_t len)
{
	vane__buf_add(s->line, text, len);
}

static void put_number(const struct vane__access_scribe *s, int64_t number)
{
	char digits[VANE__JSON_NUMBER];

	put(s, digits, vane__json_int(digits, number));
}

static void put_json(const struct vane__access_scribe *s, struct vane_slice text)
{
	char escape[VANE__JSON_ESCAPE];

	while (text.len > 0) {
		struct vane_slice piece = vane__json_take(&text, escape);

		vane__buf_add_slice(s->line, piece);
	}
}

static bool is_plain(unsigned char c, enum vane__access_style style)
{
	return c < 0x7f && c != '"' && c != '\\' &&
	       c >= (style == VANE__STYLE_QUOTED ? 0x20 : 0x21);
}

/*
 * Every byte that we did not make ourselves comes through here: a front server hands on what
 * its client says, so none is trusted more than the other.
 */
static void put_escaped(const struct vane__access_scribe *s, struct vane_slice text,
	enum vane__access_style style)
{
	size_t i, from = 0;

	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char) text.data[i];
		char escape[4] = { '\\', 'x' };

		if (LIKELY(is_plain(c, style)))
			continue;
		vane__put_hex(escape + 2, &c, 1);
		put(s, text.data + from, i - from);
		put(s, escape, sizeof(escape));
		from = i + 1;
	}
	put(s, text.data + from, text.len - from);
}

/* "-" for what is not there, as all servers have it; JSON has an empty string. */
static void put_slice(const struct vane__access_scribe *s, const struct vane__access_op *op,
	struct vane_slice text)
{
	if (op->style == VANE__STYLE_JSON)
		put_json(s, text);
	else if (text.len == 0)
		put(s, "-", 1);
	else
		put_escaped(s, text, op->style);
}

static void put_text(const struct vane__access_scribe *s, const struct vane__access_op *op,
	const char *text)
{
	put_slice(s, op, vane__slice(text != NULL ? text : ""));
}

/* -- the request line */

static void put_method(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_slice(s, op, s->req->env.method);
}

static void put_target(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_slice(s, op, s->req->env.target);
}

static void put_version(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, vane_request_version(s->req));
}

/* Its parts are separated by blanks, so none is left in them. */
static void put_request(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	struct vane__access_op part = *op;

	if (op->style == VANE__STYLE_QUOTED)
		part.style = VANE__STYLE_WORD;
	put_method(s, &part);
	if (s->req->env.method.len == 0)
		return;
	put(s, " ", 1);
	put_target(s, &part);
	put(s, " ", 1);
	put_version(s, &part);
}

/* The target in front of its query, and the query. */
static struct vane_slice split_target(
	const struct vane__access_scribe *s, struct vane_slice *query)
{
	struct vane_slice path = s->req->env.target;
	const char *mark = path.len > 0 ? memchr(path.data, '?', path.len) : NULL;

	*query = (struct vane_slice) { NULL, 0 };
	if (mark == NULL)
		return path;
	query->data = mark + 1;
	query->len = path.len - (size_t) (query->data - path.data);
	path.len = (size_t) (mark - path.data);
	return path;
}

static void put_path(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	struct vane_slice query, path = split_target(s, &query);

	if (s->req->path != NULL && s->req->path[0] != '\0')
		path = vane__slice(s->req->path);
	put_slice(s, op, path);
}

static void put_query(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	struct vane_slice query;

	split_target(s, &query);
	put_slice(s, op, query);
}

static void put_mark(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	struct vane_slice query;

	split_target(s, &query);
	put(s, "?", query.data != NULL);
}

static void put_marked_query(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	struct vane_slice query;

	split_target(s, &query);
	if (query.data == NULL)
		return;
	put(s, "?", 1);
	put_slice(s, op, query);
}

/* -- who asks, and whom */

static void put_peer(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, vane__request_peer(s->req));
}

static void put_peer_port(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_number(s, vane_request_remote_port(s->req));
}

static void put_user(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, vane_request_remote_user(s->req));
}

static void put_nobody(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, "");
}

static void put_host(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, vane_request_host(s->req));
}

static void put_scheme(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, vane_request_scheme(s->req));
}

static void put_server_name(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, vane_request_server_name(s->req));
}

static void put_server_addr(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, vane_request_server_addr(s->req));
}

static void put_server_port(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_number(s, vane_request_server_port(s->req));
}

static void put_field(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_slice(s, op, vane__request_find(s->req, vane__slice(op->name)));
}

static void put_cookie(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, vane_request_cookie(s->req, op->name));
}

static void put_param(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, vane_request_param(s->req, op->name));
}

/* -- the answer */

static void put_sent_field(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_slice(s, op, vane_response_field(&s->x->res, op->name));
}

static void put_status(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_number(s, s->end->status);
}

static void put_bytes(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_number(s, s->x->res.taken);
}

static void put_bytes_or_none(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	if (s->x->res.taken > 0 || op->style == VANE__STYLE_JSON)
		put_bytes(s, op);
	else
		put(s, "-", 1);
}

static void put_cut(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put(s, " cut", s->end->cut ? 4 : 0);
}

static void put_complete(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	vane__buf_add_slice(s->line, s->end->cut ? SLICE("false") : SLICE("true"));
}

static void put_connection(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put(s, s->end->cut ? "X" : "+", 1);
}

/* -- times */

static void put_usec(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_number(s, s->end->took_usec);
}

static void put_msec(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_number(s, s->end->took_usec / 1000);
}

static void put_whole_seconds(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_number(s, s->end->took_usec / 1000000);
}

static void put_seconds(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	vane__buf_printf(s->line, "%lld.%03d", (long long) (s->end->took_usec / 1000000),
		(int) (s->end->took_usec / 1000 % 1000));
}

/* The clock as it stands in lines: the same for all of a second. */
static const struct now {
	time_t when;
	char local[96], iso[96];
} *clock_now(void)
{
	static const char *const months[] = VANE__MONTHS;
	static struct now now;
	time_t when = time(NULL);
	struct tm tm;
	int zone;

	if (when == now.when)
		return &now;
	localtime_r(&when, &tm);
	zone = (int) (tm.tm_gmtoff < 0 ? -tm.tm_gmtoff : tm.tm_gmtoff) / 60;
	now.when = when;
	/* strftime() would name months as the program's locale does */
	snprintf(now.local, sizeof(now.local), "%02d/%s/%04d:%02d:%02d:%02d %c%02d%02d",
		tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		tm.tm_sec, tm.tm_gmtoff < 0 ? '-' : '+', zone / 60, zone % 60);
	snprintf(now.iso, sizeof(now.iso), "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		tm.tm_sec, tm.tm_gmtoff < 0 ? '-' : '+', zone / 60, zone % 60);
	return &now;
}

static void put_local_time(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	vane__buf_add_slice(s->line, vane__slice(clock_now()->local));
}

static void put_local_time_in_brackets(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put(s, "[", 1);
	put_local_time(s, op);
	put(s, "]", 1);
}

static void put_iso_time(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	vane__buf_add_slice(s->line, vane__slice(clock_now()->iso));
}

static void put_unix_time(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	vane__buf_printf(
		s->line, "%lld.%03d", (long long) ts.tv_sec, (int) (ts.tv_nsec / 1000000));
}

/* What Apache httpd has names for besides what strftime() has. */
static bool put_clock(
	const struct vane__access_scribe *s, const struct timespec *at, const char *name)
{
	long long sec = (long long) at->tv_sec;

	if (strcmp(name, "sec") == 0)
		vane__buf_printf(s->line, "%lld", sec);
	else if (strcmp(name, "msec") == 0)
		vane__buf_printf(s->line, "%lld", sec * 1000 + at->tv_nsec / 1000000);
	else if (strcmp(name, "usec") == 0)
		vane__buf_printf(s->line, "%lld", sec * 1000000 + at->tv_nsec / 1000);
	else if (strcmp(name, "msec_frac") == 0)
		vane__buf_printf(s->line, "%03d", (int) (at->tv_nsec / 1000000));
	else if (strcmp(name, "usec_frac") == 0)
		vane__buf_printf(s->line, "%06d", (int) (at->tv_nsec / 1000));
	else
		return false;
	return true;
}

static size_t format_time(char *text, size_t size, const char *format, time_t when)
{
	struct vane__c_locale locale; /* or months would have the names of the program's */
	struct tm tm;
	size_t len;

	if (localtime_r(&when, &tm) == NULL || vane__c_locale_enter(&locale) < 0)
		return 0;
	len = strftime(text, size, format, &tm);
	vane__c_locale_leave(&locale);
	return len;
}

/* Blanks are the format's own, and stay; a line end would be too. */
static void put_time_as(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	const char *format = op->name;
	struct timespec at;
	char text[256];
	size_t len;

	clock_gettime(CLOCK_REALTIME, &at);
	if (strncmp(format, "begin:", 6) == 0) {
		int64_t usec = (int64_t) at.tv_sec * 1000000 + at.tv_nsec / 1000 -
			       s->end->took_usec;

		at.tv_sec = (time_t) (usec / 1000000);
		at.tv_nsec = (long) (usec % 1000000) * 1000;
		format += 6;
	} else if (strncmp(format, "end:", 4) == 0) {
		format += 4;
	}
	if (put_clock(s, &at, format))
		return;
	len = format_time(text, sizeof(text), format, at.tv_sec);
	if (op->style == VANE__STYLE_JSON)
		put_json(s, (struct vane_slice) { text, len });
	else
		put_escaped(s, (struct vane_slice) { text, len }, VANE__STYLE_QUOTED);
}

/* -- what only an application knows */

static void put_id(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, vane__request_log_id(s->req));
}

static void put_traceparent(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_slice(s, op, vane__request_traceparent(s->req));
}

static void put_route(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, s->req->route != NULL ? s->req->route->pattern : "");
}

static void put_mode(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_text(s, op, s->x->driver->mode);
}

static void put_worker(
	const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_number(s, vane_task_id());
}

static void put_pid(const struct vane__access_scribe *s, const struct vane__access_op *op)
{
	put_number(s, getpid());
}

/* -- the words */

const struct vane__access_word vane__access_words[] = {
	{ "args", 0, NULL, put_query },
	{ "body_bytes_sent", 'B', NULL, put_bytes },
	{ NULL, 'b', NULL, put_bytes_or_none },
	{ "complete", 0, NULL, put_complete },
	{ "cut", 0, NULL, put_cut },
	{ "host", 'V', NULL, put_host },
	{ "is_args", 0, NULL, put_mark },
	{ "mode", 0, NULL, put_mode },
	{ "msec", 0, NULL, put_unix_time },
	{ "pid", 'P', NULL, put_pid },
	{ "query_string", 0, NULL, put_query },
	{ NULL, 'q', NULL, put_marked_query },
	{ "remote_addr", 'h', NULL, put_peer },
	{ NULL, 'a', NULL, put_peer },
	{ "remote_port", 'p', "remote", put_peer_port },
	{ "remote_user", 'u', NULL, put_user },
	{ NULL, 'l', NULL, put_nobody },
	{ "request", 'r', NULL, put_request },
	{ "request_id", 'L', NULL, put_id },
	{ "request_method", 'm', NULL, put_method },
	{ "request_time", 0, NULL, put_seconds },
	{ NULL, 'T', NULL, put_whole_seconds },
	{ NULL, 'T', "s", put_whole_seconds },
	{ NULL, 'T', "ms", put_msec },
	{ NULL, 'T', "us", put_usec },
	{ NULL, 'D', NULL, put_usec },
	{ "request_uri", 0, NULL, put_target },
	{ "route", 0, NULL, put_route },
	{ "scheme", 0, NULL, put_scheme },
	{ "server_addr", 'A', NULL, put_server_addr },
	{ "server_name", 'v', NULL, put_server_name },
	{ "server_port", 'p', NULL, put_server_port },
	{ "server_protocol", 'H', NULL, put_version },
	{ "status", 's', NULL, put_status },
	{ "time_iso8601", 0, NULL, put_iso_time },
	{ "time_local", 0, NULL, put_local_time },
	{ NULL, 't', NULL, put_local_time_in_brackets },
	{ "traceparent", 0, NULL, put_traceparent },
	{ "uri", 'U', NULL, put_path },
	{ "worker", 0, NULL, put_worker },
	{ NULL, 'X', NULL, put_connection },
	{ .put = NULL },
};

const struct vane__access_named vane__access_named[] = {
	{ "http_", 'i', true, put_field },
	{ "sent_http_", 'o', true, put_sent_field },
	{ "cookie_", 'C', false, put_cookie },
	{ "", 'e', false, put_param },
	{ "", 't', false, put_time_as },
	{ .put = NULL },
};
