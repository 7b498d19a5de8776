/* SPDX-License-Identifier: MIT */
/*
 * test_h1in.c - lib/wire/h1in.c: each request fed whole, byte by byte, and split at every offset
 */
#include "test.h"

#include <stdlib.h>

#include <vane/driver.h>

#include "fields.h"
#include "h1in.h"
#include "slice.h"
#include "support/h1feed.h"

#define H "Host: h\r\n"

/* What is sent, and what h1feed() writes: a status for a refusal. */
struct row {
	const char *sent, *result;
};

static const struct row accepted[] = {
	{ "GET / HTTP/1.1\r\n" H "\r\n", "GET / HTTP/1.1 host=h keep\nhost: h\n." },
	{ "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", "GET / HTTP/1.1 host=h keep\nhost: h\n." },
	{ "DELETE /a?b=%41 HTTP/1.1\r\n" H "\r\n",
		"DELETE /a?b=%41 HTTP/1.1 host=h keep\nhost: h\n." },
	{ "OPTIONS * HTTP/1.1\r\n" H "\r\n", "OPTIONS * HTTP/1.1 host=h keep\nhost: h\n." },
	{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / HTTP/1.1 host= keep\nhost: \n." },
	{ "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
		"GET / HTTP/1.1 host=[::1]:80 keep\nhost: [::1]:80\n." },
	/* absolute-form: its authority wins */
	{ "GET http://x:8/a?b HTTP/1.1\r\n" H "\r\n",
		"GET /a?b HTTP/1.1 host=x:8 keep\nhost: h\n." },
	{ "GET HTTPS://x HTTP/1.1\r\n" H "\r\n", "GET / HTTP/1.1 host=x keep\nhost: h\n." },
	/* fields: case, blanks around values, empty ones, repeated ones */
	{ "GET / HTTP/1.1\r\n" H
	  "X-A: \t b c\t \r\nX-Empty:\r\nX-Blank:  \r\nX-LAST:d\r\n\r\n",
		"GET / HTTP/1.1 host=h keep\nhost: h\nx-a: b c\nx-empty: \nx-blank: "
		"\nx-last: d\n." },
	{ "GET / HTTP/1.1\r\nA: 1\r\na: 2\r\n" H "\r\n",
		"GET / HTTP/1.1 host=h keep\na: 1\na: 2\nhost: h\n." },
	{ "GET / HTTP/1.1\r\n" H "A: \xc3\xa4\xff:,;\"\r\n\r\n",
		"GET / HTTP/1.1 host=h keep\nhost: h\na: \xc3\xa4\xff:,;\"\n." },
	/* names with "_" are dropped, hop-by-hop fields hidden */
	{ "GET / HTTP/1.1\r\nX_A: 1\r\n" H "Content_Length: 5\r\nTE: trailers\r\n"
	  "Trailer: x\r\nKeep-Alive: 5\r\nProxy: evil\r\nUpgrade: h2c\r\n"
	  "Connection: upgrade\r\n\r\n",
		"GET / HTTP/1.1 host=h keep\nhost: h\n." },
	/* what keeps a connection (RFC 9112, 9.3) */
	{ "GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n",
		"GET / HTTP/1.1 host=h\nhost: h\n." },
	{ "GET / HTTP/1.1\r\n" H "Connection: x, Close\r\n\r\n",
		"GET / HTTP/1.1 host=h\nhost: h\n." },
	{ "GET / HTTP/1.1\r\n" H "Connection: x\r\nConnection: close\r\n\r\n",
		"GET / HTTP/1.1 host=h\nhost: h\n." },
	{ "GET / HTTP/1.1\r\n" H "Connection: close\t\r\n\r\n",
		"GET / HTTP/1.1 host=h\nhost: h\n." },
	{ "GET / HTTP/1.1\r\n" H "Connection:\tx\t,\tclose \t\r\n\r\n",
		"GET / HTTP/1.1 host=h\nhost: h\n." },
	{ "GET / HTTP/1.1\r\n" H "Connection: closed\r\n\r\n",
		"GET / HTTP/1.1 host=h keep\nhost: h\n." },
	{ "GET / HTTP/1.0\r\nConnection: keep-alive\t\r\n\r\n",
		"GET / HTTP/1.0 host= keep\n." },
	{ "GET / HTTP/1.1\r\nHost:\th\t\r\n\r\n",
		"GET / HTTP/1.1 host=h keep\nhost: h\n." },
	{ "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0 host=\n." },
	{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
		"GET / HTTP/1.0 host= keep\n." },
	{ "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
		"GET / HTTP/1.0 host=\n." },
	/* bodies */
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabcGET",
		"POST / HTTP/1.1 host=h keep\nhost: h\ncontent-length: 3\nlength "
		"3\nabc.\nrest 3" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\nx",
		"POST / HTTP/1.1 host=h keep\nhost: h\ncontent-length: 0\n.\nrest 1" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length:\t3 \t \t\t\r\nX: a\tb\r\n\r\nabc",
		"POST / HTTP/1.1 host=h keep\nhost: h\ncontent-length: 3\nx: a\tb\n"
		"length 3\nabc." },
	{ "POST / HTTP/1.1\r\n" H
	  "Transfer-Encoding:\tchunked\t\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"abc." },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nab",
		"POST / HTTP/1.1 host=h keep\nhost: h\ncontent-length: 3\nlength "
		"3\nab!short" },
	{ "GET / HTTP/1.1\r\n" H "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\na",
		"GET / HTTP/1.1 host=h keep expect\nhost: h\ncontent-length: 1\nlength "
		"1\na." },
};

static const struct row refused[] = {
	/* request lines */
	{ "GET /\r\n\r\n", "400" },
	{ "GET / \r\n\r\n", "400" },
	{ "GET / HTTP/1.1\n" H "\n", "400" },
	{ "GET / HTTP/1.1\n" H "\r\n", "400" },
	{ "GET / HTTP/1.0\n\r\n", "400" },
	{ "GET / HTTP/1.1\rX\n" H "\r\n", "400" },
	{ "GET / HTTP/1.1 \r\n" H "\r\n", "400" },
	{ "GET / HTTP/1.10\r\n" H "\r\n", "400" },
	{ "GET / HTTP/1.2\n" H "\r\n", "505" },
	{ "GET / HTTP/1\r\n" H "\r\n", "505" },
	{ "GET  / HTTP/1.1\r\n" H "\r\n", "400" },
	{ " GET / HTTP/1.1\r\n" H "\r\n", "400" },
	{ "GET\t/ HTTP/1.1\r\n" H "\r\n", "400" },
	{ "GET /a b HTTP/1.1\r\n" H "\r\n", "400" },
	{ "GET /\x01 HTTP/1.1\r\n" H "\r\n", "400" },
	{ "GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", "400" },
	{ "GET a HTTP/1.1\r\n" H "\r\n", "400" },
	{ "GET ftp://h/ HTTP/1.1\r\n" H "\r\n", "400" },
	{ "GET http://u@h/ HTTP/1.1\r\n" H "\r\n", "400" },
	{ "GET http:///x HTTP/1.1\r\n" H "\r\n", "400" },
	{ "CONNECT h:443 HTTP/1.1\r\n" H "\r\n", "400" },
	{ "GE(T / HTTP/1.1\r\n" H "\r\n", "400" },
	{ "get / HTTP/1.1\r\n" H "\r\n", "501" },
	{ "BREW / HTTP/1.1\r\n" H "\r\n", "501" },
	{ "BR(EW / HTTP/1.1\r\n" H "\r\n", "501" },
	{ "(BREW / HTTP/1.1\r\n" H "\r\n", "400" },
	{ "SOURCE / ICE/1.0\r\n" H "\r\n", "400" },
	{ "GET / HTTP/2.0\r\n" H "\r\n", "505" },
	{ "GET / HTTP/1.2\r\n" H "\r\n", "505" },
	{ "GET / HTTP/0.9\r\n" H "\r\n", "505" },
	{ "GET / HTTP/11.1\r\n" H "\r\n", "505" },
	{ "GET / http/1.1\r\n" H "\r\n", "400" },
	{ "\x16\x03\x01\x02", "400" }, /* TLS */
	/* hosts */
	{ "GET / HTTP/1.1\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H H "\r\n", "400" },
	{ "GET / HTTP/1.0\r\n" H H "\r\n", "400" },
	{ "GET http://h/ HTTP/1.1\r\n\r\n", "400" },
	/* field lines */
	{ "GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A: b\r\n\tc\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A:\r\n b\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A: b\r\n \r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H " Content-Length: 3\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n A: b\r\n" H "\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A: b\nC: d\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A: b\r\n\n", "400" },
	{ "GET / HTTP/1.0\r\n\n", "400" },
	{ "\nGET / HTTP/1.1\r\n" H "\r\n", "400" },
	{ "\r\n\nGET / HTTP/1.1\r\n" H "\r\n", "400" },
	{ "\r\r\nGET / HTTP/1.1\r\n" H "\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A: b\rC: d\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A: b\r\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A : b\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A\t: b\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H ": b\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A(: b\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A\xc3: b\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A: b\x01\r\n\r\n", "400" },
	{ "GET / HTTP/1.1\r\n" H "A: b\x7f\r\n\r\n", "400" },
	/* framing (RFC 9112, 6) */
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3, 3\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: +3\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 0x3\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3 4\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3\t4\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3\t\t,3\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 9223372036854775808\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
		"400" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
		"400" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n",
		"400" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n",
		"400" },
	{ "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, gzip\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: \"chunked\"\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n", "400" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", "501" },
	/* expectations */
	{ "GET / HTTP/1.1\r\n" H "Expect: magic\r\n\r\n", "417" },
};

#define CHUNKED "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"

/* Behind CHUNKED; the result is that of the body. */
static const struct row chunked[] = {
	{ "0\r\n\r\n", "." },
	{ "3\r\nabc\r\n0\r\n\r\n", "abc." },
	{ "3\r\nabc\r\n0000A\r\n0123456789\r\n000\r\n\r\nGET", "abc0123456789.\nrest 3" },
	{ "3;x\r\nabc\r\n0;y=z\r\n\r\n", "abc." },
	{ "3;x=\"y\"\r\nabc\r\n0\r\n\r\n", "abc." },
	{ "3\r\nabc\r\n0\r\nX-Trailer: 1\r\nContent-Length: 7\r\n\r\n", "abc." },
	{ "0\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n", "!bad" },
	{ "0\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n", "!bad" },
	{ "0\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n", "!bad" },
	{ "0\r\nConnection: upgrade\r\nUpgrade: h2c\r\nHost: x\r\n\r\nGET", ".\nrest 3" },
	{ "3\r\nabc\r\n0\r\n", "abc!short" },
	{ "3\r\nab", "ab!short" },
	/* malformed: what came before it may have been passed on */
	{ "\r\n0\r\n\r\n", "!bad" },
	{ "x\r\n\r\n", "!bad" },
	{ "-1\r\n\r\n", "!bad" },
	{ "0x3\r\nabc\r\n0\r\n\r\n", "!bad" },
	{ " 3\r\nabc\r\n0\r\n\r\n", "!bad" },
	{ "3 \r\nabc\r\n0\r\n\r\n", "!bad" },
	{ "3\nabc\r\n0\r\n\r\n", "!bad" },
	{ "ffffffffffffffff1\r\n", "!bad" },
	{ "10000000000000000\r\n", "!bad" },
	{ "3\r\nabcXX0\r\n\r\n", "!bad" },
	{ "3\r\nabcd\r\n0\r\n\r\n", "!bad" },
	{ "3\r\nabc\n0\r\n\r\n", "!bad" },
	{ "3\r\nabc\r\n0\r\nA B: c\r\n\r\n", "!bad" },
	{ "3\r\nabc\r\n0\n\n", "!bad" },
	{ "3\r\nabc\r\n0\r\n\n", "!bad" },
	{ "3\r\nabc\r\n0\n\r\n", "!bad" },
	{ "0\r\nA: b\n\r\n", "!bad" },
	{ "0\r\nA: b\r\n\n", "!bad" },
	{ "0\r\nA: b\r\n c\r\n\r\n", "!bad" },
	{ "0\r\n: b\r\n\r\n", "!bad" },
	{ "0\r\nA : b\r\n\r\n", "!bad" },
	{ "0\r\nA\r\n\r\n", "!bad" },
	{ "0\r\nA: \x01\r\n\r\n", "!bad" },
	{ "0\r\nTransfer-Encoding: chunked\r\n\r\n", "!bad" },
	{ "0\r\nTRANSFER-encoding: x\r\n\r\n", "!bad" },
	{ "0\r\nTransfer-Encodings: x\r\nTransfer-Encodin: x\r\n\r\n", "." },
	{ "3;x\nabc\r\n0\r\n\r\n", "!bad" },
	{ "3;x\x01\r\nabc\r\n0\r\n\r\n", "!bad" },
	{ "3\rabc\r\n0\r\n\r\n", "!bad" },
	{ "3\r\nabc\r0\r\n\r\n", "!bad" },
	{ "0\r\n\rX", "!bad" },
	{ ";x\r\nabc\r\n0\r\n\r\n", "!bad" },
	{ "8000000000000000\r\n", "!bad" },
};

/* Feed it in every way; the results must be the same.  out holds the first. */
static void feed_all(const char *sent, size_t len, struct buf *out)
{
	struct buf split = { 0 };
	size_t k;

	h1feed(sent, len, 0, len, out);
	for (k = 0; k <= len; k++) {
		split.len = 0;
		if (k < len)
			h1feed(sent, len, k, len, &split);
		else
			h1feed(sent, len, 0, 1, &split);
		if (strcmp(split.data, out->data) != 0)
			fail_msg("split at %zu of %zu:\n%s\nis\n%s\nbut whole\n%s", k, len,
				sent, split.data, out->data);
	}
	vane__buf_fini(&split);
}

/* Whether a row gives what it says; head is put in front of it, and its result left out. */
static bool holds(const char *head, const struct row *row)
{
	struct buf sent = { 0 }, out = { 0 };
	const char *result;
	bool same;

	assert_int_equal(vane__buf_printf(&sent, "%s%s", head, row->sent), 0);
	feed_all(sent.data, sent.len, &out);
	result = strstr(out.data, "length -1\n");
	result = result != NULL ? result + strlen("length -1\n") : out.data;
	same = strcmp(result, row->result) == 0;
	if (!same)
		print_error("%s\ngives\n%s\nnot\n%s\n", row->sent, result, row->result);
	vane__buf_fini(&sent);
	vane__buf_fini(&out);
	return same;
}

static void check(const char *head, const struct row *rows, size_t count)
{
	size_t i, wrong = 0;

	for (i = 0; i < count; i++)
		wrong += !holds(head, &rows[i]);
	assert_int_equal(wrong, 0);
}

static void requests_are_understood_however_they_are_split(void **state)
{
	check("", accepted, ARRAY_SIZE(accepted));
}

static void what_the_standard_forbids_is_refused_however_it_is_split(void **state)
{
	check("", refused, ARRAY_SIZE(refused));
}

static void chunked_bodies_are_decoded_however_they_are_split(void **state)
{
	check(CHUNKED, chunked, ARRAY_SIZE(chunked));
}

static void a_nul_in_a_head_is_refused(void **state)
{
	static const char path[] = "GET /a\0b HTTP/1.1\r\n" H "\r\n";
	static const char value[] = "GET / HTTP/1.1\r\n" H "A: b\0c\r\n\r\n";
	static const char name[] = "GET / HTTP/1.1\r\n" H "A\0: b\r\n\r\n";
	struct buf out = { 0 };

	feed_all(path, sizeof(path) - 1, &out);
	assert_string_equal(out.data, "400");
	out.len = 0;
	feed_all(value, sizeof(value) - 1, &out);
	assert_string_equal(out.data, "400");
	out.len = 0;
	feed_all(name, sizeof(name) - 1, &out);
	assert_string_equal(out.data, "400");
	vane__buf_fini(&out);
}

/* A beginning of a good request is never refused, only waited for. */
static void a_head_in_progress_is_waited_for(void **state)
{
	static const char head[] = "GET /abc?d HTTP/1.1\r\n" H "Accept: */*\r\nX:\r\n\r\n";
	struct buf out = { 0 };
	size_t len;

	for (len = 0; len < sizeof(head) - 1; len++) {
		out.len = 0;
		h1feed(head, len, 0, 1, &out);
		assert_string_equal(out.data, "more");
	}
	vane__buf_fini(&out);
}

/* h1feed() allows 20. */
static void more_fields_than_allowed_are_431(void **state)
{
	static const struct {
		int fields;
		const char *result;
	} rows[] = { { 19, "GET" }, { 20, "431" }, { 30, "431" } };
	struct buf sent = { 0 }, out = { 0 };
	size_t i;
	int k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		sent.len = out.len = 0;
		vane__buf_printf(&sent, "GET / HTTP/1.1\r\n" H);
		for (k = 0; k < rows[i].fields; k++)
			vane__buf_printf(&sent, "X-%d: y\r\n", k);
		vane__buf_printf(&sent, "\r\n");
		feed_all(sent.data, sent.len, &out);
		assert_memory_equal(out.data, rows[i].result, 3);
	}
	vane__buf_fini(&sent);
	vane__buf_fini(&out);
}

static void a_long_method_is_refused(void **state)
{
	struct buf sent = { 0 }, out = { 0 };
	int i;

	for (i = 0; i < 100; i++)
		vane__buf_printf(&sent, "M");
	vane__buf_printf(&sent, " / HTTP/1.1\r\n" H "\r\n");
	feed_all(sent.data, sent.len, &out);
	assert_string_equal(out.data, "501");
	vane__buf_fini(&sent);
	vane__buf_fini(&out);
}

/* Framing that has no end costs more than the body is worth. */
static void endless_chunk_framing_is_refused(void **state)
{
	static const struct {
		const char *head, *repeat;
		int times;
		bool bad;
	} rows[] = {
		{ CHUNKED "3;", "xxxxxxxxxxxxxxxx", 8000, true },
		{ CHUNKED "0\r\n", "A: b\r\n", 20000, true },
		{ CHUNKED, "1;xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\na\r\n", 5000,
			true },
		{ CHUNKED, "1\r\na\r\n", 50000, false },
	};
	struct buf sent = { 0 }, out = { 0 };
	size_t i;
	int k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		sent.len = out.len = 0;
		vane__buf_printf(&sent, "%s", rows[i].head);
		for (k = 0; k < rows[i].times; k++)
			vane__buf_printf(&sent, "%s", rows[i].repeat);
		h1feed(sent.data, sent.len, 0, 4096, &out);
		assert_int_equal(strstr(out.data, "!bad") != NULL, rows[i].bad);
	}
	vane__buf_fini(&sent);
	vane__buf_fini(&out);
}

static void one_parser_reads_one_request_after_the_other(void **state)
{
	static const char text[] = "POST /1 HTTP/1.1\r\n" H
				   "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
				   "GET /2 HTTP/1.0\r\n\r\n"
				   "GET /3 HTTP/1.1\r\n" H "\r\n";
	char *bytes = strdup(text), *at = bytes, piece[8];
	struct vane__h1_head head;
	struct vane__h1in in;
	struct arena arena = { 0 };
	size_t left = sizeof(text) - 1, used;
	int i;

	vane__h1in_init(&in, 0);
	for (i = 1; i <= 3; i++) {
		struct vane_env env = { 0 };

		vane__h1in_next(&in, &head);
		assert_int_equal(vane__h1in_head(&in, at, 0, left, &used), 1);
		assert_int_equal(vane__h1in_env(&in, &env, &arena), 0);
		assert_int_equal(env.target.data[1], '0' + i);
		assert_int_equal(in.keep_alive, i != 2);
		at += used;
		left -= used;
		assert_int_equal(in.body_done, i != 1);
		while (!in.body_done) {
			assert_true(vane__h1in_body(&in, at, left, &used, piece,
					    sizeof(piece)) >= 0);
			at += used;
			left -= used;
		}
	}
	assert_int_equal(left, 0);
	vane__arena_fini(&arena);
	free(bytes);
}

/* Each byte that a name may hold, at each place of it: the others stay as they are. */
static void names_become_lower_case_byte_for_byte(void **state)
{
	struct buf sent = { 0 }, want = { 0 }, out = { 0 };
	size_t len, at;
	int c;

	for (len = 1; len < 20; len++)
		for (at = 0; at < len; at++)
			for (c = 0; c < 0x80; c++) {
				char name[20] = "";

				char byte = (char) c;

				if (!vane__is_token((struct vane_slice) { &byte, 1 }))
					continue;
				memset(name, '~', len);
				name[at] = (char) c;
				sent.len = want.len = out.len = 0;
				vane__buf_printf(&sent,
					"GET / HTTP/1.1\r\n" H "%s: 1\r\n\r\n", name);
				name[at] = vane__lower((char) c);
				vane__buf_printf(
					&want, "GET / HTTP/1.1 host=h keep\nhost: h\n");
				if (c != '_')
					vane__buf_printf(&want, "%s: 1\n", name);
				vane__buf_printf(&want, ".");
				h1feed(sent.data, sent.len, 0, 4096, &out);
				assert_int_equal(out.len, want.len);
				assert_memory_equal(out.data, want.data, want.len);
			}
	vane__buf_fini(&sent);
	vane__buf_fini(&want);
	vane__buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_understood_however_they_are_split),
		cmocka_unit_test(what_the_standard_forbids_is_refused_however_it_is_split),
		cmocka_unit_test(chunked_bodies_are_decoded_however_they_are_split),
		cmocka_unit_test(a_nul_in_a_head_is_refused),
		cmocka_unit_test(a_head_in_progress_is_waited_for),
		cmocka_unit_test(more_fields_than_allowed_are_431),
		cmocka_unit_test(a_long_method_is_refused),
		cmocka_unit_test(endless_chunk_framing_is_refused),
		cmocka_unit_test(one_parser_reads_one_request_after_the_other),
		cmocka_unit_test(names_become_lower_case_byte_for_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
