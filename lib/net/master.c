/* SPDX-License-Identifier: MIT */
/*
 * master.c - the process that forks workers and watches them.
 *
 * It has no event loop, as workers would inherit its descriptors.  All that concerns it comes
 * as a signal, and those are blocked but while it waits for them in sigtimedwait(): none is
 * lost between a look at the workers and the wait, and no handler ever runs.
 */
#include "config.h" /* for pipe2() */

#include "master.h"

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
#include "restarts.h"
#include "scoreboard.h"
#include "signame.h"

/*
 * What the master adds to the time that workers have to leave: they know it too, and cut what
 * is left more gently than a signal can.  As long they have after QUIT, to put away what they
 * have started themselves.
 */
#define GRACE_MSEC 2000

enum phase {
	PHASE_RUNNING,  /* who dies is forked again */
	PHASE_DRAINING, /* workers were told to leave */
	PHASE_QUITTING, /* at once */
	PHASE_KILLING   /* and now they must */
};

struct worker {
	pid_t pid; /* 0: there is none */
	int64_t started_msec;
	int64_t delay_msec;   /* what it waited before its last start */
	int64_t restart_msec; /* when to fork it again, -1: never */
	bool failed_start;    /* it ended before any of them was ready */
};

static const int signals[] = {
	SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU,
	SIGIO,   /* a worker has said that it is ready */
	SIGPIPE, /* who reads the log has gone */
};

struct master {
	enum phase phase;
	struct worker *workers;
	int count;
	int living;
	struct restarts restarts;
	int failed_starts;            /* workers that did that */
	void (*on_ready)(void *data); /* NULL: nobody asks, or one is */
	void *on_ready_data;
	int64_t drain_msec;
	int64_t alive_msec; /* how often systemd is told that we are alive, 0: never; */
	int64_t next_alive_msec;
	int64_t deadline_msec; /* of the drain, or after QUIT */
	int status;            /* to exit with */
	int life[2];           /* a byte, or its end, says that all is over */
	int ready[2];          /* the first worker that serves writes to it; -1: no more */
	pid_t pid;
	sigset_t mask;     /* what we wait for */
	sigset_t old_mask; /* the caller's, for workers, like the next */
	struct sigaction old_actions[ARRAY_SIZE(signals)];
};

static void on_signal(int signo)
{
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
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&master->mask, signals[i]);
	sigprocmask(SIG_BLOCK, &master->mask, &master->old_mask);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, &master->old_actions[i]);
}

/* The master passes it on, and not every worker has files to open again. */
static void survive_usr1(void)
{
	struct sigaction action;

	if (sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
		signal(SIGUSR1, SIG_IGN);
}

static void give_back_signals(struct master *master)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &master->old_actions[i], NULL);
	sigprocmask(SIG_SETMASK, &master->old_mask, NULL);
}

/* Two pipes: one that ends when we do, and one that tells when a worker is ready. */
static int open_pipes(struct master *master)
{
	if (pipe2(master->life, O_CLOEXEC) < 0)
		return -errno;
	if (master->on_ready == NULL)
		return 0;
	if (pipe2(master->ready, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	/* in the master all that happens comes as a signal */
	if (fcntl(master->ready[0], F_SETOWN, master->pid) < 0 ||
		fcntl(master->ready[0], F_SETFL, O_ASYNC | O_NONBLOCK) < 0)
		return -errno;
	return 0;
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
	close_pipe(master->ready);
	vane__restarts_fini(&master->restarts);
	free(master->workers);
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

/* All workers have 0 for the time of their restart: at once. */
static int init(struct master *master, const struct vane_process_opts *opts)
{
	int rc;

	*master = (struct master) {
		.count = opts->processes,
		.drain_msec = opts->drain_msec,
		.alive_msec = vane__notify_alive_msec(),
		.on_ready = opts->ready,
		.on_ready_data = opts->data,
		.life = { -1, -1 },
		.ready = { -1, -1 },
		.pid = getpid(),
	};
	rc = vane__restarts_init(
		&master->restarts, opts->max_restarts, opts->restart_window_msec);
	master->workers = calloc((size_t) master->count, sizeof(*master->workers));
	if (rc == 0 && master->workers == NULL)
		rc = -ENOMEM;
	if (rc == 0)
		rc = open_pipes(master);
	if (rc < 0)
		fini(master);
	else
		take_signals(master);
	return rc;
}

/*
 * The child becomes what the caller of vane_fork_processes() wants: a process as it was
 * before, which holds nothing of the master's but an end of each pipe.
 */
static void become_worker(struct master *master, struct worker_pipes *pipes)
{
	pipes->life = master->life[0];
	pipes->ready = master->ready[1];
	master->life[0] = master->ready[1] = -1; /* the worker's now */
	fini(master);
#ifdef PR_SET_PDEATHSIG
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (getppid() != master->pid) /* gone before it could be asked for */
		raise(SIGTERM);
	give_back_signals(master);
	survive_usr1();
}

/* Fork a worker: its pid in the master, 0 in the worker, or a negative errno. */
static pid_t start(struct master *master, struct worker *worker)
{
	struct vane__score *score = vane__board_take((int) (worker - master->workers));
	pid_t pid;

	fflush(stdout); /* what waits there would be written by every worker */
	vane_log_flush();
	pid = fork();
	vane__board_forked(score, pid);
	if (pid < 0)
		return -errno;
	worker->pid = pid;
	worker->restart_msec = -1;
	worker->started_msec = vane__now_msec();
	master->living++;
	return pid;
}

/* Fork those whose time has come.  True in a worker, whose id is set. */
static bool start_due(struct master *master, int *id)
{
	int64_t now = vane__now_msec();
	int i;

	for (i = 0; i < master->count; i++) {
		struct worker *worker = &master->workers[i];
		pid_t pid;

		if (worker->restart_msec < 0 || worker->restart_msec > now)
			continue;
		pid = start(master, worker);
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

static void signal_all(struct master *master, int signo)
{
	int i;

	for (i = 0; i < master->count; i++)
		if (master->workers[i].pid != 0)
			kill(master->workers[i].pid, signo);
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
	announce_the_end(master);
	signal_all(master, signo);
}

static void drain(struct master *master)
{
	send_away(master, PHASE_DRAINING, SIGTERM,
		vane__limit_add(master->drain_msec, GRACE_MSEC));
}

static void kill_all(struct master *master)
{
	master->phase = PHASE_KILLING;
	signal_all(master, SIGKILL);
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

static void log_failure(int id, pid_t pid, int status, const char *what_now)
{
	if (WIFSIGNALED(status))
		vane_log(VANE_LOG_WARNING, "child %d (pid %d) killed by signal %d (%s)%s",
			id, (int) pid, WTERMSIG(status),
			vane__signal_name(WTERMSIG(status)), what_now);
	else
		vane_log(VANE_LOG_WARNING, "child %d (pid %d) exited with status %d%s", id,
			(int) pid, WEXITSTATUS(status), what_now);
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

/* It was told to leave, and some requests took too long for that. */
static void note_cut(struct master *master, int id, pid_t pid)
{
	vane_log(VANE_LOG_WARNING, "child %d (pid %d) has left and cut requests", id,
		(int) pid);
	if (master->status == EXIT_SUCCESS)
		master->status = VANE_EXIT_CUT;
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
		signal_all(master, SIGUSR1);
		break;
	default:
		vane_log(VANE_LOG_INFO, "signal %s ignored", vane__signal_name(signo));
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
	if ((WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
		is_obedience(master, status)) {
		vane_log(VANE_LOG_INFO, "child %d (pid %d) exited normally", id, (int) pid);
		return;
	}
	cut = WIFEXITED(status) && WEXITSTATUS(status) == VANE_EXIT_CUT;
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

/* See whether a worker serves.  One is enough: nobody needs to say it after that. */
static void see_who_is_ready(struct master *master)
{
	char byte;

	if (master->on_ready == NULL || read(master->ready[0], &byte, 1) != 1)
		return;
	master->on_ready(master->on_ready_data);
	master->on_ready = NULL;
	close_pipe(master->ready);
}

/* See who has left.  Children that are not workers are none of our business. */
static void reap(struct master *master)
{
	int status, i;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (i = 0; i < master->count; i++)
			if (master->workers[i].pid == pid) {
				on_exit_of(master, &master->workers[i], status);
				break;
			}
}

/* When there is something to do even if no signal comes; INT64_MAX: never. */
static int64_t next_msec(const struct master *master)
{
	int64_t next = INT64_MAX;
	int i;

	if (master->phase == PHASE_DRAINING || master->phase == PHASE_QUITTING)
		next = master->deadline_msec;
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

int vane__master_run(const struct vane_process_opts *opts, struct worker_pipes *pipes)
{
	struct master master;
	int status, id = 0;
	pid_t pid;
	int rc;

	rc = init(&master, opts);
	if (rc < 0)
		return rc;
	pid = start(&master, &master.workers[0]);
	if (pid < 0) {
		give_back_signals(&master);
		fini(&master);
		return (int) pid;
	}
	while (pid != 0 && !start_due(&master, &id)) {
		wait_and_obey(&master);
		see_who_is_ready(&master); /* before it is seen that it has died */
		reap(&master);
		enforce_deadline(&master);
		if (master.phase == PHASE_RUNNING)
			vane__watchdog_look();
		if (is_over(&master)) {
			status = master.status;
			fini(&master);
			exit(status);
		}
	}
	become_worker(&master, pipes);
	return id;
}
