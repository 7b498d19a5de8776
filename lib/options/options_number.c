/* SPDX-License-Identifier: MIT */
/*
 * options_number.c - options whose values are numbers, times or sizes, and those that are limits.
 *
 * A limit is what vane/types.h says it is: 0 is the default, "none" is VANE_NO_LIMIT.  In other
 * programs 0 is no limit, so it is noted that somebody wrote that.
 */
#include "options.h"

#include <inttypes.h>
#include <stdio.h>

#include "slice.h"

static const char *put_integer(char buf[VANE__VALUE_SIZE], int64_t n)
{
	snprintf(buf, VANE__VALUE_SIZE, "%" PRId64, n);
	return buf;
}

/* What kinds of numbers there are. */
struct kind {
	int (*read)(struct vane_slice s, int64_t *out);
	const char *(*put)(char buf[VANE__VALUE_SIZE], int64_t n);
	const char *what;
};

static const struct kind integers = { vane__value_integer, put_integer, "a whole number" };
static const struct kind times = { vane__value_msec, vane__value_put_msec,
	"a time (30, 1.5, 500ms, 2m, 1h)" };
static const struct kind sizes = { vane__value_bytes, vane__value_put_bytes,
	"a size (4096, 64k, 100M)" };

static const struct kind dates = { vane__value_date, vane__value_put_date,
	"a date (2026-11-28, 2026-11-28 12:30, with seconds, with Z for UTC)" };

static const struct kind *kind_of(const struct vane_option *def)
{
	if (def->integer != NULL)
		return &integers;
	if (def->date != NULL)
		return &dates;
	return def->msec != NULL ? &times : &sizes;
}

int64_t *vane__option_number(const struct vane_option *def)
{
	if (def->integer != NULL)
		return def->integer;
	if (def->date != NULL)
		return def->date;
	return def->msec != NULL ? def->msec : def->bytes;
}

const char *vane__option_put(
	const struct vane_option *def, char buf[VANE__VALUE_SIZE], int64_t n)
{
	return def->limit && n == VANE_NO_LIMIT ? "none" : kind_of(def)->put(buf, n);
}

/* Say what a number may be: *why is in buf. */
static int refuse(char *buf, const char **why, const struct vane_option *def)
{
	const struct kind *kind = kind_of(def);
	const char *none = def->limit ? " or none" : "";
	char low[VANE__VALUE_SIZE], high[VANE__VALUE_SIZE];

	if (def->max != 0)
		snprintf(buf, VANE__WHY_SIZE, "is not %s from %s to %s%s", kind->what,
			kind->put(low, def->min), kind->put(high, def->max), none);
	else
		snprintf(buf, VANE__WHY_SIZE, "is not %s%s", kind->what, none);
	*why = buf;
	return -EINVAL;
}

static bool in_range(const struct vane_option *def, int64_t n)
{
	if (def->limit && (n == 0 || n == VANE_NO_LIMIT))
		return true;
	return def->max == 0 || (n >= def->min && n <= def->max);
}

/* Whether the text is a limit below 0, which is no number of any kind and often meant as none. */
static bool is_negative(const struct vane_option *def, const char *value)
{
	return def->limit && value[0] == '-' && vane__is_digit(value[1]);
}

int vane__option_set_number(struct vane__option *option, const char *value,
	char why_buf[VANE__WHY_SIZE], const char **why)
{
	const struct vane_option *def = &option->def;
	struct vane_slice s = vane__slice(value);
	int64_t n = VANE_NO_LIMIT;
	int rc = 0;

	if (is_negative(def, value)) {
		*why = "is below 0; for no limit say none";
		return -EINVAL;
	}
	if (!def->limit || !vane__slice_equal(s, SLICE("none")))
		rc = kind_of(def)->read(s, &n);
	if (rc < 0 || !in_range(def, n))
		return refuse(why_buf, why, def);
	option->zero = def->limit && n == 0;
	*vane__option_number(def) = option->zero ? option->initial.number : n;
	return 0;
}

int vane__option_set_real(struct vane__option *option, const char *value,
	char why_buf[VANE__WHY_SIZE], const char **why)
{
	const struct vane_option *def = &option->def;
	double n = 0;
	int rc = vane__value_real(vane__slice(value), &n);

	if (rc == 0 &&
		(def->max == 0 || (n >= (double) def->min && n <= (double) def->max))) {
		*def->real = n;
		return 0;
	}
	if (def->max != 0)
		snprintf(why_buf, VANE__WHY_SIZE,
			"is not a number from %" PRId64 " to %" PRId64, def->min, def->max);
	else
		snprintf(why_buf, VANE__WHY_SIZE, "is not a number (1.5, 2e3)");
	*why = why_buf;
	return -EINVAL;
}
