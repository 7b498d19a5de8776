/* SPDX-License-Identifier: MIT */
/*
 * test_method.c - lib/http/method.c
 */
#include "test.h"

#include "method.h"
#include "slice.h"

static void methods_are_told_apart(void **state)
{
	static const struct {
		struct vane_slice name;
		enum vane__method method;
	} rows[] = {
		{ SLICE_INIT("GET"), VANE__GET },
		{ SLICE_INIT("HEAD"), VANE__HEAD },
		{ SLICE_INIT("POST"), VANE__POST },
		{ SLICE_INIT("PUT"), VANE__PUT },
		{ SLICE_INIT("PATCH"), VANE__PATCH },
		{ SLICE_INIT("DELETE"), VANE__DELETE },
		{ SLICE_INIT("OPTIONS"), VANE__OPTIONS },
		{ SLICE_INIT("TRACE"), VANE__KNOWN },
		{ SLICE_INIT("ACL"), VANE__KNOWN },
		{ SLICE_INIT("UNLOCK"), VANE__KNOWN },
		{ SLICE_INIT("CONNECT"), VANE__UNKNOWN },
		{ SLICE_INIT("PRI"), VANE__UNKNOWN },
		{ SLICE_INIT("get"), VANE__UNKNOWN },
		{ SLICE_INIT("GE"), VANE__UNKNOWN },
		{ SLICE_INIT("GETS"), VANE__UNKNOWN },
		{ SLICE_INIT("PURGE"), VANE__UNKNOWN },
		{ SLICE_INIT(""), VANE__UNKNOWN },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vane__method(rows[i].name), rows[i].method);
}

static void the_seven_have_names_that_lead_back(void **state)
{
	int m;

	for (m = VANE__GET; m < VANE__KNOWN; m++)
		assert_int_equal(vane__method(vane__slice(vane__method_name(m))), m);
	assert_null(vane__method_name(VANE__KNOWN));
	assert_null(vane__method_name(VANE__UNKNOWN));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_are_told_apart),
		cmocka_unit_test(the_seven_have_names_that_lead_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
