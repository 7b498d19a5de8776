/* SPDX-License-Identifier: MIT */
/*
 * instance.h - one process of a program that we start: its socket, its output, its end.
 */
#ifndef VANE__INSTANCE_H
#define VANE__INSTANCE_H

#include "child.h"
#include "program_socket.h"
#include "peer.h"
#include "stderrlog.h"

/* What the instances of a program have in common. */
struct vane__instance_opts {
	struct vane_loop *loop;
	struct vane__children *children;
	struct vane__child_opts child; /* but for its descriptors */
	const struct vane__peer_opts *peer;
};

/* One instance: zeroed before it is started. */
struct vane__instance {
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
int vane__instance_start(struct vane__instance *inst,
	const struct vane__instance_opts *opts, vane__child_fn ended, void *data);

/* Tell it to end, first kindly; no connection to it is left. */
void vane__instance_end(struct vane__instance *inst);

/* What it has said last goes to the log: for when it has ended. */
void vane__instance_hear(struct vane__instance *inst);

/* Free what belongs to it; it has ended, or is killed. */
void vane__instance_fini(struct vane__instance *inst);

#endif
