/* SPDX-License-Identifier: MIT */
/*
 * test_buf.c - lib/base/buf.c
 */
#include "test.h"

#include "buf.h"
#include "slice.h"
#include "support/alloc.h"

static void bytes_are_appended_and_consumed(void **state)
{
	struct buf buf = { 0 };
	size_t i;

	for (i = 0; i < 10000; i++)
		assert_int_equal(vane__buf_add(&buf, "abc", 3), 0);
	assert_int_equal(vane__buf_add(&buf, NULL, 0), 0);
	assert_int_equal(buf.len, 30000);
	vane__buf_consume(&buf, 29998);
	assert_true(vane__slice_equal(vane__buf_slice(&buf), SLICE("bc")));
	assert_int_equal(vane__buf_add_slice(&buf, SLICE("d")), 0);
	vane__buf_consume(&buf, 0);
	assert_true(vane__slice_equal(vane__buf_slice(&buf), SLICE("bcd")));
	vane__buf_consume(&buf, 3);
	assert_int_equal(buf.len, 0);
	vane__buf_fini(&buf);
	assert_null(buf.data);
}

static void what_goes_out_from_the_front_makes_room(void **state)
{
	struct buf buf = { 0 };
	size_t gone = 0;

	assert_int_equal(vane__buf_add(&buf, "abcdef", 6), 0);
	vane__buf_advance(&buf, &gone, 3); /* not more than is left: it stays */
	assert_int_equal(gone, 3);
	assert_int_equal(buf.len, 6);
	vane__buf_advance(&buf, &gone, 1);
	assert_int_equal(gone, 0);
	assert_true(vane__slice_equal(vane__buf_slice(&buf), SLICE("ef")));
	vane__buf_advance(&buf, &gone, 2);
	assert_int_equal(gone, 0);
	assert_int_equal(buf.len, 0);
	vane__buf_advance(&buf, &gone, 0);
	assert_int_equal(gone, 0);
	vane__buf_fini(&buf);
}

static void a_reset_keeps_small_buffers_only(void **state)
{
	struct buf buf = { 0 };
	char *data;

	assert_int_equal(vane__buf_reserve(&buf, 1000), 0);
	data = buf.data;
	vane__buf_reset(&buf, buf.cap);
	assert_ptr_equal(buf.data, data);
	assert_int_equal(buf.len, 0);
	assert_int_equal(vane__buf_add(&buf, "a", 1), 0);
	vane__buf_reset(&buf, buf.cap - 1);
	assert_null(buf.data);
	assert_int_equal(buf.len, 0);
	assert_int_equal(buf.cap, 0);
}

static void formatted_text_is_appended_at_any_length(void **state)
{
	struct buf buf = { 0 };
	int len;

	/* 511 and 512 fill the first block with the NUL of vsnprintf() and without */
	for (len = 0; len < 1100; len++) {
		vane__buf_fini(&buf);
		assert_int_equal(vane__buf_printf(&buf, "%*d", len, 7), 0);
		assert_int_equal(buf.len, len > 0 ? len : 1);
		assert_int_equal(buf.data[buf.len - 1], '7');
		assert_int_equal(vane__buf_printf(&buf, "%s-%s", "a", "b"), 0);
		assert_memory_equal(buf.data + buf.len - 4, "7a-b", 4);
		assert_true(buf.len <= buf.cap);
	}
	vane__buf_fini(&buf);
}

static void what_no_memory_can_hold_is_enomem(void **state)
{
	struct buf buf = { 0 };

	assert_int_equal(vane__buf_add(&buf, "abc", 3), 0);
	assert_int_equal(vane__buf_reserve(&buf, SIZE_MAX), -ENOMEM);
	assert_int_equal(vane__buf_reserve(&buf, SIZE_MAX - 3), -ENOMEM);
	assert_int_equal(vane__buf_reserve(&buf, SIZE_MAX / 2), -ENOMEM);
	assert_true(vane__slice_equal(vane__buf_slice(&buf), SLICE("abc")));
	vane__buf_fini(&buf);
}

static void lack_of_memory_leaves_it_as_it_was(void **state)
{
	struct buf buf = { 0 };
	char bytes[600] = { 0 };

	alloc_fail_after(0);
	assert_int_equal(vane__buf_add(&buf, "a", 1), -ENOMEM);
	assert_int_equal(vane__buf_printf(&buf, "%d", 1), -ENOMEM);
	assert_int_equal(alloc_fail_never(), 2);
	assert_int_equal(buf.len, 0);

	assert_int_equal(vane__buf_add(&buf, "abc", 3), 0);
	alloc_fail_after(0);
	assert_int_equal(vane__buf_add(&buf, bytes, sizeof(bytes)), -ENOMEM);
	assert_int_equal(vane__buf_printf(&buf, "%600d", 1), -ENOMEM);
	alloc_fail_never();
	assert_true(vane__slice_equal(vane__buf_slice(&buf), SLICE("abc")));
	vane__buf_fini(&buf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_appended_and_consumed),
		cmocka_unit_test(what_goes_out_from_the_front_makes_room),
		cmocka_unit_test(a_reset_keeps_small_buffers_only),
		cmocka_unit_test(formatted_text_is_appended_at_any_length),
		cmocka_unit_test(what_no_memory_can_hold_is_enomem),
		cmocka_unit_test(lack_of_memory_leaves_it_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
