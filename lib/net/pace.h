/* SPDX-License-Identifier: MIT */
/*
 * pace.h - whether the body of a request comes as fast as it must.
 */
#ifndef VANE__PACE_H
#define VANE__PACE_H

#include <stdbool.h>

#include <vane/types.h>

/* The least rate of a body while it is waited for.  The owner fills in the first two. */
struct vane__pace {
	int64_t over_msec; /* looked at when it was waited for longer than that */
	int64_t min_rate;  /* bytes a second, <= 0: none */
	int64_t waited;    /* milliseconds since it was last looked at, */
	int64_t before;    /* and the bytes of the body that had come then */
};

/* After so many more milliseconds, bytes of the body are here: whether that is too slow. */
bool vane__pace_slow(struct vane__pace *pace, int64_t msec, int64_t bytes);

/* The next body comes. */
void vane__pace_reset(struct vane__pace *pace);

#endif
