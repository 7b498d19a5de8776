/* SPDX-License-Identifier: MIT */
/*
 * master_state.h - what a master knows, for the files that it is made of.
 *
 *	master.c   orders, deaths, and the time that there is
 *	workers.c  the workers: their start and their end
 *	roll.c     a new program in place of this one, worker by worker
 */
#ifndef VANE__MASTER_STATE_H
#define VANE__MASTER_STATE_H

#include <signal.h>
#include <stddef.h>
#include <sys/types.h>
#include <vane/types.h>

#include "master.h"
#include "restarts.h"

/*
 * What the master adds to the time that workers have to leave: they know it too, and cut what
 * is left more gently than a signal can.  As long they have after QUIT, to put away what they
 * have started themselves.
 */
#define GRACE_MSEC 2000

/* So many at most are there by order or by inheritance. */
#define WORKERS_MAX 1024

enum phase {
	PHASE_RUNNING,  /* who dies is forked again */
	PHASE_DRAINING, /* workers were told to leave */
	PHASE_QUITTING, /* at once */
	PHASE_KILLING   /* and now they must */
};

struct worker {
	pid_t pid;     /* 0: there is none */
	pid_t old_pid; /* of the program before, until pid serves; 0: there is none */
	int ready_fd;  /* a byte there says that pid serves; -1: it has, or is not asked */
	bool ready;
	int64_t started_msec;
	int64_t delay_msec;   /* what it waited before its last start */
	int64_t restart_msec; /* when to fork it again, -1: never */
	bool failed_start;    /* it ended before any of them was ready */
};

/* One that was told to leave alone, as another one serves in its place. */
struct leaver {
	int id;
	pid_t pid;
	int64_t deadline_msec;
	bool told_to_quit;
};

/* The new program, as it shows whether it can start. */
struct rehearsal {
	pid_t pid; /* 0: there is none */
	int fd;    /* a byte there says that it can */
	int signo; /* what has asked for it: HUP or USR2 */
	int64_t deadline_msec;
	bool late;
};

enum { MASTER_SIGNALS = 11 };

struct master {
	enum phase phase;
	struct worker *workers;
	int count; /* of workers that are wanted: the first ones */
	int size;  /* of the array: what is above is to leave, or was told to */
	struct leaver *leavers;
	int leaver_count;
	int living; /* workers of all kinds */
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
	int ready_end; /* of a worker just forked: where it says that it serves; -1 */
	pid_t pid;
	sigset_t mask;     /* what we wait for */
	sigset_t old_mask; /* the caller's, for workers, like the next */
	struct sigaction old_actions[MASTER_SIGNALS];

	const struct vane__renewal *renewal; /* NULL: there is none */
	struct rehearsal rehearsal;
	int wanted;                 /* HUP or USR2, when what goes on is over; 0 */
	int rolling;                /* the id of the worker whose turn it is; -1: none */
	int64_t roll_deadline_msec; /* for that one to serve */
};

/* ---- workers.c ---- */

/* Have room for so many; those that are new are nobody.  0 or -ENOMEM. */
int vane__workers_grow(struct master *master, int size);
void vane__workers_fini(struct master *master);

/* Fork a worker: its pid in the master, 0 in the worker, or a negative errno. */
pid_t vane__worker_start(struct master *master, struct worker *worker);

/* Fork those whose time has come.  True in a worker, whose id is set. */
bool vane__workers_start_due(struct master *master, int *id);

void vane__workers_signal(struct master *master, int signo);

/* It serves.  One is enough for who asked: nobody needs to be told after that. */
void vane__worker_be_ready(struct master *master, struct worker *worker);

/* See which ones have come to serve. */
void vane__workers_see_ready(struct master *master);

/* The pid, one of the worker's, is to leave, as others serve in its place.  0 or -ENOMEM. */
int vane__worker_dismiss(struct master *master, int id, pid_t pid);

/* Whether that is the process of a worker with that id; data is the master. */
bool vane__workers_has(int id, pid_t pid, void *data);

/* One worker more, or one less, until the program is started anew. */
void vane__workers_more(struct master *master);
void vane__workers_less(struct master *master);

/* One that was dismissed has gone: its id, or -1 if it is none of them. */
int vane__leaver_gone(struct master *master, pid_t pid);

/* Those that were dismissed have had their time. */
void vane__leavers_urge(struct master *master);

/* ---- roll.c ---- */

/* Take over the workers that were handed over.  0 or -ENOMEM. */
int vane__roll_adopt(struct master *master);

/* HUP or USR2 has come. */
void vane__roll_want(struct master *master, int signo);

/* Do the next step, if it is time for one. */
void vane__roll_go_on(struct master *master);

/* The rehearsal has ended. */
void vane__roll_rehearsed(struct master *master, int status);

/* The worker whose turn it is has ended, if it had not come to serve yet.  Whether it was that. */
bool vane__roll_failed(struct master *master, struct worker *worker, int status);

/* All are to leave: there is no new program any more. */
void vane__roll_cancel(struct master *master);

/* When there is something to do even if no signal comes; INT64_MAX: never. */
int64_t vane__roll_next_msec(const struct master *master);

#endif
