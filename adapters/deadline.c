/* SPDX-License-Identifier: MIT */
/*
 * deadline.c - what happens to a connection if nothing else does until then.
 */
#include "deadline.h"

#include <vane/log.h>

static void on_timer(void *data)
{
	struct vane__deadline *deadline = data;
	int64_t left = deadline->at - vane_loop_now(deadline->loop);

	deadline->timer = NULL;
	if (deadline->at == 0)
		return;
	if (left > 0)
		vane_loop_call_later(
			deadline->loop, left, on_timer, deadline, &deadline->timer);
	else
		deadline->fn(deadline->data);
}

/* The timer fires never later than the deadline by more than what it was set for. */
void vane__deadline_set(struct vane__deadline *deadline, int64_t msec)
{
	deadline->at = vane_loop_now(deadline->loop) + msec;
	if (deadline->timer == NULL && vane_loop_call_later(deadline->loop, msec, on_timer,
					       deadline, &deadline->timer) < 0)
		vane_log(VANE_LOG_ERROR, "no memory for a timer");
}

void vane__deadline_fini(struct vane__deadline *deadline)
{
	vane_loop_cancel(deadline->timer);
	deadline->timer = NULL;
}
