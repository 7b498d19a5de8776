/* SPDX-License-Identifier: MIT */
/*
 * spawn.h - how a child process begins.
 */
#ifndef VANE__SPAWN_H
#define VANE__SPAWN_H

#include <sys/types.h>

struct vane__child_opts;

/*
 * Start a program in a process group of its own.  Returns 0, or the errno of what failed on the
 * way there.
 */
int vane__spawn(const struct vane__child_opts *opts, pid_t *pid);

#endif
