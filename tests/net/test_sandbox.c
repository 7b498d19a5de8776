/* SPDX-License-Identifier: MIT */
/*
 * test_sandbox.c - lib/net/sandbox.c and lib/net/landlock.c: the list of files that may be had, and a
 * process that steps into confinement.
 *
 * Where the kernel has no Landlock, or Valgrind does not know it, that is what is expected.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "landlock.h"
#include "sandbox.h"
#include "support/tmp.h"

static struct tmp tmp;

static size_t count_places(void)
{
	const struct vane__sandbox_place *place = vane__sandbox_first();
	size_t count = 0;

	for (; place != NULL; place = place->next)
		count++;
	return count;
}

static void rights_for_a_path_add_up(void **state)
{
	char path[TMP_PATH_MAX];
	const struct vane__sandbox_place *place;

	(void) state;
	tmp_path(&tmp, path, "file");
	assert_int_equal(vane__sandbox_allow(path, VANE_SANDBOX_WRITE, true), 0);
	assert_int_equal(vane_sandbox_allow(path, VANE_SANDBOX_READ), 0);
	assert_int_equal(count_places(), 1);
	place = vane__sandbox_first();
	assert_int_equal(place->rights, VANE_SANDBOX_READ | VANE_SANDBOX_WRITE);
	assert_false(place->common); /* as the program names it as well */
	assert_string_equal(place->path, path);
}

static void what_is_no_path_or_no_right_is_refused(void **state)
{
	(void) state;
	assert_int_equal(vane_sandbox_allow(NULL, VANE_SANDBOX_READ), -EINVAL);
	assert_int_equal(vane_sandbox_allow("", VANE_SANDBOX_READ), -EINVAL);
	assert_int_equal(vane_sandbox_allow("/", 0), -EINVAL);
	assert_int_equal(vane_sandbox_allow("/", 8), -EINVAL);
	assert_int_equal(vane_sandbox_allow("/is/not/there", VANE_SANDBOX_READ), -ENOENT);
	assert_int_equal(count_places(), 0);
	/* the library's own may come later */
	assert_int_equal(vane__sandbox_allow("/is/not/there", VANE_SANDBOX_READ, true), 0);
}

static void a_relative_path_is_of_the_folder_of_that_moment(void **state)
{
	char path[TMP_PATH_MAX];
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void) state;
	assert_int_equal(chdir(tmp.path), 0);
	assert_int_equal(vane_sandbox_allow("file", VANE_SANDBOX_READ), 0);
	assert_int_equal(fchdir(here), 0);
	close(here);
	assert_string_equal(vane__sandbox_first()->path, tmp_path(&tmp, path, "file"));
}

static void places_of_others_go_when_they_are_taken_out(void **state)
{
	struct vane__sandbox_place places[3] = { { .path = "/a" }, { .path = "/b" },
		{ .path = "/c" } };
	size_t i;

	(void) state;
	for (i = 0; i < 3; i++)
		vane__sandbox_add(&places[i]);
	assert_int_equal(vane_sandbox_allow("/", VANE_SANDBOX_READ), 0);
	vane__sandbox_remove(&places[1]);
	vane__sandbox_remove(&places[1]);
	assert_ptr_equal(vane__sandbox_first(), &places[0]);
	assert_ptr_equal(places[0].next, &places[2]);
	vane__sandbox_fini(); /* which are not its own */
	assert_int_equal(count_places(), 2);
	vane__sandbox_remove(&places[0]);
	vane__sandbox_remove(&places[2]);
	assert_null(vane__sandbox_first());
}

/* What opening fails with, 0: nothing. */
static int open_fails(const char *name, int flags)
{
	char path[TMP_PATH_MAX];
	int fd = open(tmp_path(&tmp, path, name), flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int rename_fails(const char *from, const char *to)
{
	char a[TMP_PATH_MAX], b[TMP_PATH_MAX];

	return rename(tmp_path(&tmp, a, from), tmp_path(&tmp, b, to)) < 0 ? errno : 0;
}

/* In a process of its own, as it is for good: the number of the first row that is not as wanted. */
static int try_confined(int denied)
{
	const struct {
		const char *name;
		int flags, wanted;
	} rows[] = {
		{ "file", O_RDONLY, denied },
		{ "file", O_WRONLY, denied },
		{ "new", O_WRONLY | O_CREAT, denied },
		{ ".", O_RDONLY, denied },
		{ "read/file", O_RDONLY, 0 },
		{ "read", O_RDONLY, 0 },
		{ "read/file", O_WRONLY, denied },
		{ "read/file", O_RDONLY | O_TRUNC, denied },
		{ "read/new", O_WRONLY | O_CREAT, denied },
		{ "write/new", O_WRONLY | O_CREAT, 0 },
		{ "write/new", O_RDONLY, 0 },
		{ "alone", O_RDONLY, 0 },
		{ "alone", O_WRONLY, denied },
	};
	int i;

	for (i = 0; i < (int) (sizeof(rows) / sizeof(rows[0])); i++)
		if (open_fails(rows[i].name, rows[i].flags) != rows[i].wanted)
			return i + 10;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 1;
	if (rename_fails("write/new", "write/other") != 0)
		return 2;
	return denied != 0 && rename_fails("write/other", "read/other") == 0 ? 3 : 0;
}

static int allow_in_tmp(const char *name, unsigned rights)
{
	char path[TMP_PATH_MAX];

	return vane_sandbox_allow(tmp_path(&tmp, path, name), rights);
}

static void a_confined_process_has_what_is_in_the_list(void **state)
{
	int abi = vane__landlock_abi(), status;
	pid_t pid;

	(void) state;
	assert_int_equal(allow_in_tmp("read", VANE_SANDBOX_READ), 0);
	assert_int_equal(allow_in_tmp("write", VANE_SANDBOX_READ | VANE_SANDBOX_WRITE), 0);
	assert_int_equal(allow_in_tmp("alone", VANE_SANDBOX_READ), 0);
	assert_int_equal(vane__sandbox_allow("/is/not/there", VANE_SANDBOX_READ, true), 0);
	pid = fork();
	if (pid == 0) {
		if (vane__sandbox_enter(abi) < 0)
			_exit(4);
		_exit(try_confined(abi > 0 ? EACCES : 0));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* The rules of an older kernel are a part of a newer one's. */
static void the_rules_of_older_versions_are_taken_too(void **state)
{
	int newest = vane__landlock_abi(), abi, status;
	pid_t pid;

	(void) state;
	assert_int_equal(allow_in_tmp("read", VANE_SANDBOX_READ), 0);
	assert_int_equal(allow_in_tmp("write", VANE_SANDBOX_READ | VANE_SANDBOX_WRITE), 0);
	for (abi = 1; abi <= newest; abi++) {
		pid = fork();
		if (pid == 0) {
			if (vane__sandbox_enter(abi) < 0)
				_exit(4);
			_exit(open_fails("file", O_RDONLY) == EACCES &&
						open_fails("read/file", O_RDONLY) == 0 &&
						open_fails("write/new",
							O_WRONLY | O_CREAT) == 0
					? 0
					: 1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	/* and where there is none it says so */
	if (newest <= 0)
		assert_true(vane__landlock_new(1) < 0);
}

static int start(void **state)
{
	(void) state;
	if (tmp_make(&tmp) < 0 || tmp_mkdir(&tmp, "read") < 0 ||
		tmp_mkdir(&tmp, "write") < 0)
		return -1;
	if (tmp_write(&tmp, "read/file", "x", NULL) < 0)
		return -1;
	return tmp_write(&tmp, "file", "x", NULL) < 0 ? -1
						      : tmp_write(&tmp, "alone", "x", NULL);
}

static int forget(void **state)
{
	(void) state;
	vane__sandbox_fini();
	return 0;
}

static int stop(void **state)
{
	(void) state;
	tmp_remove(&tmp);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(rights_for_a_path_add_up, forget),
		cmocka_unit_test_teardown(what_is_no_path_or_no_right_is_refused, forget),
		cmocka_unit_test_teardown(
			a_relative_path_is_of_the_folder_of_that_moment, forget),
		cmocka_unit_test_teardown(
			places_of_others_go_when_they_are_taken_out, forget),
		cmocka_unit_test_teardown(
			a_confined_process_has_what_is_in_the_list, forget),
		cmocka_unit_test_teardown(
			the_rules_of_older_versions_are_taken_too, forget),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
