/* SPDX-License-Identifier: MIT */
/*
 * deadline.c - what happens to a connection if nothing else does until then.
 */
#include "deadline.h"

#include <vane/log.h>

static void on_timer(void *data);

static void start(struct vane__deadline *deadline, int64_t msec)
{
	deadline->fires = vane_loop_now(deadline->loop) + msec;
	if (vane_loop_call_later(
		    deadline->loop, msec, on_timer, deadline, &deadline->timer) < 0)
		vane_log(VANE_LOG_ERROR, "no memory for a timer");
}

static void on_timer(void *data)
{
	struct vane__deadline *deadline = data;
	int64_t left = deadline->at - vane_loop_now(deadline->loop);

	deadline->timer = NULL;
	if (deadline->at == 0)
		return;
	if (left > 0)
		start(deadline, left);
	else
		deadline->fn(deadline->data);
}

void vane__deadline_set(struct vane__deadline *deadline, int64_t msec)
{
	deadline->at = vane_loop_now(deadline->loop) + msec;
	if (deadline->timer != NULL && deadline->fires > deadline->at)
		vane__deadline_fini(deadline);
	if (deadline->timer == NULL)
		start(deadline, msec);
}

void vane__deadline_fini(struct vane__deadline *deadline)
{
	vane_loop_cancel(deadline->timer);
	deadline->timer = NULL;
}
