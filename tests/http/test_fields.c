/* SPDX-License-Identifier: MIT */
/*
 * test_fields.c - lib/http/fields.c
 */
#include "test.h"

#include "field_name.h"
#include "fields.h"
#include "slice.h"
#include "support/alloc.h"

static void tokens_have_no_separators(void **state)
{
	static const char tchars[] = "!#$%&'*+-.^_`|~0123456789"
				     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	int c;

	for (c = 0; c < 256; c++) {
		char text[2] = { 'a', (char) c };
		bool is_tchar = c != 0 && strchr(tchars, c) != NULL;
		struct vane_slice s = { text, 2 };

		assert_int_equal(vane__is_token(s), is_tchar);
		assert_int_equal(vane__take_token(&s).len, is_tchar ? 2 : 1);
		assert_int_equal(s.len, is_tchar ? 0 : 1);
	}
	assert_false(vane__is_token(SLICE("")));
}

/* Wherever they stand: most of a value is looked at several bytes at a time. */
static void values_have_no_control_characters(void **state)
{
	char text[21];
	size_t at;
	int c;

	memset(text, '\xff', sizeof(text));
	for (c = 0; c < 256; c++) {
		bool ok = c == '\t' || (c >= 0x20 && c != 0x7f);

		for (at = 0; at < sizeof(text); at++) {
			text[at] = (char) c;
			assert_int_equal(vane__field_value_ok((struct vane_slice) {
						 text, sizeof(text) }),
				ok);
			text[at] = " \x7e\x80\xff"[at % 4];
		}
	}
	assert_true(vane__field_value_ok(SLICE("")));
}

static void names_become_lower_case_whatever_their_length(void **state)
{
	static const char all[] = "AZ_az09!#$%&'*+-.^`|~@[_ACCEPT_LANGUAGE_X";
	char name[sizeof(all)], dashed[sizeof(all)];
	size_t len, i;

	for (len = 0; len < sizeof(all); len++) {
		memcpy(name, all, sizeof(all));
		memcpy(dashed, all, sizeof(all));
		assert_int_equal(vane__lower_name(name, len, false), len > 2);
		assert_int_equal(vane__lower_name(dashed, len, true), len > 2);
		for (i = 0; i < sizeof(all); i++) {
			char c = i < len ? vane__lower(all[i]) : all[i];

			assert_int_equal(name[i], c);
			assert_int_equal(dashed[i], i < len && c == '_' ? '-' : c);
		}
	}
}

static void lists_are_taken_apart(void **state)
{
	static const struct {
		const char *list;
		const char *items[4];
	} rows[] = {
		{ "a", { "a" } },
		{ "a,b", { "a", "b" } },
		{ " a\t,\t b ", { "a", "b" } },
		{ ",,a, ,b,", { "a", "b" } },
		{ "", { NULL } },
		{ " , ,", { NULL } },
		{ "\"a,b\", c", { "\"a,b\"", "c" } },
		{ "x=\"a\\\",b\" , c", { "x=\"a\\\",b\"", "c" } },
		{ "a, \"b, c", { "a", "\"b, c" } },
		{ "\"a\\", { "\"a\\" } },
	};
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_slice rest = vane__slice(rows[i].list), item;

		for (n = 0; rows[i].items[n] != NULL; n++) {
			assert_true(vane__list_next(&rest, &item));
			assert_true(vane__slice_equal(item, vane__slice(rows[i].items[n])));
		}
		assert_false(vane__list_next(&rest, &item));
		assert_null(rest.data);
		assert_false(vane__list_next(&rest, &item));
	}
}

static const struct {
	struct vane_slice field;
	const char *name;
	int rc;
	struct vane_slice value;
} params[] = {
	{ SLICE_INIT("a/b; charset=utf-8"), "charset", 1, SLICE_INIT("utf-8") },
	{ SLICE_INIT("a/b;CHARSET=utf-8"), "charset", 1, SLICE_INIT("utf-8") },
	{ SLICE_INIT("a/b \t; ; ;q=1 ;\tx=2 "), "x", 1, SLICE_INIT("2") },
	{ SLICE_INIT("a; b=\"\""), "b", 1, SLICE_INIT("") },
	{ SLICE_INIT("a; b=\"c; d=e\"; d=f"), "d", 1, SLICE_INIT("f") },
	{ SLICE_INIT("a; b=\"c\\\"\\\\d\\e\""), "b", 1, SLICE_INIT("c\"\\de") },
	{ SLICE_INIT("a; b=1; b=2"), "b", 1, SLICE_INIT("1") },
	{ SLICE_INIT("a"), "b", 0, { NULL, 0 } },
	{ SLICE_INIT(""), "b", 0, { NULL, 0 } },
	{ SLICE_INIT("a;"), "b", 0, { NULL, 0 } },
	{ SLICE_INIT("a; bb=1; c=2"), "b", 0, { NULL, 0 } },
	{ SLICE_INIT("a; b"), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; b="), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; b =1"), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; b= 1"), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; =1"), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; b=1 c"), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; b=\"1\"c"), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; b=\"1"), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; b=\"1\\\""), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; b=\"1\0\""), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; b=\"1\r\n\""), "b", -EINVAL, { NULL, 0 } },
	{ SLICE_INIT("a; x=/; b=1"), "b", -EINVAL, { NULL, 0 } },
};

static void parameters_are_found_and_unquoted(void **state)
{
	struct arena arena = { 0 };
	struct vane_slice out;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		assert_int_equal(vane__field_param(params[i].field,
					 vane__slice(params[i].name), &arena, &out),
			params[i].rc);
		if (params[i].rc <= 0)
			continue;
		assert_true(vane__slice_equal(out, params[i].value));
		assert_int_equal(out.data[out.len], '\0');
	}
	vane__arena_fini(&arena);
}

static void a_parameter_without_memory_is_enomem(void **state)
{
	struct arena arena = { 0 };
	struct vane_slice out;

	alloc_fail_after(0);
	assert_int_equal(
		vane__field_param(SLICE("a; b=c"), SLICE("b"), &arena, &out), -ENOMEM);
	alloc_fail_never();
	vane__arena_fini(&arena);
}

static void fields_of_a_connection_are_known(void **state)
{
	static const char *const hop_by_hop[] = { "connection", "keep-alive", "te",
		"trailer", "transfer-encoding", "upgrade", "expect", "proxy-connection",
		"proxy" };
	static const char *const others[] = { "", "host", "cookie", "proxy-authorization",
		"trailers", "content-length" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hop_by_hop); i++)
		assert_true(vane__field_hop_by_hop(vane__slice(hop_by_hop[i])));
	for (i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(vane__field_hop_by_hop(vane__slice(others[i])));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_have_no_separators),
		cmocka_unit_test(values_have_no_control_characters),
		cmocka_unit_test(names_become_lower_case_whatever_their_length),
		cmocka_unit_test(lists_are_taken_apart),
		cmocka_unit_test(parameters_are_found_and_unquoted),
		cmocka_unit_test(a_parameter_without_memory_is_enomem),
		cmocka_unit_test(fields_of_a_connection_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
