/* SPDX-License-Identifier: MIT */
/*
 * master.h - the process that forks workers and watches them.
 */
#ifndef VANE__MASTER_H
#define VANE__MASTER_H

#include <vane/process.h>

/*
 * Fork workers and watch them; the settings have no zeros left.  Returns in a worker only,
 * with its id, and the descriptor that tells of the master's end; or a negative errno in the
 * caller if the first fork fails.
 */
int vane__master_run(const struct vane_process_opts *opts, int *life_fd);

/*
 * How long to wait before a worker is forked again that has lived so long, if last_msec was
 * waited before it: nothing the first time, unless it died at once; then longer and longer.
 */
int64_t vane__restart_delay(int64_t last_msec, int64_t lived_msec);

#endif
