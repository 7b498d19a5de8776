/* SPDX-License-Identifier: MIT */
/*
 * test_master.c - lib/net/master.c: orders, and its log
 */
#include "config.h"

#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/process.h>

#include "base.h"
#include "support/family.h"

static void never_leave(int id)
{
	family_leave_when_told(id);
	for (;;)
		pause(); /* TERM is still blocked */
}

/* Nor when QUIT comes. */
static void never_ever_leave(int id)
{
	signal(SIGQUIT, SIG_IGN);
	never_leave(id);
}

static void on_quit(int signo)
{
	_exit(0);
}

static void leave_at_once(int id)
{
	signal(SIGQUIT, on_quit);
	never_leave(id);
}

static void fail_when_told(int id)
{
	family_leave_when_told(id);
	_exit(4);
}

static void orders_end_the_family(void **state)
{
	static const struct {
		void (*work)(int id);
		int signo, again; /* the second after both drain; 0: none */
		int64_t drain_msec;
		int status;
	} rows[] = {
		{ family_leave_when_told, SIGTERM, 0, 0, 0 },
		{ family_leave_when_told, SIGINT, 0, 0, 0 },
		{ family_say_and_wait, SIGTERM, 0, 0, 0 },
		{ fail_when_told, SIGTERM, 0, 0, 1 },
		{ never_leave, SIGTERM, SIGTERM, 60000, 0 },
		{ never_leave, SIGTERM, SIGINT, 60000, 0 },
		{ never_leave, SIGTERM, SIGTERM, VANE_NO_LIMIT, 0 },
		{ family_leave_when_told, SIGTERM, 0, VANE_NO_LIMIT, 0 },
		{ never_leave, SIGQUIT, 0, 60000, 0 },
		{ leave_at_once, SIGQUIT, 0, 60000, 0 },
		{ leave_at_once, SIGTERM, SIGTERM, 60000, 0 },
		{ leave_at_once, SIGTERM, 0, 1, 0 },        /* the two seconds */
		{ never_ever_leave, SIGQUIT, 0, 60000, 1 }, /* and here */
		{ never_leave, SIGTERM, 0, 1, 0 },          /* the two seconds */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_process_opts opts = { .processes = 2,
			.drain_msec = rows[i].drain_msec };
		struct family family;

		family_start(&family, &opts, rows[i].work);
		family_await_ready(&family, 2);
		assert_int_equal(kill(family.master, rows[i].signo), 0);
		if (rows[i].again != 0) {
			family_await_ready(&family, 2); /* "drains" */
			assert_int_equal(kill(family.master, rows[i].again), 0);
		}
		assert_int_equal(family_count(&family, "worker 0 is"), 0);
		assert_int_equal(family_finish(&family), rows[i].status);
	}
}

static void order_at_once(int id)
{
	if (id == 0)
		kill(getppid(), SIGTERM);
	for (;;)
		pause();
}

static void an_order_during_the_start_is_not_lost(void **state)
{
	struct family family;

	family_start(
		&family, &(struct vane_process_opts) { .processes = 4 }, order_at_once);
	assert_int_equal(family_finish(&family), 0);
}

static void other_signals_are_ignored(void **state)
{
	struct family family;

	family_start(&family, &(struct vane_process_opts) { .processes = 1 },
		family_leave_when_told);
	family_await_ready(&family, 1);
	assert_int_equal(kill(family.master, SIGHUP), 0);
	family_await(&family, "signal SIGHUP ignored", NULL, 0);
	assert_int_equal(kill(family.master, SIGUSR2), 0);
	family_await(&family, "signal SIGUSR2 ignored", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
}

/* Log to where nobody reads, and have that kill. */
static void have_no_reader(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0 || dup2(fds[1], STDERR_FILENO) < 0)
		_exit(98);
	close(fds[0]);
	signal(SIGPIPE, SIG_DFL);
	vane_log_set_function(NULL, NULL);
	vane_log_set_level(VANE_LOG_WARNING); /* the first line is before the fork */
}

static void a_log_that_nobody_reads_does_not_end_the_master(void **state)
{
	struct family family;
	char line[64];

	family_start_prepared(&family, &(struct vane_process_opts) { .processes = 1 },
		family_say_and_wait, have_no_reader);
	family_await(&family, "worker 0 is ", line, sizeof(line));
	assert_int_equal(kill((pid_t) strtol(line, NULL, 10), SIGKILL), 0);
	/* and the end of the first was logged */
	family_await(&family, "worker 0 is ", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_end_the_family),
		cmocka_unit_test(an_order_during_the_start_is_not_lost),
		cmocka_unit_test(other_signals_are_ignored),
		cmocka_unit_test(a_log_that_nobody_reads_does_not_end_the_master),
	};

	family_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
