/* SPDX-License-Identifier: MIT */
/*
 * histogram.h - a histogram of latencies: fixed buckets on a logarithmic scale, and percentiles.
 *
 * Knows nothing of clocks, and of who counts: a histogram is an array of as many numbers.
 */
#ifndef VANE__HISTOGRAM_H
#define VANE__HISTOGRAM_H

#include <stdint.h>

/* Six bounds for each power of ten, from 100 us to 60 s, and one bucket for what takes longer. */
#define VANE__HISTOGRAM_BOUNDS  36
#define VANE__HISTOGRAM_BUCKETS (VANE__HISTOGRAM_BOUNDS + 1)

/* What a bucket has at most, in microseconds, ascending. */
extern const uint32_t vane__histogram_bounds[VANE__HISTOGRAM_BOUNDS];

/* The bucket for what is above the first bound. */
unsigned vane__histogram_find(uint64_t usec);

/* The bucket of a time in microseconds: the first whose bound is not below it. */
static inline unsigned vane__histogram_bucket(uint64_t usec)
{
	return usec <= 100 ? 0 : vane__histogram_find(usec);
}

/*
 * The time in microseconds that so many percent do not exceed, on a straight line between the
 * bounds of its bucket; the last bound for what is above it.  0 if nothing was counted.
 */
double vane__histogram_percentile(
	const uint64_t counts[VANE__HISTOGRAM_BUCKETS], double percent);

#endif
