/* SPDX-License-Identifier: MIT */
/*
 * test_pid_file.c - the pid file: adapters/main/privileges.c.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/main/privileges.h"
#include "support/tmp.h"

static long number_in(const char *path)
{
	FILE *in = fopen(path, "re");
	char text[32] = "";

	assert_non_null(in);
	assert_non_null(fgets(text, sizeof(text), in));
	fclose(in);
	return strtol(text, NULL, 10);
}

static void it_has_the_number_of_the_process_at_every_start(void **state)
{
	char path[TMP_PATH_MAX];

	tmp_path(*state, path, "pid");
	assert_int_equal(vane__privileges_pid_file(path), 0);
	assert_int_equal(number_in(path), getpid());
	assert_int_equal(vane__privileges_pid_file(path), 0);
	assert_int_equal(number_in(path), getpid());
}

static void a_pipe_in_its_place_is_refused_and_not_waited_for(void **state)
{
	char path[TMP_PATH_MAX];
	int reader;

	tmp_path(*state, path, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10); /* for who waits */
	assert_int_equal(vane__privileges_pid_file(path), -ENXIO);
	reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(vane__privileges_pid_file(path), -EINVAL);
	alarm(0);
	close(reader);
}

static void a_link_in_its_place_is_not_followed(void **state)
{
	char path[TMP_PATH_MAX], target[TMP_PATH_MAX];
	FILE *out;

	tmp_path(*state, path, "link");
	out = fopen(tmp_path(*state, target, "target"), "we");
	assert_non_null(out);
	fprintf(out, "%ld\n", (long) getpid());
	fclose(out);
	assert_int_equal(symlink("target", path), 0);
	assert_int_equal(vane__privileges_pid_file(path), -ELOOP);
}

static void a_file_that_has_another_name_is_left_as_it_is(void **state)
{
	char path[TMP_PATH_MAX], other[TMP_PATH_MAX];

	assert_int_equal(tmp_write(*state, "other", "77\n", NULL), 0);
	tmp_path(*state, other, "other");
	assert_int_equal(link(other, tmp_path(*state, path, "hard")), 0);
	assert_int_equal(vane__privileges_pid_file(path), -EINVAL);
	assert_int_equal(number_in(other), 77);
}

static int start(void **state)
{
	static struct tmp tmp;

	*state = &tmp;
	return tmp_make(&tmp);
}

static int stop(void **state)
{
	tmp_remove(*state);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_has_the_number_of_the_process_at_every_start),
		cmocka_unit_test(a_pipe_in_its_place_is_refused_and_not_waited_for),
		cmocka_unit_test(a_link_in_its_place_is_not_followed),
		cmocka_unit_test(a_file_that_has_another_name_is_left_as_it_is),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
