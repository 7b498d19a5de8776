/* SPDX-License-Identifier: MIT */
/*
 * metrics.h - reads text in Prometheus's exposition format 0.0.4, and is as strict as promtool is.
 */
#ifndef VANE_TEST_METRICS_H
#define VANE_TEST_METRICS_H

#include <stddef.h>

struct metrics_sample {
	char *name, *labels; /* labels as they stand between the braces, "" for none */
	double value;
};

struct metrics {
	struct metrics_sample *samples;
	size_t count;
	char why[256]; /* what is wrong, "" if nothing is */
};

/*
 * Take a text apart.  Returns what is wrong with it, "" if nothing is: the grammar, HELP and TYPE
 * before the samples of each family, those of one family together, no series twice, counters named
 * _total, histograms that are whole and ascend.
 */
const char *metrics_parse(struct metrics *metrics, const char *text);
void metrics_fini(struct metrics *metrics);

/* The sum of the samples of a name; with a label, of those that have it.  Its text is as escaped. */
double metrics_sum(const struct metrics *metrics, const char *name, const char *label,
	const char *value);

#endif
