/* SPDX-License-Identifier: MIT */
/*
 * run_as.h - the user and the groups that a program is run as, who are not ours.
 */
#ifndef VANE__RUN_AS_H
#define VANE__RUN_AS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct vane__run_as {
	bool other; /* than we are */
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* of the user; NULL: none */
	size_t group_count;
};

/*
 * Look up a user and a group; NULL: we stay who we are, or it is the user's group.  Returns 0, or a
 * negative errno with a line in the log: -ENOENT for a name that nobody has, -EPERM if we are not root,
 * -EINVAL for a group without a user, and for root's number under another name than root.
 */
int vane__run_as_init(struct vane__run_as *as, const char *user, const char *group);
void vane__run_as_fini(struct vane__run_as *as);

/*
 * For good, and with nothing that would lead back, which is tried.  For the child of a vfork(): it makes
 * system calls and nothing else.  0, or -1 and errno.
 */
int vane__run_as_become(const struct vane__run_as *as);

#endif
