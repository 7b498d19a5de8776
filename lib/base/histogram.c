/* SPDX-License-Identifier: MIT */
/*
 * histogram.c - a histogram of latencies: fixed buckets on a logarithmic scale, and percentiles.
 */
#include "histogram.h"

#define DECADE(ten) 10 * ten, 15 * ten, 20 * ten, 30 * ten, 50 * ten, 70 * ten

const uint32_t vane__histogram_bounds[VANE__HISTOGRAM_BOUNDS] = { DECADE(10), DECADE(100),
	DECADE(1000), DECADE(10000), DECADE(100000), 10000000, 15000000, 20000000, 30000000,
	50000000, 60000000 };

/* A binary search would be no faster: most of what is slower than 100 us is not much slower. */
unsigned vane__histogram_find(uint64_t usec)
{
	unsigned i = 1;

	while (i + 6 < VANE__HISTOGRAM_BOUNDS && usec > vane__histogram_bounds[i + 5])
		i += 6;
	while (i < VANE__HISTOGRAM_BOUNDS && usec > vane__histogram_bounds[i])
		i++;
	return i;
}

double vane__histogram_percentile(
	const uint64_t counts[VANE__HISTOGRAM_BUCKETS], double percent)
{
	uint64_t total = 0, below = 0;
	double wanted, low, high;
	unsigned i;

	for (i = 0; i < VANE__HISTOGRAM_BUCKETS; i++)
		total += counts[i];
	if (total == 0)
		return 0;
	wanted = (double) total * percent / 100;
	for (i = 0; i < VANE__HISTOGRAM_BOUNDS; i++) {
		if (counts[i] > 0 && (double) (below + counts[i]) >= wanted)
			break;
		below += counts[i];
	}
	if (i == VANE__HISTOGRAM_BOUNDS)
		return vane__histogram_bounds[i - 1];
	low = i > 0 ? vane__histogram_bounds[i - 1] : 0;
	high = vane__histogram_bounds[i];
	return low + (high - low) * (wanted - (double) below) / (double) counts[i];
}
