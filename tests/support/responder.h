/* SPDX-License-Identifier: MIT */
/*
 * responder.h - a FastCGI or SCGI responder in a process of its own, and fronts that ask it: one
 * script for both.
 *
 * Its application has large answers, bodies that are read in all ways, and handlers that say how far
 * they are.  What cannot be is asserted.
 */
#ifndef VANE_TEST_RESPONDER_H
#define VANE_TEST_RESPONDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "support/fcgi_peer.h"

#define RESPONDER_WAIT_MSEC 20000

/* For what is not to be waited for long; /turn takes twice that. */
#define RESPONDER_SHORT_MSEC 300

/* Larger than what any socket takes; and not much more than what is kept. */
#define RESPONDER_BIG_BYTES  (10 * 1024 * 1024)
#define RESPONDER_SOME_BYTES (300 * 1024)

/* How the front speaks. */
struct responder_speech {
	const char *name;
	bool fastcgi; /* on kept connections; else SCGI */
};

extern const struct responder_speech responder_fastcgi, responder_scgi;

/* As in vane/fastcgi.h and vane/scgi.h. */
struct responder_opts {
	int64_t request_msec, min_rate, write_msec, grace_msec;
	size_t max_head_bytes, max_connections;
	/* in its process, if they are set: before its loop turns, and then for its exit status */
	void (*begin)(void);
	int (*end)(void);
};

/* What handlers and tests tell each other. */
struct responder_shared {
	volatile int finished, closed, error, started, drained, go;
};

extern struct responder_shared *responder_shared;

/* What /borrowed, /copied, /file and /source answer with, and bodies consist of. */
extern char *responder_big;
extern size_t responder_big_len; /* RESPONDER_BIG_BYTES, unless a test wants less */
extern const char *const responder_big_paths[];
enum { RESPONDER_BIG_PATHS = 4 };

/* Make what is shared, once; as a group's set-up. */
int responder_set_up(void **state);

/* Run each test, whose *state is a speech, by FastCGI and by SCGI: what main() returns. */
struct responder_test {
	const char *name;
	void (*run)(void **state);
};
int responder_run(const struct responder_test *rows, size_t count);

/* ---- the process ---- */

extern pid_t responder_pid;

/* Start it at a unix socket; speech is what will be asked. */
void responder_start(
	const struct responder_speech *speech, const struct responder_opts *opts);

/* The same at 127.0.0.1; narrow: where a connection holds little. */
void responder_start_tcp(
	const struct responder_speech *speech, const struct responder_opts *opts);
void responder_start_narrow(
	const struct responder_speech *speech, const struct responder_opts *opts);

/* Wait until it has left, and return its exit status. */
int responder_status(void);

/* It leaves properly; stop tells it to. */
void responder_expect_end(void);
void responder_stop(void);

/* What it has of memory, in bytes; 0 where nobody says. */
long responder_memory(void);

/* Whoever waits for its peer costs nothing. */
void responder_expect_rest(void);

/* How many descriptors it has open; wait until that is so. */
int responder_fds(void);
void responder_expect_fds(int count);

/* ---- asking ---- */

void responder_pause(int msec);

/* Wait until a handler has said something; until it has counted so far. */
void responder_wait_for(const volatile int *what);
void responder_wait_until_started(int count);

/* Connect; the socket is the test's. */
int responder_connect(void);

/* Append the head of a request, a piece of its body, and its end; or all of it. */
void responder_head(
	struct fcgi_bytes *bytes, const char *method, const char *path, size_t body_len);
void responder_body(struct fcgi_bytes *bytes, const char *data, size_t len);
void responder_body_end(struct fcgi_bytes *bytes);
void responder_request(
	struct fcgi_bytes *bytes, const char *method, const char *path, size_t body_len);

/* Send all of them, which are forgotten then. */
void responder_send(int fd, struct fcgi_bytes *bytes);

/* Send a request without a body, and read nothing. */
void responder_get(int fd, const char *path);

/* Wait until all that was sent is taken (unix sockets only). */
void responder_wait_until_taken(int fd);

/* Something of the answer is here, so that the rest waits for us. */
void responder_wait_until_answered(int fd);

/* Ask for that, and read nothing of the answer but that it comes; others are answered meanwhile. */
int responder_ask_and_block(const char *path);

/* The same of an answer that comes before its body, of which something is to come. */
int responder_ask_early_and_block(void);

/* What an answer consists of. */
struct responder_answer {
	struct fcgi_bytes out;
	const char *body;
	size_t body_len;
	bool whole;
};

/* Read to the end of the answer, or of the connection. */
void responder_collect(int fd, struct responder_answer *answer);

/* Read a little of one, of which there must be some; what is collected next begins with that. */
void responder_read_ahead(int fd, size_t most);

/* Collect it, and look whether it is that. */
void responder_expect(int fd, const char *status, const char *body);
void responder_expect_big(int fd);

/* It is not whole.  Closes. */
void responder_expect_cut(int fd);

/* It is answered: the connection carries the next one, or has ended.  Closes. */
void responder_expect_next(int fd);

/* Another connection is answered. */
void responder_expect_alive(void);

#endif
