/* SPDX-License-Identifier: MIT */
/*
 * test_crashes.c - lib/net/master.c: workers that fail, and whether others come in their place
 */
#include "config.h"

#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <vane/process.h>

#include "base.h"
#include "support/family.h"

static int64_t msec_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void say_and_crash(int id)
{
	family_report("worker %d is %d", id, (int) getpid());
	_exit(3);
}

static void it_gives_up_after_too_many_restarts(void **state)
{
	static const struct {
		int max_restarts, forks;
	} rows[] = { { 3, 4 }, { 1, 2 } };
	char line[512], last[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_process_opts opts = { .processes = 1,
			.max_restarts = rows[i].max_restarts };
		struct family family;
		int forks = 0, deaths = 0, id, pid;

		family_start(&family, &opts, say_and_crash);
		while (family_next_line(&family, line, sizeof(line))) {
			snprintf(last, sizeof(last), "%s", line);
			forks += strncmp(line, "worker 0", 8) == 0;
			deaths +=
				sscanf(line, "child %d (pid %d) exited with status 3, rest",
					&id, &pid) == 2;
		}
		assert_int_equal(forks, rows[i].forks);
		assert_int_equal(deaths, rows[i].forks);
		assert_string_equal(last, "Too many child restarts, giving up");
		assert_int_equal(family_finish(&family), 1);
	}
}

static void first_crashes(int id)
{
	if (id == 0)
		say_and_crash(id);
	family_say_and_wait(id);
}

static void say_that_one_is_ready(void *data)
{
	family_report("ready: %s", (const char *) data);
}

static void serve_and_crash(int id)
{
	vane_process_ready();
	vane_process_ready(); /* once is enough */
	say_and_crash(id);
}

static void workers_that_never_serve_are_not_restarted(void **state)
{
	static const struct {
		void (*work)(int id);
		int forks;
		const char *last;
	} rows[] = {
		{ say_and_crash, 3, "No child came to serve, giving up" },
		{ serve_and_crash, 8, "Too many child restarts, giving up" },
	};
	char line[512], last[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_process_opts opts = { .processes = 3,
			.max_restarts = 5,
			.ready = say_that_one_is_ready,
			.data = (char *) "yes" };
		struct family family;
		int forks = 0, ready = 0;

		family_start(&family, &opts, rows[i].work);
		while (family_next_line(&family, line, sizeof(line))) {
			forks += strncmp(line, "worker ", 7) == 0;
			ready += strcmp(line, "ready: yes") == 0;
			if (strstr(line, "giving up") != NULL)
				snprintf(last, sizeof(last), "%s", line);
		}
		assert_true(forks <= rows[i].forks);
		assert_int_equal(ready, rows[i].work == serve_and_crash);
		assert_string_equal(last, rows[i].last);
		assert_int_equal(family_finish(&family), 1);
	}
}

/* The first serves, and nobody else says so: those that fail are restarted. */
static void first_serves(int id)
{
	if (id > 0)
		say_and_crash(id);
	vane_process_ready();
	family_say_and_wait(id);
}

static void once_one_serves_others_are_restarted(void **state)
{
	struct vane_process_opts opts = { .processes = 4, .ready = say_that_one_is_ready };
	struct family family;
	int i;

	opts.data = (char *) "one";
	family_start(&family, &opts, first_serves);
	for (i = 0; i < 6; i++)
		family_await(&family, "worker 1 ", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	family_count(&family, "");
	assert_in_range(family_finish(&family), 0, 1); /* one may crash meanwhile */
}

static void second_is_slow(int id)
{
	sigset_t user;
	int signo;

	if (id == 0)
		say_and_crash(id);
	sigemptyset(&user);
	sigaddset(&user, SIGUSR1);
	sigprocmask(SIG_BLOCK, &user, NULL);
	family_report("slow %d", (int) getpid());
	sigwait(&user, &signo);
	vane_process_ready();
	for (;;)
		pause();
}

static void one_that_fails_does_not_keep_others_from_serving(void **state)
{
	struct vane_process_opts opts = { .processes = 2, .ready = say_that_one_is_ready };
	struct family family;
	char slow[64];
	int i;

	opts.data = (char *) "one";
	family_start(&family, &opts, second_is_slow);
	family_await(&family, "slow ", slow, sizeof(slow));
	for (i = 0; i < 4; i++)
		family_await(&family, "worker 0 ", NULL, 0);
	assert_int_equal(kill((pid_t) strtol(slow, NULL, 10), SIGUSR1), 0);
	family_await(&family, "ready: one", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	family_count(&family, "");
	assert_in_range(family_finish(&family), 0, 1); /* one may crash meanwhile */
}

static void say_and_cut(int id)
{
	family_report("worker %d", id);
	_exit(VANE_EXIT_CUT);
}

/* It was not told to leave: that is a status like others. */
static void a_worker_that_ends_with_75_by_itself_is_replaced(void **state)
{
	struct vane_process_opts opts = { .processes = 2, .max_restarts = 2 };
	struct family family;

	family_start(&family, &opts, say_and_cut);
	/* as giving up comes between */
	assert_in_range(family_count(&family, "worker "), 3, 4);
	assert_int_equal(family_finish(&family), 1);
}

/* Told alone, it has ended the socket that another one would be given. */
static void a_single_worker_that_ends_with_75_ends_the_program(void **state)
{
	struct vane_process_opts opts = { .processes = 1 };
	struct family family;

	family_start(&family, &opts, say_and_cut);
	assert_int_equal(family_count(&family, "worker 0"), 1);
	assert_int_equal(family_finish(&family), VANE_EXIT_CUT);
}

static void crashes_that_are_far_apart_do_not_add_up(void **state)
{
	struct vane_process_opts opts = {
		.processes = 1, .max_restarts = 1, .restart_window_msec = 50
	};
	struct family family;
	int i;

	family_start(&family, &opts, say_and_crash); /* 100, 200, 400 ms between them */
	for (i = 0; i < 4; i++)
		family_await(&family, "worker 0 is ", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	family_finish(&family);
}

static void giving_up_leaves_nobody_behind(void **state)
{
	struct vane_process_opts opts = { .processes = 3, .max_restarts = 2 };
	struct family family;

	family_start(&family, &opts, first_crashes);
	family_await(&family, "Too many child restarts, giving up", NULL, 0);
	assert_int_equal(family_finish(&family), 1); /* and the pipe has come to its end */
}

static void crash_once(int id)
{
	int fd, count = 0;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	family_report("worker %d has %d, life %d", id, count,
		fcntl(vane_process_life_fd(), F_GETFD));
	_exit(2);
}

static void restarted_workers_hold_no_more_than_the_first(void **state)
{
	struct vane_process_opts opts = { .processes = 1, .max_restarts = 2 };
	struct family family;
	char first[64], line[64];
	int i;

	family_start(&family, &opts, crash_once);
	family_await(&family, "worker 0 has ", first, sizeof(first));
	assert_non_null(strstr(first, "life 1")); /* close-on-exec */
	for (i = 0; i < 2; i++) {
		family_await(&family, "worker 0 has ", line, sizeof(line));
		assert_string_equal(line, first);
	}
	assert_int_equal(family_finish(&family), 1);
}

static void a_crash_loop_is_slow(void **state)
{
	struct family family;
	int64_t start_msec = msec_now();
	char line[512];
	int forks = 0;

	family_start(
		&family, &(struct vane_process_opts) { .processes = 1 }, say_and_crash);
	while (forks < 4) { /* 0, 100, 300, 700 ms */
		assert_true(family_next_line(&family, line, sizeof(line)));
		forks += strncmp(line, "worker 0", 8) == 0;
	}
	assert_true(msec_now() - start_msec >= 700);
	family_await(&family, "child 0 ", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0); /* while none lives */
	assert_int_equal(family_finish(&family), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gives_up_after_too_many_restarts),
		cmocka_unit_test(workers_that_never_serve_are_not_restarted),
		cmocka_unit_test(once_one_serves_others_are_restarted),
		cmocka_unit_test(one_that_fails_does_not_keep_others_from_serving),
		cmocka_unit_test(a_worker_that_ends_with_75_by_itself_is_replaced),
		cmocka_unit_test(a_single_worker_that_ends_with_75_ends_the_program),
		cmocka_unit_test(crashes_that_are_far_apart_do_not_add_up),
		cmocka_unit_test(giving_up_leaves_nobody_behind),
		cmocka_unit_test(restarted_workers_hold_no_more_than_the_first),
		cmocka_unit_test(a_crash_loop_is_slow),
	};

	family_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
