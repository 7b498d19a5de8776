/* SPDX-License-Identifier: MIT */
/*
 * test_cpus.c - lib/net/cpus.c
 */
#include "config.h"

#include "test.h"

#include <sched.h>

#include "base.h"
#include "cpus.h"

static void quotas_are_rounded_up(void **state)
{
	static const struct {
		struct vane_slice text;
		int cpus;
	} rows[] = {
		{ SLICE_INIT("max 100000\n"), 0 },
		{ SLICE_INIT("150000 100000\n"), 2 },
		{ SLICE_INIT("200000 100000\n"), 2 },
		{ SLICE_INIT("200001 100000"), 3 },
		{ SLICE_INIT("1000 100000\n"), 1 },
		{ SLICE_INIT("9223372036854775807 1\n"), 0 },
		{ SLICE_INIT("100000 0\n"), 0 },
		{ SLICE_INIT("0 100000\n"), 0 },
		{ SLICE_INIT("100000\n"), 0 },
		{ SLICE_INIT("-1 100000\n"), 0 },
		{ SLICE_INIT(""), 0 },
		{ { NULL, 0 }, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vane__cpus_of_quota(rows[i].text), rows[i].cpus);
}

static void the_unified_group_is_found_among_others(void **state)
{
	static const struct {
		struct vane_slice text;
		const char *path;
	} rows[] = {
		{ SLICE_INIT("0::/\n"), "/" },
		{ SLICE_INIT("0::/user.slice/x"), "/user.slice/x" },
		{ SLICE_INIT("4:cpu,cpuacct:/a\n1:name=systemd:/b\n0::/c\n"), "/c" },
		{ SLICE_INIT("4:cpu,cpuacct:/a\n"), NULL },
		{ SLICE_INIT(""), NULL },
		{ { NULL, 0 }, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_slice path = vane__cgroup_path(rows[i].text);

		if (rows[i].path == NULL) {
			assert_null(path.data);
			continue;
		}
		assert_int_equal(path.len, strlen(rows[i].path));
		assert_memory_equal(path.data, rows[i].path, path.len);
	}
}

static void the_affinity_mask_counts(void **state)
{
	cpu_set_t all, one;
	int cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	assert_true(vane_cpu_count() >= 1 && vane_cpu_count() <= CPU_COUNT(&all));
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(vane_cpu_count(), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotas_are_rounded_up),
		cmocka_unit_test(the_unified_group_is_found_among_others),
		cmocka_unit_test(the_affinity_mask_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
