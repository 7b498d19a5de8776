/* SPDX-License-Identifier: MIT */
/*
 * master.c - the process that forks workers and watches them.
 *
 * It has no event loop, as workers would inherit its descriptors.  All that concerns it comes
 * as a signal, and those are blocked but while it waits for them in sigtimedwait(): none is
 * lost between a look at the workers and the wait, and no handler ever runs.
 */
#include "config.h" /* for pipe2() */

#include "master_state.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <vane/log.h>

#include "base.h"
#include "clock.h"
#include "limit.h"
#include "notify.h"
#include "scoreboard.h"
#include "signame.h"

static const int signals[MASTER_SIGNALS] = {
	SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU,
	SIGIO,   /* a worker has said that it is ready */
	SIGPIPE, /* who reads the log has gone */
};

static void on_signal(int signo)
{
}

void vane__master_signals(sigset_t *set)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(set, signals[i]);
}

/*
 * Block what we wait for.  The handler never runs, but a signal that is ignored may be
 * dropped even while it is blocked, and children are not reported if SIGCHLD is ignored.
 */
static void take_signals(struct master *master)
{
	struct sigaction action = { .sa_handler = on_signal };
	size_t i;

	sigemptyset(&action.sa_mask);
	sigemptyset(&master->mask);
	vane__master_signals(&master->mask);
	sigprocmask(SIG_BLOCK, &master->mask, &master->old_mask);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, &master->old_actions[i]);
	if (master->renewal != NULL && master->renewal->inherited != NULL)
		master->old_mask = master->renewal->mask;
}

/*
 * The master passes it on, and not every worker has files to open again.  It is not ignored, as
 * programs that a worker starts would ignore it too.
 */
static void survive_usr1(void)
{
	struct sigaction survive = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct sigaction action;

	sigemptyset(&survive.sa_mask);
	if (sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
		sigaction(SIGUSR1, &survive, NULL);
}

static void give_back_signals(struct master *master)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &master->old_actions[i], NULL);
	sigprocmask(SIG_SETMASK, &master->old_mask, NULL);
}

/* A pipe that ends when we do; after an exec() it is the one that there was before. */
static int open_life(struct master *master)
{
	const struct vane__inheritance *left =
		master->renewal != NULL ? master->renewal->inherited : NULL;

	if (left != NULL && left->life[1] >= 0) {
		master->life[0] = left->life[0];
		master->life[1] = left->life[1];
		return 0;
	}
	return pipe2(master->life, O_CLOEXEC) < 0 ? -errno : 0;
}

static void close_pipe(int *fds)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static void fini(struct master *master)
{
	close_pipe(master->life);
	vane__restarts_fini(&master->restarts);
	vane__workers_fini(master);
}

/*
 * Workers are to know, before they are told to leave, that nobody will stay.  The byte is never
 * read; closing would not do, as one that was forked just now has a copy still.
 */
static void announce_the_end(struct master *master)
{
	while (write(master->life[1], "", 1) < 0 && errno == EINTR)
		;
}

/* Those that are there already go on, and are replaced one by one; else all are due at once. */
static int find_workers(struct master *master)
{
	int i, rc = vane__workers_grow(master, master->count);

	for (i = 0; i < master->count && rc == 0; i++)
		master->workers[i].restart_msec = 0;
	if (rc == 0 && master->renewal != NULL && master->renewal->inherited != NULL)
		rc = vane__roll_adopt(master);
	return rc;
}

static int init(struct master *master, const struct vane_process_opts *opts,
	const struct vane__renewal *renewal)
{
	int rc;

	*master = (struct master) {
		.count = opts->processes,
		.drain_msec = opts->drain_msec,
		.alive_msec = vane__notify_alive_msec(),
		.on_ready = opts->ready,
		.on_ready_data = opts->data,
		.life = { -1, -1 },
		.ready_end = -1,
		.pid = getpid(),
		.renewal = renewal,
		.rolling = -1,
	};
	rc = vane__restarts_init(
		&master->restarts, opts->max_restarts, opts->restart_window_msec);
	if (rc == 0)
		rc = open_life(master);
	if (rc == 0) {
		take_signals(master);
		rc = find_workers(master);
		if (rc < 0)
			give_back_signals(master);
	}
	if (rc < 0)
		fini(master);
	return rc;
}

/*
 * The child becomes what the caller of vane_fork_processes() wants: a process as it was
 * before, which holds nothing of the master's but an end of each pipe.
 */
static void become_worker(struct master *master, struct worker_pipes *pipes)
{
	pipes->life = master->life[0];
	pipes->ready = master->ready_end;
	master->life[0] = -1; /* the worker's now */
	vane__board_close_fd();
	fini(master);
#ifdef PR_SET_PDEATHSIG
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (getppid() != master->pid) /* gone before it could be asked for */
		raise(SIGTERM);
	give_back_signals(master);
	survive_usr1();
}

/* Nobody is forked from now on; those who are there have so much time. */
static void send_away(struct master *master, enum phase phase, int signo, int64_t msec)
{
	int i;

	master->phase = phase;
	master->deadline_msec = vane__limit_add(msec, vane__now_msec());
	for (i = 0; i < master->count; i++)
		master->workers[i].restart_msec = -1;
	vane__notify_stopping();
	vane__roll_cancel(master);
	announce_the_end(master);
	vane__workers_signal(master, signo);
}

static void drain(struct master *master)
{
	send_away(master, PHASE_DRAINING, SIGTERM,
		vane__limit_add(master->drain_msec, GRACE_MSEC));
}

static void kill_all(struct master *master)
{
	master->phase = PHASE_KILLING;
	vane__workers_signal(master, SIGKILL);
}

/* They are to leave sooner than they were told to. */
static void hurry(struct master *master)
{
	if (master->phase == PHASE_RUNNING || master->phase == PHASE_DRAINING)
		send_away(master, PHASE_QUITTING, SIGQUIT, GRACE_MSEC);
	else
		kill_all(master);
}

/* Whether a worker went as it was told to: some have no handler yet, or none at all. */
static bool is_obedience(const struct master *master, int status)
{
	int signo = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	return ((master->phase == PHASE_DRAINING || master->phase == PHASE_QUITTING) &&
		       (signo == SIGTERM || signo == SIGINT)) ||
	       (master->phase == PHASE_QUITTING && signo == SIGQUIT);
}

/* Whether it has left as one does that nothing is wrong with. */
static bool has_left_well(const struct master *master, int status)
{
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	       is_obedience(master, status);
}

static void log_failure(int id, pid_t pid, int status, const char *what_now)
{
	char how[80];

	vane__worker_describe(how, sizeof(how), status);
	vane_log(VANE_LOG_WARNING, "child %d (pid %d) %s%s", id, (int) pid, how, what_now);
}

static void give_up(struct master *master, const char *why)
{
	vane_log(VANE_LOG_ERROR, "%s, giving up", why);
	master->status = EXIT_FAILURE;
	drain(master);
}

/* Whether no worker is going to serve: each has failed, and none came to. */
static bool is_hopeless(struct master *master, struct worker *worker)
{
	if (master->on_ready == NULL)
		return false;
	master->failed_starts += !worker->failed_start;
	worker->failed_start = true;
	return master->failed_starts == master->count;
}

static void on_failure_of(
	struct master *master, struct worker *worker, pid_t pid, int status)
{
	int id = (int) (worker - master->workers);
	int64_t now = vane__now_msec();

	if (id >= master->count) { /* one too many, of the program before */
		log_failure(id, pid, status, "");
		return;
	}
	if (is_hopeless(master, worker)) {
		log_failure(id, pid, status, "");
		give_up(master, "No child came to serve");
		return;
	}
	log_failure(id, pid, status, ", restarting");
	if (!vane__restarts_add(&master->restarts, now)) {
		give_up(master, "Too many child restarts");
		return;
	}
	worker->delay_msec =
		vane__restart_delay(worker->delay_msec, now - worker->started_msec);
	worker->restart_msec = now + worker->delay_msec;
	vane__board_count_restart(id);
}

static void log_good_end(int id, pid_t pid)
{
	vane_log(VANE_LOG_INFO, "child %d (pid %d) exited normally", id, (int) pid);
}

static void log_cut(int id, pid_t pid)
{
	vane_log(VANE_LOG_WARNING, "child %d (pid %d) has left and cut requests", id,
		(int) pid);
}

/* It was told to leave, and some requests took too long for that. */
static void note_cut(struct master *master, int id, pid_t pid)
{
	log_cut(id, pid);
	if (master->status == EXIT_SUCCESS)
		master->status = VANE_EXIT_CUT;
}

/* Orders for a program that can be started anew, while it is not told to leave. */
static void on_renewal_order(struct master *master, int signo)
{
	if (master->renewal == NULL || master->phase != PHASE_RUNNING) {
		vane_log(VANE_LOG_INFO, "signal %s ignored", vane__signal_name(signo));
		return;
	}
	switch (signo) {
	case SIGHUP:
	case SIGUSR2:
		vane__roll_want(master, signo);
		break;
	case SIGTTIN:
		vane__workers_more(master);
		break;
	case SIGTTOU:
		vane__workers_less(master);
		break;
	default:
		vane_log(VANE_LOG_INFO, "signal %s ignored", vane__signal_name(signo));
	}
}

static void on_order(struct master *master, int signo)
{
	switch (signo) {
	case SIGCHLD:
	case SIGIO:
	case SIGPIPE:
		break;
	case SIGTERM:
	case SIGINT:
		if (master->phase == PHASE_RUNNING)
			drain(master);
		else
			hurry(master);
		break;
	case SIGQUIT:
		hurry(master);
		break;
	case SIGUSR1:
		vane_log_reopen(); /* first: only root may be able to make the files */
		vane__workers_signal(master, SIGUSR1);
		break;
	default:
		on_renewal_order(master, signo);
	}
}

/* See to all orders that have come, and wait for none. */
static void obey(struct master *master)
{
	const struct timespec at_once = { 0 };
	int signo;

	while ((signo = sigtimedwait(&master->mask, NULL, &at_once)) > 0)
		on_order(master, signo);
}

static bool was_cut(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == VANE_EXIT_CUT;
}

/* One that is to be replaced, or was, has left: that is all that there is to say. */
static void on_exit_of_old(struct master *master, int id, pid_t pid, int status)
{
	bool running;

	(void) vane__board_ended(pid);
	master->living--;
	obey(master);
	running = master->phase == PHASE_RUNNING;
	if (has_left_well(master, status))
		log_good_end(id, pid);
	else if (was_cut(status) && running)
		log_cut(id, pid);
	else if (was_cut(status))
		note_cut(master, id, pid);
	else
		log_failure(id, pid, status, "");
	if (!running && !WIFEXITED(status) && !is_obedience(master, status))
		master->status = EXIT_FAILURE;
}

static void on_exit_of(struct master *master, struct worker *worker, int status)
{
	int id = (int) (worker - master->workers);
	pid_t pid = worker->pid;
	bool recycled = vane__board_ended(pid), cut;

	worker->pid = 0;
	master->living--;
	obey(master); /* who leaves may have been told together with us */
	if (recycled && WIFEXITED(status) && master->phase == PHASE_RUNNING) {
		worker->restart_msec = worker->delay_msec = 0;
		return;
	}
	if (vane__roll_failed(master, worker, status)) {
		log_failure(id, pid, status, "");
		return;
	}
	if (has_left_well(master, status)) {
		log_good_end(id, pid);
		return;
	}
	cut = was_cut(status);
	/* We have told nobody to leave.  A single one that was has ended its socket. */
	if (master->phase == PHASE_RUNNING && (!cut || master->count > 1)) {
		on_failure_of(master, worker, pid, status);
		return;
	}
	if (cut) {
		note_cut(master, id, pid);
		return;
	}
	log_failure(id, pid, status, "");
	master->status = EXIT_FAILURE;
}

/* Whose that pid was.  Children that are not workers are none of our business. */
static void on_end(struct master *master, pid_t pid, int status)
{
	int i;

	if (pid == master->rehearsal.pid) {
		vane__roll_rehearsed(master, status);
		return;
	}
	for (i = 0; i < master->size; i++) {
		if (master->workers[i].pid == pid) {
			on_exit_of(master, &master->workers[i], status);
			return;
		}
		if (master->workers[i].old_pid == pid) {
			master->workers[i].old_pid = 0;
			on_exit_of_old(master, i, pid, status);
			return;
		}
	}
	i = vane__leaver_gone(master, pid);
	if (i >= 0)
		on_exit_of_old(master, i, pid, status);
}

/* See who has left. */
static void reap(struct master *master)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		on_end(master, pid, status);
}

/* When there is something to do even if no signal comes; INT64_MAX: never. */
static int64_t next_msec(const struct master *master)
{
	int64_t next = vane__roll_next_msec(master);
	int i;

	if (master->phase == PHASE_DRAINING || master->phase == PHASE_QUITTING)
		next = master->deadline_msec;
	for (i = 0; i < master->leaver_count && master->phase == PHASE_RUNNING; i++)
		if (master->leavers[i].deadline_msec < next)
			next = master->leavers[i].deadline_msec;
	for (i = 0; i < master->count; i++) {
		int64_t restart = master->workers[i].restart_msec;

		if (restart >= 0 && restart < next)
			next = restart;
	}
	return next;
}

/* When systemd is to be told that we are alive, which is done if it is time; INT64_MAX: never. */
static int64_t say_alive(struct master *master)
{
	int64_t now = vane__now_msec();

	if (master->alive_msec == 0)
		return INT64_MAX;
	if (now >= master->next_alive_msec) {
		vane__notify_alive();
		master->next_alive_msec = now + master->alive_msec;
	}
	return master->next_alive_msec;
}

/*
 * Wait until something happens, and see to all signals that have come: orders go before deaths,
 * which are then seen in their light.
 */
static void wait_and_obey(struct master *master)
{
	int64_t next = next_msec(master), alive = say_alive(master), now = vane__now_msec();
	int64_t look = master->phase == PHASE_RUNNING ? vane__watchdog_msec() : -1;
	struct timespec timeout = { 0 };
	int signo;

	if (alive < next)
		next = alive;
	if (look >= 0 && next > now + look)
		next = now + look;
	if (next == INT64_MAX) {
		signo = sigwaitinfo(&master->mask, NULL);
	} else {
		if (next > now) {
			timeout.tv_sec = (next - now) / 1000;
			timeout.tv_nsec = (next - now) % 1000 * 1000000;
		}
		signo = sigtimedwait(&master->mask, NULL, &timeout);
	}
	if (signo > 0)
		on_order(master, signo);
	obey(master);
}

static void enforce_deadline(struct master *master)
{
	bool draining = master->phase == PHASE_DRAINING;

	if (master->phase == PHASE_RUNNING)
		vane__leavers_urge(master);
	if ((!draining && master->phase != PHASE_QUITTING) ||
		vane__now_msec() < master->deadline_msec)
		return;
	vane_log(VANE_LOG_ERROR, "%d of %d children did not leave in time, %s",
		master->living, master->count,
		draining ? "telling them to quit" : "killing them");
	hurry(master);
}

static bool is_over(const struct master *master)
{
	if (master->living > 0)
		return false;
	return master->phase != PHASE_RUNNING || next_msec(master) == INT64_MAX;
}

static void leave(struct master *master)
{
	int status = master->status;

	fini(master);
	exit(status);
}

/* The first fork may fail as a call does.  Its pid, 1 where there are workers, or an errno. */
static pid_t start_first(struct master *master)
{
	return master->living > 0 ? 1 : vane__worker_start(master, &master->workers[0]);
}

int vane__master_run(const struct vane_process_opts *opts,
	const struct vane__renewal *renewal, struct worker_pipes *pipes)
{
	struct master master;
	int id = 0;
	pid_t pid;
	int rc;

	rc = init(&master, opts, renewal);
	if (rc < 0)
		return rc;
	pid = start_first(&master);
	if (pid < 0) {
		give_back_signals(&master);
		fini(&master);
		return (int) pid;
	}
	if (pid != 0) {
		reap(&master); /* who left while we became a new program */
		vane__roll_go_on(&master);
	}
	while (pid != 0 && !vane__workers_start_due(&master, &id)) {
		if (is_over(&master)) /* all may have left before the first wait */
			leave(&master);
		wait_and_obey(&master);
		vane__workers_see_ready(&master); /* before it is seen that it has died */
		reap(&master);
		enforce_deadline(&master);
		if (master.phase == PHASE_RUNNING)
			vane__watchdog_look(vane__workers_has, &master);
		vane__workers_see_ready(&master); /* what was heard of it may be used up */
		vane__roll_go_on(&master);
	}
	become_worker(&master, pipes);
	return id;
}
