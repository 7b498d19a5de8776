/* SPDX-License-Identifier: MIT */
/*
 * test_run_as.c - gateway/run_as.c: whom a program may be run as, and a child that becomes them.
 *
 * Who we are is what a test says, so that both sides are seen whoever runs it; what the kernel allows
 * is tried by root, and by others that it does not.
 */
#include "test.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/log.h>

#include "gateway/run_as.h"

static bool as_root, as_user; /* what we are said to be, if not what we are */

uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);
struct passwd *__real_getpwnam(const char *name);
struct passwd *__wrap_getpwnam(const char *name);

uid_t __wrap_geteuid(void)
{
	return as_root ? 0 : as_user ? 12345 : __real_geteuid();
}

struct passwd *__wrap_getpwnam(const char *name)
{
	static struct passwd other = { .pw_uid = 4321, .pw_gid = 5432 };
	static struct passwd alias = { .pw_uid = 0, .pw_gid = 0 };

	if (strcmp(name, "other") == 0)
		return &other;
	return strcmp(name, "toor") == 0 ? &alias : __real_getpwnam(name);
}

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	char *kept = data;

	(void) level;
	kept[0] = '\0';
	strncat(kept, line, 255);
}

static int try(const char *user, const char *group, const char *says)
{
	char line[256] = "";
	struct vane__run_as as;
	int rc;

	vane_log_set_function(keep_line, line);
	rc = vane__run_as_init(&as, user, group);
	vane_log_set_function(NULL, NULL);
	vane__run_as_fini(&as);
	if (strstr(line, says) == NULL)
		fail_msg("no '%s' in '%s'", says, line);
	return rc;
}

static void what_cannot_be_is_refused_with_words(void **state)
{
	(void) state;
	as_root = true;
	assert_int_equal(
		try("no-such-user", NULL, "user no-such-user: there is no such user"),
		-ENOENT);
	assert_int_equal(try("other", "no-such-group", "there is no such group"), -ENOENT);
	assert_int_equal(try(NULL, "root", "a group needs a user"), -EINVAL);
	assert_int_equal(try("toor", NULL, "that is root under another name"), -EINVAL);
	assert_int_equal(try("other", NULL, ""), 0);
	as_root = false;
	as_user = true;
	assert_int_equal(
		try("other", NULL, "only root can run programs as another user"), -EPERM);
	assert_int_equal(try("root", NULL, "only root can"), -EPERM);
	as_user = false;
}

static void who_we_are_takes_no_rights(void **state)
{
	const struct passwd *own = getpwuid(__real_geteuid());
	struct vane__run_as as;

	(void) state;
	assert_int_equal(vane__run_as_init(&as, NULL, NULL), 0);
	assert_false(as.other);
	vane__run_as_fini(&as);
	assert_non_null(own);
	if (getegid() != own->pw_gid)
		return; /* that is somebody else, then */
	assert_int_equal(vane__run_as_init(&as, own->pw_name, NULL), 0);
	assert_false(as.other);
	vane__run_as_fini(&as);
}

static void the_group_is_the_users_unless_it_is_given(void **state)
{
	const struct group *some = getgrgid(0);
	struct vane__run_as as;

	(void) state;
	assert_non_null(some);
	as_root = true;
	assert_int_equal(vane__run_as_init(&as, "other", NULL), 0);
	assert_true(as.other);
	assert_int_equal(as.uid, 4321);
	assert_int_equal(as.gid, 5432);
	assert_true(as.group_count >= 1);
	assert_int_equal(as.groups[0], 5432);
	vane__run_as_fini(&as);
	assert_int_equal(vane__run_as_init(&as, "other", some->gr_name), 0);
	assert_int_equal(as.gid, 0);
	vane__run_as_fini(&as);
	as_root = false;
}

/* 0, or what is not as it should be. */
static int become_and_look(const struct vane__run_as *as)
{
	gid_t groups[64];
	int count;

	if (vane__run_as_become(as) < 0)
		return errno == EPERM ? 1 : 2;
	count = getgroups(64, groups);
	if (getuid() != 4321 || __real_geteuid() != 4321 || getgid() != 5432 ||
		getegid() != 5432)
		return 3;
	if (count != 2 || groups[0] != 777 || groups[1] != 5432)
		return 4;
	return setuid(0) == 0 || setgid(0) == 0 || setgroups(0, NULL) == 0 ? 5 : 0;
}

static void a_child_becomes_it_for_good(void **state)
{
	gid_t groups[2] = { 5432, 777 };
	const struct vane__run_as as = {
		.other = true, .uid = 4321, .gid = 5432, .groups = groups, .group_count = 2
	};
	pid_t pid = fork();
	int status;

	(void) state;
	if (pid == 0)
		_exit(become_and_look(&as));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), __real_geteuid() == 0 ? 0 : 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_is_refused_with_words),
		cmocka_unit_test(who_we_are_takes_no_rights),
		cmocka_unit_test(the_group_is_the_users_unless_it_is_given),
		cmocka_unit_test(a_child_becomes_it_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
