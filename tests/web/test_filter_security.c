/* SPDX-License-Identifier: MIT */
/*
 * test_filter_security.c - lib/web/filter_security.c
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

static int framed(struct vane_request *req, struct vane_response *res)
{
	return vane_response_add_field(res, "x-frame-options", "SAMEORIGIN");
}

static struct vane_security_opts changed = { .frame_options = "",
	.referrer_policy = "no-referrer",
	.csp = "default-src 'self'",
	.transport_security = "max-age=1; includeSubDomains" };
static const struct vane_filter standard[] = { VANE_FILTER(&vane_security_filter, NULL),
	VANE_FILTER_END };
static const struct vane_filter other[] = { VANE_FILTER(&vane_security_filter, &changed),
	VANE_FILTER_END };
static const struct vane_route pages[] = { VANE_GET("/page", page),
	VANE_GET("/framed", framed), VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("/standard", standard, pages),
	VANE_GROUP("/other", other, pages), VANE_END };

#define STANDARD                                                                           \
	"X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"                     \
	"Referrer-Policy: strict-origin-when-cross-origin\r\n"                             \
	"Cross-Origin-Opener-Policy: same-origin\r\n"                                      \
	"Cross-Origin-Resource-Policy: same-origin\r\n"

static void answers_have_the_fields_that_are_advised(void **state)
{
	static const struct {
		const char *target, *scheme;
		int status;
		const char *fields;
	} rows[] = {
		{ "/standard/page", NULL, 200, STANDARD "Content-Type: " },
		{ "/standard/page", "X-Scheme: https", 200,
			STANDARD
			"Strict-Transport-Security: max-age=31536000\r\nContent-Type: " },
		{ "/standard/nowhere", NULL, 404, STANDARD },
		{ "/standard/framed", NULL, 200,
			"x-frame-options: SAMEORIGIN\r\nX-Content-Type-Options: nosniff\r\n"
			"Referrer-Policy: strict-origin-when-cross-origin\r\n" },
		{ "/other/page", "X-Scheme: https", 200,
			"X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
			"Cross-Origin-Opener-Policy: same-origin\r\n"
			"Cross-Origin-Resource-Policy: same-origin\r\n"
			"Content-Security-Policy: default-src 'self'\r\n"
			"Strict-Transport-Security: max-age=1; includeSubDomains\r\n" },
	};
	static const struct vane_app_opts opts = { .xheaders = true };
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_test_request request = { .target = rows[i].target,
			.fields = FIELDS(rows[i].scheme) };

		assert_int_equal(probe_run(&probe, &request), rows[i].status);
		assert_non_null(strstr(probe.got.fields, rows[i].fields));
	}
	probe_fini(&probe);
}

static void a_value_that_no_field_can_have_is_refused(void **state)
{
	static struct vane_security_opts opts = { .csp = "default-src\n'self'" };
	char log[PROBE_LINE];

	probe_refuse_filter(&vane_security_filter, &opts, log);
	assert_non_null(strstr(log, "vane_security_opts.csp has a line end"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_have_the_fields_that_are_advised),
		cmocka_unit_test(a_value_that_no_field_can_have_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
