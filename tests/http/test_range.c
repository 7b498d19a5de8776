/* SPDX-License-Identifier: MIT */
/*
 * test_range.c - lib/http/range.c
 */
#include "test.h"

#include "range.h"
#include "slice.h"

#define WHOLE VANE__RANGE_WHOLE
#define PART  VANE__RANGE_PART
#define NONE  VANE__RANGE_NONE

static const struct {
	const char *field;
	int64_t size;
	enum vane__range range;
	int64_t offset, len; /* of a part */
} rows[] = {
	{ NULL, 100, WHOLE },
	{ "bytes=0-0", 100, PART, 0, 1 },
	{ "bytes=0-49", 100, PART, 0, 50 },
	{ "bytes=50-", 100, PART, 50, 50 },
	{ "bytes=99-", 100, PART, 99, 1 },
	{ "bytes=-1", 100, PART, 99, 1 },
	{ "bytes=-99", 100, PART, 1, 99 },
	{ "bytes=98-200", 100, PART, 98, 2 },
	{ "bytes=1-99999999999999999999", 100, PART, 1, 99 },
	{ "bytes=1-9223372036854775807", 100, PART, 1, 99 },
	{ "BYTES=007-0008", 100, PART, 7, 2 },
	{ "bytes= , 5-6 ,\t,", 100, PART, 5, 2 },
	{ "bytes=1-1", INT64_MAX, PART, 1, 1 },
	{ "bytes=1-", INT64_MAX, PART, 1, INT64_MAX - 1 },
	{ "bytes=-9223372036854775806", INT64_MAX, PART, 1, INT64_MAX - 1 },

	/* all of it is all of it */
	{ "bytes=0-", 100, WHOLE },
	{ "bytes=0-99", 100, WHOLE },
	{ "bytes=0-100", 100, WHOLE },
	{ "bytes=-100", 100, WHOLE },
	{ "bytes=-101", 100, WHOLE },
	{ "bytes=-99999999999999999999", 100, WHOLE },
	{ "bytes=-1", 0, WHOLE },
	{ "bytes=0-", 1, WHOLE },

	/* nothing of that is there */
	{ "bytes=100-", 100, NONE },
	{ "bytes=100-100", 100, NONE },
	{ "bytes=99999999999999999999-", 100, NONE },
	{ "bytes=99999999999999999999-99999999999999999999", 100, NONE },
	{ "bytes=-0", 100, NONE },
	{ "bytes=-0", 0, NONE },
	{ "bytes=0-", 0, NONE },
	{ "bytes=0-0", 0, NONE },
	{ "bytes=9223372036854775807-", INT64_MAX, NONE },

	/* ignored: several, malformed, of another kind */
	{ "bytes=0-0,2-2", 100, WHOLE },
	{ "bytes=0-0,", 100, PART, 0, 1 },
	{ "bytes=0-0, 200-", 100, WHOLE },
	{ "bytes=0-0,x", 100, WHOLE },
	{ "bytes=5-4", 100, WHOLE },
	{ "bytes=200-100", 100, WHOLE },
	{ "", 100, WHOLE },
	{ "bytes", 100, WHOLE },
	{ "bytes=", 100, WHOLE },
	{ "bytes=,", 100, WHOLE },
	{ "bytes=-", 100, WHOLE },
	{ "bytes=5", 100, WHOLE },
	{ "bytes=--5", 100, WHOLE },
	{ "bytes=5--", 100, WHOLE },
	{ "bytes=5-6-7", 100, WHOLE },
	{ "bytes=+5-6", 100, WHOLE },
	{ "bytes=5 - 6", 100, WHOLE },
	{ "bytes=0x1-0x2", 100, WHOLE },
	{ "bytes=a-b", 100, WHOLE },
	{ "bytes=99999999999999999999x-", 100, WHOLE },
	{ "bytes=1-99999999999999999999x", 100, WHOLE },
	{ "bytes =1-2", 100, WHOLE },
	{ " bytes=1-2", 100, WHOLE },
	{ "bytes==1-2", 100, WHOLE },
	{ "lines=1-2", 100, WHOLE },
	{ "1-2", 100, WHOLE },
};

static void one_range_of_bytes_is_found(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_slice field = { NULL, 0 };
		int64_t offset, len;
		enum vane__range range;

		if (rows[i].field != NULL)
			field = vane__slice(rows[i].field);
		range = vane__range_find(field, rows[i].size, &offset, &len);
		if (range != rows[i].range)
			fail_msg("%s of %lld: %d", rows[i].field, (long long) rows[i].size,
				range);
		assert_int_equal(offset, range == PART ? rows[i].offset : 0);
		assert_int_equal(len, range == PART ? rows[i].len : rows[i].size);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_range_of_bytes_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
