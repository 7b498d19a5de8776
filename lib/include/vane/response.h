/* SPDX-License-Identifier: MIT */
/*
 * vane/response.h - the response: status, header fields, body.
 *
 * A response remembers its first error and gives it back from every later call, so only the
 * last call of a handler needs a look.  All functions that return int give 0 or a negative
 * errno; once the client is gone, that is -EPIPE.
 *
 * The head leaves with the first flush, or when the response is finished, whichever is first.
 */
#ifndef VANE_RESPONSE_H
#define VANE_RESPONSE_H

#include <stdarg.h>
#include <vane/handler.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The request that is answered; lives as long as the response.  Since 0.2.0. */
VANE_API struct vane_request *vane_response_request(struct vane_response *res);

/*
 * Set the status, 200 to 599; it is 200 until then.  -EINVAL for another, -EALREADY after the
 * head.
 */
VANE_API int vane_response_set_status(struct vane_response *res, int status);

/* The status as it stands. */
VANE_API int vane_response_status(const struct vane_response *res);

/*
 * Append a header field to the response (RFC 9110, 5).
 *
 * Name and value are copied.  Fails with -EINVAL if either holds a byte that fields may not
 * carry, or if the field is not the handler's to set (Connection, Keep-Alive, Status,
 * Transfer-Encoding, Upgrade), and with -EALREADY once the head is on its way.
 * Content-Length is a promise: more is refused with -EMSGSIZE, less cuts the connection.
 */
VANE_API int vane_response_add_field(
	struct vane_response *res, const char *name, const char *value);

/* Set a header field of the response: append it, and take away those of that name first. */
VANE_API int vane_response_set_field(
	struct vane_response *res, const char *name, const char *value);

/*
 * Set the Content-Type header field (RFC 9110, 8.3), in the place of one that is there.
 *
 * Text in all its kinds is "text/html; charset=utf-8" unless it names a charset itself; other types
 * stay as they are: JSON knows no charset, XML says it inside.  -EINVAL for what is no media type.
 * Since 0.2.0.
 * Since 0.2.0.
 */
VANE_API int vane_response_set_type(struct vane_response *res, const char *type);

/* Take away all header fields of that name. */
VANE_API int vane_response_remove_field(struct vane_response *res, const char *name);

/*
 * The value of the first field of that name, in any case, that has been set so far; data NULL if there
 * is none.  The bytes are good until a field is added or taken away.
 *
 * Content-Length is not among them: see vane_response_length().  Since 0.2.0.
 */
VANE_API struct vane_slice vane_response_field(
	const struct vane_response *res, const char *name);

/*
 * The length of the whole body in bytes, as it was written or promised by a Content-Length; -1 while
 * more may be written, and for a source that does not know its own.  What filters do with the body
 * is not counted.  Since 0.2.0.
 */
VANE_API int64_t vane_response_length(const struct vane_response *res);

/*
 * Tell fn of each piece of the body as it was written, from its beginning: for a filter's .after that
 * looks at all of it before any has left.  What fn returns other than 0 ends that and is returned.
 *
 * Returns 0 after the last, -EAGAIN while more may be written or when some has left, and -ENOTSUP if
 * some of it is not in memory, as a file or a source, or was dropped, as HEAD has it; fn has not been
 * called then.  Since 0.2.0.
 */
VANE_API int vane_response_each_piece(const struct vane_response *res,
	int (*fn)(struct vane_slice bytes, void *data), void *data);

/* Append text or bytes to the body of the response; they are copied. */
VANE_API int vane_response_write(struct vane_response *res, const void *data, size_t len);
VANE_API int vane_response_puts(struct vane_response *res, const char *text);
VANE_API int vane_response_printf(struct vane_response *res, const char *fmt, ...)
	VANE_PRINTF(2, 3);
VANE_API int vane_response_vprintf(struct vane_response *res, const char *fmt, va_list args)
	VANE_PRINTF(2, 0);

/* Append text with & < > " ' written as HTML character references. */
VANE_API int vane_response_puts_html(struct vane_response *res, const char *text);

/*
 * Append HTML as printf() would, with what %s and %c give escaped as vane_response_puts_html() does:
 * vane_response_printf_html(res, "<li>%s, %d", name, age).  For text between tags, and for attributes
 * in quotes; not for scripts, styles and URLs.
 *
 * NULL in the place of a text is nothing; a width of %s counts for nothing, a precision in bytes
 * before escaping.  -EINVAL for %n, for wide characters and for what is no conversion.
 * Since 0.2.0.
 */
VANE_API int vane_response_printf_html(struct vane_response *res, const char *fmt, ...)
	VANE_PRINTF(2, 3);
VANE_API int vane_response_vprintf_html(
	struct vane_response *res, const char *fmt, va_list args) VANE_PRINTF(2, 0);

/*
 * Append a line of comma-separated values (RFC 4180), up to a NULL: those that need it stand in
 * quotes.  The type is the handler's to set, "text/csv; charset=utf-8".
 *
 * A spreadsheet takes what begins with "=", "+", "-" or "@" for a formula, in quotes or not, and runs
 * it (OWASP, CSV Injection).  Values are written as they are here, as programs want them back; where
 * people open the file, and strangers have written values, it is vane_response_puts_csv_safe().
 * Since 0.2.0.
 */
VANE_API int vane_response_puts_csv(struct vane_response *res, const char *const *values);

/*
 * The same for a spreadsheet: a value that it would take for a formula has an apostrophe in front of
 * it, and stands in quotes, as OWASP advises.  Those are values that begin with "=", "+", "-", "@", a
 * tab or a line end, but for plain numbers, "-1.50".  Other readers see the apostrophe.  Since 0.2.0.
 */
VANE_API int vane_response_puts_csv_safe(
	struct vane_response *res, const char *const *values);

/* Append bytes without a copy: they must not change until the response is finished. */
VANE_API int vane_response_write_ref(
	struct vane_response *res, const void *data, size_t len);

/* Append bytes from malloc(); they are passed on, and freed even if the call fails. */
VANE_API int vane_response_write_take(struct vane_response *res, void *data, size_t len);

/*
 * Append part of a file.  The descriptor is passed on, and closed even if the call fails.
 * A file that turns out shorter than that cuts the connection.
 */
VANE_API int vane_response_write_file(
	struct vane_response *res, int fd, int64_t offset, int64_t len);

/*
 * A body that is pulled as fast as the client takes it.
 *
 * pull() is told how much room there is in buf, 1 byte at least, writes as much of that as it has at
 * hand, and returns how many bytes it was: any number from 1 up to size; 0 at the end, or a negative
 * errno, which cuts the connection.  It is called again when those are on their way, and must not block
 * for long.  done() runs once, however the response ends; it may be NULL.
 *
 * -EAGAIN says that there is nothing now: what there was is sent, and pull() is called again after
 * vane_response_source_ready().  Where the mode lacks VANE_CAP_ASYNC nobody could call that: there it is
 * called again every now and then while the process waits, and the response is cut after
 * VANE_WAIT_MAX_MSEC of waiting in that request.
 */
struct vane_source {
	ssize_t (*pull)(void *data, char *buf, size_t size);
	void (*done)(void *data);
	void *data;
	int64_t length; /* bytes if known, else -1 */
};

/*
 * Append a body that is pulled as the client takes it.  The struct is copied; done() runs even if
 * the call fails.
 */
VANE_API int vane_response_write_source(
	struct vane_response *res, const struct vane_source *source);

/*
 * A source of this response that had nothing (-EAGAIN) has some again, or its end: it is pulled.
 *
 * To be called from the loop, not from pull(); until done() has run, which may be before this returns.
 * Does nothing if the source has not said that it has nothing.  Since 0.2.0.
 */
VANE_API void vane_response_source_ready(struct vane_response *res);

/*
 * Send what has been written so far, the head first.  Never waits natively: what the client
 * does not take at once is kept.  Without a Content-Length the body is chunked natively, and
 * framed by the front server elsewhere.
 */
VANE_API int vane_response_flush(struct vane_response *res);

/*
 * How many bytes were written and not taken yet: they wait for the client, or for a flush.  Of a
 * source only what has been pulled counts.
 *
 * What vane_response_write_ref() borrowed is free again as soon as this is 0.
 */
VANE_API size_t vane_response_pending(const struct vane_response *res);

/*
 * Run fn once when all that was flushed has been taken, so that there is room for more: for
 * deferred responses that are written as they come about.
 *
 * It does not run while nothing is pending: ask vane_response_pending() first.  fn may finish the
 * response; it runs as well when the client has gone and there is no vane_request_on_close().  NULL takes
 * it back.
 */
VANE_API void vane_response_on_drain(
	struct vane_response *res, vane_notice_fn fn, void *data);

/*
 * Say that the response will be finished later, by vane_response_finish().
 *
 * For a handler that answers from a callback (Tornado's @asynchronous).  Where the mode lacks
 * VANE_CAP_ASYNC the response must be finished before the handler returns all the same; if
 * it is not, that is logged and answered with 500.
 */
VANE_API int vane_response_defer(struct vane_response *res);

/*
 * Finish a response.  Neither req nor res may be used after it by a deferred handler.  Returns 0,
 * or -EALREADY if it is finished.
 */
VANE_API int vane_response_finish(struct vane_response *res);

/*
 * Finish a response as one whose handler returned rc is: a status of 400 to 599 is answered with
 * the application's error page, a negative errno is logged and answered with 500, and a response
 * whose head is on its way is cut.  For callbacks, which return nothing.
 *
 * As after vane_response_finish(), a deferred handler may not use req and res any more.  Returns 0,
 * or -EALREADY if it is finished.
 */
VANE_API int vane_response_give_up(struct vane_response *res, int rc);

/*
 * Answer with the error page of that status instead of what was written so far, with a
 * reason that only debug mode shows; that of a 500 is an error in the log, too.
 *
 * Returns 0, or -EALREADY after the head: a handler that returns that has its response cut, and
 * the log gives the reason.
 */
VANE_API int vane_response_send_error(
	struct vane_response *res, int status, const char *fmt, ...) VANE_PRINTF(3, 4);

/*
 * Have what is written be the whole message, head included (CGI's NPH): it is sent as it is, and
 * the connection is closed behind it, which its head should say.  status is for the access log.
 *
 * What was set and written before is dropped; fields are refused from now on.  -ENOTSUP where the
 * mode lacks VANE_CAP_RAW, and nothing has changed then; -EALREADY after the head; -EINVAL for
 * what is no status.
 */
VANE_API int vane_response_set_raw(struct vane_response *res, int status);

/*
 * Answer as a GET for target would be answered by the same application: an internal redirect
 * (RFC 3875, 6.2.2).  target is path and query as a client would send them, the mount included.
 *
 * The response so far is dropped, the rest of the body is not read, and HEAD stays HEAD; every other
 * method becomes GET, without the fields that describe a body.  The routes are asked anew when the
 * handler's function has returned, whatever it returns; at once if none is running: req and res
 * are not the handler's any more then.
 *
 * -EALREADY after the head, -ELOOP after ten of them, -EINVAL if target is malformed or does not begin
 * with "/", -EPIPE when the client is gone, -ENOMEM.  A failure is not remembered: the handler can
 * answer something else.
 */
VANE_API int vane_response_forward(struct vane_response *res, const char *target);

/*
 * Redirect with 301, 302, 303, 307 or 308 to a location (RFC 9110, 10.2.2).  It is percent-encoded
 * where it must be and otherwise sent as it is.
 */
VANE_API int vane_response_redirect(
	struct vane_response *res, int status, const char *location);

/*
 * Redirect with 301 to the request's target with a slash at the end of its path (Tornado's
 * addslash); the query stays.  Of several slashes at its beginning one is left: a Location of
 * "//name/" is another host (RFC 3986, 4.2).  Returns as vane_response_redirect() does, or
 * -ENOMEM.
 */
VANE_API int vane_response_add_slash(struct vane_response *res);

/* Whether the head of the response, status and header fields, is on its way. */
VANE_API bool vane_response_head_sent(const struct vane_response *res);

/* A cookie to set (RFC 6265, 4.1).  Only name and value are needed. */
struct vane_cookie {
	const char *name;
	const char *value;
	/* begins with "/"; NULL: "/"; "": none, it goes to the folder of the request */
	const char *path;
	const char *domain;    /* NULL or "": none, it goes to the host that was asked */
	const char *same_site; /* "Lax", "Strict", "None"; NULL: none */
	/* 0: as expires says; VANE_NO_LIMIT: 400 days, as long as browsers keep any */
	int64_t max_age_sec;
	/* seconds since 1970; 0: as max_age_sec says, without it until the browser closes */
	int64_t expires;
	bool secure;
	bool http_only;
	bool partitioned; /* one jar for each site that it is embedded in (CHIPS) */
};

/*
 * Set a cookie; each call adds a Set-Cookie field.
 *
 * An age is said in both ways, as Max-Age and as Expires; where expires is given too, clients that
 * know both go by the age (RFC 6265, 4.1.2.2).  -EINVAL for bytes that no cookie may have, for another
 * age below 0, and for what browsers drop without a word: a path that does not begin with "/",
 * SameSite=None and partitioned where it is not secure, a name that begins with "__Secure-" or
 * "__Host-" and attributes that say otherwise (RFC 6265bis, 4.1.3).  The log names the cookie and what
 * is wrong.
 */
VANE_API int vane_response_set_cookie(
	struct vane_response *res, const struct vane_cookie *cookie);

/*
 * Have the client forget a cookie (Tornado's clear_cookie): the one of that name, path and domain.
 *
 * So give the struct that it was set with; its value and lifetime do not count.  It is secure where
 * its name says so.  Returns as vane_response_set_cookie() does.  Since 0.2.0.
 */
VANE_API int vane_response_clear_cookie(
	struct vane_response *res, const struct vane_cookie *cookie);

/*
 * State the validators of what is about to be sent, and evaluate the request's preconditions
 * against them (RFC 9110, 13).
 *
 * etag is an entity-tag with its quotes, or NULL; modified is in seconds since 1970, or -1.
 * Returns 1 if the answer is complete (304 or 412), so that the handler can return 0 at
 * once; 0 if it should go on; or a negative errno.
 */
VANE_API int vane_response_set_validators(
	struct vane_response *res, const char *etag, int64_t modified);

#ifdef __cplusplus
}
#endif

#endif
