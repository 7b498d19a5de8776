/* SPDX-License-Identifier: MIT */
/*
 * test_docroot.c - lib/web/docroot.c, with openat2() and without
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/tmp.h"
#include "docroot.h"

static struct tmp tmp;

static void make_link(const char *to, const char *name)
{
	char path[TMP_PATH_MAX];

	assert_int_equal(symlink(to, tmp_path(&tmp, path, name)), 0);
}

static void make_socket(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char path[TMP_PATH_MAX];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(addr.sun_path, tmp_path(&tmp, path, name));
	assert_int_equal(bind(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
	close(fd);
}

static int setup(void **state)
{
	static const char *const folders[] = { "www", "www/sub", "www/.git",
		"www/.well-known", "www/sub/.well-known", "out" };
	static const char *const files[] = { "www/a.txt", "www/sub/b.txt",
		"www/.git/config", "www/.well-known/x", "www/.well-known/.y",
		"www/.well-knownx", "www/...", "www/a\\..\\b", "www/ %2e%2e", "www/\xff\n",
		"out/secret", "www-secret" };
	char path[TMP_PATH_MAX];
	size_t i;

	(void) state;
	if (tmp_make(&tmp) < 0)
		return -1;
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		assert_int_equal(tmp_mkdir(&tmp, folders[i]), 0);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_int_equal(tmp_write(&tmp, files[i], files[i], NULL), 0);
	make_link("a.txt", "www/near");
	make_link("../a.txt", "www/sub/up");
	make_link("sub", "www/subway");
	make_link("../out/secret", "www/far");
	make_link("../out", "www/outside");
	make_link("../www/a.txt", "www/detour");
	make_link(tmp_path(&tmp, path, "www/a.txt"), "www/absolute");
	make_link("loop", "www/loop");
	make_link("nothing", "www/dangling");
	make_link("/proc/self/root", "www/magic");
	make_link("www", "entry");
	assert_int_equal(mkfifo(tmp_path(&tmp, path, "www/fifo"), 0666), 0);
	make_socket("www/socket");
	return 0;
}

static int teardown(void **state)
{
	(void) state;
	tmp_remove(&tmp);
	return 0;
}

/* How a path is opened: what can come of it. */
struct way {
	const char *name;
	struct vane_docroot_opts opts;
	bool walks;
};

static const struct way ways[] = {
	{ "inside", { .symlinks = VANE_SYMLINKS_INSIDE }, false },
	{ "never", { .symlinks = VANE_SYMLINKS_NEVER }, false },
	{ "anywhere", { .symlinks = VANE_SYMLINKS_ANYWHERE }, false },
	{ "inside, walking", { .symlinks = VANE_SYMLINKS_INSIDE }, true },
	{ "never, walking", { .symlinks = VANE_SYMLINKS_NEVER }, true },
	{ "anywhere, walking", { .symlinks = VANE_SYMLINKS_ANYWHERE }, true },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static struct vane_docroot *open_tree(const char *root, const struct way *way)
{
	char path[TMP_PATH_MAX];
	struct vane_docroot *docroot;

	assert_int_equal(
		vane_docroot_open(&docroot, tmp_path(&tmp, path, root), &way->opts), 0);
	docroot->walks |= way->walks;
	return docroot;
}

/* Find it in all ways that it can be asked for; the same has to come out. */
static int find(const struct vane_docroot *docroot, const char *path)
{
	struct vane_file file, named;
	int fd = vane_docroot_find(docroot, path, O_RDONLY, &file), rc = fd;

	if (fd >= 0) {
		assert_true(S_ISREG(file.mode) || S_ISDIR(file.mode));
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		rc = S_ISDIR(file.mode) ? 'd' : 'f';
		close(fd);
	}
	fd = vane_docroot_find(docroot, path, O_PATH, &named);
	assert_true(rc < 0 ? fd == rc : fd >= 0);
	if (fd >= 0) {
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_true(named.inode == file.inode && named.device == file.device);
		close(fd);
	}
	fd = vane_docroot_stat(docroot, path, &named);
	assert_int_equal(fd, rc < 0 ? rc : 0);
	if (fd == 0)
		assert_true(named.inode == file.inode && named.mode == file.mode);
	return rc;
}

struct row {
	const char *path;
	int rc; /* 'f', 'd', or a negative errno */
};

static void assert_rows(const struct way *way, const struct row *rows, size_t count)
{
	struct vane_docroot *docroot = open_tree("www", way);
	size_t i;
	int rc;

	if (docroot->walks != way->walks) {
		print_message("%s: openat2() is missing\n", way->name);
		count = 0;
	}
	for (i = 0; i < count; i++) {
		rc = find(docroot, rows[i].path);
		if (rc != rows[i].rc)
			fail_msg("%s, \"%s\": %d, not %d", way->name, rows[i].path, rc,
				rows[i].rc);
	}
	vane_docroot_close(docroot);
}

#define ASSERT_ROWS(way, rows) assert_rows(way, rows, sizeof(rows) / sizeof((rows)[0]))

static void names_are_judged_the_same_in_every_way(void **state)
{
	static const struct row rows[] = {
		{ "", 'd' },
		{ "/", 'd' },
		{ "a.txt", 'f' },
		{ "/a.txt", 'f' },
		{ "sub", 'd' },
		{ "sub/", 'd' },
		{ "/sub/b.txt", 'f' },
		{ ".well-known", 'd' },
		{ ".well-known/x", 'f' },
		{ "sub/.well-known", 'd' },
		{ "a\\..\\b", 'f' },
		{ " %2e%2e", 'f' },
		{ "\xff\n", 'f' },
		{ "..", -EACCES },
		{ ".", -EACCES },
		{ "../", -EACCES },
		{ "/..", -EACCES },
		{ "../out/secret", -EACCES },
		{ "sub/../../out/secret", -EACCES },
		{ "sub/..", -EACCES },
		{ "sub/.", -EACCES },
		{ "./a.txt", -EACCES },
		{ "nothing/..", -EACCES },
		{ "../www-secret", -EACCES },
		{ ".git", -EACCES },
		{ ".git/config", -EACCES },
		{ "sub/.nothing", -EACCES },
		{ "...", -EACCES },
		{ ".well-known/.y", -EACCES },
		{ ".well-knownx", -EACCES },
		{ "//", -ENOENT },
		{ "//a.txt", -ENOENT },
		{ "sub//b.txt", -ENOENT },
		{ "sub//", -ENOENT },
		{ "nothing", -ENOENT },
		{ "nothing/a.txt", -ENOENT },
		{ "A.TXT", -ENOENT },
		{ "..\\out\\secret", -EACCES },
		{ "a.txt/", -ENOTDIR },
		{ "a.txt/b", -ENOTDIR },
		{ "fifo", -EACCES },
		{ "socket", -EACCES },
	};
	size_t i;

	(void) state;
	for (i = 0; i < WAYS; i++)
		ASSERT_ROWS(&ways[i], rows);
}

static void dotfiles_are_served_where_that_is_wanted(void **state)
{
	static const struct row rows[] = {
		{ ".git/config", 'f' },
		{ "...", 'f' },
		{ ".well-known/.y", 'f' },
		{ ".well-knownx", 'f' },
		{ "..", -EACCES },
		{ ".", -EACCES },
		{ "sub/../a.txt", -EACCES },
		{ "sub/./b.txt", -EACCES },
	};
	struct way way;
	size_t i;

	(void) state;
	for (i = 0; i < WAYS; i++) {
		way = ways[i];
		way.opts.dotfiles = true;
		ASSERT_ROWS(&way, rows);
	}
}

static void links_are_followed_as_long_as_they_stay_inside(void **state)
{
	static const struct row rows[] = {
		{ "near", 'f' },
		{ "sub/up", 'f' },
		{ "subway", 'd' },
		{ "subway/", 'd' },
		{ "subway/b.txt", 'f' },
		{ "far", -EACCES },
		{ "outside/secret", -EACCES },
		{ "outside/", -EACCES },
		{ "detour", -EACCES },
		{ "absolute", -EACCES },
		{ "magic/etc/passwd", -EACCES },
		{ "loop", -EACCES },
		{ "dangling", -ENOENT },
	};

	(void) state;
	ASSERT_ROWS(&ways[0], rows);
}

static void links_are_never_followed(void **state)
{
	static const struct row rows[] = {
		{ "near", -EACCES },
		{ "sub/up", -EACCES },
		{ "subway", -EACCES },
		{ "subway/", -EACCES },
		{ "subway/b.txt", -EACCES },
		{ "far", -EACCES },
		{ "outside/secret", -EACCES },
		{ "absolute", -EACCES },
		{ "magic/etc/passwd", -EACCES },
		{ "loop", -EACCES },
		{ "dangling", -EACCES },
	};

	(void) state;
	ASSERT_ROWS(&ways[1], rows);
	ASSERT_ROWS(&ways[3], rows);
	ASSERT_ROWS(&ways[4], rows);
}

static void links_lead_anywhere_but_through_proc(void **state)
{
	static const struct row rows[] = {
		{ "near", 'f' },
		{ "subway/b.txt", 'f' },
		{ "far", 'f' },
		{ "outside/secret", 'f' },
		{ "detour", 'f' },
		{ "absolute", 'f' },
		{ "loop", -EACCES },
		{ "dangling", -ENOENT },
	};
	static const struct row magic[] = { { "magic/etc/passwd", -EACCES } };

	(void) state;
	ASSERT_ROWS(&ways[2], rows);
	ASSERT_ROWS(&ways[5], rows);
	ASSERT_ROWS(&ways[2], magic);
}

static void names_have_a_length(void **state)
{
	char name[8192] = "";
	size_t i;

	(void) state;
	memset(name, 'x', 256);
	for (i = 0; i < WAYS; i++) {
		struct vane_docroot *docroot = open_tree("www", &ways[i]);

		assert_int_equal(find(docroot, name), -ENAMETOOLONG);
		name[255] = '\0';
		assert_int_equal(find(docroot, name), -ENOENT);
		memset(name, 'x', sizeof(name) - 1);
		assert_int_equal(find(docroot, name), -ENAMETOOLONG);
		memset(name, 0, sizeof(name));
		memset(name, 'x', 256);
		vane_docroot_close(docroot);
	}
}

static void what_may_not_be_read_is_refused(void **state)
{
	uid_t user = geteuid();
	char path[TMP_PATH_MAX];
	int rc;
	struct vane_docroot *docroot;
	struct vane_file file;

	(void) state;
	docroot = open_tree("www", &ways[0]);
	chmod(tmp_path(&tmp, path, "www/a.txt"), 0);
	if (user == 0) /* root may read it */
		assert_int_equal(seteuid(65534), 0);
	rc = vane_docroot_find(docroot, "a.txt", O_RDONLY, &file);
	assert_int_equal(seteuid(user), 0);
	assert_int_equal(rc, -EACCES);
	chmod(path, 0644);
	vane_docroot_close(docroot);
}

static void the_root_is_where_its_link_led(void **state)
{
	char path[TMP_PATH_MAX], want[TMP_PATH_MAX], *real;
	struct vane_docroot *docroot = open_tree("entry", &ways[1]);

	(void) state;
	real = realpath(tmp_path(&tmp, want, "www"), NULL);
	assert_string_equal(vane_docroot_root(docroot), real);
	free(real);
	assert_int_equal(unlink(tmp_path(&tmp, path, "entry")), 0);
	make_link("out", "entry");
	assert_int_equal(find(docroot, "a.txt"), 'f');
	assert_int_equal(find(docroot, "secret"), -ENOENT);
	vane_docroot_close(docroot);
}

static void any_folder_can_be_a_root_and_nothing_else(void **state)
{
	char path[TMP_PATH_MAX];
	struct vane_docroot *docroot = NULL;

	(void) state;
	assert_int_equal(
		vane_docroot_open(&docroot, tmp_path(&tmp, path, "none"), NULL), -ENOENT);
	assert_int_equal(
		vane_docroot_open(&docroot, tmp_path(&tmp, path, "www/a.txt"), NULL),
		-ENOTDIR);
	assert_int_equal(vane_docroot_open(&docroot, "", NULL), -ENOENT);
	assert_null(docroot);
	vane_docroot_close(NULL);
	assert_int_equal(vane_docroot_open(&docroot, "/", NULL), 0);
	assert_string_equal(vane_docroot_root(docroot), "");
	assert_int_equal(find(docroot, "dev"), 'd');
	assert_int_equal(find(docroot, "dev/null"), -EACCES);
	vane_docroot_close(docroot);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_judged_the_same_in_every_way),
		cmocka_unit_test(dotfiles_are_served_where_that_is_wanted),
		cmocka_unit_test(links_are_followed_as_long_as_they_stay_inside),
		cmocka_unit_test(links_are_never_followed),
		cmocka_unit_test(links_lead_anywhere_but_through_proc),
		cmocka_unit_test(names_have_a_length),
		cmocka_unit_test(what_may_not_be_read_is_refused),
		cmocka_unit_test(the_root_is_where_its_link_led),
		cmocka_unit_test(any_folder_can_be_a_root_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
