/* SPDX-License-Identifier: MIT */
/*
 * fuzz_scgi_head.c - lib/wire/scgi_head.c, with the input as a web server's bytes: what comes of
 * them must not depend on how they are cut
 */
#include "fuzz.h"

#include "lib/wire/scgi_head.h"

static const struct vane__scgi_limits limits = { .max_bytes = 2048, .max_vars = 32 };

/* All that a head said and collected, as one number. */
static uint64_t add(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *at = data;

	while (len-- > 0)
		hash = (hash ^ *at++) * UINT64_C(0x100000001b3);
	return hash;
}

/* A text of that length lies there, with its NUL; where the next begins. */
static const char *check_text(const char *at, struct vane_slice text)
{
	FUZZ_CHECK(text.data == at);
	FUZZ_CHECK(strlen(at) == text.len);
	return at + text.len + 1;
}

static void check_vars(const struct vane__scgi_head *head)
{
	const char *at = head->content.data;
	size_t i;

	if (at == NULL) {
		FUZZ_CHECK(head->var_count == 0 && head->content.len == 0);
		return;
	}
	for (i = 0; i < head->var_count; i++) {
		FUZZ_CHECK(head->vars[i].name.len > 0);
		at = check_text(at, head->vars[i].name);
		at = check_text(at, head->vars[i].value);
	}
	/* of too many, those stay that come before one that is malformed */
	FUZZ_CHECK(head->why != NULL || at == head->content.data + head->content.len);
	FUZZ_CHECK(at <= head->content.data + head->content.len);
	FUZZ_CHECK(head->var_count <= limits.max_vars);
	FUZZ_CHECK(head->content.len <= limits.max_bytes);
}

/* Push it all in pieces of that size, as a connection would. */
static uint64_t run(const uint8_t *data, size_t size, size_t piece)
{
	struct vane__scgi_head head = { .why = NULL };
	enum vane__scgi_head_event event = VANE__SCGI_HEAD_MORE;
	size_t at = 0;
	uint64_t hash;

	while (at < size && event == VANE__SCGI_HEAD_MORE) {
		size_t n = size - at < piece ? size - at : piece;
		struct vane_slice in = { (const char *) data + at, n };

		event = vane__scgi_head_push(&head, &limits, &in);
		FUZZ_CHECK(in.data + in.len == (const char *) data + at + n);
		FUZZ_CHECK(event != VANE__SCGI_HEAD_MORE || in.len == 0);
		FUZZ_CHECK((event == VANE__SCGI_HEAD_BAD ||
				   event == VANE__SCGI_HEAD_LARGE) == (head.why != NULL));
		at += n - in.len;
	}
	if (event == VANE__SCGI_HEAD_WHOLE || event == VANE__SCGI_HEAD_LARGE)
		check_vars(&head);
	FUZZ_CHECK(event != VANE__SCGI_HEAD_WHOLE || head.body_length >= 0);
	if (event == VANE__SCGI_HEAD_LARGE)
		at = head.content.len = 0; /* refused at once, however much had come */
	hash = add(add(1, &event, sizeof(event)), head.content.data, head.content.len);
	hash = add(add(hash, &head.why, sizeof(head.why)), &at, sizeof(at));
	vane__scgi_head_fini(&head);
	return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = run(data, size, SIZE_MAX);

	FUZZ_CHECK(run(data, size, 1) == whole);
	FUZZ_CHECK(run(data, size, 13) == whole);
	return 0;
}
