/* SPDX-License-Identifier: MIT */
/*
 * dispatch.c - the way of a request through an application: route, body, handler, response.
 *
 * The one place that knows the order of things.  Drivers call in from below (driver.h), handlers
 * from above (flush, finish, vane_after); both end up here, and every exchange ends in end().
 */
#include <vane/driver.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <vane/log.h>

#include "app.h"
#include "exchange.h"
#include "route.h"
#include "slice.h"
#include "status.h"

/* What a reset leaves in the buffers of an exchange. */
#define KEEP_BYTES (64 * 1024)

/* A handler that took that long is held to be slow for the next so many requests. */
#define SLOW_MSEC     20
#define SLOW_REQUESTS 16

/* A timer of a handler: vane_after(). */
struct vane__after {
	struct vane_exchange_timer timer;
	struct vane_exchange *x;
	vane_handler_fn fn;
	struct vane__after *next;
	bool armed;
};

static void receive(struct vane_exchange *x);

int vane_exchange_new(
	struct vane_exchange **out, struct vane_app *app, const struct vane_driver *driver)
{
	struct vane_exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return -ENOMEM;
	x->driver = driver;
	x->app = app;
	x->opts = &app->opts;
	x->trust = app->trust;
	x->req.body.fd = -1;
	*out = x;
	return 0;
}

void vane_exchange_reset(struct vane_exchange *x)
{
	struct buf mem;

	assert(!vane_exchange_running(x));
	vane__response_reset(&x->res, KEEP_BYTES);
	vane__body_reset(&x->req.body, KEEP_BYTES);
	vane__arena_reset(&x->arena);
	mem = x->req.body.mem;
	x->req = (struct vane_request){ .body = { .mem = mem, .fd = -1 } };
	x->timers = NULL;
	x->state = VANE__IDLE;
	x->prepared = x->malformed = false;
}

void vane_exchange_free(struct vane_exchange *x)
{
	if (x == NULL)
		return;
	vane__response_reset(&x->res, 0);
	vane__body_reset(&x->req.body, 0);
	vane__arena_fini(&x->arena);
	free(x);
}

void *vane_exchange_alloc(struct vane_exchange *x, size_t size)
{
	return vane__arena_alloc(&x->arena, size);
}

bool vane_exchange_running(const struct vane_exchange *x)
{
	return x->state != VANE__IDLE && x->state != VANE__ENDED;
}

bool vane_exchange_wants_body(const struct vane_exchange *x)
{
	return x->state == VANE__BODY;
}

static void stop_timers(struct vane_exchange *x)
{
	struct vane__after *after;

	for (after = x->timers; after != NULL; after = after->next)
		if (after->armed)
			x->driver->timer(x->carrier, &after->timer, -1);
	x->timers = NULL;
}

/* The exchange is over: tell the handler, the log, and the driver. */
static void end(struct vane_exchange *x, int rc)
{
	const struct vane_route *route = x->req.route != NULL ? x->req.route->given : NULL;

	stop_timers(x);
	x->res.finished = true;
	vane__output_drop(&x->res);
	if (route != NULL && route->handler->finished != NULL)
		route->handler->finished(&x->req);
	if (x->opts->access_log != VANE_ACCESS_LOG_OFF || rc < 0)
		vane__access_log(x, rc);
	x->state = VANE__ENDED;
	if (!x->orphan)
		x->driver->end(x->carrier, rc);
	else if (!x->running)
		vane_exchange_free(x);
}

/* The peer is gone: whoever wanted to know is told, once. */
static void tell_closed(struct vane_exchange *x)
{
	vane_notice_fn fn = x->req.on_close;

	x->req.on_close = NULL;
	if (fn != NULL)
		fn(&x->req);
}

/* Whether the response has all the body that its Content-Length promised. */
static int check_promise(struct vane_exchange *x)
{
	const struct vane_response *res = &x->res;

	if (res->promised < 0 || res->bodyless || vane__status_bodyless(res->status) ||
		res->written == res->promised)
		return 0;
	vane_log(VANE_LOG_ERROR,
		"%s %s: Tried to write %lld bytes less than Content-Length",
		vane_request_method(&x->req), vane_request_path(&x->req),
		(long long) (res->promised - res->written));
	return -EPROTO;
}

/* Give the driver what it takes of a finished response. */
static void push(struct vane_exchange *x)
{
	int rc = x->carrier != NULL ? vane__output(x, true) : -EPIPE;

	if (rc == 0)
		return;
	if (rc == 1)
		rc = check_promise(x);
	if (rc < 0)
		tell_closed(x);
	end(x, rc);
}

static void finish(struct vane_exchange *x)
{
	x->state = VANE__SENDING;
	x->res.finished = true;
	push(x);
}

static void log_failure(struct vane_exchange *x, int rc)
{
	bool gone = rc == -EPIPE || rc == -ECONNRESET;

	vane_log(gone ? VANE_LOG_DEBUG : VANE_LOG_ERROR, "%s %s (%s) route %s: %s",
		vane_request_method(&x->req), vane_request_path(&x->req),
		vane_request_remote_addr(&x->req), vane_request_route(&x->req),
		rc < 0 ? strerror(-rc) : "the handler returned a status that is no error");
}

/* Answer with an error page, or cut what is on its way already. */
static void fail(struct vane_exchange *x, int rc, const char *why)
{
	int status = rc >= 400 && rc <= 599 ? rc : 500;

	if (status != rc)
		log_failure(x, rc);
	if (x->carrier == NULL || x->res.head_sent || vane__error_page(x, status, why) < 0) {
		tell_closed(x);
		end(x, rc < 0 ? rc : -EIO);
		return;
	}
	finish(x);
}

/* A handler has returned without an answer where nothing can come later. */
static void fail_unfinished(struct vane_exchange *x)
{
	static const char text[] = "request did not finish synchronously";

	vane_log(VANE_LOG_ERROR, "%s: %s %s (%s) route %s mode %s", text,
		vane_request_method(&x->req), vane_request_path(&x->req),
		vane_request_remote_addr(&x->req), vane_request_route(&x->req),
		x->driver->mode);
	fail(x, 500, text);
}

/* Act upon what a function of the handler returned. */
static void conclude(struct vane_exchange *x, int rc)
{
	if (x->res.finished)
		return;
	if (rc == 0)
		rc = x->res.error;
	if (rc != 0)
		fail(x, rc, rc < 0 ? strerror(-rc) : NULL);
	else if (!x->res.deferred)
		finish(x);
	else if ((x->driver->caps & VANE_CAP_ASYNC) == 0)
		fail_unfinished(x);
}

static int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * Run a function of the handler that may hold up the process: where others could go on with
 * our idle connections, they are given them first, and the time it took is remembered.
 */
static int call_watched(struct vane_exchange *x, vane_handler_fn fn)
{
	struct vane__route *route = x->req.route;
	int64_t began;
	int rc;

	if (route->given->handler->blocking || route->slow > 0)
		x->driver->stall(x->carrier);
	began = now_msec();
	rc = fn(&x->req, &x->res);
	if (now_msec() - began >= SLOW_MSEC)
		route->slow = SLOW_REQUESTS;
	else if (route->slow > 0)
		route->slow--;
	return rc;
}

static int call(struct vane_exchange *x, vane_handler_fn fn)
{
	int rc;

	x->state = VANE__HANDLER;
	x->running = true;
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
	static const char *const names[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE",
		"OPTIONS" };
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
	return vane_response_set(&x->res, "Allow", list);
}

/* OPTIONS without a function of the handler's. */
static void answer_options(struct vane_exchange *x, const struct vane_handler *handler)
{
	add_allow(x, handler);
	vane_response_status(&x->res, 204);
	finish(x);
}

static void answer_405(struct vane_exchange *x, const struct vane_handler *handler)
{
	if (vane__error_page(x, 405, NULL) < 0 || add_allow(x, handler) < 0)
		end(x, -ENOMEM);
	else
		finish(x);
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
	if (vane__error_page(x, 501, why) < 0 ||
		vane_response_add(&x->res, "X-Vane-Unavailable", names) < 0)
		end(x, -ENOMEM);
	else
		finish(x);
}

/* The body is there, or there is none: run the handler. */
static void handle(struct vane_exchange *x)
{
	const struct vane_handler *handler = x->req.route->given->handler;
	vane_handler_fn fn = function_for(handler, x->req.method);
	int rc;

	if (handler->prepare != NULL && !x->prepared) {
		x->prepared = true;
		rc = call(x, handler->prepare);
		if (rc != 0 || x->res.finished || x->res.deferred) {
			conclude(x, rc);
			return;
		}
	}
	conclude(x, call(x, fn));
}

/* The body could not be read. */
static void fail_body(struct vane_exchange *x, int rc)
{
	if (rc == -EBADMSG) {
		vane_log(VANE_LOG_INFO, "400 %s %s (%s): the body is malformed or short",
			vane_request_method(&x->req), vane_request_path(&x->req),
			vane_request_remote_addr(&x->req));
		rc = 400;
	}
	fail(x, rc, NULL);
}

/* Read what body there is, and go on when it is whole. */
static void receive(struct vane_exchange *x)
{
	const struct vane_handler *handler = x->req.route->given->handler;
	int answer = 0, rc = 1;

	if (x->req.env.body_length != 0)
		rc = vane__body_read(x, handler->data, &answer);
	if (rc == 0)
		return;
	if (rc == 1)
		handle(x);
	else if (rc == 2)
		conclude(x, answer);
	else
		fail_body(x, rc);
}

/* A handler that takes the body piece by piece is asked before the first. */
static void prepare_pieces(struct vane_exchange *x, const struct vane_handler *handler)
{
	int rc;

	x->prepared = true;
	if (handler->prepare == NULL) {
		receive(x);
		return;
	}
	rc = call(x, handler->prepare);
	if (rc != 0 || x->res.finished || x->res.deferred) {
		conclude(x, rc);
		return;
	}
	x->state = VANE__BODY;
	receive(x);
}

/* A route was found: see whether it can answer, and read the body. */
static void accept_request(struct vane_exchange *x)
{
	const struct vane_handler *handler = x->req.route->given->handler;
	int64_t max = handler->max_body > 0 ? handler->max_body : x->opts->max_body_bytes;
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
		fail(x, 413, NULL);
		return;
	}
	vane__body_init(x, max);
	if (handler->data != NULL)
		prepare_pieces(x, handler);
	else
		receive(x);
}

static void begin(struct vane_exchange *x, void *carrier, const struct vane_env *env)
{
	struct timespec ts;

	assert(x->state == VANE__IDLE);
	x->carrier = carrier;
	x->req.env = *env;
	x->req.method = vane__method(env->method);
	x->state = VANE__BODY;
	vane__response_init(&x->res, x->req.method == VANE__HEAD);
	if (x->opts->access_log == VANE_ACCESS_LOG_OFF)
		return;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	x->began_usec = (int64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void vane_exchange_start(
	struct vane_exchange *x, void *carrier, const struct vane_env *env)
{
	int rc;

	begin(x, carrier, env);
	if (x->req.method == VANE__UNKNOWN) {
		fail(x, 501, "the method is not known");
		return;
	}
	rc = vane__request_init(x);
	if (rc == 0 && UNLIKELY(x->req.path[0] == '*')) {
		if (x->req.method == VANE__OPTIONS)
			answer_options(x, NULL);
		else
			fail(x, 400, "only OPTIONS may ask for *");
		return;
	}
	if (rc == 0) {
		rc = vane__router_match(x->app->router, x->req.route_path, &x->arena,
			&x->req.path_args, &x->req.route);
		if (LIKELY(rc == 1)) {
			accept_request(x);
			return;
		}
		rc = rc == 0 ? 404 : rc;
	}
	x->malformed = rc == 400;
	fail(x, rc, NULL);
}

void vane_exchange_refuse(
	struct vane_exchange *x, void *carrier, const struct vane_env *env, int status)
{
	begin(x, carrier, env);
	x->req.mount = SLICE("");
	x->req.path = "";
	x->malformed = true;
	fail(x, status, NULL);
}

void vane_exchange_readable(struct vane_exchange *x)
{
	if (x->state == VANE__BODY)
		receive(x);
}

void vane_exchange_writable(struct vane_exchange *x)
{
	if (x->state == VANE__SENDING)
		push(x);
	else if (x->state == VANE__HANDLER && x->res.head_sent)
		vane_response_flush(&x->res);
}

void vane_exchange_abort(struct vane_exchange *x, int rc)
{
	x->orphan = true;
	x->carrier = NULL;
	vane__response_fail(&x->res, rc);
	tell_closed(x);
	if (x->state == VANE__ENDED || x->state == VANE__IDLE)
		vane_exchange_free(x);
	else if (x->state != VANE__HANDLER)
		end(x, rc);
}

int vane_response_flush(struct vane_response *res)
{
	struct vane_exchange *x = vane__res_exchange(res);
	int rc;

	if (res->error < 0)
		return res->error;
	if (res->finished)
		return -EALREADY;
	if (x->carrier == NULL)
		return vane__response_fail(res, -EPIPE);
	rc = vane__output(x, false);
	if (rc >= 0)
		rc = x->driver->flush(x->carrier);
	if (rc >= 0)
		return 0;
	vane__response_fail(res, rc);
	tell_closed(x);
	return rc;
}

int vane_response_finish(struct vane_response *res)
{
	struct vane_exchange *x = vane__res_exchange(res);
	int error = res->error;

	if (res->finished)
		return -EALREADY;
	if (error < 0)
		fail(x, error, strerror(-error));
	else
		finish(x);
	return error;
}

static void fire(struct vane_exchange_timer *timer)
{
	struct vane__after *after = CONTAINER_OF(timer, struct vane__after, timer);
	struct vane_exchange *x = after->x;
	int rc;

	after->armed = false;
	x->running = true;
	rc = after->fn(&x->req, &x->res);
	x->running = false;
	if (!x->res.finished && (rc != 0 || x->res.error < 0))
		fail(x, rc != 0 ? rc : x->res.error, rc < 0 ? strerror(-rc) : NULL);
	else if (x->orphan && x->state == VANE__ENDED)
		vane_exchange_free(x);
}

/* Why there are no timers here, as text that names mode and route. */
static int no_timers(struct vane_request *req)
{
	static const char form[] = "timers are not available in %s mode (route %s)";
	const char *mode = vane_request_mode(req), *route = vane_request_route(req);
	size_t size = sizeof(form) + strlen(mode) + strlen(route);
	char *text = vane_request_alloc(req, size);

	if (text == NULL)
		return vane__request_fail(req, -ENOTSUP, "timers are not available");
	snprintf(text, size, form, mode, route);
	return vane__request_fail(req, -ENOTSUP, text);
}

int vane_after(struct vane_request *req, int64_t msec, vane_handler_fn fn)
{
	struct vane_exchange *x = vane__req_exchange(req);
	struct vane__after *after;
	int rc;

	if (x->driver->timer == NULL)
		return no_timers(req);
	if (x->carrier == NULL)
		return vane__request_fail(req, -EPIPE, "the client is gone");
	after = vane__arena_alloc(&x->arena, sizeof(*after));
	if (after == NULL)
		return vane__request_fail(req, -ENOMEM, "out of memory");
	*after = (struct vane__after){ .timer.fire = fire, .x = x, .fn = fn, .armed = true };
	rc = x->driver->timer(x->carrier, &after->timer, msec > 0 ? msec : 0);
	if (rc < 0)
		return vane__request_fail(req, rc, "the timer could not be started");
	after->next = x->timers;
	x->timers = after;
	return 0;
}

const char *vane_request_route(const struct vane_request *req)
{
	return req->route != NULL ? req->route->given->pattern : "";
}

void *vane_request_data(const struct vane_request *req)
{
	return req->route != NULL ? req->route->given->data : NULL;
}
