/* SPDX-License-Identifier: MIT */
/*
 * limiter.c - limits concurrent requests and queues the rest, so many and for so long.
 */
#include "limiter.h"

#include <vane/loop.h>

#include "limit.h"

static void plan_timeout(struct vane__limiter *limiter);

void vane__limiter_init(struct vane__limiter *limiter, int64_t max_active,
	int64_t max_waiting, int64_t wait_msec)
{
	*limiter = (struct vane__limiter) {
		.max_active = max_active, .max_waiting = max_waiting, .wait_msec = wait_msec
	};
	list_init(&limiter->queue);
}

static struct vane__waiter *waiter_at(struct list *node)
{
	return CONTAINER_OF(node, struct vane__waiter, node);
}

/* Who has waited the longest; NULL: nobody waits. */
static struct vane__waiter *first(struct vane__limiter *limiter)
{
	return list_empty(&limiter->queue) ? NULL : waiter_at(limiter->queue.next);
}

static void dequeue(struct vane__limiter *limiter, struct vane__waiter *waiter)
{
	list_del(&waiter->node);
	limiter->waiting--;
}

static bool is_overdue(
	const struct vane__limiter *limiter, const struct vane__waiter *waiter)
{
	return vane_loop_now(limiter->loop) - waiter->since >= limiter->wait_msec;
}

static void on_timeout(void *data)
{
	struct vane__limiter *limiter = data;
	struct vane__waiter *waiter;

	limiter->timer = NULL;
	while ((waiter = first(limiter)) != NULL && is_overdue(limiter, waiter)) {
		dequeue(limiter, waiter);
		waiter->limiter = NULL;
		waiter->fn(waiter->data, -ETIMEDOUT);
	}
	plan_timeout(limiter);
}

/*
 * One timer, for whoever has waited the longest.  Without one, as if there were no memory for
 * it, they wait until it is their turn.
 */
static void plan_timeout(struct vane__limiter *limiter)
{
	const struct vane__waiter *waiter = first(limiter);
	int64_t left;

	if (waiter == NULL) {
		vane_timer_cancel(limiter->timer);
		limiter->timer = NULL;
	}
	if (waiter == NULL || limiter->timer != NULL ||
		limiter->wait_msec == VANE__UNLIMITED)
		return;
	left = limiter->wait_msec - (vane_loop_now(limiter->loop) - waiter->since);
	vane_loop_call_later(
		limiter->loop, left > 0 ? left : 0, on_timeout, limiter, &limiter->timer);
}

static bool has_room(const struct vane__limiter *limiter)
{
	return limiter->active < limiter->max_active;
}

static void enqueue(struct vane__limiter *limiter, struct vane__waiter *waiter)
{
	list_add(&limiter->queue, &waiter->node);
	limiter->waiting++;
	plan_timeout(limiter);
}

int vane__limiter_enter(struct vane__limiter *limiter, struct vane_loop *loop,
	struct vane__waiter *waiter, void (*fn)(void *data, int rc), void *data)
{
	assert(waiter->limiter == NULL);
	limiter->loop = loop;
	if (!has_room(limiter) && limiter->waiting >= limiter->max_waiting)
		return -EAGAIN;
	*waiter = (struct vane__waiter) {
		.limiter = limiter, .fn = fn, .data = data, .since = vane_loop_now(loop)
	};
	if (!has_room(limiter)) {
		enqueue(limiter, waiter);
		return 0;
	}
	waiter->active = true;
	limiter->active++;
	return 1;
}

/*
 * Let in whom there is room for.  Those that leave again at once make room for the next here,
 * not each within the other.
 */
static void admit(struct vane__limiter *limiter)
{
	struct vane__waiter *waiter;

	if (limiter->admitting)
		return;
	limiter->admitting = true;
	while ((waiter = first(limiter)) != NULL && has_room(limiter)) {
		dequeue(limiter, waiter);
		waiter->active = true;
		limiter->active++;
		waiter->fn(waiter->data, 0);
	}
	limiter->admitting = false;
	plan_timeout(limiter);
}

void vane__limiter_put_back(struct vane__waiter *waiter)
{
	struct vane__limiter *limiter = waiter->limiter;
	struct list *at = limiter->queue.next;

	assert(waiter->active);
	waiter->active = false;
	limiter->active--;
	/* the clock runs for the first, so that has to be who has waited the longest */
	while (at != &limiter->queue && waiter_at(at)->since < waiter->since)
		at = at->next;
	list_add(at, &waiter->node);
	limiter->waiting++;
	/* it may have waited longer than whom the clock runs for */
	vane_timer_cancel(limiter->timer);
	limiter->timer = NULL;
	plan_timeout(limiter);
}

void vane__limiter_resize(struct vane__limiter *limiter, int64_t max_active)
{
	limiter->max_active = max_active;
	admit(limiter);
}

void vane__limiter_leave(struct vane__waiter *waiter)
{
	struct vane__limiter *limiter = waiter->limiter;

	if (limiter == NULL)
		return;
	waiter->limiter = NULL;
	if (!waiter->active) {
		dequeue(limiter, waiter);
		plan_timeout(limiter);
		return;
	}
	waiter->active = false;
	limiter->active--;
	admit(limiter);
}

void vane__limiter_fini(struct vane__limiter *limiter)
{
	assert(limiter->active == 0 && limiter->waiting == 0);
	vane_timer_cancel(limiter->timer);
	limiter->timer = NULL;
}
