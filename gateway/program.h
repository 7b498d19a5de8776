/* SPDX-License-Identifier: MIT */
/*
 * program.h - a program that we start and keep running, to answer requests over a listening
 * socket of ours on its descriptor 0 (FastCGI 1.0, 2.2).
 *
 * It gives peers to requests as a group of addresses does, one for each worker; a request has a
 * worker for itself.  Each of our processes has its workers, so it is known which are busy.
 */
#ifndef VANE__PROGRAM_H
#define VANE__PROGRAM_H

#include <vane/gateway.h>

#include "balancer.h"
#include "child.h"
#include "list.h"
#include "cgi_vars.h"
#include "strlist.h"

struct vane__program {
	struct vane__balancer balancer;
	struct vane__limiter limiter;
	struct vane__peer_opts peer_opts;
	struct vane__strlist argv;
	struct vane__vars env;
	char *path, *directory;
	struct vane__run_as as;
	int min, max;       /* of all processes, until there is a loop */
	int64_t max_active; /* requests, in this one */
	int64_t idle_msec, max_requests, kill_msec;
	struct vane_loop *loop; /* NULL: nobody has asked yet */
	struct vane__children *children;
	struct list workers;
	int live;           /* those that are not leaving */
	int deaths;         /* in a row, of those who had not answered anything yet */
	int64_t delay_msec; /* because of the last one */
	int64_t not_before; /* by the loop's clock: none is started */
	bool unstartable;   /* the last one could not be: nobody waits for the next */
	struct vane_timer *chore;
};

/*
 * Fill one in, with limits whose defaults are filled in.  Returns 0; -EINVAL, -ENOENT or
 * -EACCES with a line in the log; -ENOMEM.
 */
int vane__program_init(struct vane__program *program,
	const struct vane_fastcgi_backend_opts *opts,
	const struct vane_backend_limits *limits);

/*
 * End all workers: TERM, and KILL for those that are still there a second later.  None
 * may be in use, and the loop must still be there.
 */
void vane__program_fini(struct vane__program *program);

/* Start those that are always there.  0 or a negative errno. */
int vane__program_start(struct vane__program *program, struct vane_loop *loop);

/* Have new ones take the place of all that there are, of the busy ones when they are not. */
void vane__program_reload(struct vane__program *program);

#endif
