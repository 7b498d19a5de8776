/* SPDX-License-Identifier: MIT */
/*
 * json_text.c - strings and numbers as JSON writes them (RFC 8259, 6 and 7).
 *
 * Pure functions: what may stand where in a document is json.c's business.
 */
#include "json_text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "slice.h"
#include "utf8.h"

/* The letter that stands for a byte behind a backslash, 0 if none does. */
static char short_escape(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char) c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

/* An ASCII character that is not written as it is. */
static struct vane_slice escape(unsigned char c, char buf[VANE__JSON_ESCAPE])
{
	char letter = short_escape(c);

	if (letter != 0) {
		buf[0] = '\\';
		buf[1] = letter;
		return (struct vane_slice) { buf, 2 };
	}
	memcpy(buf, "\\u00", 4);
	vane__put_hex(buf + 4, &c, 1);
	return (struct vane_slice) { buf, 6 };
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<';
}

/* What stands for a character beyond ASCII where it is not written as it is, data NULL: it is. */
static struct vane_slice replacement(struct vane_slice character, bool valid)
{
	if (!valid)
		return SLICE("\xef\xbf\xbd");
	if (vane__slice_equal(character, SLICE("\xe2\x80\xa8")))
		return SLICE("\\u2028");
	if (vane__slice_equal(character, SLICE("\xe2\x80\xa9")))
		return SLICE("\\u2029");
	return (struct vane_slice) { NULL, 0 };
}

struct vane_slice vane__json_take(struct vane_slice *text, char buf[VANE__JSON_ESCAPE])
{
	struct vane_slice run = { text->data, 0 }, instead = { NULL, 0 };
	size_t len = 0;
	bool valid;

	while (run.len < text->len && instead.data == NULL) {
		struct vane_slice rest = { text->data + run.len, text->len - run.len };
		unsigned char c = (unsigned char) rest.data[0];

		len = c < 0x80 ? 1 : vane__utf8_next(rest, &valid);
		if (c >= 0x80)
			instead =
				replacement((struct vane_slice) { rest.data, len }, valid);
		else if (!is_plain(c))
			instead = escape(c, buf);
		if (instead.data == NULL)
			run.len += len;
	}
	if (run.len == 0)
		run = instead;
	else
		len = run.len;
	text->data += len;
	text->len -= len;
	return run;
}

size_t vane__json_int(char buf[VANE__JSON_NUMBER], int64_t value)
{
	size_t sign = value < 0;

	buf[0] = '-';
	return sign + vane__put_number(buf + sign,
			      value < 0 ? 0 - (uint64_t) value : (uint64_t) value);
}

/* Make the locale's decimal point, which may be several bytes, a dot. */
static size_t set_point(char *text)
{
	char *from = text, *to = text;

	for (; *from != '\0'; from++) {
		bool digit = vane__is_digit(*from) || strchr("+-e", *from) != NULL;

		if (digit)
			*to++ = *from;
		else if (to == text || to[-1] != '.')
			*to++ = '.';
	}
	return (size_t) (to - text);
}

/* Whether it is read as that number; as it is written in the locale still. */
static bool reads_as(const char *text, double value)
{
	volatile double back = strtod(text, NULL); /* not with more bits, as on i386 */

	return back == value;
}

/* Whether it is written without a point: as far as a double is exact, and "1e+15" no shorter. */
static bool is_integer(double value)
{
	return value > -1e15 && value < 1e15 && value == (double) (int64_t) value &&
	       value != 0; /* which may be -0 */
}

size_t vane__json_double(char buf[VANE__JSON_NUMBER], double value)
{
	/* 15 digits are never too many but for the smallest, which have fewer bits */
	int digits = value < DBL_MIN && value > -DBL_MIN ? 1 : DBL_DIG;

	if (!isfinite(value)) {
		memcpy(buf, "null", 4);
		return 4;
	}
	if (is_integer(value))
		return vane__json_int(buf, (int64_t) value);
	do
		snprintf(buf, VANE__JSON_NUMBER, "%.*g", digits, value);
	while (!reads_as(buf, value) && digits++ < 17);
	return set_point(buf);
}
