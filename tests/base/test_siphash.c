/* SPDX-License-Identifier: MIT */
/*
 * test_siphash.c - lib/base/siphash.c
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "siphash.h"

/* Of the bytes 00 01 02 ..., so many, with the key 00 to 0f: as the reference has it. */
static const struct {
	size_t len;
	const char *hash;
} rows[] = {
	{ 0, "a3817f04ba25a8e66df67214c7550293" },
	{ 1, "da87c1d86b99af44347659119b22fc45" },
	{ 7, "a1f1ebbed8dbc153c0b84aa61ff08239" },
	{ 8, "3b62a9ba6258f5610f83e264f31497b4" },
	{ 15, "5493e99933b0a8117e08ec0f97cfc3d9" },
	{ 63, "5150d1772f50834a503e069a973fbd7c" },
};

static void hash_in_pieces(char *text, size_t len, size_t piece)
{
	unsigned char key[VANE__SIPHASH_KEY], bytes[64], sum[VANE__SIPHASH_SIZE];
	struct vane__siphash hash;
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char) i;
	memcpy(key, bytes, sizeof(key));
	vane__siphash_init(&hash, key);
	for (i = 0; i < len; i += piece)
		vane__siphash_add(&hash, bytes + i, piece < len - i ? piece : len - i);
	vane__siphash_end(&hash, sum);
	for (i = 0; i < sizeof(sum); i++)
		sprintf(text + 2 * i, "%02x", sum[i]);
}

static void hashes_are_those_of_the_reference(void **state)
{
	char text[2 * VANE__SIPHASH_SIZE + 1];
	size_t i, piece;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (piece = 1; piece < 65; piece++) {
			hash_in_pieces(text, rows[i].len, piece);
			assert_string_equal(text, rows[i].hash);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_the_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
