/* SPDX-License-Identifier: MIT */
/*
 * test_h1out.c - lib/wire/h1out.c
 */
#include "test.h"

#include <limits.h>
#include <stdlib.h>

#include <vane/driver.h>

#include "h1out.h"
#include "slice.h"

#define DATE  "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define STAMP "Server: vane\r\n" DATE

static const struct {
	int status;
	const char *reason, *fields;
	enum vane__h1_framing framing;
	const char *connection, *bytes;
	bool has_date, has_server;
} rows[] = {
	{ 200, "OK", "Content-Length: 2\r\n", VANE__H1_PLAIN, NULL,
		"HTTP/1.1 200 OK\r\n" STAMP "Content-Length: 2\r\n\r\n" },
	{ 200, "OK", "", VANE__H1_PLAIN, "keep-alive",
		"HTTP/1.1 200 OK\r\n" STAMP "Connection: keep-alive\r\n\r\n" },
	{ 404, "Not Found", "A: b\r\n", VANE__H1_CHUNKED, "close",
		"HTTP/1.1 404 Not Found\r\n" STAMP
		"A: b\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" },
	{ 599, "Unknown", "", VANE__H1_CHUNKED, NULL,
		"HTTP/1.1 599 Unknown\r\n" STAMP "Transfer-Encoding: chunked\r\n\r\n" },
	/* what the handler says itself is not said twice */
	{ 200, "OK", "A: b\r\ndate: x\r\n", VANE__H1_PLAIN, NULL,
		"HTTP/1.1 200 OK\r\nServer: vane\r\nA: b\r\ndate: x\r\n\r\n",
		.has_date = true },
	{ 200, "OK", "Server: mine\r\nX-Date: y\r\n", VANE__H1_PLAIN, NULL,
		"HTTP/1.1 200 OK\r\n" DATE "Server: mine\r\nX-Date: y\r\n\r\n",
		.has_server = true },
	{ 404, "Not Found", "SERVER: mine\r\nDATE: x\r\n", VANE__H1_PLAIN, NULL,
		"HTTP/1.1 404 Not Found\r\nSERVER: mine\r\nDATE: x\r\n\r\n",
		.has_date = true, .has_server = true },
};

static void heads_are_written_behind_what_is_there(void **state)
{
	struct vane__h1_common common;
	size_t i;

	vane__h1out_common(&common, 784111777);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_head head = {
			.status = rows[i].status,
			.reason = vane__slice(rows[i].reason),
			.fields = vane__slice(rows[i].fields),
			.has_date = rows[i].has_date,
			.has_server = rows[i].has_server,
		};
		struct buf out = { 0 };

		assert_int_equal(vane__buf_add(&out, "<", 1), 0);
		assert_int_equal(vane__h1out_head(&out, &common, &head, rows[i].framing,
					 rows[i].connection),
			0);
		assert_int_equal(vane__buf_add(&out, "", 1), 0);
		assert_string_equal(out.data + 1, rows[i].bytes);
		vane__buf_fini(&out);
	}
}

static void chunk_heads_are_hexadecimal(void **state)
{
	static const struct {
		size_t len;
		const char *line;
	} lines[] = {
		{ 1, "1\r\n" },
		{ 9, "9\r\n" },
		{ 10, "a\r\n" },
		{ 16, "10\r\n" },
		{ 0xbeef, "beef\r\n" },
		{ UINT32_MAX, "ffffffff\r\n" },
#if SIZE_MAX > UINT32_MAX
		{ SIZE_MAX, "ffffffffffffffff\r\n" },
#endif
	};
	char buf[VANE__H1_CHUNK_HEAD];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		size_t len = vane__h1out_chunk_head(buf, lines[i].len);

		assert_int_equal(len, strlen(lines[i].line));
		assert_memory_equal(buf, lines[i].line, len);
	}
}

static void a_longer_head_than_the_buffer_has_room_for_makes_room(void **state)
{
	struct vane__h1_common common;
	struct vane_head head = { .status = 200, .reason = SLICE_INIT("OK") };
	struct buf out = { 0 };
	size_t len = 300 * 1024;
	char *fields = malloc(len);

	memset(fields, 'x', len);
	memcpy(fields, "A: ", 3);
	memcpy(fields + len - 2, "\r\n", 2);
	head.fields = (struct vane_slice) { fields, len };
	vane__h1out_common(&common, 0);
	assert_int_equal(
		vane__h1out_head(&out, &common, &head, VANE__H1_PLAIN, "close"), 0);
	assert_true(out.len > len);
	assert_memory_equal(out.data + out.len - 4, "\r\n\r\n", 4);
	vane__buf_fini(&out);
	free(fields);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_written_behind_what_is_there),
		cmocka_unit_test(chunk_heads_are_hexadecimal),
		cmocka_unit_test(a_longer_head_than_the_buffer_has_room_for_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
