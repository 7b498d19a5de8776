/* SPDX-License-Identifier: MIT */
/*
 * test_route.c - lib/core/route.c
 */
#include "test.h"

#include <stdio.h>

#include <vane/filter.h>
#include <vane/log.h>

#include "route.h"
#include "slice.h"
#include "support/alloc.h"

static const struct vane_handler handler = { 0 };

static const struct vane_route routes[] = {
	{ "/", &handler, .name = "root" },
	{ "/a", &handler, .name = "a" },
	{ "/{x}", &handler, .name = "x" },
	{ "/b", &handler, .name = "shadowed" },
	{ "/s/{x}", &handler, .name = "s" },
	{ "/s/new", &handler, .name = "shadowed too" },
	{ "/n/{n:[0-9]+}", &handler, .name = "n" },
	{ "/n/{other}", &handler, .name = "other" },
	{ "/a", &handler, .name = "double" },
	{ "/t/{rest:.*}", &handler, .name = "t" },
	{ "/m/{a}-{b}.{c}", &handler, .name = "m" },
	{ "/\xc3\xa4 b/{x}", &handler, .name = "quoted" },
	{ "/last", &handler },
	{ "/r/{p:.*}/{f:[^/]+}", &handler, .name = "r" },
	{ "/e/{x:(?:a+)+}", &handler, .name = "e" },
	{ "/e/{x}", &handler },
	{ 0 },
};

/* "%" stands for the NUL of an encoded slash. */
static const struct {
	const char *path, *route, *arg, *value;
} rows[] = {
	{ "/", "/", NULL, NULL },
	{ "/a", "/a", NULL, NULL },
	{ "/b", "/{x}", "x", "b" },
	{ "/c", "/{x}", "x", "c" },
	{ "/s/1", "/s/{x}", "x", "1" },
	{ "/s/new", "/s/{x}", "x", "new" },
	{ "/s/a%b", "/s/{x}", "x", "a/b" },
	{ "/s%a", "/{x}", "x", "s/a" },
	{ "/n/7", "/n/{n:[0-9]+}", "n", "7" },
	{ "/n/7a", "/n/{other}", "other", "7a" },
	{ "/t/a/b", "/t/{rest:.*}", "rest", "a/b" },
	{ "/m/1-2-3.4", "/m/{a}-{b}.{c}", "b", "2-3" },
	{ "/last", "/{x}", "x", "last" },
	{ "/s/1/2", NULL, NULL, NULL },
	{ "/n/", NULL, NULL, NULL },
	{ "//", NULL, NULL, NULL },
};

static struct vane__router *make(void)
{
	struct vane__router *router = NULL;

	assert_int_equal(vane__router_new(&router, routes), 0);
	return router;
}

static void the_first_match_wins(void **state)
{
	struct vane__router *router = make();
	struct arena arena = { 0 };
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane__pairs args = { 0 };
		struct vane__route *route = NULL;
		size_t len = strlen(rows[i].path);
		char path[32];
		int rc;

		for (k = 0; k < len; k++)
			path[k] = rows[i].path[k] != '%' ? rows[i].path[k] : '\0';
		rc = vane__router_match(
			router, (struct vane_slice) { path, len }, &arena, &args, &route);
		assert_int_equal(rc, rows[i].route != NULL);
		if (rc == 0)
			continue;
		assert_string_equal(route->pattern, rows[i].route);
		for (k = 0; rows[i].arg != NULL && k < args.count; k++)
			if (strcmp(args.items[k].name, rows[i].arg) == 0)
				assert_string_equal(args.items[k].value, rows[i].value);
		assert_int_equal(args.count > 0, rows[i].arg != NULL);
	}
	vane__arena_fini(&arena);
	vane__router_free(router);
}

static void routes_are_counted(void **state)
{
	static const struct vane_route none[] = { { 0 } };
	struct vane__router *router = make();
	struct vane__pairs args = { 0 };
	struct vane__route *route;
	struct arena arena = { 0 };

	assert_int_equal(vane__router_count(router), ARRAY_SIZE(routes) - 1);
	assert_string_equal(vane__router_at(router, 2)->pattern, "/{x}");
	assert_null(vane__router_at(router, ARRAY_SIZE(routes) - 1));
	vane__router_free(router);
	assert_int_equal(vane__router_new(&router, none), 0);
	assert_int_equal(vane__router_count(router), 0);
	assert_int_equal(vane__router_match(router, SLICE("/"), &arena, &args, &route), 0);
	vane__router_free(router);
	vane__router_free(NULL);
}

static int url(struct vane__router *router, struct buf *out, const char *name, ...)
{
	va_list values;
	int rc;

	out->len = 0;
	va_start(values, name);
	rc = vane__router_url(router, name, values, out);
	va_end(values);
	assert_int_equal(vane__buf_add(out, "", 1), 0);
	return rc;
}

static void a_route_has_an_address(void **state)
{
	struct vane__router *router = make();
	struct buf out = { 0 };

	assert_int_equal(url(router, &out, "root", NULL), 0);
	assert_string_equal(out.data, "/");
	assert_int_equal(url(router, &out, "s", "y", "no", "x", "a b%?#\xc3\xa4", NULL), 0);
	assert_string_equal(out.data, "/s/a%20b%25%3F%23%C3%A4");
	assert_int_equal(url(router, &out, "n", "n", "42", NULL), 0);
	assert_string_equal(out.data, "/n/42");
	assert_int_equal(url(router, &out, "t", "rest", "a/b c", NULL), 0);
	assert_string_equal(out.data, "/t/a/b%20c");
	assert_int_equal(url(router, &out, "m", "c", "3", "b", "2", "a", "1", NULL), 0);
	assert_string_equal(out.data, "/m/1-2.3");
	assert_int_equal(url(router, &out, "quoted", "x", "y", NULL), 0);
	assert_string_equal(out.data, "/%C3%A4%20b/y");
	assert_int_equal(url(router, &out, "s", "x", "a/b", NULL), 0);
	assert_string_equal(out.data, "/s/a%2Fb");
	assert_int_equal(url(router, &out, "m", "a", "/", "b", "x/y/", "c", "z", NULL), 0);
	assert_string_equal(out.data, "/m/%2F-x%2Fy%2F.z");
	assert_int_equal(url(router, &out, "r", "p", "x/y", "f", "z", NULL), 0);
	assert_string_equal(out.data, "/r/x/y/z");
	assert_int_equal(url(router, &out, "r", "p", "x/y", "f", "a/b", NULL), 0);
	assert_string_equal(out.data, "/r/x/y/a%2Fb");
	assert_int_equal(url(router, &out, "s", "x", "...", NULL), 0);
	assert_string_equal(out.data, "/s/...");
	assert_int_equal(url(router, &out, "m", "a", ".", "b", ".", "c", ".", NULL), 0);
	assert_string_equal(out.data, "/m/.-...");
	vane__buf_fini(&out);
	vane__router_free(router);
}

static void an_address_that_would_not_lead_back_is_refused(void **state)
{
	struct vane__router *router = make();
	struct buf out = { 0 };

	assert_int_equal(url(router, &out, "nobody", NULL), -ENOENT);
	assert_int_equal(url(router, &out, "s", NULL), -EINVAL);
	assert_int_equal(url(router, &out, "s", "y", "1", NULL), -EINVAL);
	assert_int_equal(url(router, &out, "s", "x", "", NULL), -EINVAL);
	assert_int_equal(url(router, &out, "n", "n", "4x", NULL), -EINVAL);
	assert_int_equal(url(router, &out, "n", "n", "4/2", NULL), -EINVAL);
	assert_int_equal(
		url(router, &out, "m", "a", "x-y", "b", "z", "c", "1", NULL), -EINVAL);
	assert_int_equal(url(router, &out, "s", "x", ".", NULL), -EINVAL);
	assert_int_equal(url(router, &out, "s", "x", "..", NULL), -EINVAL);
	assert_int_equal(url(router, &out, "s", "x", "a/../b", NULL), -EINVAL);
	assert_int_equal(url(router, &out, "t", "rest", "../b", NULL), -EINVAL);
	assert_int_equal(url(router, &out, "t", "rest", "a/.", NULL), -EINVAL);
	vane__buf_fini(&out);
	vane__router_free(router);
}

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	snprintf(data, 200, "%s", line);
}

static void a_bad_route_is_named_in_the_log(void **state)
{
	static const struct vane_route bad[] = { { "/ok", &handler }, { "/{", &handler },
		{ 0 } };
	static const struct vane_route lost[] = { { "/lost", NULL }, { 0 } };
	static const struct vane_route twice[] = { { "/one", &handler, .name = "n" },
		{ "/two", &handler, .name = "n" }, { 0 } };
	struct vane__router *router;
	char line[200] = "";

	vane_log_set_function(keep_line, line);
	assert_int_equal(vane__router_new(&router, bad), -EINVAL);
	assert_non_null(strstr(line, "/{"));
	assert_int_equal(vane__router_new(&router, lost), -EINVAL);
	assert_non_null(strstr(line, "/lost"));
	assert_int_equal(vane__router_new(&router, twice), -EINVAL);
	assert_string_equal(line, "route /two: another one before it has the name n");
	vane_log_set_function(NULL, NULL);
}

/* The next one would let in what it keeps out. */
static void a_route_that_gives_up_is_an_error_and_not_the_next_one(void **state)
{
	struct vane__router *router = make();
	struct vane__route *route = NULL;
	struct vane__pairs args = { 0 };
	struct arena arena = { 0 };
	char path[80] = "/e/";

	memset(path + 3, 'a', 60);
	path[63] = '!';
	assert_int_equal(
		vane__router_match(router, vane__slice(path), &arena, &args, &route),
		-ELOOP);
	assert_string_equal(route->name, "e");
	vane__arena_fini(&arena);
	vane__router_free(router);
}

static void routes_that_nothing_can_reach_are_known(void **state)
{
	static const struct vane_route table[] = { { "/{x}", &handler }, { "/b", &handler },
		{ "/s/{x}", &handler }, { "/s/../t", &handler }, { "/s/{x}/..", &handler },
		{ "/s/..{x}", &handler }, { "/s/{y}", &handler }, { 0 } };
	static const char *const before[] = { NULL, "/{x}", NULL, "", "", "/s/{x}",
		"/s/{x}" };
	struct vane__router *router;
	const struct vane__route *found;
	size_t i;

	assert_int_equal(vane__router_new(&router, table), 0);
	for (i = 0; i < ARRAY_SIZE(before); i++) {
		assert_int_equal(
			vane__router_reachable(router, i, &found), before[i] == NULL);
		if (before[i] != NULL)
			assert_string_equal(found != NULL ? found->pattern : "", before[i]);
	}
	vane__router_free(router);
}

static void drop_line(enum vane_log_level level, const char *line, void *data)
{
}

static int answer(struct vane_request *req, struct vane_response *res)
{
	return 0;
}

/* How many allocations there are, each of which has failed. */
static long fail_each_allocation(const struct vane_route *table)
{
	struct vane__router *router;
	int rc = -ENOMEM;
	long n;

	for (n = 0; rc < 0; n++) {
		router = NULL;
		alloc_fail_after(n);
		rc = vane__router_new(&router, table);
		alloc_fail_never();
		assert_true(rc == 0 || rc == -ENOMEM);
		if (rc == 0)
			vane__router_free(router);
	}
	return n;
}

static void a_router_survives_any_failed_allocation(void **state)
{
	static const struct vane_filter_type type = { 0 };
	static const struct vane_filter filters[] = { VANE_FILTER(&type, NULL),
		VANE_FILTER_END };
	static const struct vane_route inner[] = { VANE_GET("/x", answer),
		VANE_POST("/x", answer), VANE_GET("/{y}", answer), VANE_END };
	static const struct vane_route groups[] = { VANE_GROUP("/a/{b}", filters, inner),
		VANE_GROUP("/c", filters, inner), VANE_END };

	vane_log_set_function(drop_line, NULL);
	assert_true(fail_each_allocation(routes) > 10);
	assert_true(fail_each_allocation(groups) > 10);
	vane_log_set_function(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_match_wins),
		cmocka_unit_test(routes_are_counted),
		cmocka_unit_test(a_route_has_an_address),
		cmocka_unit_test(an_address_that_would_not_lead_back_is_refused),
		cmocka_unit_test(a_bad_route_is_named_in_the_log),
		cmocka_unit_test(a_route_that_gives_up_is_an_error_and_not_the_next_one),
		cmocka_unit_test(routes_that_nothing_can_reach_are_known),
		cmocka_unit_test(a_router_survives_any_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
