/* SPDX-License-Identifier: MIT */
/*
 * test_forward.c - lib/core/forward.c: requests that another handler answers
 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"
#include "support/trace.h"

static int answer_target(struct vane_request *req, struct vane_response *res)
{
	trace_note(req, "a");
	return vane_response_printf(res, "%s %s %s %lld %s", vane_request_method(req),
		vane_request_target(req), vane_request_path(req),
		(long long) vane_request_body_length(req),
		vane_request_arg_or(req, "x", "-"));
}

/* Forwards to its query, in one of the ways that there are. */
static int forward(struct vane_request *req, struct vane_response *res)
{
	const char *how = vane_request_arg(req, "how"), *to = vane_request_query(req);

	trace_note(req, "w");
	vane_response_set_status(res, 201);
	vane_response_add_field(res, "X-Before", "1");
	vane_response_puts(res, "before");
	if (strcmp(how, "timer") == 0)
		vane_request_after(req, 1, trace_never, NULL);
	if (strcmp(how, "flushed") == 0)
		vane_response_flush(res);
	if (vane_response_forward(res, to) < 0) {
		trace_note(req, "x");
		return 0;
	}
	trace_note(req, vane_response_puts(res, "after") == -EALREADY ? "" : "!");
	trace_note(req, vane_response_finish(res) == -EALREADY ? "" : "!");
	trace_note(req, vane_response_forward(res, "/") == -EALREADY ? "" : "!");
	trace_note(
		req, vane_request_after(req, 1, trace_never, NULL) == -EALREADY ? "" : "!");
	return strcmp(how, "fail") == 0 ? 503 : 0;
}

static int forward_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	return forward(req, res);
}

static int forward_at_last(struct vane_request *req, struct vane_response *res, void *data)
{
	return forward(req, res);
}

static int forward_later(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	return vane_request_after(req, 1, forward_at_last, NULL);
}

static void a_forward_is_answered_by_another_handler(void **state)
{
	static const struct vane_handler before = {
		.prepare = forward, .any = answer_target, .finished = trace_finished
	};
	static const struct vane_handler piecewise = {
		.data = forward_piece, .post = answer_target, .finished = trace_finished
	};
	static const struct vane_handler now = { .any = forward,
		.finished = trace_finished };
	static const struct vane_handler later = { .any = forward_later,
		.finished = trace_finished };
	static const struct vane_handler target = { .get = answer_target,
		.finished = trace_finished };
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

	trace_note(req, rc == 0 ? "r" : rc == -ELOOP ? "e" : "!");
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_forward_is_answered_by_another_handler),
		cmocka_unit_test(forwards_in_a_circle_come_to_an_end),
		cmocka_unit_test(a_forward_stays_in_its_mount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
