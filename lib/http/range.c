/* SPDX-License-Identifier: MIT */
/*
 * range.c - range requests (RFC 9110, 14).
 *
 * Pure functions; whether a range counts at all (If-Range) is cond.c's.
 */
#include "range.h"

#include "slice.h"

/* The one range-spec of a list: -EINVAL if there is none, or another. */
static int only_range(struct vane_slice list, struct vane_slice *range)
{
	range->len = 0;
	while (list.data != NULL) {
		struct vane_slice item = vane__slice_trim(vane__slice_split(&list, ','));

		if (item.len == 0)
			continue;
		if (range->len > 0)
			return -EINVAL;
		*range = item;
	}
	return range->len > 0 ? 0 : -EINVAL;
}

/* Digits, as a number that is as large as numbers get if there are too many of them. */
static int position(struct vane_slice digits, int64_t *out)
{
	size_t i;

	for (i = 0; i < digits.len; i++)
		if (!vane__is_digit(digits.data[i]))
			return -EINVAL;
	if (vane__slice_number(digits, out) == -ERANGE)
		*out = INT64_MAX;
	return digits.len > 0 ? 0 : -EINVAL;
}

/* "first-last", "first-" or "-length", as first byte and the one behind the last. */
static int parse(struct vane_slice range, int64_t size, int64_t *first, int64_t *end)
{
	struct vane_slice last = range, head = vane__slice_split(&last, '-');
	int64_t n;

	if (last.data == NULL)
		return -EINVAL;
	*end = size;
	if (head.len == 0) {
		if (position(last, &n) < 0)
			return -EINVAL;
		*first = n < size ? size - n : 0;
		return n > 0 ? 0 : -ERANGE;
	}
	if (position(head, first) < 0)
		return -EINVAL;
	if (last.len > 0) {
		if (position(last, &n) < 0 || n < *first)
			return -EINVAL;
		*end = n < size ? n + 1 : size;
	}
	return *first < size ? 0 : -ERANGE;
}

enum vane__range vane__range_find(
	struct vane_slice field, int64_t size, int64_t *offset, int64_t *len)
{
	struct vane_slice list = field, unit, range;
	int64_t first, end;
	int rc;

	*offset = 0;
	*len = size;
	if (field.data == NULL)
		return VANE__RANGE_WHOLE;
	unit = vane__slice_split(&list, '=');
	if (!vane__slice_equal_nocase(unit, SLICE("bytes")) || only_range(list, &range) < 0)
		return VANE__RANGE_WHOLE;
	rc = parse(range, size, &first, &end);
	if (rc == -ERANGE)
		return VANE__RANGE_NONE;
	if (rc < 0 || end - first == size)
		return VANE__RANGE_WHOLE;
	*offset = first;
	*len = end - first;
	return VANE__RANGE_PART;
}
