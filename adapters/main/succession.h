/* SPDX-License-Identifier: MIT */
/*
 * succession.h - how a serving process without a master makes way for a new program.
 *
 * The new one is started as a child, and serves.  Then this process stops to accept, answers what
 * has begun, and becomes the child's master by exec(): its process id stays.
 */
#ifndef VANE__SUCCESSION_H
#define VANE__SUCCESSION_H

#include <vane/loop.h>
#include <vane/types.h>

#include "master.h"

struct vane__succession {
	struct vane_loop *loop;
	const struct vane__renewal *renewal; /* NULL: there is no new program ever */
	vane_loop_fn make_way;               /* the new one serves: drain, and stop */
	void *data;
	pid_t pid; /* of the new one; 0: there is none */
	int signo; /* that has asked for it */
	int fd;    /* a byte there says that it serves */
	int life[2];
	struct vane_watch *watch;
	struct vane_timer *timer;
	bool serves;
	bool late;
	int order;          /* TERM or QUIT has come for it; 0 */
	int64_t delay_msec; /* before it was started again, as it had ended */
	int held;           /* HUP or USR2 has come since it serves; 0 */
};

void vane__succession_init(struct vane__succession *succession, struct vane_loop *loop,
	const struct vane__renewal *renewal, vane_loop_fn make_way, void *data);

/* HUP or USR2 has come. */
void vane__succession_start(struct vane__succession *succession, int signo);

/* This process is told to leave: pass that on.  Whether the new one serves, and was told. */
bool vane__succession_order(struct vane__succession *succession, int signo);

/* Whether the loop has ended because both were told to leave. */
bool vane__succession_leaves(const struct vane__succession *succession);

/*
 * Wait for the new one, which leaves too and has ended the socket: nobody is to be its master.  What
 * to exit with: rc, or where that is 0 what the new one has exited with.
 */
int vane__succession_leave(struct vane__succession *succession, int rc);

/* The loop has ended: become the master of the new one, if it serves.  Returns if not, or if that fails. */
void vane__succession_finish(struct vane__succession *succession);

#endif
