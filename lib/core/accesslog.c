/* SPDX-License-Identifier: MIT */
/*
 * accesslog.c - one line for each exchange, in the form that was asked for.
 *
 * Lines go to the application's file.  Without one common and combined ones go to standard error,
 * as NCSA httpd wrote them, without a stamp of ours: standard output is the response of a CGI
 * program, and closed under some process managers.  Tornado's go to the log, which escapes.
 */
#include <stdio.h>
#include <time.h>

#include <vane/log.h>

#include "app.h"
#include "buf.h"
#include "exchange.h"
#include "log_escape.h"
#include "log_file.h"
#include "log_line.h"
#include "slice.h"

/*
 * Every byte that we did not make ourselves comes through here: a front server hands on what
 * its client says, so none is trusted more than the other.  "-" for what is not there; what
 * could end the text early, or confuse a reader, becomes \xNN.  ends is what ends it.
 */
static void add_text(struct buf *line, struct vane_slice text, char ends)
{
	size_t i;

	if (text.len == 0)
		vane__buf_add(line, "-", 1);
	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char) text.data[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == ends)
			vane__buf_printf(line, "\\x%02x", c);
		else
			vane__buf_add(line, &text.data[i], 1);
	}
}

static void add_field(struct buf *line, struct vane_request *req, struct vane_slice name)
{
	vane__buf_printf(line, " \"");
	add_text(line, vane__request_find(req, name), '"');
	vane__buf_printf(line, "\"");
}

/* The request line, "-" if there was none. */
static void add_request(struct buf *line, struct vane_request *req)
{
	add_text(line, req->env.method, ' ');
	if (req->env.method.len == 0)
		return;
	vane__buf_printf(line, " ");
	add_text(line, req->env.target, ' ');
	vane__buf_printf(line, " ");
	add_text(line, vane__slice(vane_request_version(req)), ' ');
}

static void add_time(struct buf *line)
{
	char text[64];
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(text, sizeof(text), "[%d/%b/%Y:%H:%M:%S %z]", &tm);
	vane__buf_printf(line, "%s", text);
}

/*
 * What the client has got, as far as we know: a status that has not left is none.  What became
 * of a request without an answer is then said in nginx's way.
 */
static int sent_status(const struct vane_exchange *x, int rc)
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

/* host ident user [time] "request" status bytes, and " cut" behind all if that is not all */
static void write_common(struct vane_exchange *x, int rc, bool combined)
{
	struct vane_request *req = &x->req;
	struct buf line = { 0 };

	add_text(&line, vane__slice(vane__request_peer(req)), ' ');
	vane__buf_printf(&line, " - ");
	add_text(&line, vane__slice(vane_request_remote_user(req)), ' ');
	vane__buf_printf(&line, " ");
	add_time(&line);
	vane__buf_printf(&line, " \"");
	add_request(&line, req);
	vane__buf_printf(&line, "\" %d %lld", sent_status(x, rc), (long long) x->res.taken);
	if (combined) {
		add_field(&line, req, SLICE("referer"));
		add_field(&line, req, SLICE("user-agent"));
	}
	vane__buf_printf(&line, rc < 0 ? " cut\n" : "\n");
	put_line(x, VANE_LOG_INFO, line.data, line.len);
	vane__buf_fini(&line);
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
static void write_tornado(struct vane_exchange *x, int rc)
{
	int status = sent_status(x, rc);
	struct vane_slice method = vane__for_log(x->req.env.method);
	struct vane_slice target = vane__for_log(x->req.env.target);
	char cut[48] = "";
	enum vane_log_level level = status < 400   ? VANE_LOG_INFO
				    : status < 500 ? VANE_LOG_WARNING
						   : VANE_LOG_ERROR;

	if (rc < 0)
		snprintf(cut, sizeof(cut), ", cut after %lld bytes",
			(long long) x->res.taken);
	put_tornado(x, level, "%d %.*s %.*s (%s) %.2fms%s", status, (int) method.len,
		method.data, (int) target.len, target.data, vane__request_peer(&x->req),
		(double) (now_usec() - x->began_usec) / 1000.0, cut);
}

void vane__access_log(struct vane_exchange *x, int rc)
{
	switch (x->opts->access_log) {
	case VANE_ACCESS_LOG_COMMON:
		write_common(x, rc, false);
		break;
	case VANE_ACCESS_LOG_COMBINED:
		write_common(x, rc, true);
		break;
	case VANE_ACCESS_LOG_TORNADO:
		write_tornado(x, rc);
		break;
	case VANE_ACCESS_LOG_OFF:
		break;
	}
}
