/* SPDX-License-Identifier: MIT */
/*
 * fuzz_record.c - adapters/intake.c and adapters/record.c, with the input as a web server's
 * bytes: what comes of them must not depend on how they are cut
 */
#include "fuzz.h"

#include "adapters/intake.h"

static const struct vane__intake_limits limits = {
	.max_params_bytes = 2048,
	.max_params = 32,
	.told = { 10, 10 },
};

/* All that an intake said and collected, as one number. */
static uint64_t add(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *at = data;

	while (len-- > 0)
		hash = (hash ^ *at++) * UINT64_C(0x100000001b3);
	return hash;
}

static void check_params(const struct vane__intake *in)
{
	struct vane_slice pairs = { in->params.data, in->params.len }, name, value;
	size_t count = 0;
	int rc;

	while ((rc = vane__record_pair(&pairs, &name, &value)) > 0) {
		FUZZ_CHECK(memchr(name.data, '\0', name.len) == NULL);
		FUZZ_CHECK(memchr(value.data, '\0', value.len) == NULL);
		count++;
	}
	FUZZ_CHECK(rc == 0 && count <= limits.max_params);
	FUZZ_CHECK(in->params.len <= limits.max_params_bytes);
}

static uint64_t digest(uint64_t hash, const struct vane__intake *in)
{
	hash = add(hash, &in->id, sizeof(in->id));
	hash = add(hash, in->params.data, in->params.len);
	return add(hash, in->body.data, in->body.len);
}

/* Push it all in pieces of that size, as a connection would. */
static uint64_t run(const uint8_t *data, size_t size, size_t piece)
{
	struct vane__intake in = { .id = 0 };
	uint64_t hash = 1;
	size_t at, n;
	bool over = false;

	for (at = 0; at < size && !over; at += n) {
		struct vane_slice bytes = { (const char *) data + at, 0 };
		enum vane__intake_event event;

		n = size - at < piece ? size - at : piece;
		bytes.len = n;
		do {
			event = vane__intake_push(&in, &limits, &bytes);
			FUZZ_CHECK(bytes.data + bytes.len == (const char *) data + at + n);
			if (event == VANE__INTAKE_MORE)
				break;
			hash = add(hash, &event, sizeof(event));
			if (event == VANE__INTAKE_LARGE ||
				(in.phase >= VANE__INTAKE_BODY &&
					event != VANE__INTAKE_BAD))
				check_params(&in);
			if (event == VANE__INTAKE_REPLY)
				hash = add(hash, in.reply, in.reply_len);
			if (event == VANE__INTAKE_DONE || event == VANE__INTAKE_LARGE ||
				event == VANE__INTAKE_ABORTED) {
				hash = digest(hash, &in);
				vane__intake_reset(&in);
			}
			over = event == VANE__INTAKE_BAD || event == VANE__INTAKE_REFUSED;
		} while (!over);
	}
	if (!over)
		hash = digest(hash, &in);
	vane__intake_fini(&in);
	return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = run(data, size, SIZE_MAX);

	FUZZ_CHECK(run(data, size, 1) == whole);
	FUZZ_CHECK(run(data, size, 13) == whole);
	return 0;
}
