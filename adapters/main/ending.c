/* SPDX-License-Identifier: MIT */
/*
 * ending.c - the orders that end a process, also while its loop does not turn.
 *
 * A handler of a request may take its time, or never return, and the loop's functions for
 * signals are not called meanwhile.  So the real handlers of the signals are ours: they keep
 * time, and hand on to the loop's.
 */
#include "ending.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include <vane/process.h>

#include "limit.h"
#include "master.h"

/* What is added to the time that a drain may take, as the master does for its workers. */
#define GRACE_MSEC 2000

/* The master's status when it had to kill. */
#define STATUS_ENDED 1

/* Signal handlers are the process's, and so is what they know. */
static struct {
	void (*loops[NSIG])(int signo); /* what the loop had there */
	pid_t master;                   /* 0: there never was one */
	timer_t timer;
	int64_t drain_msec;
	int urgency; /* of all orders so far: 1 drain, 2 leave, above that: now */
} self;

/* Nobody else would see to it that we leave.  A master may have died. */
static bool is_alone(void)
{
	return self.master == 0 || getppid() != self.master;
}

static void end(void)
{
	vane_log_crash("did not leave in time, ended");
	_exit(STATUS_ENDED);
}

static void end_after(int64_t msec)
{
	struct itimerspec when = { .it_value.tv_sec = (time_t) (msec / 1000) };

	when.it_value.tv_nsec = (long) (msec % 1000 * 1000000);
	timer_settime(self.timer, 0, &when, NULL);
}

static void obey(int signo)
{
	self.urgency += signo == SIGQUIT && self.urgency < 2 ? 2 - self.urgency : 1;
	if (self.urgency > 2)
		end();
	if (self.urgency > 1)
		end_after(GRACE_MSEC);
	else if (self.drain_msec != VANE__UNLIMITED)
		end_after(self.drain_msec + GRACE_MSEC);
}

/* The master says that another worker serves in place of this one. */
static bool is_heirs(const siginfo_t *info)
{
	return info->si_code == SI_QUEUE && info->si_value.sival_int == VANE__HEIRS &&
	       info->si_pid == self.master;
}

static void on_order(int signo, siginfo_t *info, void *context)
{
	int saved = errno;

	if (info->si_code == SI_TIMER)
		end();
	if (is_heirs(info))
		vane__process_set_heirs();
	if (is_alone())
		obey(signo);
	else if (!is_heirs(info) && vane_process_at_request())
		vane_log_crash("told to quit");
	self.loops[signo](signo);
	errno = saved;
}

static int take(int signo)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_RESTART }, before;

	action.sa_sigaction = on_order;
	sigfillset(&action.sa_mask);
	if (sigaction(signo, NULL, &before) < 0)
		return -errno;
	/* first: a signal may come as soon as ours is there */
	self.loops[signo] = before.sa_handler;
	return sigaction(signo, &action, NULL) < 0 ? -errno : 0;
}

int vane__ending_watch(const int *signals, size_t count, int64_t drain_msec)
{
	/* one of ours, so that the program's own keep their meaning */
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGQUIT };
	size_t i;
	int rc = 0;

	self.urgency = 0;
	self.master = vane_task_id() < 0 ? 0 : getppid();
	self.drain_msec = VANE__UNLIMITED;
	if (drain_msec != VANE_NO_LIMIT)
		self.drain_msec = drain_msec < INT32_MAX ? drain_msec : INT32_MAX;
	if (timer_create(CLOCK_MONOTONIC, &event, &self.timer) < 0)
		return -errno;
	for (i = 0; i < count && rc == 0; i++)
		rc = take(signals[i]);
	return rc;
}

void vane__ending_done(void)
{
	timer_delete(self.timer);
}
