/* SPDX-License-Identifier: MIT */
/*
 * test_timers.c - lib/net/timers.c
 */
#include "test.h"

#include <stdlib.h>

#include "base.h"
#include "timers.h"

static struct vane_timer *add(struct timers *timers, int64_t due)
{
	struct vane_timer *timer = calloc(1, sizeof(*timer));

	assert_non_null(timer);
	timer->due_nsec = due;
	assert_int_equal(vane__timers_add(timers, timer), 0);
	return timer;
}

static int64_t take(struct timers *timers)
{
	struct vane_timer *timer = vane__timers_first(timers);
	int64_t due;

	assert_non_null(timer);
	due = timer->due_nsec;
	vane__timers_remove(timers, timer);
	free(timer);
	return due;
}

static void timers_come_out_by_time(void **state)
{
	struct timers timers = { 0 };
	unsigned i, x = 1;
	int64_t last = -1;

	for (i = 0; i < 500; i++)
		add(&timers, (x = x * 1103515245u + 12345u) >> 20);
	for (i = 0; i < 500; i++) {
		int64_t due = take(&timers);

		assert_true(due >= last);
		last = due;
	}
	assert_null(vane__timers_first(&timers));
	vane__timers_fini(&timers);
}

static void equal_times_keep_their_order(void **state)
{
	struct timers timers = { 0 };
	struct vane_timer *timer;
	unsigned i;

	for (i = 0; i < 100; i++)
		add(&timers, 7);
	for (i = 0; i < 100; i++) {
		timer = vane__timers_first(&timers);
		assert_int_equal(timer->number, i);
		take(&timers);
	}
	vane__timers_fini(&timers);
}

static void any_timer_can_be_taken_out(void **state)
{
	struct timers timers = { 0 };
	struct vane_timer *list[200];
	unsigned i, x = 5;
	int64_t last = -1;

	for (i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = add(&timers, (x = x * 1103515245u + 12345u) >> 20);
	for (i = 0; i < ARRAY_SIZE(list); i += 2) {
		vane__timers_remove(&timers, list[i]);
		free(list[i]);
	}
	for (i = 0; i < ARRAY_SIZE(list) / 2; i++) {
		int64_t due = take(&timers);

		assert_true(due >= last);
		last = due;
	}
	assert_null(vane__timers_first(&timers));
	vane__timers_fini(&timers);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_come_out_by_time),
		cmocka_unit_test(equal_times_keep_their_order),
		cmocka_unit_test(any_timer_can_be_taken_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
