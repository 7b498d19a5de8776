/* SPDX-License-Identifier: MIT */
/*
 * allow.h - what front doors may change, and why.
 */
#ifndef VANE_TEST_ALLOW_H
#define VANE_TEST_ALLOW_H

#include "compare.h"

/* Lists are separated by commas, and may have * in their words. */
struct allow {
	const char *fronts; /* by name */
	const char *rows;   /* "*": a general one, which is not worth a mark in the table */
	enum differs what;
	const char *names; /* of fields or lines, or the status that came; NULL: any */
	const char *why;
	bool sometimes; /* it depends on timing: need not be seen in each run */
	int debian;     /* the last release of Debian whose server needs it; 0: all do */
};

/* Ends with an entry without fronts. */
extern const struct allow allow_list[];

/* The entry that allows a difference, NULL if none does. */
const struct allow *allow_find(
	const char *front, const char *row, const struct difference *difference);

/* Whether an entry is meant for that front and row. */
bool allow_is_for(const struct allow *allow, const char *front, const char *row);

/* Whether each run has to need it here: else it has outlived its reason. */
bool allow_is_due(const struct allow *allow);

/* Whether it is for all rows. */
bool allow_is_general(const struct allow *allow);

#endif
