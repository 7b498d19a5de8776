/* SPDX-License-Identifier: MIT */
/*
 * test_server_life.c - the native server: time limits, deferred answers, clients that leave
 */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/shared.h"

#define H         "Host: h\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"

/* More and more, whether it is taken or not, until that fails. */
static int pour(struct vane_request *req, struct vane_response *res, void *data)
{
	static const char piece[64 * 1024];

	vane_response_write_ref(res, piece, sizeof(piece));
	vane_response_flush(res);
	return vane_request_gone(req) ? 0 : vane_request_after(req, 5, pour, NULL);
}

static int pouring(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	return pour(req, res, NULL);
}

static void finish_deferred(struct vane_request *req, void *data)
{
	struct shared *shared = vane_request_data(req);

	shared->closed++;
	assert_true(vane_response_finish(shared->deferred) < 0);
}

/* Finishes when it is told that its client is gone, flushed or not. */
static int defer_until_gone(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	shared->deferred = res;
	vane_request_on_close(req, finish_deferred, NULL);
	if (vane_request_query(req) != NULL) {
		vane_response_puts(res, "part");
		vane_response_flush(res);
	}
	return vane_response_defer(res);
}

/* Fails with its head out, and whoever is told tries to make the response whole. */
static int cut(struct vane_request *req, struct vane_response *res)
{
	defer_until_gone(req, res);
	return 500;
}

static int never(struct vane_request *req, struct vane_response *res, void *data)
{
	fail();
	return 0;
}

static int timer_too_late(struct vane_request *req, struct vane_response *res)
{
	char *data = malloc(16 * 1024 * 1024); /* more than the sockets hold */

	assert_int_equal(vane_request_after(req, 1, never, NULL), 0);
	memset(data, 't', 16 * 1024 * 1024);
	if (vane_request_query(req) != NULL)
		vane_response_write(res, data, 16 * 1024 * 1024);
	free(data);
	assert_int_equal(vane_response_finish(res), 0);
	assert_int_equal(vane_request_after(req, 1, never, NULL), -EALREADY);
	assert_string_equal(vane_request_last_error(req), "the response is finished");
	return 0;
}

static const struct vane_handler pouring_handler = { .get = pouring,
	.finished = shared_on_finished };

static const struct vane_handler gone_handler = { .get = defer_until_gone,
	.finished = shared_on_finished };
static const struct vane_handler cut_handler = { .get = cut,
	.finished = shared_on_finished };
static const struct vane_handler too_late_handler = { .get = timer_too_late };

/* Waits for longer than its server lives. */
static int wait_long(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	shared->deferred = res;
	return vane_request_wait(req, 50, never, NULL);
}

static const struct vane_handler wait_handler = { .get = wait_long };

static struct vane_route routes[] = {
	{ "/gone", &gone_handler },
	{ "/cut", &cut_handler },
	{ "/wait", &wait_handler },
	{ "/too-late", &too_late_handler },
	{ "/defer", &shared_defer_handler },
	{ "/large", &shared_large_handler },
	{ "/pouring", &pouring_handler },
	{ "/{rest:.*}", &shared_plain_handler },
	{ 0 },
};

static void begin(struct shared *shared, const struct vane_server_opts *opts)
{
	shared_begin(shared, routes, NULL, opts);
}

static void whoever_does_not_go_on_is_left(void **state)
{
	static const struct vane_server_opts opts = {
		.header_msec = 200, .body_msec = 200, .idle_msec = 200, .write_msec = 200
	};
	struct client idle, used, header, body, reader;
	struct shared shared;

	begin(&shared, &opts);
	shared.size = 100 * 1024 * 1024;
	client_init(&idle, &shared.site);
	client_init(&used, &shared.site);
	client_puts(&used, GET("/a"));
	client_init(&header, &shared.site);
	client_puts(&header, "GET / HTTP/1.1\r\nHos");
	client_init(&body, &shared.site);
	client_puts(&body, "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nab");
	client_init(&reader, &shared.site);
	client_puts(&reader, GET("/large"));
	client_await_close(&idle);
	assert_int_equal(idle.len, 0);
	client_await_close(&used);
	assert_int_equal(client_count(&used, "HTTP/1.1 200"), 1);
	client_await_close(&header);
	assert_non_null(strstr(header.in, "HTTP/1.1 408 "));
	assert_false(header.reset);
	client_await_close(&body);
	assert_null(strstr(body.in, " 200 "));
	site_await_connections(&shared.site, 0); /* the reader too, who never read */
	assert_int_equal(shared.closed, 1);
	assert_int_equal(shared.finished, 1);
	assert_true(shared.pulled < shared.size);
	assert_int_equal(vane_server_in_flight(shared.site.server), 0);
	client_fini(&idle);
	client_fini(&used);
	client_fini(&header);
	client_fini(&body);
	client_fini(&reader);
	site_fini(&shared.site);
}

/* That the handler has more to say gives its client no more time. */
static void whoever_does_not_read_a_stream_is_left(void **state)
{
	static const struct vane_server_opts opts = { .write_msec = 200 };
	struct shared shared;
	struct client c;

	begin(&shared, &opts);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/pouring"));
	site_await_connections(&shared.site, 1);
	site_await_connections(&shared.site, 0); /* it never read */
	while (shared.finished == 0)
		site_turn(&shared.site, 1); /* the handler learns of it when it writes */
	client_fini(&c);
	site_fini(&shared.site);
}

static void a_deferred_answer_has_no_time_limit(void **state)
{
	static const struct vane_server_opts opts = {
		.header_msec = 100, .body_msec = 100, .idle_msec = 100, .write_msec = 100
	};
	struct shared shared;
	struct client c;

	begin(&shared, &opts);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/defer") GET("/behind"));
	shared_await_deferred(&shared);
	site_turn(&shared.site, 500);
	assert_int_equal(vane_server_in_flight(shared.site.server), 1);
	vane_response_puts(shared.deferred, "at last");
	assert_int_equal(vane_response_finish(shared.deferred), 0);
	client_await(&c, "at last");
	client_await(&c, "[/behind]");
	assert_int_equal(shared.closed, 0);
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	site_fini(&shared.site);
}

static void a_client_that_leaves_is_noticed(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/defer"));
	shared_await_deferred(&shared);
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	assert_int_equal(shared.closed, 1);
	assert_int_equal(shared.finished, 0);
	assert_int_equal(vane_response_puts(shared.deferred, "anyone?"), -EPIPE);
	assert_true(vane_response_finish(shared.deferred) < 0); /* harmless, and frees it */
	assert_int_equal(shared.finished, 1);
	assert_int_equal(shared.closed, 1);
	site_fini(&shared.site);
}

/* Whether its handler finishes it or not. */
static void a_client_that_leaves_has_its_line_at_once(void **state)
{
	static const struct vane_app_opts opts = { .access_log = VANE_ACCESS_LOG_TORNADO };
	static const char line[] = "499 GET /defer (127.0.0.1) ";
	static const char warning[] = "GET /defer (127.0.0.1) route /defer: the client has "
				      "left, and the deferred response was never finished";
	struct shared shared;
	struct client c;
	const char *found;

	for (int finishes = 0; finishes < 2; finishes++) {
		shared_begin(&shared, routes, &opts, NULL);
		client_init(&c, &shared.site);
		client_puts(&c, GET("/defer"));
		shared_await_deferred(&shared);
		client_fini(&c);
		site_await_connections(&shared.site, 0);
		assert_non_null(strstr(shared.site.log, line));
		if (finishes)
			vane_response_finish(shared.deferred);
		site_fini(&shared.site);
		found = strstr(shared.site.log, line);
		assert_null(strstr(found + 1, line));
		assert_int_equal(strstr(shared.site.log, warning) == NULL, finishes);
	}
}

/* A stop has named it already. */
static void a_deferred_response_that_a_stop_cuts_has_its_line(void **state)
{
	static const struct vane_app_opts opts = { .access_log = VANE_ACCESS_LOG_TORNADO };
	struct shared shared;
	struct client c;

	shared_begin(&shared, routes, &opts, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/defer"));
	shared_await_deferred(&shared);
	vane_server_close_all_connections(shared.site.server);
	assert_non_null(strstr(shared.site.log, "500 GET /defer (127.0.0.1) "));
	client_fini(&c);
	site_fini(&shared.site);
	assert_null(strstr(shared.site.log, "never finished"));
}

static void whoever_is_told_may_finish(void **state)
{
	static const char *const ways[] = { GET("/gone"), GET("/gone?flush") };
	struct shared shared;
	struct client c;
	size_t i;

	begin(&shared, NULL);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		shared.deferred = NULL;
		client_init(&c, &shared.site);
		client_puts(&c, ways[i]);
		shared_await_deferred(&shared);
		client_fini(&c);
		site_await_connections(&shared.site, 0);
		assert_int_equal(shared.closed, i + 1);
		assert_int_equal(shared.finished, i + 1);
	}
	client_init(&c, &shared.site);
	client_puts(&c, GET("/cut?flush"));
	client_await_close(&c);
	assert_null(strstr(c.in, "\r\n0\r\n\r\n")); /* not as if it were whole */
	assert_int_equal(shared.closed, 3);
	assert_int_equal(shared.finished, 3);
	client_fini(&c);
	site_fini(&shared.site);
}

static void who_waits_for_a_client_that_has_left_ends_with_the_server(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/wait"));
	shared_await_deferred(&shared);
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	vane_server_free(shared.site.server);
	shared.site.server = NULL;
	vane_app_free(shared.site.app);
	shared.site.app = NULL;
	site_turn(&shared.site, 100); /* the loop goes on, for others */
	site_fini(&shared.site);
}

static void a_finished_response_has_no_timers(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/too-late") GET("/a"));
	client_await(&c, "[/a]");
	client_puts(&c, GET("/too-late?large"));
	site_turn(&shared.site, 50);
	client_await_bytes(&c, 16 * 1024 * 1024);
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	site_fini(&shared.site);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_does_not_go_on_is_left),
		cmocka_unit_test(whoever_does_not_read_a_stream_is_left),
		cmocka_unit_test(a_deferred_answer_has_no_time_limit),
		cmocka_unit_test(a_client_that_leaves_is_noticed),
		cmocka_unit_test(a_client_that_leaves_has_its_line_at_once),
		cmocka_unit_test(a_deferred_response_that_a_stop_cuts_has_its_line),
		cmocka_unit_test(whoever_is_told_may_finish),
		cmocka_unit_test(who_waits_for_a_client_that_has_left_ends_with_the_server),
		cmocka_unit_test(a_finished_response_has_no_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
