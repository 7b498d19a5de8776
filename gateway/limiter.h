/* SPDX-License-Identifier: MIT */
/*
 * limiter.h - limits concurrent requests and queues the rest, so many and for so long.
 */
#ifndef VANE__LIMITER_H
#define VANE__LIMITER_H

#include <stdint.h>

#include "list.h"

struct vane_loop;
struct vane_timer;

struct vane__limiter {
	int64_t max_active, max_waiting, wait_msec; /* VANE__UNLIMITED: none */
	int64_t active, waiting;
	struct list queue; /* who has waited the longest first */
	struct vane_loop *loop;
	struct vane_timer *timer; /* the first one's patience */
	bool admitting;
};

/* Who wants to be active: embedded, and zero while it is neither that nor queued. */
struct vane__waiter {
	struct vane__limiter *limiter; /* NULL: neither */
	struct list node;              /* in the queue */
	bool active;
	int64_t since;
	/* 0: it is active now; -ETIMEDOUT: it has waited too long */
	void (*fn)(void *data, int rc);
	void *data;
};

/* Let so many be active and so many wait, for so long; VANE__UNLIMITED: any number, for ever. */
void vane__limiter_init(struct vane__limiter *limiter, int64_t max_active,
	int64_t max_waiting, int64_t wait_msec);

/*
 * Ask to be active.  Returns 1 if the waiter is at once, 0 if it is queued and fn will be called,
 * -EAGAIN if the queue is full.  The loop is the one that all at this limiter use.
 */
int vane__limiter_enter(struct vane__limiter *limiter, struct vane_loop *loop,
	struct vane__waiter *waiter, void (*fn)(void *data, int rc), void *data);

/*
 * From active back to its place in the queue, as if it had never left it: what it came for is not
 * there yet.  Who does that sees to it that there is no room for now.
 */
void vane__limiter_put_back(struct vane__waiter *waiter);

/* Let so many be active from now on: those that there is room for are. */
void vane__limiter_resize(struct vane__limiter *limiter, int64_t max_active);

/* Leave, active or queued; the next one is active.  Of no effect on a zero waiter. */
void vane__limiter_leave(struct vane__waiter *waiter);

/* Nobody is active or queued any more: stop the clock. */
void vane__limiter_fini(struct vane__limiter *limiter);

#endif
