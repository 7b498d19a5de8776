/* SPDX-License-Identifier: MIT */
/*
 * test_date.c - lib/http/date.c
 */
#include "test.h"

#include <stdio.h>
#include <time.h>
#include <vane/util.h>

#include "date.h"
#include "slice.h"

static void times_are_written(void **state)
{
	static const struct {
		int64_t when;
		const char *text;
	} rows[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ -1, "Wed, 31 Dec 1969 23:59:59 GMT" },
		{ 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
		{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
		{ 4107542399, "Sun, 28 Feb 2100 23:59:59 GMT" },
		{ 4107542400, "Mon, 01 Mar 2100 00:00:00 GMT" },
		{ -62135596800, "Mon, 01 Jan 0001 00:00:00 GMT" },
		{ -62135596801, "Mon, 01 Jan 0001 00:00:00 GMT" },
		{ INT64_MIN, "Mon, 01 Jan 0001 00:00:00 GMT" },
		{ 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
		{ INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT" },
	};
	char buf[VANE__DATE_LEN + 1];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(
			vane_http_date(buf, sizeof(buf), rows[i].when), VANE__DATE_LEN);
		assert_string_equal(buf, rows[i].text);
	}
}

static void every_day_of_800_years_agrees_with_libc(void **state)
{
	char ours[VANE__DATE_LEN + 1], libc[64];
	int64_t day, when, back;

	for (day = -146097; day < 146097; day++) {
		time_t t = (time_t) (when = day * 86400 + 45296);
		struct tm tm;

		vane_http_date(ours, sizeof(ours), when);
		gmtime_r(&t, &tm);
		strftime(libc, sizeof(libc), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		assert_string_equal(ours, libc);
		assert_int_equal(vane__date_parse(vane__slice(ours), &back), 0);
		assert_int_equal(back, when);
	}
}

static void all_three_forms_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t when;
	} rows[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
		{ "Sun Nov  6 08:49:37 1994", 784111777 },
		{ "Wed Nov 16 08:49:37 1994", 784975777 },
		{ "Thu, 29 Feb 2024 00:00:00 GMT", 1709164800 },
		{ "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800 },
		{ "Mon, 01 Jan 0001 00:00:00 GMT", -62135596800 },
	};
	int64_t when;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vane__date_parse(vane__slice(rows[i].text), &when), 0);
		assert_int_equal(when, rows[i].when);
	}
}

static void what_is_no_date_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"0",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"sun, 06 nov 1994 08:49:37 gmt",
		"Sux, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nox 1994 08:49:37 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Wed, 29 Feb 1900 00:00:00 GMT",
		"Sun, 29 Feb 2023 00:00:00 GMT",
		"Sun, 06 Nov 0000 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:00 GMT",
		"Sun, 06 Nov 1994 08:49:61 GMT",
		"Sun, 06 Nov -994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:4 :37 GMT",
		"Sun, 06-Nov-94 08:49:37 GMT",
		"Sunday, 06-Nov-9 08:49:37 GMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sun Nov 6 08:49:37 1994",
		"Sun Nov  6 08:49:37 1994 GMT",
		"Sun Nov  6 08:49:37 94",
	};
	int64_t when = 5;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vane__date_parse(vane__slice(rows[i]), &when), -EINVAL);
		assert_int_equal(when, 5);
	}
}

static void every_cut_of_a_date_is_refused(void **state)
{
	static const char *const rows[] = { "Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994" };
	int64_t when;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (len = 0; len < strlen(rows[i]); len++)
			assert_int_equal(
				vane__date_parse(
					(struct vane_slice) { rows[i], len }, &when),
				-EINVAL);
}

static void two_digits_are_at_most_fifty_years_ahead(void **state)
{
	time_t now = time(NULL);
	int64_t when, back;
	char text[64], date[64];
	struct tm tm;
	int ahead;

	gmtime_r(&now, &tm);
	for (ahead = -49; ahead <= 50; ahead++) {
		int year = tm.tm_year + 1900 + ahead;

		snprintf(
			text, sizeof(text), "Sunday, 01-Jul-%02d 00:00:00 GMT", year % 100);
		snprintf(date, sizeof(date), "Sun, 01 Jul %04d 00:00:00 GMT", year);
		assert_int_equal(vane__date_parse(vane__slice(text), &when), 0);
		assert_int_equal(vane__date_parse(vane__slice(date), &back), 0);
		assert_int_equal(when, back);
	}
}

static void a_date_is_cut_to_fit(void **state)
{
	char buf[8];

	assert_int_equal(vane_http_date(NULL, 0, 0), VANE__DATE_LEN);
	assert_int_equal(vane_http_date(buf, 5, 0), VANE__DATE_LEN);
	assert_string_equal(buf, "Thu,");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_written),
		cmocka_unit_test(every_day_of_800_years_agrees_with_libc),
		cmocka_unit_test(all_three_forms_are_read),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(every_cut_of_a_date_is_refused),
		cmocka_unit_test(two_digits_are_at_most_fifty_years_ahead),
		cmocka_unit_test(a_date_is_cut_to_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
