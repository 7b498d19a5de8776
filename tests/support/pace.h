/* SPDX-License-Identifier: MIT */
/*
 * pace.h - whether a test that sends little by little was held up itself: on a machine that stood
 * still for a second, the peer is right to wait no longer.
 */
#ifndef VANE_TEST_PACE_H
#define VANE_TEST_PACE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* All zero at first. */
struct pace {
	int64_t last_msec, longest_msec;
};

/* A step is taken: how long it is since the one before. */
static inline void pace_step(struct pace *pace)
{
	struct timespec ts;
	int64_t now;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	if (pace->last_msec != 0 && now - pace->last_msec > pace->longest_msec)
		pace->longest_msec = now - pace->last_msec;
	pace->last_msec = now;
}

/* How often one tries again that has lost its pace. */
#define PACE_TRIES 10

#endif
