/* SPDX-License-Identifier: MIT */
/*
 * test_restarts.c - lib/net/restarts.c
 */
#include "test.h"

#include "limit.h"
#include "restarts.h"

static void those_who_die_fast_are_held_back(void **state)
{
	static const struct {
		int64_t last, lived, delay;
	} rows[] = {
		{ 0, 0, 100 },
		{ 100, 999, 200 },
		{ 6400, 5, 10000 },
		{ 10000, 5, 10000 },
		{ 0, 1000, 0 },
		{ 400, 1000, 400 },
		{ 400, 9999, 400 },
		{ 10000, 10000, 0 },
		{ 0, 10000, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(
			vane__restart_delay(rows[i].last, rows[i].lived), rows[i].delay);
}

/* Crashes at those times, and which of them is one too many. */
static void restarts_count_within_a_window(void **state)
{
	static const struct {
		int64_t max;
		int64_t window_msec;
		int64_t at[8];
		size_t refused; /* 8: none */
	} rows[] = {
		{ 3, 1000, { 0, 0, 0, 0 }, 3 },
		{ 3, 1000, { 0, 400, 800, 999 }, 3 },
		{ 3, 1000, { 0, 400, 800, 1000, 1399 }, 4 },
		{ 3, 1000, { 0, 400, 800, 1000, 1400, 1800, 2000, 2400 }, 8 },
		{ 3, VANE__UNLIMITED, { 0, 1000, 2000, 3000000000000 }, 3 },
		{ 1, 1, { 0, 1, 2, 3, 4, 5, 6, 6 }, 7 },
		{ 1000001, 1000, { 0, 0, 0, 0, 0, 0, 0, 0 }, 8 },
		{ VANE__UNLIMITED, 1000, { 0, 0, 0, 0, 0, 0, 0, 0 }, 8 },
	};
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct restarts restarts;

		assert_int_equal(
			vane__restarts_init(&restarts, rows[i].max, rows[i].window_msec),
			0);
		for (k = 0; k < 8 && vane__restarts_add(&restarts, rows[i].at[k]); k++)
			;
		assert_int_equal(k, rows[i].refused);
		vane__restarts_fini(&restarts);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_who_die_fast_are_held_back),
		cmocka_unit_test(restarts_count_within_a_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
