/* SPDX-License-Identifier: MIT */
/*
 * test_filter.c - lib/core/filter.c: what happens around a handler, and in which order
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/fake.h"
#include "support/probe.h"

/* What has run, in the order in which it did. */
static char trace[256];

static void note(const char *what, const char *who)
{
	size_t len = strlen(trace);

	snprintf(trace + len, sizeof(trace) - len, "%s%s ", what, who);
}

static int note_before(struct vane_request *req, struct vane_response *res, void *data)
{
	note("+", data);
	return 0;
}

static int note_after(struct vane_request *req, struct vane_response *res, void *data)
{
	note("-", data);
	return vane_response_add_field(res, "X-Passed", data);
}

static void note_end(struct vane_request *req, void *data)
{
	note(".", data);
}

/* What the filter "x" does instead, as the query says. */
static int act(struct vane_request *req, struct vane_response *res, const char *where)
{
	const char *how = vane_request_query(req);

	if (how == NULL || strncmp(how, where, strlen(where)) != 0)
		return 0;
	how += strlen(where);
	if (strcmp(how, "403") == 0)
		return 403;
	if (strcmp(how, "fail") == 0)
		return -EIO;
	if (strcmp(how, "own") == 0)
		return vane_response_send_error(res, 418, "as it is");
	vane_response_puts(res, "filter");
	return strcmp(how, "finish") == 0 ? vane_response_finish(res) : 0;
}

static int finish_later(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, "later");
	return vane_response_finish(res);
}

static int act_before(struct vane_request *req, struct vane_response *res, void *data)
{
	const char *how = vane_request_query(req);

	note("+", data);
	if (how != NULL && strcmp(how, "before:defer") == 0) {
		vane_response_defer(res);
		return vane_request_after(req, 1, finish_later, NULL);
	}
	return act(req, res, "before:");
}

static int act_after(struct vane_request *req, struct vane_response *res, void *data)
{
	note("-", data);
	return act(req, res, "after:");
}

static int handle(struct vane_request *req, struct vane_response *res)
{
	const char *how = vane_request_query(req);

	note("h", "");
	if (how != NULL && strcmp(how, "404") == 0)
		return 404;
	if (how != NULL && strcmp(how, "defer") == 0) {
		vane_response_defer(res);
		return vane_request_after(req, 1, finish_later, NULL);
	}
	vane_response_puts(res, "handler");
	if (how != NULL && strstr(how, "flush") != NULL)
		vane_response_flush(res);
	return 0;
}

static int prepare(struct vane_request *req, struct vane_response *res)
{
	note("p", "");
	return 0;
}

static void finished(struct vane_request *req)
{
	note(".", "h");
}

static const struct vane_handler handler = { .prepare = prepare,
	.get = handle,
	.post = handle,
	.finished = finished,
	.max_body = 10 };

static const struct vane_filter_type noting = {
	.before = note_before, .after = note_after, .finished = note_end
};
static const struct vane_filter_type acting = {
	.before = act_before, .after = act_after, .finished = note_end
};

static char a[] = "a", b[] = "b", c[] = "c", x[] = "x";

static const struct vane_filter outer[] = { VANE_FILTER(&noting, a),
	VANE_FILTER(&noting, b), VANE_FILTER_END };
static const struct vane_filter inner[] = { VANE_FILTER(&acting, x),
	VANE_FILTER(&noting, c), VANE_FILTER_END };
static const struct vane_route deep[] = { VANE_ROUTE("", &handler),
	VANE_ROUTE("/{name}", &handler), VANE_END };
static const struct vane_route shallow[] = { VANE_GROUP("/in", inner, deep),
	VANE_ROUTE("/{name}", &handler), VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("/out", outer, shallow),
	VANE_ROUTE("/free", &handler), VANE_END };

static void filters_run_around_a_handler_in_their_order(void **state)
{
	static const struct {
		const char *method, *target;
		int status;
		const char *trace, *body;
	} rows[] = {
		{ "GET", "/free", 200, "p h .h ", "handler" },
		{ "GET", "/out/x", 200, "+a +b p h -b -a .h .b .a ", "handler" },
		{ "GET", "/out/in", 200, "+a +b +x +c p h -c -x -b -a .h .c .x .b .a ",
			"handler" },
		{ "HEAD", "/out/in/x", 200, "+a +b +x +c p h -c -x -b -a .h .c .x .b .a ",
			"" },
		{ "GET", "/out/x?flush", 200, "+a +b p h -b -a .h .b .a ", "handler" },
		{ "GET", "/out/x?defer", 200, "+a +b p h -b -a .h .b .a ", "later" },
		/* whoever answers, the others see it off */
		{ "GET", "/out/x?404", 404, "+a +b p h -b -a .h .b .a ", NULL },
		{ "PUT", "/out/x", 405, "+a +b -b -a .h .b .a ", NULL },
		{ "OPTIONS", "/out/x", 204, "+a +b -b -a .h .b .a ", "" },
		{ "GET", "/out", 404, "+a +b -b -a .b .a ", NULL },
		{ "GET", "/out/a/b", 404, "+a +b -b -a .b .a ", NULL },
		{ "GET", "/out/in/a/b", 404, "+a +b +x +c -c -x -b -a .c .x .b .a ", NULL },
		{ "GET", "/outside", 404, "", NULL },
		/* a filter does */
		{ "GET", "/out/in?before:403", 403, "+a +b +x -x -b -a .h .x .b .a ",
			NULL },
		{ "GET", "/out/in?before:fail", 500, "+a +b +x -x -b -a .h .x .b .a ",
			NULL },
		{ "GET", "/out/in?before:finish", 200, "+a +b +x -x -b -a .h .x .b .a ",
			"filter" },
		{ "GET", "/out/in?before:defer", 200, "+a +b +x -x -b -a .h .x .b .a ",
			"later" },
		{ "GET", "/out/in?after:403", 403,
			"+a +b +x +c p h -c -x -b -a .h .c .x .b .a ", NULL },
		{ "GET", "/out/in?after:fail", 500,
			"+a +b +x +c p h -c -x -b -a .h .c .x .b .a ", NULL },
		{ "GET", "/out/in?after:own", 418,
			"+a +b +x +c p h -c -x -b -a .h .c .x .b .a ", NULL },
		{ "GET", "/out/in?after:add", 200,
			"+a +b +x +c p h -c -x -b -a .h .c .x .b .a ", "handlerfilter" },
		{ "GET", "/out/in?after:finish", 500,
			"+a +b +x +c p h -c -x -b -a .h .c .x .b .a ", NULL },
	};
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		trace[0] = '\0';
		assert_int_equal(probe_method(&probe, rows[i].method, rows[i].target),
			rows[i].status);
		assert_true(probe.got.whole);
		assert_string_equal(trace, rows[i].trace);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
	}
	probe_fini(&probe);
}

static void fields_of_filters_are_on_every_answer(void **state)
{
	static const char *const targets[] = { "/out/x", "/out/x?404", "/out/a/b",
		"/out/x?defer", "/out/x?flush", "/out/in?after:403", "/out/in?after:fail" };
	char value[8];
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		probe_get(&probe, targets[i]);
		assert_non_null(vane_test_response_field(
			&probe.got, "X-Passed", 0, value, sizeof(value)));
		assert_string_equal(value, "b");
		assert_non_null(vane_test_response_field(
			&probe.got, "X-Passed", 1, value, sizeof(value)));
		assert_string_equal(value, "a");
		assert_null(vane_test_response_field(
			&probe.got, "X-Passed", 2, value, sizeof(value)));
	}
	probe_fini(&probe);
}

/* It has left by then, or would have: what a filter thinks of it comes too late. */
static void a_filter_that_refuses_what_is_flushed_makes_it_an_error(void **state)
{
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	trace[0] = '\0';
	assert_int_equal(probe_get(&probe, "/out/in?after:403flush"), 200);
	assert_int_equal(probe_get(&probe, "/out/in?after:fail"), 500);
	assert_non_null(strstr(probe.log, "route /out/in"));
	probe_fini(&probe);
}

static void a_body_that_is_too_large_is_refused_behind_the_filters(void **state)
{
	static const struct vane_test_request request = {
		.method = "POST", .target = "/out/x", .body = "12345678901", .body_len = 11
	};
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	trace[0] = '\0';
	assert_int_equal(probe_run(&probe, &request), 413);
	assert_string_equal(trace, "+a +b -b -a .h .b .a ");
	probe_fini(&probe);
}

/* Starting */

static int start(void *config, void **data)
{
	note("<", config);
	if (strcmp(config, "x") == 0)
		return -EACCES;
	*data = c;
	return 0;
}

static void stop(void *data)
{
	note(">", data);
}

static const struct vane_filter_type starting = {
	.start = start, .stop = stop, .before = note_before
};

static void filters_are_started_once_for_each_place(void **state)
{
	static const struct vane_filter both[] = { VANE_FILTER(&starting, a),
		VANE_FILTER(&starting, b), VANE_FILTER_END };
	static const struct vane_route below[] = { VANE_GROUP("/x", both, deep), VANE_END };
	static const struct vane_route some[] = { VANE_GROUP("", both, below), VANE_END };
	struct probe probe;

	trace[0] = '\0';
	probe_init_routes(&probe, some, NULL);
	assert_string_equal(trace, "<a <b <a <b ");
	probe_get(&probe, "/x"); /* what start() gave is theirs */
	assert_string_equal(trace, "<a <b <a <b +c +c +c +c p h .h ");
	trace[0] = '\0';
	probe_fini(&probe);
	assert_string_equal(trace, ">c >c >c >c ");
}

static void a_filter_that_does_not_start_lets_no_application_be_made(void **state)
{
	static const struct vane_filter both[] = { VANE_FILTER(&starting, a),
		VANE_FILTER(&starting, x), VANE_FILTER_END };
	static const struct vane_route some[] = { VANE_GROUP("", both, deep), VANE_END };
	struct vane_app *app = NULL;

	trace[0] = '\0';
	assert_int_equal(vane_app_new(&app, some, NULL), -EACCES);
	assert_string_equal(trace, "<a <x >c ");
}

static struct vane_response *held;

static int hold(struct vane_request *req, struct vane_response *res)
{
	held = res;
	return vane_response_defer(res);
}

static void note_abandoned(struct vane_request *req, void *data)
{
	note("!", data);
}

/* A handler holds the response: what it uses is there still, and what only a reader needs may go. */
static void a_filter_is_told_of_a_client_who_has_left(void **state)
{
	static const struct vane_filter_type told = { .finished = note_end,
		.abandoned = note_abandoned };
	static char one[] = "1", two[] = "2";
	static const struct vane_filter filters[] = { VANE_FILTER(&told, one),
		VANE_FILTER(&told, two), VANE_FILTER_END };
	static const struct vane_route page[] = { VANE_GET("/", hold), VANE_END };
	static const struct vane_route all[] = { VANE_GROUP("", filters, page), VANE_END };
	struct fake fake = { 0 };
	struct vane_app *app;

	trace[0] = '\0';
	assert_int_equal(vane_app_new(&app, all, NULL), 0);
	fake_ask(&fake, VANE_CAP_ASYNC, app, NULL, 0);
	vane_exchange_abort(fake.x, -EPIPE);
	assert_string_equal(trace, "!2 !1 ");
	assert_true(vane_response_finish(held) < 0); /* which frees it */
	assert_string_equal(trace, "!2 !1 .2 .1 ");
	assert_int_equal(fake.ends, 1);
	vane_app_free(app);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_run_around_a_handler_in_their_order),
		cmocka_unit_test(fields_of_filters_are_on_every_answer),
		cmocka_unit_test(a_filter_that_refuses_what_is_flushed_makes_it_an_error),
		cmocka_unit_test(a_body_that_is_too_large_is_refused_behind_the_filters),
		cmocka_unit_test(filters_are_started_once_for_each_place),
		cmocka_unit_test(a_filter_that_does_not_start_lets_no_application_be_made),
		cmocka_unit_test(a_filter_is_told_of_a_client_who_has_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
