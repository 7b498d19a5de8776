/* SPDX-License-Identifier: MIT */
/*
 * fuzz_fcgi_request.c - lib/wire/fcgi_request.c, with the input as a web server's bytes: what comes
 * of them must not depend on how they are cut
 */
#include "fuzz.h"

#include "fcgi_request.h"

static const struct vane__fcgi_req_limits limits = {
	.max_params_bytes = 2048,
	.max_params = 32,
	.told = { 10, 10 },
};

/* All that a request said and collected, as one number. */
static uint64_t add(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *at = data;

	while (len-- > 0)
		hash = (hash ^ *at++) * UINT64_C(0x100000001b3);
	return hash;
}

static void check_text(struct vane_slice text, const struct buf *params)
{
	FUZZ_CHECK(text.data >= params->data && text.data < params->data + params->cap);
	FUZZ_CHECK(strlen(text.data) == text.len);
}

static void check_params(const struct vane__fcgi_req *in)
{
	size_t i;

	for (i = 0; i < in->var_count; i++) {
		check_text(in->vars[i].name, &in->params);
		check_text(in->vars[i].value, &in->params);
	}
	FUZZ_CHECK(in->var_count <= limits.max_params);
	FUZZ_CHECK(in->params.len <= limits.max_params_bytes);
}

static uint64_t digest(uint64_t hash, const struct vane__fcgi_req *in)
{
	size_t i;

	hash = add(hash, &in->id, sizeof(in->id));
	for (i = 0; i < in->var_count; i++) {
		hash = add(hash, in->vars[i].name.data, in->vars[i].name.len);
		hash = add(hash, in->vars[i].value.data, in->vars[i].value.len);
	}
	return add(hash, in->body.data, in->body.len);
}

/* Push it all in pieces of that size, as a connection would. */
static uint64_t run(const uint8_t *data, size_t size, size_t piece)
{
	struct vane__fcgi_req in = { .id = 0 };
	uint64_t hash = 1;
	size_t at, n;
	bool over = false;

	for (at = 0; at < size && !over; at += n) {
		struct vane_slice bytes = { (const char *) data + at, 0 };
		enum vane__fcgi_req_event event;

		n = size - at < piece ? size - at : piece;
		bytes.len = n;
		do {
			event = vane__fcgi_req_push(&in, &limits, &bytes);
			FUZZ_CHECK(bytes.data + bytes.len == (const char *) data + at + n);
			if (event == VANE__FCGI_REQ_MORE)
				break;
			hash = add(hash, &event, sizeof(event));
			if (event == VANE__FCGI_REQ_LARGE ||
				(in.phase >= VANE__FCGI_REQ_BODY &&
					event != VANE__FCGI_REQ_BAD))
				check_params(&in);
			if (event == VANE__FCGI_REQ_REPLY)
				hash = add(hash, in.reply, in.reply_len);
			if (event == VANE__FCGI_REQ_DONE || event == VANE__FCGI_REQ_LARGE ||
				event == VANE__FCGI_REQ_ABORTED) {
				hash = digest(hash, &in);
				vane__fcgi_req_reset(&in);
			}
			over = event == VANE__FCGI_REQ_BAD ||
			       event == VANE__FCGI_REQ_REFUSED;
		} while (!over);
	}
	if (!over)
		hash = digest(hash, &in);
	vane__fcgi_req_fini(&in);
	return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = run(data, size, SIZE_MAX);

	FUZZ_CHECK(run(data, size, 1) == whole);
	FUZZ_CHECK(run(data, size, 13) == whole);
	return 0;
}
