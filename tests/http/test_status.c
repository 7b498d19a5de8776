/* SPDX-License-Identifier: MIT */
/*
 * test_status.c - lib/http/status.c
 */
#include "test.h"

#include <limits.h>
#include <stdio.h>
#include <vane/util.h>

#include "slice.h"
#include "status.h"

static void registered_statuses_have_a_line_and_a_reason(void **state)
{
	static const struct {
		int status;
		const char *line;
	} rows[] = {
		{ 100, "100 Continue" },
		{ 200, "200 OK" },
		{ 304, "304 Not Modified" },
		{ 413, "413 Content Too Large" },
		{ 422, "422 Unprocessable Content" },
		{ 511, "511 Network Authentication Required" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_slice line = vane__status_line(rows[i].status);

		assert_true(vane__slice_equal(line, vane__slice(rows[i].line)));
		assert_string_equal(vane_status_reason(rows[i].status), rows[i].line + 4);
	}
}

static void every_line_begins_with_its_number(void **state)
{
	char number[16];
	int status, registered = 0;

	for (status = -1; status < 1000; status++) {
		struct vane_slice line = vane__status_line(status);

		if (line.data == NULL)
			continue;
		snprintf(number, sizeof(number), "%d ", status);
		assert_true(vane__slice_starts(line, vane__slice(number)));
		assert_int_equal(line.len, strlen(line.data));
		registered++;
	}
	assert_int_equal(registered, 61);
}

static void others_are_unknown(void **state)
{
	static const int statuses[] = { INT_MIN, -1, 0, 99, 104, 199, 306, 418, 509, 512,
		600, INT_MAX };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		assert_null(vane__status_line(statuses[i]).data);
		assert_string_equal(vane_status_reason(statuses[i]), "Unknown");
	}
}

static void some_never_have_a_body(void **state)
{
	static const struct {
		int status;
		bool bodyless;
	} rows[] = {
		{ 100, true },
		{ 101, true },
		{ 199, true },
		{ 200, false },
		{ 204, true },
		{ 205, false },
		{ 304, true },
		{ 303, false },
		{ 404, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vane__status_bodyless(rows[i].status), rows[i].bodyless);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(registered_statuses_have_a_line_and_a_reason),
		cmocka_unit_test(every_line_begins_with_its_number),
		cmocka_unit_test(others_are_unknown),
		cmocka_unit_test(some_never_have_a_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
