/* SPDX-License-Identifier: MIT */
/*
 * fuzz_multipart.c - lib/http/multipart.c: the input is a boundary, a line end, and a body
 */
#include "fuzz.h"

#include "buf.h"
#include "fields.h"
#include "multipart.h"

#define MAX_PARTS 16

struct seen {
	struct vane_slice body;
	struct vane__part parts[MAX_PARTS];
	size_t count;
};

static int note_part(void *data, const struct vane__part *part)
{
	struct seen *seen = data;

	FUZZ_CHECK(seen->count < MAX_PARTS);
	FUZZ_CHECK(part->name != NULL);
	FUZZ_CHECK(fuzz_within(part->body, seen->body));
	if (seen->count > 0) {
		const struct vane__part *last = &seen->parts[seen->count - 1];

		FUZZ_CHECK(last->body.data + last->body.len < part->body.data);
	}
	seen->parts[seen->count++] = *part;
	return 0;
}

static void add(struct buf *out, const char *text)
{
	FUZZ_CHECK(vane__buf_add(out, text, strlen(text)) == 0);
}

/* Write a name as a browser would; a token as it is, as it may hold what looks escaped. */
static void add_name(struct buf *out, const char *name)
{
	if (vane__is_token(vane__slice(name))) {
		add(out, name);
		return;
	}
	add(out, "\"");
	for (; *name != '\0'; name++) {
		char c[2] = { *name, '\0' };

		add(out, *name == '"'    ? "%22"
			 : *name == '\r' ? "%0D"
			 : *name == '\n' ? "%0A"
			 : *name == '\\' ? "\\\\"
					 : c);
	}
	add(out, "\"");
}

static void write_parts(
	struct buf *out, const struct seen *seen, struct vane_slice boundary)
{
	size_t i;

	for (i = 0; i < seen->count; i++) {
		const struct vane__part *part = &seen->parts[i];

		add(out, "--");
		FUZZ_CHECK(vane__buf_add_slice(out, boundary) == 0);
		add(out, "\r\nContent-Disposition: form-data; name=");
		add_name(out, part->name);
		if (part->filename != NULL) {
			add(out, "; filename=");
			add_name(out, part->filename);
		}
		if (part->content_type != NULL) {
			add(out, "\r\nContent-Type: ");
			add(out, part->content_type);
		}
		add(out, "\r\n\r\n");
		FUZZ_CHECK(vane__buf_add_slice(out, part->body) == 0);
		add(out, "\r\n");
	}
	add(out, "--");
	FUZZ_CHECK(vane__buf_add_slice(out, boundary) == 0);
	add(out, "--\r\n");
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Parts written again and read again are the same parts. */
static void check_again(
	const struct seen *seen, struct vane_slice boundary, struct arena *arena)
{
	struct buf out = { 0 };
	struct seen again = { .count = 0 };
	size_t i;
	int rc;

	write_parts(&out, seen, boundary);
	again.body = vane__buf_slice(&out);
	rc = vane__multipart_parse(
		again.body, boundary, arena, MAX_PARTS, note_part, &again);
	if (rc ==
		-EMSGSIZE) { /* a name with many escapes has outgrown the limit of a head */
		vane__buf_fini(&out);
		return;
	}
	FUZZ_CHECK(rc == 0);
	FUZZ_CHECK(again.count == seen->count);
	for (i = 0; i < seen->count; i++) {
		const struct vane__part *a = &seen->parts[i], *b = &again.parts[i];

		FUZZ_CHECK(same_text(a->name, b->name));
		FUZZ_CHECK(same_text(a->filename, b->filename));
		FUZZ_CHECK(same_text(a->content_type, b->content_type));
		FUZZ_CHECK(vane__slice_equal(a->body, b->body));
	}
	vane__buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = { .body = { (const char *) data, size } };
	struct vane_slice boundary = fuzz_line(&seen.body);
	struct arena arena = { 0 };
	int rc;

	rc = vane__multipart_parse(
		seen.body, boundary, &arena, MAX_PARTS, note_part, &seen);
	FUZZ_CHECK(rc == 0 || rc == -EINVAL || rc == -EMSGSIZE);
	if (rc == 0)
		check_again(&seen, boundary, &arena);
	vane__arena_fini(&arena);
	return 0;
}
