/* SPDX-License-Identifier: MIT */
/*
 * robust_native.c - what no client should send to the native server: it is refused with the
 * right status, whole or byte by byte, nothing that stands behind it is taken for a
 * request, and the same process goes on serving.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier.h"
#include "support/raw.h"

#define H    "Host: vane.test\r\n"
#define GOOD "GET / HTTP/1.1\r\nHost: vane.test\r\nConnection: close\r\n\r\n"
/* What must never be answered when it stands behind something that is refused. */
#define SMUGGLED       "GET /status/418 HTTP/1.1\r\nHost: vane.test\r\n\r\n"

#define BYTES(literal) (literal), sizeof(literal) - 1

struct site {
	struct tmp tmp;
	struct proc proc;
	int port;
};

struct row {
	const char *name;
	const char *bytes;
	size_t len;
	int status; /* 0: closed without an answer is fine too */
};

/* clang-format off */
static const struct row rows[] = {
	/* Request lines */
	{ "garbage", BYTES("\x17\x03\x01\x02garbage\r\n\r\n"), 400 },
	{ "nul in the target", BYTES("GET /\0 HTTP/1.1\r\n" H "\r\n"), 400 },
	{ "blank in the target", BYTES("GET /a b HTTP/1.1\r\n" H "\r\n"), 400 },
	{ "control byte in the target", BYTES("GET /a\x01 HTTP/1.1\r\n" H "\r\n"), 400 },
	{ "fragment", BYTES("GET /a#b HTTP/1.1\r\n" H "\r\n"), 400 },
	{ "no target", BYTES("GET HTTP/1.1\r\n" H "\r\n"), 400 },
	{ "relative target", BYTES("GET a HTTP/1.1\r\n" H "\r\n"), 400 },
	{ "star with GET", BYTES("GET * HTTP/1.1\r\n" H "Connection: close\r\n\r\n"), 400 },
	{ "authority-form", BYTES("CONNECT vane.test:80 HTTP/1.1\r\n" H "\r\n"), 0 },
	{ "HTTP/0.9", BYTES("GET /\r\n\r\n"), 0 },
	{ "HTTP/2 preface", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400 },
	{ "HTTP/3.0", BYTES("GET / HTTP/3.0\r\n" H "\r\n"), 505 },
	{ "HTTP/1.2", BYTES("GET / HTTP/1.2\r\n" H "\r\n"), 505 },
	{ "another protocol", BYTES("SOURCE / ICE/1.0\r\n" H "\r\n"), 400 },
	{ "lower-case version", BYTES("GET / http/1.1\r\n" H "\r\n"), 400 },
	{ "bad method byte", BYTES("G@T / HTTP/1.1\r\n" H "\r\n"), 0 },
	{ "unknown method", BYTES("FLY / HTTP/1.1\r\n" H "\r\n"), 501 },
	{ "bad percent", BYTES("GET /env/%zz HTTP/1.1\r\n" H "Connection: close\r\n\r\n"), 400 },
	{ "encoded nul", BYTES("GET /env/%00 HTTP/1.1\r\n" H "Connection: close\r\n\r\n"), 400 },

	/* Fields */
	{ "no Host", BYTES("GET / HTTP/1.1\r\n\r\n"), 400 },
	{ "two Hosts", BYTES("GET / HTTP/1.1\r\n" H "Host: other.test\r\n\r\n"), 400 },
	{ "a bad Host", BYTES("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400 },
	{ "Host with user", BYTES("GET / HTTP/1.1\r\nHost: user@vane.test\r\n\r\n"), 400 },
	{ "no colon", BYTES("GET / HTTP/1.1\r\n" H "nonsense\r\n\r\n"), 400 },
	{ "blank before the colon", BYTES("GET / HTTP/1.1\r\n" H "X-Y : z\r\n\r\n"), 400 },
	{ "empty name", BYTES("GET / HTTP/1.1\r\n" H ": z\r\n\r\n"), 400 },
	{ "blank in a name", BYTES("GET / HTTP/1.1\r\n" H "X Y: z\r\n\r\n"), 400 },
	{ "nul in a value", BYTES("GET / HTTP/1.1\r\n" H "X-Y: a\0b\r\n\r\n"), 400 },
	{ "control byte in a value", BYTES("GET / HTTP/1.1\r\n" H "X-Y: a\x01" "b\r\n\r\n"), 400 },
	{ "folded line", BYTES("GET / HTTP/1.1\r\n" H "X-Y: a\r\n b\r\n\r\n"), 400 },
	{ "folded first line", BYTES("GET / HTTP/1.1\r\n Host: vane.test\r\n\r\n"), 400 },
	{ "lone CR", BYTES("GET / HTTP/1.1\r\n" H "X-Y: a\rb\r\n\r\n"), 400 },

	/* Where does the body end?  All that smuggling lives of */
	{ "two lengths", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc" SMUGGLED), 400 },
	{ "a list of lengths", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length: 3, 4\r\n\r\nabc" SMUGGLED), 400 },
	{ "negative length", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n" SMUGGLED), 400 },
	{ "signed length", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length: +3\r\n\r\nabc" SMUGGLED), 400 },
	{ "hexadecimal length", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length: 0x3\r\n\r\nabc" SMUGGLED), 400 },
	{ "length and more", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length: 3 4\r\n\r\nabc" SMUGGLED), 400 },
	{ "empty length", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length:\r\n\r\n" SMUGGLED), 400 },
	{ "length that overflows", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length: 18446744073709551619\r\n\r\nabc" SMUGGLED), 0 },
	{ "length and chunked", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED), 400 },
	{ "chunked and length", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" SMUGGLED), 400 },
	{ "chunked twice", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED), 0 },
	{ "chunked is not last", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" SMUGGLED), 0 },
	{ "identity and chunked", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED), 0 },
	{ "almost chunked", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" SMUGGLED), 0 },
	{ "quoted chunked", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" SMUGGLED), 0 },
	{ "chunked with a tab", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding:\x0b" "chunked\r\n\r\n0\r\n\r\n" SMUGGLED), 0 },
	{ "gzip, chunked", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" SMUGGLED), 501 },
	{ "chunked in HTTP/1.0", BYTES("POST /len HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED), 400 },
	{ "folded length", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length:\r\n 3\r\n\r\nabc" SMUGGLED), 400 },
	{ "a name that looks like length", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length : 3\r\n\r\nabc" SMUGGLED), 400 },

	/* Chunks */
	{ "no number", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nxyz\r\n" SMUGGLED), 400 },
	{ "no number, streamed", BYTES("POST /flow HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nxyz\r\n" SMUGGLED), 400 },
	{ "no end of a streamed chunk", BYTES("POST /flow HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n" SMUGGLED), 400 },
	{ "behind a raw answer", BYTES("GET /raw HTTP/1.1\r\n" H "\r\n" SMUGGLED), 200 },
	{ "no end of a chunk", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n" SMUGGLED), 400 },
	{ "negative chunk", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n" SMUGGLED), 400 },
	{ "hexadecimal prefix", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n" SMUGGLED), 400 },
	{ "chunk that overflows", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n" SMUGGLED), 400 },
	{ "huge chunk", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nabc" SMUGGLED), 413 },
	{ "chunk beyond the limit", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n100001\r\n"), 413 },
	{ "second chunk beyond the limit", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n100000\r\nb"), 413 },
	{ "streamed chunk beyond the limit", BYTES("POST /flow/small HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n401\r\nabc"), 413 },
	{ "chunk beyond the limit, piece by piece", BYTES("POST /take HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n100001\r\nabc"), 413 },
	{ "bare LF after a number", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n" SMUGGLED), 400 },
	{ "bare LF after the last number", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\n\r\n" SMUGGLED), 400 },
	{ "bare LF for the last line", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\n" SMUGGLED), 400 },
	{ "bare LF behind a chunk", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n" SMUGGLED), 400 },
	{ "bare LF behind a trailer", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n" SMUGGLED), 400 },
	{ "bare LF before a request", BYTES("\nGET / HTTP/1.1\r\n" H "\r\n"), 400 },
	{ "bad trailer", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n" SMUGGLED), 400 },

	/* Limits and expectations */
	{ "large announced body", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length: 99999999\r\n\r\nabc"), 413 },
	{ "unknown expectation", BYTES("POST /len HTTP/1.1\r\n" H "Expect: a-miracle\r\nContent-Length: 3\r\n\r\nabc"), 417 },
	{ "half a head", BYTES("GET / HTTP/1.1\r\nHost: va"), 408 },
	{ "half a body", BYTES("POST /len HTTP/1.1\r\n" H "Content-Length: 100\r\n\r\nabc"), 0 },
	{ "half a chunk", BYTES("POST /len HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n10\r\nabc"), 0 },
};
/* clang-format on */

static int start(void **state)
{
	static const char *const more[] = { "--header-timeout", "300ms", "--body-timeout",
		"300ms", "--max-header-size", "16k", "--max-body-size", "1M", "--logging",
		"none", NULL };
	struct site *site = calloc(1, sizeof(*site));

	*state = site;
	if (site == NULL || tmp_make(&site->tmp) < 0)
		return -EIO;
	return carrier_start_native(&site->proc, &site->tmp, &site->port, more);
}

static int stop(void **state)
{
	struct site *site = *state;
	int rc = proc_stop(&site->proc);

	tmp_remove(&site->tmp);
	free(site);
	return rc;
}

/* The status of the only answer; complains of a second one and of a connection that stays. */
static int ask(const struct site *site, const char *name, const char *bytes, size_t len,
	size_t step)
{
	const struct raw raw = { .bytes = bytes, .len = len, .step = step };
	char *answer = NULL;
	size_t answer_len;
	int rc = raw_ask(site->port, &raw, &answer, &answer_len), status, second;

	if (rc < 0)
		printf("FAIL %s (%zu bytes a write): %s\n", name, step, strerror(-rc));
	status = rc < 0 ? rc : raw_status(answer, 0);
	second = rc < 0 ? 0 : raw_status(answer, 1);
	if (second != 0)
		printf("FAIL %s (%zu bytes a write): %d, and then %d\n", name, step, status,
			second);
	free(answer);
	return second != 0 ? -EPROTO : status;
}

static int check(const struct site *site, const struct row *row, size_t step)
{
	int status = ask(site, row->name, row->bytes, row->len, step);

	if (status < 0)
		return 1;
	if (row->status == 0 ? status == 0 || status >= 400 : status == row->status)
		return 0;
	printf("FAIL %s (%zu bytes a write): %d instead of %d\n", row->name, step, status,
		row->status);
	return 1;
}

static void bad_requests_are_refused(void **state)
{
	const struct site *site = *state;
	int failed = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		failed += check(site, &rows[i], 0);
		failed += check(site, &rows[i], 1);
		assert_int_equal(ask(site, "what is good", BYTES(GOOD), 0), 200);
	}
	printf("robust native: %zu rows, %d failed\n", sizeof(rows) / sizeof(*rows),
		failed);
	assert_int_equal(failed, 0);
}

static void put_many(FILE *out, const char *text, size_t count)
{
	while (count-- > 0)
		fputs(text, out);
}

/* A head with a target and a value of so many bytes, and so many fields. */
static char *large_head(size_t target, size_t value, size_t fields)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	fputs("GET /", out);
	put_many(out, "a", target);
	fputs(" HTTP/1.1\r\n" H "X-Long: ", out);
	put_many(out, "v", value);
	put_many(out, "\r\nA: b", fields);
	fputs("\r\nConnection: close\r\n\r\n", out);
	fclose(out);
	return text;
}

static void large_heads_are_refused(void **state)
{
	static const struct {
		size_t target, value, fields;
		int status;
	} heads[] = {
		{ 10, 10, 10, 404 },
		{ 20000, 10, 0, 414 },
		{ 10, 20000, 0, 431 },
		{ 10, 10, 300, 431 },
		{ 10, 10, 4000, 431 },
		{ 1000000, 10, 0, 414 },
		{ 10, 1000000, 0, 431 },
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		char *text = large_head(heads[i].target, heads[i].value, heads[i].fields);

		assert_int_equal(ask(*state, "a large head", text, strlen(text), 0),
			heads[i].status);
		assert_int_equal(ask(*state, "a large head", text, strlen(text), 1000),
			heads[i].status);
		free(text);
	}
}

static void what_is_sent_in_pieces_is_understood(void **state)
{
	static const char post[] =
		"POST /form HTTP/1.1\r\n" H
		"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: "
		"chunked\r\n"
		"Connection: close\r\n\r\n1;x=\"y\"\r\na\r\n2\r\n=1\r\n0\r\nX-Trailer: "
		"z\r\n\r\n";
	const struct site *site = *state;

	for (size_t step = 0; step < 8; step++) {
		const struct raw raw = {
			.bytes = post, .len = sizeof(post) - 1, .step = step
		};
		char *answer = NULL;
		size_t len;

		assert_int_equal(raw_ask(site->port, &raw, &answer, &len), 0);
		assert_non_null(strstr(answer, "form a=1\nerror=none\n"));
		free(answer);
	}
}

static void it_is_still_the_same_process(void **state)
{
	struct site *site = *state;

	assert_int_equal(proc_wait_end(&site->proc, 0), -ETIMEDOUT);
	assert_int_equal(ask(site, "what is good", BYTES(GOOD), 0), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_requests_are_refused),
		cmocka_unit_test(large_heads_are_refused),
		cmocka_unit_test(what_is_sent_in_pieces_is_understood),
		cmocka_unit_test(it_is_still_the_same_process),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
