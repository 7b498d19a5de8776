/* SPDX-License-Identifier: MIT */
/*
 * test_server.c - lib/server/server.c and lib/conn*.c: keeping connections, pipelining, refusing
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <vane.h>

#include "base.h"
#include "support/site.h"

#define H "Host: h\r\n"

static int echo_path(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "[%s]", vane_request_path(req));
}

static int echo_body(struct vane_request *req, struct vane_response *res)
{
	struct vane_slice body = vane_request_body(req);

	vane_response_puts(res, "<");
	vane_response_write(res, body.data, body.len);
	return vane_response_puts(res, ">");
}

/* Date and Server are the handler's to set, and to take back. */
static int stamp(struct vane_request *req, struct vane_response *res)
{
	vane_response_add_field(res, "Date", "mine");
	vane_response_add_field(res, "server", "mine");
	if (vane_request_query(req) != NULL) {
		vane_response_remove_field(res, "Date");
		vane_response_remove_field(res, "Server");
	}
	return vane_response_puts(res, "stamped");
}

static int answer_where(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "[%s]", vane_request_server_addr(req));
}

static int refuse_before_body(struct vane_request *req, struct vane_response *res)
{
	return 403;
}

static int ignore_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	return 0;
}

static const struct vane_handler stamped = { .get = stamp };
static const struct vane_handler where = { .get = answer_where };
static const struct vane_handler echo = { .get = echo_path, .post = echo_body };
static const struct vane_handler small = { .post = echo_body, .max_body = 10 };
static const struct vane_handler picky = {
	.prepare = refuse_before_body, .data = ignore_piece, .post = echo_body
};

static const struct vane_route routes[] = {
	{ "/small", &small },
	{ "/picky", &picky },
	{ "/stamped", &stamped },
	{ "/where", &where },
	{ "/{rest:.*}", &echo },
	{ 0 },
};

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct site site;
	struct client c;
	const char *at;

	site_init(&site, routes, NULL, NULL);
	client_init(&c, &site);
	client_puts(&c, "GET /1 HTTP/1.1\r\n" H "\r\n"
			"POST /2 HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc"
			"POST /3 HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
			"2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
			"\r\nGET /4 HTTP/1.1\r\n" H "\r\n");
	client_await(&c, "[/4]");
	at = strstr(c.in, "[/1]");
	assert_non_null(at);
	at = strstr(at, "<abc>");
	assert_non_null(at);
	at = strstr(at, "<def>");
	assert_non_null(at);
	assert_non_null(strstr(at, "[/4]"));
	assert_int_equal(client_count(&c, "HTTP/1.1 200 OK\r\n"), 4);
	client_fini(&c);
	site_await_connections(&site, 0);
	site_fini(&site);
}

static void requests_may_come_byte_by_byte(void **state)
{
	static const char text[] =
		"POST /x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
		"2;e\r\nde\r\n0\r\nT: 1\r\n\r\n"
		"POST /y HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\ngh"
		"GET /z HTTP/1.1\r\n" H "\r\n";
	struct site site;
	struct client c;
	size_t i;

	site_init(&site, routes, NULL, NULL);
	client_init(&c, &site);
	for (i = 0; i < sizeof(text) - 1; i++) {
		client_send(&c, &text[i], 1);
		site_turn(&site, 0);
	}
	client_await(&c, "[/z]");
	assert_non_null(strstr(c.in, "<de>"));
	assert_non_null(strstr(c.in, "<gh>"));
	assert_int_equal(vane_server_in_flight(site.server), 0);
	client_fini(&c);
	site_fini(&site);
}

/* What a client sends, whether the connection is kept, and a text of the answer. */
static const struct {
	const char *sent;
	bool no_keep_alive, kept;
	const char *answer;
} kept_rows[] = {
	{ "GET / HTTP/1.1\r\n" H "\r\n", false, true, " 200 " },
	{ "GET / HTTP/1.1\r\n" H "\r\n", true, false, "Connection: close\r\n" },
	{ "GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n", false, false,
		"Connection: close\r\n" },
	{ "GET / HTTP/1.0\r\n\r\n", false, false, "Connection: close\r\n" },
	{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false, true,
		"Connection: keep-alive\r\n" },
	{ "BREW / HTTP/1.1\r\n" H "\r\n", false, false, " 501 " },
	{ "PUT / HTTP/1.1\r\n" H "\r\n", false, true, " 405 " },
	{ "GET /% HTTP/1.1\r\n" H "\r\n", false, false, " 400 " },
	{ "GET / HTTP/1.1\r\n\r\n", false, false, " 400 " },
	{ "GET / HTTP/3.0\r\n" H "\r\n", false, false, " 505 " },
	{ "nonsense\r\n\r\n", false, false, " 501 " },
	{ "POST /small HTTP/1.1\r\n" H "Content-Length: 11\r\n\r\n12345678901", false, true,
		" 413 " },
	{ "POST /small HTTP/1.1\r\n" H "Content-Length: 1000000\r\n\r\n", false, false,
		" 413 " },
	{ "POST /small HTTP/1.1\r\n" H
	  "Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n",
		false, false, " 413 " },
	{ "POST /picky HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc", false, true,
		" 403 " },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", false, false,
		" 400 " },
	{ "GET / HTTP/1.1\r\n" H "Expect: wonders\r\n\r\n", false, false, " 417 " },
};

static void a_connection_is_kept_when_both_sides_can(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kept_rows); i++) {
		struct vane_server_opts opts = { .no_keep_alive =
							 kept_rows[i].no_keep_alive };
		struct site site;
		struct client c;

		site_init(&site, routes, NULL, &opts);
		client_init(&c, &site);
		client_puts(&c, kept_rows[i].sent);
		client_await(&c, kept_rows[i].answer);
		client_await(&c, "\r\n\r\n");
		if (kept_rows[i].kept) {
			client_puts(&c, "GET /again HTTP/1.1\r\n" H "\r\n");
			client_await(&c, "[/again]");
			assert_int_equal(vane_server_connections(site.server), 1);
		} else {
			client_await_close(&c);
			assert_false(c.reset);
			assert_int_equal(client_count(&c, "Connection: close\r\n"), 1);
			assert_int_equal(client_count(&c, "HTTP/1.1 "), 1);
		}
		client_fini(&c);
		site_await_connections(&site, 0);
		assert_int_equal(vane_server_in_flight(site.server), 0);
		site_fini(&site);
	}
}

static void an_expected_continue_is_sent_when_the_body_is_wanted(void **state)
{
	struct site site;
	struct client c;

	site_init(&site, routes, NULL, NULL);
	client_init(&c, &site);
	client_puts(&c, "POST / HTTP/1.1\r\n" H
			"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
	client_await(&c, "HTTP/1.1 100 Continue\r\n\r\n");
	assert_null(strstr(c.in, " 200 "));
	client_puts(&c, "abc");
	client_await(&c, "<abc>");
	client_forget(&c);
	client_puts(&c, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
			"Expect: 100-continue\r\n\r\n");
	client_await(&c, "HTTP/1.1 100 Continue\r\n\r\n");
	client_puts(&c, "1\r\nx\r\n0\r\n\r\n");
	client_await(&c, "<x>");
	client_forget(&c);
	/* the body is there already: nothing to wait for */
	client_puts(&c, "POST / HTTP/1.1\r\n" H
			"Content-Length: 1\r\nExpect: 100-continue\r\n\r\ny");
	client_await(&c, "<y>");
	assert_null(strstr(c.in, " 100 "));
	client_forget(&c);
	client_puts(&c, "POST /small HTTP/1.1\r\n" H "Content-Length: 11\r\n"
			"Expect: 100-continue\r\n\r\n");
	client_await(&c, " 413 ");
	client_await_close(&c);
	assert_null(strstr(c.in, " 100 "));
	client_fini(&c);
	site_fini(&site);
}

static void heads_have_limits(void **state)
{
	static const struct vane_server_opts opts = { .max_header_bytes = 2000,
		.max_fields = 10 };
	static const struct {
		int target, value, fields; /* bytes, bytes, number */
		const char *answer;
	} rows[] = {
		{ 1900, 1, 1, " 200 " },
		{ 2100, 1, 1, " 414 " },
		{ 100, 2000, 1, " 431 " },
		{ 1, 1, 9, " 200 " },
		{ 1, 1, 10, " 431 " },
		{ 1, 300, 8, " 431 " },
	};
	size_t i;
	int k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[8192];
		size_t at;
		struct site site;
		struct client c;

		at = (size_t) snprintf(
			text, sizeof(text), "GET /%0*d HTTP/1.1\r\n" H, rows[i].target, 0);
		for (k = 0; k < rows[i].fields; k++)
			at += (size_t) snprintf(text + at, sizeof(text) - at, "A: %0*d\r\n",
				rows[i].value, 0);
		snprintf(text + at, sizeof(text) - at, "\r\n");
		site_init(&site, routes, NULL, &opts);
		client_init(&c, &site);
		client_puts(&c, text);
		client_await(&c, rows[i].answer);
		client_fini(&c);
		site_fini(&site);
	}
}

static void large_heads_and_bodies_arrive_whole(void **state)
{
	size_t big = 3 * 1024 * 1024, i;
	char *body = malloc(big), head[200];
	struct site site;
	struct client c;

	for (i = 0; i < big; i++)
		body[i] = (char) ('a' + i % 23);
	site_init(&site, routes, NULL, NULL);
	client_init(&c, &site);
	snprintf(head, sizeof(head), "POST / HTTP/1.1\r\n" H "Content-Length: %zu\r\n\r\n",
		big);
	client_puts(&c, head);
	client_send(&c, body, big);
	client_await(&c, "\r\n\r\n<");
	client_await_bytes(&c, big + (size_t) (strstr(c.in, "\r\n\r\n") + 6 - c.in));
	assert_memory_equal(strstr(c.in, "\r\n\r\n<") + 5, body, big);
	client_forget(&c);
	/* a head of 60 KB, and one request behind it */
	memset(body, 'v', 60000);
	client_puts(&c, "GET /long HTTP/1.1\r\n" H "A: ");
	client_send(&c, body, 60000);
	client_puts(&c, "\r\n\r\nGET /next HTTP/1.1\r\n" H "\r\n");
	client_await(&c, "[/long]");
	client_await(&c, "[/next]");
	client_fini(&c);
	site_fini(&site);
	free(body);
}

/* Pipelined requests, some with bodies, cut wherever the pieces end. */
static void many_requests_in_uneven_pieces_are_all_answered(void **state)
{
	static const size_t steps[] = { 7, 61, 1021, 16381, 65521 };
	char *text = malloc(400000);
	size_t len = 0, i, at, k;

	for (i = 0; i < 1500; i++) {
		len += (size_t) sprintf(text + len, "GET /n%zu HTTP/1.1\r\n" H "\r\n", i);
		len += (size_t) sprintf(text + len,
			"POST / HTTP/1.1\r\n" H "Content-Length: 4\r\n\r\nbody"
			"POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
			"3\r\nabc\r\n0\r\n\r\n");
	}
	for (k = 0; k < ARRAY_SIZE(steps); k++) {
		struct site site;
		struct client c;

		site_init(&site, routes, NULL, NULL);
		client_init(&c, &site);
		for (at = 0; at < len; at += steps[k])
			client_send(
				&c, text + at, len - at < steps[k] ? len - at : steps[k]);
		client_puts(&c, "GET /last HTTP/1.1\r\n" H "\r\n");
		client_await(&c, "[/last]");
		assert_int_equal(client_count(&c, "HTTP/1.1 200 OK\r\n"), 4501);
		assert_int_equal(client_count(&c, "<body>"), 1500);
		assert_int_equal(client_count(&c, "<abc>"), 1500);
		assert_int_equal(client_count(&c, "[/n"), 1500);
		client_fini(&c);
		site_fini(&site);
	}
	free(text);
}

static void a_client_that_has_sent_all_may_close_its_half(void **state)
{
	struct site site;
	struct client c;

	site_init(&site, routes, NULL, NULL);
	client_init(&c, &site);
	client_puts(&c, "GET /half HTTP/1.1\r\n" H "\r\n");
	shutdown(c.fd, SHUT_WR);
	client_await(&c, "[/half]");
	client_await_close(&c);
	client_fini(&c);
	/* but a body that stays short is not taken for whole */
	client_init(&c, &site);
	client_puts(&c, "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nabc");
	shutdown(c.fd, SHUT_WR);
	client_await(&c, " 400 ");
	client_await_close(&c);
	assert_null(strstr(c.in, "<abc"));
	client_fini(&c);
	site_await_connections(&site, 0);
	site_fini(&site);
}

/* An early answer must reach a client that is still sending (RFC 9112, 9.6). */
static void a_client_that_goes_on_sending_reads_the_refusal(void **state)
{
	size_t big = 2 * 1024 * 1024;
	char *body = calloc(1, big);
	struct site site;
	struct client c;

	site_init(&site, routes, NULL, NULL);
	client_init(&c, &site);
	client_puts(&c, "POST /small HTTP/1.1\r\n" H "Content-Length: 2097152\r\n\r\n");
	client_send(&c, body, big);
	client_await(&c, "</html>\n");
	client_await_close(&c);
	assert_false(c.reset);
	assert_non_null(strstr(c.in, " 413 "));
	client_fini(&c);
	site_await_connections(&site, 0);
	site_fini(&site);
	free(body);
}

static void many_connections_come_and_go(void **state)
{
	struct client clients[100];
	struct site site;
	size_t i, round;

	site_init(&site, routes, NULL, NULL);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(clients); i++)
			client_init(&clients[i], &site);
		site_await_connections(&site, ARRAY_SIZE(clients));
		for (i = 0; i < ARRAY_SIZE(clients); i++)
			client_puts(&clients[i], "GET /x HTTP/1.1\r\n" H "\r\n");
		for (i = 0; i < ARRAY_SIZE(clients); i++)
			client_await(&clients[i], "[/x]");
		assert_int_equal(vane_server_in_flight(site.server), 0);
		for (i = 0; i < ARRAY_SIZE(clients); i++)
			client_fini(&clients[i]);
		site_await_connections(&site, 0);
	}
	site_fini(&site);
}

static void a_handler_may_set_date_and_server_itself(void **state)
{
	struct site site;
	struct client c;

	site_init(&site, routes, NULL, NULL);
	client_init(&c, &site);
	client_puts(&c, "GET /stamped HTTP/1.1\r\n" H "\r\n");
	client_await(&c, "stamped");
	assert_int_equal(client_count(&c, "HTTP/1.1 200 OK\r\n"), 1);
	assert_int_equal(client_count(&c, "Date: "), 1);
	assert_int_equal(client_count(&c, "Date: mine\r\n"), 1);
	assert_int_equal(client_count(&c, "server: mine\r\n"), 1);
	assert_int_equal(client_count(&c, "Server: "), 0);
	client_forget(&c);
	client_puts(&c, "GET /stamped?back HTTP/1.1\r\n" H "\r\n");
	client_await(&c, "stamped");
	assert_int_equal(client_count(&c, "Date: "), 1);
	assert_int_equal(client_count(&c, "Server: vane\r\n"), 1);
	assert_int_equal(client_count(&c, "mine"), 0);
	client_fini(&c);
	site_fini(&site);
}

static void the_address_that_was_connected_to_is_told(void **state)
{
	struct site site;
	struct client c;

	site_init(&site, routes, NULL, NULL);
	client_init(&c, &site);
	client_puts(&c, "GET /where HTTP/1.1\r\n" H "\r\n");
	client_await(&c, "[127.0.0.1]");
	client_fini(&c);
	site_fini(&site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(requests_may_come_byte_by_byte),
		cmocka_unit_test(a_connection_is_kept_when_both_sides_can),
		cmocka_unit_test(an_expected_continue_is_sent_when_the_body_is_wanted),
		cmocka_unit_test(heads_have_limits),
		cmocka_unit_test(large_heads_and_bodies_arrive_whole),
		cmocka_unit_test(many_requests_in_uneven_pieces_are_all_answered),
		cmocka_unit_test(a_client_that_has_sent_all_may_close_its_half),
		cmocka_unit_test(a_client_that_goes_on_sending_reads_the_refusal),
		cmocka_unit_test(many_connections_come_and_go),
		cmocka_unit_test(a_handler_may_set_date_and_server_itself),
		cmocka_unit_test(the_address_that_was_connected_to_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
