/* SPDX-License-Identifier: MIT */
/*
 * field_name.h - names of fields in lower case, eight bytes at a time: each request has some.
 */
#ifndef VANE__FIELD_NAME_H
#define VANE__FIELD_NAME_H

#include <stdint.h>

#include "base.h"

/* Of eight bytes below 0x80, the letters in lower case, and a "-" for each "_" if that is asked. */
static inline uint64_t vane__lower_8(uint64_t w, bool dashes, uint64_t *found)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
	uint64_t from_a = w + ones * (0x80 - 'A'), above_z = w + ones * (0x7f - 'Z');
	uint64_t underscores = ~((w ^ ones * '_') + ones * 0x7f) & high;

	*found |= underscores;
	w |= (from_a & ~above_z & high) >> 2; /* 0x80 becomes 0x20 */
	return dashes ? w ^ (underscores >> 7) * ('_' ^ '-') : w;
}

static inline void vane__lower_at(char *at, bool dashes, uint64_t *found)
{
	uint64_t w;

	memcpy(&w, at, sizeof(w));
	w = vane__lower_8(w, dashes, found);
	memcpy(at, &w, sizeof(w));
}

/* Change a name, which is a token, to lower case.  Returns whether it had a "_". */
static inline bool vane__lower_name(char *name, size_t len, bool dashes)
{
	char tail[8] = { 0 };
	uint64_t found = 0;
	size_t i;

	if (len < 8) {
		memcpy(tail, name, len);
		vane__lower_at(tail, dashes, &found);
		memcpy(name, tail, len);
		return found != 0;
	}
	for (i = 0; i + 8 < len; i += 8)
		vane__lower_at(name + i, dashes, &found);
	/* some of it once more: it does no harm */
	vane__lower_at(name + len - 8, dashes, &found);
	return found != 0;
}

#endif
