/* SPDX-License-Identifier: MIT */
/*
 * test_multipart.c - lib/http/multipart.c
 */
#include "test.h"

#include <stdlib.h>

#include "multipart.h"
#include "slice.h"
#include "support/alloc.h"

#define MAX_PARTS 3

/* What a parse has seen. */
struct seen {
	struct vane__part parts[MAX_PARTS];
	size_t count;
	int answer; /* to give for each part */
};

static int note_part(void *data, const struct vane__part *part)
{
	struct seen *seen = data;

	assert_true(seen->count < MAX_PARTS);
	seen->parts[seen->count++] = *part;
	return seen->answer;
}

static int parse(struct vane_slice body, struct arena *arena, struct seen *seen)
{
	return vane__multipart_parse(body, SLICE("b"), arena, MAX_PARTS, note_part, seen);
}

#define CD  "Content-Disposition: form-data; "
#define END "\r\n--b--\r\n"

static const struct {
	struct vane_slice body;
	struct vane__part parts[MAX_PARTS];
} good[] = {
	{ SLICE_INIT("--b\r\n" CD "name=\"a\"\r\n\r\nx" END),
		{ { "a", NULL, NULL, SLICE_INIT("x") } } },
	{ SLICE_INIT("--b\r\n" CD "name=\"a\"\r\n\r\n" END),
		{ { "a", NULL, NULL, SLICE_INIT("") } } },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\n1\r\n--b\r\n" CD "name=b\r\n\r\n2" END),
		{ { "a", NULL, NULL, SLICE_INIT("1") },
			{ "b", NULL, NULL, SLICE_INIT("2") } } },
	{ SLICE_INIT("--b\r\ncontent-disposition:FORM-DATA;NAME=a;FileName=\"f\"\r\n"
		     "content-TYPE: text/html; charset=x \r\nX-Other: y\r\n\r\nx" END),
		{ { "a", "f", "text/html; charset=x", SLICE_INIT("x") } } },
	{ SLICE_INIT("--b\r\n" CD "name=\"\"; filename=\"\"\r\n\r\nx" END),
		{ { "", "", NULL, SLICE_INIT("x") } } },
	{ SLICE_INIT("preamble\r\n--c\r\n\r\n--b \t\r\n" CD
		     "name=a\r\n\r\nx\r\n--b-- \r\nepilogue\r\n--b\r\n"),
		{ { "a", NULL, NULL, SLICE_INIT("x") } } },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\n\r\n\r\n--a\r\n-b\r--b\n--b\0\xff" END),
		{ { "a", NULL, NULL, SLICE_INIT("\r\n\r\n--a\r\n-b\r--b\n--b\0\xff") } } },
	{ SLICE_INIT("--b\r\n" CD
		     "name=\"%22%0D%0A%41%0d\"; filename=\"\\\"\\\\C:\\x\"\r\n\r\n" END),
		{ { "\"\r\n%41%0d", "\"\\C:\\x", NULL, SLICE_INIT("") } } },
	{ SLICE_INIT("--b\r\n" CD "name=%22\r\n\r\n" END),
		{ { "%22", NULL, NULL, SLICE_INIT("") } } },
	{ SLICE_INIT("--b\r\n" CD "name=\"n;filename=x\"\r\n\r\n" END),
		{ { "n;filename=x", NULL, NULL, SLICE_INIT("") } } },
	/* an extended name: as it is sent by some, and what counts if it can be read */
	{ SLICE_INIT("--b\r\n" CD "name=\"a\"; filename*=utf-8''gr%C3%BCn.bin\r\n\r\n" END),
		{ { "a", "gr\xc3\xbcn.bin", NULL, SLICE_INIT("") } } },
	{ SLICE_INIT("--b\r\n" CD "name*=UTF-8'de'%c3%bc; filename=f\r\n\r\n" END),
		{ { "\xc3\xbc", "f", NULL, SLICE_INIT("") } } },
	{ SLICE_INIT("--b\r\n" CD "name=a; filename*=utf-8''x; filename=f\r\n\r\n" END),
		{ { "a", "x", NULL, SLICE_INIT("") } } },
	{ SLICE_INIT("--b\r\n" CD "name=a; filename*=koi8-r''%f0; filename=f\r\n\r\n" END),
		{ { "a", "f", NULL, SLICE_INIT("") } } },
	/* folded fields */
	{ SLICE_INIT("--b\r\nContent-Disposition: form-data;\r\n name=a;\r\n\t\r\n"
		     "  filename=f\r\nContent-Type:\r\n text/html\r\n\r\n x" END),
		{ { "a", "f", "text/html", SLICE_INIT(" x") } } },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\n x" END),
		{ { "a", NULL, NULL, SLICE_INIT(" x") } } },
	{ SLICE_INIT("--b\r\n" CD "name=\"caf\xc3\xa9\"\r\n\r\n" END),
		{ { "caf\xc3\xa9", NULL, NULL, SLICE_INIT("") } } },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\nx\r\n--b--"),
		{ { "a", NULL, NULL, SLICE_INIT("x") } } },
	{ SLICE_INIT("--b--"), { { NULL, NULL, NULL, { NULL, 0 } } } },
	{ SLICE_INIT("\r\n--b--\r\n"), { { NULL, NULL, NULL, { NULL, 0 } } } },
};

static const struct {
	struct vane_slice body;
	size_t parts; /* seen before the failure */
	int rc;
} bad[] = {
	{ SLICE_INIT(""), 0, -EINVAL },
	{ SLICE_INIT("--b"), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n"), 0, -EINVAL },
	{ SLICE_INIT("x--b--"), 0, -EINVAL },
	{ SLICE_INIT("\n--b--"), 0, -EINVAL },
	{ SLICE_INIT("--c\r\n" CD "name=a\r\n\r\nx\r\n--c--"), 0, -EINVAL },
	/* no closing boundary, or none of its own line */
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\nx"), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\nx\r\n--b"), 1, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\nx\r\n--b-"), 1, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\nx\r\n--b\r\n"), 1, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\nx\n--b--\r\n"), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\n--b--\r\n"), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\nx\r\n--b--x"), 1, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\nx\r\n--b--\n"), 1, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n\r\nx\r\n--bx\r\ny" END), 1, -EINVAL },
	{ SLICE_INIT("--b\n" CD "name=a\r\n\r\nx" END), 0, -EINVAL },
	/* heads */
	{ SLICE_INIT("--b\r\n" CD "name=a\n\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\nContent-Type: a/b\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "filename=a\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx" END), 0,
		-EINVAL },
	{ SLICE_INIT("--b\r\nContent-Disposition: form-data\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\nContent-Disposition:\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\n" CD "name=a\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a; name=b\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a; filename=f; filename=g\r\n\r\nx" END), 0,
		-EINVAL },
	{ SLICE_INIT(
		  "--b\r\n" CD "name=a\r\nContent-Type: a\r\nContent-Type: b\r\n\r\nx" END),
		0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=\"a\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=\"a\0b\"\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=\"a\rb\"\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n " CD "name=a\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a;\r\n filename=f\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a;\r\n b" END), 0, -EINVAL },
	/* extended names that cannot be read, where there is no other */
	{ SLICE_INIT("--b\r\n" CD "name=a; filename*=x\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a; filename*=utf-8'x\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a; filename*=koi8-r''x\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a; filename*=utf-8''%00\r\n\r\nx" END), 0,
		-EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a; filename*=utf-8''%4\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD
		     "name=a; filename*=utf-8''x; filename*=utf-8''x\r\n\r\nx" END),
		0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "filename*=utf-8''x\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\nno colon\r\n\r\nx" END), 0, -EINVAL },
	{ SLICE_INIT("--b\r\n" CD "name=a\r\nX : y\r\n\r\nx" END), 0, -EINVAL },
	/* one part too many */
	{ SLICE_INIT(
		  "--b\r\n" CD "name=a\r\n\r\n\r\n--b\r\n" CD "name=a\r\n\r\n\r\n--b\r\n" CD
		  "name=a\r\n\r\n\r\n--b\r\n" CD "name=a\r\n\r\n" END),
		3, -EMSGSIZE },
};

static void assert_same_text(const char *got, const char *want)
{
	if (want == NULL)
		assert_null(got);
	else
		assert_string_equal(got, want);
}

static void parts_are_found(void **state)
{
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		struct arena arena = { 0 };
		struct seen seen = { .count = 0 };

		assert_int_equal(parse(good[i].body, &arena, &seen), 0);
		for (n = 0; n < seen.count; n++) {
			const struct vane__part *want = &good[i].parts[n];

			assert_non_null(want->name);
			assert_string_equal(seen.parts[n].name, want->name);
			assert_same_text(seen.parts[n].filename, want->filename);
			assert_same_text(seen.parts[n].content_type, want->content_type);
			assert_true(vane__slice_equal(seen.parts[n].body, want->body));
		}
		assert_true(n == MAX_PARTS || good[i].parts[n].name == NULL);
		vane__arena_fini(&arena);
	}
}

static void what_is_malformed_is_refused(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct arena arena = { 0 };
		struct seen seen = { .count = 0 };

		assert_int_equal(parse(bad[i].body, &arena, &seen), bad[i].rc);
		assert_int_equal(seen.count, bad[i].parts);
		vane__arena_fini(&arena);
	}
}

static void every_cut_before_the_end_is_refused(void **state)
{
	static const struct vane_slice body = SLICE_INIT(
		"pre\r\n--b\r\n" CD
		"name=\"a\"; filename=\"f\"\r\nContent-Type: a/b\r\n\r\nx\r\n--b--");
	size_t len;

	for (len = 0; len < body.len; len++) {
		struct arena arena = { 0 };
		struct seen seen = { .count = 0 };
		char *copy = malloc(len + 1);

		memcpy(copy, body.data, len);
		copy = realloc(copy, len > 0 ? len : 1);
		assert_int_equal(
			parse((struct vane_slice) { copy, len }, &arena, &seen), -EINVAL);
		free(copy);
		vane__arena_fini(&arena);
	}
}

static void boundaries_have_1_to_70_bytes(void **state)
{
	static const struct {
		size_t len;
		int rc;
	} rows[] = { { 0, -EINVAL }, { 1, 0 }, { 70, 0 }, { 71, -EINVAL } };
	struct arena arena = { 0 };
	struct seen seen = { .count = 0 };
	char body[80];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(body, 'b', sizeof(body));
		memcpy(body, "--", 2);
		memcpy(body + 2 + rows[i].len, "--", 2);
		assert_int_equal(
			vane__multipart_parse((struct vane_slice) { body, rows[i].len + 4 },
				(struct vane_slice) { body + 2, rows[i].len }, &arena, 1,
				note_part, &seen),
			rows[i].rc);
	}
	assert_int_equal(vane__multipart_parse(SLICE("--a\nb--"), SLICE("a\nb"), &arena, 1,
				 note_part, &seen),
		-EINVAL);
	vane__arena_fini(&arena);
}

/* A body with one part whose head has so many bytes, the empty line included. */
static size_t long_head(char *out, size_t head)
{
	static const char start[] = "--b\r\n" CD "name=a\r\nX: ";
	static const char end[] = "\r\n\r\n" END;
	size_t len = sizeof(start) - 1, fill = head - (len - strlen("--b\r\n")) - 4;

	memcpy(out, start, len);
	memset(out + len, 'x', fill);
	memcpy(out + len + fill, end, sizeof(end) - 1);
	return len + fill + sizeof(end) - 1;
}

static void heads_have_at_most_8_kib(void **state)
{
	static char body[VANE__PART_HEAD_MAX + 100];
	struct arena arena = { 0 };
	struct seen seen = { .count = 0 };
	size_t len;

	len = long_head(body, VANE__PART_HEAD_MAX);
	assert_int_equal(parse((struct vane_slice) { body, len }, &arena, &seen), 0);
	len = long_head(body, VANE__PART_HEAD_MAX + 1);
	assert_int_equal(
		parse((struct vane_slice) { body, len }, &arena, &seen), -EMSGSIZE);
	vane__arena_fini(&arena);
}

static void the_callback_can_stop_it(void **state)
{
	struct arena arena = { 0 };
	struct seen seen = { .answer = -ECANCELED };

	assert_int_equal(parse(good[2].body, &arena, &seen), -ECANCELED);
	assert_int_equal(seen.count, 1);
	vane__arena_fini(&arena);
}

static void lack_of_memory_is_reported_wherever_it_strikes(void **state)
{
	static char body[3 * VANE__ARENA_BLOCK];
	struct vane_slice parts = { body, 0 };
	long n = 0, failed;
	size_t i;

	/* name, file name and type too long to share a block */
	for (i = 0; i < 3; i++) {
		static const char *const texts[] = {
			"--b\r\n" CD "name=", "; filename=", "\r\nContent-Type: "
		};

		memcpy(body + parts.len, texts[i], strlen(texts[i]));
		parts.len += strlen(texts[i]);
		memset(body + parts.len, 'x', 2500);
		parts.len += 2500;
	}
	memcpy(body + parts.len, "\r\n\r\n" END, strlen("\r\n\r\n" END));
	parts.len += strlen("\r\n\r\n" END);
	do {
		struct arena arena = { 0 };
		struct seen seen = { .count = 0 };
		int rc;

		alloc_fail_after(n++);
		rc = parse(parts, &arena, &seen);
		failed = alloc_fail_never();
		assert_int_equal(rc, failed > 0 ? -ENOMEM : 0);
		assert_int_equal(seen.count, failed > 0 ? 0 : 1);
		vane__arena_fini(&arena);
	} while (failed > 0);
	assert_int_equal(n, 4);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_found),
		cmocka_unit_test(what_is_malformed_is_refused),
		cmocka_unit_test(every_cut_before_the_end_is_refused),
		cmocka_unit_test(boundaries_have_1_to_70_bytes),
		cmocka_unit_test(heads_have_at_most_8_kib),
		cmocka_unit_test(the_callback_can_stop_it),
		cmocka_unit_test(lack_of_memory_is_reported_wherever_it_strikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
