/* SPDX-License-Identifier: MIT */
/*
 * suite.h - the conformance suite: exchanges as table rows, each asked of a front door and
 * of the in-process test client, which must agree.
 *
 * A row says what must come back, and the test client must say so.  A carrier (the native
 * server, FastCGI behind a web server, ...) must give the same status, the same fields, and
 * the same bytes; where one cannot, allow.c says which, what and why.
 */
#ifndef VANE_TEST_SUITE_H
#define VANE_TEST_SUITE_H

#include <vane/types.h>

#include "support/ask.h"

struct vane_app;

#define TEXT(literal) { (literal), sizeof(literal) - 1 }

/* One exchange.  Zero means the default. */
struct suite_row {
	const char *name;
	const char *method; /* GET */
	const char *target;
	const char *fields; /* "Name: value" lines; Host is vane.test unless given */
	struct vane_slice body;
	size_t pattern;     /* or so many bytes of the pattern */
	bool chunked;       /* send it so */
	int status;         /* what must be answered */
	int adapter_status; /* where there is no async; 0: the same */
	/* lines that must be among the answer's fields; "Name" alone: must not be there */
	const char *expect;
	const char *answer;    /* the body, NULL: what the test client says */
	const char *part;      /* something that is in the body */
	size_t answer_pattern; /* or so many bytes of the pattern */
	bool cut;              /* the answer must not look whole */
};

/* Both end with a row without a name. */
extern const struct suite_row suite_requests[];
extern const struct suite_row suite_responses[];

/* A front door. */
struct suite_carrier {
	const char *name; /* as allow.c calls it */
	bool adapter;     /* cannot answer after the handler has returned */
	bool slow;        /* a process a request: ask it less often */
	bool single;      /* not to be asked by several at once */
	int (*open)(const struct suite_carrier *carrier, void **client);
	int (*ask)(void *client, const struct ask *ask, struct answer *answer);
	void (*close)(void *client);
	void *data;
};

/*
 * Ask all rows: in the order of the file, in two shuffled ones, and by eight clients at
 * once. Prints what differed and one line of result.  Returns how many rows and entries of
 * the allow-list failed, or a negative errno.
 */
int suite_run(const struct suite_carrier *carrier);

/* Ask an application by the test client, its body in pieces of that many bytes; 0: whole. */
int suite_ask_app(
	struct vane_app *app, const struct ask *ask, size_t piece, struct answer *answer);

/* Check the rows against what they say themselves, by the test client alone. */
int suite_check_reference(void);

#endif
