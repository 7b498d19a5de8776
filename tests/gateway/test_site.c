/* SPDX-License-Identifier: MIT */
/*
 * test_site.c - vane_site_handler: files beside scripts, whose source nobody gets
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/gateway.h>

#include "support/site.h"
#include "support/tmp.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define SCRIPT                                                                             \
	"#!/bin/sh\n# source\necho Content-Type: text/plain\necho\n"                       \
	"echo ran $REQUEST_METHOD $SCRIPT_NAME:$PATH_INFO for $REQUEST_URI\n"

struct stage {
	struct tmp tmp;
	char root[TMP_PATH_MAX], bin[TMP_PATH_MAX];
	struct vane_backend *folder, *suffix;
	struct vane_site *files;
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

/* As vane-gateway --root=www --cgi=/bin/=www/bin --cgi=.sh= --fallback=..., below a prefix */
static void begin(struct stage *stage, const char *fallback, const char *pattern)
{
	struct vane_cgi_backend_opts folder = { .scripts.root = stage->bin };
	struct vane_cgi_backend_opts suffix = { .scripts = { .root = stage->root,
							.suffixes = ".sh" } };
	int descriptors = site_descriptors();

	memset(stage, 0, sizeof(*stage));
	make_files(stage);
	assert_int_equal(vane_cgi_backend_new(&stage->folder, &folder), 0);
	assert_int_equal(vane_cgi_backend_new(&stage->suffix, &suffix), 0);
	assert_int_equal(
		vane_site_new(&stage->files,
			&(struct vane_site_opts) { .root = stage->root,
				.index = "index.html",
				.backends =
					(struct vane_backend *[]) { stage->suffix, NULL },
				.fallback = fallback }),
		0);
	stage->routes[0] = (struct vane_route) { "/bin/{path:.*}", &vane_backend_handler,
		.data = stage->folder };
	stage->routes[1] =
		(struct vane_route) { pattern, &vane_site_handler, .data = stage->files };
	site_init(&stage->site, stage->routes, NULL, NULL);
	stage->site.descriptors = descriptors;
}

static void end(struct stage *stage)
{
	site_await_connections(&stage->site, 0);
	vane_backend_free(stage->folder);
	vane_backend_free(stage->suffix);
	vane_site_free(stage->files);
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

	begin(&stage, NULL, "/{path:.*}");
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

	begin(&stage, "/a.sh", "/{path:.*}");
	for (i = 0; i < LENGTH(rows); i++) {
		int status = ask(&stage, rows[i].method, rows[i].target, rows[i].text);

		if (status != rows[i].status)
			fail_msg("%s: %d, not %d", rows[i].target, status, rows[i].status);
	}
	end(&stage);
}

static void the_fallback_may_be_a_file_or_missing(void **state)
{
	struct stage stage;

	begin(&stage, "/page.txt", "/{path:.*}");
	assert_int_equal(ask(&stage, "GET", "/app/page/3", "page"), 200);
	assert_int_equal(ask(&stage, "POST", "/app/page/3", NULL), 405);
	end(&stage);
	begin(&stage, "/missing.sh", "/{path:.*}");
	assert_int_equal(ask(&stage, "GET", "/nothing", NULL), 404);
	end(&stage);
}

static void a_site_may_lie_below_a_prefix(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *text;
	} rows[] = {
		{ "/blog/page.txt", 200, "page" },
		{ "/blog/docs", 301, "Location: /blog/docs/" },
		{ "/blog/sub/a.sh/x", 200, "ran GET /blog/sub/a.sh:/x for" },
		{ "/blog/nothing", 200, "ran GET /blog/a.sh: for /blog/nothing" },
		{ "/page.txt", 404, NULL },
	};
	struct stage stage;
	size_t i;

	begin(&stage, "/a.sh", "/blog/{path:.*}");
	for (i = 0; i < LENGTH(rows); i++)
		assert_int_equal(
			ask(&stage, "GET", rows[i].target, rows[i].text), rows[i].status);
	end(&stage);
}

/* The pattern says which paths are the site's, and need not say what is looked for. */
static void without_an_argument_it_is_the_whole_path(void **state)
{
	struct stage stage;

	begin(&stage, NULL, "/{rest:.*}");
	assert_int_equal(ask(&stage, "GET", "/docs/", "docs"), 200);
	assert_int_equal(ask(&stage, "GET", "/sub/a.sh", "ran GET /sub/a.sh"), 200);
	end(&stage);
}

static void settings_without_sense_are_refused(void **state)
{
	static const struct {
		struct vane_site_opts opts;
		int rc;
	} rows[] = {
		{ { .root = NULL }, -EINVAL },
		{ { .root = "/nothing/at/all" }, -ENOENT },
		{ { .root = "/", .index = "a/b" }, -EINVAL },
		{ { .root = "/", .fallback = "index.php" }, -EINVAL },
	};
	struct vane_site *site;
	size_t i;

	for (i = 0; i < LENGTH(rows); i++)
		assert_int_equal(vane_site_new(&site, &rows[i].opts), rows[i].rc);
	vane_site_free(NULL);
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

	begin(&stage, NULL, "/{path:.*}");
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

	begin(&stage, NULL, "/{path:.*}");
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
		cmocka_unit_test(the_fallback_may_be_a_file_or_missing),
		cmocka_unit_test(a_site_may_lie_below_a_prefix),
		cmocka_unit_test(without_an_argument_it_is_the_whole_path),
		cmocka_unit_test(settings_without_sense_are_refused),
		cmocka_unit_test(a_file_is_what_get_gets),
		cmocka_unit_test(no_method_tells_what_is_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
