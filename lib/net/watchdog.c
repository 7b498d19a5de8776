/* SPDX-License-Identifier: MIT */
/*
 * watchdog.c - handlers that take too long: named in the log while they run, and ended with their
 * process when they take far too long.
 *
 * Whoever looks is not the process that is held up: its master, or a thread where there is none.  It
 * is sent no signal to look at it, as that would wake a handler that sleeps.
 */
#include "scoreboard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vane/log.h>

#include "slow_stack.h"

/* How often it is looked: four times in the shortest of the times that are allowed, within these. */
#define LEAST_MSEC 20
#define MOST_MSEC  1000

/* What a process has after ABRT, to write where it is. */
#define KILL_MSEC 2000

/* The thread of this process, if it has one. */
static struct {
	pthread_t thread;
	bool runs;
	pid_t child; /* that looks at a stack; 0: none */
} watcher;

int64_t vane__watchdog_msec(void)
{
	int64_t slow = vane__board.opts.slow_msec, most = vane__board.opts.handler_msec;
	int64_t msec = slow > 0 && (most <= 0 || slow < most) ? slow : most;

	if (!vane__board_exists() || msec <= 0)
		return -1;
	msec /= 4;
	return msec < LEAST_MSEC ? LEAST_MSEC : msec > MOST_MSEC ? MOST_MSEC : msec;
}

static const char *route_of(const struct vane__score *score)
{
	uint32_t route = VANE__SCORE_GET(score->route);
	const struct vane__board_opts *opts = &vane__board.opts;

	if (route == 0 || route > opts->routes || opts->route == NULL)
		return "no route";
	return opts->route(route - 1, opts->data);
}

/* Whether nobody has done it for that exchange; a process and its master may both look. */
static bool claim(int64_t *done, int64_t since)
{
	int64_t before = VANE__SCORE_GET(*done);

	return before != since && __atomic_compare_exchange_n(done, &before, since, false,
					  __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* A master collects all its children; a process without one those that it has from here. */
static void tell_stack(int id, pid_t pid)
{
	pid_t child = vane__slow_stack_write(id, pid);

	if (child > 0 && pid == getpid())
		watcher.child = child;
	if (child < 0)
		vane_log(VANE_LOG_WARNING,
			"child %d (pid %d): its stack cannot be read: %s", id, (int) pid,
			strerror(-child));
}

/* It is in the same exchange since then: what is to be done about it. */
static void look_at(
	struct vane__score *score, int id, pid_t pid, int64_t since, int64_t now)
{
	const struct vane__board_opts *opts = &vane__board.opts;
	int64_t msec = (now - since) / 1000;

	if (opts->slow_msec > 0 && msec >= opts->slow_msec &&
		claim(&score->told_usec, since)) {
		vane_log(VANE_LOG_WARNING, "child %d (pid %d): blocked for %lld ms in %s",
			id, (int) pid, (long long) msec, route_of(score));
		if (opts->slow_stack)
			tell_stack(id, pid);
	}
	if (opts->handler_msec <= 0 || msec < opts->handler_msec ||
		VANE__SCORE_GET(score->since_usec) != since)
		return; /* it may have come back while it was named */
	if (claim(&score->struck_usec, since)) {
		vane_log(VANE_LOG_ERROR,
			"child %d (pid %d): blocked for %lld ms in %s, which is more than "
			"--max-handler-time: ending it",
			id, (int) pid, (long long) msec, route_of(score));
		kill(pid, SIGABRT);
	} else if (msec >= opts->handler_msec + KILL_MSEC) {
		kill(pid, SIGKILL);
	}
}

void vane__watchdog_look(vane__board_worker_fn is_ours, void *data)
{
	int64_t now = vane__score_clock();
	size_t i;

	if (vane__watchdog_msec() < 0)
		return;
	for (i = 0; vane__board_score(i) != NULL; i++) {
		struct vane__score *score =
			(struct vane__score *) (uintptr_t) vane__board_score(i);
		int64_t since = VANE__SCORE_GET(score->since_usec);
		pid_t pid = VANE__SCORE_GET(score->pid);
		int id = vane__board_id(i);

		if (VANE__SCORE_GET(score->state) != VANE__SCORE_FREE && since > 0 &&
			since < now && is_ours(id, pid, data))
			look_at(score, id, pid, since, now);
	}
}

static bool is_this(int id, pid_t pid, void *data)
{
	return pid == getpid();
}

static void *watch(void *data)
{
	int64_t msec = vane__watchdog_msec();
	const struct timespec pause = { msec / 1000, msec % 1000 * 1000000 };

	for (;;) {
		nanosleep(&pause, NULL);
		if (watcher.child > 0 && waitpid(watcher.child, NULL, WNOHANG) != 0)
			watcher.child = 0;
		if (watcher.child == 0)
			vane__watchdog_look(is_this, NULL);
	}
	return data;
}

int vane__watchdog_start(void)
{
	sigset_t all, before;
	int rc;

	if (vane__watchdog_msec() < 0)
		return 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the loop's thread */
	rc = pthread_create(&watcher.thread, NULL, watch, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	watcher.runs = rc == 0;
	return -rc;
}

void vane__watchdog_stop(void)
{
	if (!watcher.runs)
		return;
	watcher.runs = false;
	pthread_cancel(watcher.thread);
	pthread_join(watcher.thread, NULL);
}
