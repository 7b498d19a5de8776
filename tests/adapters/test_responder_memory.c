/* SPDX-License-Identifier: MIT */
/*
 * test_responder_memory.c - adapters/responder*.c when memory cannot be had while an answer waits
 * for a front that does not read: that one connection may be lost, and no other is sent what was
 * meant for it
 *
 * The responder is a process of its own, in which one allocation after the other fails.
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/alloc.h"
#include "support/responder.h"

#define LENGTH(a)  (sizeof(a) / sizeof((a)[0]))
#define BIG_BYTES  (700 * 1024)
#define BODY_BYTES 200000

/* What answers consist of that others are not to see. */
#define SECRET '~'

/* Room that an answer leaves in the responder's buffer: too little for the records that end it. */
#define ROOM 20

enum { ALL_WELL = 10, ONE_FAILED = 11 }; /* exit status of the responder */

static long fails; /* the allocation that does */

static void begin(void)
{
	alarm(60);
	alloc_fail_once(fails);
}

static int end(void)
{
	return alloc_fail_never() > 0 ? ONE_FAILED : ALL_WELL;
}

static void start(const struct responder_speech *speech, long n)
{
	const struct responder_opts opts = { .begin = begin, .end = end };

	fails = n;
	responder_big_len = BIG_BYTES;
	memset(responder_big, SECRET, BIG_BYTES);
	responder_start(speech, &opts);
}

/* ---- the fronts ---- */

/* Ask, on a connection that may be closed already. */
static int ask(const char *method, const char *path, size_t body_len, const char *behind)
{
	struct fcgi_bytes bytes = { 0 };
	int fd = responder_connect();

	responder_request(&bytes, method, path, body_len);
	if (behind != NULL)
		responder_request(&bytes, "POST", behind, 40000);
	send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
	fcgi_bytes_fini(&bytes);
	return fd;
}

/* Whether a page comes, and is whole; closes. */
static bool is_page(int fd, struct responder_answer *answer)
{
	responder_collect(fd, answer);
	close(fd);
	return answer->whole && answer->out.len > 12 &&
	       memcmp(answer->out.data, "Status: 200 ", 12) == 0;
}

/* It is answered, or it was this one that found no memory. */
static bool says(const char *method, const char *path, size_t body_len, const char *body)
{
	struct responder_answer answer;
	bool answered = is_page(ask(method, path, body_len, NULL), &answer);

	assert_true(answer.out.len == 0 || strchr(answer.out.data, SECRET) == NULL);
	assert_true(!answered || strcmp(answer.body, body) == 0);
	fcgi_bytes_fini(&answer.out);
	return answered;
}

/*
 * One front asks, where that is possible with another request behind, and does not read until
 * others have been answered.  Returns how many were not of all of them.
 */
static int play(const char *path, size_t expected, const char *behind)
{
	struct responder_answer answer;
	int fd = ask("GET", path, 0, behind), lost = 0;

	lost += !says("GET", "/hello", 0, "hello");
	lost += !says("POST", "/length", BODY_BYTES, "200000");
	if (is_page(fd, &answer))
		assert_int_equal(answer.body_len, expected); /* for whole means whole */
	else
		lost++;
	lost += !says("GET", "/hello", 0, "hello");
	fcgi_bytes_fini(&answer.out);
	return lost;
}

/* ---- the tests ---- */

static void expect_one_lost(const struct responder_speech *speech, const char *path,
	size_t expected, const char *behind)
{
	int status = ONE_FAILED;
	long n;

	for (n = 0; status == ONE_FAILED; n++) {
		start(speech, n);
		if (play(path, expected, behind) > 1)
			fail_msg("%s: more than one is lost by allocation %ld", path, n);
		assert_int_equal(kill(responder_pid, SIGTERM), 0);
		status = responder_status();
	}
	assert_int_equal(status, ALL_WELL);
	assert_true(n > 5);
}

static void an_answer_that_waits_costs_its_own_connection_at_most(void **state)
{
	const struct responder_speech *speech = *state;
	const char *behind = speech->fastcgi ? "/length" : NULL;

	expect_one_lost(speech, "/borrowed", BIG_BYTES, behind);
	expect_one_lost(speech, "/source", BIG_BYTES, behind);
}

/* How many bytes an answer is, all records told, but for those that end it. */
static size_t answer_length(const struct responder_speech *speech, size_t body)
{
	struct responder_answer answer;
	char path[32];
	size_t len;

	start(speech, 1 << 20);
	snprintf(path, sizeof(path), "/fill/%zu", body);
	assert_true(is_page(ask("GET", path, 0, NULL), &answer));
	len = 8 + answer.out.len;
	fcgi_bytes_fini(&answer.out);
	assert_int_equal(kill(responder_pid, SIGTERM), 0);
	assert_int_equal(responder_status(), ALL_WELL);
	return len;
}

/* The answer fits in the memory that is there, and what ends it does not; in SCGI nothing does. */
static void an_answer_without_an_end_is_sent_to_nobody_else(void **state)
{
	const struct responder_speech *speech = *state;
	size_t want;

	for (want = 512; want <= 1024 && speech->fastcgi; want *= 2) {
		size_t bytes = want - ROOM - answer_length(speech, 100) + 100;
		char path[32];

		assert_int_equal(answer_length(speech, bytes), want - ROOM);
		snprintf(path, sizeof(path), "/fill/%zu", bytes);
		expect_one_lost(speech, path, bytes, NULL);
	}
}

int main(void)
{
	static const struct responder_test rows[] = {
#define ROW(test) { #test, test }
		ROW(an_answer_that_waits_costs_its_own_connection_at_most),
		ROW(an_answer_without_an_end_is_sent_to_nobody_else),
	};

	return responder_run(rows, LENGTH(rows));
}
