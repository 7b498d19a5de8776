/* SPDX-License-Identifier: MIT */
/*
 * test_group.c - lib/core/route_build.c: routes that are functions, and groups of routes
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

static int say(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%s %s %s", vane_request_method(req),
		vane_request_route(req), (const char *) vane_request_data(req));
}

static int name(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "name %s", vane_request_arg_or(req, "name", "-"));
}

static int link_to(struct vane_request *req, struct vane_response *res)
{
	char url[64];
	int rc = vane_request_url(
		req, url, sizeof(url), "page", "user", "ada", "page", "7", NULL);

	return rc < 0 ? rc : vane_response_puts(res, url);
}

static char one[] = "one", two[] = "two", three[] = "three";

static const struct vane_handler handler = { .get = say };

static const struct vane_route pages[] = { VANE_GET("", say, one),
	VANE_GET("/{page:[0-9]+}", say, two, "page"), VANE_END };
static const struct vane_route users[] = { VANE_GROUP("/pages", NULL, pages),
	VANE_GET("/link", link_to), VANE_END };
static const struct vane_route routes[] = {
	VANE_GET("/", name),
	VANE_GET("/hello/{name}", name),
	VANE_GET("/both", say, one),
	VANE_POST("/both", say, two),
	VANE_GROUP("/user/{user}", NULL, users),
	VANE_ANY("/rest", say, one),
	VANE_DELETE("/rest", say, two),
	VANE_PUT("/late", say, one),
	VANE_ROUTE("/table", &handler, three),
	VANE_PATCH("/late", say, two),
	VANE_END,
};

static void an_endpoint_is_one_function_and_one_line(void **state)
{
	static const struct {
		const char *method, *target;
		int status;
		const char *body, *allow; /* NULL: not looked at */
	} rows[] = {
		{ "GET", "/", 200, "name -", NULL },
		{ "GET", "/hello/Ada", 200, "name Ada", NULL },
		{ "HEAD", "/hello/Ada", 200, "", NULL },
		{ "POST", "/", 405, NULL, "GET, HEAD, OPTIONS" },
		{ "GET", "/table", 200, "GET /table three", NULL },
		/* several of one pattern are one handler */
		{ "GET", "/both", 200, "GET /both one", NULL },
		{ "POST", "/both", 200, "POST /both two", NULL },
		{ "HEAD", "/both", 200, "", NULL },
		{ "PUT", "/both", 405, NULL, "GET, HEAD, POST, OPTIONS" },
		{ "OPTIONS", "/both", 204, "", "GET, HEAD, POST, OPTIONS" },
		{ "PUT", "/late", 200, "PUT /late one", NULL },
		{ "PATCH", "/late", 200, "PATCH /late two", NULL },
		{ "GET", "/rest", 200, "GET /rest one", NULL },
		{ "PROPFIND", "/rest", 200, "PROPFIND /rest one", NULL },
		{ "DELETE", "/rest", 200, "DELETE /rest two", NULL },
		/* below a prefix */
		{ "GET", "/user/ada/pages", 200, "GET /user/{user}/pages one", NULL },
		{ "GET", "/user/ada/pages/7", 200,
			"GET /user/{user}/pages/{page:[0-9]+} two", NULL },
		{ "GET", "/user/ada/pages/x", 404, NULL, NULL },
		{ "GET", "/user/ada/link", 200, "/user/ada/pages/7", NULL },
	};
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(probe_method(&probe, rows[i].method, rows[i].target),
			rows[i].status);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		if (rows[i].allow != NULL)
			assert_string_equal(probe_field(&probe, "Allow"), rows[i].allow);
	}
	assert_int_equal(vane_app_each_unreachable(probe.app, NULL, NULL), 0);
	assert_int_equal(vane_app_route_count(probe.app), 12);
	probe_fini(&probe);
}

static int say_in_head(struct vane_request *req, struct vane_response *res)
{
	return vane_response_set_field(res, "X-Data", vane_request_data(req));
}

/* That of GET would do for it as well, and stands before it. */
static void a_function_for_head_has_its_own_data(void **state)
{
	static const struct vane_route some[] = { VANE_GET("/", say_in_head, one),
		{ "/", .method = "HEAD", .fn = say_in_head, .data = two }, VANE_END };
	struct probe probe;

	probe_init_routes(&probe, some, NULL);
	probe_get(&probe, "/");
	assert_string_equal(probe_field(&probe, "X-Data"), "one");
	probe_method(&probe, "HEAD", "/");
	assert_string_equal(probe_field(&probe, "X-Data"), "two");
	probe_fini(&probe);
}

static char lines[1024];

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	snprintf(lines, sizeof(lines), "%s", line);
}

static const struct vane_route endless[] = { VANE_GROUP("/again", NULL, endless),
	VANE_END };

static void a_table_that_cannot_be_meant_is_refused_by_name(void **state)
{
	static const struct vane_route fine[] = { VANE_GET("/x", say), VANE_END };
	static const struct vane_route twice[] = { VANE_GET("/x", say),
		VANE_GET("/x", name), VANE_END };
	static const struct {
		struct vane_route routes[3];
		const char *line;
	} rows[] = {
		{ { { "/x", NULL, .fn = say, .method = "BREW" } },
			"route /x: its method is none that can be routed" },
		{ { { "/x", &handler, .fn = say } },
			"route /x: it has a handler and a function" },
		{ { { "/x" } }, "route /x: it has no handler" },
		{ { VANE_GROUP("/g/", NULL, fine) },
			"route /g/: the prefix of a group begins with / and does not end with "
			"it" },
		{ { VANE_GROUP("g", NULL, fine) },
			"route g: the prefix of a group begins with / and does not end with it" },
		{ { VANE_GROUP("/g", NULL, twice) },
			"route /g/x: a method is there twice" },
		{ { VANE_GROUP("/g", NULL, endless) },
			"route /again: groups of groups go no deeper" },
		{ { { "/g", &handler, .routes = fine } },
			"route /g: a group has no handler of its own" },
		{ { VANE_GROUP("/g{", NULL, fine) }, "route /g{/x: " },
	};
	size_t i;

	vane_log_set_function(keep_line, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_app *app = NULL;

		lines[0] = '\0';
		assert_int_equal(vane_app_new(&app, rows[i].routes, NULL), -EINVAL);
		assert_memory_equal(lines, rows[i].line, strlen(rows[i].line));
	}
	vane_log_set_function(NULL, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_endpoint_is_one_function_and_one_line),
		cmocka_unit_test(a_function_for_head_has_its_own_data),
		cmocka_unit_test(a_table_that_cannot_be_meant_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
