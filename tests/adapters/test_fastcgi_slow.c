/* SPDX-License-Identifier: MIT */
/*
 * test_fastcgi_slow.c - adapters/fastcgi*.c: what FastCGI has while an answer waits: requests that
 * come behind it, aborts, questions and refusals.
 *
 * What SCGI has as well is test_responder_slow.c's.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/responder.h"

#define LENGTH(a)  (sizeof(a) / sizeof((a)[0]))
#define WAIT_MSEC  RESPONDER_WAIT_MSEC
#define SHORT_MSEC RESPONDER_SHORT_MSEC

static struct responder_shared *shared;

static int start(void **state)
{
	responder_start(&responder_fastcgi, NULL);
	return 0;
}

static int start_narrow(void **state)
{
	responder_start(&responder_fastcgi,
		&(const struct responder_opts) { .max_head_bytes = 3000 });
	return 0;
}

static int stop(void **state)
{
	responder_stop();
	return 0;
}

/* ---- asking ---- */

static void connect_to(struct fcgi_peer *peer)
{
	*peer = (struct fcgi_peer) { .fd = responder_connect(), .id = 1 };
}

/* Ask for that, and read nothing of the answer but that it comes. */
static void ask_and_block(struct fcgi_peer *peer, const char *path)
{
	*peer = (struct fcgi_peer) { .fd = responder_ask_and_block(path), .id = 1 };
}

static const char *body_of(const struct fcgi_peer *peer)
{
	const char *end = peer->out.len > 0 ? strstr(peer->out.data, "\r\n\r\n") : NULL;

	return end != NULL ? end + 4 : "(no head)";
}

static void read_all(const struct fcgi_peer *peer, void *buf, size_t len)
{
	if (len > 0)
		assert_int_equal(recv(peer->fd, buf, len, MSG_WAITALL), (ssize_t) len);
}

/* Read one record, and not a byte of what comes behind it.  Returns its type. */
static unsigned read_record(struct fcgi_peer *peer)
{
	unsigned char head[8], content[65536 + 256];
	size_t len;

	read_all(peer, head, sizeof(head));
	assert_int_equal(head[0], 1);
	len = (size_t) head[4] << 8 | head[5];
	read_all(peer, content, len + head[6]);
	if (head[1] == FCGI_PEER_VALUES) {
		peer->values_count++;
		return head[1];
	}
	assert_int_equal(head[2] << 8 | head[3], peer->id);
	if (head[1] == FCGI_PEER_STDOUT) {
		fcgi_bytes_add(&peer->out, content, len);
		return head[1];
	}
	assert_int_equal(head[1], FCGI_PEER_END);
	assert_int_equal(len, 8);
	assert_int_equal(content[4], 0);
	peer->ended = true;
	return head[1];
}

static void collect_end(struct fcgi_peer *peer)
{
	while (read_record(peer) != FCGI_PEER_END)
		;
}

static void expect_big(struct fcgi_peer *peer)
{
	const char *body;

	collect_end(peer);
	body = body_of(peer);
	assert_int_equal(peer->out.data + peer->out.len - body, RESPONDER_BIG_BYTES);
	assert_memory_equal(body, responder_big, RESPONDER_BIG_BYTES);
}

static void expect_hello(struct fcgi_peer *peer)
{
	fcgi_peer_next(peer, 1);
	responder_get(peer->fd, "/hello");
	collect_end(peer);
	assert_string_equal(body_of(peer), "hello");
}

/* ---- what comes behind ---- */

static void a_request_behind_an_answer_that_waits_is_answered_after_it(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	size_t i;

	for (i = 0; i < 2 * RESPONDER_BIG_PATHS; i++) {
		bool together = i >= RESPONDER_BIG_PATHS;

		connect_to(&peer);
		responder_request(
			&bytes, "GET", responder_big_paths[i % RESPONDER_BIG_PATHS], 0);
		if (!together) {
			responder_send(peer.fd, &bytes);
			responder_wait_until_answered(peer.fd);
		}
		responder_request(&bytes, "GET", "/hello", 0);
		responder_request(&bytes, "POST", "/length", 50000);
		responder_send(peer.fd, &bytes);
		responder_expect_alive();
		expect_big(&peer);
		fcgi_peer_next(&peer, 1);
		collect_end(&peer);
		assert_string_equal(body_of(&peer), "hello");
		fcgi_peer_next(&peer, 1);
		collect_end(&peer);
		assert_string_equal(body_of(&peer), "50000");
		fcgi_peer_close(&peer);
	}
	fcgi_bytes_fini(&bytes);
}

/* Read on to the end of the answer that was taken back, and ask for another. */
static void expect_taken_back(struct fcgi_peer *peer)
{
	collect_end(peer);
	assert_true(peer->out.len < RESPONDER_BIG_BYTES);
	assert_int_equal(shared->finished, 1);
	shared->finished = 0;
}

static void an_abort_while_the_answer_waits_ends_it_and_the_connection_goes_on(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	size_t i;

	for (i = 0; i < 2 * RESPONDER_BIG_PATHS + 2; i++) {
		bool together = i % 2;

		if (i < 2 * RESPONDER_BIG_PATHS)
			ask_and_block(&peer, responder_big_paths[i / 2]);
		else
			peer = (struct fcgi_peer) { .fd = responder_ask_early_and_block(),
				.id = 1 };
		fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
		if (together)
			responder_request(&bytes, "GET", "/hello", 0);
		responder_send(peer.fd, &bytes);
		responder_wait_for(&shared->finished);
		responder_expect_alive();
		expect_taken_back(&peer);
		if (together) {
			fcgi_peer_next(&peer, 1);
			collect_end(&peer);
			assert_string_equal(body_of(&peer), "hello");
		}
		expect_hello(&peer);
		fcgi_peer_close(&peer);
	}
	fcgi_bytes_fini(&bytes);
}

/* Whoever reads all the time leaves room all the time, and yet the abort is seen. */
static void an_abort_ends_an_answer_that_is_read_as_it_comes(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;

	connect_to(&peer);
	responder_get(peer.fd, "/endless");
	while (peer.out.len < 1024 * 1024)
		read_record(&peer);
	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
	responder_send(peer.fd, &bytes);
	while (read_record(&peer) != FCGI_PEER_END)
		assert_true(peer.out.len < 8 * 1024 * 1024);
	expect_hello(&peer);
	fcgi_peer_close(&peer);
	fcgi_bytes_fini(&bytes);
}

/* The head is on its way, so the answer cannot be whole: the front knows that. */
static void an_abort_that_a_handler_notices_leaves_the_connection(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;

	connect_to(&peer);
	responder_get(peer.fd, "/tick");
	responder_wait_for(&shared->started);
	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
	responder_send(peer.fd, &bytes);
	collect_end(&peer);
	assert_int_equal(shared->closed, 1);
	assert_true(shared->error < 0);
	expect_hello(&peer);
	/* one that reads its body */
	shared->finished = shared->error = 0;
	responder_request(&bytes, "POST", "/echo", 60000);
	bytes.len -= 8;
	responder_send(peer.fd, &bytes);
	fcgi_peer_next(&peer, 1);
	while (peer.out.len < 60000)
		read_record(&peer);
	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
	responder_send(peer.fd, &bytes);
	collect_end(&peer);
	expect_hello(&peer);
	fcgi_peer_close(&peer);
	fcgi_bytes_fini(&bytes);
}

/* More answers than the socket takes, while half a request is here. */
static void questions_before_and_within_a_request_are_answered_as_they_are_read(
	void **state)
{
	struct fcgi_bytes request = { 0 }, bytes = { 0 };
	struct fcgi_peer peer;
	size_t at[3] = { 0, 16 }, i; /* between two records */
	unsigned asked, count = 6000;

	responder_request(&request, "POST", "/length", 70000);
	at[2] = request.len - 8 - (8 + 70000 - 65535);
	for (i = 0; i < LENGTH(at); i++) {
		fcgi_bytes_add(&bytes, request.data, at[i]);
		connect_to(&peer);
		assert_int_equal(
			fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
		bytes.len = 0;
		for (asked = 0; asked < 100; asked++)
			fcgi_peer_record(&bytes, FCGI_PEER_GET_VALUES, 0,
				"\016\0FCGI_MAX_CONNS\015\0FCGI_MAX_REQS", 31, 1);
		for (asked = 0; asked < count; asked += 100)
			assert_int_equal(send(peer.fd, bytes.data, bytes.len, MSG_NOSIGNAL),
				(ssize_t) bytes.len);
		bytes.len = 0;
		responder_expect_alive();
		while (peer.values_count < count)
			assert_int_equal(read_record(&peer), FCGI_PEER_VALUES);
		responder_expect_rest();
		fcgi_bytes_add(&bytes, request.data + at[i], request.len - at[i]);
		responder_send(peer.fd, &bytes);
		collect_end(&peer);
		assert_string_equal(body_of(&peer), "70000");
		fcgi_peer_close(&peer);
	}
	fcgi_bytes_fini(&request);
	fcgi_bytes_fini(&bytes);
}

static void expect_431(struct fcgi_peer *peer)
{
	fcgi_peer_next(peer, 1);
	collect_end(peer);
	assert_memory_equal(peer->out.data, "Status: 431 ", 12);
}

/* What does not fit is answered once, and what comes behind it, too. */
static void a_refusal_that_waits_for_room_is_said_once(void **state)
{
	struct fcgi_bytes bytes = { 0 }, pairs = { 0 };
	struct fcgi_peer peer;
	const struct timeval moment = { .tv_usec = SHORT_MSEC * 1000 };
	unsigned i, count = 3000;
	ssize_t n = 0;

	fcgi_peer_pair(&pairs, "REQUEST_METHOD", "GET");
	while (pairs.len < 2000)
		fcgi_peer_pair(&pairs, "X", "y");
	connect_to(&peer);
	assert_int_equal(
		setsockopt(peer.fd, SOL_SOCKET, SO_SNDTIMEO, &moment, sizeof(moment)), 0);
	for (i = 0; i < count; i++) {
		fcgi_peer_begin(&bytes, 1, FCGI_PEER_RESPONDER, FCGI_PEER_KEEP);
		fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, pairs.data, pairs.len, 0);
		fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, pairs.data, pairs.len, 0);
		fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
		fcgi_peer_record(&bytes, FCGI_PEER_STDIN, 1, NULL, 0, 0);
		n = send(peer.fd, bytes.data, bytes.len, MSG_NOSIGNAL);
		if (n != (ssize_t) bytes.len)
			break;
		bytes.len = 0;
		if (i % 64 == 0)
			responder_expect_alive();
	}
	assert_true(i < count); /* it reads no more, as we do not */
	responder_expect_rest();
	for (count = 0; count < i; count++)
		expect_431(&peer);
	n = n > 0 ? n : 0;
	assert_int_equal(
		fcgi_peer_send(&peer, bytes.data + n, bytes.len - (size_t) n, WAIT_MSEC),
		0);
	expect_431(&peer);
	expect_hello(&peer);
	fcgi_peer_close(&peer);
	responder_expect_alive();
	fcgi_bytes_fini(&bytes);
	fcgi_bytes_fini(&pairs);
}

static void one_connection_too_many_does_not_stay(void **state)
{
	const struct responder_opts opts = { .max_connections = 1,
		.request_msec = SHORT_MSEC };
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer first, second;

	responder_start(&responder_fastcgi, &opts);
	connect_to(&first);
	expect_hello(&first);
	connect_to(&second);
	fcgi_peer_record(&bytes, FCGI_PEER_GET_VALUES, 0, NULL, 0, 0);
	responder_send(second.fd, &bytes);
	assert_int_equal(fcgi_peer_collect(&second, FCGI_PEER_UNTIL_VALUES, WAIT_MSEC), 0);
	assert_int_equal(fcgi_peer_collect(&second, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
	expect_hello(&first);
	fcgi_peer_close(&second);
	fcgi_peer_close(&first);
	responder_stop();
	fcgi_bytes_fini(&bytes);
}

static int set_up(void **state)
{
	int rc = responder_set_up(state);

	shared = responder_shared;
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)
		WITH_SERVER(a_request_behind_an_answer_that_waits_is_answered_after_it),
		WITH_SERVER(
			an_abort_while_the_answer_waits_ends_it_and_the_connection_goes_on),
		WITH_SERVER(an_abort_ends_an_answer_that_is_read_as_it_comes),
		WITH_SERVER(an_abort_that_a_handler_notices_leaves_the_connection),
		WITH_SERVER(
			questions_before_and_within_a_request_are_answered_as_they_are_read),
		cmocka_unit_test_setup_teardown(
			a_refusal_that_waits_for_room_is_said_once, start_narrow, stop),
		cmocka_unit_test(one_connection_too_many_does_not_stay),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
