/* SPDX-License-Identifier: MIT */
/*
 * utf8.h - UTF-8, one character after the other (RFC 3629).
 */
#ifndef VANE__UTF8_H
#define VANE__UTF8_H

#include "base.h"

/*
 * How many bytes the first character of text takes, or the first error: as many bytes as could have
 * begun a character (Unicode, 3.9, "maximal subpart").  *valid says which of them it is.
 *
 * Overlong forms, surrogates and what lies above U+10FFFF are errors.  text is not empty.
 */
size_t vane__utf8_next(struct vane_slice text, bool *valid);

#endif
