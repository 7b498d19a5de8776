/* SPDX-License-Identifier: MIT */
/*
 * test_responder_slow.c - adapters/responder*.c: fronts that do not read, or send slowly, while
 * others ask the same process; by FastCGI and by SCGI.
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/types.h>

#include "support/responder.h"

#define LENGTH(a)  (sizeof(a) / sizeof((a)[0]))
#define SHORT_MSEC RESPONDER_SHORT_MSEC

static const char *const *const big_paths = responder_big_paths;

/* ---- who does not read ---- */

static void a_front_that_reads_nothing_of_a_large_answer_delays_nobody(void **state)
{
	int fds[RESPONDER_BIG_PATHS];
	size_t i;

	responder_start(*state, NULL);
	for (i = 0; i < LENGTH(fds); i++)
		fds[i] = responder_ask_and_block(big_paths[i]);
	responder_expect_rest();
	for (i = 0; i < LENGTH(fds); i++) {
		responder_expect_big(fds[i]);
		responder_expect_next(fds[i]);
	}
	assert_int_equal(responder_shared->finished, (int) LENGTH(fds));
	responder_stop();
}

static void a_front_that_goes_while_the_answer_waits_is_forgotten(void **state)
{
	size_t i;

	responder_start(*state, NULL);
	for (i = 0; i < RESPONDER_BIG_PATHS; i++) {
		int fd = responder_ask_and_block(big_paths[i]);

		responder_shared->finished = 0;
		close(fd);
		responder_wait_for(&responder_shared->finished);
	}
	responder_expect_rest();
	responder_stop();
}

/* It has said all that it has to say, and reads on. */
static void a_front_that_half_closes_gets_all_of_its_answer(void **state)
{
	size_t i;
	char byte;

	responder_start(*state, NULL);
	for (i = 0; i < RESPONDER_BIG_PATHS + 1; i++) {
		int fd = i < RESPONDER_BIG_PATHS ? responder_ask_and_block(big_paths[i])
						 : responder_ask_early_and_block();

		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		responder_expect_alive();
		responder_expect_rest();
		responder_expect_big(fd);
		assert_int_equal(recv(fd, &byte, 1, 0), 0);
		close(fd);
	}
	responder_stop();
}

static void a_front_that_reads_nothing_is_dropped_in_time(void **state)
{
	const struct responder_opts opts = { .write_msec = SHORT_MSEC };
	size_t i;

	responder_start(*state, &opts);
	for (i = 0; i < RESPONDER_BIG_PATHS; i++) {
		int fd;

		responder_shared->finished = 0;
		fd = responder_ask_and_block(big_paths[i]);
		responder_wait_for(&responder_shared->finished);
		responder_expect_cut(fd);
	}
	responder_expect_alive();
	responder_stop();
}

/* It takes longer than the limit to read what is kept, but there is progress all the time. */
static void a_front_that_reads_slowly_gets_all_of_its_answer(void **state)
{
	const struct responder_opts opts = { .write_msec = 5 * SHORT_MSEC };
	const int size = 8192;
	struct responder_answer answer;
	int fd, i;

	responder_start_narrow(*state, &opts);
	fd = responder_connect();
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	responder_get(fd, "/some");
	for (i = 0; i < 7 * SHORT_MSEC / 100; i++) {
		responder_read_ahead(fd, 8192);
		responder_pause(100);
	}
	responder_collect(fd, &answer);
	assert_true(answer.whole);
	assert_int_equal(answer.body_len, RESPONDER_SOME_BYTES);
	assert_memory_equal(answer.body, responder_big, RESPONDER_SOME_BYTES);
	fcgi_bytes_fini(&answer.out);
	responder_expect_next(fd);
	responder_stop();
}

static void what_waits_for_many_fronts_is_bounded(void **state)
{
	/* what is copied into memory is the handler's choice */
	static const char *const ways[] = { "/borrowed", "/file", "/source" };
	int fds[100];
	long before;
	size_t i;

	responder_start(*state, NULL);
	responder_expect_alive();
	before = responder_memory();
	for (i = 0; i < LENGTH(fds); i++)
		fds[i] = responder_ask_and_block(ways[i % LENGTH(ways)]);
	assert_true(responder_memory() - before < (long) LENGTH(fds) * 768 * 1024);
	for (i = 0; i < LENGTH(fds); i++)
		close(fds[i]);
	responder_expect_alive();
	responder_stop();
}

static void a_handler_that_writes_for_ever_waits_and_takes_no_more_memory(void **state)
{
	const struct responder_opts opts = { .write_msec = SHORT_MSEC };
	long before;
	int fd;

	responder_start(*state, &opts);
	responder_expect_alive();
	before = responder_memory();
	fd = responder_connect();
	responder_get(fd, "/flood");
	responder_wait_for(&responder_shared->finished);
	assert_true(responder_shared->error < 0);
	assert_true(responder_shared->started < 1024); /* 16 MiB */
	assert_true(responder_memory() - before < 16L * 1024 * 1024);
	responder_expect_cut(fd);
	responder_expect_alive();
	responder_stop();
}

/* ---- who sends slowly, or for long ---- */

static void a_large_body_that_comes_slowly_delays_nobody(void **state)
{
	static const char *const paths[] = { "/length", "/count" };
	struct fcgi_bytes bytes = { 0 }, piece = { 0 };
	size_t way, at, n;

	responder_start(*state, NULL);
	for (way = 0; way < LENGTH(paths); way++) {
		int fd = responder_connect();

		responder_request(&bytes, "POST", paths[way], 500000);
		for (at = 0; at < bytes.len; at += n) {
			n = bytes.len - at < 25013 ? bytes.len - at : 25013;
			fcgi_bytes_add(&piece, bytes.data + at, n);
			responder_send(fd, &piece);
			responder_expect_alive();
		}
		responder_expect(fd, "200", "500000");
		responder_expect_next(fd);
		bytes.len = 0;
	}
	responder_expect_rest();
	responder_stop();
	fcgi_bytes_fini(&bytes);
}

/* Its exchange runs, and is told; nobody else is delayed. */
static void a_large_body_that_stops_coming_is_refused_in_time(void **state)
{
	const struct responder_opts opts = { .request_msec = SHORT_MSEC };
	struct fcgi_bytes bytes = { 0 };
	int fd;

	responder_start(*state, &opts);
	fd = responder_connect();
	responder_head(&bytes, "POST", "/length", 500000);
	responder_body(&bytes, responder_big, 300000);
	responder_send(fd, &bytes);
	responder_expect_alive();
	responder_expect(fd, "400", NULL);
	close(fd);
	responder_wait_for(&responder_shared->finished);
	responder_stop();
}

static void a_large_body_that_trickles_is_refused(void **state)
{
	const struct responder_opts opts = { .request_msec = SHORT_MSEC,
		.min_rate = 1000000 };
	struct fcgi_bytes bytes = { 0 };
	int fd, i;

	responder_start(*state, &opts);
	fd = responder_connect();
	responder_head(&bytes, "POST", "/length", 500000);
	responder_body(&bytes, responder_big, 100000);
	responder_send(fd, &bytes);
	responder_body(&bytes, responder_big, 1);
	for (i = 0; i < RESPONDER_WAIT_MSEC && responder_shared->finished == 0; i++) {
		if (send(fd, bytes.data, bytes.len, MSG_NOSIGNAL) < 0)
			break;
		responder_pause(1);
	}
	assert_true(i < RESPONDER_WAIT_MSEC);
	responder_expect(fd, "400", NULL);
	close(fd);
	responder_stop();
	fcgi_bytes_fini(&bytes);
}

/* The handler reads it all while the answer waits, and neither side reads first. */
static void a_handler_may_answer_while_it_reads(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	pid_t sender;
	int fd;

	responder_start(*state, NULL);
	fd = responder_connect();
	responder_request(&bytes, "POST", "/echo", RESPONDER_BIG_BYTES);
	sender = fork();
	assert_true(sender >= 0);
	if (sender == 0) {
		responder_send(fd, &bytes);
		_exit(0);
	}
	responder_expect_big(fd);
	assert_int_equal(waitpid(sender, NULL, 0), sender);
	responder_expect_next(fd);
	responder_stop();
	fcgi_bytes_fini(&bytes);
}

/* The rest of the body comes when what there was of it is back, more than the socket takes. */
static void what_is_written_leaves_while_a_handler_waits_for_body(void **state)
{
	const size_t body_len = 600000, half = 300000;
	struct fcgi_bytes bytes = { 0 };
	struct responder_answer answer;
	size_t got;
	int fd;

	responder_start(*state, NULL);
	fd = responder_connect();
	responder_head(&bytes, "POST", "/echo", body_len);
	responder_body(&bytes, responder_big, half);
	responder_send(fd, &bytes);
	responder_wait_until_started((int) half);
	for (got = 0; got < half; got += 1000)
		responder_read_ahead(fd, 1000);
	responder_body(&bytes, responder_big + half, body_len - half);
	responder_body_end(&bytes);
	responder_send(fd, &bytes);
	responder_collect(fd, &answer);
	assert_true(answer.whole);
	assert_int_equal(answer.body_len, body_len);
	assert_memory_equal(answer.body, responder_big, body_len);
	fcgi_bytes_fini(&answer.out);
	responder_expect_next(fd);
	responder_stop();
}

/* A handler that waits for body is not held by a front that only reads on, a little at a time. */
static void a_body_is_waited_for_no_longer_while_the_answer_is_read(void **state)
{
	const struct responder_opts opts = { .request_msec = 3000,
		.min_rate = VANE_NO_LIMIT };
	struct fcgi_bytes bytes = { 0 };
	char piece[32768];
	int fd, i;

	responder_start(*state, &opts);
	fd = responder_connect();
	responder_head(&bytes, "POST", "/echo", 600000);
	responder_body(&bytes, responder_big, 430000);
	responder_send(fd, &bytes);
	for (i = 0; i < 400000 / (int) sizeof(piece) && responder_shared->error == 0; i++) {
		assert_true(recv(fd, piece, sizeof(piece), MSG_WAITALL) > 0);
		responder_pause(300);
	}
	assert_true(responder_shared->error < 0);
	close(fd);
	responder_expect_alive();
	responder_stop();
}

/* A head, a body and an answer, each of them in pieces. */
static void without_a_limit_pieces_are_waited_for(void **state)
{
	const struct responder_opts opts = { .request_msec = VANE_NO_LIMIT,
		.min_rate = VANE_NO_LIMIT,
		.write_msec = VANE_NO_LIMIT };
	struct fcgi_bytes bytes = { 0 }, half = { 0 };
	int fd, big;

	responder_start(*state, &opts);
	big = responder_ask_and_block(big_paths[0]);
	fd = responder_connect();
	responder_head(&bytes, "POST", "/echo", 6);
	half.len = bytes.len / 2;
	half.data = bytes.data;
	assert_int_equal(send(fd, half.data, half.len, MSG_NOSIGNAL), half.len);
	responder_pause(SHORT_MSEC);
	assert_int_equal(
		send(fd, bytes.data + half.len, bytes.len - half.len, MSG_NOSIGNAL),
		bytes.len - half.len);
	fcgi_bytes_fini(&bytes);
	responder_body(&bytes, "abc", 3);
	responder_send(fd, &bytes);
	responder_pause(SHORT_MSEC);
	responder_body(&bytes, "def", 3);
	responder_body_end(&bytes);
	responder_send(fd, &bytes);
	responder_expect(fd, "200", "abcdef");
	responder_expect_big(big);
	close(fd);
	close(big);
	responder_stop();
}

/* The handler wants nothing of it, and its answer is larger than what the socket takes. */
static void a_front_that_sends_all_of_its_body_first_gets_the_answer(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	int fd;

	responder_start(*state, NULL);
	fd = responder_connect();
	responder_request(&bytes, "POST", "/early", RESPONDER_BIG_BYTES);
	responder_send(fd, &bytes);
	responder_expect_alive();
	responder_expect_rest();
	responder_expect_big(fd);
	close(fd);
	responder_stop();
}

/* It is answered, and goes on to send what nobody wants. */
static void a_body_that_never_ends_is_not_listened_to_for_ever(void **state)
{
	const struct responder_opts opts = { .write_msec = SHORT_MSEC };
	struct fcgi_bytes bytes = { 0 };
	int fd, i;

	responder_start(*state, &opts);
	fd = responder_ask_early_and_block();
	responder_body(&bytes, responder_big, 100);
	for (i = 0; i < RESPONDER_WAIT_MSEC && responder_shared->finished == 0; i++) {
		if (send(fd, bytes.data, bytes.len, MSG_NOSIGNAL) < 0)
			break;
		responder_pause(1);
	}
	assert_true(i < RESPONDER_WAIT_MSEC); /* and not because we have stopped */
	responder_wait_for(&responder_shared->finished);
	close(fd);
	responder_expect_alive();
	responder_stop();
	fcgi_bytes_fini(&bytes);
}

/* Whoever sends all the time is listened to all the time, and yet the answer comes. */
static void a_body_that_never_ends_does_not_hold_up_the_answer(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	pid_t sender;
	int fd;

	responder_start(*state, NULL);
	fd = responder_connect();
	responder_head(&bytes, "POST", "/early", (size_t) 1 << 30);
	responder_body(&bytes, responder_big, 60000);
	responder_send(fd, &bytes);
	responder_body(&bytes, responder_big, 50000);
	sender = fork();
	assert_true(sender >= 0);
	if (sender == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (send(fd, bytes.data, bytes.len, MSG_NOSIGNAL) > 0)
			;
		_exit(0);
	}
	responder_expect_big(fd);
	kill(sender, SIGKILL);
	assert_int_equal(waitpid(sender, NULL, 0), sender);
	close(fd);
	responder_expect_alive();
	responder_stop();
	fcgi_bytes_fini(&bytes);
}

/* ---- the end ---- */

static void a_handler_may_begin_the_end(void **state)
{
	const struct responder_opts opts = { .grace_msec = 1 };
	int fd;

	responder_start(*state, &opts);
	fd = responder_connect();
	responder_get(fd, "/leave");
	responder_expect(fd, "200", "bye");
	responder_wait_for(&responder_shared->drained);
	close(fd);
	responder_expect_end();
}

/* Neither its own time is up meanwhile, nor that of others. */
static void a_handler_may_turn_the_loop_for_long(void **state)
{
	const struct responder_opts opts = { .request_msec = SHORT_MSEC,
		.min_rate = VANE_NO_LIMIT };
	struct fcgi_bytes bytes = { 0 };
	int fd, other;

	responder_start(*state, &opts);
	fd = responder_connect();
	other = responder_connect();
	responder_head(&bytes, "POST", "/turn", 60000);
	responder_body(&bytes, responder_big, 40200);
	responder_send(fd, &bytes);
	responder_wait_for(&responder_shared->started);
	responder_head(&bytes, "POST", "/turn", 60000);
	responder_body(&bytes, responder_big, 40200);
	responder_send(other, &bytes);
	responder_wait_until_started(70000);
	responder_stop();
	close(fd);
	close(other);
}

static void a_stop_waits_for_answers_that_are_read_slowly(void **state)
{
	int fds[RESPONDER_BIG_PATHS];
	size_t i;
	char byte;

	responder_start(*state, NULL);
	for (i = 0; i < LENGTH(fds); i++)
		fds[i] = responder_ask_and_block(big_paths[i]);
	assert_int_equal(kill(responder_pid, SIGTERM), 0);
	for (i = 0; i < LENGTH(fds); i++) {
		responder_expect_big(fds[i]);
		assert_int_equal(recv(fds[i], &byte, 1, 0), 0);
		close(fds[i]);
	}
	responder_expect_end();
	assert_int_equal(responder_shared->finished, (int) LENGTH(fds));
}

static void a_stop_cuts_answers_that_nobody_reads(void **state)
{
	int fds[RESPONDER_BIG_PATHS + 1];
	size_t i;

	responder_start(*state, NULL);
	for (i = 0; i < RESPONDER_BIG_PATHS; i++)
		fds[i] = responder_ask_and_block(big_paths[i]);
	fds[i] = responder_ask_early_and_block();
	responder_stop();
	assert_int_equal(responder_shared->finished, (int) LENGTH(fds));
	for (i = 0; i < RESPONDER_BIG_PATHS; i++)
		responder_expect_cut(fds[i]);
	close(fds[i]); /* SCGI has no word for it where the body is not whole either */
}

int main(void)
{
	static const struct responder_test rows[] = {
#define ROW(test) { #test, test }
		ROW(a_front_that_reads_nothing_of_a_large_answer_delays_nobody),
		ROW(a_front_that_goes_while_the_answer_waits_is_forgotten),
		ROW(a_front_that_half_closes_gets_all_of_its_answer),
		ROW(a_front_that_reads_nothing_is_dropped_in_time),
		ROW(a_front_that_reads_slowly_gets_all_of_its_answer),
		ROW(what_waits_for_many_fronts_is_bounded),
		ROW(a_handler_that_writes_for_ever_waits_and_takes_no_more_memory),
		ROW(a_large_body_that_comes_slowly_delays_nobody),
		ROW(a_large_body_that_stops_coming_is_refused_in_time),
		ROW(a_large_body_that_trickles_is_refused),
		ROW(a_handler_may_answer_while_it_reads),
		ROW(what_is_written_leaves_while_a_handler_waits_for_body),
		ROW(a_body_is_waited_for_no_longer_while_the_answer_is_read),
		ROW(without_a_limit_pieces_are_waited_for),
		ROW(a_front_that_sends_all_of_its_body_first_gets_the_answer),
		ROW(a_body_that_never_ends_is_not_listened_to_for_ever),
		ROW(a_body_that_never_ends_does_not_hold_up_the_answer),
		ROW(a_handler_may_begin_the_end),
		ROW(a_handler_may_turn_the_loop_for_long),
		ROW(a_stop_waits_for_answers_that_are_read_slowly),
		ROW(a_stop_cuts_answers_that_nobody_reads),
	};

	return responder_run(rows, LENGTH(rows));
}
