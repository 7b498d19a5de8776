/* SPDX-License-Identifier: MIT */
/*
 * test_slice.c - lib/base/slice.c
 */
#include "test.h"

#include "slice.h"

static void slices_compare_without_case(void **state)
{
	assert_true(vane__slice_equal_nocase(SLICE("Content-Type"), SLICE("content-tYPE")));
	assert_false(vane__slice_equal_nocase(SLICE("Content-Type"), SLICE("Content-Typ")));
	assert_false(vane__slice_equal_nocase(SLICE("a\xc4"), SLICE("a\xe4")));
}

static void numbers_are_decimal_whole_and_bounded(void **state)
{
	static const struct {
		struct vane_slice text;
		int rc;
		int64_t n;
	} rows[] = {
		{ SLICE_INIT("0"), 0, 0 },
		{ SLICE_INIT("007"), 0, 7 },
		{ SLICE_INIT("9223372036854775807"), 0, INT64_MAX },
		{ SLICE_INIT("9223372036854775808"), -ERANGE, -5 },
		{ SLICE_INIT(""), -EINVAL, -5 },
		{ SLICE_INIT("-1"), -EINVAL, -5 },
		{ SLICE_INIT("+1"), -EINVAL, -5 },
		{ SLICE_INIT(" 1"), -EINVAL, -5 },
		{ SLICE_INIT("1x"), -EINVAL, -5 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t n = -5;

		assert_int_equal(vane__slice_number(rows[i].text, &n), rows[i].rc);
		assert_int_equal(n, rows[i].n);
	}
}

static void splitting_tells_an_empty_rest_from_none(void **state)
{
	struct vane_slice s = SLICE("a,,b");

	assert_true(vane__slice_equal(vane__slice_split(&s, ','), SLICE("a")));
	assert_true(vane__slice_equal(vane__slice_split(&s, ','), SLICE("")));
	assert_non_null(s.data);
	assert_true(vane__slice_equal(vane__slice_split(&s, ','), SLICE("b")));
	assert_null(s.data);
}

static void no_more_is_taken_than_there_is(void **state)
{
	struct vane_slice s = SLICE("abc");

	assert_true(vane__slice_equal(vane__slice_take(&s, 0), SLICE("")));
	assert_true(vane__slice_equal(vane__slice_take(&s, 2), SLICE("ab")));
	assert_true(vane__slice_equal(vane__slice_take(&s, SIZE_MAX), SLICE("c")));
	assert_int_equal(s.len, 0);
}

static void numbers_are_written(void **state)
{
	uint64_t n;
	char buf[20];
	size_t len;

	assert_int_equal(vane__put_number(buf, 0), 1);
	assert_memory_equal(buf, "0", 1);
	for (n = 1, len = 1; len <= 20; len++, n *= 10) {
		assert_int_equal(vane__put_number(buf, n), len);
		assert_int_equal(buf[0], '1');
		assert_int_equal(vane__put_number(buf, n - 1), len > 1 ? len - 1 : 1);
	}
	assert_int_equal(vane__put_number(buf, UINT64_MAX), 20);
	assert_memory_equal(buf, "18446744073709551615", 20);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(slices_compare_without_case),
		cmocka_unit_test(numbers_are_decimal_whole_and_bounded),
		cmocka_unit_test(splitting_tells_an_empty_rest_from_none),
		cmocka_unit_test(no_more_is_taken_than_there_is),
		cmocka_unit_test(numbers_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
