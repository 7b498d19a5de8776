/* SPDX-License-Identifier: MIT */
/*
 * test_roll.c - lib/net/roll.c and workers.c: a new program in place of an old one, worker by worker
 */
#include "config.h"

#include "test.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <vane/handover.h>

#include "base.h"
#include "handover.h"
#include "master.h"
#include "notify.h"
#include "process.h"
#include "support/family.h"

/* What a new program does in its rehearsal. */
struct behaviour {
	bool says;  /* that it is ready */
	int status; /* and leaves; -1: it stays */
	int rc;     /* it cannot even be started */
};

static pid_t spawn(struct vane__inheritance *inherit, int signo, void *data)
{
	const struct behaviour *behaviour = data;
	pid_t pid = behaviour->rc < 0 ? behaviour->rc : fork();

	if (pid != 0)
		return pid;
	if (behaviour->says)
		vane__inherit_report(inherit);
	if (behaviour->status < 0)
		sleep(60);
	_exit(behaviour->status);
}

static int become(struct vane__inheritance *inherit, int signo, void *data)
{
	family_report("becomes what %s asks for, with %d workers",
		signo == SIGHUP ? "HUP" : "USR2", (int) inherit->worker_count);
	return -ENOEXEC;
}

static void work(int id)
{
	family_report("new %d serves", id);
	vane_process_ready();
	family_leave_when_told(id);
}

static void what_does_not_come_up_changes_nothing(void **state)
{
	static const struct {
		struct behaviour behaviour;
		const char *said;
	} rows[] = {
		{ { false, 3, 0 }, "exited with status 3" },
		{ { true, 3, 0 }, "exited with status 3" },
		{ { false, 0, 0 }, "exited with status 0" },
		{ { false, -1, 0 }, "it takes too long" },
		{ { false, 0, -EAGAIN }, "Resource temporarily unavailable" },
		{ { true, 0, 0 }, "Exec format error" }, /* it did, but cannot be become */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct behaviour behaviour = rows[i].behaviour;
		const struct vane__renewal renewal = { .spawn = spawn,
			.become = become,
			.start_msec = behaviour.status < 0 ? 200 : 20000,
			.data = &behaviour };
		struct family family;
		char line[512];

		family_start_renewed(&family,
			&(struct vane_process_opts) { .processes = 2 }, &renewal, work,
			NULL);
		family_await_ready(&family, 2);
		assert_int_equal(kill(family.master, i % 2 == 0 ? SIGHUP : SIGUSR2), 0);
		if (i + 1 == ARRAY_SIZE(rows))
			family_await(&family, "becomes what USR2 asks for, with 2 workers",
				NULL, 0);
		family_await(
			&family, "the new program did not come up (", line, sizeof(line));
		assert_int_equal(strncmp(line, rows[i].said, strlen(rows[i].said)), 0);
		assert_int_equal(kill(family.master, SIGTERM), 0);
		assert_int_equal(family_finish(&family), 0);
	}
}

/* ---- with workers of a program before ---- */

static struct vane__inheritance left;

/* Say that TERM has come, and whether others serve instead. */
static void be_old(int id)
{
	sigset_t term;
	siginfo_t info;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	if (sigwaitinfo(&term, &info) == SIGTERM)
		family_report("old %d is %s", id,
			info.si_code == SI_QUEUE && info.si_value.sival_int == VANE__HEIRS
				? "replaced"
				: "told");
	_exit(0);
}

static void fork_old(int count)
{
	sigset_t term;
	int i;

	sigemptyset(&term); /* they may be told before they are there */
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	vane__inherit_init(&left);
	for (i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0)
			be_old(i);
		vane__inherit_add_worker(&left, VANE__INHERIT_OLD, i, pid);
	}
}

static void fork_three(void)
{
	fork_old(3);
}

static void start_after(
	struct family *family, int processes, void (*worker)(int id), void (*before)(void))
{
	struct vane__renewal renewal = {
		.inherited = &left, .spawn = spawn, .become = become, .start_msec = 2000
	};
	const struct vane_process_opts opts = { .processes = processes };

	sigemptyset(&renewal.mask);
	family_start_renewed(family, &opts, &renewal, worker, before);
}

static void start(struct family *family, int processes, void (*worker)(int id))
{
	start_after(family, processes, worker, fork_three);
}

/* Read lines until so many old ones are replaced, and note when each new one has come. */
static void expect_turns(struct family *family, int replaced)
{
	int served = 0, id, seen = 0;
	char line[512];

	while (seen < replaced) {
		assert_true(family_next_line(family, line, sizeof(line)));
		if (sscanf(line, "new %d serves", &id) == 1) {
			assert_int_equal(id, served); /* one after the other */
			served++;
		}
		if (strstr(line, "is replaced") != NULL &&
			sscanf(line, "old %d", &id) == 1) {
			assert_true(id < served);
			seen++;
		}
	}
}

static void old_ones_leave_as_new_ones_come(void **state)
{
	struct family family;

	start(&family, 3, work);
	expect_turns(&family, 3);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
	start(&family, 4, work);
	family_await(&family, "new 3 serves", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
}

static void those_above_the_number_leave_too(void **state)
{
	struct family family;

	start(&family, 2, work);
	family_await(&family, "old 2 is replaced", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
}

static void fail_from_one_on(int id)
{
	if (id > 0)
		_exit(4);
	work(id);
}

static void a_worker_that_fails_stops_the_roll(void **state)
{
	struct family family;
	char line[512];
	int told = 0;

	start(&family, 3, fail_from_one_on);
	family_await(&family,
		"child 1 of the new program did not come up (exited with status 4): the old "
		"ones that are left go on",
		NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	while (family_next_line(&family, line, sizeof(line)))
		told += strncmp(line, "old ", 4) == 0 && strstr(line, " is told") != NULL;
	assert_int_equal(told, 2);
	assert_int_equal(family_finish(&family), 0);
}

static void never_ready(int id)
{
	family_leave_when_told(id);
}

static void a_worker_that_takes_too_long_stops_the_roll(void **state)
{
	struct family family;
	char line[512];
	int told = 0;

	start(&family, 3, never_ready);
	family_await(&family,
		"child 0 of the new program did not come up (it takes too long)", NULL, 0);
	family_await(&family, "child 0 (pid ", NULL, 0); /* the one that was late is gone */
	assert_int_equal(kill(family.master, SIGTERM), 0);
	while (family_next_line(&family, line, sizeof(line))) {
		assert_null(strstr(line, "replaced"));
		told += strstr(line, " is told") != NULL;
	}
	assert_int_equal(told, 3);
	assert_int_equal(family_finish(&family), 0);
}

static void their_number_changes_by_order(void **state)
{
	struct behaviour behaviour = { 0 };
	const struct vane__renewal renewal = {
		.spawn = spawn, .become = become, .start_msec = 2000, .data = &behaviour
	};
	struct family family;

	family_start_renewed(&family, &(struct vane_process_opts) { .processes = 1 },
		&renewal, work, NULL);
	family_await_ready(&family, 1);
	assert_int_equal(kill(family.master, SIGTTOU), 0);
	family_await(&family, "signal SIGTTOU ignored: there is one process", NULL, 0);
	assert_int_equal(kill(family.master, SIGTTIN), 0);
	family_await(&family, "signal SIGTTIN: 2 processes", NULL, 0);
	family_await(&family, "worker 1 is ready", NULL, 0);
	assert_int_equal(kill(family.master, SIGTTOU), 0);
	family_await(&family, "worker 1 drains", NULL, 0);
	family_await(&family, "child 1 (pid ", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
}

/* The processes that have it end without freeing anything: it stays reachable. */
static void fork_three_with_handover(void)
{
	static struct vane_handover *handover;

	fork_three();
	assert_int_equal(vane_handover_new(&handover), 0);
	vane__handover_fds(handover, left.handover);
}

static void say_whether_it_takes(int id)
{
	family_report("new %d takes %s", id,
		vane__process_take_handover(1) != NULL ? "them" : "none");
	work(id);
}

static void a_single_new_worker_takes_what_old_ones_hand_over(void **state)
{
	struct family family;

	start_after(&family, 1, say_whether_it_takes, fork_three_with_handover);
	family_await(&family, "new 0 takes them", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
}

static void fail_at_once(int id)
{
	_exit(4);
}

static void an_old_worker_that_stayed_is_counted_again(void **state)
{
	struct family family;
	char line[512];
	int told = 0;

	start(&family, 1, fail_at_once);
	family_await(&family, "child 0 of the new program did not come up", NULL, 0);
	assert_int_equal(kill(family.master, SIGTTIN), 0);
	family_await(&family, "signal SIGTTIN: 2 processes", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	while (family_next_line(&family, line, sizeof(line)))
		told += strncmp(line, "old ", 4) == 0 && strstr(line, " is told") != NULL;
	assert_int_equal(told, 3);
	assert_int_equal(family_finish(&family), 0);
}

/* Where systemd would listen, in NOTIFY_SOCKET. */
static int open_notify(void)
{
	const struct timeval patience = { .tv_sec = 10 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(
		addr.sun_path, sizeof(addr.sun_path), "@vane-test-roll-%d", (int) getpid());
	assert_int_equal(setenv("NOTIFY_SOCKET", addr.sun_path, 1), 0);
	addr.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *) &addr,
				 (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 +
					      strlen(addr.sun_path + 1))),
		0);
	assert_int_equal(
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

static void fork_three_under_systemd(void)
{
	fork_three();
	(void) vane__notify_begin();
}

static void systemd_is_told_when_the_roll_stops(void **state)
{
	struct family family;
	int fd = open_notify();
	char said[512];
	ssize_t n;

	start_after(&family, 3, fail_at_once, fork_three_under_systemd);
	unsetenv("NOTIFY_SOCKET");
	n = recv(fd, said, sizeof(said) - 1, 0);
	assert_true(n > 0);
	said[n] = '\0';
	assert_non_null(strstr(said, "READY=1"));
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
	close(fd);
}

/* An id that no worker of ours has, and a process that is no child: this test, which TERM would end. */
static void fork_three_and_more(void)
{
	pid_t pid;

	fork_three();
	pid = fork();
	if (pid == 0)
		be_old(99);
	vane__inherit_add_worker(&left, VANE__INHERIT_OLD, INT_MAX, pid);
	vane__inherit_add_worker(&left, VANE__INHERIT_OLD, 3, getppid());
}

static void who_is_no_child_is_not_adopted(void **state)
{
	struct family family;

	start_after(&family, 3, work, fork_three_and_more);
	family_await(&family, "old 99 is replaced", NULL, 0);
	family_await(&family, "old 2 is replaced", NULL, 0);
	assert_int_equal(kill(family.master, SIGTERM), 0);
	assert_int_equal(family_finish(&family), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_come_up_changes_nothing),
		cmocka_unit_test(old_ones_leave_as_new_ones_come),
		cmocka_unit_test(those_above_the_number_leave_too),
		cmocka_unit_test(a_worker_that_fails_stops_the_roll),
		cmocka_unit_test(a_worker_that_takes_too_long_stops_the_roll),
		cmocka_unit_test(their_number_changes_by_order),
		cmocka_unit_test(a_single_new_worker_takes_what_old_ones_hand_over),
		cmocka_unit_test(an_old_worker_that_stayed_is_counted_again),
		cmocka_unit_test(systemd_is_told_when_the_roll_stops),
		cmocka_unit_test(who_is_no_child_is_not_adopted),
	};

	family_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
