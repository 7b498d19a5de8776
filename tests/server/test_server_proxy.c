/* SPDX-License-Identifier: MIT */
/*
 * test_server_proxy.c - lib/server/conn_proxy.c: whose a connection is, where a proxy in front says so
 * in the PROXY protocol, and nobody else can.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <vane/log.h>
#include <vane/request.h>
#include <vane/response.h>

#include "base.h"
#include "support/site.h"

#define ASK  "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
#define FROM "PROXY TCP4 4.4.4.4 5.5.5.5 1234 80\r\n"

static const char binary[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0f\x04\x04\x04\x04\5\5\5\5"
			     "\4\xd2\0\x50\x04\0\0";
static const char local[] = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

static const char hidden[] = "\r\n\r\n\0\r\nQUIT\n\x21\0\0\0";

static int say_who(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "from %s %d.", vane_request_remote_addr(req),
		vane_request_remote_port(req));
}

static const struct vane_handler handler = { .get = say_who };
static const struct vane_route routes[] = { { "/", &handler }, { 0 } };
static const struct vane_server_opts loopback = { .proxy_protocol = "127.0.0.0/8" };

static int warnings;

static void count_warning(enum vane_log_level level, const char *line, void *data)
{
	warnings += level <= VANE_LOG_WARNING;
}

static void the_header_says_whose_a_connection_is(void **state)
{
	static const struct {
		const char *header;
		size_t len;
		const char *says;
	} rows[] = {
		{ FROM, sizeof(FROM) - 1, "from 4.4.4.4 1234." },
		{ binary, sizeof(binary) - 1, "from 4.4.4.4 1234." },
		{ "PROXY TCP6 2001:db8::1 ::1 7 80\r\n", 33, "from 2001:db8::1 7." },
		{ local, sizeof(local) - 1, "from 127.0.0.1 " },
		{ "PROXY UNKNOWN\r\n", 15, "from  " },
		{ hidden, sizeof(hidden) - 1, "from  " },
	};
	struct client client;
	struct site site;
	size_t i, at;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		site_init(&site, routes, NULL, &loopback);
		client_init(&client, &site);
		client_send(&client, rows[i].header, rows[i].len);
		client_puts(&client, ASK);
		client_await(&client, rows[i].says);
		/* the connection is kept, and has one header */
		client_forget(&client);
		client_puts(&client, ASK);
		client_await(&client, rows[i].says);
		client_fini(&client);
		/* byte by byte, and the request some time later */
		client_init(&client, &site);
		for (at = 0; at < rows[i].len; at++) {
			client_send(&client, rows[i].header + at, 1);
			site_turn(&site, 1);
		}
		client_puts(&client, ASK);
		client_await(&client, rows[i].says);
		client_fini(&client);
		site_fini(&site);
	}
}

static void one_without_it_is_closed_and_named_once(void **state)
{
	struct client client;
	struct site site;
	int i;

	site_init(&site, routes, NULL, &loopback);
	vane_log_set_function(count_warning, NULL);
	warnings = 0;
	for (i = 0; i < 3; i++) {
		client_init(&client, &site);
		client_puts(&client, ASK);
		client_await_close(&client);
		assert_int_equal(client.len, 0);
		client_fini(&client);
	}
	assert_int_equal(warnings, 1);
	vane_log_set_function(NULL, NULL);
	site_fini(&site);
}

/* Whoever is no proxy cannot say who he is. */
static void from_others_it_is_no_request(void **state)
{
	static const struct vane_server_opts elsewhere = { .proxy_protocol = "10.0.0.1" };
	struct client client;
	struct site site;

	site_init(&site, routes, NULL, &elsewhere);
	client_init(&client, &site);
	client_puts(&client, ASK);
	client_await(&client, "from 127.0.0.1");
	client_fini(&client);
	client_init(&client, &site);
	client_puts(&client, FROM ASK);
	client_await_close(&client);
	assert_int_equal(client_count(&client, "from"), 0);
	client_fini(&client);
	site_fini(&site);
}

static void half_a_header_has_the_time_of_a_head(void **state)
{
	static const struct vane_server_opts hasty = { .proxy_protocol = "127.0.0.1",
		.header_msec = 200 };
	struct client client;
	struct site site;

	site_init(&site, routes, NULL, &hasty);
	client_init(&client, &site);
	client_puts(&client, "PROXY TCP4 4.4.");
	client_await_close(&client);
	assert_int_equal(client.len, 0); /* nobody to be told 408 */
	client_fini(&client);
	site_fini(&site);
}

static void connections_are_counted_for_those_whose_they_are(void **state)
{
	static const struct vane_server_opts two = { .proxy_protocol = "127.0.0.1",
		.max_per_address = 2 };
	struct client clients[4], other;
	struct site site;
	int i;

	site_init(&site, routes, NULL, &two);
	for (i = 0; i < 4; i++) {
		client_init(&clients[i], &site);
		client_puts(&clients[i], FROM ASK);
		client_await(&clients[i], "from 4.4.4.4");
	}
	site_await_connections(&site, 2); /* two gave way */
	client_init(&other, &site);
	client_puts(&other, "PROXY TCP4 6.6.6.6 5.5.5.5 1 80\r\n" ASK);
	client_await(&other, "from 6.6.6.6");
	site_await_connections(&site, 3);
	client_fini(&other);
	for (i = 0; i < 4; i++)
		client_fini(&clients[i]);
	site_fini(&site);
}

static void what_the_client_of_a_proxy_says_is_not_believed(void **state)
{
	static const struct vane_app_opts believing = { .xheaders = true };
	struct client client;
	struct site site;

	site_init(&site, routes, &believing, &loopback);
	client_init(&client, &site);
	client_puts(
		&client, FROM "GET / HTTP/1.1\r\nHost: x\r\nX-Real-Ip: 6.6.6.6\r\n\r\n");
	client_await(&client, "from 4.4.4.4");
	client_fini(&client);
	site_fini(&site);
}

static void lists_that_are_none_are_refused(void **state)
{
	static const struct vane_server_opts bad = { .proxy_protocol = "everybody" };
	struct vane_server *server;

	assert_int_equal(vane_server_new(&server, NULL, NULL, &bad), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_says_whose_a_connection_is),
		cmocka_unit_test(one_without_it_is_closed_and_named_once),
		cmocka_unit_test(from_others_it_is_no_request),
		cmocka_unit_test(half_a_header_has_the_time_of_a_head),
		cmocka_unit_test(connections_are_counted_for_those_whose_they_are),
		cmocka_unit_test(what_the_client_of_a_proxy_says_is_not_believed),
		cmocka_unit_test(lists_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
