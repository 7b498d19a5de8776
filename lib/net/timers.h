/* SPDX-License-Identifier: MIT */
/*
 * timers.h - timers in the order in which they fire: a binary heap.
 *
 * The first is due first; of two that are due together, the one that was made first.  Knows
 * nothing of clocks: times are the caller's.
 */
#ifndef VANE__TIMERS_H
#define VANE__TIMERS_H

#include <vane/loop.h>

struct vane_timer {
	struct vane_loop *loop;
	int64_t due_nsec;
	uint64_t number; /* how many were made before it */
	size_t slot;     /* where it is in the heap */
	bool holds;      /* a drain waits for it */
	vane_loop_fn fn;
	void *data;
};

struct timers {
	struct vane_timer **heap;
	size_t count, room;
	uint64_t made;
};

/* Give back the heap and all timers in it. */
void vane__timers_fini(struct timers *timers);

/* Number a timer and put it in; it belongs to the heap until it is taken out.  0 or -ENOMEM. */
int vane__timers_add(struct timers *timers, struct vane_timer *timer);

/* Take out a timer that is in. */
void vane__timers_remove(struct timers *timers, struct vane_timer *timer);

/* The one that fires first, NULL if there is none. */
static inline struct vane_timer *vane__timers_first(const struct timers *timers)
{
	return timers->count > 0 ? timers->heap[0] : NULL;
}

#endif
