/* SPDX-License-Identifier: MIT */
/*
 * range.h - range requests (RFC 9110, 14).
 */
#ifndef VANE__RANGE_H
#define VANE__RANGE_H

#include "base.h"

enum vane__range {
	VANE__RANGE_WHOLE, /* answer 200 with all of it */
	VANE__RANGE_PART,  /* answer 206 */
	VANE__RANGE_NONE   /* answer 416: there is nothing of that */
};

/*
 * What a Range field (data NULL: none) asks of size bytes.
 *
 * One range of bytes is served.  What is malformed, of another unit, or several ranges is
 * ignored, as RFC 9110, 14.2 allows, and so is a range that covers everything.  *offset and
 * *len are set in all cases; *len is less than size, and more than 0, for a part.
 */
enum vane__range vane__range_find(
	struct vane_slice field, int64_t size, int64_t *offset, int64_t *len);

#endif
