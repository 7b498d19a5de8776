/* SPDX-License-Identifier: MIT */
/*
 * pace.c - whether the body of a request comes as fast as it must.
 */
#include "pace.h"

bool vane__pace_slow(struct vane__pace *pace, int64_t msec, int64_t bytes)
{
	bool slow;

	/* A longer pause ends the request, or we were busy: that is not its doing. */
	pace->waited += msec < pace->over_msec ? msec : pace->over_msec;
	if (pace->waited <= pace->over_msec || pace->min_rate <= 0)
		return false;
	slow = (bytes - pace->before) * 1000 / pace->waited < pace->min_rate;
	pace->waited = 0;
	pace->before = bytes;
	return slow;
}

void vane__pace_reset(struct vane__pace *pace)
{
	pace->waited = 0;
	pace->before = 0;
}
