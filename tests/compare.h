/* SPDX-License-Identifier: MIT */
/*
 * compare.h - what differs between two answers.
 */
#ifndef VANE_TEST_COMPARE_H
#define VANE_TEST_COMPARE_H

#include "suite.h"

enum differs {
	DIFFERS_STATUS, /* name is the status that came: nothing else is compared then */
	DIFFERS_FIELD,  /* of the answer */
	DIFFERS_LINE,   /* of what /env tells: what the handler saw differs */
	DIFFERS_BODY,
	DIFFERS_WHOLE, /* one was cut, the other was not */
	DIFFERS_ERROR, /* no answer came at all */
};

struct difference {
	enum differs what;
	char name[64];
	char detail[240];
};

typedef void (*difference_fn)(const struct difference *difference, void *data);

/*
 * Tell fn of everything in which got differs from the reference.  status, if it is not 0, is
 * what must be answered instead: only that is compared then.
 */
void compare_answers(const struct suite_row *row, int status,
	const struct answer *reference, const struct answer *got, difference_fn fn,
	void *data);

/* Tell fn of everything in which an answer is not what its row says. */
void compare_with_row(const struct suite_row *row, const struct answer *got,
	difference_fn fn, void *data);

/* The word for a kind of difference, "field". */
const char *differs_name(enum differs what);

#endif
