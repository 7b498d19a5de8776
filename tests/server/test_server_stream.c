/* SPDX-License-Identifier: MIT */
/*
 * test_server_stream.c - lib/conn*.c and what a gateway asks of it: bodies read as they
 * come, answers written as they come about, from the connection's own events and from
 * others
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

#define H         "Host: h\r\n"

#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"

/* What handlers and the test share. */
struct shared {
	struct site site;
	struct vane_request *req;
	int closed, finished, told;
	ssize_t last_read;
	size_t size, written, most_pending;
	char trace[64];
};

/* A body on its way back: its buffer is reused as soon as nothing of it is pending. */
struct echo {
	struct shared *shared;
	char buf[40000];
};

static void on_finished(struct vane_request *req)
{
	struct shared *shared = vane_request_data(req);

	shared->finished++;
	shared->req = NULL;
	strcat(shared->trace, "f");
}

static int stream(struct vane_request *req, struct vane_response *res)
{
	return vane_request_stream(req);
}

/* Go on in another event of the loop, where the connection is nobody's business. */
static void elsewhere(struct vane_request *req, void *data);

static void pump(struct vane_request *req, void *data)
{
	struct vane_response *res = vane_request_response(req);
	struct echo *echo = vane_request_state(req, NULL);
	bool outside = vane_request_query(req) != NULL;
	ssize_t n = 0;

	echo->shared->told++;
	while (vane_response_pending(res) == 0) {
		n = vane_request_read(req, echo->buf, sizeof(echo->buf));
		echo->shared->last_read = n;
		if (n <= 0)
			break;
		vane_response_write_ref(res, echo->buf, (size_t) n);
		vane_response_flush(res);
	}
	if (n == -EAGAIN)
		vane_request_on_body(req, outside ? elsewhere : pump, NULL);
	else if (n < 0)
		vane_response_give_up(res, n == -EMSGSIZE  ? 413
					   : n == -EBADMSG ? 400
							   : (int) n);
	else if (vane_response_pending(res) > 0)
		vane_response_on_drain(res, outside ? elsewhere : pump, NULL);
	else
		vane_response_finish(res);
}

static void pump_from_the_loop(void *data)
{
	pump(data, NULL);
}

static void elsewhere(struct vane_request *req, void *data)
{
	struct vane_loop *loop = vane_request_loop(req);

	assert_int_equal(vane_loop_add_callback(loop, pump_from_the_loop, req), 0);
}

static int echo_stream(struct vane_request *req, struct vane_response *res)
{
	struct echo *echo = vane_request_alloc(req, sizeof(*echo));

	echo->shared = vane_request_data(req);
	assert_ptr_equal(vane_request_loop(req), echo->shared->site.loop);
	assert_int_equal(vane_request_stream(req), -EALREADY);
	assert_int_equal(vane_request_body(req).len, 0);
	vane_request_set_state(req, NULL, echo);
	vane_response_defer(res);
	if (vane_request_query(req) != NULL)
		elsewhere(req, NULL);
	else
		pump(req, NULL);
	return 0;
}

static void note_close(struct vane_request *req, void *data)
{
	struct shared *shared = vane_request_data(req);

	shared->closed++;
	assert_true(vane_request_gone(req));
	assert_ptr_equal(vane_request_loop(req), shared->site.loop);
	assert_int_equal(vane_request_read(req, shared->trace, 1), -EPIPE);
	assert_int_equal(vane_response_forward(vane_request_response(req), "/"), -EPIPE);
}

static void note_body(struct vane_request *req, void *data)
{
	struct shared *shared = vane_request_data(req);

	shared->told++;
	shared->last_read = vane_request_read(req, shared->trace, 1);
	vane_response_finish(vane_request_response(req));
}

/* Waits for body that does not come. */
static int wait_body(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);
	char buf[100];

	while (vane_request_read(req, buf, sizeof(buf)) > 0)
		;
	shared->req = req;
	vane_request_on_body(req, note_body, NULL);
	if (vane_request_query(req) != NULL)
		vane_request_on_close(req, note_close, NULL);
	return vane_response_defer(res);
}

static void pour(struct vane_request *req, void *data);

static void pour_some(void *data)
{
	struct vane_request *req = data;
	struct vane_response *res = vane_request_response(req);
	struct shared *shared = vane_request_data(req);
	char bytes[50000];

	memset(bytes, 'p', sizeof(bytes));
	while (vane_response_pending(res) == 0 && shared->written < shared->size) {
		if (vane_response_write(res, bytes, sizeof(bytes)) < 0 ||
			vane_response_flush(res) < 0)
			break; /* the client has left */
		shared->written += sizeof(bytes);
		if (vane_response_pending(res) > shared->most_pending)
			shared->most_pending = vane_response_pending(res);
	}
	if (vane_response_pending(res) > 0 && !vane_request_gone(req))
		vane_response_on_drain(res, pour, NULL);
	else
		vane_response_finish(res);
}

static void pour(struct vane_request *req, void *data)
{
	pour_some(req);
}

/* As much as the client takes. */
static int pour_much(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	shared->written = shared->most_pending = 0;
	if (vane_request_query(req) != NULL)
		vane_response_add_field(res, "Content-Length", vane_request_query(req));
	vane_response_defer(res);
	return vane_loop_add_callback(vane_request_loop(req), pour_some, req);
}

static int hold(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);
	char buf[1];

	strcat(shared->trace, "h");
	vane_request_read(req, buf, 1);
	shared->req = req;
	return vane_response_defer(res);
}

static int describe(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);
	char buf[10];

	strcat(shared->trace, "d");
	return vane_response_printf(res, "%s %s %zd %s", vane_request_method(req),
		vane_request_target(req), vane_request_read(req, buf, sizeof(buf)),
		vane_request_field(req, "Content-Type") != NULL ? "typed" : "untyped");
}

static void count_close(struct vane_request *req, void *data)
{
	struct shared *shared = vane_request_data(req);

	shared->closed++;
}

static int raw(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	vane_response_add_field(res, "X-Dropped", "yes");
	vane_response_puts(res, "dropped");
	assert_int_equal(vane_response_set_raw(res, 234), 0);
	assert_int_equal(vane_response_status(res), 234);
	vane_response_puts(res, "HTTP/1.1 234 Mine\r\nX-Mine: yes\r\n\r\nraw ");
	if (vane_request_query(req) == NULL)
		return vane_response_puts(res, "body");
	shared->req = req;
	vane_request_on_close(req, count_close, NULL);
	vane_response_flush(res);
	return vane_response_defer(res);
}

static const struct vane_handler echo_handler = {
	.prepare = stream, .post = echo_stream, .finished = on_finished, .max_body = 4000000
};
static const struct vane_handler wait_handler = {
	.prepare = stream, .post = wait_body, .finished = on_finished
};
static const struct vane_handler pour_handler = { .get = pour_much,
	.finished = on_finished };
static const struct vane_handler hold_handler = {
	.prepare = stream, .post = hold, .finished = on_finished
};
static const struct vane_handler describe_handler = { .any = describe };
static const struct vane_handler raw_handler = { .any = raw, .finished = on_finished };

static struct vane_route routes[] = {
	{ "/echo", &echo_handler },
	{ "/wait", &wait_handler },
	{ "/pour", &pour_handler },
	{ "/hold", &hold_handler },
	{ "/raw", &raw_handler },
	{ "/{rest:.*}", &describe_handler },
	{ 0 },
};

static void begin(struct shared *shared, const struct vane_app_opts *app_opts,
	const struct vane_server_opts *opts)
{
	size_t i;

	*shared = (struct shared) { .req = NULL };
	for (i = 0; routes[i].pattern != NULL; i++)
		routes[i].data = shared;
	site_init(&shared->site, routes, app_opts, opts);
}

static void await_request(struct shared *shared)
{
	int i;

	for (i = 0; shared->req == NULL && i < 5000; i++)
		site_turn(&shared->site, 1);
	assert_non_null(shared->req);
}

static char *make_bytes(size_t len)
{
	char *bytes = malloc(len + 1);
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (char) ('a' + (i * 7 + i / 251) % 26);
	bytes[len] = '\0';
	return bytes;
}

/* Send a body of that length in pieces, and take what comes meanwhile. */
static void send_body(
	struct client *c, const char *bytes, size_t len, size_t piece, bool chunked)
{
	size_t at, n;
	char line[40];

	for (at = 0; at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		if (chunked) {
			sprintf(line, "%zx\r\n", n);
			client_puts(c, line);
		}
		client_send(c, bytes + at, n);
		if (chunked)
			client_puts(c, "\r\n");
		client_await_bytes(c, at + n); /* more than that, with the head */
	}
	if (chunked)
		client_puts(c, "0\r\n\r\n");
}

static void bodies_go_back_as_they_come(void **state)
{
	static const struct {
		size_t len, piece;
		bool chunked;
	} rows[] = {
		{ 0, 1, false },
		{ 0, 1, true },
		{ 1, 1, false },
		{ 3000, 1000, true },
		{ 100000, 30000, false },
		{ 300000, 100000, true },
		{ 3000000, 500000, false },
	};
	struct shared shared;
	size_t i;

	begin(&shared, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(rows) * 2; i++) {
		char *bytes = make_bytes(rows[i / 2].len), *got, head[200], length[40];
		struct client c;

		sprintf(length, "Content-Length: %zu\r\n", rows[i / 2].len);
		sprintf(head, "POST /echo%s HTTP/1.1\r\n" H "%s\r\n",
			i % 2 ? "?outside" : "",
			rows[i / 2].chunked ? "Transfer-Encoding: chunked\r\n" : length);
		client_init(&c, &shared.site);
		client_puts(&c, head);
		send_body(
			&c, bytes, rows[i / 2].len, rows[i / 2].piece, rows[i / 2].chunked);
		client_await(&c, rows[i / 2].len > 0 ? "\r\n0\r\n\r\n" : "\r\n\r\n");
		if (rows[i / 2].len > 0) {
			got = client_dechunk(&c);
			assert_non_null(got);
			assert_string_equal(got, bytes);
			free(got);
		}
		client_fini(&c);
		free(bytes);
	}
	assert_int_equal(shared.finished, ARRAY_SIZE(rows) * 2);
	site_await_connections(&shared.site, 0);
	site_fini(&shared.site);
}

static void a_streamed_request_keeps_its_connection(void **state)
{
	struct shared shared;
	struct client c;
	int i;

	begin(&shared, NULL, NULL);
	client_init(&c, &shared.site);
	for (i = 0; i < 3; i++)
		client_puts(&c, "POST /echo?outside HTTP/1.1\r\n" H
				"Content-Length: 5\r\n\r\nhello" GET("/next"));
	while (client_count(&c, "GET /next") < 3)
		client_await_bytes(&c, c.len + 1);
	assert_int_equal(client_count(&c, "hello"), 3);
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	site_fini(&shared.site);
}

static void what_is_wrong_with_a_body_is_told(void **state)
{
	static const struct vane_server_opts opts = { .body_msec = 200 };
	static const struct {
		const char *request, *answer;
		ssize_t error;
	} rows[] = {
		{ "POST /echo HTTP/1.1\r\n" H "Content-Length: 4000001\r\n\r\n", " 413 ",
			0 },
		{ "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
			" 400 ", -EBADMSG },
		{ "POST /echo?out HTTP/1.1\r\n" H
		  "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
			" 400 ", -EBADMSG },
		{ "POST /wait HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nab", "", -EPIPE },
	};
	struct shared shared;
	struct client c;
	size_t i;

	begin(&shared, NULL, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		shared.last_read = 0;
		client_init(&c, &shared.site);
		client_puts(&c, rows[i].request);
		client_await_close(&c);
		assert_non_null(strstr(c.in, rows[i].answer));
		assert_int_equal(shared.last_read, rows[i].error);
		client_fini(&c);
	}
	site_await_connections(&shared.site, 0);
	site_fini(&shared.site);
}

static void too_long_a_body_is_noticed_on_the_way(void **state)
{
	char *bytes = make_bytes(100000), line[40];
	struct shared shared;
	struct client c;
	int i;

	begin(&shared, NULL, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n");
	sprintf(line, "%x\r\n", 100000);
	for (i = 0; i < 41; i++) {
		client_puts(&c, line);
		client_send(&c, bytes, 100000);
		client_puts(&c, "\r\n");
		if (i < 40)
			client_await_bytes(&c, (size_t) (i + 1) * 100000);
	}
	client_await_close(&c);
	assert_int_equal(shared.last_read, -EMSGSIZE);
	assert_null(client_dechunk(&c)); /* cut: the head was out */
	assert_int_equal(shared.finished, 1);
	client_fini(&c);
	free(bytes);
	site_await_connections(&shared.site, 0);
	site_fini(&shared.site);
}

static void the_client_is_told_to_continue_when_it_is_read(void **state)
{
	static const char *const targets[] = { "/echo", "/echo?outside" };
	struct shared shared;
	struct client c;
	char head[200];
	size_t i;

	begin(&shared, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		client_init(&c, &shared.site);
		sprintf(head,
			"POST %s HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
			"Content-Length: 5\r\n\r\n",
			targets[i]);
		client_puts(&c, head);
		client_await(&c, "HTTP/1.1 100 Continue\r\n\r\n");
		assert_null(strstr(c.in, " 200 "));
		client_puts(&c, "hello");
		client_await(&c, "hello");
		client_fini(&c);
	}
	site_await_connections(&shared.site, 0);
	site_fini(&shared.site);
}

static void whoever_waits_for_body_is_told_that_the_client_left(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NULL, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, "POST /wait HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nab");
	await_request(&shared);
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	assert_int_equal(shared.told, 1);
	assert_int_equal(shared.finished, 1);
	assert_true(shared.last_read < 0);
	site_fini(&shared.site);
}

/* When its answer has begun: that is cut, but by nobody's fault here. */
static void a_client_that_leaves_in_its_body_is_no_error_of_ours(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NULL, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, "POST /echo HTTP/1.1\r\n" H "Content-Length: 10\r\n\r\nhello");
	client_await(&c, "hello");
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	assert_int_equal(shared.finished, 1);
	assert_null(strstr(shared.site.log, "cut after"));
	site_fini(&shared.site);
}

static void whoever_asked_for_that_is_told_of_nothing_else(void **state)
{
	static const struct vane_server_opts opts = { .body_msec = 200 };
	struct shared shared;
	struct client c;

	begin(&shared, NULL, &opts);
	client_init(&c, &shared.site);
	client_puts(&c, "POST /wait?close HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nab");
	client_await_close(&c); /* as nothing comes */
	assert_int_equal(shared.closed, 1);
	assert_int_equal(shared.told, 0);
	assert_int_equal(shared.finished, 0);
	vane_response_finish(vane_request_response(shared.req));
	assert_int_equal(shared.finished, 1);
	client_fini(&c);
	site_fini(&shared.site);
}

static void who_waits_no_more_has_no_time_limit(void **state)
{
	static const struct vane_server_opts opts = { .body_msec = 100 };
	struct shared shared;
	struct client c;

	begin(&shared, NULL, &opts);
	client_init(&c, &shared.site);
	client_puts(&c, "POST /wait HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nab");
	await_request(&shared);
	vane_request_on_body(shared.req, NULL, NULL);
	site_turn(&shared.site, 400);
	assert_int_equal(vane_server_connections(shared.site.server), 1);
	assert_int_equal(shared.told, 0);
	client_puts(&c, "cde"); /* read ahead, by nobody yet */
	site_turn(&shared.site, 20);
	assert_int_equal(shared.told, 0);
	vane_request_on_body(shared.req, note_body, NULL);
	client_await(&c, " 200 ");
	assert_int_equal(shared.last_read, 1);
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	site_fini(&shared.site);
}

static void as_much_is_written_as_is_taken(void **state)
{
	static const char *const requests[] = { GET("/pour"), GET("/pour?30000000") };
	struct shared shared;
	struct client c;
	size_t i;

	begin(&shared, NULL, NULL);
	shared.size = 30000000;
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		client_init(&c, &shared.site);
		client_puts(&c, requests[i]);
		site_turn(&shared.site, 20);
		assert_true(shared.written > 0 && shared.written < shared.size);
		client_await_bytes(&c, 30000000);
		assert_int_equal(shared.written, shared.size);
		assert_true(shared.most_pending <= 50000);
		client_puts(&c, GET("/next"));
		client_await(&c, "GET /next");
		client_fini(&c);
		/* and one that leaves in the middle of it */
		client_init(&c, &shared.site);
		client_puts(&c, requests[i]);
		client_await_bytes(&c, 1000000);
		client_fini(&c);
		site_await_connections(&shared.site, 0);
		assert_int_equal(shared.finished, 2 * (i + 1));
		assert_true(shared.written < shared.size);
	}
	site_fini(&shared.site);
}

static void a_request_is_forwarded_half_read(void **state)
{
	static const struct vane_app_opts opts = { .access_log = VANE_ACCESS_LOG_TORNADO };
	struct shared shared;
	struct client c;

	begin(&shared, &opts, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, "POST /hold?a=b HTTP/1.1\r\n" H "Content-Type: text/plain\r\n"
			"Content-Length: 8\r\n\r\nhalf");
	await_request(&shared);
	assert_int_equal(vane_response_forward(
				 vane_request_response(shared.req), "/el%73ewhere?c=d"),
		0);
	client_await(&c, "GET /el%73ewhere?c=d 0 untyped");
	assert_string_equal(shared.trace, "hfd");
	client_puts(&c, "rest" GET("/next")); /* the rest is skipped */
	client_await(&c, "GET /next 0");
	assert_non_null(strstr(shared.site.log, "200 POST /hold?a=b (127.0.0.1)"));
	assert_null(strstr(shared.site.log, "elsewhere"));
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	site_fini(&shared.site);
}

static void a_raw_response_is_sent_as_it_is(void **state)
{
	static const char *const requests[] = {
		GET("/raw") GET("/behind"),
		"HEAD /raw HTTP/1.1\r\n" H "\r\n",
		"GET /raw HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
		"POST /raw HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc" GET("/behind"),
	};
	static const struct vane_app_opts opts = { .access_log = VANE_ACCESS_LOG_TORNADO };
	struct shared shared;
	struct client c;
	size_t i;

	begin(&shared, &opts, NULL);
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		client_init(&c, &shared.site);
		client_puts(&c, requests[i]);
		client_await_close(&c);
		assert_string_equal(
			c.in, "HTTP/1.1 234 Mine\r\nX-Mine: yes\r\n\r\nraw body");
		assert_false(c.reset);
		client_fini(&c);
	}
	assert_non_null(strstr(shared.site.log, "234 HEAD /raw"));
	client_init(&c, &shared.site);
	client_puts(&c, GET("/raw?slow"));
	client_await(&c, "raw ");
	client_fini(&c);
	site_await_connections(&shared.site, 0);
	assert_int_equal(shared.closed, 1);
	vane_response_finish(vane_request_response(shared.req));
	assert_int_equal(shared.finished, ARRAY_SIZE(requests) + 1);
	site_fini(&shared.site);
}

static void a_callback_may_give_up(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NULL, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, "POST /hold HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n");
	await_request(&shared);
	assert_int_equal(vane_response_give_up(vane_request_response(shared.req), 502), 0);
	client_await(&c, "502: Bad Gateway");
	shared.req = NULL;
	client_puts(&c, "POST /hold HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n");
	await_request(&shared);
	vane_response_puts(vane_request_response(shared.req), "begun");
	vane_response_flush(vane_request_response(shared.req));
	vane_request_on_close(shared.req, note_close, NULL);
	assert_int_equal(vane_response_give_up(vane_request_response(shared.req), 502), 0);
	client_await_close(&c);
	assert_non_null(strstr(c.in, "begun"));
	assert_null(strstr(c.in, "\r\n0\r\n"));
	assert_int_equal(shared.closed, 0); /* who gives up knows */
	assert_int_equal(shared.finished, 2);
	client_fini(&c);
	site_fini(&shared.site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_go_back_as_they_come),
		cmocka_unit_test(a_streamed_request_keeps_its_connection),
		cmocka_unit_test(what_is_wrong_with_a_body_is_told),
		cmocka_unit_test(too_long_a_body_is_noticed_on_the_way),
		cmocka_unit_test(the_client_is_told_to_continue_when_it_is_read),
		cmocka_unit_test(whoever_waits_for_body_is_told_that_the_client_left),
		cmocka_unit_test(a_client_that_leaves_in_its_body_is_no_error_of_ours),
		cmocka_unit_test(whoever_asked_for_that_is_told_of_nothing_else),
		cmocka_unit_test(who_waits_no_more_has_no_time_limit),
		cmocka_unit_test(as_much_is_written_as_is_taken),
		cmocka_unit_test(a_request_is_forwarded_half_read),
		cmocka_unit_test(a_raw_response_is_sent_as_it_is),
		cmocka_unit_test(a_callback_may_give_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
