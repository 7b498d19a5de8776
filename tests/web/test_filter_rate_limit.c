/* SPDX-License-Identifier: MIT */
/*
 * test_filter_rate_limit.c - lib/web/filter_rate_limit.c
 */
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

static int page(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "page");
}

static const struct vane_route pages[] = { VANE_GET("/", page), VANE_END };

static struct vane_rate_limit_opts three = { .max_requests = 3, .interval_msec = 30000 };
static const struct vane_filter filters[] = { VANE_FILTER(&vane_rate_limit_filter, &three),
	VANE_FILTER_END };
static const struct vane_route routes[] = { VANE_GROUP("", filters, pages), VANE_END };

static int ask(struct probe *probe, const char *addr)
{
	struct vane_test_request request = { .remote_addr = addr };

	return probe_run(probe, &request);
}

static void who_asks_too_often_is_told_when_to_come_back(void **state)
{
	struct probe probe;
	int i, wait_sec;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < 3; i++)
		assert_int_equal(ask(&probe, "10.0.0.1"), 200);
	assert_null(probe_field(&probe, "Retry-After"));
	assert_int_equal(ask(&probe, "10.0.0.1"), 429);
	wait_sec = atoi(probe_field(&probe, "Retry-After"));
	assert_in_range(wait_sec, 9, 10);
	assert_int_equal(ask(&probe, "10.0.0.2"), 200); /* another may */
	probe_fini(&probe);
}

static void addresses_of_one_client_count_together(void **state)
{
	static const struct {
		const char *first, *second;
		bool together;
	} rows[] = {
		{ "2001:db8::1", "2001:db8::ffff:1", true },
		{ "2001:db8:0:1::1", "2001:db8:0:2::1", false },
		{ "192.0.2.1", "::ffff:192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "fe80::1%eth0", "fe80::2%eth1", true },
	};
	struct probe probe;
	size_t i;
	int n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_init_routes(&probe, routes, NULL);
		for (n = 0; n < 3; n++)
			assert_int_equal(ask(&probe, rows[i].first), 200);
		assert_int_equal(ask(&probe, rows[i].second), rows[i].together ? 429 : 200);
		probe_fini(&probe);
	}
}

static void nobody_who_has_no_address_is_limited(void **state)
{
	struct probe probe;
	int i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < 10; i++)
		assert_int_equal(ask(&probe, ""), 200);
	probe_fini(&probe);
}

static void a_bucket_fills_again(void **state)
{
	static struct vane_rate_limit_opts quick = { .max_requests = 1,
		.interval_msec = 50 };
	static const struct vane_filter some[] = {
		VANE_FILTER(&vane_rate_limit_filter, &quick), VANE_FILTER_END
	};
	static const struct vane_route fast[] = { VANE_GROUP("", some, pages), VANE_END };
	struct probe probe;
	int i, status = 429;

	probe_init_routes(&probe, fast, NULL);
	assert_int_equal(ask(&probe, "10.0.0.1"), 200);
	for (i = 0; i < 1000 && status == 429; i++) {
		poll(NULL, 0, 5);
		status = ask(&probe, "10.0.0.1");
	}
	assert_int_equal(status, 200);
	probe_fini(&probe);
}

static void processes_count_together(void **state)
{
	struct probe probe;
	int status;
	pid_t pid;

	probe_init_routes(&probe, routes, NULL);
	pid = fork();
	if (pid == 0) {
		ask(&probe, "10.0.0.1");
		ask(&probe, "10.0.0.1");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(ask(&probe, "10.0.0.1"), 200);
	assert_int_equal(ask(&probe, "10.0.0.1"), 429);
	probe_fini(&probe);
}

/* There is room for four: the others take the place of those that have asked least. */
static void a_full_table_forgets_who_has_asked_least(void **state)
{
	static struct vane_rate_limit_opts small = {
		.max_requests = 3, .interval_msec = 30000, .max_addresses = 4
	};
	static const struct vane_filter some[] = {
		VANE_FILTER(&vane_rate_limit_filter, &small), VANE_FILTER_END
	};
	static const struct vane_route few[] = { VANE_GROUP("", some, pages), VANE_END };
	char addr[16];
	struct probe probe;
	int i;

	probe_init_routes(&probe, few, NULL);
	for (i = 0; i < 3; i++)
		ask(&probe, "10.0.0.1");
	for (i = 1; i < 100; i++) {
		snprintf(addr, sizeof(addr), "10.0.1.%d", i);
		assert_int_equal(ask(&probe, addr), 200);
	}
	assert_int_equal(ask(&probe, "10.0.0.1"), 429);
	probe_fini(&probe);
}

static void settings_that_cannot_be_are_refused(void **state)
{
	struct {
		struct vane_rate_limit_opts opts;
		const char *says;
	} rows[] = {
		{ { .max_requests = -2 }, "vane_rate_limit_opts.max_requests" },
		{ { .interval_msec = VANE_NO_LIMIT },
			"vane_rate_limit_opts.interval_msec" },
		{ { .max_addresses = VANE_NO_LIMIT },
			"vane_rate_limit_opts.max_addresses" },
	};
	static struct vane_rate_limit_opts none = { .max_requests = VANE_NO_LIMIT };
	struct vane_filter fine[] = { VANE_FILTER(&vane_rate_limit_filter, &none),
		VANE_FILTER_END };
	struct vane_route all[] = { VANE_GROUP("", fine, pages), VANE_END };
	char log[PROBE_LINE];
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_refuse_filter(&vane_rate_limit_filter, &rows[i].opts, log);
		assert_non_null(strstr(log, rows[i].says));
	}
	probe_init_routes(&probe, all, NULL);
	for (i = 0; i < 200; i++)
		assert_int_equal(ask(&probe, "10.0.0.1"), 200);
	probe_fini(&probe);
}

/* So many a day, say. */
static void an_interval_may_be_long(void **state)
{
	static struct vane_rate_limit_opts year = { .max_requests = 1,
		.interval_msec = INT64_C(365) * 24 * 3600 * 1000 };
	static const struct vane_filter slow[] = {
		VANE_FILTER(&vane_rate_limit_filter, &year), VANE_FILTER_END
	};
	static const struct vane_route some[] = { VANE_GROUP("", slow, pages), VANE_END };
	struct probe probe;

	probe_init_routes(&probe, some, NULL);
	assert_int_equal(ask(&probe, "10.0.0.1"), 200);
	assert_int_equal(ask(&probe, "10.0.0.1"), 429);
	assert_string_equal(probe_field(&probe, "Retry-After"), "31536000");
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_asks_too_often_is_told_when_to_come_back),
		cmocka_unit_test(addresses_of_one_client_count_together),
		cmocka_unit_test(nobody_who_has_no_address_is_limited),
		cmocka_unit_test(a_bucket_fills_again),
		cmocka_unit_test(processes_count_together),
		cmocka_unit_test(a_full_table_forgets_who_has_asked_least),
		cmocka_unit_test(settings_that_cannot_be_are_refused),
		cmocka_unit_test(an_interval_may_be_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
