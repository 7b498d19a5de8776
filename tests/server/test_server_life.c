/* SPDX-License-Identifier: MIT */
/*
 * test_server_life.c - lib/server/server.c and lib/conn*.c: time limits, deferred answers, large
 * ones, and the end
 */
#include "config.h" /* for memfd_create() */

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/site.h"

#define H         "Host: h\r\n"

#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"

/* What handlers and the test share. */
struct shared {
	struct site site;
	struct vane_response *deferred;
	int closed, finished, drained;
	size_t pulled, size;
	int64_t msec;
	bool close_all;
};

static int plain(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "[%s]", vane_request_path(req));
}

static int echo_body(struct vane_request *req, struct vane_response *res)
{
	struct vane_slice body = vane_request_body(req);

	return vane_response_write(res, body.data, body.len);
}

static void on_close(struct vane_request *req)
{
	struct shared *shared = vane_request_data(req);

	shared->closed++;
}

static void on_finished(struct vane_request *req)
{
	struct shared *shared = vane_request_data(req);

	shared->finished++;
}

/* Answered when the test says so. */
static int defer(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	shared->deferred = res;
	vane_on_close(req, on_close);
	return vane_defer(res);
}

static int too_early(struct vane_request *req, struct vane_response *res)
{
	return 500;
}

/* The same, unless that time comes before. */
static int defer_until(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	defer(req, res);
	return vane_after(req, shared->msec, too_early);
}

static ssize_t pull(void *data, char *buf, size_t size)
{
	struct shared *shared = data;
	size_t left = shared->size - shared->pulled, i;

	if (size > left)
		size = left;
	for (i = 0; i < size; i++)
		buf[i] = (char) ('A' + (shared->pulled + i) % 26);
	shared->pulled += size;
	return (ssize_t) size;
}

static int large(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);
	struct vane_source source = { .pull = pull, .data = shared, .length = -1 };

	vane_on_close(req, on_close);
	if (vane_request_query(req) != NULL)
		source.length = (int64_t) shared->size;
	shared->pulled = 0;
	return vane_response_write_source(res, &source);
}

static int stop(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	vane_server_stop(shared->site.server);
	if (shared->close_all)
		vane_server_close_all_connections(shared->site.server);
	return vane_response_puts(res, "stopped");
}

static int mixed(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);
	struct vane_source source = { .pull = pull, .data = shared, .length = 70000 };
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

static int tick(struct vane_request *req, struct vane_response *res)
{
	int *left = vane_request_state(req);

	vane_response_printf(res, "tick%d ", (*left)--);
	vane_response_flush(res);
	return *left > 0 ? vane_after(req, 20, tick) : vane_response_finish(res);
}

/* More and more, whether it is taken or not, until that fails. */
static int pour(struct vane_request *req, struct vane_response *res)
{
	static const char piece[64 * 1024];

	vane_response_write_ref(res, piece, sizeof(piece));
	vane_response_flush(res);
	return vane_request_gone(req) ? 0 : vane_after(req, 5, pour);
}

static int pouring(struct vane_request *req, struct vane_response *res)
{
	vane_defer(res);
	return pour(req, res);
}

static int ticking(struct vane_request *req, struct vane_response *res)
{
	int *left = vane_request_alloc(req, sizeof(*left));

	*left = 3;
	vane_request_set_state(req, left);
	vane_defer(res);
	return tick(req, res);
}

static void finish_deferred(struct vane_request *req)
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
	vane_on_close(req, finish_deferred);
	if (vane_request_query(req) != NULL) {
		vane_response_puts(res, "part");
		vane_response_flush(res);
	}
	return vane_defer(res);
}

/* Fails with its head out, and whoever is told tries to make the response whole. */
static int cut(struct vane_request *req, struct vane_response *res)
{
	defer_until_gone(req, res);
	return 500;
}

static int never(struct vane_request *req, struct vane_response *res)
{
	fail();
	return 0;
}

static int timer_too_late(struct vane_request *req, struct vane_response *res)
{
	char *data = malloc(16 * 1024 * 1024); /* more than the sockets hold */

	assert_int_equal(vane_after(req, 1, never), 0);
	memset(data, 't', 16 * 1024 * 1024);
	if (vane_request_query(req) != NULL)
		vane_response_write(res, data, 16 * 1024 * 1024);
	free(data);
	assert_int_equal(vane_response_finish(res), 0);
	assert_int_equal(vane_after(req, 1, never), -EALREADY);
	assert_string_equal(vane_last_error(req), "the response is finished");
	return 0;
}

/* Two that tell each other of their ends, with more than is written in one turn. */
static struct vane_request *met[2];
static int met_count;

static void tell_other(struct vane_request *req)
{
	static const char told[256 * 1024];
	int mine = met[1] == req, i;
	struct vane_request *other = met[!mine];

	met[mine] = NULL;
	for (i = 0; other != NULL && i < 14; i++) {
		vane_response_write(vane_request_response(other), told, sizeof(told));
		vane_response_flush(vane_request_response(other));
	}
	vane_response_finish(vane_request_response(req));
}

static int meet(struct vane_request *req, struct vane_response *res)
{
	met[met_count++] = req;
	vane_on_close(req, tell_other);
	vane_response_puts(res, "met");
	vane_response_flush(res);
	return vane_defer(res);
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
	struct vane_source source = { .pull = pull, .data = shared, .length = -1 };

	if (shared->pulled > 0 || shared->size == 0)
		return 0;
	vane_response_write_source(res, &source);
	return vane_response_flush(res);
}

static int answer_rest(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "rest");
}

static const struct vane_handler plain_handler = { .get = plain, .post = echo_body };
static const struct vane_handler defer_handler = { .get = defer, .finished = on_finished };
static const struct vane_handler large_handler = { .get = large, .finished = on_finished };
static const struct vane_handler stop_handler = { .get = stop };
static const struct vane_handler mixed_handler = { .get = mixed };
static const struct vane_handler ticking_handler = { .get = ticking };
static const struct vane_handler pouring_handler = { .get = pouring,
	.finished = on_finished };

static const struct vane_handler gone_handler = { .get = defer_until_gone,
	.finished = on_finished };
static const struct vane_handler meet_handler = { .get = meet };
static const struct vane_handler later_handler = { .get = defer_until };
static const struct vane_handler cut_handler = { .get = cut, .finished = on_finished };
static const struct vane_handler too_late_handler = { .get = timer_too_late };
static const struct vane_handler early_handler = {
	.prepare = answer_early, .data = answer_piece, .post = answer_rest
};

static struct vane_route routes[] = {
	{ "/gone", &gone_handler },
	{ "/cut", &cut_handler },
	{ "/meet", &meet_handler },
	{ "/too-late", &too_late_handler },
	{ "/early", &early_handler },
	{ "/defer", &defer_handler },
	{ "/later", &later_handler },
	{ "/large", &large_handler },
	{ "/stop", &stop_handler },
	{ "/mixed", &mixed_handler },
	{ "/ticking", &ticking_handler },
	{ "/pouring", &pouring_handler },
	{ "/{rest:.*}", &plain_handler },
	{ 0 },
};

static void begin_with(struct shared *shared, const struct vane_app_opts *app_opts,
	const struct vane_server_opts *opts)
{
	size_t i;

	*shared = (struct shared) { .deferred = NULL };
	for (i = 0; routes[i].pattern != NULL; i++)
		routes[i].data = shared;
	site_init(&shared->site, routes, app_opts, opts);
}

static void begin(struct shared *shared, const struct vane_server_opts *opts)
{
	begin_with(shared, NULL, opts);
}

static void await_deferred(struct shared *shared)
{
	int i;

	for (i = 0; shared->deferred == NULL && i < 5000; i++)
		site_turn(&shared->site, 1);
	assert_non_null(shared->deferred);
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
	await_deferred(&shared);
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
	await_deferred(&shared);
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
		begin_with(&shared, &opts, NULL);
		client_init(&c, &shared.site);
		client_puts(&c, GET("/defer"));
		await_deferred(&shared);
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

	begin_with(&shared, &opts, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/defer"));
	await_deferred(&shared);
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
		await_deferred(&shared);
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

static void on_drained(void *data)
{
	struct shared *shared = data;

	shared->drained++;
}

static void a_drain_lets_requests_finish(void **state)
{
	struct client idle, busy, late;
	struct shared shared;

	begin(&shared, NULL);
	client_init(&idle, &shared.site);
	client_puts(&idle, GET("/a"));
	client_await(&idle, "[/a]");
	client_init(&busy, &shared.site);
	client_puts(&busy, GET("/defer"));
	await_deferred(&shared);
	client_init(&late, &shared.site); /* let in by the kernel, not accepted yet */
	assert_int_equal(send(late.fd, GET("/late"), strlen(GET("/late")), MSG_NOSIGNAL),
		strlen(GET("/late")));
	assert_int_equal(
		vane_server_drain(shared.site.server, 60000, on_drained, &shared), 0);
	assert_int_equal(vane_server_drain(shared.site.server, 60000, on_drained, &shared),
		-EALREADY);
	client_await(&late, "[/late]");
	client_await_close(&late);
	client_await_close(&idle);
	assert_int_equal(shared.drained, 0);
	assert_int_equal(vane_server_in_flight(shared.site.server), 1);
	vane_response_puts(shared.deferred, "done");
	vane_response_finish(shared.deferred);
	client_await(&busy, "done");
	client_await_close(&busy);
	assert_non_null(strstr(busy.in, "Connection: close\r\n"));
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 1);
	client_fini(&idle);
	client_fini(&busy);
	client_fini(&late);
	site_await_connections(&shared.site, 0);
	assert_int_equal(vane_server_add_socket(shared.site.server, dup(0)), -EALREADY);
	site_fini(&shared.site);
}

static void a_drain_of_nothing_is_done_at_once(void **state)
{
	struct shared shared;

	begin(&shared, NULL);
	assert_int_equal(
		vane_server_drain(shared.site.server, 60000, on_drained, &shared), 0);
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 1);
	site_fini(&shared.site);
	/* and may be given up before it was told */
	begin(&shared, NULL);
	assert_int_equal(
		vane_server_drain(shared.site.server, 60000, on_drained, &shared), 0);
	vane_server_free(shared.site.server);
	shared.site.server = NULL;
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 0);
	site_fini(&shared.site);
}

static void a_drain_cuts_what_takes_too_long(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/defer"));
	await_deferred(&shared);
	assert_int_equal(vane_server_drain(shared.site.server, 50, on_drained, &shared), 0);
	client_await_close(&c);
	assert_int_equal(c.len, 0);
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 1);
	assert_int_equal(shared.closed, 1);
	assert_int_equal(vane_server_connections(shared.site.server), 0);
	assert_non_null(strstr(shared.site.log, "drain: 1 request"));
	vane_response_finish(shared.deferred);
	client_fini(&c);
	site_fini(&shared.site);
}

static void a_drain_needs_nobody_to_tell(void **state)
{
	struct shared shared;
	struct client c;
	int patience;

	for (patience = 0; patience < 2; patience++) {
		begin(&shared, NULL);
		client_init(&c, &shared.site);
		client_puts(&c, GET("/defer"));
		await_deferred(&shared);
		assert_int_equal(vane_server_drain(shared.site.server,
					 patience ? 60000 : 50, NULL, NULL),
			0);
		assert_int_equal(
			vane_server_drain(shared.site.server, 0, on_drained, &shared),
			-EALREADY);
		if (patience)
			vane_response_finish(shared.deferred);
		client_await_close(&c);
		if (!patience)
			vane_response_finish(shared.deferred);
		site_turn(&shared.site, 20);
		assert_int_equal(vane_server_in_flight(shared.site.server), 0);
		client_fini(&c);
		site_fini(&shared.site);
	}
}

/* A time for all that a server and its requests wait for. */
static void check_endless(int64_t msec)
{
	const struct vane_server_opts opts = { .header_msec = msec,
		.body_msec = msec,
		.min_rate = msec,
		.write_msec = msec,
		.idle_msec = msec,
		.grace_msec = msec };
	static const char head[] = "GET /a HTTP/1.1\r\nHo";
	static const char body[] =
		"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx";
	struct client idle, in_head, in_body, later;
	struct shared shared;

	begin(&shared, &opts);
	shared.msec = msec;
	client_init(&idle, &shared.site);
	client_puts(&idle, GET("/a"));
	client_await(&idle, "[/a]");
	client_init(&in_head, &shared.site);
	client_puts(&in_head, head);
	client_init(&in_body, &shared.site);
	client_puts(&in_body, body);
	client_init(&later, &shared.site);
	client_puts(&later, GET("/later"));
	await_deferred(&shared);
	assert_int_equal(
		vane_server_drain(shared.site.server, msec, on_drained, &shared), 0);
	site_turn(&shared.site, 110); /* a tick of the server at least */
	assert_int_equal(vane_server_connections(shared.site.server), 4);
	assert_int_equal(shared.drained, 0);
	client_puts(&in_head, "st: h\r\n\r\n");
	client_await(&in_head, "[/a]");
	client_puts(&in_body, "y");
	client_await(&in_body, "xy");
	vane_response_puts(shared.deferred, "done");
	vane_response_finish(shared.deferred);
	client_await(&later, "done");
	client_fini(&idle);
	client_fini(&in_head);
	client_fini(&in_body);
	client_fini(&later);
	site_await_connections(&shared.site, 0);
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 1);
	site_fini(&shared.site);
}

static void huge_times_are_endless(void **state)
{
	static const int64_t rows[] = { INT64_MAX, INT64_MAX / 100,
		INT64_MAX / 1000000 + 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_endless(rows[i]);
}

/* Other connections are handled within this one, and must not get what is gathered for it. */
static void a_handler_may_stop_its_server(void **state)
{
	struct client other, idle, c;
	struct shared shared;

	begin(&shared, NULL);
	client_init(&other, &shared.site);
	client_init(&idle, &shared.site);
	site_await_connections(&shared.site, 2);
	client_init(&c, &shared.site);
	assert_true(send(other.fd, GET("/other"), strlen(GET("/other")), 0) > 0);
	assert_true(send(c.fd, GET("/mine") GET("/stop"), strlen(GET("/mine") GET("/stop")),
			    0) > 0);
	client_await(&c, "stopped");
	client_await_close(&c);
	client_await_close(&other);
	client_await_close(&idle);
	assert_int_equal(client_count(&c, "[/mine]"), 1);
	assert_int_equal(client_count(&c, "HTTP/1.1 200 OK"), 2);
	assert_int_equal(client_count(&other, "[/other]"), 1);
	assert_int_equal(client_count(&other, "HTTP/1.1 200 OK"), 1);
	assert_int_equal(idle.len, 0);
	client_fini(&other);
	client_fini(&idle);
	client_fini(&c);
	site_fini(&shared.site);
}

static void a_handler_may_close_all_connections(void **state)
{
	struct client other, c;
	struct shared shared;

	begin(&shared, NULL);
	shared.close_all = true;
	client_init(&other, &shared.site);
	client_puts(&other, "GET /half");
	client_init(&c, &shared.site);
	client_puts(&c, GET("/stop"));
	client_await_close(&c);
	client_await_close(&other);
	assert_int_equal(other.len, 0);
	site_await_connections(&shared.site, 0);
	client_fini(&other);
	client_fini(&c);
	site_fini(&shared.site);
}

/* A socket that takes much at once, as the end must come before anybody reads. */
static int open_wide(struct shared *shared)
{
	int pair[2], much = 4 << 20;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUFFORCE, &much, sizeof(much));
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	assert_int_equal(vane_server_add_connection(shared->site.server, pair[1]), 0);
	assert_true(send(pair[0], GET("/meet"), strlen(GET("/meet")), 0) > 0);
	return pair[0];
}

static void who_hears_of_the_end_may_write_to_others(void **state)
{
	struct shared shared;
	int fds[2], i;

	begin(&shared, NULL);
	met_count = 0;
	for (i = 0; i < 2; i++)
		fds[i] = open_wide(&shared);
	while (met_count < 2)
		site_turn(&shared.site, 1);
	vane_server_free(shared.site.server);
	shared.site.server = NULL;
	for (i = 0; i < 3; i++)
		/* nothing of the server is left in it */
		vane_loop_turn(shared.site.loop, false);
	for (i = 0; i < 2; i++)
		close(fds[i]);
	site_fini(&shared.site);
}

static void a_server_without_a_loop_begins_when_it_is_started(void **state)
{
	static const struct vane_bind_opts bind_opts = { .address = "127.0.0.1" };
	struct shared shared;
	struct vane_server *server;

	begin(&shared, NULL);
	assert_int_equal(vane_server_new(&server, shared.site.app, NULL, NULL), 0);
	assert_int_equal(vane_server_bind(server, &bind_opts), 0);
	assert_null(vane_server_loop(server));
	assert_int_equal(vane_server_start(server, 1), 0);
	assert_non_null(vane_server_loop(server));
	assert_int_equal(vane_server_start(server, 1), -EALREADY);
	vane_server_stop(server);
	vane_server_stop(server);
	vane_server_free(server);
	/* one that never was started can be drained and stopped all the same */
	assert_int_equal(vane_server_new(&server, shared.site.app, NULL, NULL), 0);
	assert_int_equal(vane_server_bind(server, &bind_opts), 0);
	assert_int_equal(vane_server_drain(server, 10, on_drained, &shared), 0);
	vane_server_free(server);
	vane_server_free(NULL);
	site_fini(&shared.site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_does_not_go_on_is_left),
		cmocka_unit_test(whoever_does_not_read_a_stream_is_left),
		cmocka_unit_test(a_deferred_answer_has_no_time_limit),
		cmocka_unit_test(a_client_that_leaves_is_noticed),
		cmocka_unit_test(a_client_that_leaves_has_its_line_at_once),
		cmocka_unit_test(a_deferred_response_that_a_stop_cuts_has_its_line),
		cmocka_unit_test(whoever_is_told_may_finish),
		cmocka_unit_test(a_finished_response_has_no_timers),
		cmocka_unit_test(a_response_may_leave_while_its_request_comes),
		cmocka_unit_test(pieces_reach_the_client_as_they_are_flushed),
		cmocka_unit_test(timers_end_with_their_client),
		cmocka_unit_test(bodies_of_all_kinds_follow_each_other),
		cmocka_unit_test(a_slow_reader_costs_no_memory),
		cmocka_unit_test(a_reader_that_leaves_ends_the_source),
		cmocka_unit_test(a_drain_lets_requests_finish),
		cmocka_unit_test(a_drain_of_nothing_is_done_at_once),
		cmocka_unit_test(a_drain_cuts_what_takes_too_long),
		cmocka_unit_test(a_drain_needs_nobody_to_tell),
		cmocka_unit_test(huge_times_are_endless),
		cmocka_unit_test(a_handler_may_stop_its_server),
		cmocka_unit_test(a_handler_may_close_all_connections),
		cmocka_unit_test(who_hears_of_the_end_may_write_to_others),
		cmocka_unit_test(a_server_without_a_loop_begins_when_it_is_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
