/* SPDX-License-Identifier: MIT */
/*
 * test_response_view.c - lib/core/response_view.c, and what filters say of a request
 */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

/* What .after has seen. */
static struct {
	int64_t length;
	int rc;
	char body[4096];
	struct vane_slice type, missing, empty;
	char type_text[64];
} seen;

static int add_piece(struct vane_slice bytes, void *data)
{
	size_t len = strlen(data);

	assert_true(len + bytes.len < sizeof(seen.body));
	memcpy((char *) data + len, bytes.data, bytes.len);
	return strstr(data, "stop") != NULL ? 7 : 0;
}

static int look(struct vane_request *req, struct vane_response *res, void *data)
{
	memset(&seen, 0, sizeof(seen));
	seen.length = vane_response_length(res);
	seen.rc = vane_response_each_piece(res, add_piece, seen.body);
	seen.type = vane_response_field(res, "content-TYPE");
	seen.missing = vane_response_field(res, "Content");
	seen.empty = vane_response_field(res, "X-Empty");
	if (seen.type.data != NULL)
		strncat(seen.type_text, seen.type.data, seen.type.len);
	return 0;
}

static int memory(struct vane_request *req, struct vane_response *res)
{
	vane_response_add_field(res, "Content-Typ", "no");
	vane_response_add_field(res, "X-Empty", "");
	vane_response_add_field(res, "Content-Type", "text/x-seen");
	vane_response_puts(res, "put ");
	vane_response_write_take(res, strdup("taken"), 5);
	vane_response_puts(res, " put ");
	return vane_response_write_ref(res, "ref", 3);
}

static int stop_early(struct vane_request *req, struct vane_response *res)
{
	vane_response_write_ref(res, "stop", 4);
	return vane_response_puts(res, "behind");
}

static int nothing(struct vane_request *req, struct vane_response *res)
{
	return 0;
}

static int file(struct vane_request *req, struct vane_response *res)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert_int_equal(write(fd, "file", 4), 4);
	return vane_response_write_file(res, fd, 0, 4);
}

static ssize_t pull(void *data, char *buf, size_t size)
{
	return 0;
}

static int source(struct vane_request *req, struct vane_response *res)
{
	static const struct vane_source endless = { .pull = pull, .length = -1 };

	return vane_response_write_source(res, &endless);
}

static int flushed(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "flushed");
	return vane_response_flush(res);
}

static int promised(struct vane_request *req, struct vane_response *res)
{
	vane_response_set_field(res, "Content-Length", "7");
	return flushed(req, res);
}

static int error(struct vane_request *req, struct vane_response *res)
{
	return 404;
}

static const struct vane_filter_type looking = { .after = look };
static const struct vane_filter filters[] = { VANE_FILTER(&looking, NULL),
	VANE_FILTER_END };
static const struct vane_route pages[] = { VANE_GET("/memory", memory),
	VANE_GET("/stop", stop_early), VANE_GET("/nothing", nothing),
	VANE_GET("/file", file), VANE_GET("/source", source), VANE_GET("/flushed", flushed),
	VANE_GET("/promised", promised), VANE_GET("/error", error), VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("", filters, pages), VANE_END };

static void a_filter_sees_length_and_pieces(void **state)
{
	static const struct {
		const char *method, *target;
		int64_t length;
		int rc;
		const char *body;
	} rows[] = {
		{ "GET", "/memory", 17, 0, "put taken put ref" },
		{ "HEAD", "/memory", 17, -ENOTSUP, "" },
		{ "GET", "/stop", 10, 7, "stop" },
		{ "GET", "/nothing", 0, 0, "" },
		{ "HEAD", "/nothing", 0, 0, "" },
		{ "GET", "/file", 4, -ENOTSUP, "" },
		{ "GET", "/source", -1, -ENOTSUP, "" },
		{ "GET", "/flushed", -1, -EAGAIN, "" },
		{ "GET", "/promised", 7, -EAGAIN, "" },
	};
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_method(&probe, rows[i].method, rows[i].target);
		assert_int_equal(seen.length, rows[i].length);
		assert_int_equal(seen.rc, rows[i].rc);
		assert_string_equal(seen.body, rows[i].body);
	}
	probe_get(&probe, "/error");
	assert_int_equal(seen.rc, 0);
	assert_int_equal(seen.length, probe.got.body_len);
	probe_fini(&probe);
}

static void a_filter_sees_fields(void **state)
{
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	probe_get(&probe, "/memory");
	assert_string_equal(seen.type_text, "text/x-seen");
	assert_null(seen.missing.data);
	assert_non_null(seen.empty.data);
	assert_int_equal(seen.empty.len, 0);
	probe_get(&probe, "/nothing");
	assert_null(seen.type.data);
	probe_fini(&probe);
}

static int name_it(struct vane_request *req, struct vane_response *res)
{
	assert_string_equal(vane_request_id(req), "");
	assert_string_equal(vane_request_remote_user(req), "front");
	assert_int_equal(vane_request_set_id(req, "id-1"), 0);
	assert_int_equal(vane_request_set_remote_user(req, "ours"), 0);
	assert_int_equal(vane_request_set_id(req, NULL), -EINVAL);
	return vane_response_printf(
		res, "%s %s", vane_request_id(req), vane_request_remote_user(req));
}

static void a_request_is_given_an_id_and_a_user(void **state)
{
	static const struct vane_handler handler = { .get = name_it };
	static const char *const params[] = { "REMOTE_USER=front", NULL };
	struct vane_test_request request = { .params = params };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	probe_run(&probe, &request);
	assert_string_equal(probe.got.body, "id-1 ours");
	probe_run(&probe, &request); /* nothing stays */
	assert_string_equal(probe.got.body, "id-1 ours");
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_sees_length_and_pieces),
		cmocka_unit_test(a_filter_sees_fields),
		cmocka_unit_test(a_request_is_given_an_id_and_a_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
