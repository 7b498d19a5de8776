/* SPDX-License-Identifier: MIT */
/*
 * test_clock.c - lib/net/clock.c
 */
#include "test.h"

#include <time.h>

#include "clock.h"

static void milliseconds_are_those_of_the_monotonic_clock(void **state)
{
	int64_t before = vane__now_msec(), after;
	struct timespec ts;

	(void) state;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	after = vane__now_msec();
	assert_true(before <= ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000);
	assert_true(ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000 <= after);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(milliseconds_are_those_of_the_monotonic_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
