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

#define FAST_DEATH_MSEC 1000  /* who lives shorter than this is held back */
#define LONG_LIFE_MSEC	10000 /* who lives that long is forgiven */
#define FIRST_DELAY_MSEC 100
#define LAST_DELAY_MSEC	10000

/* What the master adds to the time that workers have to leave: they know it too, and cut
   what is left more gently than a signal can.  As long they have after QUIT, to put away what
   they have started themselves. */
#define GRACE_MSEC 2000

enum phase {
	PHASE_RUNNING,	/* who dies is forked again */
	PHASE_DRAINING, /* workers were told to leave */
	PHASE_QUITTING, /* at once */
	PHASE_KILLING	/* and now they must */
};

struct worker {
	pid_t pid; /* 0: there is none */
	int64_t started_msec;
	int64_t delay_msec;   /* what it waited before its last start */
	int64_t restart_msec; /* when to fork it again, -1: never */
};

static const struct {
	int number;
	const char *name;
} signals[] = {
	{ SIGCHLD, "SIGCHLD" },
	{ SIGTERM, "SIGTERM" },
	{ SIGINT, "SIGINT" },
	{ SIGQUIT, "SIGQUIT" },
	{ SIGHUP, "SIGHUP" },
	{ SIGUSR1, "SIGUSR1" },
	{ SIGUSR2, "SIGUSR2" },
	{ SIGTTIN, "SIGTTIN" },
	{ SIGTTOU, "SIGTTOU" },
	{ SIGPIPE, "SIGPIPE" }, /* who reads the log may go */
};

struct master {
	enum phase phase;
	struct worker *workers;
	int count;
	int living;
	int restarts, max_restarts;
	int64_t drain_msec;
	int64_t deadline_msec; /* of the drain, or after QUIT */
	int status;	       /* to exit with */
	int life[2];	       /* nothing is ever written: its end says that we are gone */
	pid_t pid;
	sigset_t mask;	  /* what we wait for */
	sigset_t old_mask;	/* the caller's, for workers, like the next */
	struct sigaction old_actions[ARRAY_SIZE(signals)];
};

static int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t vane__restart_delay(int64_t last_msec, int64_t lived_msec)
{
	if (lived_msec >= LONG_LIFE_MSEC)
		return 0;
	if (lived_msec >= FAST_DEATH_MSEC)
		return last_msec;
	if (last_msec == 0)
		return FIRST_DELAY_MSEC;
	return last_msec < LAST_DELAY_MSEC / 2 ? 2 * last_msec : LAST_DELAY_MSEC;
}

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
		sigaddset(&master->mask, signals[i].number);
	sigprocmask(SIG_BLOCK, &master->mask, &master->old_mask);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i].number, &action, &master->old_actions[i]);
}

static void give_back_signals(struct master *master)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i].number, &master->old_actions[i], NULL);
	sigprocmask(SIG_SETMASK, &master->old_mask, NULL);
}

/* All workers have 0 for the time of their restart: at once. */
static int init(struct master *master, const struct vane_process_opts *opts)
{
	*master = (struct master) {
		.count = opts->processes,
		.max_restarts = opts->max_restarts,
		.drain_msec = opts->drain_msec,
		.pid = getpid(),
	};
	master->workers = calloc((size_t) master->count, sizeof(*master->workers));
	if (master->workers == NULL)
		return -ENOMEM;
	if (pipe2(master->life, O_CLOEXEC) < 0) {
		int rc = -errno;

		free(master->workers);
		return rc;
	}
	take_signals(master);
	return 0;
}

static void fini(struct master *master)
{
	close(master->life[0]);
	close(master->life[1]);
	free(master->workers);
}

/*
 * The child becomes what the caller of vane_fork_processes() wants: a process as it was
 * before, which holds nothing of the master's but one end of the pipe.
 */
static void become_worker(struct master *master, int *life_fd)
{
	*life_fd = master->life[0];
	close(master->life[1]);
	free(master->workers);
#ifdef PR_SET_PDEATHSIG
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (getppid() != master->pid) /* gone before it could be asked for */
		raise(SIGTERM);
	give_back_signals(master);
}

/* Fork a worker: its pid in the master, 0 in the worker, or a negative errno. */
static pid_t start(struct master *master, struct worker *worker)
{
	pid_t pid;

	fflush(stdout); /* what waits there would be written by every worker */
	pid = fork();
	if (pid < 0)
		return -errno;
	worker->pid = pid;
	worker->restart_msec = -1;
	worker->started_msec = now_msec();
	master->living++;
	return pid;
}

/* Fork those whose time has come.  True in a worker, whose id is set. */
static bool start_due(struct master *master, int *id)
{
	int64_t now = now_msec();
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
		vane_log(VANE_LOG_ERROR, "child %d: cannot fork: %s; trying again in %d ms", i,
			strerror((int) -pid), (int) worker->delay_msec);
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
	master->deadline_msec = now_msec() + msec;
	for (i = 0; i < master->count; i++)
		master->workers[i].restart_msec = -1;
	signal_all(master, signo);
}

static void drain(struct master *master)
{
	send_away(master, PHASE_DRAINING, SIGTERM, master->drain_msec + GRACE_MSEC);
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
		vane_log(VANE_LOG_WARNING, "child %d (pid %d) killed by signal %d%s", id,
			(int) pid, WTERMSIG(status), what_now);
	else
		vane_log(VANE_LOG_WARNING, "child %d (pid %d) exited with status %d%s", id,
			(int) pid, WEXITSTATUS(status), what_now);
}

static void schedule_restart(struct master *master, struct worker *worker)
{
	int64_t now = now_msec();

	if (++master->restarts > master->max_restarts) {
		vane_log(VANE_LOG_ERROR, "Too many child restarts, giving up");
		master->status = EXIT_FAILURE;
		drain(master);
		return;
	}
	worker->delay_msec = vane__restart_delay(worker->delay_msec, now - worker->started_msec);
	worker->restart_msec = now + worker->delay_msec;
}

static void on_exit_of(struct master *master, struct worker *worker, int status)
{
	int id = (int) (worker - master->workers);
	pid_t pid = worker->pid;

	worker->pid = 0;
	master->living--;
	if ((WIFEXITED(status) && WEXITSTATUS(status) == 0) || is_obedience(master, status)) {
		vane_log(VANE_LOG_INFO, "child %d (pid %d) exited normally", id, (int) pid);
		return;
	}
	if (master->phase == PHASE_RUNNING) {
		log_failure(id, pid, status, ", restarting");
		schedule_restart(master, worker);
		return;
	}
	log_failure(id, pid, status, "");
	master->status = EXIT_FAILURE;
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

static const char *signal_name(int signo)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals) - 1; i++)
		if (signals[i].number == signo)
			break;
	return signals[i].name;
}

static void on_order(struct master *master, int signo)
{
	switch (signo) {
	case SIGCHLD:
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
	default:
		vane_log(VANE_LOG_INFO, "signal %s ignored", signal_name(signo));
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

/* Wait until something happens, and see to all signals that have come: orders go before
   deaths, which are then seen in their light. */
static void wait_and_obey(struct master *master)
{
	int64_t next = next_msec(master), now = now_msec();
	struct timespec timeout = { 0 };
	int signo;

	if (next == INT64_MAX) {
		signo = sigwaitinfo(&master->mask, NULL);
	} else {
		if (next > now) {
			timeout.tv_sec = (next - now) / 1000;
			timeout.tv_nsec = (next - now) % 1000 * 1000000;
		}
		signo = sigtimedwait(&master->mask, NULL, &timeout);
	}
	timeout = (struct timespec) { 0 };
	for (; signo > 0; signo = sigtimedwait(&master->mask, NULL, &timeout))
		on_order(master, signo);
}

static void enforce_deadline(struct master *master)
{
	bool draining = master->phase == PHASE_DRAINING;

	if ((!draining && master->phase != PHASE_QUITTING) ||
		now_msec() < master->deadline_msec)
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

int vane__master_run(const struct vane_process_opts *opts, int *life_fd)
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
		reap(&master);
		enforce_deadline(&master);
		if (is_over(&master)) {
			status = master.status;
			fini(&master);
			exit(status);
		}
	}
	become_worker(&master, life_fd);
	return id;
}
