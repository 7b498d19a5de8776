/* SPDX-License-Identifier: MIT */
/*
 * test_responder.c - adapters/responder*.c: requests, their bodies and answers, limits of time, and
 * the end; by FastCGI and by SCGI.
 *
 * Fronts that are slow while others ask are test_responder_slow.c's.
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/pace.h"
#include "support/responder.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static bool is_fastcgi(void **state)
{
	return *state == &responder_fastcgi;
}

/* Nothing comes but the end.  Closes. */
static void expect_nothing(int fd)
{
	char byte;

	assert_true(recv(fd, &byte, 1, 0) <= 0);
	close(fd);
}

/* How many descriptors it has with this connection, its first, which has been answered. */
static int fds_with(int *kept)
{
	*kept = responder_connect();
	responder_get(*kept, "/hello");
	responder_expect(*kept, "200", "hello");
	return responder_fds();
}

/* ---- what should work ---- */

static void connections_leave_nothing_behind(void **state)
{
	size_t tcp;
	int i, fds, kept;

	for (tcp = 0; tcp < 2; tcp++) {
		(tcp ? responder_start_tcp : responder_start)(*state, NULL);
		fds = fds_with(&kept);
		for (i = 0; i < 500; i++)
			responder_expect_alive();
		responder_expect_fds(fds);
		close(kept);
		responder_stop();
	}
}

static void heads_of_all_sizes_come_through(void **state)
{
	static const size_t counts[] = { 0, 1, 7, 8, 9, 15, 16, 17, 40 };
	struct responder_answer answer;
	size_t i;

	responder_start(*state, NULL);
	for (i = 0; i < LENGTH(counts); i++) {
		char path[64];
		int fd = responder_connect();

		snprintf(path, sizeof(path), "/fields/%zu", counts[i]);
		responder_get(fd, path);
		responder_collect(fd, &answer);
		assert_true(answer.whole);
		assert_true(answer.out.len > counts[i] * 4096);
		assert_string_equal(answer.body, "below");
		fcgi_bytes_fini(&answer.out);
		responder_expect_next(fd);
	}
	responder_stop();
}

static void a_response_that_fails_halfway_is_cut(void **state)
{
	static const struct {
		const char *method;
		size_t body_len;
	} rows[] = { { "GET", 0 }, { "POST", 1 }, { "POST", 100000 } };
	struct responder_answer answer;
	struct fcgi_bytes bytes = { 0 };
	size_t i, tcp;

	for (tcp = 0; tcp < 2; tcp++) {
		(tcp ? responder_start_tcp : responder_start)(*state, NULL);
		for (i = 0; i < LENGTH(rows); i++) {
			int fd = responder_connect();

			responder_request(&bytes, rows[i].method, "/cut", rows[i].body_len);
			responder_send(fd, &bytes);
			responder_collect(fd, &answer);
			assert_false(answer.whole);
			/* By SCGI over TCP what is on its way may be lost with the rest. */
			if (!tcp || is_fastcgi(state))
				assert_string_equal(answer.body, "half of");
			fcgi_bytes_fini(&answer.out);
			close(fd);
		}
		responder_stop();
	}
}

static void nothing_can_be_answered_later(void **state)
{
	int fd;

	responder_start(*state, NULL);
	fd = responder_connect();
	responder_get(fd, "/later");
	responder_expect(fd, "500 Internal Server Error", NULL);
	responder_expect_next(fd);
	responder_stop();
}

/* ---- bodies that are not what was said ---- */

/* Half of it, and then nothing: whether that is cut off or just ends there. */
static void a_body_that_is_cut_off_is_refused(void **state)
{
	static const size_t sizes[] = { 10, 40000, 200000 };
	struct fcgi_bytes bytes = { 0 };
	size_t i;

	responder_start(*state, NULL);
	for (i = 0; i < LENGTH(sizes); i++) {
		int fd = responder_connect();

		responder_head(&bytes, "POST", "/length", sizes[i]);
		responder_body(&bytes, responder_big, sizes[i] - 1);
		responder_send(fd, &bytes);
		shutdown(fd, SHUT_WR);
		/* A short one has not come to run. */
		if (sizes[i] < 32768) {
			expect_nothing(fd);
			continue;
		}
		responder_expect(fd, "400 Bad Request", NULL);
		close(fd);
	}
	responder_expect_alive();
	responder_stop();
}

static void a_body_longer_than_announced_ends_there(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	int fd;

	responder_start(*state, NULL);
	fd = responder_connect();
	responder_head(&bytes, "POST", "/echo", 3);
	responder_body(&bytes, "longer", 6);
	responder_body_end(&bytes);
	responder_send(fd, &bytes);
	responder_expect(fd, "200 OK", "lon");
	responder_expect_next(fd);
	responder_stop();
}

/* The answer comes before the body is sent, and is not lost. */
static void a_body_that_is_too_large_is_refused_early(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	size_t tcp;
	int fd;

	for (tcp = 0; tcp < 2; tcp++) {
		(tcp ? responder_start_tcp : responder_start)(*state, NULL);
		fd = responder_connect();
		responder_request(&bytes, "POST", "/small", 4 * 1024 * 1024);
		responder_send(fd, &bytes);
		responder_expect(fd, "413 Content Too Large", NULL);
		expect_nothing(fd);
		responder_expect_alive();
		responder_stop();
	}
}

/* ---- limits of time ---- */

static void half_a_request_is_dropped_in_time(void **state)
{
	const struct responder_opts opts = { .request_msec = 100 };
	struct fcgi_bytes bytes = { 0 }, part = { 0 };
	size_t at;
	int silent;

	responder_start(*state, &opts);
	silent = responder_connect();
	responder_request(&bytes, "POST", "/length", 4);
	for (at = 1; at < bytes.len; at += bytes.len / 5) {
		int fd = responder_connect();

		fcgi_bytes_add(&part, bytes.data, at);
		responder_send(fd, &part);
		/* Nobody else is kept waiting meanwhile. */
		responder_expect_alive();
		expect_nothing(fd);
	}
	/* Who has sent nothing at all may stay where connections are kept. */
	if (is_fastcgi(state)) {
		responder_send(silent, &bytes);
		responder_expect(silent, "200 OK", "4");
		responder_expect_next(silent);
	} else {
		expect_nothing(silent);
	}
	fcgi_bytes_fini(&bytes);
	responder_stop();
}

/* In the loop, and beyond what is waited for there: 2,700 bytes a second at most. */
static const struct trickle {
	int64_t min_rate;
	size_t at_once;
	const char *status; /* NULL: the connection is closed */
} trickles[] = {
	{ 100000, 0, NULL },
	{ 100000, 40000, "400 Bad Request" },
	{ 50, 0, "200 OK" },
	{ -1, 40000, "200 OK" },
};

/* False if it was held up for as long as would not be waited for in any case. */
static bool trickle_goes_as_it_should(void **state, const struct trickle *row)
{
	const struct responder_opts opts = { .request_msec = 1000,
		.min_rate = row->min_rate };
	struct fcgi_bytes bytes = { 0 };
	struct pace pace = { 0 };
	bool kept;
	size_t at;
	int fd;

	responder_start(*state, &opts);
	fd = responder_connect();
	responder_request(&bytes, "POST", "/length", row->at_once + 4000);
	at = bytes.len - 4000;
	pace_step(&pace);
	assert_int_equal(send(fd, bytes.data, at, MSG_NOSIGNAL), at);
	for (; at < bytes.len && send(fd, bytes.data + at, 40, MSG_NOSIGNAL) == 40;
		at += 40) {
		responder_pause(15);
		pace_step(&pace);
	}
	kept = pace.longest_msec < opts.request_msec / 2;
	if (kept && row->status != NULL)
		responder_expect(fd, row->status, NULL);
	if (kept && row->status == NULL)
		expect_nothing(fd);
	else
		close(fd);
	fcgi_bytes_fini(&bytes);
	responder_stop();
	return kept;
}

static void a_body_that_trickles_is_not_waited_for(void **state)
{
	size_t i;

	for (i = 0; i < LENGTH(trickles); i++) {
		int tries = PACE_TRIES;

		while (!trickle_goes_as_it_should(state, &trickles[i]))
			assert_true(--tries > 0);
	}
}

/* Each byte is in time, the whole is not. */
static void a_head_that_trickles_is_not_waited_for(void **state)
{
	const struct responder_opts opts = { .request_msec = 500 };
	struct fcgi_bytes bytes = { 0 };
	char path[1001];
	int fd, i;

	memset(path, '/', 1000);
	path[1000] = '\0';
	responder_start(*state, &opts);
	fd = responder_connect();
	responder_head(&bytes, "GET", path, 0);
	for (i = 0; i < 500 && send(fd, bytes.data + i, 1, MSG_NOSIGNAL) == 1; i++)
		responder_pause(20);
	assert_true(i < 500);
	expect_nothing(fd);
	fcgi_bytes_fini(&bytes);
	responder_stop();
}

/* ---- who leaves ---- */

static void a_peer_may_leave_anywhere(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	size_t at;
	int fds, kept;

	responder_start(*state, NULL);
	fds = fds_with(&kept);
	responder_request(&bytes, "POST", "/length", 4);
	for (at = 0; at <= bytes.len; at++) {
		int fd = responder_connect();

		assert_int_equal(send(fd, bytes.data, at, MSG_NOSIGNAL), at);
		close(fd);
	}
	responder_expect_alive();
	responder_expect_fds(fds);
	close(kept);
	fcgi_bytes_fini(&bytes);
	responder_stop();
}

static void a_peer_may_leave_while_a_handler_writes(void **state)
{
	char some[1000];
	int i, fds, kept;

	responder_start(*state, NULL);
	fds = fds_with(&kept);
	for (i = 0; i < 5; i++) {
		int fd = responder_connect();

		responder_shared->finished = 0;
		responder_get(fd, "/flood");
		assert_int_equal(recv(fd, some, sizeof(some), MSG_WAITALL), sizeof(some));
		close(fd);
		responder_wait_for(&responder_shared->finished);
		assert_true(responder_shared->error < 0);
		responder_expect_alive();
	}
	responder_expect_fds(fds);
	close(kept);
	responder_stop();
}

/* ---- the end ---- */

static void a_drain_answers_what_has_begun(void **state)
{
	struct fcgi_bytes bytes = { 0 }, part = { 0 };
	int idle, half, blocked;

	responder_start(*state, NULL);
	idle = responder_connect();
	half = responder_connect();
	responder_request(&bytes, "POST", "/length", 4);
	fcgi_bytes_add(&part, bytes.data, 30);
	responder_send(half, &part);
	responder_wait_until_taken(half);
	blocked = responder_connect();
	responder_get(blocked, "/block");
	responder_wait_for(&responder_shared->started);
	assert_int_equal(kill(responder_pid, SIGTERM), 0);
	responder_shared->go = 1;
	responder_expect(blocked, "200 OK", "told");
	expect_nothing(idle);
	fcgi_bytes_add(&part, bytes.data + 30, bytes.len - 30);
	responder_send(half, &part);
	responder_expect(half, "200 OK", "4");
	expect_nothing(half);
	expect_nothing(blocked);
	responder_expect_end();
	fcgi_bytes_fini(&bytes);
}

int main(void)
{
	static const struct responder_test rows[] = {
#define ROW(test) { #test, test }
		ROW(connections_leave_nothing_behind),
		ROW(heads_of_all_sizes_come_through),
		ROW(a_response_that_fails_halfway_is_cut),
		ROW(nothing_can_be_answered_later),
		ROW(a_body_that_is_cut_off_is_refused),
		ROW(a_body_longer_than_announced_ends_there),
		ROW(a_body_that_is_too_large_is_refused_early),
		ROW(half_a_request_is_dropped_in_time),
		ROW(a_body_that_trickles_is_not_waited_for),
		ROW(a_head_that_trickles_is_not_waited_for),
		ROW(a_peer_may_leave_anywhere),
		ROW(a_peer_may_leave_while_a_handler_writes),
		ROW(a_drain_answers_what_has_begun),
	};

	return responder_run(rows, LENGTH(rows));
}
