/* SPDX-License-Identifier: MIT */
/*
 * fuzz_head.c - lib/h1in.c, with the input as a request: it means the same however it is split
 *
 * The first byte says where it is split.
 */
#include "fuzz.h"

#include "support/h1feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = { 0 }, split = { 0 };
	const char *bytes = (const char *) data + 1;
	size_t len = size - 1;

	if (size < 2 || size > 4096)
		return 0;
	h1feed(bytes, len, 0, len, &whole);
	h1feed(bytes, len, data[0] % len, len, &split);
	FUZZ_CHECK(vane__slice_equal(vane__buf_slice(&whole), vane__buf_slice(&split)));
	split.len = 0;
	h1feed(bytes, len, 0, 1, &split);
	FUZZ_CHECK(vane__slice_equal(vane__buf_slice(&whole), vane__buf_slice(&split)));
	vane__buf_fini(&whole);
	vane__buf_fini(&split);
	return 0;
}
