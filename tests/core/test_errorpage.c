/* SPDX-License-Identifier: MIT */
/*
 * test_errorpage.c - lib/core/errorpage.c: pages for what no handler answers
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

static int fail_so(struct vane_request *req, struct vane_response *res)
{
	vane_response_add_field(res, "X-Before", "1");
	vane_response_puts(res, "dropped");
	if (vane_request_query(req) != NULL)
		return vane_response_send_error(res, 409, "<because>");
	return -EIO;
}

static int take_little(struct vane_request *req, struct vane_response *res)
{
	return 0;
}

static const struct vane_handler little = { .post = take_little, .max_body = 3 };
static const struct vane_route routes[] = { VANE_GET("/fail", fail_so),
	VANE_ROUTE("/little", &little), VANE_END };

static char greeting[] = "hello";

/* A page of the program's, or what it should not do, by the path that was asked. */
static int write_page(struct vane_request *req, struct vane_response *res, int status,
	const char *why, void *data)
{
	const char *path = vane_request_path(req);

	if (strcmp(path, "/refuse") == 0)
		return -ENOSYS;
	if (strcmp(path, "/error") == 0)
		return vane_response_send_error(res, 418, "again");
	if (strcmp(path, "/bad") == 0)
		return vane_response_add_field(res, "Bad Name", "x");
	vane_response_printf(res, "%s %d %s %s", (const char *) data, status, path,
		why != NULL ? why : "-");
	if (strcmp(path, "/finish") == 0)
		return vane_response_finish(res);
	if (strcmp(path, "/flush") == 0)
		return vane_response_flush(res);
	return 0;
}

static void a_program_writes_the_pages_of_all_errors(void **state)
{
	static const struct vane_app_opts opts = { .error_page = write_page,
		.data = greeting };
	static const struct {
		const char *method, *target;
		int status;
		const char *body, *allow;
	} rows[] = {
		{ "GET", "/nowhere", 404, "hello 404 /nowhere -", NULL },
		{ "PUT", "/fail", 405, "hello 405 /fail -", "GET, HEAD, OPTIONS" },
		{ "GET", "/fail", 500, "hello 500 /fail -", NULL },
		{ "GET", "/fail?", 409, "hello 409 /fail -", NULL },
		{ "HEAD", "/nowhere", 404, "", NULL },
		{ "BREW", "/nowhere", 501, NULL, NULL },
		{ "GET", "/a%zz", 400, NULL, NULL },
		{ "POST", "/little", 413, "hello 413 /little -", NULL },
		/* what it must not, or says that it does not, Vane does */
		{ "GET", "/refuse", 404, NULL, NULL },
		{ "GET", "/finish", 404, NULL, NULL },
		{ "GET", "/flush", 404, NULL, NULL },
		{ "GET", "/bad", 404, NULL, NULL },
		{ "GET", "/error", 418, NULL, NULL },
	};
	struct vane_test_request request = { .body = "1234", .body_len = 4 };
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, &opts);
	assert_ptr_equal(vane_app_data(probe.app), greeting);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		request.method = rows[i].method;
		request.target = rows[i].target;
		request.body_len = strcmp(rows[i].method, "POST") == 0 ? 4 : 0;
		assert_int_equal(probe_run(&probe, &request), rows[i].status);
		assert_true(probe.got.whole);
		assert_null(probe_field(&probe, "X-Before"));
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		if (rows[i].allow != NULL)
			assert_string_equal(probe_field(&probe, "Allow"), rows[i].allow);
	}
	probe_fini(&probe);
}

static void a_page_is_told_why_in_debug_mode_only(void **state)
{
	static const struct vane_app_opts opts = {
		.error_page = write_page, .data = greeting, .debug = true
	};
	struct probe probe;

	probe_init_routes(&probe, routes, &opts);
	probe_get(&probe, "/fail?");
	assert_string_equal(probe.got.body, "hello 409 /fail <because>");
	probe_fini(&probe);
}

static int ask_accepting(struct probe *probe, const char *accept)
{
	char field[100];
	const struct vane_test_request request = { .target = "/fail?x",
		.fields = accept != NULL ? FIELDS(field) : NULL };

	snprintf(field, sizeof(field), "Accept: %s", accept != NULL ? accept : "");
	return probe_run(probe, &request);
}

static void a_page_is_html_or_json_as_the_client_likes(void **state)
{
	static const char html[] = "text/html; charset=utf-8";
	static const struct {
		const char *accept, *type;
	} rows[] = {
		{ NULL, html },
		{ "*/*", html },
		{ "text/html,application/xhtml+xml,*/*;q=0.8", html },
		{ "image/png", html },
		{ "not a type", html },
		{ "application/json", "application/json" },
		{ "application/problem+json", "application/problem+json" },
		{ "application/json, text/html;q=0.5", "application/json" },
	};
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(ask_accepting(&probe, rows[i].accept), 409);
		assert_string_equal(probe_field(&probe, "Content-Type"), rows[i].type);
		assert_string_equal(probe_field(&probe, "Vary"), "Accept");
		if (rows[i].type == html)
			assert_non_null(strstr(probe.got.body, "<h1>409: Conflict</h1>"));
		else
			assert_string_equal(probe.got.body,
				"{\"title\":\"Conflict\",\"status\":409}\n");
		assert_null(strstr(probe.got.body, "because"));
	}
	probe_fini(&probe);
}

static void in_debug_mode_a_page_says_why_and_shows_the_request(void **state)
{
	static const struct vane_app_opts opts = { .debug = true };
	const struct vane_test_request lost = { .target = "/lost?<b>",
		.fields = FIELDS("X-Odd: <i>&amp;") };
	static const char *const shown[] = { "None of these routes matches", "/little",
		"/lost?&lt;b&gt;", "&lt;i&gt;&amp;amp;", "<td>none", "<td>test" };
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, &opts);
	assert_int_equal(probe_run(&probe, &lost), 404);
	for (i = 0; i < ARRAY_SIZE(shown); i++)
		assert_non_null(strstr(probe.got.body, shown[i]));
	assert_int_equal(probe_get(&probe, "/fail?x"), 409);
	assert_non_null(strstr(probe.got.body, "<pre>&lt;because&gt;</pre>"));
	assert_null(strstr(probe.got.body, "None of these routes"));
	assert_non_null(strstr(probe.got.body, "<td>/fail"));
	assert_int_equal(ask_accepting(&probe, "application/json"), 409);
	assert_string_equal(probe.got.body,
		"{\"title\":\"Conflict\",\"status\":409,\"detail\":\"\\u003cbecause>\"}\n");
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_writes_the_pages_of_all_errors),
		cmocka_unit_test(a_page_is_told_why_in_debug_mode_only),
		cmocka_unit_test(a_page_is_html_or_json_as_the_client_likes),
		cmocka_unit_test(in_debug_mode_a_page_says_why_and_shows_the_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
