/* SPDX-License-Identifier: MIT */
/*
 * sandbox.h - the files that a confined process may have, and the step into confinement.
 */
#ifndef VANE__SANDBOX_H
#define VANE__SANDBOX_H

#include <stdbool.h>

#include <vane/sandbox.h>

/* One of them.  Who has it in a struct of its own needs no memory and takes it out at the end. */
struct vane__sandbox_place {
	struct vane__sandbox_place *next, **link; /* link is NULL: it is in no list */
	const char *path;                         /* absolute; borrowed */
	unsigned rights;                          /* VANE_SANDBOX_x */
	bool common; /* what every program has: it is not worth naming */
	bool copied; /* allocated, with its path */
};

void vane__sandbox_add(struct vane__sandbox_place *place);
void vane__sandbox_remove(struct vane__sandbox_place *place);

/*
 * As vane_sandbox_allow(), for a path that need not exist: what does not when the process is confined
 * is passed over.  0, -EINVAL, -ENOMEM, or what getcwd() failed with.
 */
int vane__sandbox_allow(const char *path, unsigned rights, bool common);

/* In the order in which they were added. */
const struct vane__sandbox_place *vane__sandbox_first(void);

/* Forget those that were allocated. */
void vane__sandbox_fini(void);

/*
 * Confine this thread, and what it starts: no new privileges, and with an abi above 0 (see landlock.h)
 * the files of the list alone.  For good.  0 or a negative errno; a place that is missing, or that
 * this process may not reach, is passed over.
 */
int vane__sandbox_enter(int abi);

#endif
