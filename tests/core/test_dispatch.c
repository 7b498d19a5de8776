/* SPDX-License-Identifier: MIT */
/*
 * test_dispatch.c - lib/core/dispatch.c: the way of a request through an application
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

/* What the functions of a handler did, one letter each. */
struct trace {
	char text[64];
};

static void note(struct vane_request *req, const char *what)
{
	struct trace *trace = vane_request_data(req);

	strcat(trace->text, what);
}

static int answer_method(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, vane_request_method(req));
}

static int answer_get(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "got");
}

static void methods_find_their_functions(void **state)
{
	static const struct vane_handler get = { .get = answer_get };
	static const struct vane_handler post = { .post = answer_method };
	static const struct vane_handler any = { .get = answer_get, .any = answer_method };
	static const struct vane_handler all = { .get = answer_get,
		.head = answer_method,
		.post = answer_method,
		.put = answer_method,
		.patch = answer_method,
		.del = answer_method,
		.options = answer_method };
	static const struct {
		const struct vane_handler *handler;
		const char *method;
		int status;
		const char *body, *allow; /* NULL: not looked at; none */
	} rows[] = {
		{ &get, "GET", 200, "got", NULL },
		{ &get, "HEAD", 200, "", NULL },
		{ &get, "POST", 405, NULL, "GET, HEAD, OPTIONS" },
		{ &get, "OPTIONS", 204, "", "GET, HEAD, OPTIONS" },
		{ &post, "GET", 405, NULL, "POST, OPTIONS" },
		{ &post, "HEAD", 405, "", "POST, OPTIONS" },
		{ &post, "POST", 200, "POST", NULL },
		{ &post, "OPTIONS", 204, "", "POST, OPTIONS" },
		{ &any, "GET", 200, "got", NULL },
		{ &any, "DELETE", 200, "DELETE", NULL },
		{ &any, "OPTIONS", 200, "OPTIONS", NULL },
		{ &all, "PUT", 200, "PUT", NULL },
		{ &all, "PATCH", 200, "PATCH", NULL },
		{ &all, "DELETE", 200, "DELETE", NULL },
		{ &all, "OPTIONS", 200, "OPTIONS", NULL },
		{ &all, "HEAD", 200, "", NULL },
		{ &all, "BREW", 501, NULL, NULL },
		{ &all, "get", 501, NULL, NULL },
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *allow;

		probe_init(&probe, rows[i].handler, NULL, NULL);
		assert_int_equal(probe_method(&probe, rows[i].method, "/"), rows[i].status);
		assert_true(probe.got.whole);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		allow = probe_field(&probe, "Allow");
		assert_int_equal(allow != NULL, rows[i].allow != NULL);
		if (allow != NULL)
			assert_string_equal(allow, rows[i].allow);
		probe_fini(&probe);
	}
}

static void head_has_the_fields_of_get(void **state)
{
	static const struct vane_handler get = { .get = answer_get };
	struct vane_test_response first;
	struct probe probe;

	probe_init(&probe, &get, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	first = probe.got;
	probe.got = (struct vane_test_response) { 0 };
	assert_int_equal(probe_method(&probe, "HEAD", "/"), 200);
	assert_string_equal(probe.got.fields, first.fields);
	assert_string_equal(probe_field(&probe, "Content-Length"), "3");
	assert_int_equal(probe.got.body_len, 0);
	vane_test_response_fini(&first);
	probe_fini(&probe);
}

static void the_asterisk_is_for_options_only(void **state)
{
	static const struct vane_handler get = { .get = answer_get };
	struct probe probe;

	probe_init(&probe, &get, NULL, NULL);
	assert_int_equal(probe_method(&probe, "OPTIONS", "*"), 204);
	assert_non_null(probe_field(&probe, "Allow"));
	assert_int_equal(probe_get(&probe, "*"), 400);
	probe_fini(&probe);
}

static int prepare(struct vane_request *req, struct vane_response *res)
{
	const char *what = vane_request_query(req);

	note(req, "p");
	if (what == NULL)
		return 0;
	if (strcmp(what, "finish") == 0) {
		vane_response_puts(res, "prepared");
		vane_response_finish(res);
	}
	if (strcmp(what, "write") == 0)
		vane_response_puts(res, "prepared ");
	if (strcmp(what, "fail") == 0)
		return -EIO;
	if (strcmp(what, "after") == 0) {
		vane_response_finish(res);
		return 418; /* too late to matter */
	}
	return strcmp(what, "refuse") == 0 ? 403 : 0;
}

static int traced_get(struct vane_request *req, struct vane_response *res)
{
	note(req, "g");
	return vane_response_puts(res, "got");
}

static void traced_finished(struct vane_request *req)
{
	note(req, "f");
}

static void prepare_runs_first_and_may_answer(void **state)
{
	static const struct vane_handler handler = {
		.prepare = prepare, .get = traced_get, .finished = traced_finished
	};
	static const struct {
		const char *target;
		int status;
		const char *trace, *body;
	} rows[] = {
		{ "/", 200, "pgf", "got" },
		{ "/?write", 200, "pgf", "prepared got" },
		{ "/?finish", 200, "pf", "prepared" },
		{ "/?after", 200, "pf", "" },
		{ "/?refuse", 403, "pf", NULL },
		{ "/?fail", 500, "pf", NULL },
	};
	struct trace trace;
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		trace.text[0] = '\0';
		probe_init(&probe, &handler, &trace, NULL);
		assert_int_equal(probe_get(&probe, rows[i].target), rows[i].status);
		assert_string_equal(trace.text, rows[i].trace);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		probe_fini(&probe);
	}
}

/* What a handler returns or remembers, by its argument. */
static int fail_somehow(struct vane_request *req, struct vane_response *res)
{
	const char *how = vane_request_arg(req, "rest");

	vane_response_add(res, "X-Before", "1");
	vane_response_puts(res, "before");
	if (strcmp(how, "404") == 0)
		return 404;
	if (strcmp(how, "599") == 0)
		return 599;
	if (strcmp(how, "200") == 0)
		return 200;
	if (strcmp(how, "600") == 0)
		return 600;
	if (strcmp(how, "errno") == 0)
		return -ENOENT;
	if (strcmp(how, "error") == 0)
		return vane_response_error(res, 409, "%s <&>", "because");
	if (strcmp(how, "remembered") == 0)
		vane_response_status(res, 99);
	if (strcmp(how, "flushed") == 0) {
		vane_response_flush(res);
		return 404;
	}
	return 0;
}

static void errors_are_answered_with_a_page(void **state)
{
	static const struct vane_handler handler = { .get = fail_somehow };
	static const struct {
		const char *target;
		int status;
		const char *log;
	} rows[] = {
		{ "/404", 404, "" },
		{ "/599", 599, "" },
		{ "/200", 500, "is no error" },
		{ "/600", 500, "is no error" },
		{ "/errno", 500, "No such file or directory" },
		{ "/error", 409, "" },
		{ "/remembered", 500, "99 is no status" },
	};
	char page[64];
	struct probe probe;
	size_t i;

	probe_init(&probe, &handler, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe.log[0] = '\0';
		assert_int_equal(probe_get(&probe, rows[i].target), rows[i].status);
		assert_true(probe.got.whole);
		snprintf(page, sizeof(page), "<html><title>%d: ", rows[i].status);
		assert_memory_equal(probe.got.body, page, strlen(page));
		assert_null(strstr(probe.got.body, "before"));
		assert_null(probe_field(&probe, "X-Before"));
		assert_null(strstr(probe.got.body, "because"));
		assert_string_equal(
			probe_field(&probe, "Content-Type"), "text/html; charset=utf-8");
		if (*rows[i].log != '\0')
			assert_non_null(strstr(probe.log, rows[i].log));
		else
			assert_string_equal(probe.log, "");
	}
	probe_fini(&probe);
}

static void only_debug_mode_says_why(void **state)
{
	static const struct vane_handler handler = { .get = fail_somehow };
	static const struct vane_app_opts opts = { .debug = true };
	struct probe probe;

	probe_init(&probe, &handler, NULL, &opts);
	assert_int_equal(probe_get(&probe, "/error"), 409);
	assert_non_null(strstr(probe.got.body, "because &lt;&amp;&gt;"));
	assert_int_equal(probe_get(&probe, "/errno"), 500);
	assert_non_null(strstr(probe.got.body, "No such file"));
	probe_fini(&probe);
}

static void an_error_after_the_head_cuts(void **state)
{
	static const struct vane_handler handler = { .get = fail_somehow };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/flushed"), 200);
	assert_false(probe.got.whole);
	assert_string_equal(probe.got.body, "before");
	probe_fini(&probe);
}

static int tick(struct vane_request *req, struct vane_response *res)
{
	note(req, "t");
	return vane_response_puts(res, "tick ");
}

static int last_tick(struct vane_request *req, struct vane_response *res)
{
	note(req, "l");
	vane_response_puts(res, "last");
	return vane_response_finish(res);
}

static int chain(struct vane_request *req, struct vane_response *res)
{
	note(req, "c");
	return vane_after(req, 1, last_tick);
}

static int fail_later(struct vane_request *req, struct vane_response *res)
{
	return 503;
}

static int never(struct vane_request *req, struct vane_response *res)
{
	note(req, "!");
	return 0;
}

static int chain_before_never(struct vane_request *req, struct vane_response *res)
{
	vane_after(req, INT64_MAX, never);
	vane_after(req, INT64_MAX - 5, never);
	return chain(req, res);
}

static int defer(struct vane_request *req, struct vane_response *res)
{
	const char *how = vane_request_arg(req, "rest");

	vane_defer(res);
	if (strcmp(how, "now") == 0) {
		vane_response_puts(res, "now");
		return vane_response_finish(res);
	}
	if (strcmp(how, "order") == 0) {
		vane_after(req, 3600 * 1000, last_tick);
		vane_after(req, 20, tick);
		vane_after(req, 10, tick);
		vane_after(req, -5, chain); /* an hour before last_tick */
		return 0;
	}
	if (strcmp(how, "never") == 0)
		return vane_after(req, 10, chain_before_never);
	if (strcmp(how, "fail") == 0)
		return vane_after(req, 1, fail_later);
	if (strcmp(how, "return") == 0) {
		vane_after(req, 1, never);
		return 404;
	}
	vane_after(req, 5, never);
	return vane_after(req, 1, last_tick);
}

static void a_deferred_response_is_finished_later(void **state)
{
	static const struct vane_handler handler = { .get = defer,
		.finished = traced_finished };
	static const struct {
		const char *target;
		int status;
		const char *trace, *body;
	} rows[] = {
		{ "/now", 200, "f", "now" },
		{ "/stop", 200, "lf", "last" }, /* the other timer never fires */
		{ "/order", 200, "clf", "last" },
		{ "/never", 200, "clf", "last" },
		{ "/fail", 503, "f", NULL },
		{ "/return", 404, "f", NULL },
	};
	struct trace trace;
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		trace.text[0] = '\0';
		probe_init(&probe, &handler, &trace, NULL);
		assert_int_equal(probe_get(&probe, rows[i].target), rows[i].status);
		assert_true(probe.got.whole);
		assert_string_equal(trace.text, rows[i].trace);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		probe_fini(&probe);
	}
}

static int tick_in_order(struct vane_request *req, struct vane_response *res)
{
	vane_defer(res);
	vane_after(req, 30, last_tick);
	vane_after(req, 20, tick);
	vane_after(req, 10, chain);
	vane_after(req, 20, tick);
	return 0;
}

static void timers_fire_in_the_order_of_their_deadlines(void **state)
{
	static const struct vane_handler handler = { .get = tick_in_order };
	struct trace trace = { "" };
	struct probe probe;

	probe_init(&probe, &handler, &trace, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(trace.text, "cl"); /* the chain's comes before the ticks */
	probe_fini(&probe);
}

static int defer_for_ever(struct vane_request *req, struct vane_response *res)
{
	struct vane_response **kept = vane_request_data(req);

	*kept = res;
	return vane_defer(res);
}

static void a_response_that_nothing_can_finish_is_a_deadlock(void **state)
{
	static const struct vane_handler handler = { .get = defer_for_ever };
	static const struct vane_test_request request = { 0 };
	struct vane_response *kept = NULL;
	struct vane_test_response got;
	struct probe probe;

	probe_init(&probe, &handler, &kept, NULL);
	assert_int_equal(vane_test_run(probe.app, &request, &got), -EDEADLK);
	assert_int_equal(got.status, 0);
	assert_false(got.whole);
	vane_test_response_fini(&got);
	assert_true(vane_response_puts(kept, "nobody listens") < 0);
	assert_true(vane_response_finish(kept) < 0); /* frees the exchange */
	probe_fini(&probe);
}

/* Each call after the finish, one bit if it did not say -EALREADY. */
static int finish_twice(struct vane_request *req, struct vane_response *res)
{
	unsigned *wrong = vane_request_data(req);

	vane_response_puts(res, "once");
	vane_response_finish(res);
	*wrong |= (vane_response_finish(res) != -EALREADY) << 0;
	*wrong |= (vane_response_puts(res, "twice") != -EALREADY) << 1;
	*wrong |= (vane_response_status(res, 404) != -EALREADY) << 2;
	*wrong |= (vane_response_add(res, "A", "b") != -EALREADY) << 3;
	*wrong |= (vane_response_flush(res) != -EALREADY) << 4;
	*wrong |= (vane_response_error(res, 500, "late") != -EALREADY) << 5;
	*wrong |= (vane_defer(res) != -EALREADY) << 6;
	*wrong |= (vane_response_printf(res, "%d", 3) != -EALREADY) << 7;
	return 500;
}

static void what_comes_after_the_finish_is_refused(void **state)
{
	static const struct vane_handler handler = { .get = finish_twice };
	unsigned wrong = 0;
	struct probe probe;

	probe_init(&probe, &handler, &wrong, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_int_equal(wrong, 0);
	assert_true(probe.got.whole);
	assert_string_equal(probe.got.body, "once");
	probe_fini(&probe);
}

/* After the head: fields and status are closed, the body is open. */
static int change_after_flush(struct vane_request *req, struct vane_response *res)
{
	unsigned *wrong = vane_request_data(req);

	*wrong |= vane_response_head_sent(res) << 0;
	vane_response_puts(res, "a");
	*wrong |= (vane_response_flush(res) != 0) << 1;
	*wrong |= !vane_response_head_sent(res) << 2;
	*wrong |= (vane_response_puts(res, "b") != 0) << 3;
	*wrong |= (vane_response_flush(res) != 0) << 4;
	*wrong |= (vane_response_error(res, 404, "late") != -EALREADY) << 5;
	*wrong |= (vane_response_puts(res, "c") != 0) << 6;
	return 0;
}

static void the_head_leaves_with_the_first_flush(void **state)
{
	static const struct vane_handler handler = { .get = change_after_flush };
	unsigned wrong = 0;
	struct probe probe;

	probe_init(&probe, &handler, &wrong, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_int_equal(wrong, 0);
	assert_true(probe.got.whole);
	assert_string_equal(probe.got.body, "abc");
	assert_null(probe_field(&probe, "Content-Length"));
	probe_fini(&probe);
}

static int remember(struct vane_request *req, struct vane_response *res)
{
	unsigned *wrong = vane_request_data(req);

	*wrong |= (vane_response_add(res, "Bad Name", "x") != -EINVAL) << 0;
	*wrong |= (vane_response_puts(res, "x") != -EINVAL) << 1;
	*wrong |= (vane_response_status(res, 404) != -EINVAL) << 2;
	*wrong |= (vane_response_flush(res) != -EINVAL) << 3;
	*wrong |= (vane_response_redirect(res, 302, "/") != -EINVAL) << 4;
	*wrong |= (vane_response_finish(res) != -EINVAL) << 5;
	return 0;
}

static void a_response_remembers_its_first_error(void **state)
{
	static const struct vane_handler handler = { .get = remember };
	unsigned wrong = 0;
	struct probe probe;

	probe_init(&probe, &handler, &wrong, NULL);
	assert_int_equal(probe_get(&probe, "/"), 500);
	assert_int_equal(wrong, 0);
	assert_true(probe.got.whole);
	probe_fini(&probe);
}

static int recover(struct vane_request *req, struct vane_response *res)
{
	vane_response_status(res, 99);
	return vane_response_error(res, 418, "forgotten");
}

static void an_error_page_makes_up_for_the_error(void **state)
{
	static const struct vane_handler handler = { .get = recover };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 418);
	probe_fini(&probe);
}

static void what_a_mode_lacks_is_said(void **state)
{
	static const struct vane_handler sendfile = { .get = answer_get,
		.needs = VANE_CAP_SENDFILE | VANE_CAP_ASYNC };
	static const struct vane_handler timers = { .get = answer_get,
		.needs = VANE_CAP_ASYNC | VANE_CAP_TIMERS | VANE_CAP_STREAM_IN };
	struct probe probe;

	probe_init(&probe, &sendfile, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 501);
	assert_string_equal(probe_field(&probe, "X-Vane-Unavailable"), "sendfile");
	probe_fini(&probe);
	probe_init(&probe, &timers, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_null(probe_field(&probe, "X-Vane-Unavailable"));
	probe_fini(&probe);
}

static void unknown_paths_are_404(void **state)
{
	static const struct vane_handler get = { .get = answer_get };
	static const struct vane_route routes[] = { { "/a", &get }, { 0 } };
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	assert_int_equal(probe_get(&probe, "/a"), 200);
	assert_int_equal(probe_get(&probe, "/a/"), 404);
	assert_int_equal(probe_get(&probe, "/A"), 404);
	assert_int_equal(probe_method(&probe, "OPTIONS", "/b"), 404);
	assert_int_equal(probe_method(&probe, "POST", "/b"), 404);
	probe_fini(&probe);
}

static int answer_target(struct vane_request *req, struct vane_response *res)
{
	note(req, "a");
	return vane_response_printf(res, "%s %s %s %lld %s", vane_request_method(req),
		vane_request_target(req), vane_request_path(req),
		(long long) vane_request_body_length(req),
		vane_request_arg_or(req, "x", "-"));
}

/* Forwards to its query, in one of the ways that there are. */
static int forward(struct vane_request *req, struct vane_response *res)
{
	const char *how = vane_request_arg(req, "how"), *to = vane_request_query(req);

	note(req, "w");
	vane_response_status(res, 201);
	vane_response_add(res, "X-Before", "1");
	vane_response_puts(res, "before");
	if (strcmp(how, "timer") == 0)
		vane_after(req, 1, never);
	if (strcmp(how, "flushed") == 0)
		vane_response_flush(res);
	if (vane_response_forward(res, to) < 0) {
		note(req, "x");
		return 0;
	}
	note(req, vane_response_puts(res, "after") == -EALREADY ? "" : "!");
	note(req, vane_response_finish(res) == -EALREADY ? "" : "!");
	note(req, vane_response_forward(res, "/") == -EALREADY ? "" : "!");
	note(req, vane_after(req, 1, never) == -EALREADY ? "" : "!");
	return strcmp(how, "fail") == 0 ? 503 : 0;
}

static int forward_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	return forward(req, res);
}

static int forward_later(struct vane_request *req, struct vane_response *res)
{
	vane_defer(res);
	return vane_after(req, 1, forward);
}

static void a_forward_is_answered_by_another_handler(void **state)
{
	static const struct vane_handler before = {
		.prepare = forward, .any = answer_target, .finished = traced_finished
	};
	static const struct vane_handler piecewise = {
		.data = forward_piece, .post = answer_target, .finished = traced_finished
	};
	static const struct vane_handler now = { .any = forward,
		.finished = traced_finished };
	static const struct vane_handler later = { .any = forward_later,
		.finished = traced_finished };
	static const struct vane_handler target = { .get = answer_target,
		.finished = traced_finished };
	static const struct {
		const char *target;
		int status;
		const char *trace, *body;
	} rows[] = {
		{ "/now/?/to/a%20b?x=1", 200, "wfaf", "GET /to/a%20b?x=1 /to/a b 0 1" },
		{ "/now/timer?/to/a", 200, "wfaf", "GET /to/a /to/a 0 -" },
		{ "/now/fail?/to/a", 200, "wfaf", "GET /to/a /to/a 0 -" },
		{ "/before/?/to/a", 200, "wfaf", "GET /to/a /to/a 0 -" },
		{ "/piecewise/?/to/a", 200, "wfaf", "GET /to/a /to/a 0 -" },
		{ "/later/?/to/a", 200, "wfaf", "GET /to/a /to/a 0 -" },
		{ "/now/?/nowhere", 404, "wf", NULL },
		{ "/now/?/now/flushed?/to/a", 201, "wfwxf", "before" },
		{ "/now/?to", 201, "wxf", "before" },
		{ "/now/?", 201, "wxf", "before" },
		{ "/now/?*", 201, "wxf", "before" },
		{ "/now/?/%zz", 201, "wxf", "before" },
		{ "/now/?/a%00", 201, "wxf", "before" },
	};
	struct trace trace;
	const struct vane_route routes[] = {
		{ "/now/{how:.*}", &now, &trace, NULL },
		{ "/before/{how:.*}", &before, &trace, NULL },
		{ "/piecewise/{how:.*}", &piecewise, &trace, NULL },
		{ "/later/{how:.*}", &later, &trace, NULL },
		{ "/to/{rest}", &target, &trace, NULL },
		{ 0 },
	};
	struct vane_test_request request = {
		.method = "POST", .body = "b=c", .body_len = 3
	};
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		trace.text[0] = '\0';
		request.target = rows[i].target;
		assert_int_equal(probe_run(&probe, &request), rows[i].status);
		assert_string_equal(trace.text, rows[i].trace);
		assert_true(probe.got.whole);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		assert_int_equal(
			probe_field(&probe, "X-Before") != NULL, rows[i].status == 201);
	}
	trace.text[0] = '\0';
	assert_int_equal(probe_method(&probe, "HEAD", "/now/?/to/a"), 200);
	assert_string_equal(probe_field(&probe, "Content-Length"), "20");
	assert_int_equal(probe.got.body_len, 0);
	probe_fini(&probe);
}

/* To itself, until it is told that this is enough. */
static int forward_round(struct vane_request *req, struct vane_response *res)
{
	int rc = vane_response_forward(res, "/");

	note(req, rc == 0 ? "r" : rc == -ELOOP ? "e" : "!");
	return rc == -ELOOP ? vane_response_puts(res, "enough") : rc;
}

static void forwards_in_a_circle_come_to_an_end(void **state)
{
	static const struct vane_handler handler = { .get = forward_round };
	static const struct vane_app_opts opts = { .access_log = VANE_ACCESS_LOG_TORNADO };
	struct trace trace = { "" };
	struct probe probe;

	probe_init(&probe, &handler, &trace, &opts);
	assert_int_equal(probe_get(&probe, "/a"), 200);
	assert_string_equal(probe.got.body, "enough");
	assert_string_equal(trace.text, "rrrrrrrrrre");
	assert_memory_equal(probe.log, "200 GET /a ", 11);
	assert_ptr_equal(strchr(probe.log, '\n'), strrchr(probe.log, '\n'));
	probe_fini(&probe);
}

static void a_forward_stays_in_its_mount(void **state)
{
	static const struct vane_handler now = { .any = forward };
	static const struct vane_handler target = { .get = answer_target };
	static const struct vane_app_opts opts = { .mount = "/app" };
	struct trace trace = { "" };
	const struct vane_route routes[] = {
		{ "/now/{how:.*}", &now, &trace, NULL },
		{ "/{rest:.*}", &target, &trace, NULL },
		{ 0 },
	};
	struct probe probe;

	probe_init_routes(&probe, routes, &opts);
	assert_int_equal(probe_get(&probe, "/app/now/?/app/x"), 200);
	assert_string_equal(probe.got.body, "GET /app/x /x 0 -");
	assert_int_equal(probe_get(&probe, "/app/now/?/app"), 200);
	assert_int_equal(probe_get(&probe, "/app/now/?/x"), 404);
	probe_fini(&probe);
}

/* The routes behind it would let in what it is there to keep out. */
static void a_route_that_gives_up_is_an_error_and_is_logged(void **state)
{
	static const struct vane_handler get = { .get = answer_get };
	static const struct vane_route routes[] = {
		{ "/steps/{x:(?:a+)+}", &get },
		{ "/deep/{x:(?:[a-z]|/)*}", &get },
		{ "/{path:.*}", &get },
		{ 0 },
	};
	static char deep[200000];
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	assert_int_equal(
		probe_get(&probe, "/steps/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), 500);
	assert_non_null(
		strstr(probe.log, "GET (127.0.0.1): the regular expression of route "
				  "/steps/{x:(?:a+)+} gives up on a path of 42 bytes, "
				  "which takes it too many steps: /steps/aaa"));
	memset(deep, 'a', sizeof(deep) - 1);
	memcpy(deep, "/deep/", 6);
	assert_int_equal(probe_get(&probe, deep), 414);
	assert_non_null(strstr(probe.log, "is too long for it"));
	assert_int_equal(probe_get(&probe, "/steps/b"), 200);
	probe_fini(&probe);
}

static int give_up_by_query(struct vane_request *req, struct vane_response *res)
{
	const char *how = vane_request_query(req);

	vane_response_puts(res, "before");
	if (strcmp(how, "flushed") == 0)
		vane_response_flush(res);
	if (strcmp(how, "errno") == 0)
		note(req, vane_response_give_up(res, -EIO) == 0 ? "g" : "!");
	else
		note(req, vane_response_give_up(res, 502) == 0 ? "g" : "!");
	note(req, vane_response_give_up(res, 503) == -EALREADY ? "" : "!");
	return 0;
}

static void giving_up_is_as_good_as_returning_it(void **state)
{
	static const struct vane_handler handler = { .get = give_up_by_query,
		.finished = traced_finished };
	static const struct {
		const char *target;
		int status;
		bool whole;
	} rows[] = { { "/?", 502, true }, { "/?errno", 500, true },
		{ "/?flushed", 200, false } };
	struct trace trace;
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		trace.text[0] = '\0';
		probe_init(&probe, &handler, &trace, NULL);
		assert_int_equal(probe_get(&probe, rows[i].target), rows[i].status);
		assert_int_equal(probe.got.whole, rows[i].whole);
		assert_string_equal(trace.text, "fg");
		probe_fini(&probe);
	}
}

static void exchanges_are_logged_at_a_level_by_status(void **state)
{
	static const struct vane_handler handler = { .get = fail_somehow };
	static const struct vane_app_opts opts = { .access_log = VANE_ACCESS_LOG_TORNADO };
	struct vane_test_request request = { .target = "/ok?\x01",
		.remote_addr = "10.1.2.3" };
	struct probe probe;

	probe_init(&probe, &handler, NULL, &opts);
	assert_int_equal(probe_get(&probe, "/ok"), 200);
	assert_non_null(strstr(probe.log, "200 GET /ok (127.0.0.1) "));
	assert_int_equal(probe_get(&probe, "/404?x"), 404);
	assert_non_null(strstr(probe.log, "404 GET /404?x (127.0.0.1) "));
	assert_int_equal(probe_run(&probe, &request), 400);
	assert_non_null(strstr(probe.log, "400 GET /ok?\\x01 (10.1.2.3) "));
	probe_fini(&probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_find_their_functions),
		cmocka_unit_test(head_has_the_fields_of_get),
		cmocka_unit_test(the_asterisk_is_for_options_only),
		cmocka_unit_test(prepare_runs_first_and_may_answer),
		cmocka_unit_test(errors_are_answered_with_a_page),
		cmocka_unit_test(only_debug_mode_says_why),
		cmocka_unit_test(an_error_after_the_head_cuts),
		cmocka_unit_test(a_deferred_response_is_finished_later),
		cmocka_unit_test(timers_fire_in_the_order_of_their_deadlines),
		cmocka_unit_test(a_response_that_nothing_can_finish_is_a_deadlock),
		cmocka_unit_test(what_comes_after_the_finish_is_refused),
		cmocka_unit_test(the_head_leaves_with_the_first_flush),
		cmocka_unit_test(a_response_remembers_its_first_error),
		cmocka_unit_test(an_error_page_makes_up_for_the_error),
		cmocka_unit_test(what_a_mode_lacks_is_said),
		cmocka_unit_test(unknown_paths_are_404),
		cmocka_unit_test(a_forward_is_answered_by_another_handler),
		cmocka_unit_test(forwards_in_a_circle_come_to_an_end),
		cmocka_unit_test(a_forward_stays_in_its_mount),
		cmocka_unit_test(a_route_that_gives_up_is_an_error_and_is_logged),
		cmocka_unit_test(giving_up_is_as_good_as_returning_it),
		cmocka_unit_test(exchanges_are_logged_at_a_level_by_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
