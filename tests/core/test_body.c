/* SPDX-License-Identifier: MIT */
/*
 * test_body.c - lib/core/body.c: request bodies in memory, in a file, piece by piece
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

struct seen {
	char *bytes; /* what .data was given */
	size_t len, pieces, limit, calls;
	int answer; /* of .data, when there are more than limit bytes */
	bool prepared;
};

static int check_body(struct vane_request *req, struct vane_response *res)
{
	struct vane_slice body = vane_request_body(req), expected;
	struct seen *seen = vane_request_data(req);

	seen->calls++;
	expected = (struct vane_slice) { seen->bytes, seen->len };
	return vane_response_printf(res, "%d %lld",
		body.len == expected.len &&
			(body.len == 0 || memcmp(body.data, expected.data, body.len) == 0),
		(long long) vane_request_body_length(req));
}

static char *make_bytes(size_t len)
{
	char *bytes = malloc(len + 1);
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (char) (i * 7 + i / 251);
	bytes[len] = '\0';
	return bytes;
}

static void bodies_are_whole_wherever_they_are_kept(void **state)
{
	static const struct vane_handler handler = { .post = check_body,
		.put = check_body };
	static const size_t lengths[] = { 0, 1, 99, 100, 101, 4096, 65536, 65537, 300000 };
	static const size_t pieces[] = { 0, 1000, 65536 }, memory[] = { 100, 70000, 0 };
	size_t i, p, m, c;
	char expected[40];

	for (i = 0; i < ARRAY_SIZE(lengths) * 18; i++) {
		struct vane_app_opts opts = { .temp_dir = "/tmp" };
		struct seen seen = { .len = lengths[i / 18] };
		struct vane_test_request request = { .method = "POST" };
		struct probe probe;

		p = i % 3;
		m = i / 3 % 3;
		c = i / 9 % 2;
		seen.bytes = make_bytes(seen.len);
		opts.body_memory_bytes = memory[m];
		request.body = seen.bytes;
		request.body_len = seen.len;
		request.piece = pieces[p];
		request.chunked = c;
		probe_init(&probe, &handler, &seen, &opts);
		assert_int_equal(probe_run(&probe, &request), 200);
		sprintf(expected, "1 %zu", seen.len);
		assert_string_equal(probe.got.body, expected);
		/* and again: nothing is left of the first */
		assert_int_equal(probe_run(&probe, &request), 200);
		assert_string_equal(probe.got.body, expected);
		probe_fini(&probe);
		free(seen.bytes);
	}
}

static void too_much_is_413_announced_or_not(void **state)
{
	static const struct vane_handler by_app = { .post = check_body };
	static const struct vane_handler by_route = { .post = check_body,
		.max_body = 1000 };
	static const struct vane_handler none = { .post = check_body,
		.max_body = VANE_NO_LIMIT };
	static const struct vane_app_opts opts = { .max_body_bytes = 500,
		.body_memory_bytes = 64 };
	static const struct {
		const struct vane_handler *handler;
		size_t len;
		int status;
	} rows[] = {
		{ &by_app, 500, 200 },
		{ &by_app, 501, 413 },
		{ &by_route, 1000, 200 },
		{ &by_route, 1001, 413 },
		{ &by_route, 200000, 413 },
		{ &none, 200000, 200 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows) * 2; i++) {
		struct seen seen = { .len = rows[i / 2].len };
		struct vane_test_request request = { .method = "POST", .chunked = i % 2 };
		struct probe probe;

		seen.bytes = make_bytes(seen.len);
		request.body = seen.bytes;
		request.body_len = seen.len;
		probe_init(&probe, rows[i / 2].handler, &seen, &opts);
		assert_int_equal(probe_run(&probe, &request), rows[i / 2].status);
		assert_int_equal(seen.calls, rows[i / 2].status == 200);
		probe_fini(&probe);
		free(seen.bytes);
	}
}

static void a_body_that_cannot_be_kept_is_500(void **state)
{
	static const struct vane_handler handler = { .post = check_body };
	static const struct vane_app_opts opts = { .body_memory_bytes = 10,
		.temp_dir = "/proc/nowhere" };
	struct seen seen = { .len = 100000 };
	struct vane_test_request request = { .method = "POST", .body_len = 100000 };
	struct probe probe;

	request.body = seen.bytes = make_bytes(seen.len);
	probe_init(&probe, &handler, &seen, &opts);
	assert_int_equal(probe_run(&probe, &request), 500);
	assert_int_equal(seen.calls, 0);
	assert_non_null(strstr(probe.log, "POST /"));
	probe_fini(&probe);
	free(seen.bytes);
}

static int prepare_pieces(struct vane_request *req, struct vane_response *res)
{
	struct seen *seen = vane_request_data(req);

	assert_int_equal(seen->len, 0);
	seen->prepared = true;
	return vane_request_query(req) != NULL ? 403 : 0;
}

static int take_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	struct seen *seen = vane_request_data(req);

	assert_true(seen->prepared);
	assert_true(len > 0);
	seen->bytes = realloc(seen->bytes, seen->len + len);
	memcpy(seen->bytes + seen->len, data, len);
	seen->len += len;
	seen->pieces++;
	if (seen->limit == 0 || seen->len <= seen->limit)
		return 0;
	if (seen->answer != 0)
		return seen->answer;
	vane_response_puts(res, "enough");
	return vane_response_finish(res);
}

static int after_pieces(struct vane_request *req, struct vane_response *res)
{
	struct seen *seen = vane_request_data(req);

	seen->calls++;
	assert_int_equal(vane_request_body(req).len, 0);
	return vane_response_printf(
		res, "%zu %lld", seen->len, (long long) vane_request_body_length(req));
}

static const struct vane_handler piecewise = {
	.prepare = prepare_pieces, .data = take_piece, .post = after_pieces
};

static void pieces_are_handed_over_as_they_come(void **state)
{
	static const size_t pieces[] = { 0, 1, 333 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pieces) * 2; i++) {
		char *bytes = make_bytes(5000);
		struct seen seen = { .bytes = NULL };
		struct vane_test_request request = { .method = "POST",
			.body = bytes,
			.body_len = 5000,
			.piece = pieces[i / 2],
			.chunked = i % 2 };
		struct probe probe;

		probe_init(&probe, &piecewise, &seen, NULL);
		assert_int_equal(probe_run(&probe, &request), 200);
		assert_string_equal(probe.got.body, "5000 5000");
		assert_memory_equal(seen.bytes, bytes, 5000);
		if (pieces[i / 2] > 0)
			assert_true(seen.pieces >= 5000 / pieces[i / 2]);
		probe_fini(&probe);
		free(seen.bytes);
		free(bytes);
	}
}

static void a_handler_may_have_enough_of_a_body(void **state)
{
	static const struct {
		const char *target;
		size_t limit;
		int answer, status;
		size_t len;
	} rows[] = {
		{ "/?refuse", 0, 0, 403, 0 },
		{ "/", 200, 415, 415, 300 },
		{ "/", 200, -EIO, 500, 300 },
		{ "/", 200, 0, 200, 300 },
	};
	char *bytes = make_bytes(5000);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct seen seen = { .limit = rows[i].limit, .answer = rows[i].answer };
		struct vane_test_request request = { .method = "POST",
			.body = bytes,
			.body_len = 5000,
			.piece = 100,
			.target = rows[i].target };
		struct probe probe;

		probe_init(&probe, &piecewise, &seen, NULL);
		assert_int_equal(probe_run(&probe, &request), rows[i].status);
		assert_true(probe.got.whole);
		assert_int_equal(seen.len, rows[i].len);
		assert_int_equal(seen.calls, 0);
		probe_fini(&probe);
		free(seen.bytes);
	}
	free(bytes);
}

static void a_short_body_is_never_given_as_complete(void **state)
{
	static const struct vane_handler whole = { .post = check_body };
	static const size_t cuts[] = { 1, 99, 100, 4999 };
	char *bytes = make_bytes(5000);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cuts) * 8; i++) {
		bool pieces = i & 1;
		struct seen seen = { .bytes = NULL };
		struct vane_app_opts opts = { .body_memory_bytes = 50 };
		struct vane_test_request request = { .method = "POST",
			.body = bytes,
			.body_len = 5000,
			.piece = i & 2 ? 30 : 0,
			.chunked = i & 4,
			.cut_after = cuts[i / 8] };
		struct probe probe;

		probe_init(&probe, pieces ? &piecewise : &whole, &seen, &opts);
		assert_int_equal(probe_run(&probe, &request), 400);
		assert_int_equal(seen.calls, 0);
		if (pieces)
			assert_int_equal(seen.len, cuts[i / 8]);
		assert_non_null(strstr(probe.log, "400 POST /"));
		probe_fini(&probe);
		free(seen.bytes);
	}
	free(bytes);
}

static int stream(struct vane_request *req, struct vane_response *res)
{
	char byte;

	assert_int_equal(vane_request_read(req, &byte, 1), -EINVAL);
	assert_null(vane_request_arg(req, "a")); /* the form is not here yet */
	return vane_request_query(req) != NULL ? 0 : vane_request_stream(req);
}

/* Compare what is read with what was sent, at once or as it comes. */
static void read_on(struct vane_request *req, void *data)
{
	struct vane_response *res = vane_request_response(req);
	struct seen *seen = vane_request_data(req);
	char buf[700];
	ssize_t n;

	assert_int_equal(vane_request_stream(req), -EALREADY);
	while ((n = vane_request_read(req, buf, sizeof(buf))) > 0) {
		assert_true(seen->pieces + (size_t) n <= seen->len);
		assert_memory_equal(buf, seen->bytes + seen->pieces, n);
		seen->pieces += (size_t) n;
	}
	if (n == -EAGAIN) {
		vane_request_on_body(req, read_on, NULL);
		return;
	}
	assert_int_equal(vane_request_read(req, buf, sizeof(buf)), n);
	if (n < 0) {
		vane_response_give_up(res, n == -EMSGSIZE ? 413 : 400);
		return;
	}
	vane_response_printf(res, "%zu %lld %zu", seen->pieces,
		(long long) vane_request_body_length(req), vane_request_body(req).len);
	vane_response_finish(res);
	assert_int_equal(vane_request_read(req, buf, sizeof(buf)), 0);
}

static int read_all(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	read_on(req, NULL);
	return 0;
}

static const struct vane_handler streaming = {
	.prepare = stream, .data = take_piece, .post = read_all, .max_body = 5000
};
static const struct vane_handler collecting = {
	.prepare = stream, .post = read_all, .max_body = 5000
};

static void a_handler_may_read_the_body_itself(void **state)
{
	static const size_t lengths[] = { 0, 1, 699, 700, 5000, 5001 };
	static const size_t pieces[] = { 0, 1, 1000 };
	char expected[60];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths) * 12; i++) {
		bool streamed = i & 1, chunked = i & 2;
		struct seen seen = { .len = lengths[i / 12] };
		struct vane_app_opts opts = { .body_memory_bytes = 2000 };
		struct vane_test_request request = { .method = "POST",
			.target = streamed ? "/" : "/?collect",
			.body_len = seen.len,
			.piece = pieces[i / 4 % 3],
			.chunked = chunked };
		struct probe probe;

		request.body = seen.bytes = make_bytes(seen.len);
		probe_init(&probe, streamed ? &streaming : &collecting, &seen, &opts);
		assert_int_equal(probe_run(&probe, &request), seen.len > 5000 ? 413 : 200);
		sprintf(expected, "%zu %zu %zu", seen.len, seen.len,
			streamed ? 0 : seen.len);
		if (seen.len <= 5000)
			assert_string_equal(probe.got.body, expected);
		probe_fini(&probe);
		free(seen.bytes);
	}
}

static void a_short_body_ends_in_an_error(void **state)
{
	struct seen seen = { .len = 3000 };
	struct vane_test_request request = {
		.method = "POST", .body_len = 3000, .piece = 100, .cut_after = 1500
	};
	struct probe probe;

	request.body = seen.bytes = make_bytes(seen.len);
	probe_init(&probe, &streaming, &seen, NULL);
	assert_int_equal(probe_run(&probe, &request), 400);
	assert_int_equal(seen.pieces, 1500);
	probe_fini(&probe);
	free(seen.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_whole_wherever_they_are_kept),
		cmocka_unit_test(too_much_is_413_announced_or_not),
		cmocka_unit_test(a_body_that_cannot_be_kept_is_500),
		cmocka_unit_test(pieces_are_handed_over_as_they_come),
		cmocka_unit_test(a_handler_may_have_enough_of_a_body),
		cmocka_unit_test(a_short_body_is_never_given_as_complete),
		cmocka_unit_test(a_handler_may_read_the_body_itself),
		cmocka_unit_test(a_short_body_ends_in_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
