/* SPDX-License-Identifier: MIT */
/*
 * fuzz_cgi_head.c - lib/wire/cgi_head.c, with the input as a script's output: what comes of it
 * must not depend on how it is cut, and what is passed on must be fit for a response
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lib/wire/cgi_head.h"

static uint64_t add(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *at = data;

	while (len-- > 0)
		hash = (hash ^ *at++) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t add_text(uint64_t hash, const char *text)
{
	return add(hash, text != NULL ? text : "", text != NULL ? strlen(text) + 1 : 0);
}

static void check_field(const char *name, const char *value)
{
	const char *at;

	FUZZ_CHECK(*name != '\0');
	for (at = name; *at != '\0'; at++)
		FUZZ_CHECK(*at > 0x20 && *at < 0x7f && *at != ':');
	for (at = value; *at != '\0'; at++)
		FUZZ_CHECK(((unsigned char) *at >= 0x20 && *at != 0x7f) || *at == '\t');
	FUZZ_CHECK(strcasecmp(name, "Status") != 0 && strcasecmp(name, "Connection") != 0 &&
		   strcasecmp(name, "Content-Length") != 0 &&
		   strcasecmp(name, "Transfer-Encoding") != 0);
}

static uint64_t digest(uint64_t hash, const struct vane__cgi_head *head)
{
	const char *name, *value;
	size_t i;

	FUZZ_CHECK(head->status >= 200 && head->status <= 599 && head->length >= -1);
	FUZZ_CHECK(!head->local || head->location[0] == '/');
	hash = add(hash, &head->status, sizeof(head->status));
	hash = add(hash, &head->length, sizeof(head->length));
	hash = add(hash, &head->local, sizeof(head->local));
	for (i = 0; vane__cgi_head_field(head, i, &name, &value); i++) {
		check_field(name, value);
		hash = add_text(add_text(hash, name), value);
	}
	FUZZ_CHECK(i <= head->max_fields);
	hash = add_text(add_text(hash, head->type), head->location);
	return add_text(add_text(hash, head->accel), head->sendfile);
}

/* Feed it all in pieces of that size. */
static uint64_t run(const uint8_t *data, size_t size, size_t piece, bool nph)
{
	struct vane__cgi_head head = { .nph = nph, .max_bytes = 4096, .max_fields = 32 };
	size_t at = 0, used;
	uint64_t hash = 1;
	int rc = 0;

	while (rc == 0 && at < size) {
		size_t n = size - at < piece ? size - at : piece;

		rc = vane__cgi_head_feed(&head, data + at, n, &used);
		FUZZ_CHECK(used <= n && (rc != 0 || used == n));
		at += used;
	}
	hash = add(hash, &rc, sizeof(rc));
	if (rc == 1)
		hash = digest(add(hash, &at, sizeof(at)), &head);
	FUZZ_CHECK(rc < 0 ? head.why[0] != '\0' : at <= head.max_bytes);
	/* Where a limit is met depends on the pieces: a line may be bad and too long. */
	if (rc < 0)
		hash = 2;
	vane__cgi_head_fini(&head);
	return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int nph;

	for (nph = 0; nph < 2; nph++) {
		uint64_t whole = run(data, size, SIZE_MAX, nph != 0);

		FUZZ_CHECK(run(data, size, 1, nph != 0) == whole);
		FUZZ_CHECK(run(data, size, 13, nph != 0) == whole);
	}
	return 0;
}
