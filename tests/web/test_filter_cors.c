/* SPDX-License-Identifier: MIT */
/*
 * test_filter_cors.c - lib/web/filter_cors.c
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

static int page(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "page");
}

static const char *const two[] = { "https://a.test", "http://b.test:8080", NULL };
static struct vane_cors_opts open_opts = {
	.methods = "*", .headers = "*", .max_age_sec = VANE_NO_LIMIT
};
static struct vane_cors_opts named_opts = { .origins = two,
	.methods = "GET, PUT",
	.headers = "Content-Type, X-Key",
	.exposed = "X-Seen",
	.credentials = true,
	.max_age_sec = 60 };
static const struct vane_filter standard[] = { VANE_FILTER(&vane_cors_filter, NULL),
	VANE_FILTER_END };
static const struct vane_filter open[] = { VANE_FILTER(&vane_cors_filter, &open_opts),
	VANE_FILTER_END };
static const struct vane_filter named[] = { VANE_FILTER(&vane_cors_filter, &named_opts),
	VANE_FILTER_END };
static const struct vane_route pages[] = { VANE_GET("/page", page), VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("/standard", standard, pages),
	VANE_GROUP("/open", open, pages), VANE_GROUP("/named", named, pages), VANE_END };

#define ASKS  "Access-Control-Request-Method: PUT"
#define A     "Origin: https://a.test"
#define B     "Origin: http://b.test:8080"
#define C     "Origin: https://c.test"
#define ALLOW "Access-Control-Allow-"
#define ASKED "Vary: Access-Control-Request-Method, Access-Control-Request-Headers\r\n"

static void origins_are_told_what_they_may(void **state)
{
	static const struct {
		const char *method, *target, *first, *second;
		int status;
		const char *fields; /* NULL: none of them */
	} rows[] = {
		{ "GET", "/standard/page", A, NULL, 200,
			ALLOW "Origin: *\r\nContent-Type" },
		{ "GET", "/standard/page", NULL, NULL, 200,
			ALLOW "Origin: *\r\nContent-Type" },
		{ "GET", "/standard/nowhere", A, NULL, 404, ALLOW "Origin: *\r\n" },
		{ "OPTIONS", "/standard/page", A, ASKS, 204,
			ASKED ALLOW "Methods: GET, HEAD, POST\r\n"
				    "Access-Control-Max-Age: 600\r\n" ALLOW
				    "Origin: *\r\n" },
		{ "OPTIONS", "/standard/nowhere", A, ASKS, 204, ALLOW "Methods: GET" },
		{ "OPTIONS", "/standard/page", A, NULL, 204, "Allow: GET" },
		{ "OPTIONS", "/standard/page", NULL, ASKS, 204, "Allow: GET" },
		{ "OPTIONS", "/open/page", A, ASKS, 204,
			ASKED ALLOW "Methods: *\r\n" ALLOW "Headers: *\r\n"
				    "Access-Control-Max-Age: 2147483647\r\n" ALLOW
				    "Origin: *\r\n" },
		{ "GET", "/named/page", A, NULL, 200,
			"Vary: Origin\r\n" ALLOW "Origin: https://a.test\r\n" ALLOW
			"Credentials: true\r\nAccess-Control-Expose-Headers: X-Seen\r\n" },
		{ "GET", "/named/page", B, NULL, 200,
			"Vary: Origin\r\n" ALLOW "Origin: http://b.test:8080\r\n" },
		{ "GET", "/named/nowhere", B, NULL, 404,
			"Vary: Origin\r\n" ALLOW "Origin: http://b.test:8080\r\n" },
		{ "GET", "/named/page", C, NULL, 200, NULL },
		{ "GET", "/named/page", "Origin: null", NULL, 200, NULL },
		{ "GET", "/named/page", "Origin: https://a.test.evil.test", NULL, 200,
			NULL },
		{ "GET", "/named/page", NULL, NULL, 200, NULL },
		{ "OPTIONS", "/named/page", B, ASKS, 204,
			ASKED ALLOW
			"Methods: GET, PUT\r\n" ALLOW "Headers: Content-Type, X-Key\r\n"
			"Access-Control-Max-Age: 60\r\nVary: Origin\r\n" ALLOW
			"Origin: http://b.test:8080\r\n" ALLOW "Credentials: true\r\n" },
	};
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_test_request request = { .method = rows[i].method,
			.target = rows[i].target,
			.fields = rows[i].first != NULL
					  ? FIELDS(rows[i].first, rows[i].second)
					  : FIELDS(rows[i].second) };

		assert_int_equal(probe_run(&probe, &request), rows[i].status);
		if (rows[i].fields != NULL) {
			assert_non_null(strstr(probe.got.fields, rows[i].fields));
			continue;
		}
		assert_null(strstr(probe.got.fields, ALLOW));
		assert_non_null(strstr(probe.got.fields, "Vary: Origin\r\n"));
	}
	probe_fini(&probe);
}

#define ORIGINS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static void settings_that_cannot_be_are_refused(void **state)
{
	struct {
		struct vane_cors_opts opts;
		const char *says;
	} rows[] = {
		{ { .credentials = true }, "vane_cors_opts.credentials is not for all" },
		{ { .origins = ORIGINS("*"), .credentials = true },
			"vane_cors_opts.credentials is not for all" },
		{ { .origins = two, .headers = "*", .credentials = true },
			"vane_cors_opts.credentials does not go with" },
		{ { .origins = ORIGINS("*", "https://a.test") },
			"vane_cors_opts.origins has" },
		{ { .origins = ORIGINS("a.test") }, "vane_cors_opts.origins has" },
		{ { .origins = ORIGINS("https://a.test/") }, "vane_cors_opts.origins has" },
		{ { .origins = ORIGINS("https://A.test") }, "vane_cors_opts.origins has" },
		{ { .origins = ORIGINS("https://*.test") }, "vane_cors_opts.origins has" },
		{ { .origins = ORIGINS("null") }, "vane_cors_opts.origins has" },
		{ { .methods = "GET\n" }, "vane_cors_opts.methods has" },
		{ { .headers = "X\r\n" }, "vane_cors_opts.headers has" },
		{ { .exposed = "X\x01" }, "vane_cors_opts.exposed has" },
		{ { .max_age_sec = -2 }, "vane_cors_opts.max_age_sec" },
	};
	char log[PROBE_LINE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_refuse_filter(&vane_cors_filter, &rows[i].opts, log);
		assert_non_null(strstr(log, rows[i].says));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(origins_are_told_what_they_may),
		cmocka_unit_test(settings_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
