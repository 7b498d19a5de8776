/* SPDX-License-Identifier: MIT */
/*
 * defaults.h - what a setting is that was not given.
 */
#ifndef VANE__DEFAULTS_H
#define VANE__DEFAULTS_H

#include <stdint.h>

/* A setting that may be none: 0 is the default, and below 0 there is no such limit. */
static inline int64_t vane__limit(int64_t given, int64_t otherwise)
{
	return given == 0 ? otherwise : given;
}

/* A setting that there always is: whatever is not above 0 is the default. */
static inline int64_t vane__positive(int64_t given, int64_t otherwise)
{
	return given > 0 ? given : otherwise;
}

#endif
