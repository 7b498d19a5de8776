/* SPDX-License-Identifier: MIT */
/*
 * test_filter_etag.c - lib/web/filter_etag.c
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

static int page(struct vane_request *req, struct vane_response *res)
{
	vane_response_set_type(res, "text/html");
	vane_response_puts(res, "pa");
	return vane_response_write_ref(res, "ge", 2);
}

static int whole(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "page");
}

static int other(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "Page");
}

static int coded(struct vane_request *req, struct vane_response *res)
{
	vane_response_add_field(res, "Content-Encoding", "x-own");
	return vane_response_puts(res, "page");
}

static int own(struct vane_request *req, struct vane_response *res)
{
	vane_response_set_validators(res, "\"own\"", -1);
	return vane_response_puts(res, "page");
}

static int created(struct vane_request *req, struct vane_response *res)
{
	vane_response_set_status(res, 201);
	return vane_response_puts(res, "page");
}

static int stream(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "page");
	return vane_response_flush(res);
}

static const struct vane_handler all = { .get = page, .post = page };
static const struct vane_filter filters[] = { VANE_FILTER(&vane_etag_filter, NULL),
	VANE_FILTER_END };
static const struct vane_route pages[] = { VANE_ROUTE("/page", &all),
	VANE_GET("/whole", whole), VANE_GET("/other", other), VANE_GET("/coded", coded),
	VANE_GET("/own", own), VANE_GET("/created", created), VANE_GET("/stream", stream),
	VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("", filters, pages), VANE_END };

static void complete_bodies_have_a_tag_that_is_their_bytes(void **state)
{
	static const struct {
		const char *method, *target;
		bool tagged;
	} rows[] = {
		{ "GET", "/page", true },
		{ "POST", "/page", false },
		{ "HEAD", "/page", false },
		{ "GET", "/created", false },
		{ "GET", "/stream", false },
		{ "GET", "/nowhere", false },
	};
	char etag[64];
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_method(&probe, rows[i].method, rows[i].target);
		assert_int_equal(probe_field(&probe, "ETag") != NULL, rows[i].tagged);
	}
	probe_get(&probe, "/page");
	snprintf(etag, sizeof(etag), "%s", probe_field(&probe, "ETag"));
	assert_int_equal(strlen(etag), 34);
	probe_get(&probe, "/whole");
	assert_string_equal(probe_field(&probe, "ETag"), etag);
	probe_get(&probe, "/other");
	assert_string_not_equal(probe_field(&probe, "ETag"), etag);
	probe_get(&probe, "/coded");
	assert_memory_equal(probe_field(&probe, "ETag"), "W/\"", 3);
	probe_get(&probe, "/own");
	assert_string_equal(probe_field(&probe, "ETag"), "\"own\"");
	assert_int_equal(probe.got.status, 200);
	probe_fini(&probe);
}

static void who_has_it_already_is_told_so(void **state)
{
	static const struct {
		const char *condition;
		int status;
	} rows[] = {
		{ "If-None-Match: %s", 304 },
		{ "If-None-Match: \"x\", W/%s", 304 },
		{ "If-None-Match: *", 304 },
		{ "If-None-Match: \"x\"", 200 },
		{ "If-Match: %s", 200 },
		{ "If-Match: \"x\"", 412 },
	};
	char etag[64], field[128];
	struct vane_test_request request = { .target = "/page", .fields = FIELDS(field) };
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	probe_get(&probe, "/page");
	snprintf(etag, sizeof(etag), "%s", probe_field(&probe, "ETag"));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
		snprintf(field, sizeof(field), rows[i].condition, etag);
#pragma GCC diagnostic pop
		assert_int_equal(probe_run(&probe, &request), rows[i].status);
		if (rows[i].status == 200)
			assert_string_equal(probe.got.body, "page");
		if (rows[i].status != 304)
			continue;
		assert_string_equal(probe.got.body, "");
		assert_string_equal(probe_field(&probe, "ETag"), etag);
		assert_null(probe_field(&probe, "Content-Type"));
	}
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(complete_bodies_have_a_tag_that_is_their_bytes),
		cmocka_unit_test(who_has_it_already_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
