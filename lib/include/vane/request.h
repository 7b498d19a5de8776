/* SPDX-License-Identifier: MIT */
/*
 * vane/request.h - the request: method, path, header fields, arguments, cookies, body.
 *
 * All that these functions return belongs to the request and lives until the response is
 * finished.  Text never holds a NUL inside.  The answers are the same whichever door the
 * request came through; docs/fronts.md lists what a front server changes before we see it.
 */
#ifndef VANE_REQUEST_H
#define VANE_REQUEST_H

#include <vane/handler.h>
#include <vane/log.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The method, "GET" (RFC 9110, 9.1). */
VANE_API const char *vane_request_method(const struct vane_request *req);

/* The path as the routes see it: decoded once, without mount and query; begins with "/". */
VANE_API const char *vane_request_path(const struct vane_request *req);

/* The target as it was sent: raw path and query (RFC 9112, 3.2). */
VANE_API const char *vane_request_target(const struct vane_request *req);

/* The raw query without its "?", or NULL if the target had no "?". */
VANE_API const char *vane_request_query(const struct vane_request *req);

/* Where the application is mounted, "/app", or "" at the root (CGI's SCRIPT_NAME). */
VANE_API const char *vane_request_mount(const struct vane_request *req);

/*
 * Write the path of a named route into buf, as vane_app_url() does, with the mount of this
 * request before it: vane_request_url(req, buf, sizeof(buf), "story", "id", "7", NULL).
 */
VANE_API int vane_request_url(
	const struct vane_request *req, char *buf, size_t size, const char *name, ...);

/* The scheme as the client sees it: "http" or "https". */
VANE_API const char *vane_request_scheme(const struct vane_request *req);

/* The authority that was asked, in lower case, with its port if it had one: "example.org:8888". */
VANE_API const char *vane_request_host(const struct vane_request *req);

/*
 * The host that was asked, in lower case and without its port (RFC 3875, 4.1.14); an IPv6 address
 * stands in brackets.  "" if nobody said.
 */
VANE_API const char *vane_request_server_name(const struct vane_request *req);

/* The port that was asked: the authority's, else the carrier's, else the scheme's own. */
VANE_API int vane_request_server_port(const struct vane_request *req);

/*
 * The address that the client has connected to, as text (nginx's and Apache's SERVER_ADDR): a
 * front server's if there is one that says so.  "" for a unix socket, or if nobody knows.  Costs a
 * system call natively, the first time for a request.
 */
VANE_API const char *vane_request_server_addr(const struct vane_request *req);

/*
 * What the client spoke to whoever took its request, "HTTP/1.1" (CGI's SERVER_PROTOCOL): for logs
 * and gateways, not to answer differently.
 */
VANE_API const char *vane_request_version(const struct vane_request *req);

/* The client's address as text, "" for a unix socket, and where a front does not say or hides it. */
VANE_API const char *vane_request_remote_addr(const struct vane_request *req);

/* The client's port, 0 if unknown. */
VANE_API int vane_request_remote_port(const struct vane_request *req);

/*
 * Who this is: as the front server says (CGI's REMOTE_USER), or as a filter has found out
 * (vane_basic_auth_filter); "" if neither does.
 *
 * A front may say what it has not looked at: nginx with Debian's fastcgi_params, and HAProxy, take
 * the name from Authorization whatever the password.  What --print-config prints keeps them from it.
 */
VANE_API const char *vane_request_remote_user(const struct vane_request *req);

/*
 * Say who the user of this request is, for handlers and for the access log, in the place of what
 * was said before; the text is copied.  Returns 0, -ENOMEM, or -EINVAL for NULL.  Since 0.2.0.
 */
VANE_API int vane_request_set_remote_user(struct vane_request *req, const char *user);

/*
 * What this request is called in the log, so that what belongs to it can be found: as
 * vane_request_id_filter or somebody else has set it, "" if nobody has.  Since 0.2.0.
 */
VANE_API const char *vane_request_id(const struct vane_request *req);

/*
 * Give a request the name that it has in the log, its id: what vane_request_log() writes has it.
 * The text is copied; a response that is forwarded keeps it.  Returns 0, -ENOMEM, or -EINVAL for
 * NULL.  Since 0.2.0.
 */
VANE_API int vane_request_set_id(struct vane_request *req, const char *id);

/*
 * Whether a request has a line in the access log, if there is one: false for those that nobody wants to
 * see, as of health checks.  For handlers and filters, until the response has gone.  Since 0.2.0.
 */
VANE_API void vane_request_set_logged(struct vane_request *req, bool logged);

/*
 * A header field's value by its name in any case, NULL if there is none (RFC 9110, 5).
 *
 * Repeated fields are joined by ", ", Cookie by "; ".  Fields that concern only the
 * connection (Connection, Keep-Alive, TE, Trailer, Transfer-Encoding, Upgrade, Expect)
 * and Proxy are never there, in any mode.
 */
VANE_API const char *vane_request_field(const struct vane_request *req, const char *name);

/*
 * The i-th header field in no particular order, or false past the last.  Repeated fields may be
 * joined or not; names are in lower case.
 */
VANE_API bool vane_request_field_at(
	const struct vane_request *req, size_t i, const char **name, const char **value);

/*
 * Which of these media types the client likes best, by its Accept header field (RFC 9110, 12.5.1).
 *
 * types ends in NULL and has first what the handler likes best itself: that is returned where all
 * are welcome alike, and where the client has not said anything.  NULL if none will do, which 406
 * says, unless something is better than nothing.  The answer differs by that field, so that caches
 * want to be told: vane_response_add_field(res, "Vary", "Accept").  Since 0.2.0.
 */
VANE_API const char *vane_request_accepts(
	struct vane_request *req, const char *const *types);

/*
 * Which of these languages, "en" or "de-CH", the client likes best, by its Accept-Language header
 * field (RFC 9110, 12.5.4).  As vane_request_accepts(); who asks for "de" is given "de-CH", and who
 * asks for "de-CH" is content with "de".  Since 0.2.0.
 */
VANE_API const char *vane_request_accepts_language(
	struct vane_request *req, const char *const *languages);

/*
 * A parameter of the front server (CGI meta-variable) by its exact name, NULL if none.  Of
 * several of one name the last counts, also if it is empty: that is how a front's
 * configuration overrides its defaults.  HTTP_PROXY, which a client could set, is never there.
 */
VANE_API const char *vane_request_param(const struct vane_request *req, const char *name);

/*
 * The i-th parameter of the front server, in the order in which they were given: a name may come
 * again.  False past the last; natively there are none.
 */
VANE_API bool vane_request_param_at(
	const struct vane_request *req, size_t i, const char **name, const char **value);

/*
 * An argument by name: what the route's pattern matched, else the last of that name in a form body
 * (urlencoded, or a multipart part that is no file), else the last in the query, which is the order of
 * Tornado's get_argument().  NULL if there is none.  Reads the form when it is first needed; before
 * the body is here, as in .prepare, there is none.
 *
 * Values are as they were sent, white space at their ends included; vane_request_text_arg() takes
 * that off.
 *
 * A query or a form that cannot be read whole, as one with a NUL in a text (%00), has no arguments
 * at all: once a handler or a filter has asked for one, the request is answered with 400, or above a
 * limit with 414 (query) or 413 (form), when its function has returned, and none that would follow is
 * called.  Not so for who has looked at vane_request_query_error() or vane_request_form_error().
 *
 * What does harm where an argument is missing is asked for with vane_request_require_int() and its
 * like, which tell what is not there from what cannot be read, so that the handler returns at once.
 */
VANE_API const char *vane_request_arg(const struct vane_request *req, const char *name);

/* An argument by name, as vane_request_arg() finds it, or a default. */
VANE_API const char *vane_request_arg_or(
	const struct vane_request *req, const char *name, const char *otherwise);

/* An argument that the route's pattern matched; NULL if it has no such name. */
VANE_API const char *vane_request_path_arg(
	const struct vane_request *req, const char *name);

/* The i-th of an argument's values in the query, from 0; NULL past the last. */
VANE_API const char *vane_request_query_arg(
	const struct vane_request *req, const char *name, size_t i);

/* The i-th of an argument's values in the form body, from 0; NULL past the last. */
VANE_API const char *vane_request_form_arg(
	const struct vane_request *req, const char *name, size_t i);

/*
 * The i-th argument, from 0, in the order in which they were sent: of the route's pattern, of the
 * query, and of the form body, where files are none.  A name may come again.  False past the last.
 * Since 0.2.0.
 */
VANE_API bool vane_request_path_arg_at(
	const struct vane_request *req, size_t i, const char **name, const char **value);
VANE_API bool vane_request_query_arg_at(
	const struct vane_request *req, size_t i, const char **name, const char **value);
VANE_API bool vane_request_form_arg_at(
	const struct vane_request *req, size_t i, const char **name, const char **value);

/*
 * An argument as a whole number from min to max, by the name that vane_request_arg() would find.
 *
 * Returns 0 with the number in *value, which is left alone where there is no such argument: what it
 * holds is the default.  Else it returns what the handler is to return at once: 400 if it is no such
 * number, 400, 414 or 413 if the query or the form cannot be read (see vane_request_arg()), a negative
 * errno.  The page of a 400 names the argument and says what is wanted, not only in debug mode, and so
 * does the log; the value is not in it.
 *
 *	int64_t page = 1;
 *	int rc = vane_request_int_arg(req, "page", 1, 1000, &page);
 *
 *	if (rc != 0)
 *		return rc;
 *
 * A number is digits with "-" in front or not (HTML, 2.3.4.1), whatever the locale: not "+5", "5x", "5.0",
 * or one that an int64_t cannot hold.  White space at its ends does not count, and nothing but that is
 * no argument, as forms send what was left empty.  Since 0.2.0.
 */
VANE_API int vane_request_int_arg(struct vane_request *req, const char *name, int64_t min,
	int64_t max, int64_t *value);

/*
 * As vane_request_int_arg(), but the argument has to be there: without it, 400 as well.  Since 0.2.0.
 */
VANE_API int vane_request_require_int(struct vane_request *req, const char *name,
	int64_t min, int64_t max, int64_t *value);

/*
 * As vane_request_int_arg() and vane_request_require_int(): a number from min to max, which may be
 * infinite.  It is "-12.5", ".5" or "1e-3" (HTML, 2.3.4.3), with a dot whatever the locale; not
 * "5.", "inf", or one that a double cannot hold.  Since 0.2.0.
 */
VANE_API int vane_request_double_arg(
	struct vane_request *req, const char *name, double min, double max, double *value);
VANE_API int vane_request_require_double(
	struct vane_request *req, const char *name, double min, double max, double *value);

/*
 * As vane_request_int_arg() and vane_request_require_int(): true is 1, true, yes or on, as a check box
 * says, and false is 0, false, no or off, in any case.  Since 0.2.0.
 */
VANE_API int vane_request_bool_arg(struct vane_request *req, const char *name, bool *value);
VANE_API int vane_request_require_bool(
	struct vane_request *req, const char *name, bool *value);

/*
 * As vane_request_int_arg() and vane_request_require_int(): text of that many characters, SIZE_MAX
 * for any number, without white space at its ends.  It is UTF-8, and has no control characters but
 * tabs and line ends.  Where min_chars is above 0, an empty one is no argument.  Since 0.2.0.
 */
VANE_API int vane_request_text_arg(struct vane_request *req, const char *name,
	size_t min_chars, size_t max_chars, const char **value);
VANE_API int vane_request_require_text(struct vane_request *req, const char *name,
	size_t min_chars, size_t max_chars, const char **value);

/*
 * Why the query could not be read: 0, -EINVAL (a NUL in a text), -EMSGSIZE (more arguments than
 * vane_app_opts.max_args), -ENOMEM.  A query that cannot be read whole has no arguments at all, and
 * who has called this function has to answer for it.  Since 0.2.0.
 */
VANE_API int vane_request_query_error(const struct vane_request *req);

/*
 * Why the form body could not be read: 0, -EINVAL (malformed), -EMSGSIZE (too many parts or
 * arguments, or more bytes than vane_app_opts.max_form_bytes), -ENOMEM.  A form that cannot be read
 * whole has no arguments at all, and who has called this function has to answer for it.
 */
VANE_API int vane_request_form_error(const struct vane_request *req);

/* A cookie's value, NULL if there is none (RFC 6265, 5.4; the first of several). */
VANE_API const char *vane_request_cookie(const struct vane_request *req, const char *name);

/*
 * The i-th of the values of cookies of that name, from 0, in the order sent; NULL past the last.
 * Since 0.2.0.
 */
VANE_API const char *vane_request_cookie_value(
	const struct vane_request *req, const char *name, size_t i);

/*
 * The i-th cookie, from 0, in the order in which they were sent: a name may come again.  False past
 * the last.  What is malformed is passed over: pairs without "=" or without a name.  Since 0.2.0.
 */
VANE_API bool vane_request_cookie_at(
	const struct vane_request *req, size_t i, const char **name, const char **value);

/* The whole body; empty if there was none or .data took it. */
VANE_API struct vane_slice vane_request_body(const struct vane_request *req);

/* The announced length of the body in bytes, 0 without one, -1 while unknown. */
VANE_API int64_t vane_request_body_length(const struct vane_request *req);

/*
 * Have the handler read the body itself, with vane_request_read(): the method is called at once,
 * before the body is here.
 *
 * To be called from .prepare.  Returns 0, or -EALREADY when the body is being read, or has been.
 */
VANE_API int vane_request_stream(struct vane_request *req);

/*
 * Read the next bytes of the body.  One that was collected is read from where it is kept.
 *
 * Returns how many, 0 at its end, or a negative errno.  -EAGAIN natively when there are none now:
 * vane_request_on_body() says when to come back.  Other modes wait.  -EMSGSIZE above the limit
 * (answer 413), -EBADMSG if it is malformed or shorter than announced (answer 400), -EINVAL
 * before the method if it is not streamed, -EALREADY once the response is finished.  With another
 * errno the client is lost.
 */
VANE_API ssize_t vane_request_read(struct vane_request *req, void *buf, size_t size);

/*
 * Run fn once when vane_request_read() that said -EAGAIN has something to say again: bytes, the
 * end, or an error.  It may have nothing yet, seldom.
 *
 * fn may finish the response; for what else it does, see vane_request_on_close().  NULL takes it back.
 */
VANE_API void vane_request_on_body(struct vane_request *req, vane_notice_fn fn, void *data);

/*
 * A part of a multipart/form-data body (RFC 7578): a file, or a field of the form, which is an argument
 * too.
 */
struct vane_part {
	const char *name;     /* of the form's field, decoded */
	const char *filename; /* as the client said: never a path to open; NULL: no file */
	const char *content_type; /* as the client said; "" means text/plain */
	struct vane_slice body;   /* as it was sent; of a field, it holds no NUL */
};

/*
 * The i-th part of that name (NULL: any), from 0, files and fields in the order in which they were
 * sent; NULL past the last, and where the body is no such form or cannot be read.  Since 0.2.0.
 */
VANE_API const struct vane_part *vane_request_part(
	const struct vane_request *req, const char *name, size_t i);

/* As vane_request_part(), of the files only. */
VANE_API const struct vane_part *vane_request_upload(
	const struct vane_request *req, const char *name, size_t i);

/* How a part is saved as a file.  Zero means the default. */
struct vane_save_opts {
	unsigned mode VANE_ZERO; /* of the file, whatever the umask: 0640 */
	bool replace VANE_ZERO;  /* a file of that name gives way; else -EEXIST */
	bool sync VANE_ZERO;     /* it is on the disk when the call returns: slow */
};

/*
 * Save an uploaded file in a directory: whole or not at all.
 *
 * It gets its name when all of it is written, and takes no other file's place unless opts, which may
 * be NULL, say so; a symbolic link of that name is not followed.  The name is the program's choice:
 * what the client called its file is text of a stranger.  The call waits for the disk, so for
 * large files the handler is .blocking.
 *
 * Returns 0, or -EINVAL for a name that is empty, begins with a dot, or holds a slash or a control
 * character; -EEXIST; -ENOSPC and what else can happen to files.  Nothing is left behind then, but
 * where the process dies in the middle: a file whose name begins with ".upload-".  Since 0.2.0.
 */
VANE_API int vane_part_save(const struct vane_part *part, const char *directory,
	const char *name, const struct vane_save_opts *opts);

/*
 * Open a new temporary file without a name, where the application keeps large bodies
 * (vane_app_opts.temp_dir).  Returns a descriptor that is the caller's to close, or a negative
 * errno.
 */
VANE_API int vane_request_open_temp_file(const struct vane_request *req);

/* The .data of the route. */
VANE_API void *vane_request_data(const struct vane_request *req);

/* The pattern of the route, "" when none matched. */
VANE_API const char *vane_request_route(const struct vane_request *req);

/* The application that answers. */
VANE_API struct vane_app *vane_request_app(const struct vane_request *req);

/*
 * The loop that this request runs in; NULL where the mode has none (FastCGI, CGI, test): there a
 * handler waits by itself.
 */
VANE_API struct vane_loop *vane_request_loop(const struct vane_request *req);

/*
 * Say that the handler is about to wait: what .blocking says beforehand, said when it is known.
 * Idle connections of this process are handed to other workers.
 */
VANE_API void vane_request_block(struct vane_request *req);

/* The response to this request. */
VANE_API struct vane_response *vane_request_response(struct vane_request *req);

/*
 * Allocate memory that lives as long as the request, aligned for any type.
 *
 * NULL when there is none left, or no more than vane_app_opts.max_memory_bytes would be for this
 * request: what is asked for per tick or per piece is better had from malloc().
 */
VANE_API void *vane_request_alloc(struct vane_request *req, size_t size);

/*
 * Keep a pointer from one function that sees the request to the next, by owner: an address of your
 * own, as that of a filter's data or of a static variable; NULL for the handler of the route.  The
 * latest of an owner counts.  Returns 0 or -ENOMEM; the first owner of a request needs no memory.
 */
VANE_API int vane_request_set_state(
	struct vane_request *req, const void *owner, void *state);

/* What an owner has set last with vane_request_set_state(); NULL if it has not. */
VANE_API void *vane_request_state(const struct vane_request *req, const void *owner);

/* Whether this request's mode can do all of these: VANE_CAP_ bits. */
VANE_API bool vane_request_can(const struct vane_request *req, unsigned caps);

/* The mode that the request came by: "http", "fastcgi", "scgi", "cgi" or "test". */
VANE_API const char *vane_request_mode(const struct vane_request *req);

/* What the last call that failed on this request had to say, as text; "" if none did. */
VANE_API const char *vane_request_last_error(const struct vane_request *req);

/*
 * Write a line about this request to the log, with its method, path, client, route and id in front; a
 * line end of its own is dropped.  In FastCGI mode the web server's error log has it too, in
 * FCGI_STDERR (FastCGI 1.0, 5.3), at most 64 KiB for each request and until its response is over;
 * levels are nothing to web servers, nginx calls all of it an error.  Escaped and cut as vane_log()
 * does, and left out where that leaves the level out.
 */
VANE_API void vane_request_log(struct vane_request *req, enum vane_log_level level,
	const char *fmt, ...) VANE_PRINTF(3, 4);

/*
 * Run fn once when the client has gone before the response was finished.
 *
 * Where the mode cannot see it (see VANE_CAP_CLOSE_DETECT) it runs at the next write that
 * fails.  A deferred response must still be finished.  NULL takes the callback back.
 *
 * Who has no such callback, but waits with vane_request_on_body() or vane_response_on_drain(), is told by that.
 */
VANE_API void vane_request_on_close(
	struct vane_request *req, vane_notice_fn fn, void *data);

/*
 * Whether the client is known to have gone.  Where the mode must look for that (FastCGI, SCGI), it
 * looks, without waiting; as a CGI program nobody knows.
 */
VANE_API bool vane_request_gone(struct vane_request *req);

/*
 * Run fn after at least that many milliseconds, unless the response is finished before.
 *
 * Its return value means what a handler's does, but 0 does not finish a deferred response.
 * Fails with -ENOTSUP where there are no timers (VANE_CAP_TIMERS), -EALREADY when the response
 * is finished, -EPIPE when the client is gone, -ENOMEM.
 */
VANE_API int vane_request_after(
	struct vane_request *req, int64_t msec, vane_request_fn fn, void *data);

/* What a request may wait for altogether, in milliseconds, where there are no timers. */
#define VANE_WAIT_MAX_MSEC 30000

/*
 * Come back to this request after at least that many milliseconds, in any mode: fn goes on where the
 * handler has returned.  The response is deferred until then, so that a handler says
 *
 *	return vane_request_wait(req, 500, go_on, job);
 *
 * What fn returns means what a handler's function does: 0 finishes the response, unless fn waits or
 * defers again.  It is called after the function that waits has returned, and not at all if the response
 * is finished before.
 *
 * Where there are timers (VANE_CAP_TIMERS) others are served meanwhile.  Elsewhere the process waits, as
 * for a handler that blocks: see vane_request_block(), which is called; a stop waits for it too.  There
 * it is over sooner where the client is seen to leave (VANE_CAP_CLOSE_DETECT): fn of
 * vane_request_on_close() is told, and vane_request_gone() is true.
 *
 * Returns 0; -ENOTSUP where there are no timers and the request would wait longer altogether than
 * VANE_WAIT_MAX_MSEC, -EBUSY if it waits already, -EALREADY when the response is finished, -EPIPE when
 * the client is gone, -ENOMEM, or the response's first error.  Since 0.2.0.
 */
VANE_API int vane_request_wait(
	struct vane_request *req, int64_t msec, vane_request_fn fn, void *data);

#ifdef __cplusplus
}
#endif

#endif
