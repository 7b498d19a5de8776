/* SPDX-License-Identifier: MIT */
/*
 * roll.c - a master's way to a new program: rolling reload (HUP) and upgrade (USR2).
 *
 * First the new program shows as a child, in a rehearsal, that it can start.  Then the master
 * becomes it, by exec() in its own process, whose id stays.  As that it forks its own workers one by
 * one; each that serves lets the old one with its id go.  Whatever fails leaves the old ones in
 * service.
 */
#include "config.h" /* for pipe2() */

#include "master_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/log.h>

#include "base.h"
#include "clock.h"
#include "limit.h"
#include "notify.h"
#include "scoreboard.h"
#include "signame.h"

void vane__renewal_log(int signo, const char *when)
{
	vane_log(VANE_LOG_INFO, "signal %s: %s%s", vane__signal_name(signo),
		signo == SIGHUP ? "reloading" : "upgrading", when);
}

void vane__renewal_failed(const char *why)
{
	vane_log(VANE_LOG_ERROR,
		"the new program did not come up (%s): the old one goes on", why);
	vane__notify_ready("the new program did not come up");
}

/* ---- the rehearsal ---- */

static void rehearse(struct master *master, int signo)
{
	struct rehearsal *rehearsal = &master->rehearsal;
	struct vane__inheritance inherit;
	int fds[2];

	vane__notify_reloading();
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		vane__renewal_failed(strerror(errno));
		return;
	}
	vane__inherit_init(&inherit);
	inherit.role = VANE__INHERIT_REHEARSAL;
	inherit.from = master->pid;
	inherit.report = fds[1];
	rehearsal->pid = master->renewal->spawn(&inherit, signo, master->renewal->data);
	close(fds[1]);
	if (rehearsal->pid < 0) {
		vane__renewal_failed(strerror((int) -rehearsal->pid));
		close(fds[0]);
		rehearsal->pid = 0;
	} else {
		rehearsal->fd = fds[0];
		rehearsal->signo = signo;
		rehearsal->late = false;
		rehearsal->deadline_msec =
			vane__limit_add(master->renewal->start_msec, vane__now_msec());
	}
	vane__inherit_fini(&inherit);
}

/* ---- the change of the program ---- */

static int list_workers(const struct master *master, struct vane__inheritance *inherit)
{
	int i, rc = 0;

	for (i = 0; i < master->size && rc == 0; i++)
		if (master->workers[i].pid != 0)
			rc = vane__inherit_add_worker(
				inherit, VANE__INHERIT_OLD, i, master->workers[i].pid);
	for (i = 0; i < master->leaver_count && rc == 0; i++)
		rc = vane__inherit_add_worker(inherit, VANE__INHERIT_LEAVING,
			master->leavers[i].id, master->leavers[i].pid);
	return rc;
}

/* Returns only if it fails.  Signals stay blocked, and wait for the new program. */
static void become(struct master *master, int signo)
{
	struct vane__inheritance inherit;
	int rc;

	vane__inherit_init(&inherit);
	inherit.role = VANE__INHERIT_MASTER;
	inherit.from = master->pid;
	inherit.life[0] = master->life[0];
	inherit.life[1] = master->life[1];
	rc = list_workers(master, &inherit);
	if (rc == 0)
		rc = master->renewal->become(&inherit, signo, master->renewal->data);
	vane__renewal_failed(strerror(-rc));
	vane__inherit_fini(&inherit);
}

void vane__roll_rehearsed(struct master *master, int status)
{
	struct rehearsal *rehearsal = &master->rehearsal;
	char byte, why[80];
	bool said = read(rehearsal->fd, &byte, 1) == 1;
	int signo = rehearsal->signo;

	close(rehearsal->fd);
	rehearsal->pid = 0;
	vane__worker_describe(why, sizeof(why), status);
	if (rehearsal->late)
		vane__renewal_failed("it takes too long");
	else if (!said || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		vane__renewal_failed(why);
	else if (master->phase == PHASE_RUNNING)
		become(master, signo);
}

/* ---- as the new program: worker by worker ---- */

static void begin_turn(struct master *master, int id)
{
	struct worker *worker = &master->workers[id];

	master->rolling = id;
	master->roll_deadline_msec =
		vane__limit_add(master->renewal->start_msec, vane__now_msec());
	if (worker->pid == 0)
		worker->restart_msec = 0;
}

/* What was handed over stands in the environment, where anybody's pid may have been written. */
static bool is_child(pid_t pid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static int adopt(struct master *master, const struct vane__inherit_worker *left)
{
	int limit = master->count > WORKERS_MAX ? master->count : WORKERS_MAX;
	bool leaves = left->state == VANE__INHERIT_LEAVING || left->id >= limit;
	int rc = 0;

	if (!is_child(left->pid))
		return 0;
	if (!leaves)
		rc = vane__workers_grow(master, left->id + 1);
	if (rc < 0)
		return rc;
	master->living++;
	if (leaves)
		return vane__worker_dismiss(master, left->id, left->pid);
	if (left->state == VANE__INHERIT_OLD) {
		master->workers[left->id].old_pid = left->pid;
	} else {
		master->workers[left->id].pid = left->pid;
		vane__worker_be_ready(master, &master->workers[left->id]);
	}
	return 0;
}

int vane__roll_adopt(struct master *master)
{
	const struct vane__inheritance *left = master->renewal->inherited;
	int rc = 0, id;
	size_t i;

	for (i = 0; i < left->worker_count && rc == 0; i++)
		rc = adopt(master, &left->workers[i]);
	for (id = 0; id < master->size; id++) {
		master->workers[id].restart_msec = -1;
		master->workers[id].started_msec = vane__now_msec();
	}
	if (rc == 0) {
		vane__board_settle(vane__workers_has, master);
		begin_turn(master, 0);
	}
	return rc;
}

/* The old ones that are left stay, and are as any other. */
static void stop_roll(struct master *master, const char *why)
{
	int64_t now = vane__now_msec();
	int id;

	vane_log(VANE_LOG_ERROR,
		"child %d of the new program did not come up (%s): the old ones that are left "
		"go on",
		master->rolling, why);
	master->rolling = -1;
	master->on_ready = NULL; /* some serve, of whatever program */
	for (id = 0; id < master->size; id++) {
		struct worker *worker = &master->workers[id];

		if (worker->old_pid != 0 && worker->pid == 0) {
			worker->pid = worker->old_pid;
			worker->old_pid = 0;
			worker->ready = true;
		} else if (worker->pid == 0 && id < master->count) {
			worker->delay_msec = vane__restart_delay(worker->delay_msec, 0);
			worker->restart_msec = now + worker->delay_msec;
		}
	}
	vane__notify_ready("the new program did not come up");
}

/* Let the old one go. */
static int replace(struct master *master, int id)
{
	struct worker *worker = &master->workers[id];
	int rc = 0;

	if (worker->old_pid != 0)
		rc = vane__worker_dismiss(master, id, worker->old_pid);
	if (rc == 0)
		worker->old_pid = 0;
	return rc;
}

static void finish(struct master *master)
{
	int id, rc = 0;

	for (id = master->count; id < master->size && rc == 0; id++)
		rc = replace(master, id);
	master->rolling = -1;
	vane_log(VANE_LOG_INFO, "%d process%s of the new program serve%s", master->count,
		master->count == 1 ? "" : "es", master->count == 1 ? "s" : "");
}

/* It has had its time to come up; the one that is killed is seen to leave as others are. */
static void give_up_turn(struct master *master, struct worker *worker)
{
	if (worker->pid != 0 &&
		vane__worker_dismiss(master, master->rolling, worker->pid) == 0) {
		kill(worker->pid, SIGKILL);
		worker->pid = 0;
	}
	stop_roll(master, "it takes too long");
}

static void roll(struct master *master)
{
	while (master->rolling >= 0) {
		struct worker *worker = &master->workers[master->rolling];

		if (worker->pid == 0 || !worker->ready) {
			if (vane__now_msec() >= master->roll_deadline_msec)
				give_up_turn(master, worker);
			return;
		}
		if (replace(master, master->rolling) < 0)
			return; /* no memory: later */
		if (master->rolling + 1 < master->count)
			begin_turn(master, master->rolling + 1);
		else
			finish(master);
	}
}

bool vane__roll_failed(struct master *master, struct worker *worker, int status)
{
	char why[80];

	if (master->phase != PHASE_RUNNING || worker->ready ||
		master->rolling != (int) (worker - master->workers))
		return false;
	vane__worker_describe(why, sizeof(why), status);
	stop_roll(master, why);
	return true;
}

/* ---- from outside ---- */

void vane__roll_want(struct master *master, int signo)
{
	bool busy = master->rehearsal.pid != 0 || master->rolling >= 0;

	vane__renewal_log(signo, busy ? ", when the one before is over" : "");
	if (master->wanted != SIGUSR2)
		master->wanted = signo;
}

void vane__roll_go_on(struct master *master)
{
	struct rehearsal *rehearsal = &master->rehearsal;
	int signo = master->wanted;

	if (master->phase != PHASE_RUNNING)
		return;
	roll(master);
	if (rehearsal->pid != 0 && !rehearsal->late &&
		vane__now_msec() >= rehearsal->deadline_msec) {
		rehearsal->late = true;
		kill(rehearsal->pid, SIGKILL);
	}
	if (signo == 0 || rehearsal->pid != 0 || master->rolling >= 0)
		return;
	master->wanted = 0;
	rehearse(master, signo);
}

void vane__roll_cancel(struct master *master)
{
	master->rolling = -1;
	master->wanted = 0;
	if (master->rehearsal.pid != 0)
		kill(master->rehearsal.pid, SIGKILL);
}

int64_t vane__roll_next_msec(const struct master *master)
{
	int64_t next = INT64_MAX;

	if (master->phase != PHASE_RUNNING)
		return next;
	if (master->rehearsal.pid != 0 && !master->rehearsal.late)
		next = master->rehearsal.deadline_msec;
	if (master->rolling >= 0 && master->roll_deadline_msec < next)
		next = master->roll_deadline_msec;
	return next;
}
