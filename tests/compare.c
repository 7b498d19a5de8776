/* SPDX-License-Identifier: MIT */
/*
 * compare.c - what differs between two answers, and between an answer and its row.
 */
#include "compare.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/pattern.h"

static void report(difference_fn fn, void *data, enum differs what, const char *name,
	const char *fmt, ...) VANE_PRINTF(5, 6);

static void report(difference_fn fn, void *data, enum differs what, const char *name,
	const char *fmt, ...)
{
	struct difference difference = { .what = what };
	va_list args;

	snprintf(difference.name, sizeof(difference.name), "%s", name);
	va_start(args, fmt);
	vsnprintf(difference.detail, sizeof(difference.detail), fmt, args);
	va_end(args);
	fn(&difference, data);
}

const char *differs_name(enum differs what)
{
	static const char *const names[] = { "status", "field", "line", "body", "whole",
		"error" };

	return names[what];
}

static const char *or_none(const char *value)
{
	return value == NULL ? "(none)" : value;
}

static bool seen_before(const struct answer *answer, size_t i)
{
	return answer_field(answer, answer->fields[i].name, 0) != answer->fields[i].value;
}

static bool counts_body(const char *length, const struct answer *answer)
{
	return length != NULL && strtoul(length, NULL, 10) == answer->body_len;
}

/* All values of a field must be the same in both, in the same order. */
static void compare_field(const struct answer *reference, const struct answer *got,
	const char *name, difference_fn fn, void *data)
{
	const char *one, *other;

	for (size_t i = 0;; i++) {
		one = answer_field(reference, name, i);
		other = answer_field(got, name, i);
		if (one == other) /* both have no more */
			return;
		/* Where the body is another, so is its length: one difference is enough. */
		if (strcmp(name, "content-length") == 0 && counts_body(one, reference) &&
			counts_body(other, got))
			return;
		if (one == NULL || other == NULL || strcmp(one, other) != 0) {
			report(fn, data, DIFFERS_FIELD, name, "\"%s\" became \"%s\"",
				or_none(one), or_none(other));
			return;
		}
	}
}

static void compare_fields(const struct answer *reference, const struct answer *got,
	difference_fn fn, void *data)
{
	for (size_t i = 0; i < reference->field_count; i++) {
		if (!seen_before(reference, i))
			compare_field(reference, got, reference->fields[i].name, fn, data);
	}
	for (size_t i = 0; i < got->field_count; i++) {
		if (!seen_before(got, i) &&
			answer_field(reference, got->fields[i].name, 0) == NULL)
			compare_field(reference, got, got->fields[i].name, fn, data);
	}
}

/* The line of text that begins with the same name; NULL if there is none. */
static const char *find_line(const char *text, const char *line, size_t name_len)
{
	for (; text != NULL && *text != '\0'; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (strncmp(text, line, name_len) == 0)
			return text;
	}
	return NULL;
}

static int line_len(const char *line)
{
	return line == NULL ? 6 : (int) strcspn(line, "\n");
}

/* Lines of one that differ in, or lack from, the other. */
static void compare_lines(
	const char *one, const char *other, bool lacking_only, difference_fn fn, void *data)
{
	const char *line, *twin;
	char name[64];

	for (line = one; *line != '\0';
		line += strcspn(line, "\n"), line += *line == '\n') {
		size_t len = strcspn(line, "=\n");

		if (line[len] != '=')
			continue;
		twin = find_line(other, line, len + 1);
		if (twin != NULL &&
			(lacking_only ||
				(line_len(line) == line_len(twin) &&
					memcmp(line, twin, (size_t) line_len(line)) == 0)))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int) len, line);
		report(fn, data, DIFFERS_LINE, name, "%s%.*s became %.*s",
			lacking_only ? "(none), " : "", line_len(line), line,
			line_len(twin), or_none(twin));
	}
}

static void compare_bodies(const struct suite_row *row, const struct answer *reference,
	const struct answer *got, difference_fn fn, void *data)
{
	size_t at = 0;

	if (reference->body_len == got->body_len &&
		(got->body_len == 0 ||
			memcmp(reference->body, got->body, got->body_len) == 0))
		return;
	if (strncmp(reference->body == NULL ? "" : reference->body, "method=", 7) == 0 &&
		got->body_len > 0) {
		compare_lines(reference->body, got->body, false, fn, data);
		compare_lines(got->body, reference->body, true, fn, data);
		return;
	}
	while (at < reference->body_len && at < got->body_len &&
		reference->body[at] == got->body[at])
		at++;
	report(fn, data, DIFFERS_BODY, "",
		"%zu bytes became %zu, the first difference is at %zu: \"%.60s\"",
		reference->body_len, got->body_len, at,
		got->body_len > at ? got->body + at : "");
}

static void compare_status(int expected, int got, difference_fn fn, void *data)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", got);
	report(fn, data, DIFFERS_STATUS, name, "%d became %d", expected, got);
}

void compare_answers(const struct suite_row *row, int status,
	const struct answer *reference, const struct answer *got, difference_fn fn,
	void *data)
{
	if (status != 0) {
		if (got->status != status)
			compare_status(status, got->status, fn, data);
		return;
	}
	if (got->status != reference->status) {
		compare_status(reference->status, got->status, fn, data);
		return;
	}
	compare_fields(reference, got, fn, data);
	if (got->whole != reference->whole)
		report(fn, data, DIFFERS_WHOLE, "", "%s became %s",
			reference->whole ? "whole" : "cut", got->whole ? "whole" : "cut");
	if (got->whole && reference->whole)
		compare_bodies(row, reference, got, fn, data);
}

/* One line of .expect: "Name: value" must be there, "Name" must not. */
static void check_expected(const char *line, size_t len, const struct answer *got,
	difference_fn fn, void *data)
{
	size_t name_len = strcspn(line, ":\n");
	const char *value;
	char name[64];
	size_t i = 0;

	for (; i < name_len && i < sizeof(name) - 1; i++)
		name[i] = (char) tolower((unsigned char) line[i]);
	name[i] = '\0';
	if (name_len >= len) {
		if (answer_field(got, name, 0) != NULL)
			report(fn, data, DIFFERS_FIELD, name, "must not be there");
		return;
	}
	for (i = 0; (value = answer_field(got, name, i)) != NULL; i++) {
		if (strlen(value) == len - name_len - 2 &&
			memcmp(value, line + name_len + 2, strlen(value)) == 0)
			return;
	}
	report(fn, data, DIFFERS_FIELD, name, "must be \"%.*s\", is \"%s\"", (int) len,
		line, or_none(answer_field(got, name, 0)));
}

static bool is_pattern(const struct answer *got, size_t len)
{
	if (got->body_len != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char) got->body[i] != pattern_at(i))
			return false;
	}
	return true;
}

static bool body_is_expected(const struct suite_row *row, const struct answer *got)
{
	const char *body = got->body == NULL ? "" : got->body;

	if (row->answer_pattern > 0)
		return is_pattern(got, row->answer_pattern);
	if (row->answer != NULL)
		return strlen(row->answer) == got->body_len &&
		       strcmp(row->answer, body) == 0;
	return row->part == NULL || strstr(body, row->part) != NULL;
}

void compare_with_row(
	const struct suite_row *row, const struct answer *got, difference_fn fn, void *data)
{
	const char *line = row->expect == NULL ? "" : row->expect;

	if (got->status != row->status) {
		compare_status(row->status, got->status, fn, data);
		return;
	}
	for (; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
		check_expected(line, strcspn(line, "\n"), got, fn, data);
	if (got->whole == row->cut)
		report(fn, data, DIFFERS_WHOLE, "", "must be %s",
			row->cut ? "cut" : "whole");
	if (!body_is_expected(row, got))
		report(fn, data, DIFFERS_BODY, "",
			"is not what the row says: %zu bytes, \"%.150s\"", got->body_len,
			or_none(got->body));
}
