/* SPDX-License-Identifier: MIT */
/*
 * test_driver.c - the waist: what a driver may rely on, see vane/driver.h
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane.h>
#include <vane/driver.h>

struct carrier {
	struct vane_exchange *x;
	int heads, ends, wants;
	int rc;                 /* of the last end() */
	bool body_comes, reset; /* and the client goes in the middle of it */
	char line[64];          /* the last for the front's log */
};

static struct vane_request *asked;
static struct vane_response *held;

static ssize_t read_none(void *data, void *buf, size_t size)
{
	struct carrier *carrier = data;

	assert_int_equal(carrier->ends, 0);
	if (size == 0)
		carrier->wants++;
	if (carrier->reset)
		return -ECONNRESET;
	return size > 0 && carrier->body_comes ? -EAGAIN : 0;
}

static int begin(void *data, const struct vane_head *head)
{
	struct carrier *carrier = data;

	assert_int_equal(carrier->ends, 0);
	carrier->heads++;
	return 0;
}

static ssize_t take(void *data, const struct vane_slice *piece)
{
	assert_int_equal(((struct carrier *) data)->ends, 0);
	return (ssize_t) piece->len;
}

static int flush(void *data)
{
	assert_int_equal(((struct carrier *) data)->ends, 0);
	return 0;
}

static void end(void *data, int rc)
{
	struct carrier *carrier = data;

	carrier->ends++;
	carrier->rc = rc;
}

static void note_line(void *data, const struct vane_slice *line)
{
	struct carrier *carrier = data;

	snprintf(carrier->line, sizeof(carrier->line), "%.*s", (int) line->len, line->data);
}

static const struct vane_driver later = {
	.mode = "later",
	.caps = VANE_CAP_ASYNC | VANE_CAP_STREAM_IN,
	.read = read_none,
	.begin = begin,
	.write = take,
	.flush = flush,
	.end = end,
	.log = note_line,
};

static const struct vane_driver at_once = {
	.mode = "at-once",
	.read = read_none,
	.begin = begin,
	.write = take,
	.flush = flush,
	.end = end,
};

static int answer(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "answer");
}

static int hold(struct vane_request *req, struct vane_response *res)
{
	asked = req;
	held = res;
	return vane_response_defer(res);
}

static void finish(struct vane_request *req, void *data)
{
	vane_response_finish(vane_request_response(req));
}

static int finish_when_closed(struct vane_request *req, struct vane_response *res)
{
	vane_request_on_close(req, finish, NULL);
	return vane_response_defer(res);
}

static int leave_meanwhile(struct vane_request *req, struct vane_response *res)
{
	struct carrier *carrier = vane_request_data(req);

	vane_exchange_abort(carrier->x, -ECONNRESET);
	assert_int_equal(carrier->ends, 0); /* the handler goes on with its request */
	assert_true(vane_request_gone(req));
	return vane_response_puts(res, "nobody reads this");
}

static int take_body(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "whole");
}

static const struct vane_handler answering = { .get = answer };
static const struct vane_handler holding = { .get = hold };
static const struct vane_handler closing = { .get = finish_when_closed };
static const struct vane_handler leaving = { .get = leave_meanwhile };
static const struct vane_handler posting = { .post = take_body };

static int told; /* a filter, of the end */

static void note_end(struct vane_request *req, void *data)
{
	told++;
}

static const struct vane_filter_type noting = { .finished = note_end };
static const struct vane_filter filters[] = { VANE_FILTER(&noting, NULL), VANE_FILTER_END };
static const struct vane_route filtered[] = { VANE_ROUTE("/hold", &holding), VANE_END };

static struct vane_app *make_app(struct carrier *carrier)
{
	static struct vane_route routes[] = {
		{ .pattern = "/answer", .handler = &answering },
		{ .pattern = "/hold", .handler = &holding },
		{ .pattern = "/closing", .handler = &closing },
		{ .pattern = "/leaving", .handler = &leaving },
		{ .pattern = "/post", .handler = &posting },
		VANE_GROUP("/filtered", filters, filtered),
		{ 0 },
	};
	struct vane_app *app;

	routes[3].data = carrier;
	assert_int_equal(vane_app_new(&app, routes, NULL), 0);
	return app;
}

static void start(struct vane_app *app, struct carrier *carrier,
	const struct vane_driver *driver, const char *method, const char *target)
{
	struct vane_env *env;

	*carrier = (struct carrier) { .body_comes = strcmp(method, "POST") == 0 };
	assert_int_equal(vane_exchange_new(&carrier->x, app, NULL), 0);
	env = vane_exchange_env(carrier->x);
	env->method = (struct vane_slice) { method, strlen(method) };
	env->target = (struct vane_slice) { target, strlen(target) };
	env->body_length = carrier->body_comes ? 5 : 0;
	vane_exchange_start(carrier->x, driver, carrier);
}

static void who_is_answered_hears_of_the_end_once(void **state)
{
	struct carrier carrier;
	struct vane_app *app = make_app(&carrier);

	start(app, &carrier, &later, "GET", "/answer");
	assert_int_equal(carrier.heads, 1);
	assert_int_equal(carrier.ends, 1);
	assert_int_equal(carrier.rc, 0);
	vane_exchange_reset(carrier.x);
	vane_exchange_free(carrier.x);
	vane_app_free(app);
	assert_int_equal(carrier.ends, 1);
}

/* The carrier stays as long as a handler may look at its request. */
static void an_abort_ends_when_the_handler_has_finished(void **state)
{
	struct carrier carrier;
	struct vane_app *app = make_app(&carrier);

	start(app, &carrier, &later, "GET", "/hold");
	vane_exchange_abort(carrier.x, -ECONNRESET);
	assert_int_equal(carrier.ends, 0);
	assert_int_equal(vane_response_finish(held), -ECONNRESET);
	assert_int_equal(carrier.ends, 1);
	assert_int_equal(carrier.rc, -ECONNRESET);
	assert_int_equal(carrier.heads, 0);
	vane_app_free(app);
	assert_int_equal(carrier.ends, 1);
}

static void an_abort_that_the_handler_finishes_upon_ends_at_once(void **state)
{
	struct carrier carrier;
	struct vane_app *app = make_app(&carrier);

	start(app, &carrier, &later, "GET", "/closing");
	assert_int_equal(carrier.ends, 0);
	vane_exchange_abort(carrier.x, -EPIPE);
	assert_int_equal(carrier.ends, 1);
	assert_int_equal(carrier.rc, -EPIPE);
	vane_app_free(app);
}

static void an_abort_within_the_handler_ends_when_it_returns(void **state)
{
	struct carrier carrier;
	struct vane_app *app = make_app(&carrier);

	start(app, &carrier, &later, "GET", "/leaving");
	assert_int_equal(carrier.ends, 1);
	assert_int_equal(carrier.rc, -ECONNRESET);
	start(app, &carrier, &at_once, "GET", "/leaving");
	assert_int_equal(carrier.ends, 1);
	vane_app_free(app);
}

static void what_no_handler_finishes_ends_with_the_application(void **state)
{
	struct carrier carrier;
	struct vane_app *app = make_app(&carrier);

	told = 0;
	start(app, &carrier, &later, "GET", "/filtered/hold");
	vane_exchange_abort(carrier.x, -EPIPE);
	assert_int_equal(carrier.ends, 0);
	vane_app_free(app);
	assert_int_equal(carrier.ends, 1);
	assert_int_equal(told, 1); /* its filters let go of what they keep for it */
}

static void an_abort_while_a_body_comes_ends_at_once(void **state)
{
	static const struct vane_driver *const drivers[] = { &later, &at_once };
	struct carrier carrier;
	struct vane_app *app = make_app(&carrier);
	size_t i;

	for (i = 0; i < 2; i++) {
		start(app, &carrier, drivers[i], "POST", "/post");
		assert_true(vane_exchange_wants_body(carrier.x));
		vane_exchange_abort(carrier.x, -EPIPE);
		assert_int_equal(carrier.ends, 1);
	}
	vane_app_free(app);
}

/* The driver sees it when it is asked for more.  There is nobody to answer. */
static void who_is_lost_while_a_body_comes_gets_no_error_page(void **state)
{
	static const struct vane_driver *const drivers[] = { &later, &at_once };
	struct carrier carrier;
	struct vane_app *app = make_app(&carrier);
	size_t i;

	for (i = 0; i < 2; i++) {
		start(app, &carrier, drivers[i], "POST", "/post");
		carrier.reset = true;
		vane_exchange_readable(carrier.x);
		assert_int_equal(carrier.ends, 1);
		assert_int_equal(carrier.rc, -ECONNRESET);
		assert_int_equal(carrier.heads, 0);
		vane_exchange_free(carrier.x);
	}
	vane_app_free(app);
}

static void ignore_line(enum vane_log_level level, const char *line, void *data)
{
}

/* It says what happens now: neither to a front that has left, nor after the end. */
static void a_line_for_the_front_is_dropped_when_it_has_left(void **state)
{
	struct carrier carrier;
	struct vane_app *app = make_app(&carrier);

	vane_log_set_function(ignore_line, NULL);
	start(app, &carrier, &later, "GET", "/hold");
	vane_request_log(asked, VANE_LOG_WARNING, "%s\r\n", "a line");
	assert_string_equal(carrier.line, "a line\\x0d");
	vane_request_log(asked, VANE_LOG_DEBUG, "not wanted");
	assert_string_equal(carrier.line, "a line\\x0d");
	vane_exchange_abort(carrier.x, -EPIPE);
	vane_request_log(asked, VANE_LOG_WARNING, "nobody there");
	assert_string_equal(carrier.line, "a line\\x0d");
	vane_response_finish(held);
	vane_app_free(app);
	vane_log_set_function(NULL, NULL);
}

/* Capabilities are those of the driver that an exchange is started with. */
static void an_exchange_may_be_started_with_another_driver(void **state)
{
	struct carrier carrier;
	struct vane_app *app = make_app(&carrier);
	struct vane_env *env;

	start(app, &carrier, &later, "GET", "/answer");
	vane_exchange_reset(carrier.x);
	carrier.heads = carrier.ends = 0;
	env = vane_exchange_env(carrier.x);
	env->method = (struct vane_slice) { "GET", 3 };
	env->target = (struct vane_slice) { "/hold", 5 };
	vane_exchange_start(carrier.x, &at_once, &carrier);
	assert_int_equal(carrier.ends, 1); /* deferred where nothing can come later: 500 */
	vane_exchange_free(carrier.x);
	vane_app_free(app);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_answered_hears_of_the_end_once),
		cmocka_unit_test(an_abort_ends_when_the_handler_has_finished),
		cmocka_unit_test(an_abort_that_the_handler_finishes_upon_ends_at_once),
		cmocka_unit_test(an_abort_within_the_handler_ends_when_it_returns),
		cmocka_unit_test(what_no_handler_finishes_ends_with_the_application),
		cmocka_unit_test(an_abort_while_a_body_comes_ends_at_once),
		cmocka_unit_test(who_is_lost_while_a_body_comes_gets_no_error_page),
		cmocka_unit_test(a_line_for_the_front_is_dropped_when_it_has_left),
		cmocka_unit_test(an_exchange_may_be_started_with_another_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
