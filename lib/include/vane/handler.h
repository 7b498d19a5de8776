/* SPDX-License-Identifier: MIT */
/*
 * vane/handler.h - what answers a request, and how a request finds it.
 */
#ifndef VANE_HANDLER_H
#define VANE_HANDLER_H

#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a mode can do.  Not every front door can do everything: a handler asks with
 * vane_request_can(), and a route says in .needs what it cannot do without.
 */
enum vane_cap {
	/* answer after the handler has returned: vane_response_defer() */
	VANE_CAP_ASYNC = 1 << 0,
	VANE_CAP_TIMERS = 1 << 1, /* vane_request_after() */
	/* vane_response_flush() reaches the client at once */
	VANE_CAP_STREAM_OUT = 1 << 2,
	VANE_CAP_STREAM_IN = 1 << 3, /* .data sees the body as it comes in */
	/* vane_request_on_close() runs before the next write fails */
	VANE_CAP_CLOSE_DETECT = 1 << 4,
	VANE_CAP_MULTIREQUEST = 1 << 5, /* the process lives on after this request */
	VANE_CAP_SENDFILE = 1 << 6,     /* files leave without a copy through user space */
	VANE_CAP_RAW = 1 << 7           /* vane_response_set_raw() */
};

/*
 * Answer a request.
 *
 * Returns 0 when the answer is written (or deferred, see vane_response_defer), a status of 400 to 599
 * to have the application answer with its error page, or a negative errno, which is logged
 * and answered with 500.  What was written before is dropped in the last two cases; if the
 * head is on its way already, the connection is cut instead.
 */
typedef int (*vane_handler_fn)(struct vane_request *req, struct vane_response *res);

/* A piece of the request body.  Returns as a vane_handler_fn does; 0 goes on. */
typedef int (*vane_data_fn)(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len);

/* The response has been handed on, or the client is gone: there is nothing to answer any more. */
typedef void (*vane_finished_fn)(struct vane_request *req);

/* Something has happened to a request that somebody waits for; data is whose who waits. */
typedef void (*vane_notice_fn)(struct vane_request *req, void *data);

/* A function that may answer, with data of its own.  Returns as a vane_handler_fn does. */
typedef int (*vane_request_fn)(
	struct vane_request *req, struct vane_response *res, void *data);

/*
 * Write an error page of the program's own: for whatever Vane answers by itself with a status of
 * 400 or more, and for what handlers and filters return.
 *
 * The status is set, and nothing else; fields and a body are this function's to give, and it does
 * not finish or flush the response.  why is the reason, to be shown to developers: NULL unless
 * there is one and vane_app_opts.debug is set; or what is wrong with an argument, or with all of
 * them (vane_request_query_error()), to be shown to the client, whose bytes may be in it: HTML has to
 * escape it (vane_response_printf_html()).  What is malformed comes here too, where there may be no
 * path, no route and no fields.  Returns 0; or anything else to have the page of Vane's, which is HTML
 * or, if the client would rather have that, JSON (RFC 9457).
 */
typedef int (*vane_error_page_fn)(struct vane_request *req, struct vane_response *res,
	int status, const char *why, void *data);

/*
 * A handler: Tornado's RequestHandler as a table.  All members may be left out.
 *
 * HEAD falls back to .get; OPTIONS is answered with Allow when .options is NULL; a method
 * with no function falls back to .any, or is answered 405 with Allow.
 */
struct vane_handler {
	/*
	 * before any of the others, and before the body is read (see
	 * vane_request_stream()); if it answers, they do not run
	 */
	vane_handler_fn prepare VANE_ZERO;
	vane_handler_fn get VANE_ZERO;
	vane_handler_fn head VANE_ZERO;
	vane_handler_fn post VANE_ZERO;
	vane_handler_fn put VANE_ZERO;
	vane_handler_fn patch VANE_ZERO;
	vane_handler_fn del VANE_ZERO; /* DELETE: C++ has taken the word */
	vane_handler_fn options VANE_ZERO;
	vane_handler_fn any VANE_ZERO; /* every method that has no function of its own */
	/* take the body piece by piece instead of whole; the method runs after the last */
	vane_data_fn data VANE_ZERO;
	/* the response has been handed on, or the client is gone */
	vane_finished_fn finished VANE_ZERO;
	/* bytes, above them 413; 0: the application's limit, VANE_NO_LIMIT: none */
	int64_t max_body VANE_ZERO;
	unsigned needs VANE_ZERO; /* VANE_CAP_ bits; a mode that lacks one answers 501 */
	/*
	 * may hold up its process: idle connections are handed to other workers before it
	 * runs
	 */
	bool blocking VANE_ZERO;
	/*
	 * its requests are neither in the access log nor among the figures of --status, as those of
	 * a load balancer that asks each second how we are.  Since 0.2.0
	 */
	bool quiet VANE_ZERO;
};

struct vane_filter; /* vane/filter.h */

/*
 * A route.  A table of them ends with VANE_END, or { 0 }; the first match wins.
 *
 *	static const struct vane_route routes[] = {
 *		VANE_GET("/story/{id}", show_story),
 *		VANE_POST("/story/{id}", save_story),
 *		VANE_ROUTE("/static/{path:.*}", &vane_static_handler, files),
 *		VANE_END
 *	};
 *
 * The table is read when the application is made, and not again: in a program of vane_main() that is
 * behind .configure and before .start.  Data that is there later only is reached through something
 * that the table has the address of.
 *
 * A pattern is the path as text, in which {name} stands for one segment or a part of it, and
 * {name:regex} for what the regular expression (PCRE2) matches.  What they match is decoded
 * and found with vane_request_arg().  A pattern matches the whole path, after the mount.
 * "%2F" in a request never matches a slash of a pattern.
 *
 * A route leads to a handler, or to one function for one method (or for all); functions that stand
 * at the same pattern in one table are one handler to the client, which is told of all their methods
 * by 405 and OPTIONS.
 *
 * A route may stand for a group of them instead: its pattern comes in front of theirs, and its
 * filters before their handlers.  Groups may be nested.
 *
 * A regular expression that gives up, after 10,000 steps and 8 for each byte of the path or
 * with 1 MiB of stack, is an error and not "no match": 500 or 414, and a line in the log.
 *
 * Table, handlers and data are borrowed for as long as the application lives.
 */
struct vane_route {
	const char *pattern;
	const struct vane_handler *handler;
	void *data;       /* vane_request_data() */
	const char *name; /* for vane_request_url(), one route's only; NULL: none */
	/* in place of a handler: a function that answers one method */
	vane_handler_fn fn;
	const char *method; /* "GET", which stands for HEAD too; NULL: all of them */
	/* in place of both: routes below the pattern, which may be "", a group */
	const struct vane_route *routes;
	const struct vane_filter *filters; /* of the group; NULL: none */
};

/*
 * Routes as one line each: VANE_ROUTE(pattern, handler), or VANE_ROUTE(pattern, handler, data), or
 * VANE_ROUTE(pattern, handler, data, name).  The others take a function in place of the handler.
 */
#define VANE_ROUTE(pattern, ...)  VANE_ROUTE_(pattern, __VA_ARGS__, NULL, NULL, )
#define VANE_GET(pattern, ...)    VANE_METHOD_(pattern, "GET", __VA_ARGS__, NULL, NULL, )
#define VANE_POST(pattern, ...)   VANE_METHOD_(pattern, "POST", __VA_ARGS__, NULL, NULL, )
#define VANE_PUT(pattern, ...)    VANE_METHOD_(pattern, "PUT", __VA_ARGS__, NULL, NULL, )
#define VANE_PATCH(pattern, ...)  VANE_METHOD_(pattern, "PATCH", __VA_ARGS__, NULL, NULL, )
#define VANE_DELETE(pattern, ...) VANE_METHOD_(pattern, "DELETE", __VA_ARGS__, NULL, NULL, )
#define VANE_ANY(pattern, ...)    VANE_METHOD_(pattern, NULL, __VA_ARGS__, NULL, NULL, )
/* Routes below a prefix, with filters (or NULL) around them. */
#define VANE_GROUP(prefix, filters, routes)                                                \
	{ prefix, NULL, NULL, NULL, NULL, NULL, routes, filters }
/* The end of a table. */
#define VANE_END { NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL }

#define VANE_ROUTE_(pattern, handler, data, name, ...)                                     \
	{ pattern, handler, data, name, NULL, NULL, NULL, NULL }
#define VANE_METHOD_(pattern, method, fn, data, name, ...)                                 \
	{ pattern, NULL, data, name, fn, method, NULL, NULL }

#ifdef __cplusplus
}
#endif

#endif
