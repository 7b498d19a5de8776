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
#include "support/trace.h"

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

	trace_note(req, "p");
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
	trace_note(req, "g");
	return vane_response_puts(res, "got");
}

static void prepare_runs_first_and_may_answer(void **state)
{
	static const struct vane_handler handler = {
		.prepare = prepare, .get = traced_get, .finished = trace_finished
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

	vane_response_add_field(res, "X-Before", "1");
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
		return vane_response_send_error(res, 409, "%s <&>", "because");
	if (strcmp(how, "remembered") == 0)
		vane_response_set_status(res, 99);
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
		snprintf(page, sizeof(page), "<title>%d: ", rows[i].status);
		assert_non_null(strstr(probe.got.body, page));
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

static int remember(struct vane_request *req, struct vane_response *res)
{
	unsigned *wrong = vane_request_data(req);

	*wrong |= (vane_response_add_field(res, "Bad Name", "x") != -EINVAL) << 0;
	*wrong |= (vane_response_puts(res, "x") != -EINVAL) << 1;
	*wrong |= (vane_response_set_status(res, 404) != -EINVAL) << 2;
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
	vane_response_set_status(res, 99);
	return vane_response_send_error(res, 418, "forgotten");
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
		trace_note(req, vane_response_give_up(res, -EIO) == 0 ? "g" : "!");
	else
		trace_note(req, vane_response_give_up(res, 502) == 0 ? "g" : "!");
	trace_note(req, vane_response_give_up(res, 503) == -EALREADY ? "" : "!");
	return 0;
}

static void giving_up_is_as_good_as_returning_it(void **state)
{
	static const struct vane_handler handler = { .get = give_up_by_query,
		.finished = trace_finished };
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
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_find_their_functions),
		cmocka_unit_test(head_has_the_fields_of_get),
		cmocka_unit_test(the_asterisk_is_for_options_only),
		cmocka_unit_test(prepare_runs_first_and_may_answer),
		cmocka_unit_test(errors_are_answered_with_a_page),
		cmocka_unit_test(only_debug_mode_says_why),
		cmocka_unit_test(an_error_after_the_head_cuts),
		cmocka_unit_test(a_response_remembers_its_first_error),
		cmocka_unit_test(an_error_page_makes_up_for_the_error),
		cmocka_unit_test(what_a_mode_lacks_is_said),
		cmocka_unit_test(unknown_paths_are_404),
		cmocka_unit_test(a_route_that_gives_up_is_an_error_and_is_logged),
		cmocka_unit_test(giving_up_is_as_good_as_returning_it),
		cmocka_unit_test(exchanges_are_logged_at_a_level_by_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
