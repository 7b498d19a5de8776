/* SPDX-License-Identifier: MIT */
/*
 * test_filter_access.c - lib/web/filter_access.c
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

static const struct vane_route pages[] = { VANE_GET("/", page), VANE_END };

static void clients_are_let_in_by_their_address(void **state)
{
	static const struct {
		struct vane_access_opts opts;
		const char *addr;
		int status;
	} rows[] = {
		{ { 0 }, "10.0.0.1", 200 },
		{ { 0 }, "", 200 },
		{ { .allow = "10.0.0.0/8, fd00::/8" }, "10.9.8.7", 200 },
		{ { .allow = "10.0.0.0/8, fd00::/8" }, "fd12::1", 200 },
		{ { .allow = "10.0.0.0/8, fd00::/8" }, "::ffff:10.0.0.1", 200 },
		{ { .allow = "10.0.0.0/8, fd00::/8" }, "11.0.0.1", 403 },
		{ { .allow = "10.0.0.0/8, fd00::/8" }, "fe80::1%eth0", 403 },
		{ { .allow = "10.0.0.0/8" }, "", 403 },
		{ { .allow = "10.0.0.0/8", .allow_unknown = true }, "", 200 },
		{ { .allow = "" }, "127.0.0.1", 403 },
		{ { .deny = "10.0.0.0/8" }, "10.0.0.1", 403 },
		{ { .deny = "10.0.0.0/8" }, "11.0.0.1", 200 },
		{ { .deny = "10.0.0.0/8" }, "", 200 },
		{ { .deny = "10.0.0.0/8" }, "fe80::1%eth0", 200 },
		{ { .deny = "10.0.0.0/8" }, "10.0.0.1:8080", 403 },
		{ { .deny = "10.0.0.0/8" }, "unknown", 403 },
		{ { .deny = "" }, "unknown", 403 },
		{ { .allow = "10.0.0.0/8" }, "unknown", 403 },
		{ { 0 }, "unknown", 200 },
		{ { .allow = "10.0.0.0/8", .deny = "10.1.0.0/16" }, "10.1.0.1", 403 },
		{ { .allow = "10.0.0.0/8", .deny = "10.1.0.0/16" }, "10.2.0.1", 200 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_access_opts opts = rows[i].opts;
		struct vane_filter filters[] = { VANE_FILTER(&vane_access_filter, &opts),
			VANE_FILTER_END };
		struct vane_route routes[] = { VANE_GROUP("", filters, pages), VANE_END };
		struct vane_test_request request = { .remote_addr = rows[i].addr };
		struct probe probe;

		probe_init_routes(&probe, routes, NULL);
		assert_int_equal(probe_run(&probe, &request), rows[i].status);
		probe_fini(&probe);
	}
}

static void lists_that_cannot_be_read_are_refused(void **state)
{
	struct {
		struct vane_access_opts opts;
		const char *says;
	} rows[] = {
		{ { .allow = "10.0.0" }, "vane_access_opts.allow has" },
		{ { .allow = "localhost" }, "vane_access_opts.allow has" },
		{ { .deny = "::/129" }, "vane_access_opts.deny has" },
	};
	char log[PROBE_LINE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_refuse_filter(&vane_access_filter, &rows[i].opts, log);
		assert_non_null(strstr(log, rows[i].says));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_let_in_by_their_address),
		cmocka_unit_test(lists_that_cannot_be_read_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
