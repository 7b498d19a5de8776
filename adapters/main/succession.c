/* SPDX-License-Identifier: MIT */
/*
 * succession.c - how a serving process without a master makes way for a new program.
 */
#include "config.h" /* for pipe2() */

#include "succession.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vane/log.h>

#include "notify.h"
#include "restarts.h"
#include "scoreboard.h"
#include "signame.h"

/* How long the end of a child may come after that of its pipe. */
#define END_MSEC 200

/* How often it is looked whether the child is there still. */
#define LOOK_MSEC 50

void vane__succession_init(struct vane__succession *succession, struct vane_loop *loop,
	const struct vane__renewal *renewal, vane_loop_fn make_way, void *data)
{
	*succession = (struct vane__succession) { .loop = loop,
		.renewal = renewal,
		.make_way = make_way,
		.data = data,
		.fd = -1,
		.life = { -1, -1 } };
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void stop_waiting(struct vane__succession *succession)
{
	vane_watch_remove(succession->watch);
	succession->watch = NULL;
	vane_timer_cancel(succession->timer);
	succession->timer = NULL;
	close_fd(&succession->fd);
}

static void start_again(void *data);

/* This process does not accept any more: the one that did is started anew, a little later. */
static void again(struct vane__succession *succession, const char *why)
{
	if (succession->order != 0)
		return;
	vane_log(VANE_LOG_ERROR, "the new program has ended (%s), starting it again", why);
	succession->delay_msec = vane__restart_delay(succession->delay_msec, 0);
	if (vane_loop_call_later(succession->loop, succession->delay_msec, start_again,
		    succession, &succession->timer) < 0)
		vane_log(VANE_LOG_ERROR, "out of memory");
}

/* The child is gone, or has to be. */
static void fail(struct vane__succession *succession)
{
	char why[80] = "";
	int status = 0;

	stop_waiting(succession);
	close_fd(&succession->life[0]);
	close_fd(&succession->life[1]);
	kill(succession->pid, SIGKILL);
	while (waitpid(succession->pid, &status, 0) < 0 && errno == EINTR)
		;
	(void) vane__board_ended(succession->pid);
	succession->pid = 0;
	vane__worker_describe(why, sizeof(why), status);
	if (succession->late)
		snprintf(why, sizeof(why), "it takes too long");
	succession->late = false;
	if (succession->serves)
		again(succession, why);
	else
		vane__renewal_failed(why);
}

static void on_late(void *data)
{
	struct vane__succession *succession = data;

	succession->timer = NULL;
	succession->late = true;
	fail(succession);
}

/* It closed its pipe a while ago, and has left with a status by now, or will not. */
static void on_end(void *data)
{
	struct vane__succession *succession = data;

	succession->timer = NULL;
	fail(succession);
}

/* Nobody else is told of the end of a child that serves. */
static void look(void *data)
{
	struct vane__succession *succession = data;
	siginfo_t info = { 0 };

	succession->timer = NULL;
	if (succession->order != 0)
		return; /* it ends as it was told to */
	if (waitid(P_PID, (id_t) succession->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
		info.si_pid != 0)
		fail(succession);
	else if (vane_loop_call_later(succession->loop, LOOK_MSEC, look, succession,
			 &succession->timer) < 0)
		vane_log(VANE_LOG_ERROR, "out of memory");
}

/* A byte: it serves.  The end: it does not, and will have a status to tell. */
static void on_report(int fd, int events, void *data)
{
	struct vane__succession *succession = data;
	char byte;
	ssize_t n = read(fd, &byte, 1);

	if (n < 0)
		return;
	stop_waiting(succession);
	if (n == 1) {
		succession->serves = true;
		vane__process_set_heirs();
		succession->make_way(succession->data);
		look(succession);
	} else if (vane_loop_call_later(succession->loop, END_MSEC, on_end, succession,
			   &succession->timer) < 0) {
		fail(succession);
	}
}

static int wait_for_report(struct vane__succession *succession)
{
	int rc = vane_loop_add_watch(succession->loop, succession->fd, VANE_READ, on_report,
		succession, &succession->watch);

	if (rc < 0)
		return rc;
	return vane_loop_call_later(succession->loop, succession->renewal->start_msec,
		on_late, succession, &succession->timer);
}

static int spawn(struct vane__succession *succession, int report)
{
	struct vane__inheritance inherit;

	vane__inherit_init(&inherit);
	inherit.role = VANE__INHERIT_WORKER;
	inherit.from = getpid();
	inherit.report = report;
	inherit.life[0] = succession->life[0];
	vane__process_make_handover(); /* for idle connections, which no client sees closed then */
	succession->pid = succession->renewal->spawn(
		&inherit, succession->signo, succession->renewal->data);
	vane__inherit_fini(&inherit);
	return succession->pid < 0 ? (int) succession->pid : 0;
}

static int start(struct vane__succession *succession)
{
	int fds[2], rc;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	succession->fd = fds[0];
	rc = pipe2(succession->life, O_CLOEXEC) < 0 ? -errno : 0;
	if (rc == 0)
		rc = spawn(succession, fds[1]);
	close(fds[1]);
	return rc;
}

static void start_again(void *data)
{
	struct vane__succession *succession = data;
	int rc;

	succession->timer = NULL;
	if (succession->order != 0)
		return;
	rc = start(succession);
	if (rc == 0)
		rc = wait_for_report(succession);
	if (rc == 0)
		return;
	if (succession->pid > 0) {
		fail(succession);
		return;
	}
	succession->pid = 0;
	close_fd(&succession->fd);
	close_fd(&succession->life[0]);
	close_fd(&succession->life[1]);
	again(succession, strerror(-rc));
}

void vane__succession_start(struct vane__succession *succession, int signo)
{
	int rc;

	if (succession->renewal == NULL)
		return;
	if (succession->pid != 0) {
		vane_log(VANE_LOG_WARNING, "signal %s ignored: a new program is on its way",
			vane__signal_name(signo));
		return;
	}
	vane__renewal_log(signo, "");
	vane__notify_reloading();
	succession->signo = signo;
	rc = start(succession);
	if (rc == 0) {
		if (wait_for_report(succession) < 0)
			fail(succession);
		return;
	}
	succession->pid = 0;
	close_fd(&succession->fd);
	close_fd(&succession->life[0]);
	close_fd(&succession->life[1]);
	vane__renewal_failed(strerror(-rc));
}

bool vane__succession_order(struct vane__succession *succession, int signo)
{
	bool comes = succession->fd >= 0;

	if (succession->pid != 0 && (comes || !succession->serves)) {
		stop_waiting(succession);
		kill(succession->pid, SIGKILL);
	}
	if (!succession->serves)
		return false;
	succession->order = signo;
	if (comes && succession->pid != 0)
		fail(succession); /* there is nothing that it could finish */
	else if (succession->pid != 0)
		kill(succession->pid, signo);
	return true;
}

/* Another reload waits for the master that this process becomes. */
static void hold_signals(const struct vane__succession *succession)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (succession->held != 0)
		raise(succession->held);
}

static int become(struct vane__succession *succession)
{
	struct vane__inheritance inherit;
	int rc;

	vane__inherit_init(&inherit);
	inherit.role = VANE__INHERIT_MASTER;
	inherit.from = getpid();
	inherit.life[0] = succession->life[0];
	inherit.life[1] = succession->life[1];
	rc = succession->pid == 0 ? 0
				  : vane__inherit_add_worker(&inherit, VANE__INHERIT_KEEP,
					    0, succession->pid);
	if (rc == 0)
		rc = succession->renewal->become(
			&inherit, succession->signo, succession->renewal->data);
	vane__inherit_fini(&inherit);
	return rc;
}

/* Told again: the new one is to leave sooner. */
static void hurry(struct vane__succession *succession)
{
	kill(succession->pid, succession->order == SIGQUIT ? SIGKILL : SIGQUIT);
	succession->order = SIGQUIT;
}

bool vane__succession_leaves(const struct vane__succession *succession)
{
	return succession->serves && succession->order != 0;
}

int vane__succession_leave(struct vane__succession *succession, int rc)
{
	const struct timespec pause = { .tv_nsec = LOOK_MSEC * 1000000L };
	sigset_t orders;
	int status = 0;
	pid_t gone;

	stop_waiting(succession);
	vane__notify_stopping();
	if (succession->pid == 0)
		return rc;
	sigemptyset(&orders);
	sigaddset(&orders, SIGTERM);
	sigaddset(&orders, SIGINT);
	sigaddset(&orders, SIGQUIT);
	sigprocmask(SIG_BLOCK, &orders, NULL);
	while ((gone = waitpid(succession->pid, &status, WNOHANG)) == 0 ||
		(gone < 0 && errno == EINTR))
		if (sigtimedwait(&orders, NULL, &pause) > 0)
			hurry(succession);
	if (rc != 0 || gone < 0)
		return rc;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

void vane__succession_finish(struct vane__succession *succession)
{
	int rc;

	stop_waiting(succession);
	if (!succession->serves)
		return;
	hold_signals(succession);
	rc = become(succession);
	vane_log(VANE_LOG_ERROR, "cannot become the new program: %s; leaving with it",
		strerror(-rc));
	if (succession->pid == 0)
		return;
	kill(succession->pid, SIGTERM);
	while (waitpid(succession->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
