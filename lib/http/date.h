/* SPDX-License-Identifier: MIT */
/*
 * date.h - HTTP dates (RFC 9110, 5.6.7), without libc's locale and time zone.
 */
#ifndef VANE__DATE_H
#define VANE__DATE_H

#include "base.h"

#define VANE__DATE_LEN 29 /* bytes of "Sun, 06 Nov 1994 08:49:37 GMT" */

/*
 * Write seconds since 1970 as an IMF-fixdate.  No NUL is added.  What lies outside of the
 * years 1 to 9999 is moved to their first or last second.
 */
void vane__date_format(char out[VANE__DATE_LEN], int64_t when);

/*
 * Read any of the three forms of a date; -EINVAL for anything else.
 *
 * The name of the day must be one, but need not be the right one.  Years of two digits are
 * of the century that puts them at most 50 years ahead of now, as the standard says.
 */
int vane__date_parse(struct vane_slice s, int64_t *when);

#endif
