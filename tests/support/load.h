/* SPDX-License-Identifier: MIT */
/*
 * load.h - load on an HTTP server: clients that ask without a pause, and count what is lost.
 *
 * Every other one keeps its connection, a third of them POST.  A request is sent again only where
 * RFC 9110 (9.2.2) lets clients: not POST, and only if a kept connection was closed before the
 * first byte of an answer.  Answers are read to their end and compared.
 */
#ifndef VANE_TEST_LOAD_H
#define VANE_TEST_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define LOAD_CLIENTS_MAX 256

struct load {
	int port;
	atomic_bool stop;
	bool quiet;        /* losses are counted and not told; to be set before the start */
	bool no_kept_post; /* POST on new connections only; the same */
	atomic_long requests, posts;
	atomic_long refused;   /* nobody listened */
	atomic_long truncated; /* the answer ended too early */
	atomic_long failed;    /* no answer, or not the one that was due */
	size_t count;
	struct load_client *clients;
};

/* Start so many clients of a port on 127.0.0.1: GET / and POST /echo.  0 or a negative errno. */
int load_start(struct load *load, int port, size_t count);

/* Let them finish what they ask, and end them; the counts stay. */
void load_stop(struct load *load);

/* Wait until they have asked so many times more: -ETIMEDOUT if they do not. */
int load_await(struct load *load, long more, long msec);

/* How many requests were lost, in whatever way. */
long load_lost(const struct load *load);

/* Write "N requests (N POST), N failed, N truncated, N refused". */
void load_describe(const struct load *load, char *text, size_t size);

#endif
