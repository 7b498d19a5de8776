/* SPDX-License-Identifier: MIT */
/*
 * test_html.c - lib/http/html.c
 */
#include "test.h"

#include <vane/util.h>

#include "html.h"
#include "slice.h"
#include "support/alloc.h"

static const struct {
	const char *text, *html;
} rows[] = {
	{ "", "" },
	{ "plain text", "plain text" },
	{ "<a href=\"x\">'&'</a>",
		"&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;" },
	{ "&amp;", "&amp;amp;" },
	{ "caf\xc3\xa9 \xff\n", "caf\xc3\xa9 \xff\n" },
	{ "<<", "&lt;&lt;" },
};

static void text_is_escaped_into_a_buffer(void **state)
{
	struct buf out = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		out.len = 0;
		assert_int_equal(vane__html_add(&out, vane__slice(rows[i].text)), 0);
		assert_true(vane__slice_equal(
			vane__buf_slice(&out), vane__slice(rows[i].html)));
	}
	vane__buf_fini(&out);
}

static void text_is_escaped_as_by_snprintf(void **state)
{
	char buf[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vane_html_escape(buf, sizeof(buf), rows[i].text),
			strlen(rows[i].html));
		assert_string_equal(buf, rows[i].html);
		assert_int_equal(
			vane_html_escape(NULL, 0, rows[i].text), strlen(rows[i].html));
	}
}

static void references_are_not_cut_in_two(void **state)
{
	static const struct {
		size_t size;
		const char *html;
	} cuts[] = { { 1, "" }, { 2, "a" }, { 3, "ab" }, { 7, "ab" }, { 8, "ab&amp;" },
		{ 9, "ab&amp;c" }, { 12, "ab&amp;c" } };
	char buf[16];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		memset(buf, 'x', sizeof(buf));
		assert_int_equal(vane_html_escape(buf, cuts[i].size, "ab&c"), 8);
		assert_string_equal(buf, cuts[i].html);
		assert_int_equal(buf[cuts[i].size], 'x');
	}
	assert_int_equal(vane_html_escape(buf, 4, "a&c"), 7);
	assert_string_equal(buf, "a");
}

static void lack_of_memory_appends_nothing(void **state)
{
	struct buf out = { 0 };
	char text[2000];

	assert_int_equal(vane__html_add(&out, SLICE("a")), 0);
	memset(text, '<', sizeof(text));
	alloc_fail_after(1);
	assert_int_equal(
		vane__html_add(&out, (struct vane_slice) { text, sizeof(text) }), -ENOMEM);
	assert_true(alloc_fail_never() > 0);
	assert_int_equal(out.len, 1);
	vane__buf_fini(&out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped_into_a_buffer),
		cmocka_unit_test(text_is_escaped_as_by_snprintf),
		cmocka_unit_test(references_are_not_cut_in_two),
		cmocka_unit_test(lack_of_memory_appends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
