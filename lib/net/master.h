/* SPDX-License-Identifier: MIT */
/*
 * master.h - the process that forks workers and watches them.
 */
#ifndef VANE__MASTER_H
#define VANE__MASTER_H

#include <signal.h>
#include <vane/process.h>

#include "inherit.h"

/* What a worker has of its master. */
struct worker_pipes {
	int life;  /* is at its end when the master is gone */
	int ready; /* a byte says that the worker serves; -1: nobody asks */
};

/* How a master makes way for a new program: the same one again (HUP), or its successor (USR2). */
struct vane__renewal {
	struct vane__inheritance *inherited; /* what this one was left; NULL: nothing */
	/*
	 * Start the program as a child, in the role that inherit has: its pid, or a negative
	 * errno, which is logged.  What a program needs besides is added to inherit.
	 */
	pid_t (*spawn)(struct vane__inheritance *inherit, int signo, void *data);
	/* Become it.  Returns a negative errno, which is logged, if that fails. */
	int (*become)(struct vane__inheritance *inherit, int signo, void *data);
	sigset_t mask; /* signals that workers of an inherited master start with blocked */
	int64_t start_msec; /* how long it may take to serve; above 0 */
	void *data;
};

/* Say that HUP or USR2 has come, and when it is obeyed, "" at once. */
void vane__renewal_log(int signo, const char *when);

/* Say that a new program does not take over, and why; the service manager is told too. */
void vane__renewal_failed(const char *why);

/* process.c: fill in the defaults of settings.  0, or -EINVAL, which is logged. */
int vane__process_fill(struct vane_process_opts *opts);

/* As vane_fork_processes(), with a master that makes way for new programs. */
int vane__process_fork(
	const struct vane_process_opts *opts, const struct vane__renewal *renewal);

/*
 * Be worker 0 of so many, of a process that did not fork this one but started it anew, and take its
 * hand-over: the two descriptors, which are -1 if there is none.
 */
void vane__process_be_worker(
	int count, const struct worker_pipes *pipes, const int handover[2]);

/* Have a hand-over with a program that is to take the place of this process; it can do without. */
void vane__process_make_handover(void);

/* The descriptors of the hand-over that workers have; left alone if there is none. */
void vane__process_handover_fds(int fds[2]);

/*
 * Others serve the sockets of this process when it leaves, though it is no worker or the only one.
 * May be called from a signal handler.
 */
void vane__process_set_heirs(void);

/* What comes with a TERM for a worker that is replaced (sigqueue()). */
enum { VANE__HEIRS = 0x5ee7 };

/*
 * Fork workers and watch them; the settings are filled in.  Returns in a worker only, with its id and pipes; or a negative errno in the caller if
 * the first fork fails.
 */
int vane__master_run(const struct vane_process_opts *opts,
	const struct vane__renewal *renewal, struct worker_pipes *pipes);

/* Add the signals that a master waits for, and has blocked. */
void vane__master_signals(sigset_t *set);

/* How a process ended, in words: "exited with status 1", "killed by signal 9 (SIGKILL)". */
void vane__worker_describe(char *buf, size_t size, int status);

#endif
