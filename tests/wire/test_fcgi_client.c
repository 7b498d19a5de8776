/* SPDX-License-Identifier: MIT */
/*
 * test_fcgi_client.c - lib/wire/fcgi_client.c: what a FastCGI application is sent, and what it
 * answers
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "fcgi_client.h"
#include "support/fcgi_peer.h"

static void requests_begin_end_and_are_aborted(void **state)
{
	unsigned char out[16];

	(void) state;
	assert_int_equal(vane__fcgi_begin(out, 0x1234, true), 16);
	assert_memory_equal(out, "\1\1\x12\x34\0\10\0\0\0\1\1\0\0\0\0\0", 16);
	assert_int_equal(vane__fcgi_begin(out, 1, false), 16);
	assert_memory_equal(out, "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0", 16);
	assert_int_equal(vane__fcgi_abort(out, 7), 8);
	assert_memory_equal(out, "\1\2\0\7\0\0\0\0", 8);
}

static void values_are_asked_for(void **state)
{
	static const char pairs[] =
		"\16\0FCGI_MAX_CONNS\15\0FCGI_MAX_REQS\17\0FCGI_MPXS_CONNS";
	unsigned char out[VANE__FCGI_GET_VALUES_LEN + 1];
	size_t len = sizeof(pairs) - 1, padding = -len & 7;

	(void) state;
	out[VANE__FCGI_GET_VALUES_LEN] = 'x';
	assert_int_equal(vane__fcgi_get_values(out), 8 + len + padding);
	assert_true(8 + len + padding <= VANE__FCGI_GET_VALUES_LEN);
	assert_int_equal(out[VANE__FCGI_GET_VALUES_LEN], 'x');
	assert_memory_equal(out, "\1\11\0\0\0", 5);
	assert_int_equal(out[5], len);
	assert_int_equal(out[6], padding);
	assert_memory_equal(out + 8, pairs, len);
}

/* A stream of pairs with values of those lengths. */
static void add_pairs(struct fcgi_bytes *to, const size_t *lengths)
{
	for (; *lengths > 0; lengths++) {
		char *value = calloc(1, *lengths + 1);

		assert_non_null(value);
		memset(value, 'a' + (int) (*lengths % 26), *lengths);
		fcgi_peer_pair(to, "NAME", value);
		free(value);
	}
}

/* Whether a record's content is whole pairs. */
static bool whole_pairs(const unsigned char *at, size_t len)
{
	while (len > 0) {
		size_t value = at[1], head = 2;

		if (at[1] >= 0x80) {
			value = (size_t) (at[1] & 0x7f) << 24 | (size_t) at[2] << 16 |
				(size_t) at[3] << 8 | at[4];
			head = 5;
		}
		if (len < head + 4 + value)
			return false;
		at += head + 4 + value;
		len -= head + 4 + value;
	}
	return true;
}

static void params_are_cut_between_pairs(void **state)
{
	static const struct {
		size_t values[8];
		size_t records; /* the last, empty one included */
		bool whole;
	} rows[] = {
		{ { 0 }, 1, true },
		{ { 1 }, 2, true },
		{ { 1, 127, 128, 9000 }, 2, true },
		{ { VANE__FCGI_CONTENT - 9 }, 2, true },
		{ { VANE__FCGI_CONTENT - 9, 1 }, 3, true },
		{ { 40000, 40000 }, 3, true },
		{ { 40000, 40000, 20000, 1 }, 3, true },
		{ { 40000, 40000, 40000 }, 4, true },
		{ { 1, VANE__FCGI_CONTENT - 9, 1, VANE__FCGI_CONTENT - 9, 1 }, 6, true },
		{ { VANE__FCGI_CONTENT - 8 }, 3, false },
		{ { 1, 200000, 1, 300 }, 6, false },
		{ { 40000, 40000, 200000, 40000 }, 7, false },
	};
	size_t i;

	(void) state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fcgi_bytes pairs = { 0 }, joined = { 0 };
		size_t room, len, at, content = 1, records = 0;
		unsigned char *out;
		bool whole = true;

		add_pairs(&pairs, rows[i].values);
		room = vane__fcgi_params_room(pairs.len);
		out = malloc(room);
		assert_non_null(out);
		if (pairs.len > 0)
			memcpy(out + 8, pairs.data, pairs.len);
		len = vane__fcgi_params(out, 0x0102, pairs.len);
		assert_true(len <= room);
		for (at = 0; at < len; records++) {
			assert_true(content > 0 && len - at >= 8);
			assert_memory_equal(out + at, "\1\4\1\2", 4);
			content = (size_t) out[at + 4] << 8 | out[at + 5];
			assert_int_equal((content + out[at + 6]) % 8, 0);
			whole = whole && whole_pairs(out + at + 8, content);
			fcgi_bytes_add(&joined, out + at + 8, content);
			at += 8 + content + out[at + 6];
		}
		assert_int_equal(at, len);
		assert_int_equal(content, 0);
		assert_int_equal(records, rows[i].records);
		assert_int_equal(whole, rows[i].whole);
		assert_int_equal(joined.len, pairs.len);
		if (pairs.len > 0)
			assert_memory_equal(joined.data, pairs.data, pairs.len);
		free(out);
		fcgi_bytes_fini(&pairs);
		fcgi_bytes_fini(&joined);
	}
}

/* What a client told of a script: "1:out" for a piece of request 1, and so on. */
struct story {
	char text[512];
	size_t len;
	struct vane__fcgi_client client;
	int rc;
};

static void say(struct story *story, const char *what, struct vane_slice piece)
{
	/* Pieces in a row are one, however they were cut. */
	size_t head = strlen(what);
	const char *last = story->len > 0 ? strrchr(story->text, '|') : NULL;

	if (piece.len > 0 && last != NULL && strncmp(last + 1, what, head) == 0 &&
		last[1 + head] != '\0')
		what = "";
	else if (story->len > 0 || *what != '\0')
		story->len += (size_t) snprintf(
			story->text + story->len, sizeof(story->text) - story->len, "|");
	story->len += (size_t) snprintf(story->text + story->len,
		sizeof(story->text) - story->len, "%s%.*s", what, (int) piece.len,
		piece.data);
	assert_true(story->len < sizeof(story->text));
}

static void tell(struct story *story, int event, struct vane_slice piece)
{
	static const struct vane_slice none = { "", 0 };
	const struct vane__fcgi_client *client = &story->client;
	char what[80];

	if (event == VANE__FCGI_OUT || event == VANE__FCGI_ERR) {
		snprintf(what, sizeof(what),
			"%s%u:", event == VANE__FCGI_OUT ? "out" : "err",
			client->record.id);
		say(story, what, piece);
		return;
	}
	if (event == VANE__FCGI_END)
		snprintf(what, sizeof(what), "end%u:%u,%d", client->record.id,
			client->app_status, client->status);
	else if (event == VANE__FCGI_VALUES)
		snprintf(what, sizeof(what), "values:%ld,%ld,%ld",
			client->values[VANE__FCGI_MAX_CONNS],
			client->values[VANE__FCGI_MAX_REQS],
			client->values[VANE__FCGI_MPXS_CONNS]);
	else if (event == VANE__FCGI_UNKNOWN)
		snprintf(what, sizeof(what), "unknown");
	else
		snprintf(what, sizeof(what), "bad:%s", client->why);
	say(story, what, none);
}

/* Read all of it in pieces of that size; what is bad ends the story. */
static void read_story(struct story *story, const struct fcgi_bytes *bytes, size_t cut)
{
	size_t at, n;

	memset(story, 0, sizeof(*story));
	for (at = 0; at < bytes->len; at += n) {
		struct vane_slice in = { bytes->data + at, 0 }, piece = { 0 };

		n = bytes->len - at < cut ? bytes->len - at : cut;
		in.len = n;
		while ((story->rc = vane__fcgi_client_read(&story->client, &in, &piece)) !=
			0) {
			tell(story, story->rc, piece);
			if (story->rc < 0)
				return;
		}
		assert_int_equal(in.len, 0);
	}
}

static void expect(struct fcgi_bytes *bytes, const char *text, bool between)
{
	static const size_t cuts[] = { SIZE_MAX, 7, 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		struct story story;

		read_story(&story, bytes, cuts[i]);
		assert_string_equal(story.text, text);
		if (story.rc >= 0)
			assert_int_equal(vane__fcgi_client_between(&story.client), between);
	}
	bytes->len = 0;
}

static void answers_are_taken_apart(void **state)
{
	struct fcgi_bytes bytes = { 0 };

	(void) state;
	fcgi_peer_record(&bytes, FCGI_PEER_STDOUT, 1, "Status: 200\r\n\r\n", 15, 1);
	fcgi_peer_record(&bytes, FCGI_PEER_STDERR, 1, "oh", 2, 255);
	fcgi_peer_record(&bytes, FCGI_PEER_STDOUT, 1, "body", 4, 0);
	fcgi_peer_record(&bytes, FCGI_PEER_STDOUT, 1, NULL, 0, 8);
	fcgi_peer_record(&bytes, FCGI_PEER_STDERR, 1, NULL, 0, 0);
	fcgi_peer_record(&bytes, FCGI_PEER_END, 1, "\0\0\1\2\0\0\0\0", 8, 0);
	expect(&bytes, "|out1:Status: 200\r\n\r\n|err1:oh|out1:body|out1:|err1:|end1:258,0",
		true);
	/* Two requests take turns; padding that has not come is part of a record. */
	fcgi_peer_record(&bytes, FCGI_PEER_STDOUT, 1, "a", 1, 7);
	fcgi_peer_record(&bytes, FCGI_PEER_STDOUT, 515, "b", 1, 7);
	fcgi_peer_record(&bytes, FCGI_PEER_END, 515, "\0\0\0\0\2\0\0\0", 8, 0);
	fcgi_peer_record(&bytes, FCGI_PEER_END, 1, "\xff\xff\xff\xff\0\0\0\0", 8, 9);
	bytes.len--;
	expect(&bytes, "|out1:a|out515:b|end515:0,2|end1:4294967295,0", false);
	fcgi_bytes_fini(&bytes);
}

static void values_are_understood(void **state)
{
	static const struct {
		const char *pairs[6];
		const char *text;
	} rows[] = {
		{ { NULL }, "|values:-1,-1,-1" },
		{ { "FCGI_MAX_CONNS", "8", "FCGI_MAX_REQS", "16" }, "|values:8,16,-1" },
		{ { "FCGI_MPXS_CONNS", "1", "OTHER", "5", "FCGI_MAX_CONNS", "0" },
			"|values:0,-1,1" },
		{ { "FCGI_MAX_CONNS", "", "FCGI_MAX_REQS", "-1" }, "|values:-1,-1,-1" },
		{ { "FCGI_MAX_CONNS", "1234567890", "FCGI_MAX_REQS", "123456789" },
			"|values:-1,123456789,-1" },
		{ { "fcgi_max_conns", "1", "FCGI_MAX_CONN", "1", "FCGI_MAX_CONNSX", "1" },
			"|values:-1,-1,-1" },
	};
	struct fcgi_bytes bytes = { 0 }, pairs = { 0 };
	size_t i, k;

	(void) state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		pairs.len = 0;
		for (k = 0; k < 6 && rows[i].pairs[k] != NULL; k += 2)
			fcgi_peer_pair(&pairs, rows[i].pairs[k], rows[i].pairs[k + 1]);
		fcgi_peer_record(&bytes, FCGI_PEER_VALUES, 0, pairs.data, pairs.len, 3);
		expect(&bytes, rows[i].text, true);
	}
	fcgi_peer_record(&bytes, FCGI_PEER_UNKNOWN_TYPE, 0, "\11\0\0\0\0\0\0\0", 8, 0);
	expect(&bytes, "|unknown", true);
	fcgi_bytes_fini(&pairs);
	fcgi_bytes_fini(&bytes);
}

static void what_no_application_sends_is_refused(void **state)
{
	static const char zeroes[VANE__FCGI_SMALL + 1];
	static const struct {
		const char *why;
		unsigned type, id;
		const char *content;
		size_t len;
	} rows[] = {
		{ "|bad:a record that no application sends", FCGI_PEER_BEGIN, 1, zeroes,
			8 },
		{ "|bad:a record that no application sends", FCGI_PEER_STDIN, 1, zeroes,
			8 },
		{ "|bad:a record that no application sends", FCGI_PEER_GET_VALUES, 0, "",
			0 },
		{ "|bad:a record that no application sends", 0, 0, "", 0 },
		{ "|bad:a record that no application sends", 200, 0, "", 0 },
		{ "|bad:a record whose id does not go with its type", FCGI_PEER_STDOUT, 0,
			"x", 1 },
		{ "|bad:a record whose id does not go with its type", FCGI_PEER_END, 0,
			zeroes, 8 },
		{ "|bad:a record whose id does not go with its type", FCGI_PEER_VALUES, 1,
			"", 0 },
		{ "|bad:a record of the wrong length", FCGI_PEER_END, 1, zeroes, 7 },
		{ "|bad:a record of the wrong length", FCGI_PEER_END, 1, zeroes, 9 },
		{ "|bad:a record of the wrong length", FCGI_PEER_UNKNOWN_TYPE, 0, zeroes,
			4 },
		{ "|bad:a record of the wrong length", FCGI_PEER_VALUES, 0, zeroes,
			VANE__FCGI_SMALL + 1 },
		{ "|bad:an FCGI_END_REQUEST with an unknown status", FCGI_PEER_END, 1,
			"\0\0\0\0\4\0\0\0", 8 },
		{ "|bad:malformed FCGI_GET_VALUES_RESULT", FCGI_PEER_VALUES, 0, "\5\5abc",
			5 },
		{ "|bad:malformed FCGI_GET_VALUES_RESULT", FCGI_PEER_VALUES, 0,
			"\xff\xff\xff\xff\xff\xff\xff\xff", 8 },
		{ "|bad:malformed FCGI_GET_VALUES_RESULT", FCGI_PEER_VALUES, 0, "\x80\0\0",
			3 },
	};
	struct fcgi_bytes bytes = { 0 };
	size_t i;

	(void) state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fcgi_peer_record(
			&bytes, rows[i].type, rows[i].id, rows[i].content, rows[i].len, 0);
		expect(&bytes, rows[i].why, false);
	}
	fcgi_bytes_add(&bytes, "HTTP/1.1 200 OK\r\n", 17);
	expect(&bytes, "|bad:not version 1 of FastCGI", false);
	fcgi_bytes_fini(&bytes);
}

static void every_part_of_an_answer_is_only_a_part(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	size_t len;

	(void) state;
	fcgi_peer_record(&bytes, FCGI_PEER_END, 1, "\0\0\0\0\0\0\0\0", 8, 3);
	for (len = bytes.len; len-- > 1;) {
		struct story story;

		bytes.len = len;
		read_story(&story, &bytes, SIZE_MAX);
		assert_string_equal(story.text, len < 16 ? "" : "|end1:0,0");
		assert_false(vane__fcgi_client_between(&story.client));
	}
	fcgi_bytes_fini(&bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_begin_end_and_are_aborted),
		cmocka_unit_test(values_are_asked_for),
		cmocka_unit_test(params_are_cut_between_pairs),
		cmocka_unit_test(answers_are_taken_apart),
		cmocka_unit_test(values_are_understood),
		cmocka_unit_test(what_no_application_sends_is_refused),
		cmocka_unit_test(every_part_of_an_answer_is_only_a_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
