/* SPDX-License-Identifier: MIT */
/*
 * test_option_limits.c - lib/options/options_number.c: options that are limits, where 0 is the
 * default and "none" no limit.
 */
#include "test.h"

#include <stdio.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/options.h>

#include "base.h"

static struct {
	int64_t wait, size, count, free, own, plain;
} values;

static char messages[512], logged[1024];

static int define_all(void **state)
{
	const struct vane_option options[] = {
		{ .name = "wait", .msec = &values.wait, .limit = true },
		{ .name = "size",
			.bytes = &values.size,
			.limit = true,
			.min = 1024,
			.max = 1024 * 1024 },
		{ .name = "count",
			.integer = &values.count,
			.limit = true,
			.min = 1,
			.max = 9 },
		{ .name = "free", .integer = &values.free, .limit = true },
		{ .name = "own", .msec = &values.own, .limit = true },
		{ .name = "plain", .integer = &values.plain, .min = -5, .max = 5 },
	};
	size_t i;

	(void) state;
	values.wait = 60 * 1000;
	values.size = 65536;
	values.count = 4;
	values.free = VANE_NO_LIMIT;
	values.own = 0;
	values.plain = 1;
	logged[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (vane_option_define(&options[i]) != 0)
			return -1;
	return 0;
}

static int forget_all(void **state)
{
	(void) state;
	vane_options_reset();
	return 0;
}

/* Give options; what is said on standard error is in messages. */
static int give(const char *first, const char *second)
{
	const char *const words[] = { "x", first, second };
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO), rc, rest;

	assert_non_null(file);
	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	rc = vane_options_parse(second != NULL ? 3 : 2, (char *const *) words, &rest);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	messages[fread(messages, 1, sizeof(messages) - 1, file)] = '\0';
	fclose(file);
	return rc;
}

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	size_t len = strlen(logged);

	(void) data;
	assert_int_equal(level, VANE_LOG_WARNING);
	snprintf(logged + len, sizeof(logged) - len, "%s\n", line);
}

static void log_zeros(void)
{
	vane_log_set_function(keep_line, NULL);
	vane_options_log_zeros(VANE_LOG_WARNING);
	vane_log_set_function(NULL, NULL);
}

static void none_is_no_limit_and_zero_the_default(void **state)
{
	static const struct {
		const char *first, *second;
		const int64_t *value;
		int64_t want;
		bool given;
		const char *logged;
	} rows[] = {
		{ "--wait=1ms", NULL, &values.wait, 1, true, "" },
		{ "--wait=none", NULL, &values.wait, VANE_NO_LIMIT, true, "" },
		{ "--wait=0", NULL, &values.wait, 60000, false,
			"--wait=0 is the default, 1m; for no limit say none\n" },
		{ "--wait=0ms", "--wait=0", &values.wait, 60000, false,
			"--wait=0 is the default, 1m; for no limit say none\n" },
		{ "--wait=5", "--wait=0", &values.wait, 60000, false,
			"--wait=0 is the default, 1m; for no limit say none\n" },
		{ "--wait=0", "--wait=5", &values.wait, 5000, true, "" },
		{ "--wait=none", "--wait=5", &values.wait, 5000, true, "" },
		{ "--size=1k", NULL, &values.size, 1024, true, "" },
		{ "--size=none", NULL, &values.size, VANE_NO_LIMIT, true, "" },
		{ "--size=0", NULL, &values.size, 65536, false,
			"--size=0 is the default, 64k; for no limit say none\n" },
		{ "--count=9", NULL, &values.count, 9, true, "" },
		{ "--count=none", NULL, &values.count, VANE_NO_LIMIT, true, "" },
		{ "--count=0", NULL, &values.count, 4, false,
			"--count=0 is the default, 4; for no limit say none\n" },
		{ "--free=8", NULL, &values.free, 8, true, "" },
		{ "--free=none", NULL, &values.free, VANE_NO_LIMIT, true, "" },
		{ "--free=0", NULL, &values.free, VANE_NO_LIMIT, false, "" },
		{ "--own=8", NULL, &values.own, 8000, true, "" },
		{ "--own=none", NULL, &values.own, VANE_NO_LIMIT, true, "" },
		{ "--own=0", NULL, &values.own, 0, false,
			"--own=0 is the default; for no limit say none\n" },
		{ "--plain=0", NULL, &values.plain, 0, true, "" },
		{ "--plain=-5", NULL, &values.plain, -5, true, "" },
	};
	char name[16];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		forget_all(state);
		define_all(state);
		assert_int_equal(give(rows[i].first, rows[i].second), 0);
		assert_int_equal(*rows[i].value, rows[i].want);
		snprintf(name, sizeof(name), "%.*s", (int) strcspn(rows[i].first + 2, "="),
			rows[i].first + 2);
		assert_true(vane_option_given(name) == rows[i].given);
		log_zeros();
		assert_string_equal(logged, rows[i].logged);
	}
}

static void what_is_no_limit_is_explained(void **state)
{
	static const struct {
		const char *word, *message;
	} rows[] = {
		{ "--wait=-1", "x: --wait: '-1' is below 0; for no limit say none\n" },
		{ "--size=-2", "x: --size: '-2' is below 0; for no limit say none\n" },
		{ "--count=-1", "x: --count: '-1' is below 0; for no limit say none\n" },
		{ "--wait=never", "x: --wait: 'never' is not a time (30, 1.5, 500ms, 2m, "
				  "1h) or none\n" },
		{ "--wait=None", "x: --wait: 'None' is not a time (30, 1.5, 500ms, 2m, 1h) "
				 "or none\n" },
		{ "--size=1", "x: --size: '1' is not a size (4096, 64k, 100M) from 1k to "
			      "1M or none\n" },
		{ "--count=10",
			"x: --count: '10' is not a whole number from 1 to 9 or none\n" },
		{ "--plain=none",
			"x: --plain: 'none' is not a whole number from -5 to 5\n" },
	};
	size_t i;

	(void) state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(give(rows[i].word, NULL), -EINVAL);
		assert_string_equal(messages, rows[i].message);
	}
	assert_int_equal(values.wait, 60000);
}

static void help_says_where_none_may_stand(void **state)
{
	static const char expected[] = "usage: x\n"
				       " application --wait=1m|none\n"
				       "             --size=64k|none\n"
				       "             --count=4|none\n"
				       "             --free=none\n"
				       "             --own=TIME|none\n"
				       "             --plain=1\n";
	char text[1024];
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void) state;
	assert_int_equal(give("--wait=none", "--size=0"), 0); /* changes nothing */
	vane_options_help(out, "usage: x");
	fclose(out);
	assert_string_equal(text, expected);
}

static void only_numbers_are_limits(void **state)
{
	const char *text = NULL;

	(void) state;
	assert_int_equal(vane_option_define(&(struct vane_option) {
				 .name = "text", .text = &text, .limit = true }),
		-EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			none_is_no_limit_and_zero_the_default, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			what_is_no_limit_is_explained, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			help_says_where_none_may_stand, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			only_numbers_are_limits, define_all, forget_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
