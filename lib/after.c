/* SPDX-License-Identifier: MIT */
/*
 * after.c - timers of a request: vane_after().
 *
 * The driver has the clock.  Timers lie in the arena of their exchange and end with it.
 */
#include <vane/driver.h>
#include <vane/request.h>

#include <stdio.h>

#include "dispatch.h"
#include "exchange.h"

struct vane__after {
	struct vane_exchange_timer timer;
	struct vane_exchange *x;
	vane_handler_fn fn;
	struct vane__after *next;
	bool armed;
};

void vane__after_stop(struct vane_exchange *x)
{
	struct vane__after *after;

	for (after = x->timers; after != NULL; after = after->next)
		if (after->armed)
			x->driver->timer(x->carrier, &after->timer, -1);
	x->timers = NULL;
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
		vane__exchange_fail(x, rc != 0 ? rc : x->res.error, rc < 0 ? strerror(-rc) : NULL);
	else
		vane__exchange_settle(x);
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
	if (x->res.finished) /* nothing would stop it any more */
		return vane__request_fail(req, -EALREADY, "the response is finished");
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

