/* SPDX-License-Identifier: MIT */
/*
 * test_vars_request.c - gateway/vars_request.c, with requests of the test client
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <vane/request.h>

#include "gateway/vars_request.h"
#include "support/alloc.h"
#include "support/probe.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* What a handler was asked to say of its request, and what came of it. */
struct told {
	struct vane__location at;
	struct vane__vars vars;
	long fail_at; /* the allocation that fails, -1: none */
	int rc;
};

static int tell(struct vane_request *req, struct vane_response *res)
{
	struct told *told = vane_request_data(req);

	vane__vars_fini(&told->vars);
	if (told->fail_at >= 0)
		alloc_fail_once(told->fail_at);
	told->rc = vane__vars_request(
		&told->vars, req, &told->at, vane_request_body_length(req));
	alloc_fail_never();
	return 0;
}

static const struct vane_handler handler = { .any = tell, .max_body = 1024 };

struct desk {
	struct told told;
	struct probe probe;
};

static void begin(struct desk *desk, const struct vane__location *at)
{
	desk->told = (struct told) { .fail_at = -1 };
	desk->told.at = at != NULL ? *at : (struct vane__location) { .script_name = "" };
	probe_init(&desk->probe, &handler, &desk->told, NULL);
}

static void end(struct desk *desk)
{
	vane__vars_fini(&desk->told.vars);
	probe_fini(&desk->probe);
}

static void ask(struct desk *desk, const struct vane_test_request *request)
{
	assert_int_equal(probe_run(&desk->probe, request), 200);
	assert_int_equal(desk->told.rc, 0);
}

static void expect(struct desk *desk, const char *name, const char *value)
{
	const char *have = vane__vars_get(&desk->told.vars, name);

	if (value == NULL && have != NULL)
		fail_msg("%s is there: %s", name, have);
	if (value != NULL && have == NULL)
		fail_msg("%s is not there", name);
	if (value != NULL)
		assert_string_equal(have, value);
}

static void a_whole_request_is_told(void **state)
{
	const struct vane__location at = { "/app/a.php", "/x y", "/var/www/app/a.php",
		"/var/www" };
	const struct vane_test_request request = { .method = "POST",
		.target = "/app/a.php/x%20y?q=%41",
		.fields = FIELDS("Host: Example.ORG:8080", "Content-Type: text/plain",
			"Accept-Language: fi", "User-Agent: me"),
		.body = "hello",
		.body_len = 5,
		.remote_addr = "192.0.2.7" };
	struct desk desk;

	begin(&desk, &at);
	ask(&desk, &request);
	expect(&desk, "GATEWAY_INTERFACE", "CGI/1.1");
	expect(&desk, "SERVER_PROTOCOL", "HTTP/1.1");
	expect(&desk, "SERVER_SOFTWARE", "vane/" VANE_VERSION);
	expect(&desk, "SERVER_NAME", "example.org");
	expect(&desk, "SERVER_PORT", "8080");
	expect(&desk, "REQUEST_METHOD", "POST");
	expect(&desk, "REQUEST_URI", "/app/a.php/x%20y?q=%41");
	expect(&desk, "REQUEST_SCHEME", "http");
	expect(&desk, "HTTPS", NULL);
	expect(&desk, "REDIRECT_STATUS", "200");
	expect(&desk, "QUERY_STRING", "q=%41");
	expect(&desk, "SCRIPT_NAME", "/app/a.php");
	expect(&desk, "SCRIPT_FILENAME", "/var/www/app/a.php");
	expect(&desk, "PATH_INFO", "/x y");
	expect(&desk, "PATH_TRANSLATED", "/var/www/x y");
	expect(&desk, "DOCUMENT_ROOT", "/var/www");
	expect(&desk, "REMOTE_ADDR", "192.0.2.7");
	expect(&desk, "REMOTE_HOST", "192.0.2.7");
	expect(&desk, "REMOTE_USER", NULL);
	expect(&desk, "AUTH_TYPE", NULL);
	expect(&desk, "CONTENT_LENGTH", "5");
	expect(&desk, "CONTENT_TYPE", "text/plain");
	expect(&desk, "HTTP_HOST", "Example.ORG:8080");
	expect(&desk, "HTTP_ACCEPT_LANGUAGE", "fi");
	expect(&desk, "HTTP_USER_AGENT", "me");
	expect(&desk, "HTTP_CONTENT_TYPE", NULL);
	expect(&desk, "HTTP_CONTENT_LENGTH", NULL);
	end(&desk);
}

static void what_is_not_there_is_not_told(void **state)
{
	struct desk desk;

	begin(&desk, NULL);
	ask(&desk, &(struct vane_test_request) { .target = "/x", .remote_addr = "" });
	expect(&desk, "SCRIPT_NAME", "");
	expect(&desk, "QUERY_STRING", "");
	expect(&desk, "REQUEST_URI", "/x");
	expect(&desk, "REMOTE_ADDR", "");
	expect(&desk, "REMOTE_PORT", NULL);
	expect(&desk, "PATH_INFO", NULL);
	expect(&desk, "PATH_TRANSLATED", NULL);
	expect(&desk, "SCRIPT_FILENAME", NULL);
	expect(&desk, "DOCUMENT_ROOT", NULL);
	expect(&desk, "CONTENT_LENGTH", NULL);
	expect(&desk, "CONTENT_TYPE", NULL);
	ask(&desk, &(struct vane_test_request) { .target = "/x?" });
	expect(&desk, "QUERY_STRING", "");
	expect(&desk, "REQUEST_URI", "/x?");
	end(&desk);
}

static void of_two_users_the_last_is_told(void **state)
{
	struct desk desk;

	begin(&desk, NULL);
	ask(&desk, &(struct vane_test_request) {
			   .params = FIELDS("REMOTE_USER=admin", "AUTH_TYPE=Basic",
				   "REMOTE_USER=cert-user", "AUTH_TYPE=") });
	expect(&desk, "REMOTE_USER", "cert-user");
	expect(&desk, "AUTH_TYPE", NULL);
	end(&desk);
}

static void what_the_front_sets_for_the_script_is_handed_on(void **state)
{
	static const struct vane__location at = { "/git/x", NULL, NULL, NULL };
	struct desk desk;

	begin(&desk, &at);
	ask(&desk,
		&(struct vane_test_request) { .target = "/git/x",
			.fields = FIELDS("X-A: mine"),
			.params = FIELDS("GIT_PROJECT_ROOT=/old", "SSL_CLIENT_S_DN=CN=ann",
				"SERVER_ADDR=192.0.2.1", "GIT_PROJECT_ROOT=/srv/git",
				"DOCUMENT_ROOT=/var/www", "SCRIPT_NAME=/else",
				"SCRIPT_FILENAME=/bin/else", "PATH_INFO=/else",
				"PATH_TRANSLATED=/bin/else", "HTTPS=on", "CONTENT_LENGTH=7",
				"REQUEST_METHOD=BREW", "HTTP_X_A=theirs", "HTTP_X_B=theirs",
				"HTTP_PROXY=http://evil/", "FCGI_ROLE=RESPONDER") });
	expect(&desk, "GIT_PROJECT_ROOT", "/srv/git");
	expect(&desk, "SSL_CLIENT_S_DN", "CN=ann");
	expect(&desk, "SERVER_ADDR", "192.0.2.1");
	expect(&desk, "DOCUMENT_ROOT", "/var/www");
	/* What is ours to say, or not to say. */
	expect(&desk, "SCRIPT_NAME", "/git/x");
	expect(&desk, "SCRIPT_FILENAME", NULL);
	expect(&desk, "PATH_INFO", NULL);
	expect(&desk, "PATH_TRANSLATED", NULL);
	expect(&desk, "HTTPS", NULL);
	expect(&desk, "CONTENT_LENGTH", NULL);
	expect(&desk, "REQUEST_METHOD", "GET");
	expect(&desk, "HTTP_X_A", "mine");
	expect(&desk, "HTTP_X_B", NULL);
	expect(&desk, "HTTP_PROXY", NULL);
	expect(&desk, "FCGI_ROLE", NULL);
	end(&desk);
}

static void a_body_of_nothing_has_a_length(void **state)
{
	struct desk desk;

	begin(&desk, NULL);
	ask(&desk, &(struct vane_test_request) {
			   .method = "POST", .fields = FIELDS("Content-Length: 0") });
	expect(&desk, "CONTENT_LENGTH", "0");
	/* A body that was chunked has one once it has been collected. */
	ask(&desk,
		&(struct vane_test_request) {
			.method = "PUT", .body = "abc", .body_len = 3, .chunked = true });
	expect(&desk, "CONTENT_LENGTH", "3");
	end(&desk);
}

static void fields_become_variables(void **state)
{
	static const struct {
		const char *fields[4];
		const char *name, *value;
	} rows[] = {
		{ { "X-A-b: 1" }, "HTTP_X_A_B", "1" },
		{ { "X9: " }, "HTTP_X9", "" },
		{ { "X: 1", "Y: 2", "x: 3" }, "HTTP_X", "1, 3" },
		{ { "Cookie: a=1", "Cookie: b=2" }, "HTTP_COOKIE", "a=1; b=2" },
		{ { "Authorization: Basic x" }, "HTTP_AUTHORIZATION", "Basic x" },
		{ { "Proxy: http://evil/" }, "HTTP_PROXY", NULL },
		{ { "PROXY: http://evil/" }, "HTTP_PROXY", NULL },
		{ { "Proxy-Connection: x" }, "HTTP_PROXY_CONNECTION", NULL },
		{ { "X_A: 1" }, "HTTP_X_A", NULL },
		{ { "X.A: 1" }, "HTTP_X.A", NULL },
		{ { "X'A: 1" }, "HTTP_X'A", NULL },
		{ { "Connection: close" }, "HTTP_CONNECTION", NULL },
		{ { "TE: x" }, "HTTP_TE", NULL },
		{ { "Expect: 100-continue" }, "HTTP_EXPECT", NULL },
	};
	struct desk desk;
	size_t i;

	begin(&desk, NULL);
	for (i = 0; i < LENGTH(rows); i++) {
		ask(&desk, &(struct vane_test_request) { .fields = rows[i].fields });
		expect(&desk, rows[i].name, rows[i].value);
	}
	end(&desk);
}

static void no_name_comes_twice(void **state)
{
	struct vane_slice name, value;
	struct desk desk;
	size_t i, k;

	begin(&desk, NULL);
	ask(&desk, &(struct vane_test_request) {
			   .fields = FIELDS("A: 1", "B: 2", "a: 3", "Cookie: x=1",
				   "Cookie: y=2", "A: 4") });
	for (i = 0; vane__vars_at(&desk.told.vars, i, &name, &value); i++) {
		struct vane_slice other;

		for (k = 0; k < i; k++) {
			vane__vars_at(&desk.told.vars, k, &other, &value);
			assert_false(other.len == name.len &&
				     memcmp(other.data, name.data, name.len) == 0);
		}
	}
	expect(&desk, "HTTP_A", "1, 3, 4");
	end(&desk);
}

static void the_front_server_is_believed(void **state)
{
	struct desk desk;

	begin(&desk, NULL);
	ask(&desk, &(struct vane_test_request) {
			   .params = FIELDS("AUTH_TYPE=Basic", "OTHER=x") });
	expect(&desk, "AUTH_TYPE", "Basic");
	expect(&desk, "OTHER", "x");
	end(&desk);
}

static void https_is_told_as_it_is_everywhere(void **state)
{
	static const struct vane_app_opts trusting = { .xheaders = true };
	struct desk desk;

	desk.told = (struct told) { .fail_at = -1, .at.script_name = "" };
	probe_init(&desk.probe, &handler, &desk.told, &trusting);
	ask(&desk, &(struct vane_test_request) {
			   .fields = FIELDS("X-Scheme: https", "Host: there") });
	expect(&desk, "HTTPS", "on");
	expect(&desk, "REQUEST_SCHEME", "https");
	expect(&desk, "SERVER_PORT", "443");
	end(&desk);
}

/* Natively that is a target with a host of its own; two fields do it here. */
static void the_host_that_was_asked_counts(void **state)
{
	struct desk desk;

	begin(&desk, NULL);
	ask(&desk, &(struct vane_test_request) {
			   .fields = FIELDS("Host: here", "Host: There:81") });
	expect(&desk, "HTTP_HOST", "there:81");
	expect(&desk, "SERVER_NAME", "there");
	expect(&desk, "SERVER_PORT", "81");
	end(&desk);
}

static void nothing_is_translated_that_leads_out(void **state)
{
	static const struct {
		const char *root, *info, *translated;
	} rows[] = {
		{ "/www", "/a/b", "/www/a/b" },
		{ "/www", "/", "/www/" },
		{ "/www", "", NULL },
		{ NULL, "/a", NULL },
		{ "", "/a", "/a" },
		{ "/www", "/../etc/passwd", NULL },
		{ "/www", "/a/..", NULL },
		{ "/www", "/a/./b", NULL },
		{ "/www", "/.", NULL },
		{ "/www", "/..a/...", "/www/..a/..." },
		{ "/www", "//a//", "/www//a//" },
	};
	struct desk desk;
	size_t i;

	for (i = 0; i < LENGTH(rows); i++) {
		begin(&desk, &(const struct vane__location) { .script_name = "/s",
				     .path_info = rows[i].info,
				     .document_root = rows[i].root });
		ask(&desk, &(struct vane_test_request) { .target = "/s" });
		expect(&desk, "PATH_TRANSLATED", rows[i].translated);
		expect(&desk, "PATH_INFO", rows[i].info[0] != '\0' ? rows[i].info : NULL);
		if (rows[i].root != NULL)
			expect(&desk, "DOCUMENT_ROOT",
				rows[i].root[0] != '\0' ? rows[i].root : "/");
		end(&desk);
	}
}

static void lack_of_memory_is_told(void **state)
{
	const struct vane__location at = { "/a", "/b", "/www/a", "/www" };
	struct desk desk;
	long n;

	begin(&desk, &at);
	for (n = 0; n < 100; n++) {
		desk.told.fail_at = n;
		probe_run(&desk.probe, &(struct vane_test_request) {
					       .fields = FIELDS("A: 1", "A: 2", "B: 3") });
		if (desk.told.rc == 0)
			break;
		assert_int_equal(desk.told.rc, -ENOMEM);
	}
	assert_true(n > 2 && n < 100);
	end(&desk);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_request_is_told),
		cmocka_unit_test(what_is_not_there_is_not_told),
		cmocka_unit_test(of_two_users_the_last_is_told),
		cmocka_unit_test(what_the_front_sets_for_the_script_is_handed_on),
		cmocka_unit_test(a_body_of_nothing_has_a_length),
		cmocka_unit_test(fields_become_variables),
		cmocka_unit_test(no_name_comes_twice),
		cmocka_unit_test(the_front_server_is_believed),
		cmocka_unit_test(https_is_told_as_it_is_everywhere),
		cmocka_unit_test(the_host_that_was_asked_counts),
		cmocka_unit_test(nothing_is_translated_that_leads_out),
		cmocka_unit_test(lack_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
