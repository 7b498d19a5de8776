/* SPDX-License-Identifier: MIT */
/*
 * test_site.c - gateway/site.c: files beside scripts, whose source nobody gets
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/gateway.h>

#include "gateway/backend.h"
#include "gateway/site.h"
#include "support/site.h"
#include "support/tmp.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define SCRIPT                                                                             \
	"#!/bin/sh\n# source\necho Content-Type: text/plain\necho\n"                       \
	"echo ran $REQUEST_METHOD $SCRIPT_NAME:$PATH_INFO for $REQUEST_URI\n"

struct stage {
	struct tmp tmp;
	char root[TMP_PATH_MAX], bin[TMP_PATH_MAX];
	struct vane_cgi_backend *folder, *suffix;
	struct vane__backend *backends[1];
	struct vane__site files;
	struct vane_route routes[3];
	struct site site;
};

static void write_file(struct stage *stage, const char *name, const char *text, mode_t mode)
{
	char path[TMP_PATH_MAX];

	assert_int_equal(tmp_write(&stage->tmp, name, text, NULL), 0);
	assert_int_equal(chmod(tmp_path(&stage->tmp, path, name), mode), 0);
}

static void make_files(struct stage *stage)
{
	char path[TMP_PATH_MAX];

	assert_int_equal(tmp_make(&stage->tmp), 0);
	assert_int_equal(tmp_mkdir(&stage->tmp, "www"), 0);
	assert_int_equal(tmp_mkdir(&stage->tmp, "www/sub"), 0);
	assert_int_equal(tmp_mkdir(&stage->tmp, "www/bin"), 0);
	assert_int_equal(tmp_mkdir(&stage->tmp, "www/.git"), 0);
	assert_int_equal(tmp_mkdir(&stage->tmp, "www/.well-known"), 0);
	assert_int_equal(tmp_mkdir(&stage->tmp, "www/docs"), 0);
	write_file(stage, "www/page.txt", "page", 0644);
	write_file(stage, "www/.hidden", "hidden", 0644);
	write_file(stage, "www/.git/config", "hidden", 0644);
	write_file(stage, "www/.well-known/known", "known", 0644);
	write_file(stage, "www/docs/index.html", "docs", 0644);
	assert_int_equal(symlink("/etc/passwd", tmp_path(&stage->tmp, path, "www/out")), 0);
	assert_int_equal(symlink("/nothing", tmp_path(&stage->tmp, path, "www/out2")), 0);
	write_file(stage, "www/a.sh", SCRIPT, 0755);
	write_file(stage, "www/B.SH", SCRIPT, 0755);
	write_file(stage, "www/sub/a.sh", SCRIPT, 0755);
	write_file(stage, "www/bin/script", SCRIPT, 0755);
	tmp_path(&stage->tmp, stage->root, "www");
	tmp_path(&stage->tmp, stage->bin, "www/bin");
}

/* As vane-gateway --root=www --cgi=/bin/=www/bin --cgi=.sh= */
static void begin(struct stage *stage)
{
	struct vane_cgi_backend_opts folder = { .scripts.root = stage->bin };
	struct vane_cgi_backend_opts suffix = { .scripts = { .root = stage->root,
							.suffixes = ".sh" } };

	int descriptors = site_descriptors();

	memset(stage, 0, sizeof(*stage));
	make_files(stage);
	assert_int_equal(vane_cgi_backend_new(&stage->folder, &folder), 0);
	assert_int_equal(vane_cgi_backend_new(&stage->suffix, &suffix), 0);
	assert_int_equal(vane_static_new(&stage->files.files,
				 &(struct vane_static_opts) {
					 .root = stage->root, .index = "index.html" }),
		0);
	stage->files.index = "index.html";
	assert_int_equal(vane_docroot_open(&stage->files.seen, stage->root, NULL), 0);
	assert_int_equal(vane_docroot_open(&stage->files.all, stage->root,
				 &(struct vane_docroot_opts) { .dotfiles = true }),
		0);
	stage->backends[0] = (struct vane__backend *) stage->suffix;
	stage->files.backends = stage->backends;
	stage->files.backend_count = 1;
	stage->routes[0] = (struct vane_route) { "/bin/{path:.*}", &vane_cgi_handler,
		.data = stage->folder };
	stage->routes[1] = (struct vane_route) { "/{path:.*}", &vane__site_handler,
		.data = &stage->files };
	site_init(&stage->site, stage->routes, NULL, NULL);
	stage->site.descriptors = descriptors;
}

static void end(struct stage *stage)
{
	site_await_connections(&stage->site, 0);
	vane_cgi_backend_free(stage->folder);
	vane_cgi_backend_free(stage->suffix);
	vane_static_free(stage->files.files);
	vane_docroot_close(stage->files.seen);
	vane_docroot_close(stage->files.all);
	site_fini(&stage->site);
	tmp_remove(&stage->tmp);
}

static int ask(
	struct stage *stage, const char *method, const char *target, const char *text)
{
	struct client client;
	char request[256];
	int status = 0;

	snprintf(request, sizeof(request),
		"%s %s HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
		"Connection: close\r\n\r\n",
		method, target);
	client_init(&client, &stage->site);
	client_puts(&client, request);
	client_await_close(&client);
	if (client.len > 12)
		status = atoi(client.in + 9);
	assert_null(strstr(client.in, "# source"));
	if (text != NULL)
		assert_non_null(strstr(client.in, text));
	client_fini(&client);
	return status;
}

static void scripts_run_or_are_not_there(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *text;
	} rows[] = {
		{ "/page.txt", 200, "page" },
		{ "/a.sh", 200, "ran" },
		{ "/sub/a.sh", 200, "ran" },
		{ "/bin/script", 200, "ran" },
		/* other ways to write the same file */
		{ "//page.txt", 404, NULL },
		{ "//a.sh", 404, NULL },
		{ "/%2fa.sh", 404, NULL },
		{ "/sub%2Fa.sh", 404, NULL },
		{ "/sub%2fa.sh?%2f", 404, NULL },
		{ "/page.txt?a%2Fb", 200, "page" },
		{ "//bin/script", 404, NULL },
		{ "/bin%2Fscript", 404, NULL },
		{ "/%2fbin/script", 404, NULL },
		{ "/B.SH", 403, NULL },
	};
	struct stage stage;
	size_t i;

	begin(&stage);
	for (i = 0; i < LENGTH(rows); i++) {
		int status = ask(&stage, "GET", rows[i].target, rows[i].text);

		if (status != rows[i].status)
			fail_msg("%s: %d, not %d", rows[i].target, status, rows[i].status);
	}
	end(&stage);
}

static void where_there_is_nothing_the_fallback_answers(void **state)
{
	static const struct {
		const char *method, *target;
		int status;
		const char *text;
	} rows[] = {
		{ "GET", "/page.txt", 200, "page" },
		{ "GET", "/", 403, NULL },
		{ "GET", "/sub", 403, NULL },
		{ "GET", "/sub/a.sh/x?q", 200, "ran GET /sub/a.sh:/x for /sub/a.sh/x?q" },
		{ "GET", "/nothing?a=b", 200, "ran GET /a.sh: for /nothing?a=b" },
		{ "GET", "/missing.sh", 200, "ran GET /a.sh: for /missing.sh" },
		{ "GET", "/page.txt/more", 200, "ran GET /a.sh: for /page.txt/more" },
		{ "GET", "/wiki/a%2Fb", 200, "ran GET /a.sh: for /wiki/a%2Fb" },
		{ "GET", "/.hidden", 403, NULL },
		{ "GET", "/.git/config", 403, NULL },
		{ "GET", "/wiki/.NET", 200, "ran GET /a.sh: for /wiki/.NET" },
		{ "GET", "/.NET/", 200, "ran GET /a.sh: for /.NET/" },
		{ "GET", "/.missing.sh", 200, "ran GET /a.sh: for /.missing.sh" },
		{ "GET", "/page.txt/.x", 200, "ran GET /a.sh: for /page.txt/.x" },
		{ "GET", "/a.sh/.x", 200, "ran GET /a.sh:/.x for /a.sh/.x" },
		{ "POST", "/nothing", 200, "ran POST /a.sh: for /nothing" },
		{ "POST", "/wiki/.NET", 200, "ran POST /a.sh: for /wiki/.NET" },
		{ "POST", "/page.txt/more", 200, "ran POST /a.sh: for /page.txt/more" },
		{ "POST", "/", 403, NULL },
		{ "POST", "/sub", 403, NULL },
		{ "POST", "/.hidden", 403, NULL },
		{ "POST", "/.git/config", 403, NULL },
		{ "POST", "/page.txt", 405, NULL },
		{ "BREW", "/page.txt", 501, NULL },
		{ "PUT", "/sub/a.sh", 200, "ran PUT /sub/a.sh: for /sub/a.sh" },
	};
	struct stage stage;
	size_t i;

	begin(&stage);
	stage.files.fallback = "/a.sh";
	for (i = 0; i < LENGTH(rows); i++) {
		int status = ask(&stage, rows[i].method, rows[i].target, rows[i].text);

		if (status != rows[i].status)
			fail_msg("%s: %d, not %d", rows[i].target, status, rows[i].status);
	}
	stage.files.fallback = "/page.txt";
	assert_int_equal(ask(&stage, "GET", "/app/page/3", "page"), 200);
	assert_int_equal(ask(&stage, "POST", "/app/page/3", NULL), 405);
	stage.files.fallback = "/missing.sh";
	assert_int_equal(ask(&stage, "GET", "/nothing", NULL), 404);
	end(&stage);
}

/* What GET gets is 405 to others, what it does not get is refused alike. */
static void a_file_is_what_get_gets(void **state)
{
	static const struct {
		const char *target;
		int get, post;
	} rows[] = {
		{ "/page.txt", 200, 405 },
		{ "/docs/", 200, 405 },
		{ "/docs", 301, 405 },
		{ "/sub/", 403, 403 },
		{ "/.well-known/known", 200, 405 },
		{ "/.well-known/nothing", 404, 404 },
		{ "/nothing", 404, 404 },
		{ "/out", 403, 403 },
		{ "/out2", 403, 403 },
	};
	struct stage stage;
	size_t i;

	begin(&stage);
	for (i = 0; i < LENGTH(rows); i++) {
		int get = ask(&stage, "GET", rows[i].target, NULL);
		int post = ask(&stage, "POST", rows[i].target, NULL);

		if (get != rows[i].get || post != rows[i].post)
			fail_msg("%s: %d and %d", rows[i].target, get, post);
	}
	end(&stage);
}

static void no_method_tells_what_is_hidden(void **state)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "DELETE" };
	static const char *const paths[] = { "/.hidden", "/.nothing", "/.git/config" };
	struct stage stage;
	size_t i, k;

	begin(&stage);
	for (i = 0; i < LENGTH(methods); i++)
		for (k = 0; k < LENGTH(paths); k++)
			assert_int_equal(ask(&stage, methods[i], paths[k], NULL), 403);
	end(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_run_or_are_not_there),
		cmocka_unit_test(where_there_is_nothing_the_fallback_answers),
		cmocka_unit_test(a_file_is_what_get_gets),
		cmocka_unit_test(no_method_tells_what_is_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
