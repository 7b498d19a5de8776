/* SPDX-License-Identifier: MIT */
/*
 * conform_native.c - the rows hold for the native server: one process, and several.
 */
#include "test.h"

#include "carrier.h"
#include "support/http.h"

static void conform(const char *name, const char *processes)
{
	const char *more[] = { "--processes", processes, "--logging", "none", NULL };
	struct suite_carrier carrier;
	struct tmp tmp;
	struct proc proc;
	int port, failed;

	assert_int_equal(tmp_make(&tmp), 0);
	assert_int_equal(carrier_start_native(&proc, &tmp, &port, more), 0);
	carrier = carrier_http(name, &port, false);
	failed = suite_run(&carrier);
	if (failed != 0)
		proc_print_log(&proc);
	assert_int_equal(proc_stop(&proc), 0);
	tmp_remove(&tmp);
	assert_int_equal(failed, 0);
}

static void one_process_answers_as_the_test_client_does(void **state)
{
	conform("native", "1");
}

static void two_workers_do_as_well(void **state)
{
	conform("native-workers", "2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_process_answers_as_the_test_client_does),
		cmocka_unit_test(two_workers_do_as_well),
	};

	http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
