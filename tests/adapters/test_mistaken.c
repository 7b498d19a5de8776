/* SPDX-License-Identifier: MIT */
/*
 * test_mistaken.c - whoever speaks another protocol than a server does is answered in its own
 * words, and the log says what mends it, once a minute.
 *
 * All in one process: the servers share a loop with their clients.
 */
#include "test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <vane.h>
#include <vane/fastcgi.h>
#include <vane/scgi.h>
#include <vane/server.h>

#define PATIENCE_MSEC 5000

enum door { HTTP, FASTCGI, SCGI, DOORS };

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "hello\n");
}

static const struct vane_handler handler = { .get = hello };
static const struct vane_route routes[] = { { "/", &handler }, { 0 } };

/* A server of each kind, afresh for each row: what was said before is forgotten. */
static struct house {
	struct vane_loop *loop;
	struct vane_app *app;
	struct vane_server *server;
	struct vane_fastcgi *fastcgi;
	struct vane_scgi *scgi;
	struct sockaddr_in addrs[DOORS];
} house;

static char logged[4096];
static int warnings;

static void keep_log(enum vane_log_level level, const char *text, void *data)
{
	if (level > VANE_LOG_WARNING)
		return;
	warnings++;
	snprintf(logged, sizeof(logged), "%s", text);
}

static struct vane_sockets bind_door(struct sockaddr_in *addr)
{
	const struct vane_bind_opts opts = { .address = "127.0.0.1" };
	struct vane_sockets socks = { 0 };
	socklen_t len = sizeof(*addr);

	assert_int_equal(vane_bind_sockets(&opts, &socks), 0);
	assert_int_equal(getsockname(socks.fds[0], (struct sockaddr *) addr, &len), 0);
	return socks;
}

static void open_house(void)
{
	struct vane_sockets socks[DOORS];
	int i;

	for (i = 0; i < DOORS; i++)
		socks[i] = bind_door(&house.addrs[i]);
	assert_int_equal(vane_loop_new(&house.loop), 0);
	assert_int_equal(vane_app_new(&house.app, routes, NULL), 0);
	assert_int_equal(vane_server_new(&house.server, house.app, house.loop, NULL), 0);
	assert_int_equal(vane_fastcgi_new(&house.fastcgi, house.app, house.loop, NULL), 0);
	assert_int_equal(vane_scgi_new(&house.scgi, house.app, house.loop, NULL), 0);
	assert_int_equal(vane_server_add_sockets(house.server, &socks[HTTP]), 0);
	assert_int_equal(vane_fastcgi_add_sockets(house.fastcgi, &socks[FASTCGI]), 0);
	assert_int_equal(vane_scgi_add_sockets(house.scgi, &socks[SCGI]), 0);
	warnings = 0;
	logged[0] = '\0';
}

static void close_house(void)
{
	vane_server_free(house.server);
	vane_fastcgi_free(house.fastcgi);
	vane_scgi_free(house.scgi);
	vane_app_free(house.app);
	vane_loop_free(house.loop);
}

static void stop(void *data)
{
	vane_loop_stop(data);
}

static void turn(int msec)
{
	struct vane_timer *timer;

	assert_int_equal(
		vane_loop_call_later(house.loop, msec, stop, house.loop, &timer), 0);
	assert_int_equal(vane_loop_run(house.loop), 0);
}

/* Send bytes in pieces of that size; what comes until the server closes.  Returns its length. */
static size_t ask(enum door door, const char *bytes, size_t len, size_t piece, char *answer,
	size_t size)
{
	const struct sockaddr *addr = (const struct sockaddr *) &house.addrs[door];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), waited;
	size_t at, got = 0;
	ssize_t n = -1;

	assert_int_equal(connect(fd, addr, sizeof(house.addrs[door])), 0);
	for (at = 0; at < len; at += piece) {
		size_t some = len - at < piece ? len - at : piece;

		if (send(fd, bytes + at, some, MSG_NOSIGNAL) < 0)
			break;
		turn(2);
	}
	for (waited = 0; n != 0 && waited < PATIENCE_MSEC; waited += 2) {
		turn(2);
		n = recv(fd, answer + got, size - 1 - got, MSG_DONTWAIT);
		if (n > 0)
			got += (size_t) n;
	}
	close(fd);
	turn(2);
	answer[got] = '\0';
	assert_int_equal(n, 0); /* it has been closed, and not reset */
	return got;
}

#define BYTES(text) text, sizeof(text) - 1

static const struct row {
	const char *name;
	enum door door;
	const char *bytes;
	size_t len;
	const char *said, *answer;
	size_t answer_at;
	size_t least; /* bytes in a piece from which on it is recognised */
} rows[] = {
	{ "HTTP, FastCGI", FASTCGI, BYTES("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"this looks like HTTP, but this program was started for FastCGI: use "
		"fastcgi_pass in place of proxy_pass in the web server, or --mode=http here",
		"HTTP/1.1 400 Bad Request\r\n", 0, 1 },
	{ "a long method, FastCGI", FASTCGI,
		BYTES("PROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n"), "this looks like HTTP",
		"HTTP/1.1 400 Bad Request\r\n", 0, 1 },
	{ "HTTP, SCGI", SCGI, BYTES("POST / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"this looks like HTTP, but this program was started for SCGI: use scgi_pass in "
		"place of proxy_pass",
		"HTTP/1.1 400 Bad Request\r\n", 0, 3 },
	{ "FastCGI, HTTP", HTTP, BYTES("\1\1\0\2\0\10\0\0\0\1\0\0\0\0\0\0"),
		"this looks like FastCGI, but this program was started for HTTP: use "
		"proxy_pass in place of fastcgi_pass in the web server, or --mode=fastcgi here",
		"HTTP is spoken here", 8, 4 },
	{ "FastCGI, SCGI", SCGI, BYTES("\1\1\0\2\0\10\0\0\0\1\0\0\0\0\0\0"),
		"this looks like FastCGI, but this program was started for SCGI",
		"SCGI is spoken here", 8, 4 },
	{ "SCGI, HTTP", HTTP,
		BYTES("24:CONTENT_LENGTH\0"
		      "0\0SCGI\0"
		      "1\0,"),
		"this looks like SCGI, but this program was started for HTTP",
		"Status: 500 ", 0, 4 },
	{ "SCGI, FastCGI", FASTCGI,
		BYTES("24:CONTENT_LENGTH\0"
		      "0\0SCGI\0"
		      "1\0,"),
		"this looks like SCGI, but this program was started for FastCGI",
		"Status: 500 ", 0, 1 },
	{ "TLS, HTTP", HTTP, BYTES("\x16\x03\x01\x00\x05\x01\0\0\x01\0"),
		"this looks like TLS, but this program was started for HTTP: ask for http://",
		"\x15\x03\x01", 0, 1 },
	{ "TLS, FastCGI", FASTCGI, BYTES("\x16\x03\x01\x00\x05\x01\0\0\x01\0"),
		"this looks like TLS", "\x15\x03\x01", 0, 1 },
	{ "TLS, SCGI", SCGI, BYTES("\x16\x03\x01\x00\x05\x01\0\0\x01\0"),
		"this looks like TLS", "\x15\x03\x01", 0, 1 },
};

static void another_protocol_is_named_and_answered_in_its_words(void **state)
{
	char answer[4096];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		size_t len;

		print_message("%s\n", row->name);
		open_house();
		len = ask(
			row->door, row->bytes, row->len, row->len, answer, sizeof(answer));
		assert_int_equal(warnings, 1);
		assert_non_null(strstr(logged, row->said));
		assert_true(len >= row->answer_at + strlen(row->answer));
		assert_memory_equal(
			answer + row->answer_at, row->answer, strlen(row->answer));
		close_house();
	}
}

static void so_is_one_that_comes_in_pieces(void **state)
{
	char answer[4096];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		print_message("%s\n", row->name);
		open_house();
		ask(row->door, row->bytes, row->len, row->least, answer, sizeof(answer));
		assert_non_null(strstr(logged, row->said));
		close_house();
	}
}

/* The end of the request is what a FastCGI server waits for. */
static void a_fastcgi_request_is_ended(void **state)
{
	char answer[4096];
	size_t len;

	open_house();
	len = ask(HTTP, rows[3].bytes, rows[3].len, rows[3].len, answer, sizeof(answer));
	assert_true(len > 16);
	assert_int_equal(answer[1], 7); /* FCGI_STDERR */
	assert_int_equal(answer[3], 2);
	assert_memory_equal(answer + len - 16, "\1\3\0\2\0\10\0\0", 8);
	close_house();
}

static void it_is_said_once_a_minute(void **state)
{
	char answer[4096];
	int i;

	open_house();
	for (i = 0; i < 5; i++)
		ask(FASTCGI, rows[0].bytes, rows[0].len, rows[0].len, answer,
			sizeof(answer));
	assert_int_equal(warnings, 1);
	for (i = 0; i < 5; i++)
		ask(HTTP, rows[7].bytes, rows[7].len, rows[7].len, answer, sizeof(answer));
	assert_int_equal(warnings, 2);
	close_house();
}

/* Nor is a request that is malformed taken for something else. */
static void what_is_only_malformed_is_not_taken_for_another(void **state)
{
	char answer[4096];

	open_house();
	ask(HTTP, BYTES("GET / HTTP/1.1 x\r\n\r\n"), 100, answer, sizeof(answer));
	assert_non_null(strstr(answer, "400 Bad Request"));
	assert_null(strstr(logged, "looks like"));
	ask(FASTCGI, BYTES("\2\1\0\1\0\10\0\0"), 8, answer, sizeof(answer));
	assert_non_null(strstr(logged, "not version 1 of FastCGI"));
	ask(SCGI, BYTES("7x"), 8, answer, sizeof(answer));
	assert_non_null(strstr(logged, "no netstring"));
	close_house();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_protocol_is_named_and_answered_in_its_words),
		cmocka_unit_test(so_is_one_that_comes_in_pieces),
		cmocka_unit_test(a_fastcgi_request_is_ended),
		cmocka_unit_test(it_is_said_once_a_minute),
		cmocka_unit_test(what_is_only_malformed_is_not_taken_for_another),
	};

	vane_log_set_function(keep_log, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
