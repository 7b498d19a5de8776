/* SPDX-License-Identifier: MIT */
/*
 * vane/driver.h - the waist: what carries an exchange, and what an exchange asks of it.
 *
 * For those who bring requests in; handlers never need it.  A driver moves bytes and knows
 * nothing of routes, the application knows routes and nothing of sockets, and everything a
 * client can observe is decided above this line, once.  It is Vane's WSGI: environ is struct
 * vane_env, start_response is begin, the iterable is write, wsgi.input is read:
 *
 *	vane_exchange_new()                      once, or once per slot
 *	  vane_exchange_env(x)                   the head of a request is here: it is filled in
 *	  vane_exchange_start(x, driver, carrier)  and the request is answered
 *	    driver->read() ...                   as long as body is wanted; -EAGAIN if none is here
 *	  vane_exchange_readable(x)              there is more body now
 *	    driver->begin(), write() ..., end()  the response; write may say -EAGAIN
 *	  vane_exchange_writable(x)              there is room again
 *	  vane_exchange_reset(x)                 after end(): ready for the next request
 *
 * end() comes once for each start, always: from within any of these calls, or much later, from a
 * timer, and also after an abort.  Until then the carrier has to stay.
 */
#ifndef VANE_DRIVER_H
#define VANE_DRIVER_H

#include <vane/app.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sockaddr;

/*
 * A request's head, as the driver understands it.
 *
 * All that it points to stays where it is until the exchange is reset; memory from
 * vane_exchange_alloc() does.  Names and values of fields and params are followed by a NUL.
 * A slice whose data is NULL says that the driver does not know.
 */
struct vane_env {
	struct vane_slice method;
	struct vane_slice target; /* origin-form, or "*"; raw */
	/* CGI's, decoded; used if the application asks for it */
	struct vane_slice path_info;
	struct vane_slice query;       /* CGI's, used with path_info only */
	struct vane_slice script_name; /* CGI's, decoded */
	struct vane_slice host;        /* authority of the target or of Host */
	struct vane_slice server_name; /* used when there is no host */
	int server_port;
	bool https;
	struct vane_slice remote_addr; /* as text; NULL: see peer */
	int remote_port;
	/*
	 * NULL: unknown; AF_UNIX: on a unix socket, also where remote_addr is given, and
	 * empty
	 */
	const struct sockaddr *peer;
	struct vane_slice remote_user;
	const struct vane_field *fields; /* names in lower case */
	size_t field_count;
	const struct vane_field *params; /* the front server's, names as given */
	size_t param_count;
	int64_t body_length; /* bytes, 0: none, -1: unknown until its end */
	/*
	 * The one member that a driver may set later: of a body of unknown length, bytes that the
	 * peer has announced and read() has not given yet (a chunk's), so that one which is going
	 * to be too large is not waited for
	 */
	int64_t body_announced;
	const char *version; /* for the access log, "HTTP/1.1" */
	const char *why;     /* to be refused, for the log; NULL: not said */
};

/* A response's head.  It lives only for the length of the call. */
struct vane_head {
	int status;
	struct vane_slice reason; /* the words behind it */
	/* "Name: value\r\n" each; Content-Length among them if known */
	struct vane_slice fields;
	int64_t length;            /* of the body in bytes; -1: known at its end */
	bool bodyless;             /* HEAD, 204, 304: no write() will come */
	bool has_date, has_server; /* the handler has set these itself */
	bool malformed; /* so was the request: the connection is not to be kept */
	/*
	 * VANE_CAP_RAW: what will be written has a head of its own, and the connection is
	 * not to be kept; only status counts here
	 */
	bool raw;
};

/*
 * What carries exchanges.  The carrier is the driver's own: a connection, say.  Pieces and
 * heads are not kept after a call returns.
 */
struct vane_driver {
	const char *mode; /* "http", "fastcgi", "scgi", "cgi", "test" */
	unsigned caps;    /* VANE_CAP_ bits */

	/*
	 * Copy up to size bytes of the body.  Returns how many, 0 at its end, -EAGAIN if there
	 * is nothing now (vane_exchange_readable() follows if it wants some still), -EBADMSG if
	 * it is malformed or shorter than announced, another negative errno if the peer is lost.
	 *
	 * With a size of 0 nothing is copied: body is wanted from now on, of which there was none
	 * last time, and vane_exchange_readable() is to follow when there is some.  Returns 0.
	 */
	ssize_t (*read)(void *carrier, void *buf, size_t size);

	/* Take the head; it may stay in a buffer.  Returns 0 or a negative errno. */
	int (*begin)(void *carrier, const struct vane_head *head);

	/*
	 * Take body bytes.  Returns how many of them, all told, are taken (never 0 of some), or
	 * -EAGAIN (vane_exchange_writable() follows), or a negative errno if the peer is lost.
	 */
	ssize_t (*write)(void *carrier, const struct vane_slice *piece);

	/*
	 * Take body bytes from a file; may be NULL.  As write, or -ENOTSUP: they are read and
	 * written instead.
	 */
	ssize_t (*sendfile)(void *carrier, int fd, int64_t offset, size_t len);

	/* Let what was taken reach the client.  Returns 0 or a negative errno. */
	int (*flush)(void *carrier);

	/*
	 * The exchange is over.  rc is 0 if the response is whole; else what the client has is
	 * not to be taken for whole: cut the connection.  begin may not have been called then.
	 * The exchange is the driver's again, to reset or to free, but only after the call into
	 * the exchange that is running has returned.
	 *
	 * One that was aborted has freed itself when this comes, with that error: what its env
	 * points to is no longer needed, and neither is the carrier.
	 */
	void (*end)(void *carrier, int rc);

	/*
	 * See whether the peer has closed or taken its request back: 0, or -EPIPE.  Does not wait,
	 * and takes no bytes of a body.  May be NULL: it is told by vane_exchange_abort(), or cannot
	 * be seen.
	 */
	int (*peer_closed)(void *carrier);

	/*
	 * A line for the log of the front's administrator (FCGI_STDERR); may be dropped, and does not
	 * wait.  NULL: there is none, or it is our standard error.
	 */
	void (*log)(void *carrier, const struct vane_slice *line);

	/*
	 * The process is about to end, and the response is whole: send what is left of it, and wait
	 * for room a while.  NULL: flush sends all.  Since 0.2.0.
	 */
	int (*send_off)(void *carrier);

	/* The handler that runs next may block: let other workers have what waits.  May be NULL. */
	void (*stall)(void *carrier);

	/*
	 * The address that the client has connected to, up to so many bytes: 0 or a negative
	 * errno.  NULL: the front's SERVER_ADDR says.
	 */
	int (*local)(void *carrier, struct sockaddr *addr, size_t size);
};

/*
 * Make an exchange for an application.  loop is the one that its handlers see and that their timers
 * run in; NULL where a mode has none, though it may turn one itself.  Both are borrowed.  Returns 0
 * or -ENOMEM.
 */
VANE_API int vane_exchange_new(
	struct vane_exchange **x, struct vane_app *app, struct vane_loop *loop);

/* Free an exchange that is not running.  NULL is fine. */
VANE_API void vane_exchange_free(struct vane_exchange *x);

/* Forget the last request of an exchange.  Memory is kept for the next one. */
VANE_API void vane_exchange_reset(struct vane_exchange *x);

/* Allocate memory that lives until the exchange is reset; NULL when there is none. */
VANE_API void *vane_exchange_alloc(struct vane_exchange *x, size_t size);

/* The env of the next request, empty as yet, for the driver to fill in; after that it is not to be written to. */
VANE_API struct vane_env *vane_exchange_env(struct vane_exchange *x);

/*
 * Route and answer a request that has come, whose env is filled in.  The driver, and what it is
 * able to do, are the exchange's until end().
 */
VANE_API void vane_exchange_start(
	struct vane_exchange *x, const struct vane_driver *driver, void *carrier);

/*
 * Refuse a request that has come and is not to be routed: it is answered with the application's
 * error page of that status, and is in the access log.  Its env holds what could be understood.
 */
VANE_API void vane_exchange_refuse(struct vane_exchange *x,
	const struct vane_driver *driver, void *carrier, int status);

/* Say that the driver has more body, or its end, or an error: read() is called again. */
VANE_API void vane_exchange_readable(struct vane_exchange *x);

/* Say that the driver has room again: write() is called again. */
VANE_API void vane_exchange_writable(struct vane_exchange *x);

/*
 * Say that the peer is gone.  The driver may not use the exchange any more: it frees itself, at
 * once or when its handler has finished, and then end() comes with rc, and no other call before
 * that.  Where a mode has no VANE_CAP_ASYNC that is before this returns, unless the handler is on
 * the stack.
 */
VANE_API void vane_exchange_abort(struct vane_exchange *x, int rc);

/* Whether an exchange runs that a drain should wait for: started and not ended. */
VANE_API bool vane_exchange_running(const struct vane_exchange *x);

/* Whether an exchange wants body at the moment, so that the driver should watch for some. */
VANE_API bool vane_exchange_wants_body(const struct vane_exchange *x);

/*
 * Whether a function of the handler runs that has not finished its response.  Where a mode has no
 * VANE_CAP_ASYNC, read() and write() are to wait then, if there is nothing and no room: nobody would
 * call the handler again.  At any other time they say -EAGAIN.
 */
VANE_API bool vane_exchange_in_handler(const struct vane_exchange *x);

/*
 * Fill in the env of the next request from CGI meta-variables (RFC 3875, 4.1): NAME=value strings
 * up to a NULL, as in environ.  The strings are borrowed until the reset.
 *
 * Understands what front servers really send; see docs/fronts.md.  Returns 0, a status of
 * 400 or more to refuse the request with, or -ENOMEM.
 */
VANE_API int vane_exchange_env_from_cgi(struct vane_exchange *x, char *const *vars);

/*
 * Fill in the env of the next request from names and values, each followed by a NUL, as
 * vane_exchange_env_from_cgi() does.  They are borrowed until the reset, and so is the array, which
 * is written to: what nobody is to see is taken out.
 */
VANE_API int vane_exchange_env_from_params(
	struct vane_exchange *x, struct vane_field *params, size_t count);

#ifdef __cplusplus
}
#endif

#endif
