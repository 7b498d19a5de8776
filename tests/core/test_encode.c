/* SPDX-License-Identifier: MIT */
/*
 * test_encode.c - lib/core/encode.c: bodies that pass through functions of filters
 */
#define _GNU_SOURCE /* memfd_create() */
#include "test.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "exchange.h"
#include "support/fake.h"
#include "support/probe.h"

/* So often a function was called. */
static int calls;

/* Capital letters; "|" where it is told to flush, "." at the end. */
static int loud(struct vane_request *req, struct vane_slice bytes, enum vane_piece piece,
	struct vane_sink *sink, void *data)
{
	size_t i;
	int rc = 0;

	calls++;

	if (piece == VANE_PIECE_FLUSH)
		return vane_sink_write(sink, "|", 1);
	if (piece == VANE_PIECE_END)
		return vane_sink_write(sink, ".", 1);
	for (i = 0; i < bytes.len && rc == 0; i++) {
		char c = (char) toupper((unsigned char) bytes.data[i]);

		rc = c == '~' ? -EIO : vane_sink_write(sink, &c, 1);
	}
	return rc;
}

/* Every byte twice. */
static int doubled(struct vane_request *req, struct vane_slice bytes, enum vane_piece piece,
	struct vane_sink *sink, void *data)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < bytes.len && rc == 0; i++) {
		rc = vane_sink_write(sink, bytes.data + i, 1);
		if (rc == 0)
			rc = vane_sink_write(sink, bytes.data + i, 1);
	}
	return rc;
}

/* Keeps all of it to its end, as a compressor may. */
struct hoard {
	char text[256];
	size_t len;
};

static int hoard(struct vane_request *req, struct vane_slice bytes, enum vane_piece piece,
	struct vane_sink *sink, void *data)
{
	struct hoard *kept = vane_request_state(req, data);

	memcpy(kept->text + kept->len, bytes.data != NULL ? bytes.data : "", bytes.len);
	kept->len += bytes.len;
	return piece == VANE_PIECE_END ? vane_sink_write(sink, kept->text, kept->len) : 0;
}

/* Which of them, as the query says: one letter each. */
static int install(struct vane_request *req, struct vane_response *res, void *data)
{
	const char *which = vane_request_query(req);
	struct hoard *kept = vane_request_alloc(req, sizeof(*kept));

	kept->len = 0;
	vane_request_set_state(req, data, kept);
	for (; which != NULL && *which != '\0'; which++)
		vane_response_filter_body(res,
			*which == 'l'   ? loud
			: *which == 'd' ? doubled
					: hoard,
			data);
	return 0;
}

static ssize_t pull(void *data, char *buf, size_t size)
{
	bool *given = data;

	if (*given)
		return 0;
	*given = true;
	memcpy(buf, "pulled", 6);
	return 6;
}

static int memory(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "put ");
	vane_response_write_take(res, strdup("taken"), 5);
	return vane_response_write_ref(res, " ref", 4);
}

static int all(struct vane_request *req, struct vane_response *res)
{
	bool *given = vane_request_alloc(req, sizeof(*given));
	struct vane_source source = { .pull = pull, .data = given, .length = -1 };
	int fd = memfd_create("file", MFD_CLOEXEC);

	*given = false;
	assert_int_equal(write(fd, " file ", 6), 6);
	memory(req, res);
	vane_response_write_file(res, fd, 0, 6);
	return vane_response_write_source(res, &source);
}

static int stream(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "one ");
	vane_response_flush(res);
	vane_response_flush(res); /* nothing new: nobody is told */
	vane_response_puts(res, "two ");
	vane_response_flush(res);
	return vane_response_puts(res, "three");
}

static int promise(struct vane_request *req, struct vane_response *res)
{
	vane_response_set_field(res, "Content-Length", "4");
	return vane_response_puts(res, "four");
}

static int nothing(struct vane_request *req, struct vane_response *res)
{
	return vane_response_set_status(res, 204);
}

static int bad(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "bad~");
}

static int error(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "dropped");
	return 404;
}

static char owner[] = "owner";

static const struct vane_filter_type installing = { .after = install };
static const struct vane_filter filters[] = { VANE_FILTER(&installing, owner),
	VANE_FILTER_END };
static const struct vane_route pages[] = { VANE_GET("/memory", memory),
	VANE_GET("/all", all), VANE_GET("/stream", stream), VANE_GET("/promise", promise),
	VANE_GET("/nothing", nothing), VANE_GET("/bad", bad), VANE_GET("/error", error),
	VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("", filters, pages), VANE_END };

static void a_body_passes_through_the_functions_of_filters(void **state)
{
	static const struct {
		const char *method, *target;
		int status;
		const char *body,
			*length; /* body NULL: starts otherwise; length NULL: none */
	} rows[] = {
		{ "GET", "/memory", 200, "put taken ref", "13" },
		{ "GET", "/memory?l", 200, "PUT TAKEN REF.", "14" },
		{ "GET", "/memory?dl", 200, "PPUUTT  TTAAKKEENN  RREEFF.", "27" },
		{ "GET", "/memory?ld", 200, "PPUUTT  TTAAKKEENN  RREEFF..", "28" },
		{ "GET", "/memory?hl", 200, "PUT TAKEN REF.", "14" },
		{ "GET", "/memory?h", 200, "put taken ref", "13" },
		{ "HEAD", "/memory?l", 200, "", NULL },
		{ "GET", "/all", 200, "put taken ref file pulled", NULL },
		{ "GET", "/all?l", 200, "PUT TAKEN REF FILE PULLED.", NULL },
		{ "GET", "/all?hd", 200,
			"ppuutt  ttaakkeenn  rreeff  ffiillee  ppuulllleedd", NULL },
		{ "GET", "/stream?l", 200, "ONE |TWO |THREE.", NULL },
		{ "GET", "/stream?lh", 200, "ONE |TWO |THREE.", NULL },
		{ "GET", "/promise", 200, "four", "4" },
		{ "GET", "/promise?d", 200, "ffoouurr", "8" },
		{ "GET", "/nothing?l", 204, "", NULL },
	};
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *length;

		assert_int_equal(probe_method(&probe, rows[i].method, rows[i].target),
			rows[i].status);
		assert_true(probe.got.whole);
		assert_string_equal(probe.got.body, rows[i].body);
		length = probe_field(&probe, "Content-Length");
		assert_int_equal(length != NULL, rows[i].length != NULL);
		if (length != NULL)
			assert_string_equal(length, rows[i].length);
	}
	probe_fini(&probe);
}

static void where_there_is_no_body_nobody_is_called(void **state)
{
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	calls = 0;
	probe_get(&probe, "/nothing?l");
	probe_method(&probe, "HEAD", "/memory?l");
	assert_int_equal(calls, 0);
	probe_fini(&probe);
}

static void an_error_page_passes_through_them_too(void **state)
{
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	assert_int_equal(probe_get(&probe, "/error?l"), 404);
	assert_non_null(strstr(probe.got.body, "NOT FOUND"));
	assert_int_equal(probe.got.body[probe.got.body_len - 1], '.');
	probe_fini(&probe);
}

static void a_function_that_fails_cuts_the_response(void **state)
{
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	probe_get(&probe, "/bad?l");
	assert_false(probe.got.whole);
	assert_non_null(
		strstr(probe.log, "a filter of the body fails: Input/output error"));
	probe_fini(&probe);
}

/* Larger than all buffers on the way. */
#define LARGE (3 * 1000 * 1000)

static int large(struct vane_response *res)
{
	char *bytes = malloc(LARGE);
	size_t i;

	for (i = 0; i < LARGE; i++)
		bytes[i] = (char) ('a' + i % 26);
	vane_response_filter_body(res, doubled, NULL);
	return vane_response_write_take(res, bytes, LARGE);
}

static void a_large_body_passes_in_pieces(void **state)
{
	struct probe probe;
	size_t i;

	probe_init_answer(&probe, large);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_true(probe.got.whole);
	assert_int_equal(probe.got.body_len, 2 * LARGE);
	for (i = 0; i < 2 * LARGE; i++)
		if (probe.got.body[i] != (char) ('a' + i / 2 % 26))
			fail();
	assert_null(probe_field(&probe, "Content-Length"));
	probe_fini(&probe);
}

static int large_page(struct vane_request *req, struct vane_response *res)
{
	return large(res);
}

/* It takes less at a time than one piece gives, so that there is always something left. */
static void what_a_slow_client_has_taken_is_not_kept(void **state)
{
	struct fake fake = { .slow = true };
	size_t most = 0;

	fake_run(&fake, VANE_CAP_ASYNC, large_page);
	while (fake.ends == 0) {
		if (fake.x->res.encoded.len > most)
			most = fake.x->res.encoded.len;
		fake.room = 40 * 1000;
		vane_exchange_writable(fake.x);
	}
	assert_int_equal(fake.len, 2 * LARGE);
	assert_true(most < 512 * 1024);
	fake_fini(&fake);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_passes_through_the_functions_of_filters),
		cmocka_unit_test(where_there_is_no_body_nobody_is_called),
		cmocka_unit_test(an_error_page_passes_through_them_too),
		cmocka_unit_test(a_function_that_fails_cuts_the_response),
		cmocka_unit_test(a_large_body_passes_in_pieces),
		cmocka_unit_test(what_a_slow_client_has_taken_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
