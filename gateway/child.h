/* SPDX-License-Identifier: MIT */
/*
 * child.h - foreign programs as child processes: started, watched, and ended with all that
 * they have started themselves.
 *
 * Each child leads a process group of its own.  It is killed when this process dies, where
 * the system can do that; no signal handler is needed, and children of others are left
 * alone.  The leader is not reaped before its group has been killed, so that the number of
 * the group cannot belong to somebody else by then.  A process that has left the group
 * (setsid) is its own master.
 */
#ifndef VANE__CHILD_H
#define VANE__CHILD_H

#include <sys/types.h>
#include <vane/loop.h>

#include "run_as.h"

struct vane__children; /* those of one loop */
struct vane__child;

struct vane__child_opts {
	const char *path;
	char *const *argv, *const *envp; /* up to a NULL */
	const char *directory;           /* NULL: ours */
	int fds[3];           /* its 0, 1, 2; they stay the caller's; -1: /dev/null */
	int64_t cpu_sec;      /* RLIMIT_CPU; 0, or VANE__UNLIMITED: as ours */
	int64_t memory_bytes; /* RLIMIT_AS; likewise */
	const struct vane__run_as *as; /* NULL: who we are */
	int64_t kill_msec; /* from TERM to KILL; VANE__UNLIMITED: which never comes */
};

/* The program has ended, with a status as waitpid() gives it; -1 if somebody else reaped it. */
typedef void (*vane__child_fn)(int status, void *data);

/* Make a place for the children of a loop.  0 or a negative errno. */
int vane__children_new(struct vane__children **children, struct vane_loop *loop);

/* Kill and reap those that are left; waits for a second at most.  NULL is fine. */
void vane__children_free(struct vane__children *children);

/*
 * Start a program.  All descriptors but its three are closed in it, all signals are as they
 * were for the first process.  Waits until the program is loaded, or cannot be: then it
 * returns what went wrong, the errno of execve(), chdir() or whatever it was.  fn runs
 * once, from the loop; then, or before, the caller frees the child.
 */
int vane__child_start(struct vane__children *children, const struct vane__child_opts *opts,
	vane__child_fn fn, void *data, struct vane__child **child);

/* Its process id, for logs. */
pid_t vane__child_pid(const struct vane__child *child);

/*
 * Whether it has ended, looking if that is not known yet; status as for fn, which runs all
 * the same unless the child is freed before.
 */
bool vane__child_ended(struct vane__child *child, int *status);

/*
 * Have it end: TERM to its group, and KILL when that was in vain, or once it has gone, for
 * those that it left.
 */
void vane__child_end(struct vane__child *child);

/*
 * Let go of it: fn does not run any more.  One that has not ended yet is ended as above, by
 * itself.  NULL is fine.
 */
void vane__child_free(struct vane__child *child);

/* A status in words, for logs: "exited with status 3".  The buffer holds 80 bytes. */
#define VANE__CHILD_WORDS 80
const char *vane__child_words(int status, char *buf);

#endif
