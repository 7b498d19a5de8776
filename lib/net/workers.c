/* SPDX-License-Identifier: MIT */
/*
 * workers.c - the workers of a master: how they are forked, say that they serve, and are told to
 * leave one by one.
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
#include "scoreboard.h"
#include "signame.h"

void vane__worker_describe(char *buf, size_t size, int status)
{
	if (WIFSIGNALED(status))
		snprintf(buf, size, "killed by signal %d (%s)", WTERMSIG(status),
			vane__signal_name(WTERMSIG(status)));
	else
		snprintf(buf, size, "exited with status %d", WEXITSTATUS(status));
}

int vane__workers_grow(struct master *master, int size)
{
	struct worker *grown;

	if (size <= master->size)
		return 0;
	grown = realloc(master->workers, (size_t) size * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	master->workers = grown;
	for (; master->size < size; master->size++)
		grown[master->size] =
			(struct worker) { .ready_fd = -1, .restart_msec = -1 };
	return 0;
}

static void close_ready(struct worker *worker)
{
	if (worker->ready_fd >= 0)
		close(worker->ready_fd);
	worker->ready_fd = -1;
}

void vane__workers_fini(struct master *master)
{
	int i;

	for (i = 0; i < master->size; i++)
		close_ready(&master->workers[i]);
	free(master->workers);
	free(master->leavers);
	master->workers = NULL;
	master->leavers = NULL;
	master->size = master->leaver_count = 0;
}

/* A pipe on which a worker says that it serves.  In the master all that happens comes as a signal. */
static int open_ready(struct master *master, int *fds)
{
	int rc = 0;

	fds[0] = fds[1] = -1;
	if (master->on_ready == NULL && master->renewal == NULL)
		return 0;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	if (fcntl(fds[0], F_SETOWN, master->pid) < 0 ||
		fcntl(fds[0], F_SETFL, O_ASYNC | O_NONBLOCK) < 0) {
		rc = -errno;
		close(fds[0]);
		close(fds[1]);
	}
	return rc;
}

pid_t vane__worker_start(struct master *master, struct worker *worker)
{
	int ready[2], rc = open_ready(master, ready);
	struct vane__score *score;
	pid_t pid;

	if (rc < 0)
		return rc;
	close_ready(worker);
	fflush(stdout); /* what waits there would be written by every worker */
	vane_log_flush();
	score = vane__board_take((int) (worker - master->workers));
	pid = fork();
	rc = errno;
	vane__board_forked(score, pid);
	if (pid == 0) {
		master->ready_end = ready[1];
		close(ready[0]);
		return 0;
	}
	if (ready[1] >= 0)
		close(ready[1]);
	if (pid < 0) {
		if (ready[0] >= 0)
			close(ready[0]);
		return -rc;
	}
	worker->pid = pid;
	worker->ready_fd = ready[0];
	worker->ready = false;
	worker->restart_msec = -1;
	worker->started_msec = vane__now_msec();
	master->living++;
	return pid;
}

bool vane__workers_start_due(struct master *master, int *id)
{
	int64_t now = vane__now_msec();
	int i;

	for (i = 0; i < master->count; i++) {
		struct worker *worker = &master->workers[i];
		pid_t pid;

		if (worker->restart_msec < 0 || worker->restart_msec > now)
			continue;
		pid = vane__worker_start(master, worker);
		if (pid == 0) {
			*id = i;
			return true;
		}
		if (pid > 0)
			continue;
		worker->delay_msec = vane__restart_delay(worker->delay_msec, 0);
		worker->restart_msec = now + worker->delay_msec;
		vane_log(VANE_LOG_ERROR, "child %d: cannot fork: %s; trying again in %d ms",
			i, strerror((int) -pid), (int) worker->delay_msec);
	}
	return false;
}

void vane__workers_signal(struct master *master, int signo)
{
	int i;

	for (i = 0; i < master->size; i++) {
		if (master->workers[i].pid != 0)
			kill(master->workers[i].pid, signo);
		if (master->workers[i].old_pid != 0)
			kill(master->workers[i].old_pid, signo);
	}
	for (i = 0; i < master->leaver_count; i++)
		kill(master->leavers[i].pid, signo);
}

void vane__worker_be_ready(struct master *master, struct worker *worker)
{
	worker->ready = true;
	if (master->on_ready != NULL)
		master->on_ready(master->on_ready_data);
	master->on_ready = NULL;
}

void vane__workers_see_ready(struct master *master)
{
	char byte;
	int i;

	for (i = 0; i < master->size; i++) {
		struct worker *worker = &master->workers[i];
		ssize_t n = worker->ready_fd >= 0 ? read(worker->ready_fd, &byte, 1) : -1;

		if (worker->ready_fd < 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
			continue;
		close_ready(worker);
		if (n == 1)
			vane__worker_be_ready(master, worker);
	}
}

int vane__worker_dismiss(struct master *master, int id, pid_t pid)
{
	const union sigval heirs = { .sival_int = VANE__HEIRS };
	size_t count = (size_t) master->leaver_count + 1;
	struct leaver *grown = realloc(master->leavers, count * sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	master->leavers = grown;
	grown[master->leaver_count++] = (struct leaver) {
		.id = id,
		.pid = pid,
		.deadline_msec = vane__limit_add(
			vane__limit_add(master->drain_msec, GRACE_MSEC), vane__now_msec()),
	};
	if (sigqueue(pid, SIGTERM, heirs) < 0)
		kill(pid, SIGTERM);
	return 0;
}

/* Whether their number may be changed now; why not is logged. */
static bool may_change(const struct master *master, const char *signame, int count)
{
	bool busy = master->rolling >= 0 || master->rehearsal.pid != 0;

	if (!busy && count >= 1 && count <= WORKERS_MAX)
		return true;
	vane_log(VANE_LOG_WARNING, "signal %s ignored: %s", signame,
		busy        ? "a new program is on its way"
		: count < 1 ? "there is one process"
			    : "there are enough");
	return false;
}

static void log_count(const struct master *master, const char *signame)
{
	vane_log(VANE_LOG_INFO, "signal %s: %d process%s", signame, master->count,
		master->count == 1 ? "" : "es");
}

void vane__workers_more(struct master *master)
{
	if (!may_change(master, "SIGTTIN", master->count + 1))
		return;
	if (vane__workers_grow(master, master->count + 1) < 0) {
		vane_log(VANE_LOG_ERROR, "out of memory");
		return;
	}
	/* where a roll failed one may be there, of the program before: it counts again */
	if (master->workers[master->count].pid == 0)
		master->workers[master->count].restart_msec = 0;
	master->count++;
	log_count(master, "SIGTTIN");
}

void vane__workers_less(struct master *master)
{
	struct worker *worker = &master->workers[master->count - 1];

	if (!may_change(master, "SIGTTOU", master->count - 1))
		return;
	if (worker->pid != 0 &&
		vane__worker_dismiss(master, master->count - 1, worker->pid) < 0) {
		vane_log(VANE_LOG_ERROR, "out of memory");
		return;
	}
	close_ready(worker);
	*worker = (struct worker) { .ready_fd = -1, .restart_msec = -1 };
	master->count--;
	log_count(master, "SIGTTOU");
}

bool vane__workers_has(int id, pid_t pid, void *data)
{
	const struct master *master = data;
	int i;

	if (pid > 0 && id < master->size &&
		(master->workers[id].pid == pid || master->workers[id].old_pid == pid))
		return true;
	for (i = 0; i < master->leaver_count; i++)
		if (master->leavers[i].id == id && master->leavers[i].pid == pid)
			return true;
	return false;
}

int vane__leaver_gone(struct master *master, pid_t pid)
{
	int i, id;

	for (i = 0; i < master->leaver_count; i++) {
		if (master->leavers[i].pid != pid)
			continue;
		id = master->leavers[i].id;
		master->leavers[i] = master->leavers[--master->leaver_count];
		return id;
	}
	return -1;
}

void vane__leavers_urge(struct master *master)
{
	int64_t now = vane__now_msec();
	int i;

	for (i = 0; i < master->leaver_count; i++) {
		struct leaver *leaver = &master->leavers[i];

		if (leaver->deadline_msec > now)
			continue;
		vane_log(VANE_LOG_ERROR, "child %d (pid %d) did not leave in time, %s it",
			leaver->id, (int) leaver->pid,
			leaver->told_to_quit ? "killing" : "quitting");
		kill(leaver->pid, leaver->told_to_quit ? SIGKILL : SIGQUIT);
		leaver->told_to_quit = true;
		leaver->deadline_msec = now + GRACE_MSEC;
	}
}
