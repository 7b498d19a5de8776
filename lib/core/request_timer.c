/* SPDX-License-Identifier: MIT */
/*
 * request_timer.c - timers of a request: vane_request_after(), and vane_request_wait() where there are
 * timers.
 *
 * The loop has the clock; where there is none, whoever carries the exchange.  Timers lie in the arena of their exchange and end with it; one that
 * has fired is used again, so that a response that ticks for a day takes no more than one.
 */
#include <vane/driver.h>
#include <vane/request.h>

#include <vane/loop.h>

#include "dispatch.h"
#include "exchange.h"

/* Where there is no loop that has it, in the order in which they are due. */
static void enlist(struct vane__request_timer *timer)
{
	struct vane__request_timer **link = &timer->x->timers;

	while (timer->x->loop == NULL && *link != NULL && (*link)->due <= timer->due)
		link = &(*link)->next;
	timer->next = *link;
	timer->link = link;
	if (timer->next != NULL)
		timer->next->link = &timer->next;
	*link = timer;
}

static struct vane__request_timer *take(struct vane_exchange *x)
{
	struct vane__request_timer *timer = x->old_timers;

	if (timer == NULL)
		return vane__arena_alloc(&x->arena, sizeof(*timer));
	x->old_timers = timer->next;
	return timer;
}

/* Run its function, which is the handler where that has waited. */
static int run(struct vane_exchange *x, const struct vane__request_timer *timer)
{
	int rc;

	if (timer->goes_on)
		x->req.waiting = x->res.deferred = false;
	x->running = true;
	rc = timer->fn(&x->req, &x->res, timer->data);
	x->running = false;
	return rc;
}

static void fire(void *data)
{
	struct vane__request_timer fired, *timer = data;
	struct vane_exchange *x = timer->x, *before = vane__exchange_enter(x);
	int rc;

	fired = *timer;
	vane__request_timer_put_by(timer);
	rc = run(x, &fired);
	if (fired.goes_on)
		vane__exchange_conclude(x, rc);
	else if (!x->res.finished && (rc != 0 || x->res.error < 0))
		vane__exchange_fail(x, rc != 0 ? rc : x->res.error, NULL);
	else
		vane__exchange_settle(x);
	vane__exchange_leave(before);
}

bool vane__request_timer_fire_next(struct vane_exchange *x)
{
	struct vane__request_timer *timer = x->timers;

	if (timer == NULL)
		return false;
	x->now_msec = timer->due;
	fire(timer);
	return true;
}

static int no_timers(struct vane_request *req)
{
	if (req->no_timers_text == NULL)
		req->no_timers_text = vane__request_text(req,
			"timers are not available in %s mode (route %s)",
			vane_request_mode(req), vane_request_route(req));
	return vane__request_fail(req, -ENOTSUP,
		req->no_timers_text != NULL ? req->no_timers_text
					    : "timers are not available");
}

/* Whether it is too late for anything to come. */
static int check(struct vane_request *req)
{
	const struct vane_exchange *x = vane__req_exchange(req);

	if (x->res.finished) /* nothing would stop it any more */
		return vane__request_fail(req, -EALREADY, "the response is finished");
	return x->aborted ? vane__request_fail(req, -EPIPE, "the client is gone") : 0;
}

static int start(struct vane_request *req, const struct vane__wait *wait, bool goes_on)
{
	struct vane_exchange *x = vane__req_exchange(req);
	struct vane__request_timer *timer = take(x);

	if (timer == NULL)
		return vane__request_fail(req, -ENOMEM, "out of memory");
	*timer = (struct vane__request_timer) {
		.x = x, .fn = wait->fn, .data = wait->data, .goes_on = goes_on
	};
	timer->due =
		wait->msec < INT64_MAX - x->now_msec ? x->now_msec + wait->msec : INT64_MAX;
	enlist(timer);
	if (x->loop == NULL ||
		vane_loop_call_later(x->loop, wait->msec, fire, timer, &timer->timer) == 0)
		return 0;
	vane__request_timer_put_by(timer);
	return vane__request_fail(req, -ENOMEM, "out of memory");
}

static bool has_timers(const struct vane_request *req)
{
	return (vane__req_exchange(req)->driver->caps & VANE_CAP_TIMERS) != 0;
}

int vane_request_after(
	struct vane_request *req, int64_t msec, vane_request_fn fn, void *data)
{
	const struct vane__wait wait = { fn, data, msec > 0 ? msec : 0 };
	int rc;

	if (!has_timers(req))
		return no_timers(req);
	rc = check(req);
	return rc < 0 ? rc : start(req, &wait, false);
}

/*
 * Where there are no timers: when the handler's function has returned.  Others wait for it.  Not to wait at
 * all counts too, so that it ends.
 */
static int put_off(struct vane_request *req, const struct vane__wait *wait)
{
	int64_t counted = wait->msec > 0 ? wait->msec : 1;

	if (counted > VANE_WAIT_MAX_MSEC - req->waited_msec)
		return vane__request_fail(req, -ENOTSUP,
			"a request without timers has waited for as long as it may");
	req->waited_msec += counted;
	req->wait = *wait;
	return 0;
}

int vane_request_wait(
	struct vane_request *req, int64_t msec, vane_request_fn fn, void *data)
{
	const struct vane__wait wait = { fn, data, msec > 0 ? msec : 0 };
	bool timers = has_timers(req);
	int rc = check(req);

	if (rc == 0) /* a client that has gone, say */
		rc = vane__req_exchange(req)->res.error;
	if (rc < 0)
		return rc;
	if (req->waiting || req->wait.fn != NULL)
		return vane__request_fail(req, -EBUSY, "the request waits already");
	rc = timers ? start(req, &wait, true) : put_off(req, &wait);
	if (rc < 0)
		return rc;
	req->waiting = timers;
	return vane_response_defer(vane_request_response(req));
}
