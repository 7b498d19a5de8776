/* SPDX-License-Identifier: MIT */
/*
 * pattern.h - large bodies that need not be stored: bytes that follow from their place, and
 * a short name for many bytes.
 */
#ifndef VANE_TEST_PATTERN_H
#define VANE_TEST_PATTERN_H

#include <stddef.h>
#include <stdint.h>

/* The byte at an offset; its period is longer than any buffer that could be sent twice. */
static inline unsigned char pattern_at(size_t offset)
{
	return (unsigned char) (offset * 31 + (offset >> 8) * 7 + (offset >> 16) * 3);
}

static inline void pattern_fill(char *buf, size_t offset, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (char) pattern_at(offset + i);
}

/* FNV-1a, 64 bits, continued from an earlier piece. */
#define FNV_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t fnv_add(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *byte = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
	return hash;
}

#endif
