/* SPDX-License-Identifier: MIT */
/*
 * test_request.c - lib/core/request.c: the target, the host, the mount, the fields, the client
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane.h>
#include <vane/driver.h>

#include "base.h"
#include "support/probe.h"

/* What a request says of itself, in one line. */
static int describe(struct vane_request *req, struct vane_response *res)
{
	const char *query = vane_request_query(req);

	return vane_response_printf(res, "%s %s|%s|%s|%s|%s|%s|%s|%d",
		vane_request_method(req), vane_request_target(req), vane_request_mount(req),
		vane_request_path(req), query != NULL ? query : "-",
		vane_request_scheme(req), vane_request_host(req),
		vane_request_remote_addr(req), vane_request_remote_port(req));
}

static const struct vane_handler describer = { .get = describe, .del = describe };

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

	probe_init(&probe, &describer, NULL, NULL);
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

	probe_init(&probe, &describer, NULL, NULL);
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

	probe_init(&probe, &describer, NULL, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(probe_get(&probe, rows[i].target), rows[i].status);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
	}
	probe_fini(&probe);
}

/* A driver of its own, to give an env that the test client cannot: one from a front server. */
struct carried {
	int status, ended;
	char body[256];
};

static ssize_t no_read(void *carrier, void *buf, size_t size)
{
	return 0;
}

static int keep_head(void *carrier, const struct vane_head *head)
{
	struct carried *carried = carrier;

	carried->status = head->status;
	return 0;
}

static ssize_t keep_body(void *carrier, const struct vane_slice *piece)
{
	struct carried *carried = carrier;

	strncat(carried->body, piece->data, piece->len);
	return (ssize_t) piece->len;
}

static int no_flush(void *carrier)
{
	return 0;
}

static void note_end(void *carrier, int rc)
{
	struct carried *carried = carrier;

	carried->ended++;
}

static const struct vane_driver front_driver = { .mode = "front",
	.read = no_read,
	.begin = keep_head,
	.write = keep_body,
	.flush = no_flush,
	.end = note_end };

static struct vane_slice slice(const char *text)
{
	return (struct vane_slice) { text, text != NULL ? strlen(text) : 0 };
}

static void ask_front(struct vane_app *app, struct vane_env *env, struct carried *carried)
{
	struct vane_exchange *x;

	*carried = (struct carried) { .status = 0 };
	env->method = slice("GET");
	assert_int_equal(vane_exchange_new(&x, app, NULL), 0);
	*vane_exchange_env(x) = *env;
	vane_exchange_start(x, &front_driver, carried);
	assert_int_equal(carried->ended, 1);
	vane_exchange_free(x);
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

	probe_init(&probe, &describer, NULL, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_env env = { .target = slice(rows[i].target),
			.script_name = slice(rows[i].script_name),
			.path_info = slice(rows[i].path_info) };
		struct carried carried;

		ask_front(probe.app, &env, &carried);
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
		struct vane_env env = { .target = slice(rows[i].target),
			.script_name = slice(rows[i].script_name),
			.path_info = slice(rows[i].path_info) };
		struct carried carried;

		probe_init_routes(&probe, routes, rows[i].opts);
		ask_front(probe.app, &env, &carried);
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

	probe_init(&probe, &describer, NULL, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_env env = { .target = slice("/old?x"),
			.script_name = slice(rows[i].script_name),
			.query = slice(rows[i].query),
			.path_info = slice(rows[i].path_info) };
		struct carried carried;

		ask_front(probe.app, &env, &carried);
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

	probe_init(&probe, &describer, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_env env = { .target = slice("/"),
			.host = slice(rows[i].host),
			.server_name = slice(rows[i].name),
			.server_port = rows[i].port,
			.https = rows[i].https };
		struct carried carried;

		ask_front(probe.app, &env, &carried);
		assert_non_null(strstr(carried.body, rows[i].expected));
	}
	probe_fini(&probe);
}

/* N-01: what a trusted peer says of its client. */
static const struct {
	const char *peer, *fields[3], *end; /* scheme, host, address and port */
} forwarded[] = {
	{ "127.0.0.1", { NULL }, "|http||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Real-Ip: 1.2.3.4" }, "|http||1.2.3.4|0" },
	{ "127.0.0.1", { "X-Forwarded-For: 1.2.3.4, 5.6.7.8" }, "|http||5.6.7.8|0" },
	{ "127.0.0.1", { "X-Forwarded-For: 1.2.3.4, 127.0.0.1" }, "|http||1.2.3.4|0" },
	{ "127.0.0.1", { "X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 5.6.7.8" },
		"|http||5.6.7.8|0" },
	{ "127.0.0.1", { "X-Forwarded-For: 5.6.7.8", "X-Real-Ip: 1.2.3.4" },
		"|http||1.2.3.4|0" },
	{ "127.0.0.1", { "X-Real-Ip: 2001:db8::1" }, "|http||2001:db8::1|0" },
	{ "127.0.0.1", { "X-Real-Ip: nonsense" }, "|http||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Real-Ip: 1.2.3.4<script>" }, "|http||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Scheme: https" }, "|https||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Forwarded-Proto: https" }, "|https||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Scheme: http", "X-Forwarded-Proto: https" },
		"|http||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Scheme: gopher" }, "|http||127.0.0.1|0" },
	{ "", { "X-Real-Ip: 1.2.3.4" }, "|http||1.2.3.4|0" }, /* a unix socket */
	{ "::1", { "X-Real-Ip: 1.2.3.4" }, "|http||1.2.3.4|0" },
	{ "10.0.0.1", { "X-Real-Ip: 1.2.3.4", "X-Scheme: https" }, "|http||10.0.0.1|0" },
};

static void trusted_peers_speak_for_their_clients(void **state)
{
	static const struct vane_app_opts trusting = { .xheaders = true };
	struct probe probe;
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(forwarded); i++) {
		size_t k = i / 2;
		bool on = i % 2 == 0;
		struct vane_test_request request = { .remote_addr = forwarded[k].peer,
			.fields = FIELDS(forwarded[k].fields[0], forwarded[k].fields[1]) };
		char plain[64];
		const char *end = plain;

		snprintf(plain, sizeof(plain), "|http||%s|0", forwarded[k].peer);
		if (on)
			end = forwarded[k].end;
		probe_init(&probe, &describer, NULL, on ? &trusting : NULL);
		assert_int_equal(probe_run(&probe, &request), 200);
		assert_string_equal(probe.got.body + probe.got.body_len - strlen(end), end);
		/* and the next request knows nothing of it */
		assert_int_equal(probe_get(&probe, "/"), 200);
		assert_string_equal(probe.got.body, "GET /||/|-" TAIL);
		probe_fini(&probe);
	}
}

/* No address is not a unix socket, and nobody's word counts for it. */
static void a_peer_whose_address_is_not_known_is_not_believed(void **state)
{
	static const struct sockaddr on_unix_socket = { .sa_family = AF_UNIX };
	static const struct sockaddr unspecified = { .sa_family = AF_UNSPEC };
	static const struct vane_field fields[] = { { SLICE_INIT("x-real-ip"),
		SLICE_INIT("6.6.6.6") } };
	static const struct vane_app_opts opts[] = { { .xheaders = true },
		{ .xheaders = true, .trusted = "10.0.0.1" } };
	static const struct {
		const char *remote_addr;
		const struct sockaddr *peer;
		const char *end;
	} rows[] = {
		{ NULL, NULL, "|http|||0" },
		{ NULL, &unspecified, "|http|||0" },
		{ "", NULL, "|http|||0" },
		{ NULL, &on_unix_socket, "|http||6.6.6.6|0" },
		{ "", &on_unix_socket, "|http||6.6.6.6|0" },
	};
	struct probe probe;
	size_t i, k;

	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		struct vane_env env = {
			.target = slice("/"), .fields = fields, .field_count = 1
		};
		struct carried carried;

		k = i / 2;
		env.remote_addr = slice(rows[k].remote_addr);
		env.peer = rows[k].peer;
		probe_init(&probe, &describer, NULL, &opts[i % 2]);
		ask_front(probe.app, &env, &carried);
		assert_string_equal(
			carried.body + strlen(carried.body) - strlen(rows[k].end),
			rows[k].end);
		probe_fini(&probe);
	}
}

static int answer_fields(struct vane_request *req, struct vane_response *res)
{
	const char *name, *value, *joined = vane_request_field(req, "X-LIST");
	const char *cookie = vane_request_field(req, "cookie");
	size_t i;

	for (i = 0; vane_request_field_at(req, i, &name, &value); i++)
		vane_response_printf(res, "%s=%s\n", name, value);
	return vane_response_printf(res, "[%s][%s][%s]", joined != NULL ? joined : "-",
		cookie != NULL ? cookie : "-",
		vane_request_field(req, "x-none") == NULL ? "none" : "some");
}

static void repeated_fields_are_joined(void **state)
{
	static const struct vane_handler handler = { .get = answer_fields };
	struct vane_test_request request = { .fields = FIELDS("X-List: a", "Cookie: b=1",
						     "x-list:  c ", "COOKIE: d=2",
						     "X-LIST:") };
	struct vane_test_request hidden = {
		.fields = FIELDS("Connection: close", "TE: x", "Keep-Alive: 5",
			"Trailer: x", "Transfer-Encoding: chunked", "Upgrade: x",
			"Expect: 100-continue", "Proxy: http://evil/", "X_List: a")
	};
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_non_null(strstr(probe.got.body, "[a, c, ][b=1; d=2][none]"));
	assert_non_null(strstr(probe.got.body, "x-list=a\n"));
	assert_int_equal(probe_run(&probe, &hidden), 200);
	assert_string_equal(probe.got.body, "[-][-][none]");
	probe_fini(&probe);
}

static int answer_params(struct vane_request *req, struct vane_response *res)
{
	const char *foo = vane_request_param(req, "FOO");

	return vane_response_printf(res, "%s %s %s", foo != NULL ? foo : "-",
		vane_request_param(req, "foo") == NULL ? "exact" : "folded",
		vane_request_remote_user(req));
}

static void parameters_of_the_front_are_found_by_their_exact_names(void **state)
{
	static const struct vane_handler handler = { .get = answer_params };
	struct vane_test_request request = { .params = FIELDS("FOO=bar=baz",
						     "REMOTE_USER=ann", "EMPTY") };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_string_equal(probe.got.body, "bar=baz exact ann");
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "- exact ");
	probe_fini(&probe);
}

/* How many parameters there are, the last of them, and where the server is. */
static int answer_all_params(struct vane_request *req, struct vane_response *res)
{
	const char *name = "-", *value = "-";
	size_t count = 0;

	while (vane_request_param_at(req, count, &name, &value))
		count++;
	return vane_response_printf(
		res, "%zu %s=%s [%s]", count, name, value, vane_request_server_addr(req));
}

static void parameters_can_be_told_one_by_one(void **state)
{
	static const struct vane_handler handler = { .get = answer_all_params };
	struct vane_test_request request = {
		.params = FIELDS("A=1", "SERVER_ADDR=192.0.2.1", "A=2", "B=b=c")
	};
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_string_equal(probe.got.body, "4 B=b=c [192.0.2.1]");
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "0 -=- []");
	probe_fini(&probe);
}

static int answer_temp_file(struct vane_request *req, struct vane_response *res)
{
	int fd = vane_request_temp_file(req);
	struct stat st = { .st_nlink = 1 };

	if (fd < 0)
		return vane_response_printf(res, "%s", strerror(-fd));
	fstat(fd, &st);
	if (write(fd, "kept", 4) != 4)
		return -EIO;
	vane_response_printf(res, "%d links, ", (int) st.st_nlink);
	return vane_response_write_file(res, fd, 0, 4);
}

static void a_temporary_file_has_no_name(void **state)
{
	static const struct vane_handler handler = { .get = answer_temp_file };
	static const struct vane_app_opts nowhere = { .temp_dir = "/nowhere" };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "0 links, kept");
	probe_fini(&probe);
	probe_init(&probe, &handler, NULL, &nowhere);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, strerror(ENOENT));
	probe_fini(&probe);
}

static int answer_identity(struct vane_request *req, struct vane_response *res)
{
	const char *user = vane_request_param(req, "REMOTE_USER");

	return vane_response_printf(res, "%s|%s|%s", vane_request_remote_user(req),
		user != NULL ? user : "-",
		vane_request_param(req, "HTTP_PROXY") == NULL ? "hidden" : "shown");
}

static void of_two_parameters_the_last_counts_and_the_proxy_is_hidden(void **state)
{
	static const struct vane_handler handler = { .get = answer_identity };
	struct vane_test_request twice = { .params = FIELDS("REMOTE_USER=admin",
						   "HTTP_PROXY=http://evil/",
						   "REMOTE_USER=cert-user") };
	struct vane_test_request emptied = { .params = FIELDS(
						     "REMOTE_USER=admin", "REMOTE_USER=") };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &twice), 200);
	assert_string_equal(probe.got.body, "cert-user|cert-user|hidden");
	assert_int_equal(probe_run(&probe, &emptied), 200);
	assert_string_equal(probe.got.body, "||hidden");
	probe_fini(&probe);
}

/* Each call, and whether its capability is there: they must agree. */
static int never(struct vane_request *req, struct vane_response *res)
{
	return 0;
}

static int try_capabilities(struct vane_request *req, struct vane_response *res)
{
	int rc = vane_after(req, 1, never);

	vane_response_printf(res, "%s %d %s", vane_request_mode(req),
		vane_can(req, VANE_CAP_TIMERS) == (rc == 0), vane_last_error(req));
	if (!vane_can(req, VANE_CAP_ASYNC))
		return vane_defer(res); /* refused when the handler has returned */
	return 0;
}

static void capabilities_are_told_truly(void **state)
{
	static const struct vane_handler handler = { .get = try_capabilities };
	struct vane_env env = { .target = slice("/") };
	struct carried carried;
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "test 1 ");
	ask_front(probe.app, &env, &carried);
	assert_int_equal(carried.status, 500);
	assert_non_null(strstr(probe.log, "request did not finish synchronously: GET / "));
	assert_non_null(strstr(probe.log, "mode front"));
	probe_fini(&probe);
}

static int try_timer(struct vane_request *req, struct vane_response *res)
{
	int rc = vane_after(req, 1, never);

	return vane_response_printf(res, "%d %s", rc == -ENOTSUP, vane_last_error(req));
}

static void a_missing_capability_is_explained(void **state)
{
	static const struct vane_handler handler = { .get = try_timer };
	struct vane_env env = { .target = slice("/") };
	struct carried carried;
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	ask_front(probe.app, &env, &carried);
	assert_string_equal(carried.body,
		"1 timers are not available in front mode (route /{rest:.*})");
	probe_fini(&probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(trusted_peers_speak_for_their_clients),
		cmocka_unit_test(a_peer_whose_address_is_not_known_is_not_believed),
		cmocka_unit_test(repeated_fields_are_joined),
		cmocka_unit_test(parameters_of_the_front_are_found_by_their_exact_names),
		cmocka_unit_test(parameters_can_be_told_one_by_one),
		cmocka_unit_test(a_temporary_file_has_no_name),
		cmocka_unit_test(of_two_parameters_the_last_counts_and_the_proxy_is_hidden),
		cmocka_unit_test(capabilities_are_told_truly),
		cmocka_unit_test(a_missing_capability_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
