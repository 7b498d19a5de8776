/* SPDX-License-Identifier: MIT */
/*
 * date.c - HTTP dates (RFC 9110, 5.6.7), without libc's locale and time zone.
 *
 * Days are counted in years that begin in March, so that the leap day is the last of its
 * year, and in eras of 400 years, which all have the same number of days.
 */
#include "date.h"

#include <stdio.h>
#include <time.h>
#include <vane/util.h>

#include "months.h"
#include "slice.h"

#define DAY          86400
#define ERA_DAYS     146097
#define EPOCH        719468                /* days from 0000-03-01 to 1970-01-01 */
#define FIRST_SECOND INT64_C(-62135596800) /* of the year 1 */
#define LAST_SECOND  INT64_C(253402300799) /* of the year 9999 */

static const char days[7][10] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
	"Friday", "Saturday" };
static const char months[12][4] = VANE__MONTHS;

/* A date taken apart; month and day count from 1. */
struct date {
	int year, month, day, hour, minute, second;
};

/* Days before the year of an era, 0 to 400. */
static int days_before(int of_era)
{
	return of_era * 365 + of_era / 4 - of_era / 100 + of_era / 400;
}

static int64_t days_since_1970(const struct date *date)
{
	int year = date->month > 2 ? date->year : date->year - 1;
	int month = (date->month + 9) % 12; /* March is 0 */
	int day = days_before(year % 400) + (153 * month + 2) / 5 + date->day - 1;

	return (int64_t) (year / 400) * ERA_DAYS + day - EPOCH;
}

/* The reverse, for days from the year 1 on. */
static void set_day(struct date *date, int64_t since_1970)
{
	int64_t n = since_1970 + EPOCH;
	int era = (int) (n / ERA_DAYS), day = (int) (n % ERA_DAYS);
	int of_era = day / 365, month;

	if (days_before(of_era) > day) /* leap days had made it one too many */
		of_era--;
	day -= days_before(of_era);
	month = (5 * day + 2) / 153;
	date->day = day - (153 * month + 2) / 5 + 1;
	date->month = month < 10 ? month + 3 : month - 9;
	date->year = era * 400 + of_era + (date->month <= 2);
}

static void put_two(char *out, int n)
{
	out[0] = (char) ('0' + n / 10);
	out[1] = (char) ('0' + n % 10);
}

void vane__date_format(char out[VANE__DATE_LEN], int64_t when)
{
	struct date date;
	int64_t day;
	int second;

	if (when < FIRST_SECOND)
		when = FIRST_SECOND;
	if (when > LAST_SECOND)
		when = LAST_SECOND;
	day = when >= 0 ? when / DAY : (when - DAY + 1) / DAY;
	second = (int) (when - day * DAY);
	set_day(&date, day);

	memcpy(out, "ddd, dd mmm yyyy hh:mm:ss GMT", VANE__DATE_LEN);
	memcpy(out, days[(day % 7 + 11) % 7], 3); /* 1970 began on a Thursday */
	put_two(out + 5, date.day);
	memcpy(out + 8, months[date.month - 1], 3);
	put_two(out + 12, date.year / 100);
	put_two(out + 14, date.year % 100);
	put_two(out + 17, second / 3600);
	put_two(out + 20, second / 60 % 60);
	put_two(out + 23, second % 60);
}

/* Take so many digits as a number, -1 if they are none. */
static int take_number(struct vane_slice *s, size_t digits)
{
	int n = 0;

	if (s->len < digits)
		return -1;
	for (; digits > 0; digits--) {
		if (!vane__is_digit(s->data[0]))
			return -1;
		n = n * 10 + s->data[0] - '0';
		s->data++;
		s->len--;
	}
	return n;
}

static bool take_text(struct vane_slice *s, struct vane_slice text)
{
	if (!vane__slice_starts(*s, text))
		return false;
	s->data += text.len;
	s->len -= text.len;
	return true;
}

/* Take the name of a day, its first three letters if whole is not set. */
static bool take_day_name(struct vane_slice *s, bool whole)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(days); i++)
		if (take_text(s,
			    (struct vane_slice) { days[i], whole ? strlen(days[i]) : 3 }))
			return true;
	return false;
}

/* Take the name of a month: 1 to 12, -1 if it is none. */
static int take_month(struct vane_slice *s)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(months); i++)
		if (take_text(s, vane__slice(months[i])))
			return (int) i + 1;
	return -1;
}

/* hour ":" minute ":" second */
static bool take_time(struct vane_slice *s, struct date *date)
{
	date->hour = take_number(s, 2);
	if (!take_text(s, SLICE(":")))
		return false;
	date->minute = take_number(s, 2);
	if (!take_text(s, SLICE(":")))
		return false;
	date->second = take_number(s, 2);
	return true;
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool parse_imf(struct vane_slice s, struct date *date)
{
	if (!take_day_name(&s, false) || !take_text(&s, SLICE(", ")))
		return false;
	date->day = take_number(&s, 2);
	if (!take_text(&s, SLICE(" ")))
		return false;
	date->month = take_month(&s);
	if (!take_text(&s, SLICE(" ")))
		return false;
	date->year = take_number(&s, 4);
	return take_text(&s, SLICE(" ")) && take_time(&s, date) &&
	       vane__slice_equal(s, SLICE(" GMT"));
}

/* Sun Nov  6 08:49:37 1994 */
static bool parse_asctime(struct vane_slice s, struct date *date)
{
	if (!take_day_name(&s, false) || !take_text(&s, SLICE(" ")))
		return false;
	date->month = take_month(&s);
	if (!take_text(&s, SLICE(" ")))
		return false;
	date->day = take_number(&s, take_text(&s, SLICE(" ")) ? 1 : 2);
	if (!take_text(&s, SLICE(" ")) || !take_time(&s, date) ||
		!take_text(&s, SLICE(" ")))
		return false;
	date->year = take_number(&s, 4);
	return s.len == 0;
}

/* Put a year of two digits into the last century, or this, or the next (RFC 9110, 5.6.7). */
static int whole_year(int two_digits)
{
	struct date now;
	int year;

	if (two_digits < 0)
		return -1;
	set_day(&now, (int64_t) time(NULL) / DAY);
	year = now.year - now.year % 100 + two_digits;
	if (year > now.year + 50)
		return year - 100;
	return year + 100 <= now.year + 50 ? year + 100 : year;
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static bool parse_rfc850(struct vane_slice s, struct date *date)
{
	if (!take_day_name(&s, true) || !take_text(&s, SLICE(", ")))
		return false;
	date->day = take_number(&s, 2);
	if (!take_text(&s, SLICE("-")))
		return false;
	date->month = take_month(&s);
	if (!take_text(&s, SLICE("-")))
		return false;
	date->year = whole_year(take_number(&s, 2));
	return take_text(&s, SLICE(" ")) && take_time(&s, date) &&
	       vane__slice_equal(s, SLICE(" GMT"));
}

static bool date_ok(const struct date *date)
{
	static const unsigned char lengths[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool leap = date->year % 4 == 0 && (date->year % 100 != 0 || date->year % 400 == 0);

	if (date->year < 1 || date->month < 1 || date->day < 1)
		return false;
	if (date->day > lengths[date->month - 1] + (leap && date->month == 2))
		return false;
	return date->hour >= 0 && date->hour <= 23 && date->minute >= 0 &&
	       date->minute <= 59 && date->second >= 0 &&
	       date->second <= 60; /* a leap second is the next one's 0 */
}

int vane__date_parse(struct vane_slice s, int64_t *when)
{
	struct date date;

	if (!parse_imf(s, &date) && !parse_asctime(s, &date) && !parse_rfc850(s, &date))
		return -EINVAL;
	if (!date_ok(&date))
		return -EINVAL;
	*when = days_since_1970(&date) * DAY + date.hour * 3600 + date.minute * 60 +
		date.second;
	return 0;
}

size_t vane_http_date(char *buf, size_t size, int64_t when)
{
	char text[VANE__DATE_LEN];

	vane__date_format(text, when);
	return (size_t) snprintf(buf, size, "%.*s", VANE__DATE_LEN, text);
}
