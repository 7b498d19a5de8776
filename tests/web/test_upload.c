/* SPDX-License-Identifier: MIT */
/*
 * test_upload.c - lib/web/upload.c
 */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/request.h>

#include "base.h"
#include "support/tmp.h"

static struct tmp tmp;

static int set_up(void **state)
{
	return tmp_make(&tmp);
}

static int tear_down(void **state)
{
	tmp_remove(&tmp);
	return 0;
}

static int save(const char *body, const char *name, const struct vane_save_opts *opts)
{
	struct vane_part part = { .filename = "../x", .body = { body, strlen(body) } };

	return vane_part_save(&part, tmp.path, name, opts);
}

/* What a file in the folder holds, NULL if there is none. */
static const char *content(const char *name)
{
	static char text[64];
	char path[TMP_PATH_MAX];
	FILE *file = fopen(tmp_path(&tmp, path, name), "r");
	size_t len;

	if (file == NULL)
		return NULL;
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	return text;
}

/* How many files there are, those that begin with a dot included. */
static int count_files(void)
{
	DIR *dir = opendir(tmp.path);
	int n = -2;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static unsigned mode_of(const char *name)
{
	char path[TMP_PATH_MAX];
	struct stat st;

	assert_int_equal(lstat(tmp_path(&tmp, path, name), &st), 0);
	return st.st_mode & 07777;
}

static void a_file_is_saved_under_its_name(void **state)
{
	static const struct vane_save_opts readable = { .mode = 0644, .sync = true };
	mode_t mask = umask(077);

	assert_int_equal(save("content", "a file.txt", NULL), 0);
	assert_string_equal(content("a file.txt"), "content");
	assert_int_equal(mode_of("a file.txt"), 0640);
	assert_int_equal(save("", "empty", &readable), 0);
	assert_string_equal(content("empty"), "");
	assert_int_equal(mode_of("empty"), 0644);
	umask(mask);
	assert_int_equal(count_files(), 2);
}

static void a_file_that_is_there_stays(void **state)
{
	assert_int_equal(save("first", "a", NULL), 0);
	assert_int_equal(save("second", "a", NULL), -EEXIST);
	assert_string_equal(content("a"), "first");
	assert_int_equal(count_files(), 1);
}

static void a_file_is_replaced_if_that_is_asked_for(void **state)
{
	static const struct vane_save_opts over = { .replace = true };

	assert_int_equal(save("first", "a", &over), 0);
	assert_int_equal(save("second", "a", &over), 0);
	assert_string_equal(content("a"), "second");
	assert_int_equal(count_files(), 1);
}

static void a_link_leads_nowhere(void **state)
{
	static const struct vane_save_opts over = { .replace = true };
	char path[TMP_PATH_MAX];

	assert_int_equal(save("target", "target", NULL), 0);
	assert_int_equal(symlink("target", tmp_path(&tmp, path, "link")), 0);
	assert_int_equal(symlink("nowhere", tmp_path(&tmp, path, "dangling")), 0);
	assert_int_equal(save("x", "link", NULL), -EEXIST);
	assert_int_equal(save("x", "dangling", NULL), -EEXIST);
	assert_null(content("nowhere"));
	assert_int_equal(save("new", "link", &over), 0);
	assert_string_equal(content("link"), "new");
	assert_string_equal(content("target"), "target");
}

static void names_that_are_none_are_refused(void **state)
{
	static const char *const names[] = { "", ".", "..", ".hidden", "a/b", "/a", "../a",
		"a\n", "a\x7f", "\x1b[2J" };
	char long_name[300];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(save("x", names[i], NULL), -EINVAL);
	assert_int_equal(save("x", NULL, NULL), -EINVAL);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(save("x", long_name, NULL), -ENAMETOOLONG);
	assert_int_equal(count_files(), 0);
	assert_int_equal(save("x", "caf\xc3\xa9..txt", NULL), 0);
}

static void a_directory_that_is_none_is_an_error(void **state)
{
	struct vane_part part = { .filename = "" };
	char path[TMP_PATH_MAX];

	assert_int_equal(save("x", "file", NULL), 0);
	assert_int_equal(vane_part_save(&part, NULL, "a", NULL), -EINVAL);
	assert_int_equal(
		vane_part_save(&part, tmp_path(&tmp, path, "none"), "a", NULL), -ENOENT);
	assert_int_equal(
		vane_part_save(&part, tmp_path(&tmp, path, "file"), "a", NULL), -ENOTDIR);
}

static void half_a_file_is_not_left_behind(void **state)
{
	static const struct vane_save_opts over = { .replace = true };
	static char body[10001];
	struct rlimit before, small;

	memset(body, 'x', sizeof(body) - 1);
	assert_int_equal(save("kept", "a", NULL), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 5000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(save(body, "a", &over), -EFBIG);
	assert_int_equal(save(body, "b", NULL), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_string_equal(content("a"), "kept");
	assert_int_equal(count_files(), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(a_file_is_saved_under_its_name),
		TEST(a_file_that_is_there_stays),
		TEST(a_file_is_replaced_if_that_is_asked_for),
		TEST(a_link_leads_nowhere),
		TEST(names_that_are_none_are_refused),
		TEST(a_directory_that_is_none_is_an_error),
		TEST(half_a_file_is_not_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
