/* SPDX-License-Identifier: MIT */
/*
 * test_bytes.c - gateway/bytes.c
 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "gateway/bytes.h"
#include "support/alloc.h"

static void expect(const struct vane__blob *blob, const char *text)
{
	assert_int_equal(blob->len, strlen(text));
	assert_memory_equal(blob->data, text, blob->len);
}

static void bytes_are_appended_and_consumed(void **state)
{
	struct vane__blob blob = { 0 };
	size_t i;

	for (i = 0; i < 10000; i++)
		assert_int_equal(vane__blob_puts(&blob, "abc"), 0);
	assert_int_equal(vane__blob_add(&blob, NULL, 0), 0);
	assert_int_equal(blob.len, 30000);
	vane__blob_consume(&blob, 29998);
	expect(&blob, "bc");
	assert_int_equal(vane__blob_puts(&blob, "d"), 0);
	vane__blob_consume(&blob, 0);
	expect(&blob, "bcd");
	vane__blob_consume(&blob, 3);
	assert_int_equal(blob.len, 0);
	vane__blob_fini(&blob);
	assert_null(blob.data);
}

static void a_limit_is_kept(void **state)
{
	struct vane__blob blob = { .max = 5 };

	assert_int_equal(vane__blob_puts(&blob, "abcd"), 0);
	assert_int_equal(vane__blob_puts(&blob, "ef"), -EMSGSIZE);
	assert_int_equal(vane__blob_reserve(&blob, SIZE_MAX), -EMSGSIZE);
	expect(&blob, "abcd");
	assert_int_equal(vane__blob_puts(&blob, "e"), 0);
	assert_int_equal(vane__blob_reserve(&blob, 1), -EMSGSIZE);
	vane__blob_consume(&blob, 2);
	assert_int_equal(vane__blob_puts(&blob, "fg"), 0);
	expect(&blob, "cdefg");
	vane__blob_fini(&blob);
	assert_int_equal(blob.max, 5);
}

static void lack_of_memory_leaves_it_as_it_was(void **state)
{
	struct vane__blob blob = { 0 };

	alloc_fail_after(0);
	assert_int_equal(vane__blob_puts(&blob, "a"), -ENOMEM);
	assert_int_equal(alloc_fail_never(), 1);
	assert_int_equal(vane__blob_puts(&blob, "abc"), 0);
	assert_int_equal(vane__blob_reserve(&blob, SIZE_MAX), -ENOMEM);
	assert_int_equal(vane__blob_reserve(&blob, SIZE_MAX / 2), -ENOMEM);
	alloc_fail_after(0);
	assert_int_equal(vane__blob_reserve(&blob, 600), -ENOMEM);
	alloc_fail_never();
	expect(&blob, "abc");
	vane__blob_fini(&blob);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_appended_and_consumed),
		cmocka_unit_test(a_limit_is_kept),
		cmocka_unit_test(lack_of_memory_leaves_it_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
