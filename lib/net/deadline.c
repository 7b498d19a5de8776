/* SPDX-License-Identifier: MIT */
/*
 * deadline.c - what happens to a connection if nothing else does until then.
 */
#include "deadline.h"

static void on_timer(void *data);

/* A time of the loop's clock, or the end of all. */
static int64_t later(int64_t now, int64_t msec)
{
	return msec < INT64_MAX - now ? now + msec : INT64_MAX;
}

static int start(struct vane__deadline *deadline, int64_t msec)
{
	deadline->fires = later(vane_loop_now(deadline->loop), msec);
	return vane_loop_call_later(
		deadline->loop, msec, on_timer, deadline, &deadline->timer);
}

static void on_timer(void *data)
{
	struct vane__deadline *deadline = data;
	int64_t left = deadline->at - vane_loop_now(deadline->loop);

	deadline->timer = NULL;
	if (deadline->at == 0)
		return;
	/* nothing may wait for ever: without memory for a timer it is over now */
	if (left <= 0 || start(deadline, left) < 0)
		deadline->fn(deadline->data);
}

int vane__deadline_set(struct vane__deadline *deadline, int64_t msec)
{
	deadline->at = later(vane_loop_now(deadline->loop), msec);
	if (deadline->timer == NULL)
		return start(deadline, msec);
	if (deadline->fires > deadline->at) {
		vane_timer_rearm(deadline->timer, msec);
		deadline->fires = deadline->at;
	}
	return 0;
}

void vane__deadline_fini(struct vane__deadline *deadline)
{
	vane_timer_cancel(deadline->timer);
	deadline->timer = NULL;
}
