/* SPDX-License-Identifier: MIT */
/*
 * access_format.c - formats of the access log, compiled: $status as nginx has it, %>s as Apache
 * httpd has it, and JSON.
 *
 * A format becomes a list of operations, each with the text that stands before it.  Both ways of
 * writing have one table of words: "$request_method" and "%m" are the same operation.
 */
#include "access_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/process.h>

#include "exchange.h"
#include "json_text.h"
#include "options.h"
#include "route.h"
#include "slice.h"

/* How what is not ours is escaped. */
enum style {
	STYLE_WORD,   /* a blank would end it */
	STYLE_QUOTED, /* in quotes */
	STYLE_JSON    /* in a string of JSON */
};

struct op;

/* An exchange, and where its line is being written. */
struct scribe {
	struct buf *line;
	struct vane_exchange *x;
	struct vane_request *req;
	const struct vane__access_end *end;
};

typedef void (*op_fn)(const struct scribe *s, const struct op *op);

struct op {
	struct vane_slice before; /* what stands before it */
	op_fn put;                /* NULL: nothing follows */
	enum style style;
	const char *name; /* of the field, ... */
};

struct vane__access_format {
	char *text; /* what operations point into */
	size_t count;
	struct op ops[];
};

static void put(const struct scribe *s, const char *text, size_t len)
{
	vane__buf_add(s->line, text, len);
}

static void put_number(const struct scribe *s, int64_t number)
{
	char digits[VANE__JSON_NUMBER];

	put(s, digits, vane__json_int(digits, number));
}

static void put_json(const struct scribe *s, struct vane_slice text)
{
	char escape[VANE__JSON_ESCAPE];

	while (text.len > 0) {
		struct vane_slice piece = vane__json_take(&text, escape);

		vane__buf_add_slice(s->line, piece);
	}
}

static bool is_plain(unsigned char c, enum style style)
{
	return c < 0x7f && c != '"' && c != '\\' &&
	       c >= (style == STYLE_QUOTED ? 0x20 : 0x21);
}

/*
 * Every byte that we did not make ourselves comes through here: a front server hands on what
 * its client says, so none is trusted more than the other.
 */
static void put_escaped(const struct scribe *s, struct vane_slice text, enum style style)
{
	static const char hex[] = "0123456789abcdef";
	size_t i, from = 0;

	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char) text.data[i];
		char escape[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

		if (LIKELY(is_plain(c, style)))
			continue;
		put(s, text.data + from, i - from);
		put(s, escape, sizeof(escape));
		from = i + 1;
	}
	put(s, text.data + from, text.len - from);
}

/* "-" for what is not there, as all servers have it; JSON has an empty string. */
static void put_slice(const struct scribe *s, const struct op *op, struct vane_slice text)
{
	if (op->style == STYLE_JSON)
		put_json(s, text);
	else if (text.len == 0)
		put(s, "-", 1);
	else
		put_escaped(s, text, op->style);
}

static void put_text(const struct scribe *s, const struct op *op, const char *text)
{
	put_slice(s, op, vane__slice(text != NULL ? text : ""));
}

/* -- the request line */

static void put_method(const struct scribe *s, const struct op *op)
{
	put_slice(s, op, s->req->env.method);
}

static void put_target(const struct scribe *s, const struct op *op)
{
	put_slice(s, op, s->req->env.target);
}

static void put_version(const struct scribe *s, const struct op *op)
{
	put_text(s, op, vane_request_version(s->req));
}

/* Its parts are separated by blanks, so none is left in them. */
static void put_request(const struct scribe *s, const struct op *op)
{
	struct op part = *op;

	if (op->style == STYLE_QUOTED)
		part.style = STYLE_WORD;
	put_method(s, &part);
	if (s->req->env.method.len == 0)
		return;
	put(s, " ", 1);
	put_target(s, &part);
	put(s, " ", 1);
	put_version(s, &part);
}

/* The target in front of its query, and the query. */
static struct vane_slice split_target(const struct scribe *s, struct vane_slice *query)
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

static void put_path(const struct scribe *s, const struct op *op)
{
	struct vane_slice query, path = split_target(s, &query);

	if (s->req->path != NULL && s->req->path[0] != '\0')
		path = vane__slice(s->req->path);
	put_slice(s, op, path);
}

static void put_query(const struct scribe *s, const struct op *op)
{
	struct vane_slice query;

	split_target(s, &query);
	put_slice(s, op, query);
}

static void put_mark(const struct scribe *s, const struct op *op)
{
	struct vane_slice query;

	split_target(s, &query);
	put(s, "?", query.data != NULL);
}

static void put_marked_query(const struct scribe *s, const struct op *op)
{
	struct vane_slice query;

	split_target(s, &query);
	if (query.data == NULL)
		return;
	put(s, "?", 1);
	put_slice(s, op, query);
}

/* -- who asks, and whom */

static void put_peer(const struct scribe *s, const struct op *op)
{
	put_text(s, op, vane__request_peer(s->req));
}

static void put_peer_port(const struct scribe *s, const struct op *op)
{
	put_number(s, vane_request_remote_port(s->req));
}

static void put_user(const struct scribe *s, const struct op *op)
{
	put_text(s, op, vane_request_remote_user(s->req));
}

static void put_nobody(const struct scribe *s, const struct op *op)
{
	put_text(s, op, "");
}

static void put_host(const struct scribe *s, const struct op *op)
{
	put_text(s, op, vane_request_host(s->req));
}

static void put_scheme(const struct scribe *s, const struct op *op)
{
	put_text(s, op, vane_request_scheme(s->req));
}

static void put_server_name(const struct scribe *s, const struct op *op)
{
	put_text(s, op, vane_request_server_name(s->req));
}

static void put_server_addr(const struct scribe *s, const struct op *op)
{
	put_text(s, op, vane_request_server_addr(s->req));
}

static void put_server_port(const struct scribe *s, const struct op *op)
{
	put_number(s, vane_request_server_port(s->req));
}

static void put_field(const struct scribe *s, const struct op *op)
{
	put_slice(s, op, vane__request_find(s->req, vane__slice(op->name)));
}

static void put_param(const struct scribe *s, const struct op *op)
{
	put_text(s, op, vane_request_param(s->req, op->name));
}

/* -- the answer */

static void put_sent_field(const struct scribe *s, const struct op *op)
{
	put_slice(s, op, vane_response_field(&s->x->res, op->name));
}

static void put_status(const struct scribe *s, const struct op *op)
{
	put_number(s, s->end->status);
}

static void put_bytes(const struct scribe *s, const struct op *op)
{
	put_number(s, s->x->res.taken);
}

static void put_bytes_or_none(const struct scribe *s, const struct op *op)
{
	if (s->x->res.taken > 0 || op->style == STYLE_JSON)
		put_bytes(s, op);
	else
		put(s, "-", 1);
}

static void put_cut(const struct scribe *s, const struct op *op)
{
	put(s, " cut", s->end->cut ? 4 : 0);
}

static void put_complete(const struct scribe *s, const struct op *op)
{
	vane__buf_add_slice(s->line, s->end->cut ? SLICE("false") : SLICE("true"));
}

static void put_connection(const struct scribe *s, const struct op *op)
{
	put(s, s->end->cut ? "X" : "+", 1);
}

/* -- times */

static void put_usec(const struct scribe *s, const struct op *op)
{
	put_number(s, s->end->took_usec);
}

static void put_msec(const struct scribe *s, const struct op *op)
{
	put_number(s, s->end->took_usec / 1000);
}

static void put_whole_seconds(const struct scribe *s, const struct op *op)
{
	put_number(s, s->end->took_usec / 1000000);
}

static void put_seconds(const struct scribe *s, const struct op *op)
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
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
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

static void put_local_time(const struct scribe *s, const struct op *op)
{
	vane__buf_add_slice(s->line, vane__slice(clock_now()->local));
}

static void put_local_time_in_brackets(const struct scribe *s, const struct op *op)
{
	put(s, "[", 1);
	put_local_time(s, op);
	put(s, "]", 1);
}

static void put_iso_time(const struct scribe *s, const struct op *op)
{
	vane__buf_add_slice(s->line, vane__slice(clock_now()->iso));
}

static void put_unix_time(const struct scribe *s, const struct op *op)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	vane__buf_printf(
		s->line, "%lld.%03d", (long long) ts.tv_sec, (int) (ts.tv_nsec / 1000000));
}

/* -- what only an application knows */

static void put_id(const struct scribe *s, const struct op *op)
{
	put_text(s, op, vane__request_log_id(s->req));
}

static void put_traceparent(const struct scribe *s, const struct op *op)
{
	put_slice(s, op, vane__request_traceparent(s->req));
}

static void put_route(const struct scribe *s, const struct op *op)
{
	put_text(s, op, s->req->route != NULL ? s->req->route->pattern : "");
}

static void put_mode(const struct scribe *s, const struct op *op)
{
	put_text(s, op, s->x->driver->mode);
}

static void put_worker(const struct scribe *s, const struct op *op)
{
	put_number(s, vane_task_id());
}

static void put_pid(const struct scribe *s, const struct op *op)
{
	put_number(s, getpid());
}

/* -- compiling */

/* The words: nginx's, and Apache's letter with what stands in braces, NULL: nothing. */
static const struct word {
	const char *name;
	char letter;
	const char *in_braces;
	op_fn put;
} words[] = {
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
};

/* A format on its way to operations.  Both point into its text, which is shortened in place. */
struct compiler {
	char *from, *to;
	char *literal; /* where the text before the next operation begins */
	bool json;
	bool quoted; /* an odd number of quotes is behind us */
	struct vane__access_format *format;
};

static int refuse_name(struct vane_slice name)
{
	const char *nearest = NULL;
	size_t i, distance, least = 4;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].name == NULL)
			continue;
		distance = vane__value_distance(name, vane__slice(words[i].name), least);
		if (distance < least && distance < name.len) {
			least = distance;
			nearest = words[i].name;
		}
	}
	vane_log(VANE_LOG_ERROR, "access log: there is no $%.*s%s%s", (int) name.len,
		name.data, nearest != NULL ? ", but $" : "",
		nearest != NULL ? nearest : "");
	return -EINVAL;
}

static int refuse_letter(const char *from, size_t len)
{
	vane_log(VANE_LOG_ERROR,
		"access log: there is no %.*s; write %%%% for a percent sign", (int) len,
		from);
	return -EINVAL;
}

/* What stands before the operation is what has been copied since the last one. */
static void add_op(struct compiler *c, op_fn fn, const char *name)
{
	struct op *op = &c->format->ops[c->format->count++];

	*op = (struct op) {
		.before = { c->literal, (size_t) (c->to - c->literal) },
		.put = fn,
		.style = c->json     ? STYLE_JSON
			 : c->quoted ? STYLE_QUOTED
				     : STYLE_WORD,
		.name = name,
	};
	c->literal = c->to;
}

/* The name of a field, which is kept behind the text that stands before it. */
static void add_named(
	struct compiler *c, op_fn fn, struct vane_slice name, char from, char becomes)
{
	char *kept = c->to;
	size_t i;

	add_op(c, fn, kept);
	for (i = 0; i < name.len; i++) {
		char letter = name.data[i];

		if (letter >= 'A' && letter <= 'Z' && fn != put_param)
			letter = (char) (letter - 'A' + 'a');
		kept[i] = letter == from ? becomes : letter;
	}
	kept[name.len] = '\0';
	c->to = c->literal = kept + name.len + 1;
}

/* "$name" and "${name}", which is before c->from already. */
static int compile_name(struct compiler *c, struct vane_slice name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].name != NULL &&
			vane__slice_equal(name, vane__slice(words[i].name))) {
			add_op(c, words[i].put, NULL);
			return 0;
		}
	if (vane__slice_starts(name, SLICE("http_")) && name.len > 5)
		add_named(c, put_field, (struct vane_slice) { name.data + 5, name.len - 5 },
			'_', '-');
	else if (vane__slice_starts(name, SLICE("sent_http_")) && name.len > 10)
		add_named(c, put_sent_field,
			(struct vane_slice) { name.data + 10, name.len - 10 }, '_', '-');
	else
		return refuse_name(name);
	return 0;
}

static int compile_dollar(struct compiler *c)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	bool braced = c->from[0] == '{';
	struct vane_slice name = { c->from + braced, strspn(c->from + braced, allowed) };

	c->from += name.len + braced;
	if (braced && *c->from++ != '}') {
		vane_log(VANE_LOG_ERROR, "access log: ${%.*s has no end", (int) name.len,
			name.data);
		return -EINVAL;
	}
	return compile_name(c, name);
}

static int compile_letter(struct compiler *c, char letter, struct vane_slice braces)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		const char *wanted = words[i].in_braces;

		if (words[i].letter == letter &&
			(wanted == NULL) == (braces.data == NULL) &&
			(wanted == NULL ||
				vane__slice_equal(braces, vane__slice(wanted)))) {
			add_op(c, words[i].put, NULL);
			return 0;
		}
	}
	if (braces.len == 0)
		return -EINVAL;
	if (letter == 'i')
		add_named(c, put_field, braces, 0, 0);
	else if (letter == 'o')
		add_named(c, put_sent_field, braces, 0, 0);
	else if (letter == 'e')
		add_named(c, put_param, braces, 0, 0);
	else
		return -EINVAL;
	return 0;
}

static int compile_percent(struct compiler *c)
{
	const char *begin = c->from - 1;
	struct vane_slice braces = { NULL, 0 };
	int rc;

	if (*c->from == '%') {
		*c->to++ = *c->from++;
		return 0;
	}
	c->from += *c->from == '<' || *c->from == '>';
	if (*c->from == '{') {
		braces.data = c->from + 1;
		braces.len = strcspn(braces.data, "}");
		c->from += braces.len + 1;
		c->from += *c->from == '}';
	}
	rc = *c->from == '\0' ? -EINVAL : compile_letter(c, *c->from, braces);
	c->from += *c->from != '\0';
	return rc < 0 ? refuse_letter(begin, (size_t) (c->from - begin)) : 0;
}

/* As in httpd.conf, where formats stand in quotes. */
static int compile_backslash(struct compiler *c)
{
	char next = *c->from++;

	if (next != 't' && next != '"' && next != '\\') {
		vane_log(VANE_LOG_ERROR,
			"access log: \\t, \\\" and \\\\ are known behind a backslash");
		return -EINVAL;
	}
	c->quoted ^= next == '"';
	*c->to++ = next == 't' ? '\t' : next;
	return 0;
}

static int refuse_line_end(void)
{
	vane_log(VANE_LOG_ERROR, "access log: a format is one line");
	return -EINVAL;
}

static int compile(struct compiler *c)
{
	int rc = 0;

	while (*c->from != '\0' && rc == 0) {
		char next = *c->from++;

		if (next == '$')
			rc = compile_dollar(c);
		else if (next == '%')
			rc = compile_percent(c);
		else if (next == '\\' && !c->json)
			rc = compile_backslash(c);
		else if (next == '\n' || next == '\r')
			rc = refuse_line_end();
		else {
			c->quoted ^= next == '"';
			*c->to++ = next;
		}
	}
	add_op(c, NULL, NULL);
	return rc;
}

/* At most one operation for each sign, and one behind all. */
static size_t count_ops(const char *text)
{
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == '$' || *text == '%';
	return count;
}

int vane__access_format_new(struct vane__access_format **out, const char *text)
{
	struct vane__access_format *format =
		calloc(1, sizeof(*format) + count_ops(text) * sizeof(format->ops[0]));
	struct compiler c = { .format = format };
	struct vane_slice json = SLICE("escape=json ");
	int rc;

	if (format == NULL)
		return -ENOMEM;
	format->text = strdup(text);
	if (format->text == NULL) {
		free(format);
		return -ENOMEM;
	}
	c.from = c.to = c.literal = format->text;
	if (vane__slice_starts(vane__slice(text), json)) {
		c.json = true;
		c.from += json.len;
	}
	rc = compile(&c);
	if (rc < 0) {
		vane__access_format_free(format);
		return rc;
	}
	*out = format;
	return 0;
}

void vane__access_format_free(struct vane__access_format *format)
{
	if (format == NULL)
		return;
	free(format->text);
	free(format);
}

int vane__access_format_write(const struct vane__access_format *format,
	struct vane_exchange *x, const struct vane__access_end *end, struct buf *line)
{
	const struct scribe scribe = { line, x, &x->req, end };
	size_t i;
	int rc = 0;

	for (i = 0; i < format->count; i++) {
		const struct op *op = &format->ops[i];

		rc = vane__buf_add_slice(line, op->before);
		if (op->put != NULL)
			op->put(&scribe, op);
	}
	return rc;
}
