/* SPDX-License-Identifier: MIT */
/*
 * siphash.c - SipHash-2-4 with 128 bits: a keyed hash of bytes.
 */
#include "siphash.h"

static uint64_t load(const unsigned char *p)
{
	uint64_t n = 0;
	int i;

	for (i = 7; i >= 0; i--) /* compilers make one load of it */
		n = n << 8 | p[i];
	return n;
}

static void store(unsigned char *p, uint64_t n)
{
	int i;

	for (i = 0; i < 8; i++, n >>= 8)
		p[i] = (unsigned char) n;
}

static uint64_t rotate(uint64_t n, int bits)
{
	return n << bits | n >> (64 - bits);
}

static void mix(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void add_word(struct vane__siphash *hash, uint64_t word)
{
	hash->v[3] ^= word;
	mix(hash->v, 2);
	hash->v[0] ^= word;
}

void vane__siphash_init(
	struct vane__siphash *hash, const unsigned char key[VANE__SIPHASH_KEY])
{
	uint64_t k0 = load(key), k1 = load(key + 8);

	hash->v[0] = k0 ^ 0x736f6d6570736575u;
	hash->v[1] = k1 ^ 0x646f72616e646f6du ^ 0xee;
	hash->v[2] = k0 ^ 0x6c7967656e657261u;
	hash->v[3] = k1 ^ 0x7465646279746573u;
	hash->len = 0;
}

void vane__siphash_add(struct vane__siphash *hash, const void *data, size_t len)
{
	const unsigned char *p = data, *end = p + len;
	size_t kept = hash->len % 8;

	hash->len += len;
	if (kept > 0) {
		while (kept < 8 && p < end)
			hash->rest[kept++] = *p++;
		if (kept < 8)
			return;
		add_word(hash, load(hash->rest));
	}
	for (; end - p >= 8; p += 8)
		add_word(hash, load(p));
	if (p < end)
		memcpy(hash->rest, p, (size_t) (end - p));
}

void vane__siphash_end(struct vane__siphash *hash, unsigned char out[VANE__SIPHASH_SIZE])
{
	uint64_t *v = hash->v;

	memset(hash->rest + hash->len % 8, 0, 8 - hash->len % 8);
	hash->rest[7] = (unsigned char) hash->len;
	add_word(hash, load(hash->rest));
	v[2] ^= 0xee;
	mix(v, 4);
	store(out, v[0] ^ v[1] ^ v[2] ^ v[3]);
	v[1] ^= 0xdd;
	mix(v, 4);
	store(out + 8, v[0] ^ v[1] ^ v[2] ^ v[3]);
}
