/* SPDX-License-Identifier: MIT */
/*
 * fuzz_chunked.c - lib/wire/h1in.c, with the input as a chunked body: it is never longer than
 * its bytes, and the same however it is split
 *
 * The first byte says how large the pieces are, and the room for what is decoded.
 */
#include "fuzz.h"

#include <string.h>

#include <vane/driver.h>

#include "h1in.h"

#define HEAD "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"

/* A body as it was decoded. */
struct decoded {
	char *bytes;
	size_t len, used;
	bool bad, done;
};

static void begin(struct vane__h1in *in)
{
	static struct vane__h1_head head;
	struct vane_env env = { .version = NULL };
	struct arena arena = { 0 };
	char text[] = HEAD;
	size_t used;

	vane__h1in_init(in, 0);
	vane__h1in_next(in, &head);
	FUZZ_CHECK(vane__h1in_head(in, text, 0, sizeof(text) - 1, &used) == 1);
	FUZZ_CHECK(vane__h1in_env(in, &env, &arena) == 0 && env.body_length == -1);
	vane__arena_fini(&arena);
}

/* Decode what comes in pieces of step bytes, with room for so many at a time. */
static struct decoded decode(const char *bytes, size_t len, size_t step, size_t room)
{
	struct decoded d = { .bytes = malloc(len) };
	char *out = malloc(room);
	struct vane__h1in in;

	FUZZ_CHECK(d.bytes != NULL && out != NULL);
	begin(&in);
	while (d.used < len && !in.body_done) {
		size_t piece = len - d.used < step ? len - d.used : step, used;
		char *copy = malloc(piece); /* ends where it ends */
		ssize_t n;

		FUZZ_CHECK(copy != NULL);
		memcpy(copy, bytes + d.used, piece);
		n = vane__h1in_body(&in, copy, piece, &used, out, room);
		free(copy);
		d.bad = n < 0;
		if (d.bad)
			break;
		FUZZ_CHECK(used <= piece && (size_t) n <= used && (size_t) n <= room);
		FUZZ_CHECK(used > 0 || in.body_done);
		memcpy(d.bytes + d.len, out, (size_t) n);
		d.len += (size_t) n;
		d.used += used;
	}
	d.done = in.body_done && !d.bad;
	free(out);
	return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *) data + 1;
	struct decoded whole, split, single;
	size_t len = size - 1;

	if (size < 2 || size > 4096)
		return 0;
	whole = decode(bytes, len, len, len);
	split = decode(bytes, len, data[0] % 16 + 1, data[0] / 16 + 1);
	single = decode(bytes, len, 1, 1);
	FUZZ_CHECK(whole.bad == split.bad && whole.bad == single.bad);
	FUZZ_CHECK(whole.done == split.done && whole.done == single.done);
	if (!whole.bad) {
		FUZZ_CHECK(whole.len == split.len && whole.len == single.len);
		FUZZ_CHECK(whole.used == split.used && whole.used == single.used);
		FUZZ_CHECK(memcmp(whole.bytes, split.bytes, whole.len) == 0);
		FUZZ_CHECK(memcmp(whole.bytes, single.bytes, whole.len) == 0);
	}
	free(whole.bytes);
	free(split.bytes);
	free(single.bytes);
	return 0;
}
