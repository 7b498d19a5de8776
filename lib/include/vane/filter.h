/* SPDX-License-Identifier: MIT */
/*
 * vane/filter.h - filters: what is done to every request of a group of routes before its handler,
 * and to every response after it (middleware).
 *
 *	#include <string.h>
 *	#include <vane.h>
 *
 *	static int need_key(struct vane_request *req, struct vane_response *res, void *data)
 *	{
 *		const char *key = vane_request_field(req, "X-Key");
 *
 *		(void) res;
 *		return key != NULL && strcmp(key, data) == 0 ? 0 : 403;
 *	}
 *	static const struct vane_filter_type key_filter = { .before = need_key };
 *	static char key[] = "swordfish";
 *	static const struct vane_filter guards[] = { VANE_FILTER(&key_filter, key), VANE_FILTER_END };
 *	static const struct vane_route admin[] = { VANE_GET("/users", list_users), VANE_END };
 *	static const struct vane_route routes[] = {
 *		VANE_GROUP("/admin", guards, admin), VANE_GET("/", home), VANE_END };
 *
 * Those of an application are those of a group with the prefix "" around all of its routes.
 *
 * Filters of outer groups come first, and each group's in the order of its list; on the way back
 * the order is reversed.  A request whose path has no route passes the filters of the innermost
 * group whose prefix it has, and is answered with 404 then.  One that is refused before a route is
 * looked for, as it is malformed, passes none.  Since 0.2.0.
 */
#ifndef VANE_FILTER_H
#define VANE_FILTER_H

#include <vane/handler.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A filter: what it does, as a table.  All members may be left out. */
struct vane_filter_type {
	/*
	 * Make ready what the filter needs, once for each place in a list, when the application is
	 * made: *data is what the other functions are given, config what the list has.  Returns 0,
	 * or a negative errno after saying why in the log: vane_app_new() fails with it.  NULL: the
	 * other functions are given config.
	 */
	int (*start)(void *config, void **data) VANE_ZERO;
	/* let go of that, when the application is freed */
	void (*stop)(void *data) VANE_ZERO;
	/*
	 * Before the handler: before its .prepare, and before the body is read.  Returns as a
	 * vane_handler_fn does.  Whoever answers here, by a status, by vane_response_finish() or by a
	 * response that it defers, keeps the request from the filters behind it and the handler; its
	 * own .after still runs, as that of those before it does.
	 */
	vane_request_fn before VANE_ZERO;
	/*
	 * When the head is about to leave, whoever has written it: a handler, a filter, or Vane with
	 * an error page.  Status and fields may be changed, and vane_response_filter_body() be called.
	 * It does not finish or forward the response: -EALREADY.  Returns 0, or a status or a negative
	 * errno to have an error page in place of the response, 500 if it was flushed before its end,
	 * which the filters before this one see then.  Not for raw responses.
	 */
	vane_request_fn after VANE_ZERO;
	/* the response has been handed on, or the client is gone; for whoever's .before has run */
	vane_notice_fn finished VANE_ZERO;
	/*
	 * The client has left, and the handler still holds its deferred response, perhaps for long:
	 * what is kept only for a body that nobody will get can be let go.  .finished comes all the
	 * same, when the handler has ended the response.
	 */
	vane_notice_fn abandoned VANE_ZERO;
	/*
	 * Write the error pages of the group, whoever has refused the request, this filter or those
	 * before it included: as vane_app_opts.error_page, before which it is asked, and with the
	 * filter's data.  The innermost rules; one that fails leaves it to the next outwards.  A
	 * request that is malformed is in no group.
	 */
	vane_error_page_fn error_page VANE_ZERO;
};

/* A place in a list of filters. */
struct vane_filter {
	const struct vane_filter_type *type;
	void *data; /* the filter's settings; it says of what type */
};

/* One place of a list, and its end. */
#define VANE_FILTER(type, data) { type, data }
#define VANE_FILTER_END         { NULL, NULL }

/* What a piece of a body is. */
enum vane_piece {
	VANE_PIECE_MORE,  /* bytes, and more will come */
	VANE_PIECE_FLUSH, /* no bytes: what there is so far is to reach the client now */
	VANE_PIECE_END    /* no bytes, and no more will come: write what is left */
};

struct vane_sink;

/*
 * Change a piece of the body on its way to the client: what is to be sent in its place goes to the
 * sink.  A piece that is not written is dropped.  Returns 0 or a negative errno, which cuts the
 * connection.
 */
typedef int (*vane_body_fn)(struct vane_request *req, struct vane_slice bytes,
	enum vane_piece piece, struct vane_sink *sink, void *data);

/* Hand bytes on, from within a vane_body_fn; they are copied.  Returns 0 or a negative errno. */
VANE_API int vane_sink_write(struct vane_sink *sink, const void *data, size_t len);

/*
 * Have the body pass through fn before it is sent, whatever it is made of.
 *
 * To be called before the head leaves, in .after as a rule.  Of several the first sees the body as
 * it was written.  The Content-Length that a handler has set is still what it has to write; the
 * client is told the length of what leaves, or none if that is only known at the end.  Files are
 * read then, and not sent by the kernel.  fn is not called where there is no body (HEAD, 204, 304).
 *
 * Returns 0, -EALREADY after the head, or -ENOMEM.
 */
VANE_API int vane_response_filter_body(
	struct vane_response *res, vane_body_fn fn, void *data);

#ifdef __cplusplus
}
#endif

#endif
