/* SPDX-License-Identifier: MIT */
/*
 * test_form.c - lib/http/form.c
 */
#include "test.h"

#include <stdlib.h>

#include "form.h"
#include "slice.h"
#include "support/alloc.h"

#define MAX 4

static const struct {
	struct vane_slice text;
	int rc;
	struct vane__pair pairs[MAX + 1];
} rows[] = {
	{ SLICE_INIT(""), 0, { { NULL, NULL } } },
	{ SLICE_INIT("a=b"), 0, { { "a", "b" } } },
	{ SLICE_INIT("a=b&c=d"), 0, { { "a", "b" }, { "c", "d" } } },
	{ SLICE_INIT("a=1&a=2&a"), 0, { { "a", "1" }, { "a", "2" }, { "a", "" } } },
	{ SLICE_INIT("a"), 0, { { "a", "" } } },
	{ SLICE_INIT("a="), 0, { { "a", "" } } },
	{ SLICE_INIT("=b"), 0, { { "", "b" } } },
	{ SLICE_INIT("="), 0, { { "", "" } } },
	{ SLICE_INIT("a=b=c"), 0, { { "a", "b=c" } } },
	{ SLICE_INIT("&&a=b&&c=d&"), 0, { { "a", "b" }, { "c", "d" } } },
	{ SLICE_INIT("&"), 0, { { NULL, NULL } } },
	{ SLICE_INIT("a;b=c;d"), 0, { { "a;b", "c;d" } } },
	{ SLICE_INIT("a+b=+c+"), 0, { { "a b", " c " } } },
	{ SLICE_INIT("%61%3D=%26%2b%c3%A9"), 0, { { "a=", "&+\xc3\xa9" } } },
	{ SLICE_INIT("a=%&%4=%zz&b=%%41%"), 0,
		{ { "a", "%" }, { "%4", "%zz" }, { "b", "%A%" } } },
	{ SLICE_INIT("a=100%25"), 0, { { "a", "100%" } } },
	{ SLICE_INIT("a=\xff\r\n"), 0, { { "a", "\xff\r\n" } } },
	{ SLICE_INIT("a&b&c&d"), 0,
		{ { "a", "" }, { "b", "" }, { "c", "" }, { "d", "" } } },
	{ SLICE_INIT("a&b&c&d&"), 0,
		{ { "a", "" }, { "b", "" }, { "c", "" }, { "d", "" } } },
	{ SLICE_INIT("a&b&c&d&e"), -EMSGSIZE,
		{ { "a", "" }, { "b", "" }, { "c", "" }, { "d", "" } } },
	{ SLICE_INIT("a=b&c%00"), -EINVAL, { { "a", "b" } } },
	{ SLICE_INIT("a=%00"), -EINVAL, { { NULL, NULL } } },
	{ SLICE_INIT("a=\0"), -EINVAL, { { NULL, NULL } } },
	{ SLICE_INIT("\0=a"), -EINVAL, { { NULL, NULL } } },
};

static void forms_are_read_as_browsers_write_them(void **state)
{
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena arena = { 0 };
		struct vane__pairs pairs = { 0 };
		/* exactly as long as the text, so that a sanitizer sees a byte too many */
		char *text = malloc(rows[i].text.len + (rows[i].text.len == 0));

		memcpy(text, rows[i].text.data, rows[i].text.len);
		assert_int_equal(
			vane__form_parse(&pairs, &arena,
				(struct vane_slice) { text, rows[i].text.len }, MAX),
			rows[i].rc);
		free(text);
		for (n = 0; rows[i].pairs[n].name != NULL; n++) {
			assert_true(n < pairs.count);
			assert_string_equal(pairs.items[n].name, rows[i].pairs[n].name);
			assert_string_equal(pairs.items[n].value, rows[i].pairs[n].value);
		}
		assert_int_equal(pairs.count, n);
		vane__arena_fini(&arena);
	}
}

static void pairs_are_appended_to_what_is_there(void **state)
{
	struct arena arena = { 0 };
	struct vane__pairs pairs = { 0 };

	assert_int_equal(vane__form_parse(&pairs, &arena, SLICE("a=1"), 3), 0);
	assert_int_equal(vane__form_parse(&pairs, &arena, SLICE("b=2&c=3"), 3), 0);
	assert_int_equal(vane__form_parse(&pairs, &arena, SLICE("d=4"), 3), -EMSGSIZE);
	assert_int_equal(pairs.count, 3);
	assert_string_equal(pairs.items[0].name, "a");
	assert_string_equal(pairs.items[2].value, "3");
	vane__arena_fini(&arena);
}

static void many_pairs_keep_their_order(void **state)
{
	struct arena arena = { 0 };
	struct vane__pairs pairs = { 0 };
	static const char *const names[] = { "a", "b", "c" };
	size_t i;

	for (i = 0; i < 1000; i++)
		assert_int_equal(
			vane__pairs_add(&pairs, &arena, names[i % 3], names[i % 2], 1000),
			0);
	assert_int_equal(vane__pairs_add(&pairs, &arena, "a", "a", 1000), -EMSGSIZE);
	assert_int_equal(pairs.count, 1000);
	for (i = 0; i < 1000; i++) {
		assert_ptr_equal(pairs.items[i].name, names[i % 3]);
		assert_ptr_equal(pairs.items[i].value, names[i % 2]);
	}
	vane__arena_fini(&arena);
}

static void lack_of_memory_is_reported_wherever_it_strikes(void **state)
{
	char text[4000]; /* a thousand pairs: the array grows past a block several times */
	long n = 0, failed;
	size_t i;

	for (i = 0; i < sizeof(text); i += 4)
		memcpy(text + i, "a=b&", 4);
	do {
		struct arena arena = { 0 };
		struct vane__pairs pairs = { 0 };
		int rc;

		alloc_fail_after(n++);
		rc = vane__form_parse(
			&pairs, &arena, (struct vane_slice) { text, sizeof(text) }, 1000);
		failed = alloc_fail_never();
		assert_int_equal(rc, failed > 0 ? -ENOMEM : 0);
		vane__arena_fini(&arena);
	} while (failed > 0);
	assert_true(n > 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_read_as_browsers_write_them),
		cmocka_unit_test(pairs_are_appended_to_what_is_there),
		cmocka_unit_test(many_pairs_keep_their_order),
		cmocka_unit_test(lack_of_memory_is_reported_wherever_it_strikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
