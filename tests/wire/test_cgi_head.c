/* SPDX-License-Identifier: MIT */
/*
 * test_cgi_head.c - lib/wire/cgi_head.c
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vane/driver.h>

#include "lib/base/slice.h"
#include "lib/wire/cgi_head.h"
#include "support/alloc.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Feed in pieces of that size; *used is how much the head took. */
static int feed(struct vane__cgi_head *head, const char *text, size_t len, size_t piece,
	size_t *used)
{
	size_t at = 0, taken;
	int rc = 0;

	while (rc == 0 && at < len) {
		size_t n = len - at < piece ? len - at : piece;

		rc = vane__cgi_head_feed(head, text + at, n, &taken);
		assert_true(taken <= n);
		assert_true(rc != 0 || taken == n);
		at += taken;
	}
	*used = at;
	return rc;
}

/* What is passed on: "Name: value|" each. */
static const char *fields_of(const struct vane__cgi_head *head)
{
	static char all[2048];
	const char *name, *value;
	size_t i;

	all[0] = '\0';
	for (i = 0; vane__cgi_head_field(head, i, &name, &value); i++) {
		strcat(strcat(all, name), ": ");
		strcat(strcat(all, value), "|");
	}
	return all;
}

static void expect_text(const char *have, const char *want)
{
	if (want == NULL)
		assert_null(have);
	else
		assert_string_equal(have, want);
}

struct good_row {
	const char *text;
	int status;
	const char *fields;
	int64_t length; /* 0: none, as no row has a length of none */
	const char *location;
	bool local;
	bool nph;
};

static void check_good(const struct good_row *row, size_t piece)
{
	struct vane__cgi_head head = { .nph = row->nph };
	size_t used, len = strlen(row->text);
	char *all = malloc(len + 4);

	/* What follows is body, whatever it is. */
	snprintf(all, len + 4, "%s\n\nx", row->text);
	assert_int_equal(feed(&head, all, len + 3, piece, &used), 1);
	assert_int_equal(used, len);
	assert_int_equal(head.status, row->status);
	assert_string_equal(fields_of(&head), row->fields);
	assert_int_equal(head.length, row->length > 0 ? row->length : -1);
	expect_text(head.location, row->location);
	assert_int_equal(head.local, row->local);
	free(all);
	vane__cgi_head_fini(&head);
}

static void heads_are_understood(void **state)
{
	static const struct good_row rows[] = {
		{ "Content-Type: text/plain\n\n", 200, "Content-Type: text/plain|" },
		{ "Content-Type: text/plain\r\n\r\n", 200, "Content-Type: text/plain|" },
		{ "Content-Type:text/plain\r\n\n", 200, "Content-Type: text/plain|" },
		{ "content-type: \t a\tb \t\n\r\n", 200, "content-type: a\tb|" },
		{ "X:\n\n", 200, "X: |" },
		{ "X: a:b\n\n", 200, "X: a:b|" },
		{ "X: \xc3\xa9\xff\n\n", 200, "X: \xc3\xa9\xff|" },
		{ "B: 1\nA: 2\nB: 3\n\n", 200, "B: 1|A: 2|B: 3|" },
		{ "Set-Cookie: a=1\nSet-Cookie: b=2, c\n\n", 200,
			"Set-Cookie: a=1|Set-Cookie: b=2, c|" },
		/* Status */
		{ "Status: 404\n\n", 404, "" },
		{ "Status: 404 Not Found\n\n", 404, "" },
		{ "STATUS:200\tFine: really\n\n", 200, "" },
		{ "status: 599 \n\n", 599, "" },
		{ "A: 1\nStatus: 418 I'm a teapot\nB: 2\n\n", 418, "A: 1|B: 2|" },
		/* Content-Length */
		{ "Content-Length: 12\nA: 1\n\n", 200, "A: 1|", 12 },
		{ "Content-Length: 007\n\n", 200, "", 7 },
		{ "Content-Length: 5\nContent-Length: 05\n\n", 200, "", 5 },
		{ "Content-Length: 9223372036854775799\n\n", 200, "", 9223372036854775799 },
		/* Content-Type: the last counts */
		{ "Content-Type: a/b\nX: 1\nContent-Type: c/d\n\n", 200,
			"X: 1|Content-Type: c/d|" },
		/* Location */
		{ "Location: http://there/x?y#z\n\n", 302, "Location: http://there/x?y#z|",
			0, "http://there/x?y#z" },
		{ "Location: /here?x\n\n", 302, "Location: /here?x|", 0, "/here?x", true },
		{ "Content-Type: text/html\nLocation: /here\nContent-Length: 4\n\n", 302,
			"Content-Type: text/html|Location: /here|", 4, "/here", true },
		{ "Location: /here\nConnection: close\n\n", 302, "Location: /here|", 0,
			"/here", true },
		{ "Location: /here\nSet-Cookie: a=1\n\n", 302,
			"Location: /here|Set-Cookie: a=1|", 0, "/here" },
		{ "Location: here\n\n", 302, "Location: here|", 0, "here" },
		{ "Location: ?q\n\n", 302, "Location: ?q|", 0, "?q" },
		{ "Status: 302 Found\nLocation: /here\n\n", 302, "Location: /here|", 0,
			"/here" },
		{ "Location: /here#there\n\n", 302, "Location: /here#there|", 0,
			"/here#there" },
		{ "Location: //host/there\n\n", 302, "Location: //host/there|", 0,
			"//host/there" },
		{ "Location: /here\nStatus: 201\n\n", 201, "Location: /here|", 0, "/here" },
		{ "Status: 200\nLocation: http://there/\n\n", 200,
			"Location: http://there/|", 0, "http://there/" },
		/* What concerns only the connection */
		{ "Connection: close, X-Mine , Upgrade\nX-Mine: 1\nX-Yours: 2\n\n", 200,
			"X-Yours: 2|" },
		{ "x-mine: 1\nA: b\nCONNECTION: foo\nconnection: X-MINE\n\n", 200,
			"A: b|" },
		{ "Keep-Alive: 1\nProxy-Connection: 2\nTE: 3\nTrailer: 4\n"
		  "Upgrade: 5\nKeep: 6\n\n",
			200, "Keep: 6|" },
		/* ... but never how the body is to be read */
		{ "Connection: content-encoding, Content-Type, content-length\n"
		  "Content-Encoding: gzip\nContent-Type: a/b\nContent-Length: 3\n\n",
			200, "Content-Encoding: gzip|Content-Type: a/b|", 3 },
		/* What the server is told, not the client */
		{ "X-Accel-Redirect: /a\nX-Sendfile: /b\nX-Accel-Buffering: no\n\n", 200,
			"X-Accel-Buffering: no|" },
		/* Whole messages */
		{ "HTTP/1.1 200 OK\r\n\r\n", 200, "", 0, NULL, false, true },
		{ "HTTP/1.0 404\n\n", 404, "", 0, NULL, false, true },
		{ "HTTP/1.1 303 See\nLocation: /x\nStatus: 200\nContent-Length: 3\n\n", 303,
			"Location: /x|", 3, "/x", false, true },
		{ "HTTP/1.1 200 OK\nConnection: close\nA: 1\n\n", 200, "A: 1|", 0, NULL,
			false, true },
	};
	static const size_t pieces[] = { SIZE_MAX, 7, 1 };
	size_t i, k;

	for (i = 0; i < LENGTH(rows); i++)
		for (k = 0; k < LENGTH(pieces); k++)
			check_good(&rows[i], pieces[k]);
}

static void words_are_there_for_the_asking(void **state)
{
	static const char text[] = "X-Sendfile: /b\nContent-Type: a/b\n"
				   "Content-Type: c/d\nX-Accel-Redirect: /a\n\n";
	struct vane__cgi_head head = { 0 };
	size_t used;

	assert_int_equal(feed(&head, text, sizeof(text) - 1, 3, &used), 1);
	assert_string_equal(head.type, "c/d");
	assert_string_equal(head.accel, "/a");
	assert_string_equal(head.sendfile, "/b");
	assert_null(head.location);
	vane__cgi_head_fini(&head);
	assert_null(head.type);
	assert_int_equal(feed(&head, "A: 1\n\n", 6, 1, &used), 1);
	assert_null(head.accel);
	vane__cgi_head_fini(&head);
}

struct bad_row {
	const char *why, *text;
	size_t len; /* 0: all of it */
	bool nph;
};

static void check_bad(const struct bad_row *row, size_t piece)
{
	struct vane__cgi_head head = { .nph = row->nph };
	size_t used, len = row->len > 0 ? row->len : strlen(row->text);

	assert_int_equal(feed(&head, row->text, len, piece, &used), -EBADMSG);
	assert_string_equal(head.why, row->why);
	vane__cgi_head_fini(&head);
}

static void what_is_no_head_is_refused_and_says_why(void **state)
{
	static const struct bad_row rows[] = {
		{ "no field at all", "\n" },
		{ "no field at all", "\r\nbody\n" },
		{ "no colon in line 1 of its head", "Hello\n" },
		{ "no colon in line 3 of its head", "A: 1\nB: 2\n<html>\n\n" },
		{ "a blank at the beginning in line 2 of its head", "A: 1\n b\n\n" },
		{ "a blank at the beginning in line 2 of its head", "A: 1\n\tb: c\n\n" },
		{ "a blank at the beginning in line 1 of its head", " \n\n" },
		{ "a blank before the colon in line 1 of its head", "A : 1\n\n" },
		{ "a blank before the colon in line 1 of its head", "A\t: 1\n\n" },
		{ "a name that is none in line 1 of its head", ": 1\n\n" },
		{ "a name that is none in line 1 of its head", "A(b): 1\n\n" },
		{ "a name that is none in line 1 of its head", "A\xc3\xa9: 1\n\n" },
		{ "a control character in line 1 of its head", "A: b\0c\n\n", 9 },
		{ "a control character in line 1 of its head", "\0\n", 2 },
		{ "a control character in line 1 of its head", "A: b\rc\n\n" },
		{ "a control character in line 1 of its head", "A: b\r\r\n\n" },
		{ "a control character in line 2 of its head", "A: b\n\r\r\n" },
		{ "a control character in line 1 of its head", "A: b\x7f\n\n" },
		{ "a control character in line 1 of its head", "A: \x1b[1m\n\n" },
		{ "a status that is none in line 1 of its head", "Status:\n\n" },
		{ "a status that is none in line 1 of its head",
			"Status: 100 Continue\n\n" },
		{ "a status that is none in line 1 of its head", "Status: 199\n\n" },
		{ "a status that is none in line 1 of its head", "Status: 600\n\n" },
		{ "a status that is none in line 1 of its head", "Status: 99\n\n" },
		{ "a status that is none in line 1 of its head", "Status: 2000\n\n" },
		{ "a status that is none in line 1 of its head", "Status: 200OK\n\n" },
		{ "a status that is none in line 1 of its head", "Status: +200\n\n" },
		{ "a status that is none in line 1 of its head", "Status: OK\n\n" },
		{ "a status that is none in line 1 of its head",
			"Status: HTTP/1.1 200 OK\n\n" },
		{ "a field that may come once in line 2 of its head",
			"Status: 200\nstatus: 200\n\n" },
		{ "a field that may come once in line 2 of its head",
			"Location: /a\nLocation: /a\n\n" },
		{ "a field that may come once in line 2 of its head",
			"X-Accel-Redirect: /a\nX-Accel-Redirect: /b\n\n" },
		{ "another Content-Length in line 3 of its head",
			"Content-Length: 1\nA: 1\nContent-Length: 2\n\n" },
		{ "a length that is none in line 1 of its head", "Content-Length:\n\n" },
		{ "a length that is none in line 1 of its head", "Content-Length: -1\n\n" },
		{ "a length that is none in line 1 of its head",
			"Content-Length: 5, 5\n\n" },
		{ "a length that is none in line 1 of its head",
			"Content-Length: 0x5\n\n" },
		{ "a length that is none in line 1 of its head",
			"Content-Length: 99999999999999999999\n\n" },
		{ "a status line in line 1 of its head", "HTTP/1.1 200 OK\nA: 1\n\n" },
		{ "a status line in line 1 of its head", "HTTP/1.1 200 OK: fine\n\n" },
		{ "no status line in line 1 of its head", "A: 1\n\n", 0, true },
		{ "no status line in line 1 of its head", "\n", 0, true },
		{ "no status line in line 1 of its head", "HTTP/1.1\n\n", 0, true },
		{ "no status line in line 1 of its head", "HTTP/11 200 OK\n\n", 0, true },
		{ "no status line in line 1 of its head", "http/1.1 200 OK\n\n", 0, true },
		{ "a status that is none in line 1 of its head",
			"HTTP/1.1 100 Continue\n\n", 0, true },
		{ "a status that is none in line 1 of its head", "HTTP/1.1  200\n\n", 0,
			true },
		{ "a Transfer-Encoding of its own in line 1 of its head",
			"Transfer-Encoding: chunked\nA: 1\n\n" },
		{ "a Transfer-Encoding of its own in line 2 of its head",
			"Connection: transfer-encoding\ntransfer-encoding:\n\n" },
		{ "a Transfer-Encoding of its own in line 2 of its head",
			"Content-Length: 5\nTRANSFER-ENCODING: identity\n\n" },
		{ "a Transfer-Encoding of its own in line 2 of its head",
			"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", 0, true },
	};
	static const size_t pieces[] = { SIZE_MAX, 1 };
	size_t i, k;

	for (i = 0; i < LENGTH(rows); i++)
		for (k = 0; k < LENGTH(pieces); k++)
			check_bad(&rows[i], pieces[k]);
}

static void every_part_of_a_head_is_only_a_part(void **state)
{
	static const char text[] = "Status: 200 OK\r\nA: 1\r\n\r\n";
	size_t len, used;

	for (len = 0; len < sizeof(text) - 1; len++) {
		struct vane__cgi_head head = { 0 };

		assert_int_equal(feed(&head, text, len, SIZE_MAX, &used), 0);
		assert_int_equal(used, len);
		vane__cgi_head_fini(&head);
	}
}

static void limits_are_kept_to_the_byte(void **state)
{
	static const struct {
		const char *text;
		size_t max_bytes, max_fields;
		int rc;
		const char *why;
	} rows[] = {
		{ "A: 1\nB: 2\n\n", 11, 0, 1, "" },
		{ "A: 1\nB: 2\n\n", 10, 0, -EMSGSIZE, "too many bytes" },
		{ "A: 1\nB: 2\n\n", 0, 2, 1, "" },
		{ "A: 1\nB: 2\n\n", 0, 1, -EMSGSIZE, "too many fields" },
		{ "Connection: x\nB: 2\n\n", 0, 1, -EMSGSIZE, "too many fields" },
	};
	static const size_t pieces[] = { SIZE_MAX, 1 };
	size_t i, k, used;

	for (i = 0; i < LENGTH(rows); i++) {
		for (k = 0; k < LENGTH(pieces); k++) {
			struct vane__cgi_head head = { .max_bytes = rows[i].max_bytes,
				.max_fields = rows[i].max_fields };

			assert_int_equal(feed(&head, rows[i].text, strlen(rows[i].text),
						 pieces[k], &used),
				rows[i].rc);
			assert_string_equal(head.why, rows[i].why);
			vane__cgi_head_fini(&head);
			assert_int_equal(head.max_fields, rows[i].max_fields);
		}
	}
}

/* A megabyte without a line's end, and one of lines, by default. */
static void there_is_an_end_to_every_head(void **state)
{
	struct vane__cgi_head head = { 0 };
	size_t used, fed;
	int rc = 0;

	for (fed = 0; rc == 0 && fed < 1024 * 1024; fed += used)
		rc = vane__cgi_head_feed(&head, "xxxxxxxx", 8, &used);
	assert_int_equal(rc, -EMSGSIZE);
	assert_int_equal(fed, VANE__CGI_HEAD_BYTES + 8);
	vane__cgi_head_fini(&head);
	rc = 0;
	for (fed = 0; rc == 0 && fed < 1024 * 1024; fed += used)
		rc = vane__cgi_head_feed(&head, "A: 1\n", 5, &used);
	assert_int_equal(rc, -EMSGSIZE);
	assert_int_equal(fed, (VANE__CGI_HEAD_FIELDS + 1) * 5);
	vane__cgi_head_fini(&head);
}

static void lack_of_memory_is_told(void **state)
{
	static const char text[] = "Status: 200\nA: 1\n\n";
	size_t used;
	long n;

	for (n = 0; n < 2; n++) {
		struct vane__cgi_head head = { 0 };

		alloc_fail_after(n);
		assert_int_equal(feed(&head, text, sizeof(text) - 1, 1, &used), -ENOMEM);
		assert_int_equal(alloc_fail_never(), 1);
		assert_string_equal(head.why, "out of memory");
		vane__cgi_head_fini(&head);
	}
}

static void heads_are_written_behind_what_is_there(void **state)
{
	static const struct {
		int status;
		const char *reason, *fields, *text;
	} rows[] = {
		{ 200, "OK", "A: 1\r\nB: 2\r\n", "Status: 200 OK\r\nA: 1\r\nB: 2\r\n\r\n" },
		{ 431, "Request Header Fields Too Large", "A: 1\r\n",
			"Status: 431 Request Header Fields Too Large\r\nA: 1\r\n\r\n" },
		{ 599, "", "", "Status: 599 \r\n\r\n" },
		/* which HAProxy would take for 302 otherwise */
		{ 301, "Moved Permanently", "Location: /a\r\n",
			"Location: /a\r\nStatus: 301 Moved Permanently\r\n\r\n" },
		{ 201, "Created", "Location: /a\r\nA: 1\r\n",
			"Location: /a\r\nA: 1\r\nStatus: 201 Created\r\n\r\n" },
	};
	size_t i;

	for (i = 0; i < LENGTH(rows); i++) {
		struct vane_head head = { .status = rows[i].status,
			.reason = vane__slice(rows[i].reason) };
		struct buf out = { 0 };

		if (rows[i].fields[0] != '\0')
			head.fields = (struct vane_slice) { rows[i].fields,
				strlen(rows[i].fields) };
		assert_int_equal(vane__buf_add(&out, "before", 6), 0);
		assert_int_equal(vane__cgi_head_add(&out, &head), 0);
		assert_int_equal(out.len, 6 + strlen(rows[i].text));
		assert_memory_equal(out.data, "before", 6);
		assert_memory_equal(out.data + 6, rows[i].text, strlen(rows[i].text));
		vane__buf_fini(&out);
	}
}

static void a_head_is_written_whole_or_not_at_all(void **state)
{
	struct vane_head head = { .status = 200, .reason = SLICE_INIT("OK") };
	struct buf out = { 0 };

	alloc_fail_after(0);
	assert_int_equal(vane__cgi_head_add(&out, &head), -ENOMEM);
	assert_int_equal(alloc_fail_never(), 1);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_understood),
		cmocka_unit_test(words_are_there_for_the_asking),
		cmocka_unit_test(what_is_no_head_is_refused_and_says_why),
		cmocka_unit_test(every_part_of_a_head_is_only_a_part),
		cmocka_unit_test(limits_are_kept_to_the_byte),
		cmocka_unit_test(there_is_an_end_to_every_head),
		cmocka_unit_test(lack_of_memory_is_told),
		cmocka_unit_test(heads_are_written_behind_what_is_there),
		cmocka_unit_test(a_head_is_written_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
