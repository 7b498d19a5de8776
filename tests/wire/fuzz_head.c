/* SPDX-License-Identifier: MIT */
/*
 * fuzz_head.c - lib/wire/h1in.c, with the input as a request: it means the same however it is
 * split
 *
 * The first byte says where it is split.
 */
#include "fuzz.h"

#include "support/h1feed.h"

/* A field too many that is malformed too is seen as one or the other. */
static bool same(const struct buf *a, const struct buf *b)
{
	struct vane_slice s = vane__buf_slice(a), t = vane__buf_slice(b);

	if (vane__slice_equal(s, SLICE("431")))
		s = SLICE("400");
	if (vane__slice_equal(t, SLICE("431")))
		t = SLICE("400");
	return vane__slice_equal(s, t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = { 0 }, split = { 0 };
	const char *bytes = (const char *) data + 1;
	size_t len = size - 1;

	if (size < 2 || size > 4096)
		return 0;
	h1feed(bytes, len, 0, len, &whole);
	h1feed(bytes, len, data[0] % len, len, &split);
	FUZZ_CHECK(same(&whole, &split));
	split.len = 0;
	h1feed(bytes, len, 0, 1, &split);
	FUZZ_CHECK(same(&whole, &split));
	vane__buf_fini(&whole);
	vane__buf_fini(&split);
	return 0;
}
