/* SPDX-License-Identifier: MIT */
/*
 * deadline.h - what happens to a connection if nothing else does until then.
 */
#ifndef VANE__DEADLINE_H
#define VANE__DEADLINE_H

#include <vane/loop.h>
#include <vane/types.h>

/*
 * Cheap to set anew with each piece that comes: a timer that runs already looks at the time
 * when it fires.  The owner fills in the first three.
 */
struct vane__deadline {
	struct vane_loop *loop;
	vane_loop_fn fn; /* may free it */
	void *data;
	struct vane_timer *timer;
	int64_t at;    /* of the loop's clock, 0: none, VANE__UNLIMITED: it never comes */
	int64_t fires; /* when the timer does: not after that, where there is one */
};

/* VANE__UNLIMITED: there is none.  0, or -ENOMEM: the owner is not to wait. */
int vane__deadline_set(struct vane__deadline *deadline, int64_t msec);

/* There is none any more. */
static inline void vane__deadline_clear(struct vane__deadline *deadline)
{
	deadline->at = 0;
}

/* Let go of the timer. */
void vane__deadline_fini(struct vane__deadline *deadline);

#endif
