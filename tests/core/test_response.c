/* SPDX-License-Identifier: MIT */
/*
 * test_response.c - lib/core/response.c and lib/core/response_head.c: the head of an answer
 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

static int add_fields(struct vane_response *res)
{
	vane_response_add_field(res, "X-A", "1");
	vane_response_add_field(res, "x-a", " 2\t");
	vane_response_add_field(res, "X-B", "gone");
	vane_response_set_field(res, "X-b", "kept");
	vane_response_add_field(res, "X-C", "gone");
	vane_response_remove_field(res, "x-C");
	vane_response_remove_field(res, "x-never");
	vane_response_add_field(res, "X-Empty", "");
	vane_response_add_field(res, "X-Obs", "\xc3\xa4");
	vane_response_set_field(res, "Content-Type", "text/html");
	return vane_response_puts(res, "x");
}

static void fields_are_added_set_and_removed(void **state)
{
	struct probe probe;

	probe_answer(&probe, add_fields);
	assert_string_equal(probe.got.fields,
		"X-A: 1\r\nx-a: 2\r\nX-b: kept\r\nX-Empty: \r\nX-Obs: \xc3\xa4\r\n"
		"Content-Type: text/html\r\nContent-Length: 1\r\n");
	probe_fini(&probe);
}

static int nothing(struct vane_response *res)
{
	return 0;
}

static void a_body_has_a_type_and_a_length(void **state)
{
	struct probe probe;

	probe_answer(&probe, nothing);
	assert_string_equal(probe.got.fields, "Content-Length: 0\r\n");
	assert_int_equal(probe.got.status, 200);
	probe_fini(&probe);
}

static const struct {
	const char *name, *value;
} bad_fields[] = {
	{ "", "x" },
	{ "a b", "x" },
	{ "a:", "x" },
	{ "\xc3\xa4", "x" },
	{ "a\r\n", "x" },
	{ "a", "x\r\ny: z" },
	{ "a", "x\ny" },
	{ "a", "x\ry" },
	{ "a", "\x01" },
	{ "a", "\x7f" },
	{ "Connection", "close" },
	{ "keep-alive", "5" },
	{ "Status", "200 OK" },
	{ "TRANSFER-ENCODING", "chunked" },
	{ "Upgrade", "h2c" },
	{ "Content-Length", "" },
	{ "Content-Length", "-1" },
	{ "Content-Length", "1x" },
	{ "Content-Length", "99999999999999999999" },
};

static int add_bad_fields(struct vane_response *res)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_fields); i++) {
		assert_int_equal(vane_response_add_field(
					 res, bad_fields[i].name, bad_fields[i].value),
			-EINVAL);
		vane_response_send_error(res, 500, "forget it");
	}
	return vane_response_send_error(res, 404, "done");
}

static void fields_that_could_break_the_head_are_refused(void **state)
{
	struct probe probe;

	probe_answer(&probe, add_bad_fields);
	assert_int_equal(probe.got.status, 404);
	probe_fini(&probe);
}

/* What a handler does wrong to its head, by the path that it is asked for. */
static int misuse(struct vane_request *req, struct vane_response *res)
{
	const char *what = vane_request_arg(req, "rest");

	if (strcmp(what, "value") == 0)
		vane_response_add_field(res, "X-A", "1\r\nX-B: 2");
	else if (strcmp(what, "name") == 0)
		vane_response_set_field(res, "X A\n", "1");
	else if (strcmp(what, "reserved") == 0)
		vane_response_add_field(res, "Connection", "close");
	else if (strcmp(what, "length") == 0)
		vane_response_add_field(res, "Content-Length", "x");
	else if (strcmp(what, "status") == 0)
		vane_response_set_status(res, 700);
	else if (strcmp(what, "redirect") == 0)
		vane_response_redirect(res, 200, "/");
	else if (strcmp(what, "cookie") == 0)
		vane_response_set_cookie(
			res, &(struct vane_cookie) { .name = "a b", .value = "c" });
	else if (strcmp(what, "same-site") == 0)
		vane_response_set_cookie(
			res, &(struct vane_cookie) {
				     .name = "a", .value = "c", .same_site = "None" });
	else if (strcmp(what, "etag") == 0)
		vane_response_set_validators(res, "abc", -1);
	else if (strcmp(what, "return") == 0)
		return 200;
	return 0;
}

static void what_a_head_cannot_have_is_named(void **state)
{
	static const struct vane_handler handler = { .get = misuse };
	static const struct vane_app_opts opts = { .debug = true };
	static const struct {
		const char *target, *log;
	} rows[] = {
		{ "/value",
			"vane_response_add_field(): \"X-A\" has a line end or another control "
			"character in its value" },
		{ "/name",
			"vane_response_set_field(): \"X A\\x0a\" is no name of a field" },
		{ "/reserved",
			"vane_response_add_field(): \"Connection\" belongs to the server" },
		{ "/length", "vane_response_add_field(): \"Content-Length\" is no number" },
		{ "/status", "vane_response_set_status(): 700 is no status" },
		{ "/redirect", "vane_response_redirect(): 200 is no redirect" },
		{ "/cookie", "vane_response_set_cookie(): \"a b\" is no name of a cookie" },
		{ "/same-site",
			"vane_response_set_cookie(): \"a\" has SameSite=None, which clients take" },
		{ "/etag", "vane_response_set_validators(): \"abc\" is no entity-tag" },
		{ "/return", "the handler returned 200, which is no error: return 0" },
	};
	struct probe probe;

	probe_init(&probe, &handler, NULL, &opts);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		probe.log[0] = '\0';
		assert_int_equal(probe_get(&probe, rows[i].target), 500);
		if (strstr(probe.log, rows[i].log) == NULL)
			fail_msg("not \"%s\" but: %s", rows[i].log, probe.log);
		/* and so says the page */
		assert_null(strstr(probe.got.body, "Invalid argument"));
		assert_non_null(strstr(probe.got.body,
			i < ARRAY_SIZE(rows) - 1 ? "vane_response_" : "returned"));
	}
	probe_fini(&probe);
}

static int too_late(struct vane_response *res)
{
	vane_response_puts(res, "early");
	vane_response_flush(res);
	assert_int_equal(vane_response_set_field(res, "X-A", "1"), -EALREADY);
	return 0;
}

static void who_changes_a_head_that_has_left_is_told_so(void **state)
{
	struct probe probe;

	probe_answer(&probe, too_late);
	assert_false(probe.got.whole);
	assert_non_null(strstr(probe.log,
		"vane_response_set_field(): \"X-A\": the head has left already"));
	probe_fini(&probe);
}

static int bad_status(struct vane_response *res)
{
	static const int bad[] = { 0, 99, 100, 199, 600, -1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(vane_response_set_status(res, bad[i]), -EINVAL);
		vane_response_send_error(res, 500, "forget it");
		assert_int_equal(vane_response_status(res), 500);
	}
	return vane_response_set_status(res, 299);
}

static void a_status_is_one_of_a_final_response(void **state)
{
	struct probe probe;

	probe_answer(&probe, bad_status);
	assert_int_equal(probe.got.status, 299);
	probe_fini(&probe);
}

static int keep_promise(struct vane_response *res)
{
	vane_response_add_field(res, "Content-Length", "3");
	return vane_response_puts(res, "abc");
}

static int promise_twice(struct vane_response *res)
{
	vane_response_add_field(res, "Content-Length", "7");
	vane_response_set_field(res, "content-length", "3");
	return vane_response_puts(res, "abc");
}

static int take_promise_back(struct vane_response *res)
{
	vane_response_add_field(res, "Content-Length", "7");
	vane_response_remove_field(res, "content-length");
	return vane_response_puts(res, "abc");
}

static int write_more(struct vane_response *res)
{
	vane_response_add_field(res, "Content-Length", "3");
	vane_response_puts(res, "ab");
	assert_int_equal(vane_response_puts(res, "cd"), -EMSGSIZE);
	return 0;
}

static int write_more_after_flush(struct vane_response *res)
{
	vane_response_add_field(res, "Content-Length", "3");
	vane_response_puts(res, "abc");
	vane_response_flush(res);
	assert_int_equal(vane_response_printf(res, "%s", "d"), -EMSGSIZE);
	return 0;
}

static int write_less(struct vane_response *res)
{
	vane_response_add_field(res, "Content-Length", "3");
	return vane_response_puts(res, "ab");
}

static int promise_too_late(struct vane_response *res)
{
	vane_response_puts(res, "abc");
	assert_int_equal(vane_response_add_field(res, "Content-Length", "2"), -EMSGSIZE);
	return 0;
}

static void a_content_length_is_a_promise(void **state)
{
	static const struct {
		int (*fn)(struct vane_response *);
		int status;
		bool whole;
		const char *length, *body;
	} rows[] = {
		{ keep_promise, 200, true, "3", "abc" },
		{ promise_twice, 200, true, "3", "abc" },
		{ take_promise_back, 200, true, "3", "abc" },
		{ write_more, 500, true, NULL, NULL },
		{ write_more_after_flush, 200, false, "3", "abc" },
		{ write_less, 200, false, "3", "ab" },
		{ promise_too_late, 500, true, NULL, NULL },
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_answer(&probe, rows[i].fn);
		assert_int_equal(probe.got.status, rows[i].status);
		assert_int_equal(probe.got.whole, rows[i].whole);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		if (rows[i].length != NULL)
			assert_string_equal(
				probe_field(&probe, "Content-Length"), rows[i].length);
		if (rows[i].fn == write_less)
			assert_non_null(
				strstr(probe.log, "1 bytes less than Content-Length"));
		probe_fini(&probe);
	}
}

static int write_204(struct vane_response *res)
{
	vane_response_set_status(res, 204);
	return vane_response_puts(res, "dropped");
}

static int flush_304(struct vane_response *res)
{
	vane_response_set_status(res, 304);
	vane_response_puts(res, "dropped");
	vane_response_flush(res);
	return vane_response_puts(res, "too");
}

static int change_from_204(struct vane_response *res)
{
	vane_response_set_status(res, 204);
	vane_response_puts(res, "kept");
	return vane_response_set_status(res, 200);
}

static void some_statuses_have_no_body(void **state)
{
	struct probe probe;

	probe_answer(&probe, write_204);
	assert_int_equal(probe.got.status, 204);
	assert_true(probe.got.whole);
	assert_int_equal(probe.got.body_len, 0);
	assert_string_equal(probe.got.fields, "");
	probe_fini(&probe);
	probe_answer(&probe, flush_304);
	assert_int_equal(probe.got.status, 304);
	assert_true(probe.got.whole);
	assert_int_equal(probe.got.body_len, 0);
	probe_fini(&probe);
	probe_answer(&probe, change_from_204);
	assert_string_equal(probe.got.body, "kept");
	probe_fini(&probe);
}

static int redirect(struct vane_response *res)
{
	return vane_response_redirect(res, 303, "/a b?c=\"d\"&e=\xc3\xa4\r\nX: y#z%20");
}

static int redirect_with_200(struct vane_response *res)
{
	assert_int_equal(vane_response_redirect(res, 200, "/"), -EINVAL);
	return 0;
}

static void redirects_cannot_break_out_of_their_field(void **state)
{
	struct probe probe;

	probe_answer(&probe, redirect);
	assert_int_equal(probe.got.status, 303);
	assert_string_equal(probe_field(&probe, "Location"),
		"/a%20b?c=%22d%22&e=%C3%A4%0D%0AX:%20y#z%20");
	assert_null(probe_field(&probe, "X"));
	probe_fini(&probe);
	probe_answer(&probe, redirect_with_200);
	assert_int_equal(probe.got.status, 500);
	probe_fini(&probe);
}

static int set_cookies(struct vane_response *res)
{
	struct vane_cookie a = { .name = "a", .value = "1" };
	struct vane_cookie b = {
		.name = "b", .value = "2", .http_only = true, .secure = true
	};

	vane_response_set_cookie(res, &a);
	return vane_response_set_cookie(res, &b);
}

static int bad_cookie(struct vane_response *res)
{
	struct vane_cookie bad = { .name = "a", .value = "1; b=2" };

	assert_int_equal(vane_response_set_cookie(res, &bad), -EINVAL);
	return 0;
}

static void each_cookie_has_a_field_of_its_own(void **state)
{
	struct probe probe;
	char buf[100];

	probe_answer(&probe, set_cookies);
	assert_memory_equal(
		vane_test_response_field(&probe.got, "set-cookie", 0, buf, 100), "a=1", 3);
	assert_memory_equal(
		vane_test_response_field(&probe.got, "set-cookie", 1, buf, 100), "b=2", 3);
	assert_null(vane_test_response_field(&probe.got, "set-cookie", 2, buf, 100));
	probe_fini(&probe);
	probe_answer(&probe, bad_cookie);
	assert_int_equal(probe.got.status, 500);
	probe_fini(&probe);
}

static int clear_cookies(struct vane_response *res)
{
	static const struct vane_cookie session = { .name = "a",
		.value = "not; looked; at",
		.path = "/app",
		.domain = "example.org",
		.max_age_sec = 60,
		.expires = 5,
		.http_only = true };

	vane_response_clear_cookie(res, &session);
	vane_response_clear_cookie(res, &(struct vane_cookie) { .name = "__Host-b" });
	return vane_response_clear_cookie(res, &(struct vane_cookie) { .name = "c" });
}

static int clear_nothing(struct vane_response *res)
{
	assert_int_equal(
		vane_response_clear_cookie(res, &(struct vane_cookie) { 0 }), -EINVAL);
	return 0;
}

static void a_cookie_is_cleared_where_it_was_set(void **state)
{
#define GONE "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; "
	static const char *const fields[] = {
		"a=; Domain=example.org; " GONE "Path=/app; HttpOnly",
		"__Host-b=; " GONE "Path=/; Secure",
		"c=; " GONE "Path=/",
	};
	struct probe probe;
	char buf[200];
	size_t i;

	probe_answer(&probe, clear_cookies);
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		assert_string_equal(vane_test_response_field(
					    &probe.got, "set-cookie", i, buf, sizeof(buf)),
			fields[i]);
	probe_fini(&probe);
	assert_int_equal(probe_answer(&probe, clear_nothing), 500);
	assert_non_null(strstr(probe.log, "vane_response_clear_cookie(): NULL"));
	probe_fini(&probe);
}

static int validate(struct vane_response *res)
{
	int rc = vane_response_set_validators(res, "\"v1\"", 784111777);

	return rc != 0 ? (rc < 0 ? rc : 0) : vane_response_puts(res, "body");
}

static int bad_etag(struct vane_response *res)
{
	assert_int_equal(vane_response_set_validators(res, "unquoted", -1), -EINVAL);
	return 0;
}

static void preconditions_are_evaluated(void **state)
{
	static const struct {
		const char *method, *field, *second;
		int status;
	} rows[] = {
		{ "GET", NULL, NULL, 200 },
		{ "GET", "If-None-Match: \"v1\"", NULL, 304 },
		{ "HEAD", "If-None-Match: \"v0\", W/\"v1\"", NULL, 304 },
		{ "GET", "If-None-Match: \"v0\"", "If-None-Match: \"v1\"", 304 },
		{ "GET", "If-None-Match: \"v0\"", NULL, 200 },
		{ "PUT", "If-None-Match: \"v1\"", NULL, 412 },
		{ "PUT", "If-Match: \"v0\"", NULL, 412 },
		{ "PUT", "If-Match: \"v1\"", NULL, 200 },
		{ "GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", NULL, 304 },
		{ "GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", NULL, 200 },
		{ "PUT", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", NULL, 412 },
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_test_request request = { .method = rows[i].method,
			.fields = FIELDS(rows[i].field, rows[i].second) };

		probe_init_answer(&probe, validate);
		assert_int_equal(probe_run(&probe, &request), rows[i].status);
		assert_string_equal(probe_field(&probe, "ETag"), "\"v1\"");
		assert_string_equal(probe_field(&probe, "Last-Modified"),
			"Sun, 06 Nov 1994 08:49:37 GMT");
		if (rows[i].status != 200)
			assert_int_equal(probe.got.body_len, 0);
		probe_fini(&probe);
	}
	probe_answer(&probe, bad_etag);
	assert_int_equal(probe.got.status, 500);
	probe_fini(&probe);
}

static int be_raw(struct vane_response *res)
{
	vane_response_puts(res, "not ");
	assert_int_equal(vane_response_set_raw(res, 200), -ENOTSUP);
	return vane_response_puts(res, "raw");
}

static void nothing_changes_where_a_response_cannot_be_raw(void **state)
{
	struct probe probe;

	probe_answer(&probe, be_raw);
	assert_int_equal(probe.got.status, 200);
	assert_string_equal(probe.got.body, "not raw");
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_added_set_and_removed),
		cmocka_unit_test(a_body_has_a_type_and_a_length),
		cmocka_unit_test(fields_that_could_break_the_head_are_refused),
		cmocka_unit_test(what_a_head_cannot_have_is_named),
		cmocka_unit_test(who_changes_a_head_that_has_left_is_told_so),
		cmocka_unit_test(a_status_is_one_of_a_final_response),
		cmocka_unit_test(a_content_length_is_a_promise),
		cmocka_unit_test(some_statuses_have_no_body),
		cmocka_unit_test(redirects_cannot_break_out_of_their_field),
		cmocka_unit_test(each_cookie_has_a_field_of_its_own),
		cmocka_unit_test(a_cookie_is_cleared_where_it_was_set),
		cmocka_unit_test(preconditions_are_evaluated),
		cmocka_unit_test(nothing_changes_where_a_response_cannot_be_raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
