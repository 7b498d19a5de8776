/* SPDX-License-Identifier: MIT */
/*
 * test_arena.c - lib/base/arena.c
 */
#include "test.h"

#include "arena.h"
#include "support/alloc.h"

static void pieces_are_aligned_and_apart(void **state)
{
	static const size_t sizes[] = { 1, 0, 15, 16, 17, 4096, 0, 4095, 4097, 100000, 1,
		0 };
	struct arena arena = { 0 };
	char *pieces[ARRAY_SIZE(sizes)];
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		pieces[i] = vane__arena_alloc(&arena, sizes[i]);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t) pieces[i] % 16, 0);
		memset(pieces[i], (int) i, sizes[i]);
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (n = 0; n < sizes[i]; n++)
			assert_int_equal(pieces[i][n], i);
	vane__arena_fini(&arena);
}

static void nothing_can_be_taken_from_an_empty_arena(void **state)
{
	struct arena arena = { 0 };

	assert_non_null(vane__arena_alloc(&arena, 0));
	vane__arena_fini(&arena);
}

static void a_reset_keeps_the_first_block(void **state)
{
	struct arena arena = { 0 };
	void *first = vane__arena_alloc(&arena, 100);
	int i;

	assert_non_null(first);
	for (i = 0; i < 10; i++)
		assert_non_null(vane__arena_alloc(&arena, 1000));
	vane__arena_reset(&arena);
	alloc_fail_after(0);
	assert_ptr_equal(vane__arena_alloc(&arena, 100), first);
	assert_non_null(vane__arena_alloc(&arena, VANE__ARENA_BLOCK - 112));
	assert_null(vane__arena_alloc(&arena, 1));
	assert_int_equal(alloc_fail_never(), 1);
	vane__arena_fini(&arena);
}

static void a_large_first_block_is_not_kept(void **state)
{
	struct arena arena = { 0 };

	assert_non_null(vane__arena_alloc(&arena, VANE__ARENA_BLOCK + 1));
	vane__arena_reset(&arena);
	alloc_fail_after(0);
	assert_null(vane__arena_alloc(&arena, 1));
	alloc_fail_never();
	vane__arena_fini(&arena);
}

static void an_arena_can_be_used_after_its_end(void **state)
{
	struct arena arena = { 0 };

	vane__arena_reset(&arena);
	assert_non_null(vane__arena_alloc(&arena, 1));
	vane__arena_fini(&arena);
	assert_non_null(vane__arena_alloc(&arena, 1));
	vane__arena_fini(&arena);
	vane__arena_fini(&arena);
}

static void what_no_memory_can_hold_is_null(void **state)
{
	static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 14,
		SIZE_MAX - 15, SIZE_MAX - 16, SIZE_MAX - 48 };
	struct arena arena = { 0 };
	size_t i;

	alloc_fail_after(0); /* sanitizers end a program that asks malloc() for so much */
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		assert_null(vane__arena_alloc(&arena, sizes[i]));
	assert_null(vane__arena_dup(&arena, "", SIZE_MAX));
	alloc_fail_never();
	vane__arena_fini(&arena);
}

static void an_arena_takes_no_more_than_it_may(void **state)
{
	struct arena arena = { .max = 4 * VANE__ARENA_BLOCK };
	int round, i;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 4; i++)
			assert_non_null(vane__arena_alloc(&arena, VANE__ARENA_BLOCK));
		assert_false(arena.refused);
		assert_null(vane__arena_alloc(&arena, 1));
		assert_null(vane__arena_alloc(&arena, SIZE_MAX / 2));
		assert_true(arena.refused);
		vane__arena_reset(&arena);
		assert_false(arena.refused);
	}
	vane__arena_fini(&arena);
	assert_null(vane__arena_alloc(&arena, 5 * VANE__ARENA_BLOCK));
	assert_non_null(vane__arena_alloc(&arena, 3 * VANE__ARENA_BLOCK));
	vane__arena_fini(&arena);
}

static void copies_end_in_a_nul(void **state)
{
	struct arena arena = { 0 };
	char *copy = vane__arena_dup(&arena, "a\0bc", 3);

	assert_memory_equal(copy, "a\0b\0", 4);
	assert_string_equal(vane__arena_dup(&arena, NULL, 0), "");
	vane__arena_fini(&arena);
	alloc_fail_after(0);
	assert_null(vane__arena_dup(&arena, "a", 1));
	alloc_fail_never();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_and_apart),
		cmocka_unit_test(nothing_can_be_taken_from_an_empty_arena),
		cmocka_unit_test(a_reset_keeps_the_first_block),
		cmocka_unit_test(a_large_first_block_is_not_kept),
		cmocka_unit_test(an_arena_can_be_used_after_its_end),
		cmocka_unit_test(what_no_memory_can_hold_is_null),
		cmocka_unit_test(an_arena_takes_no_more_than_it_may),
		cmocka_unit_test(copies_end_in_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
