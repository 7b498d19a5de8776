/* SPDX-License-Identifier: MIT */
/*
 * options_value.c - times, sizes, dates, numbers and truth as text.
 *
 * Pure functions: they know nothing of options.
 */
#define _GNU_SOURCE /* strptime(), timegm() */
#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "c_locale.h"
#include "slice.h"

struct unit {
	struct vane_slice name;
	int64_t factor;
};

static bool is_one_of(struct vane_slice s, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (vane__slice_equal_nocase(s, vane__slice(words[i])))
			return true;
	return false;
}

int vane__value_boolean(struct vane_slice s, bool *out)
{
	static const char *const yes[] = { "true", "yes", "on", "1", "t", "y" };
	static const char *const no[] = { "false", "no", "off", "0", "f", "n" };

	if (is_one_of(s, yes, ARRAY_SIZE(yes)))
		*out = true;
	else if (is_one_of(s, no, ARRAY_SIZE(no)))
		*out = false;
	else
		return -EINVAL;
	return 0;
}

int vane__value_integer(struct vane_slice s, int64_t *out)
{
	bool minus = s.len > 0 && s.data[0] == '-';
	int64_t n;
	int rc;

	if (minus || (s.len > 0 && s.data[0] == '+')) {
		s.data++;
		s.len--;
	}
	rc = vane__slice_number(s, &n);
	if (rc < 0)
		return rc;
	*out = minus ? -n : n;
	return 0;
}

/* The digits at the start of s, which move to head; s keeps what is left. */
static struct vane_slice take_digits(struct vane_slice *s)
{
	struct vane_slice head = { s->data, 0 };

	while (head.len < s->len && vane__is_digit(s->data[head.len]))
		head.len++;
	s->data += head.len;
	s->len -= head.len;
	return head;
}

static struct vane_slice take_letters(struct vane_slice *s)
{
	struct vane_slice head = { s->data, 0 };

	while (head.len < s->len && !vane__is_digit(s->data[head.len]))
		head.len++;
	s->data += head.len;
	s->len -= head.len;
	return head;
}

static int64_t find_unit(struct vane_slice name, const struct unit *units, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (vane__slice_equal_nocase(name, units[i].name))
			return units[i].factor;
	return 0;
}

/* A part of a time: a number, with a fraction perhaps, and its unit, 1 if it has one. */
static int take_time(struct vane_slice *s, int64_t *out)
{
	static const struct unit units[] = {
		{ SLICE_INIT("ms"), 1 },
		{ SLICE_INIT("s"), 1000 },
		{ SLICE_INIT("sec"), 1000 },
		{ SLICE_INIT("m"), 60 * 1000 },
		{ SLICE_INIT("min"), 60 * 1000 },
		{ SLICE_INIT("h"), 3600 * 1000 },
		{ SLICE_INIT("d"), 24 * 3600 * 1000 },
		{ SLICE_INIT("w"), 7 * 24 * 3600 * 1000 },
	};
	struct vane_slice whole = take_digits(s), part = { NULL, 0 }, name = { NULL, 0 };
	int64_t n = 0, fraction = 0, scale = 1, factor = 1000;
	size_t i;
	int rc;

	if (s->len > 0 && s->data[0] == '.') {
		s->data++;
		s->len--;
		part = take_digits(s);
		if (part.len == 0 || part.len > 9)
			return -EINVAL;
	}
	name = take_letters(s);
	rc = vane__slice_number(whole, &n);
	if (name.len > 0)
		factor = find_unit(name, units, ARRAY_SIZE(units));
	if (rc < 0 || factor == 0)
		return rc < 0 ? rc : -EINVAL;
	for (i = 0; i < part.len; i++) {
		fraction = fraction * 10 + (part.data[i] - '0');
		scale *= 10;
	}
	if (__builtin_mul_overflow(n, factor, &n))
		return -ERANGE;
	fraction = (fraction * factor + scale - 1) / scale;
	if (__builtin_add_overflow(n, fraction, out))
		return -ERANGE;
	return name.len > 0;
}

/*
 * Times are in milliseconds; what is left of one is rounded up, so that only 0 is nothing.  Of
 * several parts, "1h30m", each has its unit; one alone without is in seconds.
 */
int vane__value_msec(struct vane_slice s, int64_t *out)
{
	int64_t sum, part;
	int rc = take_time(&s, &sum);

	while (rc > 0 && s.len > 0) {
		rc = take_time(&s, &part);
		if (rc == 0)
			return -EINVAL;
		if (rc > 0 && __builtin_add_overflow(sum, part, &sum))
			return -ERANGE;
	}
	if (rc < 0)
		return rc;
	if (s.len > 0)
		return -EINVAL;
	*out = sum;
	return 0;
}

int vane__value_bytes(struct vane_slice s, int64_t *out)
{
	static const struct unit units[] = {
		{ SLICE_INIT(""), 1 },
		{ SLICE_INIT("k"), INT64_C(1) << 10 },
		{ SLICE_INIT("m"), INT64_C(1) << 20 },
		{ SLICE_INIT("g"), INT64_C(1) << 30 },
	};
	struct vane_slice digits = take_digits(&s);
	int64_t n, factor = find_unit(s, units, ARRAY_SIZE(units));
	int rc = vane__slice_number(digits, &n);

	if (rc < 0 || factor == 0)
		return rc < 0 ? rc : -EINVAL;
	if (__builtin_mul_overflow(n, factor, &n))
		return -ERANGE;
	*out = n;
	return 0;
}

/* As C writes it, whatever the program's locale: "1.5", "-2e3"; no names, no hexadecimal. */
int vane__value_real(struct vane_slice s, double *out)
{
	char text[64], *end;
	struct vane__c_locale locale;
	size_t i;
	int rc;

	if (s.len == 0 || s.len >= sizeof(text))
		return -EINVAL;
	for (i = 0; i < s.len; i++)
		if (!vane__is_digit(s.data[i]) && strchr("+-.eE", s.data[i]) == NULL)
			return -EINVAL;
	memcpy(text, s.data, s.len);
	text[s.len] = '\0';
	rc = vane__c_locale_enter(&locale);
	if (rc < 0)
		return rc;
	errno = 0;
	*out = strtod(text, &end);
	vane__c_locale_leave(&locale);
	if (*end != '\0')
		return -EINVAL;
	return errno == ERANGE ? -ERANGE : 0;
}

/* A date as the user's clock has it, or with a Z behind it as UTC has it; in seconds since 1970. */
int vane__value_date(struct vane_slice s, int64_t *out)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M",
		"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y%m%d",
		"%Y%m%d %H:%M", "%Y%m%d %H:%M:%S" };
	bool utc = s.len > 1 && s.data[s.len - 1] == 'Z';
	char text[32];
	size_t i;

	s.len -= utc;
	if (s.len >= sizeof(text))
		return -EINVAL;
	memcpy(text, s.data, s.len);
	text[s.len] = '\0';
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		struct tm tm = { .tm_isdst = -1 }, read;
		const char *end = strptime(text, forms[i], &tm);
		time_t when;

		if (end == NULL || *end != '\0')
			continue;
		read = tm;
		when = utc ? timegm(&tm) : mktime(&tm);
		if (tm.tm_mday != read.tm_mday || tm.tm_mon != read.tm_mon)
			return -EINVAL; /* there is no 31st of April */
		*out = when;
		return 0;
	}
	return -EINVAL;
}

bool vane__value_chosen(struct vane_slice s, const char *choices)
{
	struct vane_slice rest = vane__slice(choices);

	while (rest.data != NULL)
		if (vane__slice_equal(vane__slice_split(&rest, '|'), s))
			return true;
	return false;
}

/* In the largest unit that leaves no remainder. */
const char *vane__value_put_msec(char buf[VANE__VALUE_SIZE], int64_t msec)
{
	static const struct unit units[] = {
		{ SLICE_INIT("h"), 3600 * 1000 },
		{ SLICE_INIT("m"), 60 * 1000 },
		{ SLICE_INIT("s"), 1000 },
	};
	size_t i = 0;

	while (i < ARRAY_SIZE(units) && (msec == 0 || msec % units[i].factor != 0))
		i++;
	if (msec == 0 || i == ARRAY_SIZE(units))
		snprintf(buf, VANE__VALUE_SIZE, "%" PRId64 "%s", msec,
			msec == 0 ? "" : "ms");
	else
		snprintf(buf, VANE__VALUE_SIZE, "%" PRId64 "%s", msec / units[i].factor,
			units[i].name.data);
	return buf;
}

const char *vane__value_put_date(char buf[VANE__VALUE_SIZE], int64_t when)
{
	time_t t = (time_t) when;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
		strftime(buf, VANE__VALUE_SIZE, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		buf[0] = '\0';
	return buf;
}

const char *vane__value_put_bytes(char buf[VANE__VALUE_SIZE], int64_t bytes)
{
	static const char *const names[] = { "", "k", "M", "G" };
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(names) && bytes != 0 && bytes % 1024 == 0) {
		bytes /= 1024;
		i++;
	}
	snprintf(buf, VANE__VALUE_SIZE, "%" PRId64 "%s", bytes, names[i]);
	return buf;
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Optimal string alignment, three rows at a time; names are short, longer ones are not near. */
size_t vane__value_distance(struct vane_slice a, struct vane_slice b, size_t cap)
{
	enum { LONGEST = 48 };
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;
	size_t i, j;

	if (a.len > LONGEST || b.len > LONGEST)
		return cap + 1;
	for (j = 0; j <= b.len; j++)
		before[j] = last[j] = j;
	for (i = 1; i <= a.len; i++) {
		row[0] = i;
		for (j = 1; j <= b.len; j++) {
			row[j] = least(last[j] + 1, row[j - 1] + 1,
				last[j - 1] + (a.data[i - 1] != b.data[j - 1]));
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
				a.data[i - 2] == b.data[j - 1] &&
				before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b.len] > cap ? cap + 1 : last[b.len];
}
