/* SPDX-License-Identifier: MIT */
/*
 * test_log_file.c - lib/base/log_file.c: files of lines, with several processes writing to one.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
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
	said = strstr(text, "cannot open it: ");
	assert_non_null(said);
	assert_non_null(strstr(text, "none/log: No such file or directory: "));
	assert_null(strstr(said + 1, "cannot open it: "));
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
	assert_non_null(
		strstr(text, "/dev/full: No space left on device: cannot write it"));
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
	assert_non_null(strstr(stderr_end(before), "cannot open it: "));
	assert_int_equal(stat(in_dir("target"), &st), -1);
	assert_int_equal(vane_log_file_new(&file, in_dir("mine"), &opts), 0);
	assert_int_equal(stat(in_dir("mine"), &st), 0);
	assert_int_equal(st.st_uid, 1);
	vane_log_file_free(file);
}

/* Try to write a line as root to the file of another user: what is said on standard error. */
static const char *root_writes(const char *name)
{
	const struct vane_log_file_opts opts = { .owned = true, .uid = 1, .gid = 1 };
	int before = stderr_begin();
	struct vane_log_file *file;

	assert_int_equal(vane_log_file_new(&file, name, &opts), 0);
	put(file, "1\n");
	vane_log_file_free(file);
	return stderr_end(before);
}

/* The folder that has the link is of one user or another, and with these rights. */
static void root_follows_a_link_to_a_folder_only_where_root_has_put_it(void **state)
{
	static const struct {
		uid_t owner;
		mode_t mode;
		const char *target; /* "through" leads to "far" by a link in "open" */
		bool followed;
	} rows[] = {
		{ 0, 0755, "far", true }, { 1, 0755, "far", false },
		{ 0, 0775, "far", false }, { 0, 01777, "far", false },
		{ 0, 0755, "through", true }, { 0, 0755, "open/far", false },
		{ 0, 0755, "open/../far", true },
		{ 0, 0755, "link", false }, /* to itself */
	};
	char log[TMP_PATH_MAX];
	struct stat st;
	size_t i;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(tmp.path, 0755), 0);
	assert_int_equal(mkdir(in_dir("far"), 0755), 0);
	assert_int_equal(mkdir(in_dir("open"), 0755), 0);
	assert_int_equal(symlink("../far", in_dir("open/far")), 0);
	assert_int_equal(chown(in_dir("open"), 1, 1), 0);
	tmp_path(&tmp, log, "far");
	assert_int_equal(symlink(log, in_dir("through")), 0);
	tmp_path(&tmp, log, "link/log");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *said;

		assert_int_equal(symlink(rows[i].target, in_dir("link")), 0);
		assert_int_equal(chown(tmp.path, rows[i].owner, 0), 0);
		assert_int_equal(chmod(tmp.path, rows[i].mode), 0);
		said = root_writes(log);
		assert_int_equal(
			strstr(said, "cannot open it: ") == NULL, rows[i].followed);
		assert_int_equal(stat(in_dir("far/log"), &st) == 0, rows[i].followed);
		unlink(in_dir("far/log"));
		unlink(in_dir("link"));
	}
	assert_int_equal(chown(tmp.path, 0, 0), 0);
}

static void root_writes_to_no_file_that_has_another_name(void **state)
{
	struct stat st;

	if (geteuid() != 0)
		skip();
	assert_int_equal(tmp_write(&tmp, "secret", "", NULL), 0);
	assert_int_equal(link(in_dir("secret"), path), 0);
	assert_non_null(strstr(root_writes(path), "Too many links: cannot open it: "));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_non_null(strstr(root_writes(path), "cannot open it: "));
}

enum { WRITERS = 4, LINES = 10000 };

/* A writer's lines, each with a number: "2 00017 xxx". */
static void write_lines(const struct vane_log_file_opts *opts, int writer)
{
	struct vane_log_file *file;
	char line[80];
	int i;

	if (vane_log_file_new(&file, path, opts) < 0)
		_exit(1);
	for (i = 0; i < LINES; i++) {
		int len = snprintf(line, sizeof(line), "%d %05d %.*s\n", writer, i,
			1 + i % 40, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");

		vane__log_file_write(file, VANE_LOG_INFO, line, (size_t) len);
	}
	vane_log_file_free(file);
	_exit(0);
}

/* Count the lines of a file; each is whole, and no one is there twice. */
static int count_lines(const char *name, char seen[WRITERS][LINES])
{
	FILE *in = fopen(name, "re");
	char line[200], xs[80], end;
	int count = 0, writer, number;

	if (in == NULL)
		return -1;
	while (fgets(line, sizeof(line), in) != NULL) {
		assert_int_equal(
			sscanf(line, "%d %d %41[x]%c", &writer, &number, xs, &end), 4);
		assert_int_equal(end, '\n');
		assert_in_range(writer, 0, WRITERS - 1);
		assert_in_range(number, 0, LINES - 1);
		assert_int_equal(strlen(xs), 1 + number % 40);
		assert_int_equal(seen[writer][number]++, 0);
		count++;
	}
	fclose(in);
	return count;
}

static void no_line_is_lost_or_mixed_when_four_processes_put_a_file_aside(void **state)
{
	static const struct vane_log_file_opts rows[] = {
		{ .rotate = VANE_LOG_ROTATE_SIZE,
			.max_bytes = 20000,
			.max_backups = VANE_NO_LIMIT },
		{ .rotate = VANE_LOG_ROTATE_SIZE,
			.max_bytes = 20000,
			.max_backups = VANE_NO_LIMIT,
			.buffer_size = 4096 },
		{ .buffer_size = 300 },
	};
	static char seen[WRITERS][LINES];
	size_t row;

	for (row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		char name[TMP_PATH_MAX + 20];
		int i, count, files = 0, status;
		pid_t pids[WRITERS];

		memset(seen, 0, sizeof(seen));
		for (i = 0; i < WRITERS; i++) {
			pids[i] = fork();
			if (pids[i] == 0)
				write_lines(&rows[row], i);
		}
		for (i = 0; i < WRITERS; i++) {
			assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
			assert_int_equal(status, 0);
		}
		count = count_lines(path, seen);
		unlink(path);
		for (i = 1;; i++) {
			struct stat st;
			int more;

			snprintf(name, sizeof(name), "%s.%d", path, i);
			if (stat(name, &st) < 0)
				break;
			assert_true(st.st_size <= rows[row].max_bytes + 4 * 4096);
			more = count_lines(name, seen);
			unlink(name);
			count += more;
			files++;
		}
		assert_int_equal(count, WRITERS * LINES);
		assert_true(
			rows[row].rotate == VANE_LOG_ROTATE_NONE ? files == 0 : files > 10);
	}
}

static void only_so_many_backups_are_kept(void **state)
{
	static const struct vane_log_file_opts opts = {
		.rotate = VANE_LOG_ROTATE_SIZE, .max_bytes = 4, .max_backups = 2
	};
	struct vane_log_file *file;

	assert_int_equal(vane_log_file_new(&file, path, &opts), 0);
	put(file, "1\n");
	put(file, "2\n");
	put(file, "3\n");
	put(file, "4\n");
	put(file, "5\n");
	put(file, "6\n");
	put(file, "7 is too long\n");
	vane_log_file_free(file);
	assert_string_equal(text_of(path), "7 is too long\n");
	assert_string_equal(text_of(in_dir("log.1")), "5\n6\n");
	assert_string_equal(text_of(in_dir("log.2")), "3\n4\n");
	assert_int_equal(access(in_dir("log.3"), F_OK), -1);
}

/* Let it have been written to for the last time then. */
static void age(const char *name, time_t when)
{
	const struct timespec times[] = { { .tv_sec = when }, { .tv_sec = when } };

	assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

static void a_file_of_an_earlier_period_is_put_aside_under_its_time(void **state)
{
	static const struct {
		const char *when;
		int64_t interval;
		time_t written;
		const char *backup; /* NULL: not yet */
	} rows[] = {
		{ "midnight", 0, -86400, "%Y-%m-%d" },
		{ "D", 1, -86400, "%Y-%m-%d" },
		{ "H", 1, -3600, "%Y-%m-%d_%H" },
		{ "M", 1, -60, "%Y-%m-%d_%H-%M" },
		{ "S", 1, -2, "%Y-%m-%d_%H-%M-%S" },
		{ "W0", 1, -7 * 86400, "%Y-%m-%d" },
		{ "W6", 2, -14 * 86400, "%Y-%m-%d" },
		{ "W3", 1, 0, NULL },
		{ "D", 30000, -86400, NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct vane_log_file_opts opts = { .rotate = VANE_LOG_ROTATE_TIME,
			.when = rows[i].when,
			.interval = rows[i].interval };
		time_t then = time(NULL) + rows[i].written;
		struct vane_log_file *file;
		char backup[64] = "log.";
		struct tm tm;

		assert_int_equal(vane_log_file_new(&file, path, &opts), 0);
		put(file, "1\n");
		age(path, then);
		put(file, "2\n");
		vane_log_file_free(file);
		if (rows[i].backup != NULL) {
			localtime_r(&then, &tm);
			strftime(backup + 4, sizeof(backup) - 4, rows[i].backup, &tm);
			assert_string_equal(text_of(in_dir(backup)), "1\n");
			assert_string_equal(text_of(path), "2\n");
			unlink(in_dir(backup));
		} else {
			assert_string_equal(text_of(path), "1\n2\n");
		}
		unlink(path);
	}
}

static void the_oldest_of_backups_by_time_go_and_nothing_else(void **state)
{
	static const struct vane_log_file_opts opts = { .rotate = VANE_LOG_ROTATE_TIME,
		.max_backups = 2 };
	static const char *const names[] = { "log.2001-01-03", "log.2001-01-02",
		"log.2001-01-01", "log.conf", "log2.2001-01-01", "log.1" };
	struct vane_log_file *file;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		fd = open(in_dir(names[i]), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		close(fd);
	}
	assert_int_equal(vane_log_file_new(&file, path, &opts), 0);
	put(file, "1\n");
	age(path, 1e9);
	put(file, "2\n");
	vane_log_file_free(file);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(access(in_dir(names[i]), F_OK) == 0, i == 0 || i > 2);
}

static void a_file_that_cannot_be_put_aside_grows(void **state)
{
	static const struct vane_log_file_opts opts = {
		.rotate = VANE_LOG_ROTATE_SIZE, .max_bytes = 2, .max_backups = 1
	};
	struct vane_log_file *file;
	const char *text;
	int before = stderr_begin();

	assert_int_equal(vane_log_file_new(&file, path, &opts), 0);
	assert_int_equal(mkdir(in_dir("log.1"), 0700), 0);
	put(file, "1\n");
	put(file, "2\n");
	put(file, "3\n");
	vane_log_file_free(file);
	text = stderr_end(before);
	assert_non_null(strstr(text, "cannot put it aside, so it grows\n"));
	assert_string_equal(text_of(path), "1\n2\n3\n");
}

/* A process that may only read the file, and has locked it when this returns. */
static pid_t lock_as_reader(const char *name)
{
	struct flock what = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open(name, O_RDONLY | O_CLOEXEC);

		alarm(20); /* if its parent fails */
		if (fd < 0 || fcntl(fd, F_SETLK, &what) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void a_file_that_a_reader_has_locked_is_written_and_put_aside_later(void **state)
{
	static const struct vane_log_file_opts opts = {
		.rotate = VANE_LOG_ROTATE_SIZE, .max_bytes = 2, .max_backups = 1
	};
	struct vane_log_file *file;
	pid_t pid;

	assert_int_equal(vane_log_file_new(&file, path, &opts), 0);
	put(file, "1\n");
	pid = lock_as_reader(path);
	alarm(10); /* for who waits for the lock */
	put(file, "2\n");
	alarm(0);
	assert_string_equal(text_of(path), "1\n2\n");
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	put(file, "3\n");
	vane_log_file_free(file);
	assert_string_equal(text_of(in_dir("log.1")), "1\n2\n");
	assert_string_equal(text_of(path), "3\n");
}

static void settings_that_are_none_are_refused(void **state)
{
	static const struct vane_log_file_opts rows[] = {
		{ .when = "tomorrow" },
		{ .when = "W7" },
		{ .when = "W" },
		{ .interval = -1 },
		{ .max_bytes = -2 },
		{ .max_backups = -2 },
	};
	struct vane_log_file *file;
	size_t i;
	int before = stderr_begin();

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(vane_log_file_new(&file, path, &rows[i]), -EINVAL);
	stderr_end(before);
	assert_int_equal(vane_log_file_new(&file, "", NULL), -EINVAL);
	assert_int_equal(vane_log_file_new(&file, NULL, NULL), -EINVAL);
}

static void count_call(void *data)
{
	++*(int *) data;
}

static void buffered_lines_wait_until_it_is_full_or_flushed(void **state)
{
	static const struct vane_log_file_opts opts = { .buffer_size = 8 };
	struct vane_log_file *file;
	int told = 0;
	pid_t pid;

	assert_int_equal(vane_log_file_new(&file, path, &opts), 0);
	vane__log_on_buffered(count_call, &told);
	put(file, "1\n");
	put(file, "2\n");
	assert_int_equal(told, 1);
	assert_string_equal(text_of(path), "");
	put(file, "three\n");
	assert_string_equal(text_of(path), "1\n2\n");
	put(file, "longer than all\n");
	assert_string_equal(text_of(path), "1\n2\nthree\nlonger than all\n");
	put(file, "4\n");
	/* a child has a copy, and is not to write it */
	pid = fork();
	if (pid == 0) {
		vane__log_files_flush_now();
		vane_log_flush();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_non_null(strstr(text_of(path), "all\n"));
	assert_null(strstr(text_of(path), "4"));
	vane_log_flush();
	assert_string_equal(text_of(path), "1\n2\nthree\nlonger than all\n4\n");
	put(file, "5\n");
	vane__log_files_flush_now();
	put(file, "6\n");
	vane_log_file_free(file);
	vane__log_on_buffered(NULL, NULL);
	assert_string_equal(text_of(path), "1\n2\nthree\nlonger than all\n4\n5\n6\n");
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
		TEST(no_line_is_lost_or_mixed_when_four_processes_put_a_file_aside),
		TEST(only_so_many_backups_are_kept),
		TEST(a_file_of_an_earlier_period_is_put_aside_under_its_time),
		TEST(the_oldest_of_backups_by_time_go_and_nothing_else),
		TEST(a_file_that_cannot_be_put_aside_grows),
		TEST(a_file_that_a_reader_has_locked_is_written_and_put_aside_later),
		TEST(settings_that_are_none_are_refused),
		TEST(buffered_lines_wait_until_it_is_full_or_flushed),
		TEST(root_follows_no_link_of_another_user),
		TEST(root_follows_a_link_to_a_folder_only_where_root_has_put_it),
		TEST(root_writes_to_no_file_that_has_another_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
