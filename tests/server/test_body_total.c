/* SPDX-License-Identifier: MIT */
/*
 * test_body_total.c - lib/core/body.c: what all collected bodies of a process may have together
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/site.h"

#define POST(path, length)                                                                 \
	"POST " path " HTTP/1.1\r\nHost: h\r\nContent-Length: " #length "\r\n\r\n"
#define POST_CHUNKED "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"

static struct vane_request *held;

static int size(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%zu bytes.", vane_request_body(req).len);
}

static int hold(struct vane_request *req, struct vane_response *res)
{
	held = req;
	return vane_response_defer(res);
}

static int pass(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	return 0;
}

static const struct vane_handler size_handler = { .post = size };
static const struct vane_handler hold_handler = { .post = hold };
static const struct vane_handler pass_handler = { .post = size, .data = pass };
static const struct vane_route routes[] = {
	{ "/", &size_handler },
	{ "/hold", &hold_handler },
	{ "/pass", &pass_handler },
	{ 0 },
};

/* Rows: bodies in memory, and those that go to a file. */
static const struct vane_app_opts rows[] = {
	{ .max_body_total_bytes = 1000 },
	{ .max_body_total_bytes = 1000, .body_memory_bytes = 100 },
};

static void send_bytes(struct client *client, size_t len)
{
	static const char bytes[2000];

	client_send(client, bytes, len);
}

/* Its body is on its way, and what was sent of it has been read. */
static void begin(struct client *client, struct site *site, const char *head, size_t len)
{
	client_init(client, site);
	client_puts(client, head);
	send_bytes(client, len);
	site_turn(site, 20);
}

static void expect_refused(struct client *client)
{
	client_await(client, "HTTP/1.1 503 ");
	client_await(client, "Retry-After: 10\r\n");
	assert_int_equal(client_count(client, "100 Continue"), 0);
	client_fini(client);
}

static void expect_served(struct site *site)
{
	struct client client;

	begin(&client, site, POST("/", 900), 900);
	client_await(&client, "900 bytes.");
	client_fini(&client);
}

/* Each is told with what was asked, and once in a while there is a warning. */
static void expect_warning(const struct site *site)
{
	const char *line =
		strstr(site->log, "of them together are above --max-body-total, 1000");

	assert_non_null(line);
	assert_null(strstr(line + 1, "of them together are above"));
	assert_non_null(
		strstr(site->log, "503 POST / (127.0.0.1): the bodies of all requests"));
}

static void a_body_too_much_for_all_is_503_and_others_go_on(void **state)
{
	struct client first, second;
	struct site site;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		site_init(&site, routes, &rows[i], NULL);
		begin(&first, &site, POST("/", 600), 500);
		/* Announced: nobody waits for it, nor does it have to be sent. */
		begin(&second, &site,
			"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 501\r\n"
			"Expect: 100-continue\r\n\r\n",
			0);
		expect_refused(&second);
		begin(&second, &site, POST("/", 500), 500);
		client_await(&second, "500 bytes.");
		client_fini(&second);
		begin(&second, &site, POST_CHUNKED "12c\r\n", 300);
		client_puts(&second, "\r\n12c\r\n");
		send_bytes(&second, 300);
		expect_refused(&second);
		send_bytes(&first, 100);
		client_await(&first, "600 bytes.");
		client_fini(&first);
		expect_served(&site);
		expect_warning(&site);
		site_fini(&site);
	}
}

/* What a handler holds counts until its answer is given, what it takes piece by piece never. */
static void a_body_counts_as_long_as_it_is_kept(void **state)
{
	struct client first, second;
	struct site site;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		site_init(&site, routes, &rows[i], NULL);
		begin(&first, &site, POST("/hold", 600), 600);
		assert_non_null(held);
		begin(&second, &site, POST("/pass", 2000), 2000);
		client_await(&second, "0 bytes.");
		client_fini(&second);
		begin(&second, &site, POST("/", 600), 0);
		expect_refused(&second);
		vane_response_finish(vane_request_response(held));
		held = NULL;
		client_await(&first, "HTTP/1.1 200 ");
		expect_served(&site);
		client_fini(&first);
		site_fini(&site);
	}
}

static void a_client_that_leaves_gives_its_bytes_back(void **state)
{
	struct client first;
	struct site site;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		site_init(&site, routes, &rows[i], NULL);
		begin(&first, &site, POST("/", 600), 500);
		client_fini(&first);
		site_await_connections(&site, 0);
		expect_served(&site);
		begin(&first, &site, POST("/hold", 600), 600);
		client_fini(&first);
		site_await_connections(&site, 0);
		vane_response_finish(vane_request_response(held));
		held = NULL;
		expect_served(&site);
		site_fini(&site);
	}
}

static void one_body_alone_may_be_larger(void **state)
{
	struct client first, second;
	struct site site;

	site_init(&site, routes, &rows[0], NULL);
	begin(&first, &site, POST("/", 2000), 1900);
	begin(&second, &site, POST("/", 1), 1);
	expect_refused(&second);
	send_bytes(&first, 100);
	client_await(&first, "2000 bytes.");
	client_fini(&first);
	expect_served(&site);
	site_fini(&site);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_too_much_for_all_is_503_and_others_go_on),
		cmocka_unit_test(a_body_counts_as_long_as_it_is_kept),
		cmocka_unit_test(a_client_that_leaves_gives_its_bytes_back),
		cmocka_unit_test(one_body_alone_may_be_larger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
