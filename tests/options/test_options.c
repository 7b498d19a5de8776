/* SPDX-License-Identifier: MIT */
/*
 * test_options.c - lib/options/options.c and its parts.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <vane/log.h>

#include "options.h"
#include "slice.h"

static struct {
	bool debug, cache;
	int64_t port, depth, wait, size;
	const char *mode, *title;
	char seen[128];
} values;

/* Takes anything but "bad"; "worse" it explains itself. */
static int see(void *data, const char *value, const char **why)
{
	char *seen = data;

	if (strcmp(value, "bad") == 0)
		*why = "is bad";
	if (strcmp(value, "bad") == 0 || strcmp(value, "worse") == 0)
		return -EINVAL;
	strcat(seen, value);
	strcat(seen, ";");
	return 0;
}

static const struct vane_option options[] = {
	{ .name = "port",
		.integer = &values.port,
		.max = 65535,
		.group = "serving",
		.help = "port" },
	{ .name = "mode",
		.text = &values.mode,
		.choices = "auto|http|cgi",
		.group = "serving" },
	{ .name = "listen",
		.set = see,
		.data = values.seen,
		.metavar = "ADDR",
		.group = "serving" },
	{ .name = "debug", .boolean = &values.debug },
	{ .name = "cache", .boolean = &values.cache },
	{ .name = "max_depth", .integer = &values.depth },
	{ .name = "idle-timeout",
		.msec = &values.wait,
		.group = "limits",
		.help = "how long" },
	{ .name = "max-body-size",
		.bytes = &values.size,
		.group = "limits",
		.min = 1024,
		.max = 1024 * 1024 },
	{ .name = "title", .text = &values.title, .help = "of pages" },
};

static int define_all(void **state)
{
	size_t i;

	memset(&values, 0, sizeof(values));
	values.port = 8888;
	values.mode = "auto";
	values.cache = true;
	values.wait = 3600 * 1000;
	values.size = 65536;
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (vane_option_define(&options[i]) != 0)
			return -1;
	return 0;
}

static int forget_all(void **state)
{
	vane_options_reset();
	return 0;
}

/* Run fn(data) with standard error going to text. */
static void with_stderr(void (*fn)(void *), void *data, char *text, size_t size)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t len;

	assert_non_null(file);
	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	fn(data);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	len = fread(text, 1, size - 1, file);
	text[len] = '\0';
	fclose(file);
}

struct command {
	const char *words[6];
	int rc, rest;
};

static void parse(void *data)
{
	struct command *command = data;
	int argc = 0;

	while (argc < 6 && command->words[argc] != NULL)
		argc++;
	command->rest = -1;
	command->rc =
		vane_options_parse(argc, (char *const *) command->words, &command->rest);
}

static void words_are_understood_in_all_their_forms(void **state)
{
	static const struct {
		const char *words[6];
		int rest;
		int64_t port;
		bool debug, cache;
	} rows[] = {
		{ { "/usr/bin/x" }, 1, 8888, false, true },
		{ { "x", "--port=80" }, 2, 80, false, true },
		{ { "x", "-port=80" }, 2, 80, false, true },
		{ { "x", "--port", "80" }, 3, 80, false, true },
		{ { "x", "--port=1", "--port=2" }, 3, 2, false, true },
		{ { "x", "--port=65535" }, 2, 65535, false, true },
		{ { "x", "--debug" }, 2, 8888, true, true },
		{ { "x", "--debug=1", "--cache=no" }, 3, 8888, true, false },
		{ { "x", "--debug=True", "--cache=OFF" }, 3, 8888, true, false },
		{ { "x", "--debug", "--debug=false" }, 3, 8888, false, true },
		{ { "x", "--debug", "true" }, 2, 8888, true, true },
		{ { "x", "file", "--debug" }, 1, 8888, false, true },
		{ { "x", "--", "--debug" }, 2, 8888, false, true },
		{ { "x", "-", "--debug" }, 1, 8888, false, true },
		{ { "x", "--port=1", "--" }, 3, 1, false, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct command command = { .rc = -1 };

		memcpy(command.words, rows[i].words, sizeof(command.words));
		parse(&command);
		assert_int_equal(command.rc, 0);
		assert_int_equal(command.rest, rows[i].rest);
		assert_int_equal(values.port, rows[i].port);
		assert_int_equal(values.debug, rows[i].debug);
		assert_int_equal(values.cache, rows[i].cache);
		forget_all(NULL);
		define_all(NULL);
	}
}

static void underscores_are_as_good_as_dashes(void **state)
{
	struct command command = { .words = { "x", "--max-depth=3", "--idle_timeout=5",
					   "-max_body_size=2k" } };

	parse(&command);
	assert_int_equal(command.rc, 0);
	assert_int_equal(values.depth, 3);
	assert_int_equal(values.wait, 5000);
	assert_int_equal(values.size, 2048);
	assert_true(vane_option_given("idle-timeout"));
	assert_true(vane_option_given("max-depth"));
	assert_false(vane_option_given("port"));
	assert_false(vane_option_given("no-such"));
}

static void callbacks_see_each_value(void **state)
{
	struct command command = { .words = { "x", "--listen", "a", "--listen=b",
					   "--listen=" } };

	parse(&command);
	assert_int_equal(command.rc, 0);
	assert_string_equal(values.seen, "a;b;;");
}

static void values_are_told_in_the_order_they_came(void **state)
{
	static const char *const expected[][2] = { { "listen", "b" }, { "max_depth", "2" },
		{ "debug", "true" }, { "listen", "a" } };
	struct command command = { .words = { "x", "--listen=b", "--max-depth", "2",
					   "-debug", "--listen=a" } };
	const char *name, *value;
	size_t i;

	parse(&command);
	assert_int_equal(command.rc, 0);
	for (i = 0; vane_option_value(i, &name, &value); i++) {
		assert_in_range(i, 0, ARRAY_SIZE(expected) - 1);
		assert_string_equal(name, expected[i][0]);
		assert_string_equal(value, expected[i][1]);
	}
	assert_int_equal(i, ARRAY_SIZE(expected));
}

static void mistakes_are_explained(void **state)
{
	static const struct {
		const char *words[6];
		const char *text;
	} rows[] = {
		{ { "/bin/x", "--port=80x" },
			"x: --port: '80x' is not a whole number from 0 to 65535\n" },
		{ { "x", "--port=65536" },
			"x: --port: '65536' is not a whole number from 0 to 65535\n" },
		{ { "x", "--port=-1" },
			"x: --port: '-1' is not a whole number from 0 to 65535\n" },
		{ { "x", "--port" }, "x: --port needs a value: --port=VALUE\n" },
		{ { "x", "--port", "--debug" }, "x: --port needs a value: --port=VALUE\n" },
		{ { "x", "--mode" }, "x: --mode needs a value: --mode=auto|http|cgi\n" },
		{ { "x", "--mode=http|cgi" },
			"x: --mode: 'http|cgi' is none of auto|http|cgi\n" },
		{ { "x", "--debug=maybe" }, "x: --debug: 'maybe' is neither true (yes, on, "
					    "1) nor false (no, off, 0)\n" },
		{ { "x", "--idle-timeout=5x" }, "x: --idle-timeout: '5x' is not a time "
						"(30, 1.5, 500ms, 2m, 1h)\n" },
		{ { "x", "--max_body_size=12" }, "x: --max-body-size: '12' is not a size "
						 "(4096, 64k, 100M) from 1k to 1M\n" },
		{ { "x", "--max-depth=9223372036854775808" },
			"x: --max_depth: '9223372036854775808' is not a whole number\n" },
		{ { "x", "--prot=80" },
			"x: unknown option --prot, did you mean --port?\n" },
		{ { "x", "--max_body_siez=1" }, "x: unknown option --max_body_siez, did "
						"you mean --max-body-size?\n" },
		{ { "x", "--idle=1" },
			"x: unknown option --idle, did you mean --idle-timeout?\n" },
		{ { "x", "--zebra" }, "x: unknown option --zebra, see --help for all\n" },
		{ { "x", "-z", "80" }, "x: unknown option -z, see --help for all\n" },
		{ { "x", "-prot=80" }, "x: unknown option -prot, did you mean --port?\n" },
		{ { "x", "--=1" }, "x: unknown option --, see --help for all\n" },
		{ { "x", "---port=1" },
			"x: unknown option ---port, did you mean --port?\n" },
		{ { "x", "--listen=bad" }, "x: --listen: 'bad' is bad\n" },
		{ { "x", "--listen=worse" }, "" },
	};
	char text[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct command command = { .rc = 0 };

		memcpy(command.words, rows[i].words, sizeof(command.words));
		with_stderr(parse, &command, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
		assert_int_equal(command.rc, -EINVAL);
		assert_int_equal(values.port, 8888);
	}
}

static void times_and_sizes_are_read(void **state)
{
	static const struct {
		struct vane_slice text;
		int msec_rc;
		int64_t msec;
		int bytes_rc;
		int64_t bytes;
	} rows[] = {
		{ SLICE_INIT("0"), 0, 0, 0, 0 },
		{ SLICE_INIT("30"), 0, 30000, 0, 30 },
		{ SLICE_INIT("1.5"), 0, 1500, -EINVAL, 0 },
		{ SLICE_INIT("1.5m"), 0, 90000, -EINVAL, 0 },
		{ SLICE_INIT("0.0001"), 0, 1, -EINVAL, 0 },
		{ SLICE_INIT("500ms"), 0, 500, -EINVAL, 0 },
		{ SLICE_INIT("2m"), 0, 120000, 0, 2 << 20 },
		{ SLICE_INIT("2M"), 0, 120000, 0, 2 << 20 },
		{ SLICE_INIT("1h"), 0, 3600000, -EINVAL, 0 },
		{ SLICE_INIT("1h30m"), 0, 5400000, -EINVAL, 0 },
		{ SLICE_INIT("1h0.5m1s1ms"), 0, 3631001, -EINVAL, 0 },
		{ SLICE_INIT("1min"), 0, 60000, -EINVAL, 0 },
		{ SLICE_INIT("2w"), 0, 14 * 86400000LL, -EINVAL, 0 },
		{ SLICE_INIT("1h30"), -EINVAL, 0, -EINVAL, 0 },
		{ SLICE_INIT("1h m"), -EINVAL, 0, -EINVAL, 0 },
		{ SLICE_INIT("9223372036854775807ms1ms"), -ERANGE, 0, -EINVAL, 0 },
		{ SLICE_INIT("1d"), 0, 86400000, -EINVAL, 0 },
		{ SLICE_INIT("64k"), -EINVAL, 0, 0, 65536 },
		{ SLICE_INIT("1G"), -EINVAL, 0, 0, INT64_C(1) << 30 },
		{ SLICE_INIT(""), -EINVAL, 0, -EINVAL, 0 },
		{ SLICE_INIT("m"), -EINVAL, 0, -EINVAL, 0 },
		{ SLICE_INIT("."), -EINVAL, 0, -EINVAL, 0 },
		{ SLICE_INIT("1."), -EINVAL, 0, -EINVAL, 0 },
		{ SLICE_INIT(".5"), -EINVAL, 0, -EINVAL, 0 },
		{ SLICE_INIT("-1"), -EINVAL, 0, -EINVAL, 0 },
		{ SLICE_INIT("1 m"), -EINVAL, 0, -EINVAL, 0 },
		{ SLICE_INIT("9223372036854775807"), -ERANGE, 0, 0, INT64_MAX },
		{ SLICE_INIT("9223372036854775807G"), -EINVAL, 0, -ERANGE, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t n = 0;

		assert_int_equal(vane__value_msec(rows[i].text, &n), rows[i].msec_rc);
		assert_int_equal(n, rows[i].msec);
		n = 0;
		assert_int_equal(vane__value_bytes(rows[i].text, &n), rows[i].bytes_rc);
		assert_int_equal(n, rows[i].bytes);
	}
}

static void what_is_written_is_read_back(void **state)
{
	static const int64_t numbers[] = { 0, 1, 999, 1000, 1024, 1500, 60000, 65536, 90000,
		3600000, 104857600, INT64_C(3) << 40, 86400000 };
	char buf[VANE__VALUE_SIZE];
	int64_t n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		vane__value_put_msec(buf, numbers[i]);
		assert_int_equal(vane__value_msec(vane__slice(buf), &n), 0);
		assert_int_equal(n, numbers[i]);
		vane__value_put_bytes(buf, numbers[i]);
		assert_int_equal(vane__value_bytes(vane__slice(buf), &n), 0);
		assert_int_equal(n, numbers[i]);
	}
	assert_string_equal(vane__value_put_msec(buf, 3600000), "1h");
	assert_string_equal(vane__value_put_bytes(buf, 104857600), "100M");
}

static void distance_counts_swaps_as_one(void **state)
{
	static const struct {
		struct vane_slice a, b;
		size_t distance;
	} rows[] = {
		{ SLICE_INIT("port"), SLICE_INIT("port"), 0 },
		{ SLICE_INIT("prot"), SLICE_INIT("port"), 1 },
		{ SLICE_INIT("por"), SLICE_INIT("port"), 1 },
		{ SLICE_INIT("ports"), SLICE_INIT("port"), 1 },
		{ SLICE_INIT("poet"), SLICE_INIT("port"), 1 },
		{ SLICE_INIT(""), SLICE_INIT("ab"), 2 },
		{ SLICE_INIT("kitten"), SLICE_INIT("sitting"), 3 },
		{ SLICE_INIT("abcdef"), SLICE_INIT("uvwxyz"), 4 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(
			vane__value_distance(rows[i].a, rows[i].b, 3), rows[i].distance);
}

static void drop_line(enum vane_log_level level, const char *line, void *data)
{
	strcat(data, line);
}

static void names_are_taken_once(void **state)
{
	static const struct vane_option twice = { .name = "MODE",
		.boolean = &values.debug };
	static const struct vane_option taken = { .name = "max-depth",
		.boolean = &values.debug };
	static const struct vane_option two = {
		.name = "two", .boolean = &values.debug, .integer = &values.port
	};
	static const struct vane_option none = { .name = "none" };
	static const struct vane_option unnamed = { .boolean = &values.debug };
	char lines[512] = "";

	vane_log_set_function(drop_line, lines);
	assert_int_equal(vane_option_define(&taken), -EEXIST);
	assert_non_null(strstr(lines, "--max-depth"));
	assert_int_equal(vane_option_define(&two), -EINVAL);
	assert_int_equal(vane_option_define(&none), -EINVAL);
	assert_int_equal(vane_option_define(&unnamed), -EINVAL);
	assert_int_equal(vane_option_define(&twice), 0); /* case matters */
	vane_log_set_function(NULL, NULL);
}

static void a_table_is_defined_up_to_its_end_or_to_what_fails(void **state)
{
	static const struct vane_option table[] = {
		{ .name = "first", .boolean = &values.debug },
		{ .name = "second", .boolean = &values.debug },
		VANE_OPTION_END,
		{ .name = "behind-the-end", .boolean = &values.debug },
	};
	char lines[512] = "";

	assert_int_equal(vane_options_define(table), 0);
	vane_log_set_function(drop_line, lines);
	assert_int_equal(vane_option_define(&table[0]), -EEXIST);
	assert_int_equal(vane_option_define(&table[1]), -EEXIST);
	assert_int_equal(vane_option_define(&table[3]), 0);
	assert_int_equal(vane_options_define(table), -EEXIST);
	vane_log_set_function(NULL, NULL);
}

struct file {
	const char *path;
	int rc;
};

static void parse_file(void *data)
{
	struct file *file = data;

	file->rc = vane_options_parse_file(file->path);
}

/* Parse text as a file; messages have the path replaced by "F". */
static int parse_text(const char *text, size_t len, char *messages, size_t size)
{
	char path[] = "/tmp/vane-options-XXXXXX", all[1024];
	struct file file = { path, 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	with_stderr(parse_file, &file, all, sizeof(all));
	unlink(path);
	if (strncmp(all, path, strlen(path)) == 0)
		snprintf(messages, size, "F%.200s", all + strlen(path));
	else
		snprintf(messages, size, "%.200s", all);
	return file.rc;
}

static void files_are_read(void **state)
{
	static const char text[] = "# a comment\n\n  port = 80\r\nmax-depth=4 # why\n"
				   "title = \"a # b\"\nlisten = x\nlisten = y#z\nmode=http";
	struct command command = { .words = { "x", "--port=81" } };
	char messages[128];

	assert_int_equal(parse_text(text, sizeof(text) - 1, messages, sizeof(messages)), 0);
	assert_string_equal(messages, "");
	assert_int_equal(values.port, 80);
	assert_int_equal(values.depth, 4);
	assert_string_equal(values.title, "a # b");
	assert_string_equal(values.seen, "x;y#z;");
	assert_string_equal(values.mode, "http");
	parse(&command);
	assert_int_equal(values.port, 81); /* what comes later overrides */
}

static void mistakes_in_files_name_the_line(void **state)
{
	static const struct {
		struct vane_slice text;
		const char *message;
	} rows[] = {
		{ SLICE_INIT("port = x\n"),
			"F:1: port: 'x' is not a whole number from 0 to 65535\n" },
		{ SLICE_INIT("\n\nprot = 1\n"),
			"F:3: unknown option prot, did you mean port?\n" },
		{ SLICE_INIT("debug\n"), "F:1: expected name = value\n" },
		{ SLICE_INIT("= 1\n"), "F:1: expected name = value\n" },
		{ SLICE_INIT("title = a\0b\n"), "F:1: expected name = value\n" },
	};
	char messages[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(parse_text(rows[i].text.data, rows[i].text.len, messages,
					 sizeof(messages)),
			-EINVAL);
		assert_string_equal(messages, rows[i].message);
	}
}

static void a_file_that_is_not_there_is_named(void **state)
{
	struct file file = { "/nonexistent/vane.conf", 0 };
	char messages[256];

	with_stderr(parse_file, &file, messages, sizeof(messages));
	assert_int_equal(file.rc, -ENOENT);
	assert_string_equal(messages,
		"cannot read /nonexistent/vane.conf: No such file or directory\n");
}

static void help_shows_groups_and_defaults(void **state)
{
	static const char expected[] =
		"usage: x\n"
		" serving     --port=8888                port\n"
		"             --mode=auto                auto|http|cgi\n"
		"             --listen=ADDR\n"
		" application --debug\n"
		"             --cache=true\n"
		"             --max-depth=0\n"
		"             --title=VALUE              of pages\n"
		" limits      --idle-timeout=1h          how long\n"
		"             --max-body-size=64k\n";
	struct command command = { .words = { "x", "--port=1", "--cache=no" } };
	char text[2048];
	FILE *out = fmemopen(text, sizeof(text), "w");

	parse(&command); /* does not change what help says */
	vane_options_help(out, "usage: x");
	fclose(out);
	assert_string_equal(text, expected);
}

/* Wherever a text can be parted; what cannot goes on a line of its own. */
static void help_stays_within_80_columns(void **state)
{
	static const char *text;
	static const struct vane_option wide[] = {
		{ .name = "long",
			.text = &text,
			.group = "g",
			.help = "exactly as much as there is room for now, and some more "
				"of "
				"it to see a second line and a third one" },
		{ .name = "fits",
			.text = &text,
			.group = "g",
			.help = "exactly as much as there is room for now" },
		{ .name = "pick",
			.text = &text,
			.group = "g",
			.help = "one",
			.choices = "nginx|apache|mod_fcgid|lighttpd|caddy|supervisor|"
				   "systemd" },
		{ .name = "with-a-name-that-is-long",
			.text = &text,
			.group = "g",
			.metavar = "AND-VALUE",
			.help = "below" },
		{ .name = "whole",
			.text = &text,
			.group = "g",
			.help = "/a/path/of/more/than/forty/characters/without/blanks" },
	};
	static const char expected[] =
		"usage: x\n"
		" g           --long=VALUE               "
		"exactly as much as there is room for\n"
		"                                        "
		"now, and some more of it to see a second\n"
		"                                        "
		"line and a third one\n"
		"             --fits=VALUE               "
		"exactly as much as there is room for now\n"
		"             --pick=VALUE               "
		"one: nginx|apache|mod_fcgid|lighttpd|\n"
		"                                        "
		"caddy|supervisor|systemd\n"
		"             --with-a-name-that-is-long=AND-VALUE\n"
		"                                        below\n"
		"             --whole=VALUE              "
		"/a/path/of/more/than/forty/characters/without/blanks\n";
	char got[2048];
	FILE *out = fmemopen(got, sizeof(got), "w");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wide); i++)
		assert_int_equal(vane_option_define(&wide[i]), 0);
	vane_options_help(out, "usage: x");
	fclose(out);
	assert_string_equal(got, expected);
}

/* Standard output, to which help goes, is that of the test. */
static void programs_without_an_option_for_it_have_help_all_the_same(void **state)
{
	static const char *const words[] = { "-h", "--help", "-help" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		struct command command = { .words = {
						   "x", "--port=1", words[i], "--bad" } };

		parse(&command);
		assert_int_equal(command.rc, 1);
	}
}

static void a_short_word_asks_for_help(void **state)
{
	static bool help;
	static const struct vane_option option = { .name = "help", .boolean = &help };
	struct command command = { .words = { "x", "-h" } };

	assert_int_equal(vane_option_define(&option), 0);
	parse(&command);
	assert_int_equal(command.rc, 0);
	assert_true(help);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			words_are_understood_in_all_their_forms, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			underscores_are_as_good_as_dashes, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			callbacks_see_each_value, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			values_are_told_in_the_order_they_came, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			mistakes_are_explained, define_all, forget_all),
		cmocka_unit_test(times_and_sizes_are_read),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(distance_counts_swaps_as_one),
		cmocka_unit_test_setup_teardown(
			names_are_taken_once, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			a_table_is_defined_up_to_its_end_or_to_what_fails, NULL,
			forget_all),
		cmocka_unit_test_setup_teardown(files_are_read, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			mistakes_in_files_name_the_line, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			a_file_that_is_not_there_is_named, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			help_shows_groups_and_defaults, define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			help_stays_within_80_columns, NULL, forget_all),
		cmocka_unit_test_setup_teardown(
			programs_without_an_option_for_it_have_help_all_the_same,
			define_all, forget_all),
		cmocka_unit_test_setup_teardown(
			a_short_word_asks_for_help, define_all, forget_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
