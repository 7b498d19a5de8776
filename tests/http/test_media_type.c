/* SPDX-License-Identifier: MIT */
/*
 * test_media_type.c - lib/http/media_type.c
 */
#include "test.h"

#include <vane/util.h>

#include "media_type.h"
#include "slice.h"

static void a_media_type_is_taken_apart(void **state)
{
	struct vane__media_type type;

	assert_int_equal(
		vane__media_type_parse(&type, SLICE(" text/html ; charset=utf-8 ")), 0);
	assert_true(vane__slice_equal(type.type, SLICE("text")));
	assert_true(vane__slice_equal(type.subtype, SLICE("html")));
	assert_true(vane__slice_equal(type.params, SLICE("; charset=utf-8")));
	assert_int_equal(vane__media_type_parse(&type, SLICE("image/svg+xml")), 0);
	assert_true(vane__slice_equal(type.subtype, SLICE("svg+xml")));
	assert_int_equal(type.params.len, 0);
}

static void what_is_no_media_type_is_refused(void **state)
{
	static const struct vane_slice rows[] = {
		SLICE_INIT(""),
		SLICE_INIT(" "),
		SLICE_INIT("text"),
		SLICE_INIT("/"),
		SLICE_INIT("text/"),
		SLICE_INIT("/html"),
		SLICE_INIT("text /html"),
		SLICE_INIT("text/ html"),
		SLICE_INIT("text/html/x"),
		SLICE_INIT("text/html charset"),
		SLICE_INIT("text/html, text/plain"),
		SLICE_INIT("text/\0"),
	};
	struct vane__media_type type;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vane__media_type_parse(&type, rows[i]), -EINVAL);
}

static void parameters_are_found_by_name(void **state)
{
	struct vane__media_type type;

	assert_int_equal(
		vane__media_type_parse(&type, SLICE("a/b; x=1; Charset=\"utf-8\"; x=2")),
		0);
	assert_true(vane__slice_equal(
		vane__media_type_param(&type, SLICE("charset")), SLICE("utf-8")));
	assert_true(
		vane__slice_equal(vane__media_type_param(&type, SLICE("x")), SLICE("1")));
	assert_null(vane__media_type_param(&type, SLICE("y")).data);
}

static void types_are_compared_without_their_parameters(void **state)
{
	static const struct {
		const char *type, *pattern;
		bool is;
	} rows[] = {
		{ "application/json", "application/json", true },
		{ "application/json; charset=utf-8", "application/json", true },
		{ "Application/JSON;charset=utf-8", "application/json", true },
		{ " application/json", "application/json ", true },
		{ "application/json", "application/json; charset=utf-8", true },
		{ "application/jsonp", "application/json", false },
		{ "application/json", "application/jsonp", false },
		{ "text/json", "application/json", false },
		{ "text/html", "text/*", true },
		{ "text/html", "*/*", true },
		{ "application/json", "text/*", false },
		{ "texts/html", "text/*", false },
		{ "application/problem+json", "application/*+json", true },
		{ "application/problem+JSON", "application/*+json", true },
		{ "application/json", "application/*+json", false },
		{ "application/+json", "application/*+json", false },
		{ "application/problem+xml", "application/*+json", false },
		{ "application/json, text/html", "application/json", false },
		{ "application", "application/json", false },
		{ "", "*/*", false },
		{ "application/json", "", false },
		{ "application/json", "json", false },
		{ NULL, "application/json", false },
		{ "application/json", NULL, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(
			vane_media_type_is(rows[i].type, rows[i].pattern), rows[i].is);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_media_type_is_taken_apart),
		cmocka_unit_test(what_is_no_media_type_is_refused),
		cmocka_unit_test(parameters_are_found_by_name),
		cmocka_unit_test(types_are_compared_without_their_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
