/* SPDX-License-Identifier: MIT */
/*
 * dispatch.c - the way of a request through an application: route, body, handler, response.
 *
 * The one place that knows the order of these things.
 */
#include <vane/driver.h>

#include <stdio.h>
#include <time.h>

#include <vane/log.h>

#include "app.h"
#include "dispatch.h"
#include "exchange.h"
#include "filter.h"
#include "limit.h"
#include "route.h"
#include "slice.h"
#include "status.h"

/* A handler that took that long is held to be slow for the next so many requests. */
#define SLOW_MSEC     20
#define SLOW_REQUESTS 16

/* When to come back with a body for which there is no room, in seconds. */
#define RETRY_SEC "10"

/* How often that is a warning. */
#define CROWDED_MSEC 60000

static int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * Run a function of the handler that may hold up the process: where others could go on with
 * our idle connections, they are given them first, and the time it took is remembered.  The first
 * time that it is found to be slow is told too.
 */
static int call_watched(struct vane_exchange *x, vane_handler_fn fn)
{
	struct vane__route *route = x->req.route;
	int64_t began;
	int rc;

	if (route->handler->blocking || route->slow > 0)
		x->driver->stall(x->carrier);
	began = now_msec();
	rc = fn(&x->req, &x->res);
	if (now_msec() - began >= SLOW_MSEC) {
		if (route->slow == 0 && !x->aborted)
			x->driver->stall(x->carrier);
		route->slow = SLOW_REQUESTS;
	} else if (route->slow > 0)
		route->slow--;
	return rc;
}

static int call(struct vane_exchange *x, vane_handler_fn fn)
{
	int rc;

	vane__exchange_set_state(x, VANE__HANDLER);
	x->running = true;
	x->req.called = (vane__code_fn) fn;
	rc = x->driver->stall != NULL ? call_watched(x, fn) : fn(&x->req, &x->res);
	x->running = false;
	return rc;
}

/* The function for a method, NULL if there is none. */
static vane_handler_fn function_for(const struct vane_handler *h, enum vane__method method)
{
	vane_handler_fn fn = NULL;

	switch (method) {
	case VANE__GET:
		fn = h->get;
		break;
	case VANE__HEAD:
		fn = h->head != NULL ? h->head : h->get;
		break;
	case VANE__POST:
		fn = h->post;
		break;
	case VANE__PUT:
		fn = h->put;
		break;
	case VANE__PATCH:
		fn = h->patch;
		break;
	case VANE__DELETE:
		fn = h->del;
		break;
	case VANE__OPTIONS:
		fn = h->options;
		break;
	default:
		break;
	}
	return fn != NULL ? fn : h->any;
}

/* Say which methods a handler has (RFC 9110, 10.2.1). */
static int add_allow(struct vane_exchange *x, const struct vane_handler *handler)
{
	static const char *const names[] = { "GET", "HEAD", "POST", "PUT", "PATCH",
		"DELETE", "OPTIONS" };
	char list[80] = "";
	size_t i, at = 0;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		enum vane__method method = vane__method(vane__slice(names[i]));

		if (handler != NULL && method != VANE__OPTIONS &&
			function_for(handler, method) == NULL)
			continue;
		at += (size_t) snprintf(
			list + at, sizeof(list) - at, "%s%s", at > 0 ? ", " : "", names[i]);
	}
	return vane_response_set_field(&x->res, "Allow", list);
}

/* OPTIONS without a function of the handler's. */
static void answer_options(struct vane_exchange *x, const struct vane_handler *handler)
{
	add_allow(x, handler);
	vane_response_set_status(&x->res, 204);
	vane__exchange_finish(x);
}

static void answer_405(struct vane_exchange *x, const struct vane_handler *handler)
{
	if (vane__error_page(x, 405, NULL) < 0 || add_allow(x, handler) < 0)
		vane__exchange_end(x, -ENOMEM);
	else
		vane__exchange_finish(x);
}

/* The mode lacks what the route needs: say so, and which (RFC 9110, 15.6.2). */
static void answer_unserved(struct vane_exchange *x, unsigned lacking)
{
	char names[128] = "", why[256];
	unsigned cap;
	size_t at = 0;

	for (cap = 1; cap != 0 && cap <= lacking; cap <<= 1)
		if (lacking & cap)
			at += (size_t) snprintf(names + at, sizeof(names) - at, "%s%s",
				at > 0 ? ", " : "", vane_cap_name(cap));
	snprintf(why, sizeof(why), "not available in %s mode: %s", x->driver->mode, names);
	vane__exchange_explain(x, 501, why);
	if (vane__error_page(x, 501, why) < 0 ||
		vane_response_add_field(&x->res, "X-Vane-Unavailable", names) < 0)
		vane__exchange_end(x, -ENOMEM);
	else
		vane__exchange_finish(x);
}

/* The body is there, or there is none, or it is the handler's business: run the method. */
static void handle(struct vane_exchange *x)
{
	const struct vane_handler *handler = x->req.route->handler;
	int rc = 0;

	/* .data may have asked for arguments that cannot be read; who has deferred answers itself */
	if (!vane__request_args_wrong(&x->req) || x->res.deferred)
		rc = call(x, function_for(handler, x->req.method));
	vane__exchange_conclude(x, rc);
}

/* For who looks at warnings only: one line now and then. */
static void warn_crowded(struct vane_app *app)
{
	int64_t now = now_msec();

	if (app->crowded_msec != 0 && now - app->crowded_msec < CROWDED_MSEC)
		return;
	app->crowded_msec = now;
	vane_log(VANE_LOG_WARNING,
		"requests are answered with 503: the bodies of all of them together are above "
		"--max-body-total, %lld bytes",
		(long long) app->opts.max_body_total_bytes);
}

/* All bodies together are as large as they may be. */
static void answer_crowded(struct vane_exchange *x)
{
	static const char why[] =
		"the bodies of all requests together are above --max-body-total";

	warn_crowded(x->app);
	vane__exchange_explain(x, 503, why);
	if (vane__error_page(x, 503, why) < 0 ||
		vane_response_add_field(&x->res, "Retry-After", RETRY_SEC) < 0)
		vane__exchange_end(x, -ENOMEM);
	else
		vane__exchange_finish(x);
}

/* The body could not be read: what there is of it leaves room for others at once. */
static void fail_body(struct vane_exchange *x, int rc)
{
	vane__body_reset(x, 0);
	if (rc == 503)
		answer_crowded(x);
	else if (rc == -EBADMSG)
		vane__exchange_fail(x, 400, "the body is malformed or short");
	else
		vane__exchange_fail(x, rc, rc == 413 ? "the body is too large" : NULL);
}

/* Read what body there is, and go on when it is whole. */
static void receive(struct vane_exchange *x)
{
	const struct vane_handler *handler = x->req.route->handler;
	int answer = 0, rc = 1;

	x->req.body_way = VANE__BODY_COLLECTED;
	if (x->req.env.body_length != 0)
		rc = vane__body_read(x, handler->data, &answer);
	if (rc == 0)
		return;
	if (rc == 1)
		handle(x);
	else if (rc == 2)
		vane__exchange_conclude(x, answer);
	else
		fail_body(x, rc);
}

/* Whether what has run keeps the request from whatever would run next. */
static bool is_over(const struct vane_exchange *x, int rc)
{
	return rc != 0 || x->res.finished || x->res.deferred || x->aborted ||
	       vane__request_args_wrong(&x->req);
}

/* The handler is asked before its method, and before the body: it may want to read that. */
static void prepare(struct vane_exchange *x, vane_handler_fn fn)
{
	int rc = call(x, fn);

	if (is_over(x, rc)) {
		vane__exchange_conclude(x, rc);
	} else if (x->req.body_way == VANE__BODY_STREAMED) {
		handle(x);
	} else {
		vane__exchange_set_state(x, VANE__BODY);
		receive(x);
	}
}

static int64_t body_limit(const struct vane_exchange *x)
{
	int64_t max = x->req.route->handler->max_body;

	if (LIKELY(max == 0))
		return x->opts->max_body_bytes;
	return max > 0 ? max : VANE__UNLIMITED;
}

/* A route was found: see whether it can answer, and read the body. */
static void accept_request(struct vane_exchange *x)
{
	const struct vane_handler *handler = x->req.route->handler;
	int64_t max = body_limit(x);
	unsigned lacking = handler->needs & ~x->driver->caps;

	if (lacking != 0) {
		answer_unserved(x, lacking);
		return;
	}
	if (function_for(handler, x->req.method) == NULL) {
		if (x->req.method == VANE__OPTIONS)
			answer_options(x, handler);
		else
			answer_405(x, handler);
		return;
	}
	if (x->req.env.body_length > max) {
		vane__exchange_fail(x, 413, "the body is too large");
		return;
	}
	vane__body_init(x, max);
	if (handler->prepare != NULL)
		prepare(x, handler->prepare);
	else
		receive(x);
}

/* Whether the filters let it pass; if not, they have answered. */
static bool pass(struct vane_exchange *x, const struct vane__filters *filters)
{
	int rc;

	vane__exchange_set_state(x, VANE__HANDLER);
	x->running = true;
	rc = vane__filters_enter(x, filters);
	x->running = false;
	if (is_over(x, rc) || x->res.error < 0) {
		vane__exchange_conclude(x, rc);
		return false;
	}
	vane__exchange_set_state(x, VANE__BODY);
	return true;
}

/* A route was found, or several that differ in their methods. */
static void enter_route(struct vane_exchange *x, struct vane__route *route)
{
	if (route->next_method != NULL)
		route = vane__route_of_method(route, x->req.method, x->req.env.method);
	x->req.route = route;
	if (UNLIKELY(vane__score != NULL))
		VANE__SCORE_SET(vane__score->route, route->number);
	if (LIKELY(route->filters == NULL) || pass(x, route->filters))
		accept_request(x);
}

/* No route was found: the filters of the group whose path it is see it all the same. */
static void answer_404(struct vane_exchange *x)
{
	const struct vane__filters *filters =
		vane__router_filters(x->app->router, x->req.route_path);

	if (filters == NULL || pass(x, filters))
		vane__exchange_fail(x, 404, NULL);
}

static void begin(struct vane_exchange *x, const struct vane_driver *driver, void *carrier)
{
	struct timespec ts;

	assert(x->state == VANE__IDLE);
	x->driver = driver;
	x->carrier = carrier;
	x->req.method = vane__method(x->req.env.method);
	x->state = VANE__BODY;
	vane__response_init(&x->res, x->req.method == VANE__HEAD);
	if (UNLIKELY(vane__score != NULL)) {
		vane__exchange_score_begin(x);
		return;
	}
	if (x->opts->access_log == VANE_ACCESS_LOG_OFF)
		return;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	x->began_usec = (int64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/*
 * Nobody can say whether a route is meant.  To go on with the next one would be to let in what
 * the first is there to keep out.
 */
static void fail_route(struct vane_exchange *x, const struct vane__route *route, int rc)
{
	bool long_path = rc == -ENAMETOOLONG;

	if (!long_path && rc != -ELOOP && rc != -EINVAL) {
		vane__exchange_fail(x, rc, NULL);
		return;
	}
	vane_log(long_path ? VANE_LOG_WARNING : VANE_LOG_ERROR,
		"%s (%s): the regular expression of route %s gives up on a path of %zu "
		"bytes, which %s: %.200s",
		vane_request_method(&x->req), vane_request_remote_addr(&x->req),
		route->pattern, x->req.route_path.len,
		long_path ? "is too long for it" : "takes it too many steps", x->req.path);
	vane__exchange_fail(x, long_path ? 414 : 500,
		long_path ? "the path is too long for a regular expression"
			  : "a regular expression takes too many steps");
}

void vane__exchange_route(struct vane_exchange *x)
{
	struct vane__route *route = NULL;
	int rc = vane__router_match(
		x->app->router, x->req.route_path, &x->arena, &x->req.path_args, &route);

	if (LIKELY(rc == 1)) {
		enter_route(x, route);
	} else if (rc == 0) {
		answer_404(x);
	} else {
		fail_route(x, route, rc);
	}
}

/* Route a request that has begun. */
static void route(struct vane_exchange *x)
{
	int rc;

	if (x->req.method == VANE__UNKNOWN) {
		vane__exchange_fail(x, 501, "the method is not known");
		return;
	}
	rc = vane__request_init(x);
	if (rc == 0 && UNLIKELY(x->req.path[0] == '*')) {
		if (x->req.method == VANE__OPTIONS)
			answer_options(x, NULL);
		else
			vane__exchange_fail(x, 400, "only OPTIONS may ask for *");
		return;
	}
	if (LIKELY(rc == 0)) {
		vane__exchange_route(x);
		return;
	}
	if (rc == -ENOMEM && x->arena.refused)
		rc = 431;
	x->malformed = rc == 400;
	vane__exchange_fail(x, rc, x->req.last_error);
}

void vane_exchange_start(
	struct vane_exchange *x, const struct vane_driver *driver, void *carrier)
{
	struct vane_exchange *before = vane__exchange_enter(x);

	begin(x, driver, carrier);
	route(x);
	vane__exchange_leave(before);
}

void vane_exchange_refuse(struct vane_exchange *x, const struct vane_driver *driver,
	void *carrier, int status)
{
	struct vane_exchange *before = vane__exchange_enter(x);

	begin(x, driver, carrier);
	x->req.mount = SLICE("");
	x->req.path = "";
	x->malformed = true;
	vane__exchange_fail(x, status, x->req.env.why);
	vane__exchange_leave(before);
}

void vane_exchange_readable(struct vane_exchange *x)
{
	struct vane_exchange *before = vane__exchange_enter(x);

	if (x->state == VANE__BODY)
		receive(x);
	else if (x->state == VANE__HANDLER)
		vane__exchange_tell_body(x);
	vane__exchange_leave(before);
}
