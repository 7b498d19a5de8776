/* SPDX-License-Identifier: MIT */
/*
 * test_scgi.c - lib/wire/scgi.c
 */
#include "test.h"

#include "scgi.h"
#include "slice.h"
#include "support/alloc.h"

static void a_head_says_its_length_first(void **state)
{
	static const struct {
		const char *length;
		const char *vars[5];
		struct vane_slice head;
	} rows[] = {
		{ "0", { NULL }, SLICE_INIT("24:CONTENT_LENGTH\0000\0SCGI\0001\0,") },
		{ "5", { "A", "b", NULL },
			SLICE_INIT("28:CONTENT_LENGTH\0005\0SCGI\0001\0A\0b\0,") },
		{ "70000", { "A", "", "NAME", "a value", NULL },
			SLICE_INIT("44:CONTENT_LENGTH\00070000\0SCGI\0001\0"
				   "A\0\0NAME\0a value\0,") },
	};
	size_t i, k;

	(void) state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *const *vars = rows[i].vars;
		struct buf out = { 0 };
		size_t rest = 0;

		for (k = 0; vars[k] != NULL; k += 2)
			rest += vane__scgi_var_len(
				vane__slice(vars[k]), vane__slice(vars[k + 1]));
		assert_int_equal(
			vane__scgi_begin(&out, vane__slice(rows[i].length), rest), 0);
		for (k = 0; vars[k] != NULL; k += 2)
			vane__scgi_var(
				&out, vane__slice(vars[k]), vane__slice(vars[k + 1]));
		vane__scgi_end(&out);
		assert_int_equal(out.len, rows[i].head.len);
		assert_memory_equal(out.data, rows[i].head.data, out.len);
		vane__buf_fini(&out);
	}
}

static void what_comes_first_is_known_by_its_name(void **state)
{
	(void) state;
	assert_true(vane__scgi_is_first(SLICE("CONTENT_LENGTH")));
	assert_true(vane__scgi_is_first(SLICE("SCGI")));
	assert_false(vane__scgi_is_first(SLICE("CONTENT")));
	assert_false(vane__scgi_is_first(SLICE("SCGI_")));
	assert_false(vane__scgi_is_first(SLICE("")));
}

static void lack_of_memory_is_told_at_the_beginning(void **state)
{
	struct buf out = { 0 };

	(void) state;
	alloc_fail_after(0);
	assert_int_equal(vane__scgi_begin(&out, SLICE("0"), 100), -ENOMEM);
	alloc_fail_never();
	assert_int_equal(out.len, 0);
	assert_int_equal(vane__scgi_begin(&out, SLICE("0"), SIZE_MAX / 2), -ENOMEM);
	vane__buf_fini(&out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_says_its_length_first),
		cmocka_unit_test(what_comes_first_is_known_by_its_name),
		cmocka_unit_test(lack_of_memory_is_told_at_the_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
