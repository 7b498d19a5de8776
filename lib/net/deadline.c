/* SPDX-License-Identifier: MIT */
/*
 * deadline.c - what happens to a connection if nothing else does until then.
 */
#include "deadline.h"

#include "limit.h"

static void on_timer(void *data);

static int start(struct vane__deadline *deadline, int64_t msec)
{
	deadline->fires = vane__limit_add(msec, vane_loop_now(deadline->loop));
	return vane_loop_call_later(
		deadline->loop, msec, on_timer, deadline, &deadline->timer);
}

static void on_timer(void *data)
{
	struct vane__deadline *deadline = data;
	int64_t left = deadline->at - vane_loop_now(deadline->loop);

	deadline->timer = NULL;
	if (deadline->at == 0 || deadline->at == VANE__UNLIMITED)
		return;
	/* nothing may wait for ever: without memory for a timer it is over now */
	if (left <= 0 || start(deadline, left) < 0)
		deadline->fn(deadline->data);
}

int vane__deadline_set(struct vane__deadline *deadline, int64_t msec)
{
	deadline->at = vane__limit_add(msec, vane_loop_now(deadline->loop));
	if (deadline->at == VANE__UNLIMITED)
		return 0;
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
