/* SPDX-License-Identifier: MIT */
/*
 * test_scgi_head.c - lib/wire/scgi_head.c
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "support/alloc.h"

#include "lib/base/slice.h"
#include "lib/wire/scgi_head.h"

static const struct vane__scgi_limits limits = { .max_bytes = 100, .max_vars = 4 };

#define BYTES(literal) literal, sizeof(literal) - 1

/* Push bytes in pieces of that size, up to an event; *rest is what was not taken. */
static enum vane__scgi_head_event push(struct vane__scgi_head *head, const char *bytes,
	size_t len, size_t piece, size_t *rest)
{
	enum vane__scgi_head_event event = VANE__SCGI_HEAD_MORE;

	*head = (struct vane__scgi_head) { 0 };
	while (len > 0 && event == VANE__SCGI_HEAD_MORE) {
		struct vane_slice in = { bytes, piece < len ? piece : len };
		size_t size = in.len;

		event = vane__scgi_head_push(head, &limits, &in);
		bytes += size - in.len;
		len -= size - in.len;
	}
	*rest = len;
	return event;
}

/* As "NAME=value", up to a NULL; each name and value ends in a NUL. */
static void expect_vars(const struct vane__scgi_head *head, const char *const *vars)
{
	char text[200];
	size_t i;

	for (i = 0; vars[i] != NULL; i++) {
		const struct vane_field *var = &head->vars[i];

		assert_true(i < head->var_count);
		snprintf(text, sizeof(text), "%s=%s", var->name.data, var->value.data);
		assert_string_equal(text, vars[i]);
		assert_int_equal(strlen(text), var->name.len + 1 + var->value.len);
	}
	assert_int_equal(i, head->var_count);
}

static void heads_become_variables(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *vars[5];
		int64_t body_length;
		size_t rest;
	} rows[] = {
		{ BYTES("17:CONTENT_LENGTH\0"
			"3\0,abc"),
			{ "CONTENT_LENGTH=3" }, 3, 3 },
		{ BYTES("24:CONTENT_LENGTH\0"
			"0\0SCGI\0"
			"1\0,"),
			{ "CONTENT_LENGTH=0", "SCGI=1" }, 0, 0 },
		/* Not first, and empty for 0. */
		{ BYTES("23:SCGI\0"
			"1\0CONTENT_LENGTH\0\0,"),
			{ "SCGI=1", "CONTENT_LENGTH=" }, 0, 0 },
		{ BYTES("25:A\0=\0B\0\0CONTENT_LENGTH\0"
			"12\0,"),
			{ "A==", "B=", "CONTENT_LENGTH=12" }, 12, 0 },
		/* The first of two counts here; which is to be believed is said elsewhere. */
		{ BYTES("34:CONTENT_LENGTH\0"
			"1\0CONTENT_LENGTH\0"
			"2\0,x"),
			{ "CONTENT_LENGTH=1", "CONTENT_LENGTH=2" }, 1, 1 },
		{ BYTES("36:CONTENT_LENGTH\0"
			"99999999999999999999\0,"),
			{ "CONTENT_LENGTH=99999999999999999999" }, INT64_MAX, 0 },
		{ BYTES("39:CONTENT_LENGTH\0"
			"5\0HTTP_CONTENT_LENGTH\0"
			"5\0,"),
			{ "CONTENT_LENGTH=5", "HTTP_CONTENT_LENGTH=5" }, 5, 0 },
		/* It was packed. */
		{ BYTES("39:CONTENT_LENGTH\0"
			"5\0HTTP_CONTENT_LENGTH\0"
			"2\0,"),
			{ "CONTENT_LENGTH=5", "HTTP_CONTENT_LENGTH=2" }, 5, 0 },
	};
	static const size_t pieces[] = { 1, 2, 7, 1000 };
	struct vane__scgi_head head;
	size_t i, p, rest;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
			print_message("%s\n", rows[i].bytes);
			assert_int_equal(
				push(&head, rows[i].bytes, rows[i].len, pieces[p], &rest),
				VANE__SCGI_HEAD_WHOLE);
			expect_vars(&head, rows[i].vars);
			assert_int_equal(head.body_length, rows[i].body_length);
			assert_int_equal(rest, rows[i].rest);
			vane__scgi_head_fini(&head);
		}
	}
}

static void garbage_is_named(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *why;
	} rows[] = {
		{ BYTES("GET / HTTP/1.1\r\n"), "no netstring" },
		{ BYTES(":,"), "no netstring" },
		{ BYTES("-1:,"), "no netstring" },
		{ BYTES("1 7:"), "no netstring" },
		{ BYTES("\0\1\0\1\0\10\0\0"), "no netstring" },
		{ BYTES("017:"), "a length with a leading zero" },
		{ BYTES("00:,"), "a length with a leading zero" },
		{ BYTES("18446744073709551617:"), "too many bytes" },
		{ BYTES("999999999999999999999999999999"), "too many bytes" },
		{ BYTES("17:CONTENT_LENGTH\0"
			"3\0;"),
			"no comma behind the content" },
		{ BYTES("0:,"), "no CONTENT_LENGTH" },
		{ BYTES("7:SCGI\0"
			"1\0,"),
			"no CONTENT_LENGTH" },
		{ BYTES("5:A\0B\0A,"), "a value without its NUL" },
		{ BYTES("6:A\0B\0C\0,"), "a name without a value" },
		{ BYTES("3:\0B\0,"), "a malformed name" },
		{ BYTES("6:A=B\0C\0,"), "a malformed name" },
		{ BYTES("2:\0\0,"), "a malformed name" },
		{ BYTES("18:CONTENT_LENGTH\0"
			"-1\0,"),
			"a malformed CONTENT_LENGTH" },
		{ BYTES("18:CONTENT_LENGTH\0"
			"1x\0,"),
			"a malformed CONTENT_LENGTH" },
		{ BYTES("39:CONTENT_LENGTH\0"
			"5\0HTTP_CONTENT_LENGTH\0"
			"6\0,"),
			"CONTENT_LENGTH is less than the client has announced" },
	};
	struct vane__scgi_head head;
	size_t i, piece, rest;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (piece = 1; piece < 100; piece += 98) {
			print_message("%s\n", rows[i].bytes);
			assert_int_equal(
				push(&head, rows[i].bytes, rows[i].len, piece, &rest),
				VANE__SCGI_HEAD_BAD);
			assert_string_equal(head.why, rows[i].why);
			vane__scgi_head_fini(&head);
		}
	}
}

/* What fits stays, however the rest is: it says whose request is refused. */
static void more_variables_than_allowed_are_told_apart(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *why, *vars[5];
	} rows[] = {
		{ BYTES("20:A\0\0B\0\0C\0\0D\0\0E\0\0F\0\0\0\0,"), "too many variables",
			{ "A=", "B=", "C=", "D=" } },
		{ BYTES("120:A\0b\0LONG\0"
			"012345678901234567890123456789012345678901234567890123456789012345"
			"6789"
			"0123456789012345678901234567890123456789"),
			"too many bytes of variables", { "A=b" } },
		{ BYTES("101:"), "too many bytes of variables", { NULL } },
		{ BYTES("101:A\0b\0\0c\0"), "too many bytes of variables", { "A=b" } },
		{ BYTES("101:CONTENT_LENGTH\0x\0"), "too many bytes of variables",
			{ NULL } },
		{ BYTES("999:"
			"012345678901234567890123456789012345678901234567890123456789012345"
			"6789"
			"0123456789012345678901234567890123456789"),
			"too many bytes of variables", { NULL } },
	};
	struct vane__scgi_head head;
	size_t i, rest;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(push(&head, rows[i].bytes, rows[i].len, 150, &rest),
			VANE__SCGI_HEAD_LARGE);
		assert_string_equal(head.why, rows[i].why);
		expect_vars(&head, rows[i].vars);
		vane__scgi_head_fini(&head);
		/* In pieces it is refused sooner, and it is less that fits. */
		assert_int_equal(push(&head, rows[i].bytes, rows[i].len, 1, &rest),
			VANE__SCGI_HEAD_LARGE);
		assert_string_equal(head.why, rows[i].why);
		vane__scgi_head_fini(&head);
	}
}

static void half_a_head_is_no_head(void **state)
{
	static const char bytes[] = "24:CONTENT_LENGTH\0"
				    "0\0SCGI\0"
				    "1\0,";
	struct vane__scgi_head head;
	size_t len, rest;

	for (len = 0; len < sizeof(bytes) - 1; len++) {
		assert_int_equal(
			push(&head, bytes, len, 1000, &rest), VANE__SCGI_HEAD_MORE);
		assert_int_equal(rest, 0);
		vane__scgi_head_fini(&head);
	}
}

static void the_last_of_a_name_is_found(void **state)
{
	static const char bytes[] = "30:A\0b\0CONTENT_LENGTH\0"
				    "0\0A\0c\0AA\0d\0,";
	static const struct {
		const char *name, *value;
	} rows[] = { { "A", "c" }, { "AA", "d" }, { "AAA", "" }, { "", "" } };
	struct vane__scgi_head head;
	size_t i, rest;

	assert_int_equal(
		push(&head, bytes, sizeof(bytes) - 1, 1000, &rest), VANE__SCGI_HEAD_WHOLE);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
			vane__scgi_head_var(&head, vane__slice(rows[i].name)).data,
			rows[i].value);
	vane__scgi_head_fini(&head);
}

static void no_memory_is_survived(void **state)
{
	static const char bytes[] = "17:CONTENT_LENGTH\0"
				    "0\0,";
	enum vane__scgi_head_event event;
	struct vane__scgi_head head;
	size_t rest;
	long n;

	for (n = 0; n < 9; n++) {
		alloc_fail_once(n);
		event = push(&head, bytes, sizeof(bytes) - 1, 1000, &rest);
		if (event == VANE__SCGI_HEAD_BAD)
			assert_string_equal(head.why, "out of memory");
		assert_int_equal(alloc_fail_never() > 0, event == VANE__SCGI_HEAD_BAD);
		vane__scgi_head_fini(&head);
		if (event == VANE__SCGI_HEAD_WHOLE)
			break;
	}
	assert_int_equal(n, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_become_variables),
		cmocka_unit_test(garbage_is_named),
		cmocka_unit_test(more_variables_than_allowed_are_told_apart),
		cmocka_unit_test(the_last_of_a_name_is_found),
		cmocka_unit_test(half_a_head_is_no_head),
		cmocka_unit_test(no_memory_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
