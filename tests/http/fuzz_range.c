/* SPDX-License-Identifier: MIT */
/*
 * fuzz_range.c - lib/http/range.c: the input is a size, a line end, and a Range field, which is
 * tried as an If-Range as well
 */
#include "fuzz.h"

#include "cond.h"
#include "range.h"

static void check(struct vane_slice field, int64_t size)
{
	int64_t offset, len;
	enum vane__range range = vane__range_find(field, size, &offset, &len);

	FUZZ_CHECK(offset >= 0 && len >= 0 && len <= size && offset <= size - len);
	if (range == VANE__RANGE_PART)
		FUZZ_CHECK(len > 0 && len < size);
	else
		FUZZ_CHECK(offset == 0 && len == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vane_slice in = { (const char *) data, size };
	struct vane_slice line = fuzz_line(&in);
	int64_t of = 0;

	if (vane__slice_number(line, &of) < 0)
		of = (int64_t) size;
	check(in, of);
	check(in, 0);
	check(in, INT64_MAX);
	FUZZ_CHECK(!vane__cond_if_range(in, (struct vane_slice) { NULL, 0 }, -1));
	vane__cond_if_range(in, SLICE("\"x\""), 784111777);
	return 0;
}
