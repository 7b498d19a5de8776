/* SPDX-License-Identifier: MIT */
/*
 * master.h - the process that forks workers and watches them.
 */
#ifndef VANE__MASTER_H
#define VANE__MASTER_H

#include <vane/process.h>

/* What a worker has of its master. */
struct worker_pipes {
	int life;  /* is at its end when the master is gone */
	int ready; /* a byte says that the worker serves; -1: nobody asks */
};

/* process.c: fill in the defaults of settings.  0, or -EINVAL, which is logged. */
int vane__process_fill(struct vane_process_opts *opts);

/*
 * Fork workers and watch them; the settings are filled in.  Returns in a worker only, with its id and pipes; or a negative errno in the caller if
 * the first fork fails.
 */
int vane__master_run(const struct vane_process_opts *opts, struct worker_pipes *pipes);

#endif
