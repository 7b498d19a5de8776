/* SPDX-License-Identifier: MIT */
/*
 * test_server_pieces.c - the native server: answers that are large, or come in pieces
 */
#include "config.h" /* for memfd_create() */

#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/shared.h"

#define H         "Host: h\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"

static int mixed(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);
	struct vane_source source = {
		.pull = shared_pull, .data = shared, .length = 70000
	};
	char *taken = malloc(100000);
	int fd = memfd_create("file", MFD_CLOEXEC);

	memset(taken, 't', 100000);
	assert_int_equal(write(fd, taken, 100000), 100000);
	shared->pulled = 0;
	shared->size = 70000;
	vane_response_puts(res, "begin");
	vane_response_write_file(res, fd, 10, 99000);
	vane_response_write_source(res, &source);
	vane_response_write_take(res, taken, 100000);
	vane_response_puts(res, "-");
	vane_response_write_ref(res, "borrowed", 8);
	if (vane_request_query(req) != NULL)
		vane_response_flush(res);
	return vane_response_puts(res, "end");
}

static int tick(struct vane_request *req, struct vane_response *res, void *data)
{
	int *left = vane_request_state(req, NULL);

	vane_response_printf(res, "tick%d ", (*left)--);
	vane_response_flush(res);
	return *left > 0 ? vane_request_after(req, 20, tick, NULL)
			 : vane_response_finish(res);
}

static int ticking(struct vane_request *req, struct vane_response *res)
{
	int *left = vane_request_alloc(req, sizeof(*left));

	*left = 3;
	vane_request_set_state(req, NULL, left);
	vane_response_defer(res);
	return tick(req, res, NULL);
}

static int answer_early(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "early ");
	return vane_response_flush(res);
}

/* A response that begins with the first piece of the body, and is large. */
static int answer_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	struct shared *shared = vane_request_data(req);
	struct vane_source source = { .pull = shared_pull, .data = shared, .length = -1 };

	if (shared->pulled > 0 || shared->size == 0)
		return 0;
	vane_response_write_source(res, &source);
	return vane_response_flush(res);
}

static int answer_rest(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "rest");
}

static const struct vane_handler mixed_handler = { .get = mixed };
static const struct vane_handler ticking_handler = { .get = ticking };
static const struct vane_handler early_handler = {
	.prepare = answer_early, .data = answer_piece, .post = answer_rest
};

static struct vane_route routes[] = {
	{ "/early", &early_handler },
	{ "/large", &shared_large_handler },
	{ "/mixed", &mixed_handler },
	{ "/ticking", &ticking_handler },
	{ "/{rest:.*}", &shared_plain_handler },
	{ 0 },
};

static void begin(struct shared *shared, const struct vane_server_opts *opts)
{
	shared_begin(shared, routes, NULL, opts);
}

static void a_response_may_leave_while_its_request_comes(void **state)
{
	size_t size = 32 * 1024 * 1024;
	struct shared shared;
	struct client c;

	begin(&shared, NULL);
	shared.size = size;
	client_init(&c, &shared.site);
	client_puts(&c, "POST /early HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\na");
	client_await_bytes(&c, size); /* though nothing more has come */
	client_puts(&c, "b");
	client_await(&c, "rest\r\n0\r\n\r\n");
	client_fini(&c);
	shared.size = 0;
	client_init(&c, &shared.site);
	client_puts(&c, "POST /early HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
			"Content-Length: 2\r\n\r\n");
	client_await(&c, "early ");
	client_puts(&c, "ab");
	client_await_close(&c);
	assert_non_null(strstr(c.in, "rest\r\n0\r\n\r\n"));
	assert_null(strstr(c.in, " 100 ")); /* it would be in the midst of the response */
	client_fini(&c);
	site_fini(&shared.site);
}

static void pieces_reach_the_client_as_they_are_flushed(void **state)
{
	struct shared shared;
	struct client c;
	char *body;

	begin(&shared, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/ticking"));
	client_await(&c, "tick3 ");
	assert_null(strstr(c.in, "tick2"));
	client_await(&c, "tick2 ");
	assert_null(strstr(c.in, "tick1"));
	client_await(&c, "\r\n0\r\n\r\n");
	body = client_dechunk(&c);
	assert_string_equal(body, "tick3 tick2 tick1 ");
	free(body);
	client_forget(&c);
	client_puts(&c, "GET /ticking HTTP/1.0\r\n\r\n");
	client_await_close(&c);
	assert_non_null(strstr(c.in, "\r\n\r\ntick3 tick2 tick1 "));
	assert_null(strstr(c.in, "chunked"));
	client_fini(&c);
	site_fini(&shared.site);
}

static void timers_end_with_their_client(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/ticking"));
	client_await(&c, "tick3 ");
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	site_turn(&shared.site, 60);
	site_fini(&shared.site);
}

static void check_mixed(const char *body)
{
	size_t i;

	assert_memory_equal(body, "begin", 5);
	body += 5;
	for (i = 0; i < 99000; i++)
		assert_int_equal(body[i], 't');
	body += 99000;
	for (i = 0; i < 70000; i++)
		assert_int_equal(body[i], 'A' + i % 26);
	body += 70000;
	for (i = 0; i < 100000; i++)
		assert_int_equal(body[i], 't');
	assert_string_equal(body + 100000, "-borrowedend");
}

static void bodies_of_all_kinds_follow_each_other(void **state)
{
	size_t len = 5 + 99000 + 70000 + 100000 + 12;
	struct shared shared;
	struct client c;
	char *body;

	begin(&shared, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/mixed"));
	client_await(&c, "borrowedend");
	assert_non_null(strstr(c.in, "Content-Length: 269017\r\n"));
	body = strstr(c.in, "\r\n\r\n") + 4;
	assert_int_equal(c.len - (size_t) (body - c.in), len);
	check_mixed(body);
	client_forget(&c);
	client_puts(&c, GET("/mixed?flush"));
	client_await(&c, "\r\n0\r\n\r\n");
	body = client_dechunk(&c);
	assert_non_null(body);
	check_mixed(body);
	free(body);
	client_forget(&c);
	client_puts(&c, "HEAD /mixed HTTP/1.1\r\n" H "\r\n" GET("/after"));
	client_await(&c, "[/after]");
	assert_int_equal(client_count(&c, "Content-Length: 269017\r\n"), 1);
	assert_null(strstr(c.in, "begin"));
	client_fini(&c);
	site_fini(&shared.site);
}

static void a_slow_reader_costs_no_memory(void **state)
{
	static const char *const ways[] = { GET("/large"), GET("/large?length") };
	size_t size = 32 * 1024 * 1024, most = 0, i, k;

	for (k = 0; k < ARRAY_SIZE(ways); k++) {
		struct shared shared;
		struct client c;
		char *buf;

		begin(&shared, NULL);
		shared.size = size;
		client_init(&c, &shared.site);
		client_puts(&c, ways[k]);
		site_turn(&shared.site, 300);
		assert_true(shared.pulled > 0);
		assert_true(shared.pulled < 16 * 1024 * 1024); /* what the sockets hold */
		client_await_bytes(&c, size);
		if (k == 0) {
			client_await(&c, "\r\n0\r\n\r\n");
			buf = client_dechunk(&c);
		} else {
			client_await_bytes(
				&c, (size_t) (strstr(c.in, "\r\n\r\n") + 4 - c.in) + size);
			buf = strdup(strstr(c.in, "\r\n\r\n") + 4);
		}
		assert_non_null(buf);
		for (i = 0; i < size && buf[i] == (char) ('A' + i % 26); i++)
			most = i;
		assert_int_equal(most, size - 1);
		assert_int_equal(shared.closed, 0);
		assert_int_equal(shared.finished, 1);
		free(buf);
		client_fini(&c);
		site_fini(&shared.site);
	}
}

static void a_reader_that_leaves_ends_the_source(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NULL);
	shared.size = 100 * 1024 * 1024;
	client_init(&c, &shared.site);
	client_puts(&c, GET("/large"));
	client_await_bytes(&c, 100000);
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	assert_int_equal(shared.closed, 1);
	assert_int_equal(shared.finished, 1);
	assert_true(shared.pulled < shared.size);
	site_fini(&shared.site);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_response_may_leave_while_its_request_comes),
		cmocka_unit_test(pieces_reach_the_client_as_they_are_flushed),
		cmocka_unit_test(timers_end_with_their_client),
		cmocka_unit_test(bodies_of_all_kinds_follow_each_other),
		cmocka_unit_test(a_slow_reader_costs_no_memory),
		cmocka_unit_test(a_reader_that_leaves_ends_the_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
