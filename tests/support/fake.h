/* SPDX-License-Identifier: MIT */
/*
 * fake.h - a carrier that does what a test says: with timers or without, and a client that leaves.
 */
#ifndef VANE_TEST_FAKE_H
#define VANE_TEST_FAKE_H

#include <vane/app.h>
#include <vane/driver.h>

#include <stdbool.h>

/* What it has seen of the exchange.  Zeroed, it is ready to run. */
struct fake {
	struct vane_app *app;
	struct vane_handler handler;
	struct vane_exchange *x;
	int looks, gone_at; /* the client leaves when it is looked for so often, 0: never */
	int stalls, flushes, ends, status;
	int rc;      /* of end() */
	bool slow;   /* it takes no more than there is room for, which a test makes, */
	size_t room; /* and keeps none of it */
	char body[8192];
	size_t len;
};

/*
 * GET / of that function, which has the fake as its data; caps are VANE_CAP_ASYNC, or 0.  What is not
 * finished then, in a mode of that kind, may be later.
 */
void fake_run(struct fake *fake, unsigned caps, vane_handler_fn fn);

/* The same of an application of the test's own, with those fields: it is the test's to free, after it. */
void fake_ask(struct fake *fake, unsigned caps, struct vane_app *app,
	const struct vane_field *fields, size_t count);

/* It is over: fails the test if it is not. */
void fake_fini(struct fake *fake);

#endif
