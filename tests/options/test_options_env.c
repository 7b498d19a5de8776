/* SPDX-License-Identifier: MIT */
/*
 * test_options_env.c - lib/options/options_env.c, other defaults, and values of more kinds: dates,
 * real numbers, lists.
 */
#define _GNU_SOURCE
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <vane/log.h>

#include "options.h"
#include "slice.h"
#include "support/locale.h"

static struct {
	int64_t port, depth, since, wait;
	bool debug;
	double rate;
	const char *title;
	struct vane_option_list names;
	char order[64];
} values;

static int see(void *data, const char *value, const char **why)
{
	strcat(values.order, data);
	return strcmp(value, "bad") == 0 ? -EINVAL : 0;
}

static char mark[] = "m", config[] = "c";

static const struct vane_option options[] = {
	{ .name = "port", .integer = &values.port, .max = 65535, .limit = true },
	{ .name = "max_depth", .integer = &values.depth },
	{ .name = "debug", .boolean = &values.debug },
	{ .name = "title", .text = &values.title },
	{ .name = "since", .date = &values.since },
	{ .name = "rate", .real = &values.rate, .min = -1, .max = 10 },
	{ .name = "names", .list = &values.names },
	{ .name = "wait", .msec = &values.wait },
	{ .name = "mark", .set = see, .data = mark },
	{ .name = "config", .set = see, .data = config },
};

static int define_all(void **state)
{
	size_t i;

	memset(&values, 0, sizeof(values));
	values.port = 8888;
	values.rate = 0.5;
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (vane_option_define(&options[i]) != 0)
			return -1;
	return 0;
}

static int forget_all(void **state)
{
	size_t i;
	static const char *const names[] = { "T_PORT", "T_MAX_DEPTH", "T_DEBUG", "T_TITLE",
		"T_MARK", "T_CONFIG", "T_PROT" };

	for (i = 0; i < ARRAY_SIZE(names); i++)
		unsetenv(names[i]);
	vane_options_reset();
	return 0;
}

static int parse_words(const char *word)
{
	char name[] = "x", copy[100], *argv[] = { name, copy, NULL };
	int rest;

	snprintf(copy, sizeof(copy), "%s", word);
	return vane_options_parse(2, argv, &rest);
}

static void variables_give_options_and_words_override(void **state)
{
	setenv("T_PORT", "81", 1);
	setenv("T_MAX_DEPTH", "-3", 1);
	setenv("T_DEBUG", "yes", 1);
	setenv("T_TITLE", "", 1);
	assert_int_equal(vane_options_parse_env("T"), 0);
	setenv("T_TITLE", "changed later", 1);
	assert_int_equal(values.port, 81);
	assert_int_equal(values.depth, -3);
	assert_true(values.debug);
	assert_string_equal(values.title, "");
	assert_true(vane_option_given("port"));
	assert_false(vane_option_given("wait"));
	assert_int_equal(vane_options_parse_env("U"), 0); /* none of those */
	assert_int_equal(values.port, 81);
	assert_int_equal(parse_words("--port=82"), 0);
	assert_int_equal(values.port, 82);
}

static void the_configuration_comes_before_the_other_variables(void **state)
{
	setenv("T_MARK", "x", 1);
	setenv("T_CONFIG", "x", 1);
	assert_int_equal(vane_options_parse_env("T"), 0);
	assert_string_equal(values.order, "cm");
}

static void a_variable_that_cannot_be_read_is_an_error(void **state)
{
	setenv("T_PORT", "many", 1);
	assert_int_equal(vane_options_parse_env("T"), -EINVAL);
	setenv("T_PORT", "1", 1);
	setenv("T_MARK", "bad", 1);
	assert_int_equal(vane_options_parse_env("T"), -EINVAL);
}

/* What a client sends as a field reaches CGI programs as HTTP_NAME. */
static void no_client_gives_options(void **state)
{
	setenv("HTTP_PORT", "1", 1);
	assert_int_equal(vane_options_parse_env("HTTP"), -EINVAL);
	assert_int_equal(vane_options_parse_env("HTTP_X"), -EINVAL);
	assert_int_equal(vane_options_parse_env(""), -EINVAL);
	assert_int_equal(vane_options_parse_env(NULL), -EINVAL);
	assert_int_equal(values.port, 8888);
	unsetenv("HTTP_PORT");
}

static char lines[512];

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	snprintf(lines, sizeof(lines), "%s", line);
}

static void a_default_can_be_another_one(void **state)
{
	char text[2048];
	FILE *out = fmemopen(text, sizeof(text), "w");

	vane_log_set_function(keep_line, NULL);
	assert_int_equal(vane_option_set_default("port", "9000"), 0);
	assert_int_equal(vane_option_set_default("title", "Shop"), 0);
	assert_int_equal(vane_option_set_default("prot", "1"), -ENOENT);
	assert_string_equal(lines, "default of --prot: there is no such option");
	assert_int_equal(vane_option_set_default("port", "70000"), -EINVAL);
	assert_non_null(strstr(lines, "default of --port: '70000' is not"));
	vane_log_set_function(NULL, NULL);
	assert_int_equal(values.port, 9000);
	assert_false(vane_option_given("port"));
	vane_options_help(out, "usage: x");
	fclose(out);
	assert_non_null(strstr(text, "--port=9000"));
	assert_non_null(strstr(text, "--title=Shop"));
	assert_int_equal(parse_words("--port=0"), 0); /* the default, as ever */
	assert_int_equal(values.port, 9000);
}

static void dates_are_read_as_the_clock_has_them(void **state)
{
	static const struct {
		const char *text;
		int64_t when; /* -1: none */
	} rows[] = {
		{ "1970-01-02Z", 86400 },
		{ "1970-01-01 00:01Z", 60 },
		{ "1970-01-01T00:00:07Z", 7 },
		{ "20000101Z", 946684800 },
		{ "20000101 00:00:01Z", 946684801 },
		{ "2000-01-01", 946684800 - 3600 }, /* in a zone that is ahead */
		{ "2000-02-30", -1 },
		{ "2000-13-01", -1 },
		{ "2000-01-01 25:00", -1 },
		{ "yesterday", -1 },
		{ "", -1 },
		{ "2000-01-01 00:00:00 and more", -1 },
	};
	size_t i;

	setenv("TZ", "CET-1", 1);
	tzset();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char word[64];

		snprintf(word, sizeof(word), "--since=%s", rows[i].text);
		values.since = -1;
		assert_int_equal(parse_words(word), rows[i].when < 0 ? -EINVAL : 0);
		assert_int_equal(values.since, rows[i].when);
	}
	unsetenv("TZ");
	tzset();
}

static void real_numbers_are_read_in_any_locale(void **state)
{
	static const struct {
		const char *text;
		int rc;
		double value;
	} rows[] = {
		{ "1.5", 0, 1.5 },
		{ "-0.25", 0, -0.25 },
		{ "1e1", 0, 10 },
		{ "10.5", -EINVAL, 0 },
		{ "1,5", -EINVAL, 0 },
		{ "nan", -EINVAL, 0 },
		{ "inf", -EINVAL, 0 },
		{ "0x1p2", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "1.5.", -EINVAL, 0 },
	};
	size_t i;

	if (!locale_set_comma())
		skip();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char word[64];

		snprintf(word, sizeof(word), "--rate=%s", rows[i].text);
		values.rate = 7;
		assert_int_equal(parse_words(word), rows[i].rc);
		assert_true(values.rate == (rows[i].rc == 0 ? rows[i].value : 7));
	}
	locale_reset();
}

static void a_list_is_given_as_a_whole(void **state)
{
	assert_int_equal(parse_words("--names=a, b ,c"), 0);
	assert_int_equal(values.names.count, 3);
	assert_string_equal(values.names.items[0], "a");
	assert_string_equal(values.names.items[1], "b");
	assert_string_equal(values.names.items[2], "c");
	assert_int_equal(parse_words("--names=d"), 0);
	assert_int_equal(values.names.count, 1);
	assert_string_equal(values.names.items[0], "d");
	assert_int_equal(parse_words("--names="), 0);
	assert_int_equal(values.names.count, 0);
}

int main(void)
{
#define WITH_OPTIONS(test) cmocka_unit_test_setup_teardown(test, define_all, forget_all)
	static const struct CMUnitTest tests[] = {
		WITH_OPTIONS(variables_give_options_and_words_override),
		WITH_OPTIONS(the_configuration_comes_before_the_other_variables),
		WITH_OPTIONS(a_variable_that_cannot_be_read_is_an_error),
		WITH_OPTIONS(no_client_gives_options),
		WITH_OPTIONS(a_default_can_be_another_one),
		WITH_OPTIONS(dates_are_read_as_the_clock_has_them),
		WITH_OPTIONS(real_numbers_are_read_in_any_locale),
		WITH_OPTIONS(a_list_is_given_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
