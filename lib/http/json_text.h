/* SPDX-License-Identifier: MIT */
/*
 * json_text.h - strings and numbers as JSON writes them (RFC 8259, 6 and 7).
 */
#ifndef VANE__JSON_TEXT_H
#define VANE__JSON_TEXT_H

#include "base.h"

/* Room for an escape, and for a number. */
#define VANE__JSON_ESCAPE 8
#define VANE__JSON_NUMBER 32

/*
 * Take bytes off the front of a text and give them as they stand in a string: as many as need no
 * escape, or one escape, which is in buf.
 *
 * What is no UTF-8 becomes U+FFFD.  "<" is escaped, and so are U+2028 and U+2029, so that a string
 * may stand in a script of an HTML page: there "</script>" ends it and "<!--" changes how it is read.
 */
struct vane_slice vane__json_take(struct vane_slice *text, char buf[VANE__JSON_ESCAPE]);

/*
 * The shortest number that is read as that double again, whatever the locale; "null" for one that
 * is not finite.  Returns the length; buf is no text.
 */
size_t vane__json_double(char buf[VANE__JSON_NUMBER], double value);

/* An integer in decimal.  Returns the length. */
size_t vane__json_int(char buf[VANE__JSON_NUMBER], int64_t value);

#endif
