/* SPDX-License-Identifier: MIT */
/*
 * exchange.c - the life of an exchange: made, answered, over, reset.
 *
 * Every exchange ends in vane__exchange_end(), whoever brings that about: a handler that has
 * returned or finishes later, a driver that has lost its peer, or an error.
 */
#include <vane/driver.h>

#include <stdio.h>
#include <stdlib.h>

#include <vane/log.h>
#include <vane/loop.h>

#include "app.h"
#include "dispatch.h"
#include "exchange.h"
#include "filter.h"
#include "limit.h"
#include "meta.h"
#include "route.h"
#include "text.h"

/* What a reset leaves in the buffers of an exchange. */
#define KEEP_BYTES (64 * 1024)

struct vane_exchange *vane__exchange_current;

int vane_exchange_new(
	struct vane_exchange **out, struct vane_app *app, struct vane_loop *loop)
{
	struct vane_exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return -ENOMEM;
	x->app = app;
	x->loop = loop;
	x->opts = &app->opts;
	x->all_bodies = &app->body_bytes;
	x->trust = app->trust;
	x->arena.max = vane__limit_size(app->opts.max_memory_bytes);
	x->req.body.fd = -1;
	list_init(&x->left);
	*out = x;
	return 0;
}

void vane_exchange_reset(struct vane_exchange *x)
{
	assert(!vane_exchange_running(x));
	vane__response_reset(&x->res, KEEP_BYTES);
	vane__body_reset(x, KEEP_BYTES);
	vane__arena_reset(&x->arena);
	memset(&x->req, 0, offsetof(struct vane_request, body));
	x->timers = x->old_timers = NULL;
	x->state = VANE__IDLE;
	x->malformed = x->logged = false;
	x->forwards = 0;
}

void vane_exchange_free(struct vane_exchange *x)
{
	if (x == NULL)
		return;
	list_del(&x->left);
	vane__response_reset(&x->res, 0);
	vane__body_reset(x, 0);
	vane__arena_fini(&x->arena);
	free(x);
}

/* One that was aborted is over: what its env points to may go with its carrier. */
static void free_aborted(struct vane_exchange *x)
{
	const struct vane_driver *driver = x->driver;
	void *carrier = x->carrier;
	int rc = x->abort_rc;

	vane_exchange_free(x);
	driver->end(carrier, rc);
}

void *vane_exchange_alloc(struct vane_exchange *x, size_t size)
{
	return vane__arena_alloc(&x->arena, size);
}

struct vane_env *vane_exchange_env(struct vane_exchange *x)
{
	return &x->req.env;
}

int vane_exchange_env_from_params(
	struct vane_exchange *x, struct vane_field *params, size_t count)
{
	int rc = vane__meta_env(&x->req.env, &x->arena, params, count);

	return rc == -ENOMEM && x->arena.refused ? 431 : rc;
}

int vane_exchange_env_from_cgi(struct vane_exchange *x, char *const *vars)
{
	size_t count = 0;
	struct vane_field *params = vane__meta_split(&x->arena, vars, &count);

	if (params != NULL)
		return vane_exchange_env_from_params(x, params, count);
	x->req.env = (struct vane_env) { .body_length = -1, .method = SLICE_INIT("") };
	return x->arena.refused ? 431 : -ENOMEM;
}

bool vane_exchange_running(const struct vane_exchange *x)
{
	return x->state != VANE__IDLE && x->state != VANE__ENDED;
}

bool vane_exchange_in_handler(const struct vane_exchange *x)
{
	return x->running && !x->res.finished;
}

bool vane_exchange_wants_body(const struct vane_exchange *x)
{
	return x->state == VANE__BODY ||
	       (x->state == VANE__HANDLER && x->req.on_body.fn != NULL);
}

static bool is_quiet(const struct vane_exchange *x)
{
	return x->req.route != NULL && x->req.route->handler->quiet;
}

/* Once: who holds a response after its client has left ends it when the line is there. */
static void write_access_log(struct vane_exchange *x, int rc)
{
	if (x->logged)
		return;
	x->logged = true;
	if (UNLIKELY(vane__score != NULL))
		vane__exchange_score_end(x, rc);
	if (x->opts->access_log != VANE_ACCESS_LOG_OFF && !is_quiet(x))
		vane__access_log(x, rc);
}

void vane__request_timer_put_by(struct vane__request_timer *timer)
{
	struct vane_exchange *x = timer->x;

	*timer->link = timer->next;
	if (timer->next != NULL)
		timer->next->link = timer->link;
	timer->next = x->old_timers;
	x->old_timers = timer;
}

void vane__request_timers_stop(struct vane_exchange *x)
{
	while (x->timers != NULL) {
		struct vane__request_timer *timer = x->timers;

		vane_timer_cancel(timer->timer);
		vane__request_timer_put_by(timer);
	}
}

/* Whether a handler may return that number. */
static bool is_error_status(int rc)
{
	return rc >= 400 && rc <= 599;
}

/* What went wrong, in words; buf is for those that have to be put together. */
static const char *reason(
	const struct vane_exchange *x, int rc, const char *why, char *buf, size_t size)
{
	if (x->res.fault != NULL)
		return x->res.fault;
	if (why != NULL)
		return why;
	if (rc == -ENOMEM && x->arena.refused)
		return "more memory than a request may have";
	if (rc < 0)
		return strerror(-rc);
	snprintf(buf, size, "the handler returned %d%s", rc,
		is_error_status(rc)
			? ""
			: ", which is no error: return 0, and say a status that is "
			  "none with vane_response_set_status()");
	return buf;
}

/*
 * Log what is wrong with an exchange, once: an error, or where the peer is lost nothing but
 * debugging.  Before the head is on its way it will be 500, after it the response is cut.
 */
static void blame(struct vane_exchange *x, int rc, const char *why)
{
	struct vane_response *res = &x->res;
	bool lost = res->fault == NULL && (x->aborted || res->lost);
	char buf[160], tag[VANE__TAG_ROOM], cut[48] = "";

	if (res->blamed)
		return;
	res->blamed = true;
	if (res->head_sent)
		snprintf(
			cut, sizeof(cut), "cut after %lld bytes: ", (long long) res->taken);
	vane_log(lost ? VANE_LOG_DEBUG : VANE_LOG_ERROR, "%s %.800s (%s) route %s%s: %s%s",
		vane_request_method(&x->req), vane_request_path(&x->req),
		vane__request_peer(&x->req), vane_request_route(&x->req),
		vane__request_tag(&x->req, tag), cut, reason(x, rc, why, buf, sizeof(buf)));
}

/* The exchange is over: tell the handler, the log, and the driver. */
void vane__exchange_end(struct vane_exchange *x, int rc)
{
	const struct vane__route *route = x->req.route;

	vane__request_timers_stop(x);
	x->res.finished = true;
	vane__response_drop(&x->res);
	if (route != NULL && route->handler->finished != NULL)
		route->handler->finished(&x->req);
	vane__filters_finished(x);
	if (rc < 0)
		blame(x, rc, NULL);
	write_access_log(x, rc);
	vane__exchange_set_state(x, VANE__ENDED);
	if (!x->aborted)
		x->driver->end(x->carrier, rc);
	else if (!x->running)
		free_aborted(x);
}

/* Tell what somebody waits for, once. */
static void notify(struct vane_exchange *x, struct vane__notice *slot)
{
	struct vane__notice notice = *slot;
	bool running = x->running;

	*slot = (struct vane__notice) { 0 };
	if (notice.fn == NULL)
		return;
	/* it may finish the response: whoever called us goes on with x */
	x->running = true;
	notice.fn(&x->req, notice.data);
	x->running = running;
}

/* The peer is gone: whoever wanted to know is told, once, and by nothing else. */
static void tell_closed(struct vane_exchange *x)
{
	if (x->req.on_close.fn != NULL)
		x->req.on_body.fn = x->req.on_drain.fn = NULL;
	notify(x, &x->req.on_close);
}

/* The same, where nothing else would ever wake who waits for body or for room. */
static void tell_gone(struct vane_exchange *x)
{
	tell_closed(x);
	if (!x->res.finished)
		notify(x, &x->req.on_body);
	if (!x->res.finished)
		notify(x, &x->req.on_drain);
}

/* Whether the response has all the body that its Content-Length promised. */
static int check_promise(struct vane_exchange *x)
{
	struct vane_response *res = &x->res;

	if (res->promised < 0 || res->bodyless || res->written == res->promised)
		return 0;
	return vane__response_fault(res, -EPROTO,
		"Tried to write %lld bytes less than Content-Length",
		(long long) (res->promised - res->written));
}

/* Give the driver what it takes of a finished response. */
static void push(struct vane_exchange *x)
{
	int rc = x->aborted ? -EPIPE : vane__output(x, true);

	if (rc == 0 && UNLIKELY(x->res.dry)) { /* what there is does not wait for more */
		rc = x->driver->flush(x->carrier);
		if (rc < 0)
			vane__response_lost(&x->res, rc);
	}
	if (rc == 0)
		return;
	if (rc == 1)
		rc = check_promise(x);
	if (rc < 0)
		tell_closed(x);
	vane__exchange_end(x, rc);
}

void vane__exchange_finish(struct vane_exchange *x)
{
	int rc;

	vane__request_timers_stop(x); /* sending may take a while */
	x->res.complete = true;
	rc = LIKELY(x->req.to_leave == 0) ? 0 : vane__filters_leave(x);
	if (UNLIKELY(rc != 0)) {
		vane__exchange_fail(x, rc, NULL);
		return;
	}
	vane__exchange_set_state(x, VANE__SENDING);
	x->res.finished = true;
	push(x);
}

void vane__exchange_explain(struct vane_exchange *x, int status, const char *why)
{
	struct vane_slice method = vane__for_log(x->req.env.method);
	struct vane_slice target = vane__for_log(x->req.env.target);

	vane_log(VANE_LOG_INFO, "%d %.*s %.*s (%s): %s", status, (int) method.len,
		method.data, (int) target.len, target.data, vane__request_peer(&x->req),
		why);
}

/* It is too late for another answer. */
static void cut(struct vane_exchange *x, int rc, const char *why)
{
	blame(x, rc, why);
	x->res.finished = true; /* not by whoever is told */
	tell_closed(x);
	vane__exchange_end(x, rc < 0 ? rc : -EIO);
}

/* Whether that errno is of a client who is gone: an error page would reach nobody. */
static bool is_gone(const struct vane_exchange *x, int rc)
{
	return x->aborted || (x->res.lost && (rc == -ECONNRESET || rc == -EPIPE));
}

/* Answer with an error page, or cut what is on its way already. */
void vane__exchange_fail(struct vane_exchange *x, int rc, const char *why)
{
	int status = is_error_status(rc) ? rc : 500;
	char buf[160];

	if (why == NULL && rc == x->req.refused_status)
		why = x->req.refused_why;
	if (is_gone(x, rc) || x->res.head_sent) {
		cut(x, rc, why);
		return;
	}
	if (status == 500)
		blame(x, rc, why);
	else if (why != NULL)
		vane__exchange_explain(x, status, why);
	if (why == NULL && rc != status)
		why = reason(x, rc, NULL, buf, sizeof(buf));
	if (vane__error_page(x, status, why) < 0)
		cut(x, -ENOMEM, NULL);
	else
		vane__exchange_finish(x);
}

/* A handler has returned without an answer where nothing can come later. */
static void fail_unfinished(struct vane_exchange *x)
{
	static const char text[] = "request did not finish synchronously";
	char tag[VANE__TAG_ROOM];

	vane_log(VANE_LOG_ERROR, "%s: %s %s (%s) route %s%s mode %s", text,
		vane_request_method(&x->req), vane_request_path(&x->req),
		vane__request_peer(&x->req), vane_request_route(&x->req),
		vane__request_tag(&x->req, tag), x->driver->mode);
	x->res.blamed = true;
	vane__exchange_fail(x, 500, text);
}

void vane__exchange_settle(struct vane_exchange *x)
{
	if (!x->res.finished || x->running)
		return;
	if (x->forward != NULL)
		x->go_there(x);
	else if (x->aborted && x->state == VANE__ENDED)
		free_aborted(x);
}

/* A handler that found no arguments, and did not ask why, has answered something else. */
static int args_status(struct vane_exchange *x, const char **why)
{
	int status;

	if (LIKELY((x->req.query_error | x->req.form_error) == 0))
		return 0;
	status = vane__request_args_status(&x->req, why);
	if (!x->res.head_sent || status == 0)
		return status;
	if (*why != NULL) /* too late to answer it */
		vane__exchange_explain(x, x->res.status, *why);
	return 0;
}

/* The first error of a response that is to be finished: one is that it is not whole. */
static int final_error(struct vane_response *res)
{
	if (UNLIKELY(res->begun != NULL) && res->error == 0)
		vane__response_fail(
			res, vane__response_fault(res, -EINVAL, "%s", res->begun));
	return res->error;
}

/* The handler waits, and nothing else could wake it: wait here, and call it again. */
static int go_on(struct vane_exchange *x)
{
	struct vane__wait wait = x->req.wait;
	int rc = 0;

	x->req.wait.fn = NULL;
	x->running = true; /* it is not to be freed */
	if (vane__request_wait_here(&x->req, wait.msec) < 0) {
		vane__response_fail(&x->res, vane__response_lost(&x->res, -EPIPE));
		tell_closed(x);
	}
	if (!x->res.finished) {
		x->res.deferred = false;
		x->req.called = (vane__code_fn) wait.fn;
		rc = wait.fn(&x->req, &x->res, wait.data);
	}
	x->running = false;
	return rc;
}

/* Act upon what a function of the handler returned. */
void vane__exchange_conclude(struct vane_exchange *x, int rc)
{
	const char *why = NULL;

	while (UNLIKELY(x->req.wait.fn != NULL) && rc == 0 && !x->res.finished)
		rc = go_on(x);
	if (x->res.finished) {
		vane__exchange_settle(x);
		return;
	}
	if (rc == 0)
		rc = x->res.deferred ? x->res.error : final_error(&x->res);
	if (rc == 0 && !x->res.deferred)
		rc = args_status(x, &why);
	if (rc != 0)
		vane__exchange_fail(x, rc, why);
	else if (!x->res.deferred)
		vane__exchange_finish(x);
	else if ((x->driver->caps & VANE_CAP_ASYNC) == 0)
		fail_unfinished(x);
}

/* A response that is written as it comes about: go on with what was flushed. */
static void drain(struct vane_exchange *x)
{
	int rc = vane_response_flush(&x->res);

	if (!x->res.finished && (rc < 0 || x->res.segments == NULL))
		notify(x, &x->req.on_drain);
	vane__exchange_settle(x);
}

void vane_exchange_writable(struct vane_exchange *x)
{
	struct vane_exchange *before = vane__exchange_enter(x);

	if (x->state == VANE__SENDING)
		push(x);
	else if ((x->state == VANE__HANDLER || x->state == VANE__BODY) && x->res.head_sent)
		drain(x);
	vane__exchange_leave(before);
}

void vane_response_source_ready(struct vane_response *res)
{
	if (!res->dry)
		return;
	res->dry = false;
	vane_exchange_writable(vane__res_exchange(res));
}

void vane__exchange_tell_body(struct vane_exchange *x)
{
	notify(x, &x->req.on_body);
	vane__exchange_settle(x);
}

/* A handler holds the response, perhaps for ever: what there is to say of the client is said. */
static void leave(struct vane_exchange *x, int rc)
{
	write_access_log(x, rc);
	vane__filters_abandoned(x);
	list_add(&x->app->left, &x->left);
}

void vane__app_end_left(struct vane_app *app)
{
	while (!list_empty(&app->left)) {
		struct vane_exchange *x =
			CONTAINER_OF(app->left.next, struct vane_exchange, left);
		char tag[VANE__TAG_ROOM];

		if (x->res.error != -ECANCELED) /* those that a stop has cut are named */
			vane_log(VANE_LOG_WARNING,
				"%s %.800s (%s) route %s%s: the client has left, and the deferred "
				"response was never finished",
				vane_request_method(&x->req), vane_request_path(&x->req),
				vane__request_peer(&x->req), vane_request_route(&x->req),
				vane__request_tag(&x->req, tag));
		vane__filters_finished(x);
		free_aborted(x);
	}
}

/* The peer is gone; see to the exchange unless that is done when the handler's function returns. */
static void abandon(struct vane_exchange *x, int rc)
{
	if (vane_exchange_running(x))
		tell_gone(x);
	if (x->running)
		return;
	if (!vane_exchange_running(x))
		free_aborted(x);
	else if (x->state != VANE__HANDLER || (x->driver->caps & VANE_CAP_ASYNC) == 0)
		vane__exchange_end(x, rc);
	else
		leave(x, rc);
}

void vane_exchange_abort(struct vane_exchange *x, int rc)
{
	struct vane_exchange *before = vane__exchange_enter(x);

	x->aborted = true;
	x->abort_rc = rc;
	vane__response_fail(&x->res, vane__response_lost(&x->res, rc));
	abandon(x, rc);
	vane__exchange_leave(before);
}

int vane_response_flush(struct vane_response *res)
{
	struct vane_exchange *x = vane__res_exchange(res);
	int rc;

	if (res->error < 0)
		return res->error;
	if (res->finished || x->req.leaving)
		return -EALREADY;
	if (x->aborted)
		return vane__response_fail(res, -EPIPE);
	rc = LIKELY(x->req.to_leave == 0) ? 0 : vane__filters_leave(x);
	if (UNLIKELY(rc > 0))
		rc = vane__response_fault(res, -ECANCELED,
			"a filter answers a response that is flushed with %d", rc);
	if (UNLIKELY(rc < 0))
		return vane__response_fail(res, rc);
	rc = vane__output(x, false);
	if (rc >= 0) {
		rc = x->driver->flush(x->carrier);
		if (rc >= 0)
			return 0;
		vane__response_lost(res, rc);
	}
	vane__response_fail(res, rc);
	tell_closed(x);
	return rc;
}

int vane_response_finish(struct vane_response *res)
{
	struct vane_exchange *x = vane__res_exchange(res);
	const char *why = NULL;
	int error, rc;

	if (res->finished || x->req.leaving)
		return -EALREADY;
	rc = error = final_error(res);
	if (rc == 0)
		rc = args_status(x, &why);
	if (rc != 0)
		vane__exchange_keep_stack(x);
	if (rc != 0)
		vane__exchange_fail(x, rc, why);
	else
		vane__exchange_finish(x);
	return error;
}

int vane_response_give_up(struct vane_response *res, int rc)
{
	struct vane_exchange *x = vane__res_exchange(res);

	if (res->finished || x->req.leaving)
		return -EALREADY;
	x->req.on_close.fn = NULL; /* who gives up knows */
	vane__exchange_keep_stack(x);
	vane__exchange_fail(x, rc, NULL);
	return 0;
}

int vane_response_send_error(struct vane_response *res, int status, const char *fmt, ...)
{
	struct vane_exchange *x = vane__res_exchange(res);
	char why[512];
	va_list args;

	if (status < 400 || status > 599 || vane__res_no_text(res, __func__, fmt))
		return vane__response_fail(res, -EINVAL);
	if (res->finished)
		return -EALREADY;
	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	if (res->head_sent)
		return vane__response_fault(res, -EALREADY, "%d %s", status, why);
	if (status == 500)
		blame(x, status, why);
	if (status >= 500)
		vane__exchange_keep_stack(x);
	return vane__error_page(x, status, why);
}

const char *vane_request_route(const struct vane_request *req)
{
	return req->route != NULL ? req->route->pattern : "";
}

void *vane_request_data(const struct vane_request *req)
{
	return req->route != NULL ? req->route->data : NULL;
}
