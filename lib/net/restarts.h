/* SPDX-License-Identifier: MIT */
/*
 * restarts.h - how soon a worker that crashed is restarted, and how often that may be.
 *
 * Knows nothing of clocks: times are the caller's.
 */
#ifndef VANE__RESTARTS_H
#define VANE__RESTARTS_H

#include <stddef.h>
#include <vane/types.h>

/* The last restarts, as many as there may be within the window. */
struct restarts {
	int64_t *at_msec; /* a ring; NULL: there may be any number */
	size_t max, count, oldest;
	int64_t window_msec;
};

/*
 * At most max restarts within the window, at least 1; more than a million: any number; and
 * VANE__UNLIMITED: a window without end.  0 or -ENOMEM.
 */
int vane__restarts_init(struct restarts *restarts, int64_t max, int64_t window_msec);
void vane__restarts_fini(struct restarts *restarts);

/* One more, now: whether it is allowed. */
bool vane__restarts_add(struct restarts *restarts, int64_t now_msec);

/*
 * How long to wait before a worker is forked again that has lived so long, if last_msec was
 * waited before it: nothing the first time, unless it died at once; then longer and longer.
 */
int64_t vane__restart_delay(int64_t last_msec, int64_t lived_msec);

#endif
