/* SPDX-License-Identifier: MIT */
/*
 * option_limits.c - the rule for limits and times in the options of a program.
 */
#include "option_limits.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vane/options.h>

#include "options.h"

static char said[512];

/* Run fn with standard error going to said. */
static int listen_to(int (*fn)(const char *text), const char *text)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO), rc;

	assert_non_null(file);
	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	rc = fn(text);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
	fclose(file);
	return rc;
}

static int as_word(const char *text)
{
	char word[128];
	const char *const words[] = { "x", word };
	int rest;

	snprintf(word, sizeof(word), "--%s", text);
	return vane_options_parse(2, (char *const *) words, &rest);
}

static int as_line(const char *text)
{
	char path[] = "/tmp/vane-limits-XXXXXX";
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	assert_true(dprintf(fd, "%s\n", text) > 0);
	rc = vane_options_parse_file(path);
	close(fd);
	unlink(path);
	return rc;
}

static int give(const struct option_limit *row, const char *value, int (*way)(const char *))
{
	char text[128];

	snprintf(text, sizeof(text), "%s=%s", row->name, value);
	return listen_to(way, text);
}

static int64_t come_to(
	const struct option_limits *limits, const struct option_target *target)
{
	const char *made = limits->get(target->kind);
	int64_t value;

	memcpy(&value, made + target->at, sizeof(value));
	return value;
}

/* With that value, NULL being none at all, each target has what is wanted; NULL: its default. */
static void expect(const struct option_limits *limits, const struct option_limit *row,
	const char *value, const int64_t *want, int (*way)(const char *))
{
	const struct option_target *target;

	limits->define();
	if (value != NULL && give(row, value, way) != 0)
		fail_msg("%s=%s: %s", row->name, value, said);
	for (target = row->targets; target->kind != 0; target++) {
		int64_t there = come_to(limits, target);
		int64_t wanted = want != NULL ? *want : target->otherwise;

		if (there != wanted)
			fail_msg("%s=%s: %s is %lld, not %lld", row->name,
				value != NULL ? value : "(not given)", target->name,
				(long long) there, (long long) wanted);
	}
	limits->forget();
}

static void expect_refusal(const struct option_limits *limits,
	const struct option_limit *row, const char *value)
{
	int rc;

	limits->define();
	rc = give(row, value, as_word);
	if (rc != -EINVAL || strstr(said, row->name) == NULL ||
		strstr(said, "is below 0; for no limit say none") == NULL)
		fail_msg("%s=%s: %d, and it says \"%s\"", row->name, value, rc, said);
	limits->forget();
}

void option_limits_check(const struct option_limits *limits)
{
	static int (*const ways[])(const char *) = { as_word, as_line };
	const int64_t none = VANE_NO_LIMIT;
	size_t i, k;

	for (i = 0; i < limits->count; i++) {
		const struct option_limit *row = &limits->rows[i];

		assert_true(row->targets[0].kind != 0);
		expect(limits, row, NULL, NULL, as_word);
		for (k = 0; k < 2; k++) {
			expect(limits, row, "0", NULL, ways[k]);
			expect(limits, row, row->text, &row->value, ways[k]);
			expect(limits, row, "none", &none, ways[k]);
		}
		expect_refusal(limits, row, "-1");
		expect_refusal(limits, row, "-2");
	}
}

static bool is_row(const struct option_limits *limits, const char *name)
{
	size_t i;

	for (i = 0; i < limits->count; i++)
		if (strcmp(limits->rows[i].name, name) == 0)
			return true;
	return false;
}

static bool is_other(const struct option_limits *limits, const char *name)
{
	const char *const *other;

	for (other = limits->others; *other != NULL; other++)
		if (strcmp(*other, name) == 0)
			return true;
	return false;
}

void option_limits_check_all_known(const struct option_limits *limits)
{
	const struct vane__options *options;
	size_t i;

	limits->define();
	options = vane__options();
	for (i = 0; i < options->count; i++) {
		const struct vane_option *def = &options->items[i].def;

		if (vane__option_number(def) == NULL)
			continue;
		if (def->limit != is_row(limits, def->name) ||
			def->limit == is_other(limits, def->name))
			fail_msg("--%s is a number, and in no table of this test",
				def->name);
	}
	limits->forget();
}
