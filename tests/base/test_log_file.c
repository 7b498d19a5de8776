/* SPDX-License-Identifier: MIT */
/*
 * test_log_file.c - lib/base/log_file.c: files of lines, with several processes writing to one.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vane/log.h>

#include "log_file.h"
#include "support/tmp.h"

static struct tmp tmp;
static char path[TMP_PATH_MAX];

static int make_dir(void **state)
{
	assert_int_equal(tmp_make(&tmp), 0);
	tmp_path(&tmp, path, "log");
	return 0;
}

static const char *in_dir(const char *name)
{
	static char text[TMP_PATH_MAX];

	return tmp_path(&tmp, text, name);
}

static const char *text_of(const char *name)
{
	static char text[65536];
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	text[0] = '\0';
	if (fd < 0)
		return text;
	n = read(fd, text, sizeof(text) - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static void put(struct vane_log_file *file, const char *text)
{
	vane__log_file_write(file, VANE_LOG_INFO, text, strlen(text));
}

/* Standard error is a file while this is so. */
static int stderr_begin(void)
{
	int before = dup(STDERR_FILENO);
	int fd = open(in_dir("stderr"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	dup2(fd, STDERR_FILENO);
	close(fd);
	return before;
}

static const char *stderr_end(int before)
{
	dup2(before, STDERR_FILENO);
	close(before);
	return text_of(in_dir("stderr"));
}

static void lines_of_the_log_go_to_its_file(void **state)
{
	struct vane_log_file *file;
	int before = stderr_begin();

	assert_int_equal(vane_log_file_new(&file, path, NULL), 0);
	vane_log_set_file(file);
	vane_log(VANE_LOG_ERROR, "it burns");
	vane_log_set_file(NULL);
	vane_log_file_free(file);
	assert_string_equal(stderr_end(before), "");
	assert_memory_equal(text_of(path), "[E ", 3);
	assert_non_null(strstr(text_of(path), "] it burns\n"));
}

static void a_file_that_was_moved_away_is_left_at_the_next_opening(void **state)
{
	struct vane_log_file *file;

	assert_int_equal(vane_log_file_new(&file, path, NULL), 0);
	put(file, "1\n");
	assert_int_equal(rename(path, in_dir("old")), 0);
	put(file, "2\n");
	vane_log_reopen();
	put(file, "3\n");
	vane_log_file_free(file);
	assert_string_equal(text_of(in_dir("old")), "1\n2\n");
	assert_string_equal(text_of(path), "3\n");
}

static void what_is_there_is_kept(void **state)
{
	struct vane_log_file *file;

	assert_int_equal(vane_log_file_new(&file, path, NULL), 0);
	put(file, "1\n");
	vane_log_file_free(file);
	assert_int_equal(vane_log_file_new(&file, path, NULL), 0);
	put(file, "2\n");
	vane_log_file_free(file);
	assert_string_equal(text_of(path), "1\n2\n");
}

static void a_file_that_cannot_be_written_is_said_once_and_its_lines_go_to_standard_error(
	void **state)
{
	struct vane_log_file *file;
	const char *text, *said;
	int before = stderr_begin();

	assert_int_equal(vane_log_file_new(&file, in_dir("none/log"), NULL), 0);
	put(file, "1\n");
	put(file, "2\n");
	vane_log_reopen();
	put(file, "3\n");
	vane_log_file_free(file);
	text = stderr_end(before);
	said = strstr(text, "cannot write ");
	assert_non_null(said);
	assert_non_null(strstr(said, "none/log: No such file or directory"));
	assert_null(strstr(said + 1, "cannot write "));
	assert_non_null(strstr(text, "\n1\n2\n3\n"));
}

static void a_full_disk_is_said_once_and_its_lines_go_to_standard_error(void **state)
{
	struct vane_log_file *file;
	const char *text;
	int before;

	if (access("/dev/full", W_OK) < 0)
		skip();
	before = stderr_begin();
	assert_int_equal(vane_log_file_new(&file, "/dev/full", NULL), 0);
	put(file, "1\n");
	put(file, "2\n");
	vane_log_file_free(file);
	text = stderr_end(before);
	assert_non_null(strstr(text, "cannot write /dev/full: No space left on device"));
	assert_non_null(strstr(text, "\n1\n2\n"));
}

static void a_folder_that_comes_to_be_gets_the_lines(void **state)
{
	struct vane_log_file *file;
	int before = stderr_begin();

	assert_int_equal(vane_log_file_new(&file, in_dir("late/log"), NULL), 0);
	assert_int_equal(mkdir(in_dir("late"), 0700), 0);
	vane_log_reopen();
	put(file, "1\n");
	vane_log_file_free(file);
	stderr_end(before);
	assert_string_equal(text_of(in_dir("late/log")), "1\n");
}

static void a_pipe_without_a_reader_is_not_waited_for(void **state)
{
	struct vane_log_file *file;
	int before = stderr_begin();

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(vane_log_file_new(&file, path, NULL), 0);
	put(file, "1\n");
	vane_log_file_free(file);
	assert_non_null(strstr(stderr_end(before), "\n1\n"));
}

static void root_follows_no_link_of_another_user(void **state)
{
	const struct vane_log_file_opts opts = { .owned = true, .uid = 1, .gid = 1 };
	struct vane_log_file *file;
	struct stat st;
	int before;

	if (geteuid() != 0)
		skip();
	before = stderr_begin();
	assert_int_equal(symlink("target", path), 0);
	assert_int_equal(vane_log_file_new(&file, path, &opts), 0);
	put(file, "1\n");
	vane_log_file_free(file);
	assert_non_null(strstr(stderr_end(before), "cannot write "));
	assert_int_equal(stat(in_dir("target"), &st), -1);
	assert_int_equal(vane_log_file_new(&file, in_dir("mine"), &opts), 0);
	assert_int_equal(stat(in_dir("mine"), &st), 0);
	assert_int_equal(st.st_uid, 1);
	vane_log_file_free(file);
}

static int remove_dir(void **state)
{
	tmp_remove(&tmp);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(lines_of_the_log_go_to_its_file),
		TEST(a_file_that_was_moved_away_is_left_at_the_next_opening),
		TEST(what_is_there_is_kept),
		TEST(a_file_that_cannot_be_written_is_said_once_and_its_lines_go_to_standard_error),
		TEST(a_full_disk_is_said_once_and_its_lines_go_to_standard_error),
		TEST(a_folder_that_comes_to_be_gets_the_lines),
		TEST(a_pipe_without_a_reader_is_not_waited_for),
		TEST(root_follows_no_link_of_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
