/* SPDX-License-Identifier: MIT */
/*
 * test_process.c - lib/net/process.c and lib/net/master.c: workers, and what they know
 */
#include "config.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/loop.h>
#include <vane/process.h>

#include "base.h"
#include "support/family.h"

static void say_and_leave(int id)
{
	family_report("worker %d of %d", vane_task_id(), vane_task_count());
}

static void workers_have_ids_and_the_master_leaves_when_they_do(void **state)
{
	struct family family;
	char line[512];
	int seen = 0, normal = 0;

	assert_int_equal(vane_task_id(), -1);
	assert_int_equal(vane_task_count(), 0);
	assert_int_equal(vane_process_life_fd(), -1);
	family_start(
		&family, &(struct vane_process_opts) { .processes = 3 }, say_and_leave);
	family_expect(&family, "Starting 3 processes");
	while (family_next_line(&family, line, sizeof(line))) {
		int id, pid;

		if (sscanf(line, "worker %d of 3", &id) == 1)
			seen |= 1 << id;
		if (sscanf(line, "child %d (pid %d) exited normally", &id, &pid) == 2)
			normal++;
		assert_null(strstr(line, "restarting"));
	}
	assert_int_equal(seen, 7);
	assert_int_equal(normal, 3);
	assert_int_equal(family_finish(&family), 0);
}

static void a_killed_worker_comes_back_with_its_id(void **state)
{
	struct family family;
	char line[512], wanted[512];
	int victim, heir;

	family_start(&family, &(struct vane_process_opts) { .processes = 2 },
		family_say_and_wait);
	family_await(&family, "worker 1 is ", line, sizeof(line));
	victim = (int) strtol(line, NULL, 10);
	assert_int_equal(kill(victim, SIGKILL), 0);
	snprintf(wanted, sizeof(wanted),
		"child 1 (pid %d) killed by signal 9 (SIGKILL), restarting", victim);
	family_await(&family, wanted, NULL, 0);
	family_await(&family, "worker 1 is ", line, sizeof(line));
	heir = (int) strtol(line, NULL, 10);
	assert_int_not_equal(heir, victim);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
}

static void defaults_need_no_settings(void **state)
{
	struct family family;

	family_start(&family, NULL, family_leave_when_told);
	family_await_ready(&family, 1);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
}

static void notice_the_end(int id)
{
	struct pollfd life = { .fd = vane_process_life_fd(), .events = POLLIN };
	struct timespec patience = { .tv_sec = FAMILY_PATIENCE_MSEC / 1000 };
	sigset_t term;
	char c;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	family_report("worker %d is ready", id);
	if (poll(&life, 1, FAMILY_PATIENCE_MSEC) == 1 && read(life.fd, &c, 1) == 0)
		family_report("pipe ended");
	if (sigtimedwait(&term, NULL, &patience) == SIGTERM)
		family_report("signal came");
}

static void workers_learn_that_the_master_was_killed(void **state)
{
	struct family family;
	char line[512];
	int pipes = 0, terms = 0;

	family_start(
		&family, &(struct vane_process_opts) { .processes = 2 }, notice_the_end);
	family_await_ready(&family, 2);
	assert_int_equal(kill(family.master, SIGKILL), 0);
	while (family_next_line(&family, line, sizeof(line))) {
		pipes += strcmp(line, "pipe ended") == 0;
		terms += strcmp(line, "signal came") == 0;
	}
	assert_int_equal(pipes, 2);
	assert_int_equal(terms, 2);
	assert_int_equal(family_finish(&family), 1000 + SIGKILL);
}

/* Say at TERM whether others stay. */
static void await_the_end(int id)
{
	sigset_t term;
	int signo;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	family_report("worker %d is %d, others %s", id, (int) getpid(),
		vane_process_siblings_stay() ? "stay" : "leave");
	sigwait(&term, &signo);
	family_report(
		"at the end others %s", vane_process_siblings_stay() ? "stay" : "leave");
	_exit(id == 0 ? VANE_EXIT_CUT : 0);
}

static void workers_know_whether_others_stay(void **state)
{
	static const struct {
		int processes;
		bool alone; /* a worker is told to leave, and not the master */
		const char *before, *after;
	} rows[] = {
		{ 2, true, "stay", "stay" },
		{ 2, false, "stay", "leave" },
		{ 1, true, "leave", "leave" },
	};
	char line[512], rest[512], *before;
	int ready;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct family family;

		family_start(&family,
			&(struct vane_process_opts) { .processes = rows[i].processes },
			await_the_end);
		for (ready = 0; ready < rows[i].processes; ready++) {
			family_await(&family, "worker ", line, sizeof(line));
			if (line[0] == '0')
				memcpy(rest, line + strlen("0 is "), sizeof(rest) - 5);
		}
		before = strrchr(rest, ' ') + 1;
		assert_string_equal(before, rows[i].before);
		kill(rows[i].alone ? (pid_t) strtol(rest, NULL, 10) : family.master,
			SIGTERM);
		family_await(&family, "at the end others ", rest, sizeof(rest));
		assert_string_equal(rest, rows[i].after);
		if (rows[i].alone && rows[i].processes > 1) {
			family_await(&family, "worker 0 is ", NULL, 0); /* it is replaced */
			kill(family.master, SIGTERM);
		}
		assert_int_equal(family_finish(&family), VANE_EXIT_CUT);
	}
}

static void on_term(int signo)
{
}

static void have_own_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	signal(SIGTERM, on_term);
	signal(SIGCHLD, SIG_IGN);
}

static void report_signals(int id)
{
	struct sigaction term, chld, hup;
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigaction(SIGTERM, NULL, &term);
	sigaction(SIGCHLD, NULL, &chld);
	sigaction(SIGHUP, NULL, &hup);
	family_report("usr1 %d term %d chld %d; %d %d %d", sigismember(&mask, SIGUSR1),
		sigismember(&mask, SIGTERM), sigismember(&mask, SIGCHLD),
		term.sa_handler == on_term, chld.sa_handler == SIG_IGN,
		hup.sa_handler == SIG_DFL);
}

static void workers_have_the_signals_of_the_caller(void **state)
{
	struct family family;

	family_start_prepared(&family, &(struct vane_process_opts) { .processes = 1 },
		report_signals, have_own_signals);
	family_expect(&family, "Starting 1 processes");
	family_expect(&family, "usr1 1 term 0 chld 0; 1 1 1");
	assert_int_equal(family_count(&family, "child 0 "), 1); /* despite SIG_IGN */
	assert_int_equal(family_finish(&family), 0);
}

static void run_a_program(int id)
{
	int status;

	raise(SIGUSR1);
	status = system("kill -USR1 $$");
	family_report("usr1 has %s it", WIFSIGNALED(status) ? "ended" : "not ended");
}

static void a_worker_survives_usr1_and_what_it_starts_has_the_default(void **state)
{
	struct family family;

	family_start(
		&family, &(struct vane_process_opts) { .processes = 1 }, run_a_program);
	family_expect(&family, "Starting 1 processes");
	family_expect(&family, "usr1 has ended it");
	assert_int_equal(family_finish(&family), 0);
}

static void let_the_child_end(void)
{
	siginfo_t info;

	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
}

static void fork_slowly(void)
{
	pthread_atfork(NULL, let_the_child_end, NULL);
}

static void a_master_whose_worker_ends_before_it_looks_ends_too(void **state)
{
	struct family family;

	family_start_prepared(&family, &(struct vane_process_opts) { .processes = 1 },
		say_and_leave, fork_slowly);
	family_expect(&family, "Starting 1 processes");
	family_expect(&family, "worker 0 of 1");
	assert_int_equal(family_finish(&family), 0);
}

static int stray_pipe[2];

static void have_a_child(void)
{
	if (pipe2(stray_pipe, O_CLOEXEC) < 0)
		_exit(98);
	if (fork() == 0) {
		char c;

		close(stray_pipe[1]);
		if (read(stray_pipe[0], &c, 1) == 1)
			_exit(7);
		_exit(8);
	}
}

static void end_the_stray(int id)
{
	sigset_t none;

	sigemptyset(&none);
	family_report("worker %d", id);
	if (write(stray_pipe[1], "x", 1) != 1)
		_exit(97);
	family_leave_when_told(id);
}

static void other_children_are_none_of_its_business(void **state)
{
	struct family family;

	family_start_prepared(&family, &(struct vane_process_opts) { .processes = 1 },
		end_the_stray, have_a_child);
	family_await(&family, "worker 0 is ready", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_count(&family, "child "), 1); /* the worker's normal exit */
	assert_int_equal(family_finish(&family), 0);
}

static void report_random(int id)
{
	family_report("random %ld", random());
}

static void workers_draw_different_numbers(void **state)
{
	struct family family;
	char one[64], two[64];

	family_start(
		&family, &(struct vane_process_opts) { .processes = 2 }, report_random);
	family_await(&family, "random ", one, sizeof(one));
	family_await(&family, "random ", two, sizeof(two));
	assert_string_not_equal(one, two);
	assert_int_equal(family_finish(&family), 0);
}

static void fork_again(int id)
{
	family_report("again: %d", -vane_fork_processes(&(struct vane_process_opts) { 0 }));
}

static void a_worker_cannot_fork_workers(void **state)
{
	struct family family;
	char rc[16], wanted[16];

	family_start(&family, &(struct vane_process_opts) { .processes = 1 }, fork_again);
	family_await(&family, "again: ", rc, sizeof(rc));
	snprintf(wanted, sizeof(wanted), "%d", EALREADY);
	assert_string_equal(rc, wanted);
	assert_int_equal(family_finish(&family), 0);
}

static void make_a_loop(void)
{
	static struct vane_loop *loop; /* it is never freed, but not lost either */

	if (vane_loop_new_at(&loop, "early.c", 12) < 0)
		_exit(98);
}

static void a_loop_made_before_is_named(void **state)
{
	struct family family;
	char line[512], wanted[64];

	family_start_prepared(&family, &(struct vane_process_opts) { .processes = 2 },
		say_and_leave, make_a_loop);
	assert_true(family_next_line(&family, line, sizeof(line)));
	assert_memory_equal(line, "Cannot run in multiple processes: ", 34);
	assert_non_null(strstr(line, "early.c:12"));
	snprintf(wanted, sizeof(wanted), "failed with %d", EBUSY);
	family_expect(&family, wanted);
	assert_int_equal(family_finish(&family), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_have_ids_and_the_master_leaves_when_they_do),
		cmocka_unit_test(a_killed_worker_comes_back_with_its_id),
		cmocka_unit_test(defaults_need_no_settings),
		cmocka_unit_test(workers_learn_that_the_master_was_killed),
		cmocka_unit_test(workers_know_whether_others_stay),
		cmocka_unit_test(workers_have_the_signals_of_the_caller),
		cmocka_unit_test(a_master_whose_worker_ends_before_it_looks_ends_too),
		cmocka_unit_test(a_worker_survives_usr1_and_what_it_starts_has_the_default),
		cmocka_unit_test(other_children_are_none_of_its_business),
		cmocka_unit_test(workers_draw_different_numbers),
		cmocka_unit_test(a_worker_cannot_fork_workers),
		cmocka_unit_test(a_loop_made_before_is_named),
	};

	family_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
