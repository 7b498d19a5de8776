/* SPDX-License-Identifier: MIT */
/*
 * timers.c - timers in the order in which they fire.
 *
 * libev has a heap of its own, but lets timers that are due together fire in any order.
 */
#include "timers.h"

#include <stdlib.h>

#include "base.h"

static bool before(const struct vane_timer *a, const struct vane_timer *b)
{
	if (a->due_nsec != b->due_nsec)
		return a->due_nsec < b->due_nsec;
	return a->number < b->number;
}

static void place(struct timers *timers, size_t slot, struct vane_timer *timer)
{
	timers->heap[slot] = timer;
	timer->slot = slot;
}

/* Move what is in the slot towards the root until its parent is before it. */
static void sift_up(struct timers *timers, size_t slot)
{
	struct vane_timer *timer = timers->heap[slot];

	while (slot > 0 && before(timer, timers->heap[(slot - 1) / 2])) {
		place(timers, slot, timers->heap[(slot - 1) / 2]);
		slot = (slot - 1) / 2;
	}
	place(timers, slot, timer);
}

/* Move what is in the slot towards the leaves until it is before both its children. */
static void sift_down(struct timers *timers, size_t slot)
{
	struct vane_timer *timer = timers->heap[slot];
	size_t child;

	while ((child = 2 * slot + 1) < timers->count) {
		if (child + 1 < timers->count &&
			before(timers->heap[child + 1], timers->heap[child]))
			child++;
		if (!before(timers->heap[child], timer))
			break;
		place(timers, slot, timers->heap[child]);
		slot = child;
	}
	place(timers, slot, timer);
}

void vane__timers_fini(struct timers *timers)
{
	size_t i;

	for (i = 0; i < timers->count; i++)
		free(timers->heap[i]);
	free(timers->heap);
	*timers = (struct timers) { 0 };
}

int vane__timers_add(struct timers *timers, struct vane_timer *timer)
{
	if (timers->count == timers->room) {
		size_t room = timers->room > 0 ? 2 * timers->room : 16;
		struct vane_timer **heap = realloc(timers->heap, room * sizeof(*heap));

		if (heap == NULL)
			return -ENOMEM;
		timers->heap = heap;
		timers->room = room;
	}
	timer->number = timers->made++;
	timers->heap[timers->count] = timer;
	sift_up(timers, timers->count++);
	return 0;
}

void vane__timers_remove(struct timers *timers, struct vane_timer *timer)
{
	size_t slot = timer->slot;
	struct vane_timer *last;

	assert(slot < timers->count && timers->heap[slot] == timer);
	last = timers->heap[--timers->count];
	if (last == timer)
		return;
	place(timers, slot, last);
	sift_up(timers, slot);
	sift_down(timers, last->slot);
}
