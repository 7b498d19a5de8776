/* SPDX-License-Identifier: MIT */
/*
 * test_meta.c - lib/wire/meta.c
 */
#include "test.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

#include "meta.h"
#include "slice.h"
#include "support/alloc.h"

#define VARS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static int understand(struct vane_env *env, struct arena *arena, const char *const *vars)
{
	size_t count;
	struct vane_field *params =
		vane__meta_split(arena, (char *const *) (uintptr_t) vars, &count);

	return params != NULL ? vane__meta_env(env, arena, params, count) : -ENOMEM;
}

static const char *text(struct vane_slice s)
{
	static char buf[256];

	if (s.data == NULL)
		return "(none)";
	assert_true(s.len < sizeof(buf));
	memcpy(buf, s.data, s.len);
	buf[s.len] = '\0';
	return buf;
}

/* The fields, "name: value|" each, in the order in which they come. */
static void expect_fields(const struct vane_env *env, const char *expected)
{
	char all[512] = "";
	size_t i;

	for (i = 0; i < env->field_count; i++) {
		const struct vane_field *field = &env->fields[i];

		assert_int_equal(field->name.data[field->name.len], '\0');
		assert_int_equal(field->value.data[field->value.len], '\0');
		strcat(strcat(all, field->name.data), ": ");
		strcat(strcat(all, field->value.data), "|");
	}
	assert_string_equal(all, expected);
}

static void fields_are_found_where_front_servers_put_them(void **state)
{
	static const struct {
		const char *vars[6], *fields;
	} rows[] = {
		{ { "HTTP_ACCEPT_LANGUAGE=fi" }, "accept-language: fi|" },
		{ { "HTTP_X=a=b" }, "x: a=b|" },
		{ { "HTTP_X=" }, "x: |" },
		{ { "HTTP_X= a\t" }, "x: a|" },
		{ { "HTTP_X=a", "HTTP_X=b" }, "x: a|x: b|" },
		{ { "HTTP_=a", "HTTP_X(Y)=b", "HTTP=c", "HTTPS_X=d" }, "" },
		{ { "CONTENT_TYPE=text/plain", "HTTP_CONTENT_TYPE=text/html" },
			"content-type: text/plain|" },
		{ { "CONTENT_TYPE=" }, "" },
		{ { "CONTENT_TYPE= \ttext/plain\t ", "CONTENT_LENGTH=\t5\t" },
			"content-type: text/plain|content-length: 5|" },
		{ { "HTTP_X=\ta\tb \t", "Authorization=\tBasic b\t" },
			"x: a\tb|authorization: Basic b|" },
		{ { "CONTENT_LENGTH=5", "HTTP_CONTENT_LENGTH=6" }, "content-length: 5|" },
		{ { "HTTP_PROXY=http://evil/", "HTTP_CONNECTION=close", "HTTP_KEEP_ALIVE=1",
			  "HTTP_TE=trailers", "HTTP_TRANSFER_ENCODING=chunked" },
			"" },
		{ { "HTTP_UPGRADE=websocket", "HTTP_EXPECT=100-continue",
			  "HTTP_TRAILER=x" },
			"" },
		{ { "HTTP_AUTHORIZATION=Basic a", "Authorization=Basic b",
			  "REDIRECT_HTTP_AUTHORIZATION=Basic c" },
			"authorization: Basic a|" },
		{ { "HTTP_AUTHORIZATION=", "Authorization=Basic b",
			  "REDIRECT_HTTP_AUTHORIZATION=Basic c" },
			"authorization: Basic b|" },
		{ { "REDIRECT_HTTP_AUTHORIZATION=Basic c" }, "authorization: Basic c|" },
		{ { "HTTP_HOST=Example.ORG:80" }, "host: Example.ORG:80|" },
		{ { "NONSENSE", "=x" }, "" },
	};
	struct arena arena = { 0 };
	struct vane_env env;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *vars[9] = { "REQUEST_METHOD=POST", "REQUEST_URI=/" };

		for (k = 0; k < 6 && rows[i].vars[k] != NULL; k++)
			vars[k + 2] = rows[i].vars[k];
		assert_int_equal(understand(&env, &arena, vars), 0);
		expect_fields(&env, rows[i].fields);
		vane__arena_reset(&arena);
	}
	vane__arena_fini(&arena);
}

static void targets_are_raw_or_rebuilt(void **state)
{
	static const struct {
		const char *vars[4], *target, *host;
	} rows[] = {
		{ { "REQUEST_URI=/a%2Fb//c?q=%20" }, "/a%2Fb//c?q=%20", "(none)" },
		{ { "REQUEST_URI=*" }, "*", "(none)" },
		{ { "REQUEST_URI=http://there:81/x?y", "HTTP_HOST=here" }, "/x?y",
			"there:81" },
		{ { "REQUEST_URI=http://there", "HTTP_HOST=here" }, "/", "there" },
		{ { "REQUEST_URI=http://there?y" }, "/?y", "there" },
		{ { "SCRIPT_NAME=/app", "PATH_INFO=/a b/\xc3\xa9%", "QUERY_STRING=x=1" },
			"/app/a%20b/%C3%A9%25?x=1", "(none)" },
		{ { "SCRIPT_NAME=/", "PATH_INFO=/x" }, "/x", "(none)" },
		{ { "REQUEST_URI=", "SCRIPT_NAME=/app", "QUERY_STRING=" }, "/app",
			"(none)" },
		{ { "SCRIPT_NAME=" }, "/", "(none)" },
		{ { "QUERY_STRING=a" }, "/?a", "(none)" },
	};
	struct arena arena = { 0 };
	struct vane_env env;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *vars[6] = { "REQUEST_METHOD=GET" };

		for (k = 0; k < 4 && rows[i].vars[k] != NULL; k++)
			vars[k + 1] = rows[i].vars[k];
		assert_int_equal(understand(&env, &arena, vars), 0);
		assert_string_equal(text(env.target), rows[i].target);
		assert_string_equal(text(env.host), rows[i].host);
		vane__arena_reset(&arena);
	}
	vane__arena_fini(&arena);
}

static void lengths_are_digits_or_unknown(void **state)
{
	static const struct {
		const char *method, *var;
		int rc;
		int64_t length;
		const char *fields;
	} rows[] = {
		{ "POST", "CONTENT_LENGTH=12", 0, 12, "content-length: 12|" },
		{ "POST", "CONTENT_LENGTH=0", 0, 0, "content-length: 0|" },
		/* Some say so of every request without a body. */
		{ "GET", "CONTENT_LENGTH=0", 0, 0, "" },
		{ "GET", "CONTENT_LENGTH=3", 0, 3, "content-length: 3|" },
		{ "POST", "CONTENT_LENGTH=", 0, -1, "" },
		{ "POST", "CONTENT_LENGTH=-1", 0, -1, "" },
		{ "POST", "CONTENT_LENGTH=+5", 0, -1, "" },
		{ "POST", "CONTENT_LENGTH=5x", 0, -1, "" },
		{ "POST", "OTHER=", 0, -1, "" },
		{ "POST", "CONTENT_LENGTH=99999999999999999999", 413, -1, "" },
	};
	struct arena arena = { 0 };
	struct vane_env env;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char method[32] = "REQUEST_METHOD=";

		strcat(method, rows[i].method);
		assert_int_equal(
			understand(&env, &arena, VARS(method, rows[i].var)), rows[i].rc);
		assert_int_equal(env.body_length, rows[i].length);
		expect_fields(&env, rows[i].fields);
		vane__arena_reset(&arena);
	}
	vane__arena_fini(&arena);
}

static void the_scheme_is_https_or_not(void **state)
{
	static const struct {
		const char *vars[2];
		bool https;
	} rows[] = {
		{ { "HTTPS=on", "X=" }, true },
		{ { "HTTPS=ON", "X=" }, true },
		{ { "HTTPS=1", "X=" }, true },
		{ { "HTTPS=", "REQUEST_SCHEME=https" }, true },
		{ { "HTTPS=off", "REQUEST_SCHEME=http" }, false },
		{ { "HTTPS=onwards", "X=" }, false },
		{ { "SERVER_PORT=443", "X=" }, false },
		/* The client's word is not the front server's. */
		{ { "HTTP_X_FORWARDED_PROTO=https", "HTTP_HTTPS=on" }, false },
	};
	struct arena arena = { 0 };
	struct vane_env env;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		understand(&env, &arena,
			VARS("REQUEST_METHOD=GET", rows[i].vars[0], rows[i].vars[1]));
		assert_int_equal(env.https, rows[i].https);
		vane__arena_reset(&arena);
	}
	vane__arena_fini(&arena);
}

static void client_and_server_are_taken_over(void **state)
{
	struct arena arena = { 0 };
	struct vane_env env;

	assert_int_equal(
		understand(&env, &arena,
			VARS("REQUEST_METHOD=GET", "REMOTE_ADDR=10.0.0.1",
				"REMOTE_PORT=4711", "REMOTE_USER=ann", "SERVER_NAME=::1",
				"SERVER_PORT=8080", "SERVER_PROTOCOL=HTTP/1.0")),
		0);
	assert_string_equal(text(env.remote_addr), "10.0.0.1");
	assert_int_equal(env.remote_port, 4711);
	assert_string_equal(text(env.remote_user), "ann");
	assert_string_equal(text(env.server_name), "[::1]");
	assert_int_equal(env.server_port, 8080);
	assert_string_equal(env.version, "HTTP/1.0");
	assert_int_equal(understand(&env, &arena,
				 VARS("REQUEST_METHOD=GET", "REMOTE_ADDR=unix:",
					 "REMOTE_PORT=", "REMOTE_USER=", "SERVER_NAME=_",
					 "SERVER_PORT=70000", "SERVER_PROTOCOL=INCLUDED")),
		0);
	assert_string_equal(text(env.remote_addr), "");
	assert_int_equal(env.peer->sa_family, AF_UNIX);
	assert_int_equal(env.remote_port, 0);
	assert_null(env.remote_user.data);
	assert_null(env.server_name.data);
	assert_int_equal(env.server_port, 0);
	assert_string_equal(env.version, "HTTP/1.1");
	/* No address is not a unix socket. */
	assert_int_equal(
		understand(&env, &arena, VARS("REQUEST_METHOD=GET", "REMOTE_ADDR=")), 0);
	assert_string_equal(text(env.remote_addr), "");
	assert_null(env.peer);
	vane__arena_fini(&arena);
}

static void all_variables_but_the_proxy_are_parameters(void **state)
{
	struct arena arena = { 0 };
	struct vane_env env;
	size_t i;

	assert_int_equal(understand(&env, &arena,
				 VARS("REQUEST_METHOD=GET", "HTTP_PROXY=p", "ODD",
					 "Http_Proxy=p", "SSL_CIPHER=a=b", "EMPTY=")),
		0);
	assert_int_equal(env.param_count, 3);
	assert_string_equal(text(env.params[1].name), "SSL_CIPHER");
	assert_string_equal(text(env.params[1].value), "a=b");
	for (i = 0; i < env.param_count; i++) {
		assert_int_equal(env.params[i].name.data[env.params[i].name.len], '\0');
		assert_int_equal(env.params[i].value.data[env.params[i].value.len], '\0');
	}
	vane__arena_fini(&arena);
}

static void the_last_of_two_counts_also_if_it_is_empty(void **state)
{
	struct arena arena = { 0 };
	struct vane_env env;

	assert_int_equal(
		understand(&env, &arena,
			VARS("REQUEST_METHOD=GET", "SCRIPT_NAME=/default",
				"REMOTE_USER=client", "HTTPS=on", "SCRIPT_NAME=/configured",
				"REMOTE_USER=", "HTTPS=")),
		0);
	assert_string_equal(text(env.script_name), "/configured");
	assert_null(env.remote_user.data);
	assert_false(env.https);
	vane__arena_fini(&arena);
}

static void a_version_is_one_or_that_of_vane(void **state)
{
	static const struct {
		const char *var, *version;
	} rows[] = {
		{ "SERVER_PROTOCOL=HTTP/1.0", "HTTP/1.0" },
		{ "SERVER_PROTOCOL=HTTP/2.0", "HTTP/2.0" },
		{ "SERVER_PROTOCOL=HTTP/3", "HTTP/3" },
		{ "SERVER_PROTOCOL=HTTP/", "HTTP/1.1" },
		{ "SERVER_PROTOCOL=HTTP/1.", "HTTP/1.1" },
		{ "SERVER_PROTOCOL=HTTP/1.1\" 200 5\n6.6.6.6", "HTTP/1.1" },
	};
	struct arena arena = { 0 };
	struct vane_env env;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(
			understand(&env, &arena, VARS("REQUEST_METHOD=GET", rows[i].var)),
			0);
		assert_string_equal(env.version, rows[i].version);
		vane__arena_reset(&arena);
	}
	vane__arena_fini(&arena);
}

static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *vars[3];
		int rc;
	} rows[] = {
		{ { "X=", "REQUEST_URI=/", "Y=" }, 400 },
		{ { "REQUEST_METHOD=", "REQUEST_URI=/", "Y=" }, 400 },
		{ { "REQUEST_METHOD=G T", "REQUEST_URI=/", "Y=" }, 400 },
		{ { "REQUEST_METHOD=GET", "REQUEST_URI=nonsense", "Y=" }, 400 },
		{ { "REQUEST_METHOD=GET", "REQUEST_URI=http://u@h/", "Y=" }, 400 },
		{ { "REQUEST_METHOD=GET", "HTTP_X=a\r\nb: c", "Y=" }, 400 },
		{ { "REQUEST_METHOD=GET", "HTTP_HOST=a", "HTTP_HOST=b" }, 400 },
		{ { "REQUEST_METHOD=POST", "CONTENT_LENGTH=1", "CONTENT_LENGTH=2" }, 400 },
		{ { "REQUEST_METHOD=POST", "CONTENT_LENGTH=1", "CONTENT_LENGTH=1" }, 0 },
	};
	struct arena arena = { 0 };
	struct vane_env env;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(
			understand(&env, &arena,
				VARS(rows[i].vars[0], rows[i].vars[1], rows[i].vars[2])),
			rows[i].rc);
		/* Enough is understood to answer with. */
		assert_non_null(env.method.data);
		assert_non_null(env.version);
		vane__arena_reset(&arena);
	}
	vane__arena_fini(&arena);
}

static void lack_of_memory_is_told(void **state)
{
	static char script[4000] = "SCRIPT_NAME=/", field[5000] = "HTTP_X=";
	int n, rc = -ENOMEM;

	memset(script + 13, 'x', sizeof(script) - 14);
	memset(field + 7, 'y', sizeof(field) - 9);
	field[sizeof(field) - 2] = ' ';
	for (n = 0; rc == -ENOMEM; n++) {
		struct arena arena = { 0 };
		struct vane_env env;

		assert_true(n < 20);
		alloc_fail_after(n);
		rc = understand(&env, &arena, VARS("REQUEST_METHOD=GET", script, field));
		alloc_fail_never();
		vane__arena_fini(&arena);
	}
	assert_int_equal(rc, 0);
	assert_true(n > 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_where_front_servers_put_them),
		cmocka_unit_test(targets_are_raw_or_rebuilt),
		cmocka_unit_test(lengths_are_digits_or_unknown),
		cmocka_unit_test(the_scheme_is_https_or_not),
		cmocka_unit_test(client_and_server_are_taken_over),
		cmocka_unit_test(all_variables_but_the_proxy_are_parameters),
		cmocka_unit_test(the_last_of_two_counts_also_if_it_is_empty),
		cmocka_unit_test(a_version_is_one_or_that_of_vane),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(lack_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
