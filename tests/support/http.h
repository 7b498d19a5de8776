/* SPDX-License-Identifier: MIT */
/*
 * http.h - a well-behaved HTTP/1.1 client: libcurl, with targets and fields sent as they
 * are.
 */
#ifndef VANE_TEST_HTTP_H
#define VANE_TEST_HTTP_H

#include "support/ask.h"

struct http;

/* Once, before the first client and before threads. */
int http_global_init(void);

/*
 * A client of a port of 127.0.0.1, or of a unix socket if path is not NULL; it keeps its
 * connection.  0 or a negative errno.
 */
int http_new(struct http **http, int port, const char *path);

/*
 * Ask, and wait for the answer for at most thirty seconds, or http_set_patience().
 *
 * 0 whenever there was an answer, even one that was cut (see answer.whole); -ECONNREFUSED
 * if nobody listens, -ECONNRESET if the connection ended before the first byte, -ETIMEDOUT.
 */
int http_ask(struct http *http, const struct ask *ask, struct answer *answer);

/* Let it wait that long for answers in place of thirty seconds. */
void http_set_patience(struct http *http, long seconds);

/* How many connections it has made so far. */
long http_connections(const struct http *http);

void http_free(struct http *http);

#endif
