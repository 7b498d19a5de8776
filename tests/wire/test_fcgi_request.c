/* SPDX-License-Identifier: MIT */
/*
 * test_fcgi_request.c - lib/wire/fcgi_request.c and lib/wire/fcgi_app.c
 */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi_request.h"
#include "support/fcgi_peer.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const struct vane__fcgi_req_limits limits = {
	.max_params_bytes = 4096,
	.max_params = 16,
	.told = { 100, 200 },
};

static void values_are_told_once_each(void **state)
{
	const struct vane__fcgi_limits told = { SIZE_MAX, SIZE_MAX };
	unsigned char out[VANE__FCGI_TOLD];
	struct fcgi_bytes asked = { 0 };
	int once, i;

	fcgi_peer_pair(&asked, "FCGI_MAX_CONNS", "");
	fcgi_peer_pair(&asked, "FCGI_MAX_REQS", "");
	fcgi_peer_pair(&asked, "FCGI_MPXS_CONNS", "");
	once = vane__fcgi_tell_values(
		out, (struct vane_slice) { asked.data, asked.len }, &told);
	assert_true(once > 0 && once <= VANE__FCGI_TOLD);
	for (i = 0; i < 20; i++)
		fcgi_peer_pair(&asked, "FCGI_MAX_CONNS", "again");
	assert_int_equal(vane__fcgi_tell_values(
				 out, (struct vane_slice) { asked.data, asked.len }, &told),
		once);
	fcgi_bytes_fini(&asked);
}

/* What a request said of a script, all told. */
struct story {
	char events[64]; /* a letter each */
	size_t count;
	struct vane__fcgi_req in;
};

static const char letters[] = {
	[VANE__FCGI_REQ_DONE] = 'D',
	[VANE__FCGI_REQ_LARGE] = 'L',
	[VANE__FCGI_REQ_REPLY] = 'R',
	[VANE__FCGI_REQ_REFUSED] = 'F',
	[VANE__FCGI_REQ_ABORTED] = 'A',
	[VANE__FCGI_REQ_BAD] = 'B',
};

/* Push all of it in pieces of that size.  What ends a connection ends the story. */
static void tell(struct story *story, const struct fcgi_bytes *bytes, size_t piece)
{
	size_t at = 0;

	memset(story, 0, sizeof(*story));
	while (at < bytes->len) {
		size_t n = bytes->len - at < piece ? bytes->len - at : piece;
		struct vane_slice in = { bytes->data + at, n };
		enum vane__fcgi_req_event event;

		while ((event = vane__fcgi_req_push(&story->in, &limits, &in)) !=
			VANE__FCGI_REQ_MORE) {
			assert_true(story->count < sizeof(story->events) - 1);
			story->events[story->count++] = letters[event];
			if (event == VANE__FCGI_REQ_BAD ||
				event == VANE__FCGI_REQ_REFUSED ||
				event == VANE__FCGI_REQ_LARGE)
				return;
			if (event == VANE__FCGI_REQ_ABORTED)
				vane__fcgi_req_reset(&story->in);
			if (event == VANE__FCGI_REQ_DONE &&
				(in.len > 0 || at + n < bytes->len))
				vane__fcgi_req_reset(&story->in);
		}
		assert_int_equal(in.len, 0);
		at += n;
	}
}

/* The same story whole, in pieces of 7, and byte by byte. */
static void expect_story(const struct fcgi_bytes *bytes, const char *events,
	enum vane__fcgi_req_phase phase, const char *why)
{
	static const size_t pieces[] = { SIZE_MAX, 7, 1 };
	size_t i;

	for (i = 0; i < LENGTH(pieces); i++) {
		struct story story;

		tell(&story, bytes, pieces[i]);
		assert_string_equal(story.events, events);
		if (why != NULL)
			assert_string_equal(story.in.why, why);
		else
			assert_int_equal(story.in.phase, phase);
		vane__fcgi_req_fini(&story.in);
	}
}

#define REQUEST(number, text)                                                              \
	(&(const struct fcgi_peer_request) { .id = number,                                 \
		.keep = true,                                                              \
		.params = (const char *const[]) { "A=b", "LONG_NAME=", NULL },             \
		.body = text,                                                              \
		.body_len = sizeof(text) - 1,                                              \
		.padding = 3 })

static void a_request_is_put_together(void **state)
{
	static const size_t pieces[] = { SIZE_MAX, 7, 1 };
	struct fcgi_bytes bytes = { 0 };
	size_t i;

	fcgi_peer_whole(&bytes, REQUEST(515, "the body"));
	for (i = 0; i < LENGTH(pieces); i++) {
		struct story story;

		tell(&story, &bytes, pieces[i]);
		assert_string_equal(story.events, "D");
		assert_int_equal(story.in.id, 515);
		assert_true(story.in.keep);
		assert_int_equal(story.in.var_count, 2);
		assert_string_equal(story.in.vars[0].name.data, "A");
		assert_string_equal(story.in.vars[0].value.data, "b");
		assert_string_equal(story.in.vars[1].name.data, "LONG_NAME");
		assert_int_equal(story.in.vars[1].name.len, 9);
		assert_string_equal(story.in.vars[1].value.data, "");
		assert_int_equal(story.in.body.len, 8);
		assert_memory_equal(story.in.body.data, "the body", 8);
		assert_false(vane__fcgi_req_idle(&story.in));
		vane__fcgi_req_reset(&story.in);
		assert_true(vane__fcgi_req_idle(&story.in));
		vane__fcgi_req_fini(&story.in);
	}
	fcgi_bytes_fini(&bytes);
}

static void every_part_of_a_request_is_only_a_part(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	size_t len;

	fcgi_peer_whole(&bytes, REQUEST(1, "xy"));
	for (len = bytes.len; len-- > 0;) {
		struct story story;

		bytes.len = len;
		tell(&story, &bytes, SIZE_MAX);
		assert_string_equal(story.events, "");
		vane__fcgi_req_fini(&story.in);
	}
	fcgi_bytes_fini(&bytes);
}

static void management_records_may_stand_anywhere(void **state)
{
	struct fcgi_bytes whole = { 0 }, bytes = { 0 };
	size_t i;

	fcgi_peer_record(&bytes, FCGI_PEER_GET_VALUES, 0, NULL, 0, 7);
	fcgi_peer_record(&bytes, 200, 0, "content", 7, 0);
	expect_story(&bytes, "RR", VANE__FCGI_REQ_IDLE, NULL);
	fcgi_peer_whole(&whole, REQUEST(1, "xy"));
	for (i = 0; i < 2; i++) {
		size_t at = i == 0 ? 16 : whole.len - 11;

		bytes.len = 0;
		fcgi_bytes_add(&bytes, whole.data, at);
		fcgi_peer_record(&bytes, FCGI_PEER_GET_VALUES, 0, NULL, 0, 7);
		fcgi_bytes_add(&bytes, whole.data + at, whole.len - at);
		expect_story(&bytes, "RD", VANE__FCGI_REQ_WHOLE, NULL);
	}
	fcgi_bytes_fini(&whole);
	fcgi_bytes_fini(&bytes);
}

static void a_second_request_is_refused_and_skipped(void **state)
{
	struct fcgi_bytes first = { 0 }, second = { 0 }, bytes = { 0 };

	fcgi_peer_whole(&first, REQUEST(1, "xy"));
	fcgi_peer_whole(&second, REQUEST(2, "other"));
	fcgi_bytes_add(&bytes, first.data, first.len - 11);
	fcgi_bytes_add(&bytes, second.data, second.len);
	fcgi_bytes_add(&bytes, first.data + first.len - 11, 11);
	expect_story(&bytes, "RD", VANE__FCGI_REQ_WHOLE, NULL);
	/* One after the other is another thing. */
	bytes.len = 0;
	fcgi_bytes_add(&bytes, first.data, first.len);
	fcgi_bytes_add(&bytes, second.data, second.len);
	expect_story(&bytes, "DD", VANE__FCGI_REQ_WHOLE, NULL);
	fcgi_bytes_fini(&first);
	fcgi_bytes_fini(&second);
	fcgi_bytes_fini(&bytes);
}

static void aborts_are_told_only_of_the_request_that_is_there(void **state)
{
	struct fcgi_bytes bytes = { 0 };

	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
	fcgi_peer_begin(&bytes, 1, FCGI_PEER_RESPONDER, 0);
	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 2, NULL, 0, 0);
	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 8);
	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
	fcgi_peer_record(&bytes, FCGI_PEER_STDIN, 1, "rest", 4, 0);
	expect_story(&bytes, "A", VANE__FCGI_REQ_IDLE, NULL);
	fcgi_bytes_fini(&bytes);
}

static void only_responders_are_here(void **state)
{
	struct fcgi_bytes bytes = { 0 };

	fcgi_peer_begin(&bytes, 1, 2, 0);
	expect_story(&bytes, "F", VANE__FCGI_REQ_WHOLE, NULL);
	fcgi_bytes_fini(&bytes);
}

/* Names move to make room for their end, several bytes at a time. */
static void names_and_values_of_any_length_are_strings(void **state)
{
	static const char text[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	char record[2 * sizeof(text) * 4];
	struct fcgi_bytes bytes = { 0 };
	struct story story;
	size_t len, at, i;

	for (len = 0; len < sizeof(text); len++) {
		for (at = i = 0; i < 3; i++) {
			record[at++] = (char) len;
			record[at++] = i == 1 ? 0 : (char) len;
			memcpy(record + at, text, len);
			memcpy(record + at + len, text, i == 1 ? 0 : len);
			at += i == 1 ? len : 2 * len;
		}
		bytes.len = 0;
		fcgi_peer_begin(&bytes, 1, FCGI_PEER_RESPONDER, 0);
		fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, record, at, 0);
		fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
		tell(&story, &bytes, SIZE_MAX);
		assert_int_equal(story.in.var_count, 3);
		for (i = 0; i < 3; i++) {
			const struct vane_field *var = &story.in.vars[i];

			assert_int_equal(strlen(var->name.data), len);
			assert_int_equal(var->name.len, len);
			assert_memory_equal(var->name.data, text, len);
			assert_int_equal(var->value.len, i == 1 ? 0 : len);
			assert_int_equal(strlen(var->value.data), var->value.len);
			assert_memory_equal(var->value.data, text, var->value.len);
		}
		vane__fcgi_req_fini(&story.in);
	}
	fcgi_bytes_fini(&bytes);
}

/* One record after a begin, as a table wants it. */
struct bad_row {
	const char *why;
	bool begun;
	unsigned type, id;
	const char *content;
	size_t len;
	bool ends; /* the stream's end follows */
};

static void what_cannot_be_is_refused(void **state)
{
	static const struct bad_row rows[] = {
		{ "no FCGI_BEGIN_REQUEST", false, FCGI_PEER_PARAMS, 1, "", 0, false },
		{ "no FCGI_BEGIN_REQUEST", false, FCGI_PEER_STDIN, 1, "x", 1, false },
		{ "malformed FCGI_BEGIN_REQUEST", false, FCGI_PEER_BEGIN, 0,
			"\0\1\0\0\0\0\0\0", 8, false },
		{ "malformed FCGI_BEGIN_REQUEST", false, FCGI_PEER_BEGIN, 1,
			"\0\1\0\0\0\0\0", 7, false },
		{ "a request begins twice", true, FCGI_PEER_BEGIN, 1, "\0\1\0\0\0\0\0\0", 8,
			false },
		{ "body before the parameters' end", true, FCGI_PEER_STDIN, 1, "", 0,
			false },
		{ "a record that no responder is sent", true, FCGI_PEER_STDOUT, 1, "", 0,
			false },
		{ "a record that no responder is sent", true, 8, 1, "x", 1, false },
		{ "malformed FCGI_GET_VALUES", true, FCGI_PEER_GET_VALUES, 0, "\5\5", 2,
			false },
		{ "malformed parameters", true, FCGI_PEER_PARAMS, 1, "\1\1a", 3, true },
		{ "malformed parameters", true, FCGI_PEER_PARAMS, 1,
			"\xff\xff\xff\xfe\x80\0\0\2"
			"ab",
			10, true },
		{ "a NUL in a parameter", true, FCGI_PEER_PARAMS, 1, "\1\3ab\0c", 6, true },
		{ "a NUL in a parameter", true, FCGI_PEER_PARAMS, 1, "\2\0a\0", 4, true },
		{ "a NUL in a parameter", true, FCGI_PEER_PARAMS, 1, "\1\0a\1\1b\0", 7,
			true },
		{ "a NUL in a parameter", true, FCGI_PEER_PARAMS, 1, "\1\0a\0\0\1\0\0", 8,
			true },
	};
	struct fcgi_bytes bytes = { 0 };
	size_t i;

	for (i = 0; i < LENGTH(rows); i++) {
		bytes.len = 0;
		if (rows[i].begun)
			fcgi_peer_begin(&bytes, 1, FCGI_PEER_RESPONDER, 0);
		fcgi_peer_record(
			&bytes, rows[i].type, rows[i].id, rows[i].content, rows[i].len, 1);
		if (rows[i].ends)
			fcgi_peer_record(&bytes, rows[i].type, rows[i].id, NULL, 0, 1);
		expect_story(&bytes, "B", VANE__FCGI_REQ_IDLE, rows[i].why);
	}
	bytes.len = 0;
	fcgi_bytes_add(&bytes, "GET / HTTP/1.1\r\n", 16);
	expect_story(&bytes, "B", VANE__FCGI_REQ_IDLE, "not version 1 of FastCGI");
	fcgi_bytes_fini(&bytes);
}

static void parameters_have_limits(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	char *many = calloc(1, 4097);
	int count;

	assert_non_null(many);
	/*
	 * As many bytes as may be, empty pairs: one byte more is too much, and so is the count.
	 */
	fcgi_peer_begin(&bytes, 1, FCGI_PEER_RESPONDER, 0);
	fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, many, 4000, 0);
	fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, many, 97, 0);
	expect_story(&bytes, "L", VANE__FCGI_REQ_PARAMS, "too many bytes of parameters");
	for (count = 16; count <= 17; count++) {
		bytes.len = 0;
		fcgi_peer_begin(&bytes, 1, FCGI_PEER_RESPONDER, 0);
		fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, many, (size_t) count * 2, 0);
		fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
		if (count == 16)
			expect_story(&bytes, "", VANE__FCGI_REQ_BODY, NULL);
		else
			expect_story(
				&bytes, "L", VANE__FCGI_REQ_PARAMS, "too many parameters");
	}
	/* A length is not believed before it is looked at: management records are short. */
	bytes.len = 0;
	fcgi_peer_record(&bytes, FCGI_PEER_GET_VALUES, 0, many, 1025, 0);
	expect_story(
		&bytes, "B", VANE__FCGI_REQ_IDLE, "a management record that is too long");
	free(many);
	fcgi_bytes_fini(&bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_told_once_each),
		cmocka_unit_test(a_request_is_put_together),
		cmocka_unit_test(every_part_of_a_request_is_only_a_part),
		cmocka_unit_test(management_records_may_stand_anywhere),
		cmocka_unit_test(a_second_request_is_refused_and_skipped),
		cmocka_unit_test(aborts_are_told_only_of_the_request_that_is_there),
		cmocka_unit_test(only_responders_are_here),
		cmocka_unit_test(names_and_values_of_any_length_are_strings),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(parameters_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
