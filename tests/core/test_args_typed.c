/* SPDX-License-Identifier: MIT */
/*
 * test_args_typed.c - lib/core/args_typed.c: numbers, truth values and text in arguments
 */
#include "test.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/locale.h"
#include "support/probe.h"

#define FORM "Content-Type: application/x-www-form-urlencoded"

static int answer_int(struct vane_request *req, struct vane_response *res)
{
	int64_t optional = -1, required = -2;
	int rc = vane_request_int_arg(req, "o", -10, 1000, &optional);

	if (rc == 0)
		rc = vane_request_require_int(req, "r", INT64_MIN, INT64_MAX, &required);
	return rc != 0 ? rc
		       : vane_response_printf(res, "%lld %lld", (long long) optional,
				 (long long) required);
}

static int answer_double(struct vane_request *req, struct vane_response *res)
{
	double optional = -1, required = -2;
	int rc = vane_request_double_arg(req, "o", -0.5, 1e6, &optional);

	if (rc == 0)
		rc = vane_request_require_double(req, "r", -INFINITY, INFINITY, &required);
	return rc != 0 ? rc
		       : vane_response_printf(res, "%d %d", (int) (optional * 1000),
				 (int) (required * 1000));
}

static int answer_bool(struct vane_request *req, struct vane_response *res)
{
	bool optional = true, required = false;
	int rc = vane_request_bool_arg(req, "o", &optional);

	if (rc == 0)
		rc = vane_request_require_bool(req, "r", &required);
	return rc != 0 ? rc : vane_response_printf(res, "%d %d", optional, required);
}

static int answer_text(struct vane_request *req, struct vane_response *res)
{
	const char *optional = "-", *required = "-";
	int rc = vane_request_text_arg(req, "o", 2, 4, &optional);

	if (rc == 0)
		rc = vane_request_require_text(req, "r", 0, SIZE_MAX, &required);
	return rc != 0 ? rc : vane_response_printf(res, "(%s) (%s)", optional, required);
}

static const struct vane_route routes[] = {
	VANE_ANY("/int", answer_int),
	VANE_ANY("/double", answer_double),
	VANE_ANY("/bool", answer_bool),
	VANE_ANY("/text", answer_text),
	VANE_ANY("/path/{r}", answer_int),
	VANE_END,
};

/* The answer, or the reason of a 400. */
static const struct {
	const char *target, *answer;
} rows[] = {
	{ "/int?r=5", "-1 5" },
	{ "/int?r=5&o=7", "7 5" },
	{ "/int?r=5&o=", "-1 5" },
	{ "/int?r=5&o=+", "-1 5" },
	{ "/int?r=5&o=1&o=2", "2 5" },
	{ "/int?r=-5", "-1 -5" },
	{ "/int?r=007", "-1 7" },
	{ "/int?r=-0", "-1 0" },
	{ "/int?r=%205%0A", "-1 5" },
	{ "/int?r=+5", "-1 5" }, /* "+" is a blank */
	{ "/int?r=9223372036854775807", "-1 9223372036854775807" },
	{ "/int?r=-9223372036854775808", "-1 -9223372036854775808" },
	{ "/int?r=5&o=-10", "-10 5" },
	{ "/int?r=5&o=1000", "1000 5" },
	{ "/int?r=5&o=-11",
		"argument o is wrong: a whole number from -10 to 1000 is wanted" },
	{ "/int?r=5&o=1001",
		"argument o is wrong: a whole number from -10 to 1000 is wanted" },
	{ "/int?o=5", "argument r is missing: a whole number is wanted" },
	{ "/int?r=", "argument r is missing: a whole number is wanted" },
	{ "/int?r", "argument r is missing: a whole number is wanted" },
	{ "/int?r=%2B5", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=-", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=--5", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=-%205", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=5x", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=5.0", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=1e3", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=0x10", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=1,000", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=%D9%A5", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=9223372036854775808", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=-9223372036854775809", "argument r is wrong: a whole number is wanted" },
	{ "/int?r=99999999999999999999999",
		"argument r is wrong: a whole number is wanted" },
	{ "/path/5", "-1 5" },
	{ "/path/5?r=6", "-1 5" },
	{ "/path/x", "argument r is wrong: a whole number is wanted" },

	{ "/double?r=5", "-1000 5000" },
	{ "/double?r=-1.5&o=.25", "250 -1500" },
	{ "/double?r=1e2&o=25E-2", "250 100000" },
	{ "/double?r=1e%2B2", "-1000 100000" },
	{ "/double?r=+1.5+", "-1000 1500" },
	{ "/double?r=1e-999", "-1000 0" },
	{ "/double?r=1&o=-.5", "-500 1000" },
	{ "/double?r=1&o=-.51",
		"argument o is wrong: a number from -0.5 to 1000000 is wanted" },
	{ "/double?r=1&o=1e7",
		"argument o is wrong: a number from -0.5 to 1000000 is wanted" },
	{ "/double", "argument r is missing: a number is wanted" },
	{ "/double?r=1e999", "argument r is wrong: a number is wanted" },
	{ "/double?r=-1e999", "argument r is wrong: a number is wanted" },
	{ "/double?r=inf", "argument r is wrong: a number is wanted" },
	{ "/double?r=nan", "argument r is wrong: a number is wanted" },
	{ "/double?r=0x10", "argument r is wrong: a number is wanted" },
	{ "/double?r=1,5", "argument r is wrong: a number is wanted" },
	{ "/double?r=5.", "argument r is wrong: a number is wanted" },
	{ "/double?r=.", "argument r is wrong: a number is wanted" },
	{ "/double?r=e5", "argument r is wrong: a number is wanted" },
	{ "/double?r=5e", "argument r is wrong: a number is wanted" },
	{ "/double?r=1.5x", "argument r is wrong: a number is wanted" },
	{ "/double?r=%2B1", "argument r is wrong: a number is wanted" },

	{ "/bool?r=1", "1 1" },
	{ "/bool?r=true&o=false", "0 1" },
	{ "/bool?r=YES&o=No", "0 1" },
	{ "/bool?r=on&o=OFF", "0 1" },
	{ "/bool?r=0&o=", "1 0" },
	{ "/bool?r=+on+&o", "1 1" },
	{ "/bool?r=2", "argument r is wrong: true or false is wanted" },
	{ "/bool?r=t", "argument r is wrong: true or false is wanted" },
	{ "/bool?r", "argument r is missing: true or false is wanted" },

	{ "/text?r=abc", "(-) (abc)" },
	{ "/text?r=+a+b%0D%0A", "(-) (a b)" },
	{ "/text?r=", "(-) ()" },
	{ "/text?r=&o=+", "(-) ()" },
	{ "/text?r=a%0D%0Ab%09c", "(-) (a\r\nb\tc)" },
	{ "/text?r=1&o=%C3%A9%C3%A9%C3%A9%C3%A9",
		"(\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9) (1)" },
	{ "/text?r=1&o=+a+", "argument o is wrong: text of 2 to 4 characters is wanted" },
	{ "/text?r=1&o=abcde", "argument o is wrong: text of 2 to 4 characters is wanted" },
	{ "/text?r=%FF", "argument r is wrong: text in UTF-8 is wanted" },
	{ "/text?r=%C3", "argument r is wrong: text in UTF-8 is wanted" },
	{ "/text?r=a%01b",
		"argument r is wrong: text without control characters is wanted" },
	{ "/text?r=a%7F",
		"argument r is wrong: text without control characters is wanted" },
	{ "/text?o=ab", "argument r is missing: text of at least 0 characters is wanted" },
};

static size_t run_rows(struct probe *probe)
{
	size_t i, wrong = 0;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *answer = rows[i].answer;
		bool bad = strncmp(answer, "argument", 8) == 0;
		int status = probe_get(probe, rows[i].target);
		bool as_said = bad ? strstr(probe->got.body, answer) != NULL
				   : strcmp(probe->got.body, answer) == 0;

		if (status == (bad ? 400 : 200) && as_said)
			continue;
		print_error("%s: %d %s\nnot %s\n", rows[i].target, status, probe->got.body,
			answer);
		wrong++;
	}
	return wrong;
}

static void an_argument_is_read_or_400_says_what_is_wanted(void **state)
{
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	assert_int_equal(run_rows(&probe), 0);
	assert_non_null(strstr(probe.log, "argument o is wrong"));
	probe_fini(&probe);
}

static void the_locale_has_no_say(void **state)
{
	struct probe probe;

	if (!locale_set_comma())
		skip();
	probe_init_routes(&probe, routes, NULL);
	assert_int_equal(run_rows(&probe), 0);
	probe_fini(&probe);
	locale_reset();
}

static void who_would_rather_have_json_is_told_as_well(void **state)
{
	const struct vane_test_request request = { .target = "/int?r=%22x",
		.fields = FIELDS("Accept: application/json") };
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	assert_int_equal(probe_run(&probe, &request), 400);
	assert_non_null(strstr(probe.got.body,
		"\"detail\":\"argument r is wrong: a whole number is wanted\""));
	probe_fini(&probe);
}

static int own_page(struct vane_request *req, struct vane_response *res, int status,
	const char *why, void *data)
{
	return vane_response_printf(res, "%d: %s", status, why != NULL ? why : "-");
}

static int just_400(struct vane_request *req, struct vane_response *res)
{
	return 400;
}

static void the_programs_own_page_is_given_the_reason(void **state)
{
	static const struct vane_route own[] = { VANE_GET("/int", answer_int),
		VANE_GET("/400", just_400), VANE_END };
	static const struct vane_app_opts opts = { .error_page = own_page };
	struct probe probe;

	probe_init_routes(&probe, own, &opts);
	assert_int_equal(probe_get(&probe, "/int?r=x"), 400);
	assert_string_equal(
		probe.got.body, "400: argument r is wrong: a whole number is wanted");
	/* others are for developers only, as before */
	assert_int_equal(probe_get(&probe, "/400"), 400);
	assert_string_equal(probe.got.body, "400: -");
	probe_fini(&probe);
}

static int by_name(struct vane_request *req, struct vane_response *res)
{
	int64_t n;

	return vane_request_require_int(req, vane_request_data(req), 0, 1, &n);
}

/* What a name holds that the program made from elsewhere is no HTML. */
static void the_reason_is_escaped(void **state)
{
	static char name[] = "<b>&";
	static const struct vane_handler handler = { .get = by_name };
	struct probe probe;

	probe_init(&probe, &handler, name, NULL);
	assert_int_equal(probe_get(&probe, "/"), 400);
	assert_non_null(strstr(probe.got.body, "argument &lt;b&gt;&amp; is missing"));
	assert_null(strstr(probe.got.body, "<b>"));
	probe_fini(&probe);
}

static int delete_all(struct vane_request *req, struct vane_response *res)
{
	int64_t id = 0;
	int rc = vane_request_int_arg(req, "id", 1, INT64_MAX, &id);

	if (rc != 0)
		return rc;
	fail(); /* with all that there is */
	return 0;
}

/* What cannot be read is not what is not there. */
static void a_handler_is_told_at_once_of_arguments_that_cannot_be_read(void **state)
{
	static const struct {
		const char *target, *body;
		int status;
		const char *says;
	} bad[] = {
		{ "/?id=5&x=%00", "a=1", 400, "a NUL in the query, in argument x" },
		{ "/?id=5&x&y", "a=1", 414, "more than 2 arguments in the query" },
		{ "/", "id=5&x=%00", 400, "a NUL in the form, in argument x" },
		{ "/", "id=5&x&y", 413, "more than 2 arguments in the form" },
	};
	static const struct vane_handler handler = { .post = delete_all };
	static const struct vane_app_opts opts = { .max_args = 2 };
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct vane_test_request request = { .method = "POST",
			.target = bad[i].target,
			.fields = FIELDS(FORM),
			.body = bad[i].body,
			.body_len = strlen(bad[i].body) };

		probe_init(&probe, &handler, NULL, &opts);
		assert_int_equal(probe_run(&probe, &request), bad[i].status);
		assert_non_null(strstr(probe.log, bad[i].says));
		probe_fini(&probe);
	}
}

static int answer_404(struct vane_request *req, struct vane_response *res)
{
	int64_t n = 3;
	int rc = vane_request_int_arg(req, "n", 1, 2, &n);

	assert_int_equal(n, 3);
	assert_int_equal(rc, 400);
	return 404;
}

static void a_handler_may_answer_something_else(void **state)
{
	static const struct vane_handler handler = { .get = answer_404 };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/?n=9"), 404);
	assert_null(strstr(probe.got.body, "argument n"));
	probe_fini(&probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_argument_is_read_or_400_says_what_is_wanted),
		cmocka_unit_test(the_locale_has_no_say),
		cmocka_unit_test(who_would_rather_have_json_is_told_as_well),
		cmocka_unit_test(the_programs_own_page_is_given_the_reason),
		cmocka_unit_test(the_reason_is_escaped),
		cmocka_unit_test(
			a_handler_is_told_at_once_of_arguments_that_cannot_be_read),
		cmocka_unit_test(a_handler_may_answer_something_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
