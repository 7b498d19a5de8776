/* SPDX-License-Identifier: MIT */
/*
 * worker_process.h - the process of a worker: its socket, its output, its end.
 */
#ifndef VANE__WORKER_PROCESS_H
#define VANE__WORKER_PROCESS_H

#include "child.h"
#include "peer.h"
#include "program_socket.h"
#include "stderrlog.h"

/* What the workers of a program have in common. */
struct vane__worker_process_opts {
	struct vane_loop *loop;
	struct vane__children *children;
	struct vane__child_opts child; /* but for its descriptors */
	const struct vane__peer_opts *peer;
};

/* One of them: zeroed before it is started. */
struct vane__worker_process {
	struct vane__peer peer; /* how to reach it */
	struct vane__child *child;
	struct vane__program_socket socket;
	struct vane_loop *loop;
	int log_fd; /* its standard output and error */
	struct vane_watch *log_watch;
	struct vane__stderrlog log;
};

/*
 * Start one; ended() is told how it has ended, once.  Returns 0 or a negative errno; it is
 * to be freed either way.
 */
int vane__worker_process_start(struct vane__worker_process *process,
	const struct vane__worker_process_opts *opts, vane__child_fn ended, void *data);

/* Have what it says be read in that loop from now on, as one of two is turned at a time. */
void vane__worker_process_move(
	struct vane__worker_process *process, struct vane_loop *loop);

/* Tell it to end, first kindly; no connection to it is left. */
void vane__worker_process_end(struct vane__worker_process *process);

/* What it has said last goes to the log: for when it has ended. */
void vane__worker_process_hear(struct vane__worker_process *process);

/* Free what belongs to it; it has ended, or is killed. */
void vane__worker_process_fini(struct vane__worker_process *process);

#endif
