/* SPDX-License-Identifier: MIT */
/*
 * landlock.h - Linux's Landlock: a process gives up its access to all files but some, for good.
 */
#ifndef VANE__LANDLOCK_H
#define VANE__LANDLOCK_H

/*
 * The version of the interface that the running kernel has, from 1; -ENOSYS if it has none, or
 * somebody keeps it from us, -EOPNOTSUPP if it was left out when the system started.
 */
int vane__landlock_abi(void);

/*
 * Begin with rules for that version: a descriptor, to be closed, or a negative errno.  All that is not
 * allowed by one of them is denied once vane__landlock_enter() is called.
 */
int vane__landlock_new(int abi);

/*
 * Allow these VANE_SANDBOX_x for a file, or for all below a folder.  Returns 0, or what it could not be
 * opened with.
 */
int vane__landlock_allow(int rules, int abi, const char *path, unsigned rights);

/* This thread, and all that it starts, from now on.  It takes no_new_privs, which it sets. */
int vane__landlock_enter(int rules);

/* No program that this process executes has more rights than it: setuid means nothing.  0 or an errno. */
int vane__no_new_privs(void);

#endif
