/* SPDX-License-Identifier: MIT */
/*
 * test_confine.c - adapters/main/confine.c: which files follow from the settings, and the words that say
 * what is active.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/main/confine.h"
#include "landlock.h"
#include "sandbox.h"

static struct vane__confine confine;

/* The rights of a place in the list, 0: it is not there. */
static unsigned rights_of(const char *path)
{
	const struct vane__sandbox_place *place = vane__sandbox_first();

	while (place != NULL && strcmp(place->path, path) != 0)
		place = place->next;
	return place != NULL ? place->rights : 0;
}

static int plan(const struct vane__settings *settings)
{
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC), rc;

	dup2(null, STDERR_FILENO);
	rc = vane__confine_plan(&confine, settings, "/opt/app/bin/app");
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(null);
	return rc;
}

static void without_the_option_nothing_is_planned(void **state)
{
	const struct vane__settings settings = { .log_file = "/tmp/log" };

	(void) state;
	assert_int_equal(plan(&settings), 0);
	assert_null(vane__sandbox_first());
	assert_null(vane__confine_words(&confine));
	assert_int_equal(vane__confine_enter(&confine, false), 0);
}

static void the_list_follows_from_the_settings(void **state)
{
	const struct vane__settings settings = { .sandbox = VANE__SANDBOX_ON,
		.log_file = "/var/log/app/app.log",
		.access_log_file = "/dev/null" };
	const unsigned both = VANE_SANDBOX_READ | VANE_SANDBOX_WRITE;

	(void) state;
	setenv("TMPDIR", "/var/tmp", 1);
	assert_int_equal(plan(&settings), 0);
	if (vane__landlock_abi() <= 0) {
		assert_null(vane__sandbox_first());
		assert_non_null(strstr(confine.words, "files are not confined"));
		return;
	}
	assert_int_equal(rights_of("/var/log/app"), both);
	assert_int_equal(rights_of("/var/tmp"), both);
	assert_int_equal(rights_of("/tmp"), 0);
	assert_int_equal(rights_of("/dev/null"), both);
	assert_int_equal(rights_of("/dev"), 0);
	assert_int_equal(rights_of("/opt/app/bin/app"), VANE_SANDBOX_READ);
	assert_int_equal(rights_of("/etc/hosts"), VANE_SANDBOX_READ);
	assert_int_equal(rights_of("/etc"), 0);
	assert_int_equal(rights_of("/usr/lib"), VANE_SANDBOX_READ);
}

static void the_words_name_what_is_the_programs_own(void **state)
{
	const struct vane__settings settings = { .sandbox = VANE__SANDBOX_ON };
	char head[80];

	(void) state;
	unsetenv("TMPDIR");
	assert_int_equal(vane_sandbox_allow("/proc", VANE_SANDBOX_READ), 0);
	assert_int_equal(vane_sandbox_allow("/dev", VANE_SANDBOX_READ), 0);
	assert_int_equal(
		vane_sandbox_allow("/", VANE_SANDBOX_READ | VANE_SANDBOX_EXECUTE), 0);
	assert_int_equal(plan(&settings), 0);
	if (vane__landlock_abi() <= 0) {
		assert_string_equal(vane__confine_words(&confine),
			vane__landlock_abi() == -EOPNOTSUPP
				? "no new privileges; files are not confined, as Landlock was "
				  "left out when this system was started"
				: "no new privileges; files are not confined, as this system "
				  "has no Landlock");
		return;
	}
	snprintf(head, sizeof(head), "no new privileges, files by Landlock (ABI %d)",
		vane__landlock_abi());
	assert_memory_equal(vane__confine_words(&confine), head, strlen(head));
	assert_string_equal(vane__confine_words(&confine) + strlen(head),
		": the system's, read /proc /dev /, write /tmp, run /");
}

static void words_that_do_not_fit_are_left_out(void **state)
{
	const struct vane__settings settings = { .sandbox = VANE__SANDBOX_ON };
	char path[200];
	int i;

	(void) state;
	for (i = 0; i < 50; i++) {
		snprintf(path, sizeof(path), "/%0150d", i);
		assert_int_equal(vane__sandbox_allow(path, VANE_SANDBOX_READ, false), 0);
	}
	assert_int_equal(plan(&settings), 0);
	assert_true(strlen(vane__confine_words(&confine)) < sizeof(confine.words));
}

static void where_it_is_required_it_has_to_be_there(void **state)
{
	const struct vane__settings settings = { .sandbox = VANE__SANDBOX_REQUIRED };

	(void) state;
	assert_int_equal(plan(&settings), vane__landlock_abi() > 0 ? 0 : -ENOSYS);
}

static int forget(void **state)
{
	(void) state;
	vane__sandbox_fini();
	confine = (struct vane__confine) { .on = false };
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(without_the_option_nothing_is_planned, forget),
		cmocka_unit_test_teardown(the_list_follows_from_the_settings, forget),
		cmocka_unit_test_teardown(the_words_name_what_is_the_programs_own, forget),
		cmocka_unit_test_teardown(words_that_do_not_fit_are_left_out, forget),
		cmocka_unit_test_teardown(where_it_is_required_it_has_to_be_there, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
