/* SPDX-License-Identifier: MIT */
/*
 * crowd.h - many clients of a server at once, some of which leave when they like.
 *
 * Each has a connection at a time, and keeps it for its next errand if both sides may.
 */
#ifndef VANE_TEST_CROWD_H
#define VANE_TEST_CROWD_H

#include <stdbool.h>
#include <stddef.h>

enum crowd_leave { CROWD_STAYS, CROWD_CLOSES, CROWD_RESETS };

/* What a client is to do. */
struct errand {
	long number; /* whatever helps to know it again */
	char *bytes; /* the request, freed by the crowd */
	size_t len;
	enum crowd_leave leave;
	size_t leave_sent, leave_got; /* when so much is sent, and so much has come, */
	int leave_msec;               /* and so much later */
};

/* How it went. */
struct outcome {
	int status; /* 0: none came */
	bool whole;
	bool left; /* the client did, before it was */
	const char *body;
	size_t body_len;
};

struct crowd {
	int port;
	int clients;
	/* What the client of that number, from 0, does next; false: nothing any more. */
	bool (*next)(void *data, int client, struct errand *errand);
	void (*done)(
		void *data, const struct errand *errand, const struct outcome *outcome);
	void *data;
	int msec; /* nothing happens for so long: the server hangs */
};

/* Have all errands done.  0, -ETIMEDOUT if the server hangs, or another negative errno. */
int crowd_run(const struct crowd *crowd);

#endif
