/* SPDX-License-Identifier: MIT */
/*
 * test_histogram.c - lib/base/histogram.c
 */
#include "test.h"

#include "base.h"
#include "histogram.h"

static void a_time_is_in_the_first_bucket_that_has_room_for_it(void **state)
{
	static const struct {
		uint64_t usec;
		unsigned bucket;
	} rows[] = {
		{ 0, 0 },
		{ 100, 0 },
		{ 101, 1 },
		{ 150, 1 },
		{ 151, 2 },
		{ 700, 5 },
		{ 701, 6 },
		{ 1000, 6 },
		{ 1001, 7 },
		{ 60000000, VANE__HISTOGRAM_BOUNDS - 1 },
		{ 60000001, VANE__HISTOGRAM_BOUNDS },
		{ UINT64_MAX, VANE__HISTOGRAM_BOUNDS },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vane__histogram_bucket(rows[i].usec), rows[i].bucket);
	for (i = 1; i < VANE__HISTOGRAM_BOUNDS; i++) {
		uint32_t bound = vane__histogram_bounds[i];

		assert_true(bound > vane__histogram_bounds[i - 1]);
		assert_true(bound <= 2 * vane__histogram_bounds[i - 1]);
		assert_int_equal(vane__histogram_bucket(bound), i);
		assert_int_equal(vane__histogram_bucket(bound + 1), i + 1);
	}
}

/* One of a thousand within a bucket is at that part of it. */
static void percentiles_lie_within_their_bucket(void **state)
{
	uint64_t counts[VANE__HISTOGRAM_BUCKETS] = { 0 };

	assert_int_equal(vane__histogram_percentile(counts, 50), 0);
	counts[0] = 90;
	counts[6] = 9;
	counts[VANE__HISTOGRAM_BOUNDS] = 1;
	assert_int_equal(vane__histogram_percentile(counts, 45), 50);
	assert_int_equal(vane__histogram_percentile(counts, 90), 100);
	assert_int_equal(vane__histogram_percentile(counts, 93), 800);
	assert_int_equal(vane__histogram_percentile(counts, 99), 1000);
	assert_int_equal(vane__histogram_percentile(counts, 100), 60000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_in_the_first_bucket_that_has_room_for_it),
		cmocka_unit_test(percentiles_lie_within_their_bucket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
