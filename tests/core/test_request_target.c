/* SPDX-License-Identifier: MIT */
/*
 * test_request_target.c - lib/core/request_target.c: the target, the host, the mount
 */
#include "test.h"

#include <string.h>

#include <vane.h>
#include <vane/driver.h>

#include "base.h"
#include "support/front.h"
#include "support/probe.h"

#define TAIL "|http||127.0.0.1|0"

static void targets_are_understood(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *body;
	} rows[] = {
		{ "/", 200, "GET /||/|-" TAIL },
		{ "/a%20b", 200, "GET /a%20b||/a b|-" TAIL },
		{ "/a%2fb%2Fc", 200, "GET /a%2fb%2Fc||/a/b/c|-" TAIL },
		{ "/a+b;c=d", 200, "GET /a+b;c=d||/a+b;c=d|-" TAIL },
		{ "/a//b/../c/.", 200, "GET /a//b/../c/.||/a//c/|-" TAIL },
		{ "/a/%2e%2E/b?/../", 200, "GET /a/%2e%2E/b?/../||/b|/../" TAIL },
		{ "/a/..%2fb", 200, "GET /a/..%2fb||/b|-" TAIL },
		{ "/a%2fb/../c", 200, "GET /a%2fb/../c||/a/c|-" TAIL },
		{ "/a/%252e%252e/b", 200, "GET /a/%252e%252e/b||/a/%2e%2e/b|-" TAIL },
		{ "/..", 400, NULL },
		{ "/a/%2e%2e/../b", 400, NULL },
		{ "/a//../b", 400, NULL },
		{ "/%25%32%35", 200, "GET /%25%32%35||/%25|-" TAIL },
		{ "/\xc3\xa4%C3%A4", 200, "GET /\xc3\xa4%C3%A4||/\xc3\xa4\xc3\xa4|-" TAIL },
		{ "/a?b=c?d", 200, "GET /a?b=c?d||/a|b=c?d" TAIL },
		{ "/a?", 200, "GET /a?||/a|" TAIL },
		{ "/a?%", 200, "GET /a?%||/a|%" TAIL },
		{ "/%", 400, NULL },
		{ "/%0", 400, NULL },
		{ "/%zz", 400, NULL },
		{ "/%00", 400, NULL },
		{ "a", 400, NULL },
		{ "", 400, NULL },
		{ "/a#b", 400, NULL },
		{ "/a b", 400, NULL },
		{ "?a", 400, NULL },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &front_describer, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(probe_get(&probe, rows[i].target), rows[i].status);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
	}
	probe_fini(&probe);
}

static int answer_route(struct vane_request *req, struct vane_response *res)
{
	const char *a = vane_request_path_arg(req, "a");

	return vane_response_printf(res, "%s %s %s", vane_request_route(req),
		a != NULL ? a : "-", vane_request_path(req));
}

static void an_encoded_slash_is_no_border_of_segments(void **state)
{
	static const struct vane_handler handler = { .get = answer_route };
	static const struct vane_route routes[] = { { "/a/b", &handler },
		{ "/{a}", &handler }, { "/x/{a:[^/]+}/y", &handler }, { 0 } };
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	assert_int_equal(probe_get(&probe, "/a/b"), 200);
	assert_string_equal(probe.got.body, "/a/b - /a/b");
	assert_int_equal(probe_get(&probe, "/a%2Fb"), 200);
	assert_string_equal(probe.got.body, "/{a} a/b /a/b");
	assert_int_equal(probe_get(&probe, "/x/1%2F2/y"), 200);
	assert_string_equal(probe.got.body, "/x/{a:[^/]+}/y 1/2 /x/1/2/y");
	assert_int_equal(probe_get(&probe, "/x%2F1/y"), 404);
	probe_fini(&probe);
}

static void routes_see_paths_without_dot_segments(void **state)
{
	static const struct vane_handler handler = { .get = answer_route };
	static const struct vane_route routes[] = { { "/private/{a:.*}", &handler },
		{ "/{a}", &handler }, { 0 } };
	static const char *const targets[] = { "/private/../method",
		"/private/%2e%2e/method", "/private/.%2E/method", "/private/..%2fmethod",
		"/private%2F../method", "/private/x/../../method",
		"/private/x%2f../..%2fmethod", "/./method" };
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, NULL);
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		assert_int_equal(probe_get(&probe, targets[i]), 200);
		assert_string_equal(probe.got.body, "/{a} method /method");
	}
	assert_int_equal(probe_get(&probe, "/private/../../method"), 400);
	assert_non_null(strstr(probe.log, "the path climbs above the root"));
	assert_int_equal(probe_get(&probe, "/private//../method"), 400);
	assert_non_null(strstr(probe.log, "behind an empty segment"));
	assert_int_equal(probe_get(&probe, "/x/../private/./y"), 200);
	assert_string_equal(probe.got.body, "/private/{a:.*} y /private/y");
	probe_fini(&probe);
}

static void hosts_are_checked_and_in_lower_case(void **state)
{
	static const struct {
		const char *field;
		int status;
		const char *host;
	} rows[] = {
		{ "Host: Example.ORG", 200, "|example.org|" },
		{ "Host: Example.ORG:8888", 200, "|example.org:8888|" },
		{ "Host: [::1]:80", 200, "|[::1]:80|" },
		{ "Host:", 200, "|http||" },
		{ "Host: a b", 400, NULL },
		{ "Host: a/b", 400, NULL },
		{ "Host: u@h", 400, NULL },
		{ "Host: h:99999", 400, NULL },
		{ "Host: h:x", 400, NULL },
		{ "Host: a\\b", 400, NULL },
		{ "Host: [::1", 400, NULL },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &front_describer, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_test_request request = { .fields = FIELDS(rows[i].field) };
		int status = probe_run(&probe, &request);

		if (status != rows[i].status)
			print_error("%s: %d\n", rows[i].field, status);
		assert_int_equal(status, rows[i].status);
		if (rows[i].host != NULL)
			assert_non_null(strstr(probe.got.body, rows[i].host));
	}
	probe_fini(&probe);
}

static int name_server(struct vane_request *req, struct vane_response *res)
{
	assert_null(vane_request_loop(req));
	assert_false(vane_request_gone(req));
	vane_request_block(req); /* there is nobody else */
	return vane_response_printf(res, "%s %d %s", vane_request_server_name(req),
		vane_request_server_port(req), vane_request_version(req));
}

static void the_server_is_whom_the_client_asked(void **state)
{
	static const struct vane_handler handler = { .get = name_server };
	static const struct vane_app_opts opts = { .xheaders = true };
	static const struct {
		const char *host, *scheme, *body;
	} rows[] = {
		{ "Host: Example.ORG", "X-A: b", "example.org 80 HTTP/1.1" },
		{ "Host: Example.ORG", "X-Scheme: https", "example.org 443 HTTP/1.1" },
		{ "Host: h:8888", "X-Scheme: https", "h 8888 HTTP/1.1" },
		{ "Host: h:", "X-A: b", "h 80 HTTP/1.1" },
		{ "Host: [::1]:81", "X-A: b", "[::1] 81 HTTP/1.1" },
		{ "Host: [::1]", "X-A: b", "[::1] 80 HTTP/1.1" },
		{ "Host:", "X-A: b", " 80 HTTP/1.1" },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &handler, NULL, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_test_request request = { .fields = FIELDS(rows[i].host,
							     rows[i].scheme) };

		assert_int_equal(probe_run(&probe, &request), 200);
		assert_string_equal(probe.got.body, rows[i].body);
	}
	probe_fini(&probe);
}

static void a_fixed_mount_is_taken_off(void **state)
{
	static const struct vane_app_opts opts = { .mount = "/app" };
	static const struct {
		const char *target;
		int status;
		const char *body;
	} rows[] = {
		{ "/app", 200, "GET /app|/app|/|-" TAIL },
		{ "/app/", 200, "GET /app/|/app|/|-" TAIL },
		{ "/app/x?y", 200, "GET /app/x?y|/app|/x|y" TAIL },
		{ "/%61pp/x", 200, "GET /%61pp/x|/app|/x|-" TAIL },
		{ "/application", 404, NULL },
		{ "/x", 404, NULL },
		{ "/", 404, NULL },
		{ "/app%2Fx", 404, NULL },
		{ "/App/x", 404, NULL },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &front_describer, NULL, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(probe_get(&probe, rows[i].target), rows[i].status);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
	}
	probe_fini(&probe);
}

static void the_mount_of_a_front_is_believed_where_it_fits(void **state)
{
	static const struct vane_app_opts opts = { .mount_auto = true };
	static const struct {
		const char *target, *script_name, *path_info, *body;
	} rows[] = {
		{ "/app/x", "/app", "/x", "/app/x|/app|/x|" },
		{ "/app/", "/app", "/", "/app/|/app|/|" },
		{ "/cgi-bin/hello", "/cgi-bin/hello", "",
			"/cgi-bin/hello|/cgi-bin/hello|/|" },
		{ "/cgi-bin/hello", "/cgi-bin/hello", NULL,
			"/cgi-bin/hello|/cgi-bin/hello|/|" },
		{ "/", "/", "", "/||/|" },
		{ "/app/x/../m", "/app", "/m", "/app/x/../m|/app|/m|" },
		{ "/app/x/../m", "/app", "/x/../m", "/app/x/../m|/app|/m|" },
		{ "/app/x/..%2Fm", "/app", "/x/../m", "/app/x/..%2Fm|/app|/m|" },
		{ "/x/../app/m", "/app", "/m", "/x/../app/m|/app|/m|" },
		{ "/app/x", "", "/app/x", "/app/x||/app/x|" },
		{ "/app/x", "/other", "/x", "/app/x||/app/x|" },
		{ "/app/x", "/ap", "p/x", "/app/x||/app/x|" },
		{ "/a%20b/x", "/a b", "/x", "/a%20b/x|/a b|/x|" },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &front_describer, NULL, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_env env = { .target = front_slice(rows[i].target),
			.script_name = front_slice(rows[i].script_name),
			.path_info = front_slice(rows[i].path_info) };
		struct carried carried;

		front_ask(probe.app, &env, &carried);
		assert_int_equal(carried.status, 200);
		assert_memory_equal(carried.body + 4, rows[i].body, strlen(rows[i].body));
	}
	probe_fini(&probe);
}

static int link_get(struct vane_request *req, struct vane_response *res)
{
	char url[64];

	assert_true(vane_request_url(req, url, sizeof(url), "item", "x", "a/b", NULL) > 0);
	return vane_response_printf(res, "url %s", url);
}

static void a_url_has_the_mount_that_its_request_came_by(void **state)
{
	static const struct vane_handler link = { .get = link_get };
	static const struct vane_route routes[] = { { "/i/{x}", &link, .name = "item" },
		{ 0 } };
	static const struct vane_app_opts automatic = { .mount_auto = true },
					  fixed = { .mount = "/app" },
					  rewritten = { .path_from_pathinfo = true };
	static const struct {
		const struct vane_app_opts *opts;
		const char *target, *script_name, *path_info, *url;
	} rows[] = {
		{ &automatic, "/a%20b/i/1", "/a b", "/i/1", "url /a%20b/i/a%2Fb" },
		{ &automatic, "/i/1", "", "/i/1", "url /i/a%2Fb" },
		{ &fixed, "/app/i/1", NULL, NULL, "url /app/i/a%2Fb" },
		{ &rewritten, "/old", "/cgi", "/i/1", "url /cgi/i/a%2Fb" },
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_env env = { .target = front_slice(rows[i].target),
			.script_name = front_slice(rows[i].script_name),
			.path_info = front_slice(rows[i].path_info) };
		struct carried carried;

		probe_init_routes(&probe, routes, rows[i].opts);
		front_ask(probe.app, &env, &carried);
		assert_int_equal(carried.status, 200);
		assert_memory_equal(carried.body, rows[i].url, strlen(rows[i].url));
		probe_fini(&probe);
	}
}

static void a_front_that_rewrites_rules_by_path_info(void **state)
{
	static const struct vane_app_opts opts = { .path_from_pathinfo = true };
	static const struct {
		const char *path_info, *query, *script_name;
		int status;
		const char *body;
	} rows[] = {
		{ "/new/a b", "c=d", "/app", 200, "/old?x|/app|/new/a b|c=d|" },
		{ "/new", "", "/app/", 200, "/old?x|/app|/new|-|" },
		{ "", NULL, "", 200, "/old?x||/|-|" },
		{ "/private/../new", "", "", 200, "/old?x||/new|-|" },
		{ "/../new", "", "", 400, NULL },
		{ NULL, NULL, NULL, 200,
			"/old?x||/old|x|" }, /* no front: the target rules */
		{ "new", "", "", 400, NULL },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &front_describer, NULL, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_env env = { .target = front_slice("/old?x"),
			.script_name = front_slice(rows[i].script_name),
			.query = front_slice(rows[i].query),
			.path_info = front_slice(rows[i].path_info) };
		struct carried carried;

		front_ask(probe.app, &env, &carried);
		assert_int_equal(carried.status, rows[i].status);
		if (rows[i].body != NULL)
			assert_memory_equal(
				carried.body + 4, rows[i].body, strlen(rows[i].body));
	}
	probe_fini(&probe);
}

static void without_a_host_the_server_has_a_name(void **state)
{
	static const struct {
		const char *host, *name;
		int port;
		bool https;
		const char *expected;
	} rows[] = {
		{ "H:1", "n", 2, false, "|http|h:1|" },
		{ NULL, "Name", 80, false, "|http|name|" },
		{ NULL, "name", 443, true, "|https|name|" },
		{ NULL, "name", 443, false, "|http|name:443|" },
		{ NULL, "name", 0, false, "|http|name|" },
		{ "", "name", 8080, true, "|https|name:8080|" },
		{ NULL, NULL, 8080, false, "|http||" },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &front_describer, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_env env = { .target = front_slice("/"),
			.host = front_slice(rows[i].host),
			.server_name = front_slice(rows[i].name),
			.server_port = rows[i].port,
			.https = rows[i].https };
		struct carried carried;

		front_ask(probe.app, &env, &carried);
		assert_non_null(strstr(carried.body, rows[i].expected));
	}
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_understood),
		cmocka_unit_test(an_encoded_slash_is_no_border_of_segments),
		cmocka_unit_test(routes_see_paths_without_dot_segments),
		cmocka_unit_test(hosts_are_checked_and_in_lower_case),
		cmocka_unit_test(the_server_is_whom_the_client_asked),
		cmocka_unit_test(a_fixed_mount_is_taken_off),
		cmocka_unit_test(the_mount_of_a_front_is_believed_where_it_fits),
		cmocka_unit_test(a_url_has_the_mount_that_its_request_came_by),
		cmocka_unit_test(a_front_that_rewrites_rules_by_path_info),
		cmocka_unit_test(without_a_host_the_server_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
