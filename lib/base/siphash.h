/* SPDX-License-Identifier: MIT */
/*
 * siphash.h - SipHash-2-4 with 128 bits: a keyed hash of bytes (Aumasson and Bernstein, 2012).
 *
 * With a key that nobody knows, nobody finds two texts that have the same hash.  With a key that is
 * known it is a good checksum, and no more.
 */
#ifndef VANE__SIPHASH_H
#define VANE__SIPHASH_H

#include "base.h"

#define VANE__SIPHASH_KEY  16
#define VANE__SIPHASH_SIZE 16

struct vane__siphash {
	uint64_t v[4];
	uint64_t len;
	unsigned char rest[8];
};

void vane__siphash_init(
	struct vane__siphash *hash, const unsigned char key[VANE__SIPHASH_KEY]);
void vane__siphash_add(struct vane__siphash *hash, const void *data, size_t len);
void vane__siphash_end(struct vane__siphash *hash, unsigned char out[VANE__SIPHASH_SIZE]);

#endif
