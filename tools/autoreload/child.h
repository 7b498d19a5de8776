/* SPDX-License-Identifier: MIT */
/*
 * child.h - starts a program or a command, and ends it.
 *
 * Each gets TERM when this process dies, whatever it dies of.
 */
#ifndef VANE_AUTORELOAD_CHILD_H
#define VANE_AUTORELOAD_CHILD_H

#include <signal.h>
#include <sys/types.h>

/* How signals were blocked when this program was started, which is how children begin. */
extern sigset_t child_mask;

/* Start it; words[0] is its path.  The process id, or a negative errno. */
pid_t child_start(char *const *words);

/* The same for a command of the shell's, which leads a process group of its own. */
pid_t child_start_command(const char *command);

/* Whether it has ended, and its status as the shell has it: 128 and more for a signal. */
int child_ended(pid_t pid, int *status);

#endif
