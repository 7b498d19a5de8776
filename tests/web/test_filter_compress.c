/* SPDX-License-Identifier: MIT */
/*
 * test_filter_compress.c - lib/web/filter_compress.c
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <vane.h>

#include "base.h"
#include "support/fake.h"
#include "support/probe.h"

#define LARGE (1000 * 1000)

static char text[LARGE + 1];

/* Words that compress, but not to nothing. */
static void make_text(void)
{
	unsigned n = 1;
	size_t i;

	for (i = 0; i < LARGE; i++) {
		n = n * 1103515245u + 12345;
		text[i] = "abcdefgh         "[n >> 16 & 15];
	}
}

/* So many bytes of it, as the path says, in the way it says. */
static size_t wanted(const struct vane_request *req)
{
	return strtoul(vane_request_path_arg(req, "len"), NULL, 10);
}

static int memory(struct vane_request *req, struct vane_response *res)
{
	const char *type = vane_request_query_arg(req, "type", 0);
	const char *field = vane_request_query_arg(req, "field", 0);
	const char *status = vane_request_query_arg(req, "status", 0);

	if (type != NULL)
		vane_response_add_field(res, "Content-Type", type);
	if (field != NULL)
		vane_response_add_field(
			res, field, vane_request_query_arg(req, "value", 0));
	if (status != NULL)
		vane_response_set_status(res, atoi(status));
	return vane_response_write(res, text, wanted(req));
}

static int file(struct vane_request *req, struct vane_response *res)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	size_t len = wanted(req);

	assert_int_equal(write(fd, text, len), len);
	return vane_response_write_file(res, fd, 0, (int64_t) len);
}

struct well {
	size_t at, len;
};

static ssize_t pull(void *data, char *buf, size_t size)
{
	struct well *well = data;
	size_t len = well->len - well->at < size ? well->len - well->at : size;

	memcpy(buf, text + well->at, len);
	well->at += len;
	return (ssize_t) len;
}

static int source(struct vane_request *req, struct vane_response *res)
{
	struct well *well = vane_request_alloc(req, sizeof(*well));
	struct vane_source from = { .pull = pull, .data = well, .length = -1 };

	*well = (struct well) { 0, wanted(req) };
	return vane_response_write_source(res, &from);
}

static int stream(struct vane_request *req, struct vane_response *res)
{
	size_t i, len = wanted(req), step = len / 10;

	for (i = 0; i < len; i += step) {
		vane_response_write_ref(res, text + i, step < len - i ? step : len - i);
		vane_response_flush(res);
	}
	return 0;
}

/* One that breaks when it has begun. */
static int breaks(struct vane_request *req, struct vane_response *res)
{
	vane_response_write_ref(res, text, wanted(req));
	vane_response_flush(res);
	return -EIO;
}

static const struct vane_filter filters[] = { VANE_FILTER(&vane_compress_filter, NULL),
	VANE_FILTER_END };
static const struct vane_route pages[] = { VANE_GET("/memory/{len}", memory),
	VANE_GET("/file/{len}", file), VANE_GET("/source/{len}", source),
	VANE_GET("/stream/{len}", stream), VANE_GET("/breaks/{len}", breaks), VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("", filters, pages), VANE_END };

static int ask(
	struct probe *probe, const char *method, const char *target, const char *accept)
{
	struct vane_test_request request = {
		.method = method, .target = target, .fields = FIELDS(accept)
	};

	return probe_run(probe, &request);
}

/* What zlib makes of the answer, which ends as it says, and where the answer does. */
static size_t inflate_as(struct probe *probe, char *out, size_t size, int how, int end)
{
	z_stream z = { 0 };

	assert_int_equal(inflateInit2(&z, MAX_WBITS + 16), Z_OK);
	z.next_in = (unsigned char *) probe->got.body;
	z.avail_in = (uInt) probe->got.body_len;
	z.next_out = (unsigned char *) out;
	z.avail_out = (uInt) size;
	assert_int_equal(inflate(&z, how), end);
	assert_int_equal(z.avail_in, 0);
	inflateEnd(&z);
	return size - z.avail_out;
}

static size_t inflate_body(struct probe *probe, char *out, size_t size)
{
	return inflate_as(probe, out, size, Z_FINISH, Z_STREAM_END);
}

static void what_zlib_unpacks_is_what_was_written(void **state)
{
	static const char *const targets[] = { "/memory/1024", "/memory/300000",
		"/memory/1000000", "/file/1024", "/file/1000000", "/source/1",
		"/source/1000000", "/stream/100", "/stream/1000000" };
	char *out = malloc(LARGE + 1);
	struct probe probe;
	size_t i, len;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		assert_int_equal(
			ask(&probe, "GET", targets[i], "Accept-Encoding: br, gzip;q=0.5"),
			200);
		assert_true(probe.got.whole);
		assert_string_equal(probe_field(&probe, "Content-Encoding"), "gzip");
		assert_string_equal(probe_field(&probe, "Vary"), "Accept-Encoding");
		len = inflate_body(&probe, out, LARGE + 1);
		assert_int_equal(len, strtoul(strrchr(targets[i], '/') + 1, NULL, 10));
		assert_memory_equal(out, text, len);
	}
	ask(&probe, "GET", "/memory/1024", "Accept-Encoding: gzip");
	assert_int_equal(atoi(probe_field(&probe, "Content-Length")), probe.got.body_len);
	assert_true(probe.got.body_len < 800);
	probe_fini(&probe);
	free(out);
}

#define GZIP "Accept-Encoding: gzip"

static void what_is_not_to_be_compressed_is_left_alone(void **state)
{
	static const struct {
		const char *method, *target, *accept;
		bool coded;
	} rows[] = {
		{ "GET", "/memory/1023", GZIP, false },
		{ "GET", "/memory/1024", GZIP, true },
		{ "HEAD", "/memory/1024", GZIP, true },
		{ "GET", "/memory/2000", "X: y", false },
		{ "GET", "/memory/2000", "Accept-Encoding: br", false },
		{ "GET", "/memory/2000", "Accept-Encoding: gzip;q=0", false },
		{ "GET", "/memory/2000", "Accept-Encoding: *", true },
		{ "GET", "/memory/2000?type=text/css%3b%20charset=utf-8", GZIP, true },
		{ "GET", "/memory/2000?type=application/json", GZIP, true },
		{ "GET", "/memory/2000?type=image/svg%2bxml", GZIP, true },
		{ "GET", "/memory/2000?type=image/png", GZIP, false },
		{ "GET", "/memory/2000?type=application/octet-stream", GZIP, false },
		{ "GET", "/memory/2000?field=Content-Encoding&value=br", GZIP, false },
		{ "GET", "/memory/2000?field=Content-Range&value=bytes%200-1999/9999", GZIP,
			false },
		{ "GET", "/memory/2000?field=Cache-Control&value=private,%20no-transform",
			GZIP, false },
		{ "GET", "/memory/2000?field=Cache-Control&value=private", GZIP, true },
		{ "GET", "/memory/2000?status=206", GZIP, false },
		{ "GET", "/memory/2000?status=204", GZIP, false },
		{ "GET", "/memory/2000?status=304", GZIP, false },
		{ "GET", "/memory/2000?status=404", GZIP, true },
	};
	const char *coding;
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ask(&probe, rows[i].method, rows[i].target, rows[i].accept);
		coding = probe_field(&probe, "Content-Encoding");
		assert_int_equal(
			coding != NULL && strcmp(coding, "gzip") == 0, rows[i].coded);
		assert_string_equal(probe_field(&probe, "Vary"), "Accept-Encoding");
	}
	probe_fini(&probe);
}

static void fields_that_are_no_longer_true_are_changed(void **state)
{
	static const struct {
		const char *query, *field, *value;
	} rows[] = {
		{ "field=ETag&value=%22x%22", "ETag", "W/\"x\"" },
		{ "field=ETag&value=W/%22x%22", "ETag", "W/\"x\"" },
		{ "field=Accept-Ranges&value=bytes", "Accept-Ranges", NULL },
		{ "field=Vary&value=Cookie,accept-encoding", "Vary",
			"Cookie,accept-encoding" },
		{ "field=Vary&value=*", "Vary", "*" },
	};
	char target[128];
	const char *value;
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(target, sizeof(target), "/memory/2000?%s", rows[i].query);
		ask(&probe, "GET", target, GZIP);
		value = probe_field(&probe, rows[i].field);
		assert_int_equal(value != NULL, rows[i].value != NULL);
		if (value != NULL)
			assert_string_equal(value, rows[i].value);
		assert_null(vane_test_response_field(
			&probe.got, rows[i].field, 1, probe.field, sizeof(probe.field)));
	}
	probe_fini(&probe);
}

/* Whether or not more comes. */
static void what_was_flushed_is_all_there(void **state)
{
	char out[4096];
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	ask(&probe, "GET", "/breaks/2000", GZIP);
	assert_false(probe.got.whole);
	assert_int_equal(inflate_as(&probe, out, sizeof(out), Z_SYNC_FLUSH, Z_OK), 2000);
	assert_memory_equal(out, text, 2000);
	probe_fini(&probe);
}

/* They are used again: a lost one would be missing at the second request. */
static void a_response_that_is_cut_gives_its_compressor_back(void **state)
{
	static struct vane_compress_opts one = { .max_streams = 1, .level = 9 };
	static const struct vane_filter few[] = { VANE_FILTER(&vane_compress_filter, &one),
		VANE_FILTER_END };
	static const struct vane_route some[] = { VANE_GROUP("", few, pages), VANE_END };
	struct probe probe;
	int i;

	probe_init_routes(&probe, some, NULL);
	for (i = 0; i < 3; i++) {
		ask(&probe, "GET", "/breaks/2000", GZIP);
		assert_false(probe.got.whole);
		assert_string_equal(probe_field(&probe, "Content-Encoding"), "gzip");
	}
	ask(&probe, "GET", "/memory/2000", GZIP);
	assert_string_equal(probe_field(&probe, "Content-Encoding"), "gzip");
	probe_fini(&probe);
}

static void settings_that_cannot_be_are_refused(void **state)
{
	struct {
		struct vane_compress_opts opts;
		const char *says;
	} rows[] = {
		{ { .level = 10 }, "vane_compress_opts.level" },
		{ { .level = -1 }, "vane_compress_opts.level" },
		{ { .min_bytes = -2 }, "vane_compress_opts.min_bytes" },
		{ { .max_streams = -2 }, "vane_compress_opts.max_streams" },
	};
	char log[PROBE_LINE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_refuse_filter(&vane_compress_filter, &rows[i].opts, log);
		assert_non_null(strstr(log, rows[i].says));
	}
}

/* The response that was deferred last, with its head on the way. */
static struct vane_response *held;

static int hold(struct vane_request *req, struct vane_response *res)
{
	held = res;
	vane_response_defer(res);
	vane_response_write_ref(res, text, 2000);
	return vane_response_flush(res);
}

/* One who has left does not keep others from theirs, though the handler holds what was its. */
static void who_has_left_holds_no_stream(void **state)
{
	static struct vane_compress_opts one = { .max_streams = 1 };
	static const struct vane_filter few[] = { VANE_FILTER(&vane_compress_filter, &one),
		VANE_FILTER_END };
	static const struct vane_route page[] = { VANE_GET("/", hold), VANE_END };
	static const struct vane_route all[] = { VANE_GROUP("", few, page), VANE_END };
	const struct vane_field gzip = { { "accept-encoding", 15 }, { "gzip", 4 } };
	struct fake gone = { 0 }, second = { 0 }, third = { 0 };
	struct vane_response *first;
	struct vane_app *app;

	assert_int_equal(vane_app_new(&app, all, NULL), 0);
	fake_ask(&gone, VANE_CAP_ASYNC, app, &gzip, 1);
	first = held;
	fake_ask(&second, VANE_CAP_ASYNC, app, &gzip, 1);
	assert_null(vane_response_field(held, "Content-Encoding").data);
	assert_int_equal(vane_response_finish(held), 0);
	vane_exchange_abort(gone.x, -EPIPE);
	fake_ask(&third, VANE_CAP_ASYNC, app, &gzip, 1);
	assert_int_equal(vane_response_field(held, "Content-Encoding").len, 4);
	assert_true(vane_response_write(first, text, 2000) < 0);
	assert_true(vane_response_finish(first) < 0);
	assert_int_equal(vane_response_finish(held), 0);
	vane_exchange_free(second.x);
	vane_exchange_free(third.x);
	vane_app_free(app);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_zlib_unpacks_is_what_was_written),
		cmocka_unit_test(what_is_not_to_be_compressed_is_left_alone),
		cmocka_unit_test(fields_that_are_no_longer_true_are_changed),
		cmocka_unit_test(what_was_flushed_is_all_there),
		cmocka_unit_test(a_response_that_is_cut_gives_its_compressor_back),
		cmocka_unit_test(who_has_left_holds_no_stream),
		cmocka_unit_test(settings_that_cannot_be_are_refused),
	};

	make_text();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
