/* SPDX-License-Identifier: MIT */
/*
 * request_timer.c - timers of a request: vane_request_after().
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

static void fire(void *data)
{
	struct vane__request_timer *timer = data;
	struct vane_exchange *x = timer->x, *before = vane__exchange_enter(x);
	vane_request_fn fn = timer->fn;
	void *own = timer->data;
	int rc;

	vane__request_timer_put_by(timer);
	x->running = true;
	rc = fn(&x->req, &x->res, own);
	x->running = false;
	if (!x->res.finished && (rc != 0 || x->res.error < 0))
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

int vane_request_after(
	struct vane_request *req, int64_t msec, vane_request_fn fn, void *data)
{
	struct vane_exchange *x = vane__req_exchange(req);
	int64_t wait = msec > 0 ? msec : 0;
	struct vane__request_timer *timer;

	if ((x->driver->caps & VANE_CAP_TIMERS) == 0)
		return no_timers(req);
	if (x->res.finished) /* nothing would stop it any more */
		return vane__request_fail(req, -EALREADY, "the response is finished");
	if (x->aborted)
		return vane__request_fail(req, -EPIPE, "the client is gone");
	timer = take(x);
	if (timer == NULL)
		return vane__request_fail(req, -ENOMEM, "out of memory");
	*timer = (struct vane__request_timer) { .x = x, .fn = fn, .data = data };
	timer->due = wait < INT64_MAX - x->now_msec ? x->now_msec + wait : INT64_MAX;
	enlist(timer);
	if (x->loop == NULL ||
		vane_loop_call_later(x->loop, wait, fire, timer, &timer->timer) == 0)
		return 0;
	vane__request_timer_put_by(timer);
	return vane__request_fail(req, -ENOMEM, "out of memory");
}
