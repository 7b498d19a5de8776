/* SPDX-License-Identifier: MIT */
/*
 * family.c - a master and its workers, which tell what happens
 */
#include "config.h" /* for pipe2() */

#include "family.h"

#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/log.h>

#include "master.h"

/* Where this process writes its lines; a test has one family of processes at a time. */
static int report_fd = -1;

void family_prepare_process(void)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core); /* which takes its time */
	signal(SIGHUP, SIG_DFL);          /* with nohup it comes to us ignored */
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans of a killed master come to us */
}

void family_report(const char *fmt, ...)
{
	char line[512];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	line[len] = '\n';
	if (write(report_fd, line, (size_t) len + 1) < 0)
		_exit(99);
}

static void report_log(enum vane_log_level level, const char *line, void *data)
{
	family_report("%s", line);
}

void family_start_renewed(struct family *family, const struct vane_process_opts *opts,
	const struct vane__renewal *renewal, void (*work)(int id), void (*before)(void))
{
	int fds[2], rc;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fflush(NULL);
	family->master = fork();
	assert_true(family->master >= 0);
	if (family->master > 0) {
		close(fds[1]);
		family->reports = fds[0];
		return;
	}
	close(fds[0]);
	report_fd = fds[1];
	vane_log_set_function(report_log, NULL);
	if (before != NULL)
		before();
	rc = renewal != NULL ? vane__process_fork(opts, renewal)
			     : vane_fork_processes(opts);
	if (rc < 0) {
		family_report("failed with %d", -rc);
		_exit(1);
	}
	work(rc);
	_exit(0);
}

void family_start_prepared(struct family *family, const struct vane_process_opts *opts,
	void (*work)(int id), void (*before)(void))
{
	family_start_renewed(family, opts, NULL, work, before);
}

void family_start(
	struct family *family, const struct vane_process_opts *opts, void (*work)(int id))
{
	family_start_prepared(family, opts, work, NULL);
}

bool family_next_line(struct family *family, char *line, size_t size)
{
	struct pollfd poll_fd = { .fd = family->reports, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	do {
		assert_int_equal(poll(&poll_fd, 1, FAMILY_PATIENCE_MSEC), 1);
		assert_true(len < size);
		n = read(family->reports, line + len, 1);
		if (n == 0)
			return false;
		assert_int_equal(n, 1);
	} while (line[len++] != '\n');
	line[len - 1] = '\0';
	return true;
}

void family_expect(struct family *family, const char *wanted)
{
	char line[512];

	assert_true(family_next_line(family, line, sizeof(line)));
	assert_string_equal(line, wanted);
}

void family_await(struct family *family, const char *head, char *rest, size_t size)
{
	char line[512];

	do
		assert_true(family_next_line(family, line, sizeof(line)));
	while (strncmp(line, head, strlen(head)) != 0);
	if (rest != NULL)
		snprintf(rest, size, "%s", line + strlen(head));
}

int family_count(struct family *family, const char *head)
{
	char line[512];
	int count = 0;

	while (family_next_line(family, line, sizeof(line)))
		count += strncmp(line, head, strlen(head)) == 0;
	return count;
}

int family_finish(struct family *family)
{
	int status;

	family_count(family, "");
	close(family->reports);
	assert_int_equal(waitpid(family->master, &status, 0), family->master);
	while (waitpid(-1, NULL, 0) > 0)
		; /* those that the master left to us */
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

void family_say_and_wait(int id)
{
	family_report("worker %d is %d", id, (int) getpid());
	for (;;)
		pause();
}

void family_leave_when_told(int id)
{
	sigset_t term;
	int signo;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	family_report("worker %d is ready", id);
	sigwait(&term, &signo);
	family_report("worker %d drains", id);
}

void family_await_ready(struct family *family, int count)
{
	while (count-- > 0)
		family_await(family, "worker ", NULL, 0);
}
