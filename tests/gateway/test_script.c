/* SPDX-License-Identifier: MIT */
/*
 * test_script.c - gateway/script.c, on a real docroot
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vane/request.h>
#include <vane/docroot.h>

#include "gateway/script.h"
#include "support/alloc.h"
#include "support/probe.h"
#include "support/tmp.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static struct tmp tmp;
static char root[256]; /* of the docroot, without symbolic links */

static void make_link(const char *to, const char *name)
{
	char path[TMP_PATH_MAX];

	assert_int_equal(symlink(to, tmp_path(&tmp, path, name)), 0);
}

static void make_executable(const char *name)
{
	char path[TMP_PATH_MAX];

	assert_int_equal(chmod(tmp_path(&tmp, path, name), 0755), 0);
}

static int setup(void **state)
{
	static const char *const folders[] = { "www", "www/app", "www/app/deep",
		"www/plain", "www/upload", "www/dir.php", "www/.git", "www/.well-known",
		"www/odd", "www/odd/index.php", "out" };
	static const char *const files[] = { "www/index.php", "www/a.php", "www/a.php5",
		"www/A.PHP", "www/b.phtml", "www/notes.txt", "www/noext", "www/.php",
		"www/.hidden.php", "www/.git/x.php", "www/.well-known/w.php",
		"www/app/index.php", "www/app/deep/x.php", "www/plain/index.html",
		"www/upload/x.jpg", "www/upload/y.php", "www/upload/z.php.jpg",
		"www/upload/z.jpg.php", "www/dir.php/in.php", "www/sp ace.php",
		"www/a.php~", "www/\xc3\xa9.php", "www/run.cgi", "www/x%2Fy.php",
		"out/secret.php" };
	char path[TMP_PATH_MAX];
	size_t i;

	if (tmp_make(&tmp) < 0)
		return -1;
	for (i = 0; i < LENGTH(folders); i++)
		assert_int_equal(tmp_mkdir(&tmp, folders[i]), 0);
	for (i = 0; i < LENGTH(files); i++)
		assert_int_equal(tmp_write(&tmp, files[i], "x", NULL), 0);
	make_executable("www/run.cgi");
	make_executable("www/app/deep/x.php");
	make_link("a.php", "www/near.php");
	make_link("../out/secret.php", "www/far.php");
	make_link("../out", "www/away");
	make_link("a.php", "www/photo.jpg");
	make_link("notes.txt", "www/text.php");
	make_link("nowhere", "www/broken.php");
	assert_int_equal(mkfifo(tmp_path(&tmp, path, "www/fifo.php"), 0644), 0);
	tmp_path(&tmp, path, "www");
	assert_non_null(realpath(path, root));
	return 0;
}

static int teardown(void **state)
{
	tmp_remove(&tmp);
	return 0;
}

static void open_scripts(
	struct vane__scripts *scripts, struct vane_scripts opts, bool executable)
{
	opts.root = root;
	assert_int_equal(vane__scripts_init(scripts, &opts, executable), 0);
}

enum {
	RUN = VANE__SCRIPT_RUN,
	STATIC = VANE__SCRIPT_STATIC,
	DIRECTORY = VANE__SCRIPT_DIRECTORY,
	MISSING = VANE__SCRIPT_MISSING,
	FORBIDDEN = VANE__SCRIPT_FORBIDDEN
};

struct row {
	const char *path;
	int kind;
	const char *script, *info; /* for RUN; info NULL: none */
	const char *target;        /* NULL: the path */
	const char *prefix;        /* NULL: none */
};

static void check(const struct vane__scripts *scripts, const struct row *row)
{
	const char *prefix = row->prefix != NULL ? row->prefix : "";
	struct vane__script_path path = { .prefix = prefix,
		.path = row->path,
		.target = row->target != NULL ? row->target : row->path };
	struct vane__script script = { 0 };
	char text[512];

	assert_int_equal(vane__script_find(&script, scripts, &path), 0);
	if ((int) script.kind != row->kind)
		print_error("%s: kind %d\n", row->path, script.kind);
	assert_int_equal(script.kind, row->kind);
	if (row->kind == FORBIDDEN)
		assert_non_null(script.why);
	if (row->kind == RUN) {
		snprintf(text, sizeof(text), "%s%s", prefix, row->script);
		assert_string_equal(script.at.script_name, text);
		assert_string_equal(
			script.at.path_info, row->info != NULL ? row->info : "");
		snprintf(text, sizeof(text), "%s%s", root, row->script);
		assert_string_equal(script.at.script_filename, text);
		assert_string_equal(script.at.document_root, root);
		assert_int_equal(access(script.at.script_filename, F_OK), 0);
	} else {
		assert_null(script.at.script_filename);
	}
	vane__script_fini(&script);
}

static void check_all(
	const struct vane__scripts *scripts, const struct row *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		check(scripts, &rows[i]);
}

static void scripts_are_files_with_a_suffix(void **state)
{
	static const struct row rows[] = {
		/* Files */
		{ "/a.php", RUN, "/a.php" },
		{ "/a.php5", RUN, "/a.php5" },
		{ "/app/deep/x.php", RUN, "/app/deep/x.php" },
		{ "/sp ace.php", RUN, "/sp ace.php", NULL, "/sp%20ace.php" },
		{ "/\xc3\xa9.php", RUN, "/\xc3\xa9.php", NULL, "/%C3%A9.php" },
		{ "/b.phtml", STATIC },
		{ "/notes.txt", STATIC },
		{ "/noext", STATIC },
		{ "/a.php~", STATIC },
		{ "/upload/x.jpg", STATIC },
		{ "/upload/z.php.jpg", STATIC },
		{ "/upload/z.jpg.php", RUN, "/upload/z.jpg.php" },
		{ "/run.cgi", STATIC },
		{ "/none.php", MISSING },
		{ "/none/a.php", MISSING },
		{ "/a.ph", MISSING },
		{ "/a.php.", MISSING },
		{ "/a.php ", MISSING },
		/* Letters of another case: the source must not be sent either. */
		{ "/A.PHP", FORBIDDEN },
		{ "/A.php", MISSING },
		/* PATH_INFO */
		{ "/a.php/", RUN, "/a.php", "/" },
		{ "/a.php/x", RUN, "/a.php", "/x" },
		{ "/a.php/x/y.php", RUN, "/a.php", "/x/y.php" },
		{ "/a.php/x//y/", RUN, "/a.php", "/x//y/" },
		{ "/a.php//", RUN, "/a.php", "//" },
		{ "/a.php/.git/x", RUN, "/a.php", "/.git/x" },
		{ "/a.php/a.php", RUN, "/a.php", "/a.php" },
		{ "/app/deep/x.php/index.php", RUN, "/app/deep/x.php", "/index.php" },
		{ "/a.php/x/../y", FORBIDDEN },
		{ "/a.php/..", FORBIDDEN },
		{ "/a.php/.", FORBIDDEN },
		{ "/a.php/...", RUN, "/a.php", "/..." },
		/* What was uploaded is never run because of what stands behind it. */
		{ "/upload/x.jpg/y.php", MISSING },
		{ "/upload/x.jpg/.php", MISSING },
		{ "/upload/x.jpg/a.php/b.php", MISSING },
		{ "/upload/x.jpg/", MISSING },
		{ "/upload/z.php.jpg/z.php", MISSING },
		{ "/upload/x.jpg\n.php", MISSING },
		{ "/notes.txt/a.php", MISSING },
		{ "/A.PHP/x", FORBIDDEN },
		/* Directories */
		{ "/", RUN, "/index.php" },
		{ "/app/", RUN, "/app/index.php" },
		{ "/app", DIRECTORY },
		{ "/app/deep", STATIC },
		{ "/app/deep/", STATIC },
		{ "/plain", STATIC },
		{ "/plain/", STATIC },
		{ "/odd", STATIC },
		{ "/odd/", STATIC },
		{ "/odd/index.php", STATIC },
		{ "/dir.php", STATIC },
		{ "/dir.php/in.php", RUN, "/dir.php/in.php" },
		{ "/dir.php/none.php", MISSING },
		{ "/app/none", MISSING },
		/* Names that nobody should ask for */
		{ "/.php", FORBIDDEN },
		{ "/.hidden.php", FORBIDDEN },
		{ "/.git/x.php", FORBIDDEN },
		{ "/.git/", FORBIDDEN },
		{ "/.well-known/w.php", RUN, "/.well-known/w.php" },
		{ "/app/../a.php", FORBIDDEN },
		{ "/../out/secret.php", FORBIDDEN },
		{ "/./a.php", FORBIDDEN },
		{ "//a.php", MISSING },
		{ "/app//index.php", MISSING },
		{ "//", MISSING },
		{ "", MISSING },
		{ "a.php", MISSING },
		{ "*", MISSING },
		{ "/\\..\\a.php", MISSING },
		{ "/fifo.php", FORBIDDEN },
		{ "/fifo.php/x", FORBIDDEN },
		/* Encoded slashes: not in the name, and as one likes behind it */
		{ "/app/index.php", RUN, "/app/index.php", NULL, "/app/index.php?a=%2F" },
		{ "/app/index.php", MISSING, NULL, NULL, "/app%2Findex.php" },
		{ "/app/index.php", MISSING, NULL, NULL, "/app%2findex.php?x" },
		{ "/app/", MISSING, NULL, NULL, "/app%2f" },
		{ "/a.php/x", MISSING, NULL, NULL, "/a.php%2Fx" },
		{ "/a.php/x/y", RUN, "/a.php", "/x/y", "/a.php/x%2Fy" },
		{ "/a.php//x", RUN, "/a.php", "//x", "/a.php/%2Fx" },
		{ "/x%2Fy.php", RUN, "/x%2Fy.php", NULL, "/x%252Fy.php" },
		/* Below a prefix, which has slashes of its own */
		{ "/a.php/x", RUN, "/a.php", "/x", "/m/n/a.php/x", "/m/n" },
		{ "/a.php//", RUN, "/a.php", "//", "/m/n/a.php/%2F", "/m/n" },
		/* Where dot segments were resolved, an encoded slash may be any of them */
		{ "/app/index.php", RUN, "/app/index.php", NULL, "/x/../app/index.php" },
		{ "/app/index.php", MISSING, NULL, NULL, "/x/../app%2Findex.php" },
		{ "/app/index.php", MISSING, NULL, NULL, "/x%2F../app/index.php" },
		{ "/app/index.php", MISSING, NULL, NULL, "/./app%2Findex.php" },
		{ "/a.php/x", MISSING, NULL, NULL, "/m/n/a.php%2Fx", "/m/n" },
		{ "/", RUN, "/index.php", NULL, "/m/", "/m" },
		{ "/app", DIRECTORY, NULL, NULL, "/m/app", "/m" },
	};
	struct vane__scripts scripts;

	open_scripts(&scripts,
		(struct vane_scripts) { .index = "index.php", .suffixes = ".php  .php5 " },
		false);
	check_all(&scripts, rows, LENGTH(rows));
	vane__scripts_fini(&scripts);
}

static void links_are_followed_inside_of_the_root(void **state)
{
	static const struct row rows[] = {
		{ "/near.php", RUN, "/near.php" },
		{ "/far.php", FORBIDDEN },
		{ "/far.php/x", FORBIDDEN },
		{ "/away/secret.php", FORBIDDEN },
		{ "/broken.php", MISSING },
		/* What counts is the name that was asked. */
		{ "/photo.jpg", STATIC },
		{ "/photo.jpg/a.php", MISSING },
		{ "/text.php", RUN, "/text.php" },
	};
	struct vane__scripts scripts;
	struct vane_file file;
	int fd;

	open_scripts(&scripts, (struct vane_scripts) { .suffixes = ".php" }, false);
	fd = vane_docroot_find(scripts.docroot, "/near.php", O_RDONLY, &file);
	if (fd >= 0) {
		check_all(&scripts, rows, LENGTH(rows));
		close(fd);
	}
	vane__scripts_fini(&scripts);
	if (fd < 0)
		skip(); /* no openat2(), as under Valgrind: none is followed */
}

static void without_suffixes_every_file_is_a_script(void **state)
{
	static const struct row rows[] = {
		{ "/run.cgi", RUN, "/run.cgi" },
		{ "/run.cgi/a/b", RUN, "/run.cgi", "/a/b" },
		{ "/run.cgi/", RUN, "/run.cgi", "/" },
		{ "/app/deep/x.php", RUN, "/app/deep/x.php" },
		/* Not executable */
		{ "/a.php", FORBIDDEN },
		{ "/notes.txt", FORBIDDEN },
		{ "/upload/x.jpg/y.php", FORBIDDEN },
		/* Directories are nobody's. */
		{ "/", FORBIDDEN },
		{ "/app", FORBIDDEN },
		{ "/app/", FORBIDDEN },
		{ "/none", MISSING },
		{ "/run.cg", MISSING },
		{ "/none/run.cgi", MISSING },
		{ "/app/../run.cgi", FORBIDDEN },
		{ "/.git/x.php", FORBIDDEN },
	};
	struct vane__scripts scripts;

	open_scripts(&scripts, (struct vane_scripts) { 0 }, true);
	check_all(&scripts, rows, LENGTH(rows));
	vane__scripts_fini(&scripts);
}

static void an_index_need_not_be_a_script(void **state)
{
	static const struct row rows[] = {
		{ "/plain/", STATIC },
		{ "/plain", DIRECTORY },
		{ "/app/", STATIC },
		{ "/app", STATIC },
	};
	static const struct row executable[] = {
		{ "/", FORBIDDEN },
		{ "/app/", FORBIDDEN },
		{ "/app", DIRECTORY },
		{ "/plain", FORBIDDEN },
	};
	struct vane__scripts scripts;

	open_scripts(&scripts,
		(struct vane_scripts) { .index = "index.html", .suffixes = ".php" }, false);
	check_all(&scripts, rows, LENGTH(rows));
	vane__scripts_fini(&scripts);
	open_scripts(&scripts, (struct vane_scripts) { .index = "index.php" }, true);
	check_all(&scripts, executable, LENGTH(executable));
	vane__scripts_fini(&scripts);
}

static void the_trees_policy_holds_for_scripts(void **state)
{
	static const struct row never[] = {
		{ "/near.php", FORBIDDEN },
		{ "/a.php", RUN, "/a.php" },
	};
	static const struct row anywhere[] = {
		{ "/far.php", RUN, "/far.php" },
		{ "/away/secret.php/x", RUN, "/away/secret.php", "/x" },
		{ "/../out/secret.php", FORBIDDEN },
	};
	static const struct row dotfiles[] = {
		{ "/.hidden.php", RUN, "/.hidden.php" },
		/* A suffix is none without a name before it. */
		{ "/.php", STATIC },
	};
	struct vane__scripts scripts;

	open_scripts(&scripts,
		(struct vane_scripts) {
			.suffixes = ".php", .docroot.symlinks = VANE_SYMLINKS_NEVER },
		false);
	check_all(&scripts, never, LENGTH(never));
	vane__scripts_fini(&scripts);
	open_scripts(&scripts,
		(struct vane_scripts) {
			.suffixes = ".php", .docroot.symlinks = VANE_SYMLINKS_ANYWHERE },
		false);
	check_all(&scripts, anywhere, LENGTH(anywhere));
	vane__scripts_fini(&scripts);
	open_scripts(&scripts,
		(struct vane_scripts) { .suffixes = ".php", .docroot.dotfiles = true },
		false);
	check_all(&scripts, dotfiles, LENGTH(dotfiles));
	vane__scripts_fini(&scripts);
}

/* A path that is too long for a file may still be one with a long PATH_INFO. */
static void path_info_may_be_long(void **state)
{
	static char path[9000], missing[9000];
	struct vane__scripts scripts;

	memset(path, 'x', sizeof(path) - 1);
	memcpy(path, "/a.php/", 7);
	memset(missing, 'x', sizeof(missing) - 1);
	missing[0] = '/';
	open_scripts(&scripts, (struct vane_scripts) { .suffixes = ".php" }, false);
	check(&scripts, &(struct row) { path, RUN, "/a.php", path + 6 });
	check(&scripts, &(struct row) { missing, MISSING });
	vane__scripts_fini(&scripts);
}

static void one_script_or_none_answers_everything(void **state)
{
	static const char *const paths[] = { "/", "/x/../y", "//", "/.git/%", "/a.php" };
	char file[TMP_PATH_MAX];
	struct vane_scripts opts = { 0 };
	struct vane__scripts scripts;
	struct vane__script script = { 0 };
	size_t i;
	int given;

	for (given = 0; given < 2; given++) {
		opts.script = given ? tmp_path(&tmp, file, "www/run.cgi") : NULL;
		assert_int_equal(vane__scripts_init(&scripts, &opts, true), 0);
		for (i = 0; i < LENGTH(paths); i++) {
			struct vane__script_path path = { "/m", paths[i], "/m%2F" };

			assert_int_equal(vane__script_find(&script, &scripts, &path), 0);
			assert_int_equal(script.kind, RUN);
			assert_string_equal(script.at.script_name, "/m");
			assert_string_equal(script.at.path_info, paths[i]);
			assert_string_equal(script.at.script_filename, given ? file : "");
			assert_null(script.at.document_root);
		}
		vane__scripts_fini(&scripts);
	}
	vane__script_fini(&script);
}

static void settings_that_make_no_sense_are_refused(void **state)
{
	char file[TMP_PATH_MAX], text[TMP_PATH_MAX], none[TMP_PATH_MAX];
	const struct {
		struct vane_scripts opts;
		bool executable;
		int rc;
	} rows[] = {
		{ { .root = root, .script = file }, false, -EINVAL },
		{ { .root = root, .index = "" }, false, -EINVAL },
		{ { .root = root, .index = "a/b" }, false, -EINVAL },
		{ { .root = root, .index = ".." }, false, -EINVAL },
		{ { .root = root, .suffixes = "php" }, false, -EINVAL },
		{ { .root = root, .suffixes = ".php ." }, false, -EINVAL },
		{ { .root = root, .suffixes = ".php,.php5" }, false, 0 },
		{ { .root = file }, false, -ENOTDIR },
		{ { .root = none }, false, -ENOENT },
		{ { .script = none }, false, -ENOENT },
		{ { .script = root }, false, -EACCES },
		{ { .script = text }, true, -EACCES },
		{ { .script = text }, false, 0 },
		{ { .script = file }, true, 0 },
		{ { 0 }, false, 0 },
	};
	size_t i;

	tmp_path(&tmp, file, "www/run.cgi");
	tmp_path(&tmp, text, "www/notes.txt");
	tmp_path(&tmp, none, "www/none");
	for (i = 0; i < LENGTH(rows); i++) {
		struct vane__scripts scripts;

		assert_int_equal(
			vane__scripts_init(&scripts, &rows[i].opts, rows[i].executable),
			rows[i].rc);
		vane__scripts_fini(&scripts);
	}
}

/* The argument "path" of a route says where the prefix ends. */
struct asked {
	const struct vane__scripts *scripts;
	char name[64], info[64];
};

static int ask(struct vane_request *req, struct vane_response *res)
{
	struct asked *asked = vane_request_data(req);
	struct vane__script script = { 0 };

	assert_int_equal(vane__script_request(&script, asked->scripts, req, NULL), 0);
	assert_int_equal(script.kind, RUN);
	snprintf(asked->name, sizeof(asked->name), "%s", script.at.script_name);
	snprintf(asked->info, sizeof(asked->info), "%s", script.at.path_info);
	vane__script_fini(&script);
	return 0;
}

static void a_route_says_where_its_scripts_begin(void **state)
{
	static const struct vane_handler handler = { .get = ask };
	static const struct {
		const char *pattern, *target, *name, *info;
	} rows[] = {
		{ "/{path:.*}", "/", "", "/" },
		{ "/{path:.*}", "/a/b", "", "/a/b" },
		{ "/{path:.*}", "//a%2F", "", "//a/" },
		{ "/cgi-bin/{path:.*}", "/cgi-bin/", "/cgi-bin", "/" },
		{ "/cgi-bin/{path:.*}", "/cgi-bin/x/y?z", "/cgi-bin", "/x/y" },
		{ "/cgi-bin{path:/.*}", "/cgi-bin/x", "/cgi-bin", "/x" },
		{ "/cgi-bin{path:/.*}", "/cgi-bin//x", "/cgi-bin", "//x" },
		{ "/cgi-bin/{path:.*}", "/cgi-bin//x", "/cgi-bin", "//x" },
		{ "/cgi-bin{path:.*}", "/cgi-binx", "", "/cgi-binx" },
		{ "/{path}/x", "/a/x", "", "/a/x" },
		{ "/{other:.*}", "/a/x", "", "/a/x" },
		{ "/a", "/a", "/a", "" },
		{ "/a/", "/a/?b", "/a/", "" },
		{ "/{a}/x", "/a/x", "", "/a/x" },
	};
	const struct vane__scripts none = { 0 };
	struct asked asked = { .scripts = &none };
	struct probe probe;
	size_t i;

	for (i = 0; i < LENGTH(rows); i++) {
		const struct vane_route routes[] = {
			{ rows[i].pattern, &handler, .data = &asked },
			{ 0 },
		};

		probe_init_routes(&probe, routes, NULL);
		assert_int_equal(probe_get(&probe, rows[i].target), 200);
		assert_string_equal(asked.name, rows[i].name);
		assert_string_equal(asked.info, rows[i].info);
		probe_fini(&probe);
	}
}

static void what_is_called_a_script_is_claimed(void **state)
{
	static const struct {
		const char *path;
		bool claimed;
	} rows[] = {
		{ "a.php", true },
		{ "not/there.php5", true },
		{ "app/A.PhP", true },
		{ "a.php~", false },
		{ "dir.php/notes.txt", false },
		{ "dir.php/", false },
		{ ".php", false },
		{ "", false },
	};
	const struct vane_scripts opts = { .suffixes = ".php .php5" };
	struct vane__scripts scripts;
	size_t i;

	assert_int_equal(vane__scripts_init(&scripts, &opts, false), 0);
	for (i = 0; i < LENGTH(rows); i++)
		assert_int_equal(
			vane__scripts_claim(&scripts, rows[i].path), rows[i].claimed);
	vane__scripts_fini(&scripts);
}

static void lack_of_memory_is_told(void **state)
{
	const struct vane_scripts opts = {
		.root = root, .index = "index.php", .suffixes = ".php"
	};
	struct vane__script_path path = { "", "/app/", "/app/" };
	struct vane__script script = { 0 };
	struct vane__scripts scripts;
	int rc = -ENOMEM;
	long n;

	for (n = 0; rc == -ENOMEM; n++) {
		alloc_fail_once(n);
		rc = vane__scripts_init(&scripts, &opts, false);
		alloc_fail_never();
	}
	assert_int_equal(rc, 0);
	assert_true(n > 3);
	for (n = 0; n < 2; n++) {
		alloc_fail_once(n);
		assert_int_equal(vane__script_find(&script, &scripts, &path), -ENOMEM);
		assert_int_equal(alloc_fail_never(), 1);
	}
	assert_int_equal(vane__script_find(&script, &scripts, &path), 0);
	assert_int_equal(script.kind, RUN);
	vane__script_fini(&script);
	vane__scripts_fini(&scripts);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_are_files_with_a_suffix),
		cmocka_unit_test(links_are_followed_inside_of_the_root),
		cmocka_unit_test(without_suffixes_every_file_is_a_script),
		cmocka_unit_test(an_index_need_not_be_a_script),
		cmocka_unit_test(the_trees_policy_holds_for_scripts),
		cmocka_unit_test(path_info_may_be_long),
		cmocka_unit_test(one_script_or_none_answers_everything),
		cmocka_unit_test(settings_that_make_no_sense_are_refused),
		cmocka_unit_test(a_route_says_where_its_scripts_begin),
		cmocka_unit_test(what_is_called_a_script_is_claimed),
		cmocka_unit_test(lack_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
