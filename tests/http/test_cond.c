/* SPDX-License-Identifier: MIT */
/*
 * test_cond.c - lib/http/cond.c
 */
#include "test.h"

#include "cond.h"
#include "slice.h"

#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AT     "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER  "Sun, 06 Nov 1994 08:49:38 GMT"

/* The resource has the entity-tag "x" and was modified AT that second, but for these. */
enum { WEAK = 1, NO_ETAG = 2, NO_DATE = 4, UNSAFE = 8 };

static const struct {
	const char *if_match, *if_none_match, *if_modified_since, *if_unmodified_since;
	unsigned flags;
	enum vane__cond cond;
} rows[] = {
	{ NULL, NULL, NULL, NULL, 0, VANE__COND_PASS },
	{ NULL, NULL, NULL, NULL, UNSAFE, VANE__COND_PASS },
	/* If-Match: strong comparison */
	{ "\"x\"", NULL, NULL, NULL, 0, VANE__COND_PASS },
	{ "\"y\"", NULL, NULL, NULL, 0, VANE__COND_FAILED },
	{ "\"y\", \"x\"", NULL, NULL, NULL, UNSAFE, VANE__COND_PASS },
	{ "W/\"x\"", NULL, NULL, NULL, 0, VANE__COND_FAILED },
	{ "W/\"x\", \"x\"", NULL, NULL, NULL, 0, VANE__COND_PASS },
	{ "\"x\"", NULL, NULL, NULL, WEAK, VANE__COND_FAILED },
	{ "W/\"x\"", NULL, NULL, NULL, WEAK, VANE__COND_FAILED },
	{ "*", NULL, NULL, NULL, 0, VANE__COND_PASS },
	{ "*", NULL, NULL, NULL, NO_ETAG, VANE__COND_PASS },
	{ "\"x\"", NULL, NULL, NULL, NO_ETAG, VANE__COND_FAILED },
	{ "x", NULL, NULL, NULL, 0, VANE__COND_FAILED },
	{ "", NULL, NULL, NULL, 0, VANE__COND_FAILED },
	{ "\"x", NULL, NULL, NULL, 0, VANE__COND_FAILED },
	/* If-Unmodified-Since: only without If-Match */
	{ NULL, NULL, NULL, AT, 0, VANE__COND_PASS },
	{ NULL, NULL, NULL, AFTER, UNSAFE, VANE__COND_PASS },
	{ NULL, NULL, NULL, BEFORE, 0, VANE__COND_FAILED },
	{ NULL, NULL, NULL, BEFORE, NO_DATE, VANE__COND_PASS },
	{ NULL, NULL, NULL, "yesterday", 0, VANE__COND_PASS },
	{ "\"x\"", NULL, NULL, BEFORE, 0, VANE__COND_PASS },
	/* If-None-Match: weak comparison */
	{ NULL, "\"x\"", NULL, NULL, 0, VANE__COND_NOT_MODIFIED },
	{ NULL, "\"x\"", NULL, NULL, UNSAFE, VANE__COND_FAILED },
	{ NULL, "\"y\"", NULL, NULL, 0, VANE__COND_PASS },
	{ NULL, "\"y\"", NULL, NULL, UNSAFE, VANE__COND_PASS },
	{ NULL, "W/\"x\"", NULL, NULL, 0, VANE__COND_NOT_MODIFIED },
	{ NULL, "\"x\"", NULL, NULL, WEAK, VANE__COND_NOT_MODIFIED },
	{ NULL, ", \"y,\" ,W/\"a\\\",\t\"x\"", NULL, NULL, 0, VANE__COND_NOT_MODIFIED },
	{ NULL, "\"x,y\"", NULL, NULL, 0, VANE__COND_PASS },
	{ NULL, "*", NULL, NULL, 0, VANE__COND_NOT_MODIFIED },
	{ NULL, "*", NULL, NULL, UNSAFE | NO_ETAG, VANE__COND_FAILED },
	{ NULL, "\"x\"", NULL, NULL, NO_ETAG, VANE__COND_PASS },
	{ NULL, "w/\"x\"", NULL, NULL, 0, VANE__COND_PASS },
	{ NULL, "", NULL, NULL, 0, VANE__COND_PASS },
	/* If-Modified-Since: only without If-None-Match, and only when safe */
	{ NULL, NULL, AT, NULL, 0, VANE__COND_NOT_MODIFIED },
	{ NULL, NULL, AFTER, NULL, 0, VANE__COND_NOT_MODIFIED },
	{ NULL, NULL, BEFORE, NULL, 0, VANE__COND_PASS },
	{ NULL, NULL, AT, NULL, UNSAFE, VANE__COND_PASS },
	{ NULL, NULL, AT, NULL, NO_DATE, VANE__COND_PASS },
	{ NULL, NULL, "yesterday", NULL, 0, VANE__COND_PASS },
	{ NULL, NULL, "", NULL, 0, VANE__COND_PASS },
	{ NULL, "\"y\"", AT, NULL, 0, VANE__COND_PASS },
	{ NULL, "\"x\"", BEFORE, NULL, 0, VANE__COND_NOT_MODIFIED },
	/* the first pair is asked before the second */
	{ "\"y\"", "\"x\"", NULL, NULL, 0, VANE__COND_FAILED },
	{ "\"x\"", "\"x\"", NULL, NULL, 0, VANE__COND_NOT_MODIFIED },
	{ NULL, "\"x\"", NULL, BEFORE, 0, VANE__COND_FAILED },
	{ NULL, NULL, AT, BEFORE, 0, VANE__COND_FAILED },
	{ NULL, NULL, AT, AT, 0, VANE__COND_NOT_MODIFIED },
};

static struct vane_slice field(const char *value)
{
	return value != NULL ? vane__slice(value) : (struct vane_slice) { NULL, 0 };
}

static void conditions_are_evaluated_in_their_order(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane__cond_fields fields = { field(rows[i].if_match),
			field(rows[i].if_none_match), field(rows[i].if_modified_since),
			field(rows[i].if_unmodified_since) };
		struct vane_slice etag =
			rows[i].flags & WEAK ? SLICE("W/\"x\"") : SLICE("\"x\"");

		if (rows[i].flags & NO_ETAG)
			etag.data = NULL;
		assert_int_equal(vane__cond_evaluate(&fields, !(rows[i].flags & UNSAFE),
					 etag, rows[i].flags & NO_DATE ? -1 : 784111777),
			rows[i].cond);
	}
}

static void entity_tags_are_checked(void **state)
{
	static const struct {
		struct vane_slice etag;
		bool ok;
	} etags[] = {
		{ SLICE_INIT("\"x\""), true },
		{ SLICE_INIT("\"\""), true },
		{ SLICE_INIT("W/\"x\""), true },
		{ SLICE_INIT("\"!#,\\\xff\""), true },
		{ SLICE_INIT(""), false },
		{ SLICE_INIT("x"), false },
		{ SLICE_INIT("\""), false },
		{ SLICE_INIT("W/"), false },
		{ SLICE_INIT("w/\"x\""), false },
		{ SLICE_INIT("\"x\"y"), false },
		{ SLICE_INIT("\"x\", \"y\""), false },
		{ SLICE_INIT("\"x y\""), false },
		{ SLICE_INIT("\"x\ty\""), false },
		{ SLICE_INIT("\"\x7f\""), false },
		{ SLICE_INIT("\"\0\""), false },
		{ SLICE_INIT("*"), false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(etags); i++)
		assert_int_equal(vane__etag_ok(etags[i].etag), etags[i].ok);
}

static void a_range_of_something_else_does_not_count(void **state)
{
	static const struct {
		const char *if_range;
		unsigned flags;
		bool counts;
	} ranges[] = {
		{ NULL, 0, true },
		{ "\"x\"", 0, true },
		{ " \"x\"\t", 0, true },
		{ "\"y\"", 0, false },
		{ "W/\"x\"", 0, false },
		{ "\"x\"", WEAK, false },
		{ "W/\"x\"", WEAK, false },
		{ "\"x\"", NO_ETAG, false },
		{ "\"y\", \"x\"", 0, false },
		{ "*", 0, false },
		{ "x", 0, false },
		{ "", 0, false },
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 0, true },
		{ "Sun, 06 Nov 1994 08:49:36 GMT", 0, false },
		{ "Sun, 06 Nov 1994 08:49:38 GMT", 0, false },
		{ "Sun, 06 Nov 1994 08:49:37 GMT", NO_DATE, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct vane_slice etag =
			ranges[i].flags & WEAK ? SLICE("W/\"x\"") : SLICE("\"x\"");

		if (ranges[i].flags & NO_ETAG)
			etag.data = NULL;
		assert_int_equal(vane__cond_if_range(field(ranges[i].if_range), etag,
					 ranges[i].flags & NO_DATE ? -1 : 784111777),
			ranges[i].counts);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_are_evaluated_in_their_order),
		cmocka_unit_test(entity_tags_are_checked),
		cmocka_unit_test(a_range_of_something_else_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
