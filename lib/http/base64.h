/* SPDX-License-Identifier: MIT */
/*
 * base64.h - base64 (RFC 4648, 4).
 */
#ifndef VANE__BASE64_H
#define VANE__BASE64_H

#include "base.h"

/*
 * Decode into buf, which is large enough with text.len * 3 / 4 bytes.  Returns how many there are, or
 * -EINVAL for anything but whole groups of four, the last padded with "=", and nothing between.
 */
ssize_t vane__base64_decode(char *buf, struct vane_slice text);

#endif
