/* SPDX-License-Identifier: MIT */
/*
 * test_args.c - lib/core/args.c, request_form.c, request_cookies.c: arguments, forms, parts, cookies
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

#define FORM      "Content-Type: application/x-www-form-urlencoded"
#define MULTIPART "Content-Type: multipart/form-data; boundary=b"

static const char *or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

static int answer_args(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%s %s/%s/%s %s/%s %s error=%d",
		or_dash(vane_request_arg(req, "a")),
		or_dash(vane_request_query_arg(req, "a", 0)),
		or_dash(vane_request_query_arg(req, "a", 1)),
		or_dash(vane_request_query_arg(req, "a", 2)),
		or_dash(vane_request_form_arg(req, "a", 0)),
		or_dash(vane_request_form_arg(req, "a", 1)),
		vane_request_arg_or(req, "none", "default"), vane_request_form_error(req));
}

static const struct vane_handler args_handler = { .get = answer_args, .post = answer_args };
static const struct vane_route routes[] = {
	{ "/path/{a}", &args_handler },
	{ "/{rest:.*}", &args_handler },
	{ 0 },
};

static const struct {
	const char *target, *type, *body, *answer;
} rows[] = {
	{ "/", NULL, NULL, "- -/-/- -/- default error=0" },
	{ "/?a=1&a=2&b=3", NULL, NULL, "2 1/2/- -/- default error=0" },
	{ "/?a=%41+b&none=x", NULL, NULL, "A b A b/-/- -/- x error=0" },
	{ "/?a", NULL, NULL, " /-/- -/- default error=0" },
	{ "/path/p?a=1", FORM, "a=2", "p 1/-/- 2/- default error=0" },
	{ "/?a=1", FORM, "a=2&a=3", "3 1/-/- 2/3 default error=0" },
	{ "/?a=1&a=4", FORM, "b=2", "4 1/4/- -/- default error=0" },
	{ "/", FORM, "a=2&a=3", "3 -/-/- 2/3 default error=0" },
	{ "/", FORM "; charset=utf-8", "a=2", "2 -/-/- 2/- default error=0" },
	{ "/", "content-type: Application/X-WWW-Form-Urlencoded", "a=2",
		"2 -/-/- 2/- default error=0" },
	{ "/", "Content-Type: text/plain", "a=2", "- -/-/- -/- default error=0" },
	{ "/", NULL, "a=2", "- -/-/- -/- default error=0" },
	{ "/", FORM, "a=1&b=%00", "- -/-/- -/- default error=-22" },
	{ "/", FORM, "a=1&b&c&d&e&f", "- -/-/- -/- default error=-90" },
	{ "/", MULTIPART,
		"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
		"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--b--\r\n",
		"2 -/-/- 1/2 default error=0" },
	{ "/", "Content-Type: multipart/form-data", "--b\r\n",
		"- -/-/- -/- default error=-22" },
	{ "/", MULTIPART, "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n",
		"- -/-/- -/- default error=-22" },
	{ "/", MULTIPART, "", "- -/-/- -/- default error=-22" },
	{ "/", MULTIPART,
		"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
		"--b\r\nContent-Disposition: form-data; name=b\r\n\r\n\r\n"
		"--b\r\nContent-Disposition: form-data; name=c\r\n\r\n\r\n--b--\r\n",
		"- -/-/- -/- default error=-90" },
};

static void arguments_come_from_path_query_and_form(void **state)
{
	static const struct vane_app_opts opts = { .max_args = 5, .max_parts = 2 };
	struct probe probe;
	size_t i, wrong = 0;

	probe_init_routes(&probe, routes, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_test_request request = { .target = rows[i].target,
			.fields = FIELDS(rows[i].type),
			.body = rows[i].body };

		if (rows[i].body != NULL) {
			request.method = "POST";
			request.body_len = strlen(rows[i].body);
		}
		assert_int_equal(probe_run(&probe, &request), 200);
		if (strcmp(probe.got.body, rows[i].answer) == 0)
			continue;
		print_error("row %zu: %s\nnot    %s\n", i, probe.got.body, rows[i].answer);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	probe_fini(&probe);
}

static int answer_uploads(struct vane_request *req, struct vane_response *res)
{
	const struct vane_part *up;
	size_t i;

	for (i = 0; (up = vane_request_upload(req, NULL, i)) != NULL; i++)
		vane_response_printf(res, "%s %s %s %zu %c\n", up->name, up->filename,
			up->content_type, up->body.len, up->body.data[up->body.len - 1]);
	up = vane_request_upload(req, "f", 1);
	return vane_response_printf(res, "second f: %s, text: %s, file as text: %s",
		up != NULL ? up->filename : "-", or_dash(vane_request_arg(req, "text")),
		or_dash(vane_request_arg(req, "f")));
}

#define PART(head, body)                                                                   \
	"--b\r\nContent-Disposition: form-data; " head "\r\n\r\n" body "\r\n"

static void files_of_a_form_are_uploads(void **state)
{
	static const struct vane_handler handler = { .post = answer_uploads };
	static const char body[] =
		PART("name=f; filename=\"../1\"\r\nContent-Type: image/png", "one")
			PART("name=text", "words") PART("name=g; filename=2", "t\0wo")
				PART("name=f; filename=3", "three")
					PART("name=h; filename=4", "4")
						PART("name=h; filename=5", "5") "--b--\r\n";
	struct vane_test_request request = { .method = "POST",
		.fields = FIELDS(MULTIPART),
		.body = body,
		.body_len = sizeof(body) - 1,
		.piece = 7 };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_string_equal(probe.got.body,
		"f ../1 image/png 3 e\ng 2  4 o\nf 3  5 e\nh 4  1 4\nh 5  1 5\n"
		"second f: 3, text: words, file as text: -");
	probe_fini(&probe);
}

static int answer_parts(struct vane_request *req, struct vane_response *res)
{
	const struct vane_part *part;
	size_t i;

	for (i = 0; (part = vane_request_part(req, NULL, i)) != NULL; i++)
		vane_response_printf(res, "%s %s (%s) %.*s\n", part->name,
			or_dash(part->filename), part->content_type, (int) part->body.len,
			part->body.data);
	part = vane_request_part(req, "f", 1);
	vane_response_printf(res, "second f: %s\n", part != NULL ? part->filename : "-");
	assert_null(vane_request_part(req, "nothing", 0));
	return 0;
}

static void parts_of_a_form_are_fields_and_files_in_their_order(void **state)
{
	static const struct vane_handler handler = { .post = answer_parts };
	static const char body[] = PART("name=f", "one")
		PART("name=json\r\nContent-Type: application/json; charset=utf-8", "{}")
			PART("name=f; filename=a.txt\r\nContent-Type: text/plain", "two")
				PART("name=g; filename=\"\"", "") "--b--\r\n";
	struct vane_test_request request = { .method = "POST",
		.fields = FIELDS(MULTIPART),
		.body = body,
		.body_len = sizeof(body) - 1 };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_string_equal(probe.got.body,
		"f - () one\njson - (application/json; charset=utf-8) {}\n"
		"f a.txt (text/plain) two\ng  () \nsecond f: a.txt\n");
	request.fields = FIELDS(FORM);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_string_equal(probe.got.body, "second f: -\n");
	probe_fini(&probe);
}

static int answer_all(struct vane_request *req, struct vane_response *res)
{
	const char *name, *value;
	size_t i;

	for (i = 0; vane_request_path_arg_at(req, i, &name, &value); i++)
		vane_response_printf(res, "path %s=%s,", name, value);
	for (i = 0; vane_request_query_arg_at(req, i, &name, &value); i++)
		vane_response_printf(res, "query %s=%s,", name, value);
	for (i = 0; vane_request_form_arg_at(req, i, &name, &value); i++)
		vane_response_printf(res, "form %s=%s,", name, value);
	for (i = 0; vane_request_cookie_at(req, i, &name, &value); i++)
		vane_response_printf(res, "cookie %s=%s,", name, value);
	return 0;
}

static void all_arguments_and_cookies_are_there_in_their_order(void **state)
{
	static const struct vane_handler handler = { .get = answer_all,
		.post = answer_all };
	static const struct vane_route all[] = { { "/{x}/{y}", &handler },
		{ "/", &handler }, { 0 } };
	struct vane_test_request request = { .method = "POST",
		.target = "/1/2?b=1&a=%20&b",
		.fields = FIELDS(FORM, "Cookie: k=1; j=2", "Cookie: k=\"3\"; bad"),
		.body = "c=1&a=2&c=3",
		.body_len = 11 };
	struct probe probe;

	probe_init_routes(&probe, all, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_string_equal(probe.got.body,
		"path x=1,path y=2,query b=1,query a= ,query b=,form c=1,form a=2,form c=3,"
		"cookie k=1,cookie j=2,cookie k=3,");
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "");
	probe_fini(&probe);
}

static int answer_cookies(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%s %s %s %s/%s",
		or_dash(vane_request_cookie(req, "a")),
		or_dash(vane_request_cookie(req, "b")),
		or_dash(vane_request_cookie(req, "A")),
		or_dash(vane_request_cookie_value(req, "a", 1)),
		or_dash(vane_request_cookie_value(req, "a", 2)));
}

static void cookies_are_found_in_any_of_their_fields(void **state)
{
	static const struct vane_handler handler = { .get = answer_cookies };
	struct vane_test_request request = { .fields = FIELDS("Cookie: a=1; x=2",
						     "Cookie: b=3; a=4") };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_string_equal(probe.got.body, "1 3 - 4/-");
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "- - - -/-");
	probe_fini(&probe);
}

static int answer_arg(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, vane_request_arg_or(req, "a", "-"));
}

static int answer_arg_later(struct vane_request *req, struct vane_response *res)
{
	answer_arg(req, res);
	return vane_response_finish(res);
}

/* Parts of a form: text and a file of those lengths. */
static struct vane_slice multipart_of(char *buf, size_t text, size_t file)
{
	size_t at = (size_t) sprintf(
		buf, "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n");

	memset(buf + at, 't', text);
	at += text;
	at += (size_t) sprintf(buf + at,
		"\r\n--b\r\nContent-Disposition: form-data; name=b; filename=f\r\n\r\n");
	memset(buf + at, 'f', file);
	at += file;
	at += (size_t) sprintf(buf + at, "\r\n--b--\r\n");
	return (struct vane_slice) { buf, at };
}

static int post_form(struct probe *probe, const char *type, const char *body, size_t len)
{
	const struct vane_test_request request = {
		.method = "POST", .fields = FIELDS(type), .body = body, .body_len = len
	};

	return probe_run(probe, &request);
}

/* A file is none of it: that is not copied. */
static void a_form_above_its_limit_is_413(void **state)
{
	static const struct vane_handler handlers[] = {
		{ .post = answer_arg },
		{ .post = answer_arg_later },
	};
	static const struct vane_app_opts opts = { .max_form_bytes = 1000 };
	static char body[200000];
	struct vane_slice parts;
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(handlers); i++) {
		probe_init(&probe, &handlers[i], NULL, &opts);
		memset(body, 'x', 1001);
		memcpy(body, "a=", 2);
		assert_int_equal(post_form(&probe, FORM, body, 1000), 200);
		assert_int_equal(probe.got.body_len, 998);
		assert_int_equal(post_form(&probe, FORM, body, 1001), 413);
		parts = multipart_of(body, 990, 100000);
		assert_int_equal(post_form(&probe, MULTIPART, parts.data, parts.len), 200);
		assert_int_equal(probe.got.body_len, 990);
		parts = multipart_of(body, 1000, 100000);
		assert_int_equal(post_form(&probe, MULTIPART, parts.data, parts.len), 413);
		assert_non_null(strstr(probe.log, "the form is above --max-form-size"));
		probe_fini(&probe);
	}
}

/* Not even for a handler that wants another argument, or finishes later. */
static void arguments_that_cannot_be_read_are_400(void **state)
{
	static const struct vane_handler handlers[] = {
		{ .get = answer_arg, .post = answer_arg },
		{ .get = answer_arg_later, .post = answer_arg_later },
	};
	static const struct {
		const char *target, *type, *body;
		int status;
	} form[] = {
		{ "/?a=1", FORM, "b=2", 200 },
		{ "/?a=1&b=%00", FORM, "", 400 },
		{ "/?a=1&%00=b", FORM, "", 400 },
		{ "/?a&b&c&d&e&f", FORM, "", 414 },
		{ "/", FORM, "a=1&b=%00", 400 },
		{ "/", FORM, "a&b&c&d&e&f", 413 },
		{ "/", MULTIPART, "--b\r\n", 400 },
		{ "/", "Content-Type: multipart/form-data", "", 400 },
		/* also if the other has what is asked for */
		{ "/?a=1", FORM, "a=1&b=%00", 400 },
		{ "/?b=%00", FORM, "a=1", 400 },
	};
	static const char with_nul[] =
		"--b\r\nContent-Disposition: form-data; name=b\r\n\r\n"
		"x\0y\r\n--b--\r\n";
	static const struct vane_app_opts opts = { .max_args = 5 };
	struct probe probe;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(handlers); i++) {
		probe_init(&probe, &handlers[i], NULL, &opts);
		for (k = 0; k < ARRAY_SIZE(form); k++) {
			const struct vane_test_request request = { .method = "POST",
				.target = form[k].target,
				.fields = FIELDS(form[k].type),
				.body = form[k].body,
				.body_len = strlen(form[k].body) };

			assert_int_equal(probe_run(&probe, &request), form[k].status);
		}
		assert_int_equal(
			post_form(&probe, MULTIPART, with_nul, sizeof(with_nul) - 1), 400);
		assert_non_null(
			strstr(probe.log, "400 POST /?a=1&b=%00 (127.0.0.1): a NUL in the "
					  "query, in argument b"));
		probe_fini(&probe);
	}
}

static int never(struct vane_request *req, struct vane_response *res)
{
	fail();
	return 0;
}

static int ask_early(struct vane_request *req, struct vane_response *res)
{
	assert_null(vane_request_query_arg(req, "a", 0));
	return 0;
}

static int ask_in_data(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	return ask_early(req, res);
}

static int ask_in_filter(struct vane_request *req, struct vane_response *res, void *data)
{
	return ask_early(req, res);
}

/* Whoever has asked is the last to be called. */
static void nobody_is_called_after_arguments_that_cannot_be_read(void **state)
{
	static const struct vane_handler prepares = { .prepare = ask_early, .post = never },
					 takes = { .data = ask_in_data, .post = never },
					 behind = { .prepare = never, .post = never };
	static const struct vane_filter_type asks = { .before = ask_in_filter },
					     follows = { .before = ask_in_filter };
	static const struct vane_filter filters[] = { VANE_FILTER(&asks, NULL),
		VANE_FILTER(&follows, NULL), VANE_FILTER_END };
	static const struct vane_route inner[] = { VANE_ROUTE("/c", &behind), VANE_END };
	static const struct vane_route all[] = { VANE_ROUTE("/a", &prepares),
		VANE_ROUTE("/b", &takes), VANE_GROUP("/d", filters, inner), VANE_END };
	static const char *const targets[] = { "/a?x=1&y=%00", "/b?x=1&y=%00",
		"/d/c?x=1&y=%00" };
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		const struct vane_test_request request = {
			.method = "POST", .target = targets[i], .body = "x", .body_len = 1
		};

		probe_init_routes(&probe, all, NULL);
		assert_int_equal(probe_run(&probe, &request), 400);
		assert_non_null(strstr(probe.log, "a NUL in the query, in argument y"));
		probe_fini(&probe);
	}
}

static int answer_query_error(struct vane_request *req, struct vane_response *res)
{
	assert_null(vane_request_query_arg(req, "a", 0));
	return vane_response_printf(res, "%d", vane_request_query_error(req));
}

static int look_first(struct vane_request *req, struct vane_response *res)
{
	vane_request_query_error(req);
	return 0;
}

static void a_handler_may_answer_a_query_that_cannot_be_read(void **state)
{
	static const struct vane_handler handlers[] = { { .get = answer_query_error },
		{ .prepare = look_first, .get = answer_query_error } };
	static const struct vane_app_opts opts = { .max_args = 2 };
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(handlers); i++) {
		probe_init(&probe, &handlers[i], NULL, &opts);
		assert_int_equal(probe_get(&probe, "/?b=1"), 200);
		assert_string_equal(probe.got.body, "0");
		assert_int_equal(probe_get(&probe, "/?a=%00"), 200);
		assert_string_equal(probe.got.body, "-22");
		assert_int_equal(probe_get(&probe, "/?a&b&c"), 200);
		assert_string_equal(probe.got.body, "-90");
		probe_fini(&probe);
	}
}

/* What is wrong with a form, and where, in the log. */
static void the_log_says_what_of_a_form_cannot_be_read(void **state)
{
	static const struct {
		const char *type, *body, *says;
	} bad[] = {
		{ FORM, "a=1&&b=2&c=x%00y", "a NUL in the form, in argument c" },
		{ FORM, "a=1&x%00=2", "a NUL in the form, in argument x%00" },
		{ FORM, "a&b&c&d&e&f", "more than 5 arguments in the form" },
		{ FORM,
			"a=12345678901234567890123456789012345678901234567890"
			"12345678901234567890123456789012345678901234567890",
			"the form is above --max-form-size, 100 bytes" },
		{ MULTIPART, PART("name=f", "x") "--b\r\nContent-",
			"the form is malformed, in part 2" },
		{ MULTIPART,
			PART("name=f", "x") PART("name=g", "") PART("name=h", "") "--b--",
			"more than 2 parts in the form" },
		{ "Content-Type: multipart/form-data", "",
			"the form's Content-Type does not say its boundary" },
	};
	static const struct vane_handler handler = { .post = answer_arg };
	static const struct vane_app_opts opts = {
		.max_args = 5, .max_parts = 2, .max_form_bytes = 100
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		probe_init(&probe, &handler, NULL, &opts);
		assert_int_not_equal(
			post_form(&probe, bad[i].type, bad[i].body, strlen(bad[i].body)),
			200);
		if (strstr(probe.log, bad[i].says) == NULL)
			fail_msg("%s\nnot %s", probe.log, bad[i].says);
		probe_fini(&probe);
	}
}

static int ask_too_late(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "begun");
	vane_response_flush(res);
	assert_null(vane_request_arg(req, "a"));
	return 0;
}

static void who_asks_for_them_too_late_has_it_in_the_log(void **state)
{
	static const struct vane_handler handler = { .get = ask_too_late };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/?a=%00"), 200);
	assert_string_equal(probe.got.body, "begun");
	assert_non_null(
		strstr(probe.log, "200 GET /?a=%00 (127.0.0.1): a NUL in the query"));
	probe_fini(&probe);
}

static void a_handler_may_answer_a_form_above_its_limit(void **state)
{
	static const struct vane_handler handler = { .post = answer_args };
	static const struct vane_app_opts opts = { .max_form_bytes = 10 };
	struct probe probe;

	probe_init(&probe, &handler, NULL, &opts);
	assert_int_equal(post_form(&probe, FORM, "a=123456789", 11), 200);
	assert_non_null(strstr(probe.got.body, "error=-90"));
	probe_fini(&probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_come_from_path_query_and_form),
		cmocka_unit_test(files_of_a_form_are_uploads),
		cmocka_unit_test(parts_of_a_form_are_fields_and_files_in_their_order),
		cmocka_unit_test(all_arguments_and_cookies_are_there_in_their_order),
		cmocka_unit_test(cookies_are_found_in_any_of_their_fields),
		cmocka_unit_test(a_form_above_its_limit_is_413),
		cmocka_unit_test(arguments_that_cannot_be_read_are_400),
		cmocka_unit_test(nobody_is_called_after_arguments_that_cannot_be_read),
		cmocka_unit_test(a_handler_may_answer_a_query_that_cannot_be_read),
		cmocka_unit_test(the_log_says_what_of_a_form_cannot_be_read),
		cmocka_unit_test(who_asks_for_them_too_late_has_it_in_the_log),
		cmocka_unit_test(a_handler_may_answer_a_form_above_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
