/* SPDX-License-Identifier: MIT */
/*
 * test_limit.c - lib/base/limit.c: the rule for limits and times.
 */
#include "test.h"

#include <stdio.h>

#include <vane/log.h>

#include "limit.h"

static char logged[256];

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	(void) data;
	assert_int_equal(level, VANE_LOG_ERROR);
	snprintf(logged, sizeof(logged), "%s", line);
}

static void zero_is_the_default_and_no_limit_none(void **state)
{
	static const struct {
		int64_t given, otherwise;
		bool least;
		int64_t in_force;
	} rows[] = {
		{ 0, 60, false, 60 },
		{ 1, 60, false, 1 },
		{ INT64_MAX - 1, 60, false, INT64_MAX - 1 },
		{ INT64_MAX, 60, false, VANE__UNLIMITED },
		{ VANE_NO_LIMIT, 60, false, VANE__UNLIMITED },
		{ 0, VANE_NO_LIMIT, false, VANE__UNLIMITED },
		{ VANE_NO_LIMIT, VANE_NO_LIMIT, false, VANE__UNLIMITED },
		{ 0, 60, true, 60 },
		{ 7, 60, true, 7 },
		{ VANE_NO_LIMIT, 60, true, 0 },
		{ 0, VANE_NO_LIMIT, true, 0 },
	};
	size_t i;

	(void) state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t value = rows[i].given;
		const struct vane__limit limit = { "x.y", &value, rows[i].otherwise,
			rows[i].least };

		assert_int_equal(vane__limits_fill(&limit, 1), 0);
		assert_true(value == rows[i].in_force);
	}
}

static void what_is_below_no_limit_is_named(void **state)
{
	int64_t first = 0, second = -2, third = 0;
	const struct vane__limit limits[] = {
		{ "vane_x.first", &first, 1 },
		{ "vane_x.second", &second, 2 },
		{ "vane_x.third", &third, 3 },
	};

	(void) state;
	vane_log_set_function(keep_line, NULL);
	assert_int_equal(vane__limits_fill(limits, ARRAY_SIZE(limits)), -EINVAL);
	assert_string_equal(
		logged, "vane_x.second: -2 is below 0; no limit is VANE_NO_LIMIT, -1");
	assert_int_equal(second, -2);
	second = INT64_MIN;
	assert_int_equal(vane__limit_fill("vane_x.second", &second, 2), -EINVAL);
	vane_log_set_function(NULL, NULL);
}

static void sums_and_sizes_stop_at_the_end(void **state)
{
	(void) state;
	assert_true(vane__limit_add(1, 2) == 3);
	assert_true(vane__limit_add(VANE__UNLIMITED, 0) == VANE__UNLIMITED);
	assert_true(vane__limit_add(VANE__UNLIMITED, 5) == VANE__UNLIMITED);
	assert_true(vane__limit_add(VANE__UNLIMITED - 5, 5) == VANE__UNLIMITED);
	assert_true(vane__limit_add(VANE__UNLIMITED - 6, 5) == VANE__UNLIMITED - 1);
	assert_int_equal(vane__limit_size(4096), 4096);
	assert_true(vane__limit_size(VANE__UNLIMITED) >= SIZE_MAX / 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(zero_is_the_default_and_no_limit_none),
		cmocka_unit_test(what_is_below_no_limit_is_named),
		cmocka_unit_test(sums_and_sizes_stop_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
