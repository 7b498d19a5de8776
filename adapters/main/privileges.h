/* SPDX-License-Identifier: MIT */
/*
 * privileges.h - what a process is to the system: its standard descriptors, its user, its limits,
 * its pid file.
 */
#ifndef VANE__PRIVILEGES_H
#define VANE__PRIVILEGES_H

#include <vane/types.h>

struct vane__privileges {
	bool changes; /* it is not what the process is already */
	bool root;    /* so that it can become it */
	uid_t uid;
	gid_t gid;
	bool becomes_users; /* and may do so afterwards, for programs that it starts */
	const char *user;   /* borrowed; NULL: the user stays */
};

/*
 * Open those of the descriptors 0 to 2 that are closed on /dev/null, before a socket becomes
 * standard output or the log goes into a file of somebody's.  0 or a negative errno.
 */
int vane__privileges_descriptors(void);

/*
 * Look up --user and --group, either of which may be NULL.  What is wrong is logged:
 * -ENOENT for an unknown name, -EPERM if it takes root to become that.
 */
int vane__privileges_find(
	struct vane__privileges *privileges, const char *user, const char *group);

/* Log a warning if it is root, and nobody said that it shall be. */
void vane__privileges_warn(const struct vane__privileges *privileges);

/* Become it, for good.  Failure is logged. */
int vane__privileges_assume(const struct vane__privileges *privileges);

/*
 * Give up the capabilities of root, or those that a manager has given, but, if it becomes users, for what
 * there is of those to become another user and to end processes.  Where the system has none of the
 * kind there is nothing to do.  0 or a negative errno.
 */
int vane__privileges_drop_capabilities(bool becomes_users);

/*
 * From here to the end files that are made belong to it, and root's rights over files stay: who
 * owns a file is not changed by its name afterwards, which may be another one's by then.
 * Returns 0 or a negative errno; ending what has not begun does nothing.
 */
int vane__privileges_begin_files(const struct vane__privileges *privileges);
void vane__privileges_end_files(void);

/* Set the limit of open descriptors; 0: as high as the process may by itself. */
int vane__privileges_nofile(int64_t limit);

/* Write the process id to a file, which goes with this process: ownfile.h. */
int vane__privileges_pid_file(const char *path);

#endif
