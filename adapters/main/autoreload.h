/* SPDX-License-Identifier: MIT */
/*
 * autoreload.h - restarts a program when its file, libraries, configuration or files that it names
 * have changed.
 */
#ifndef VANE__AUTORELOAD_H
#define VANE__AUTORELOAD_H

#include <stdbool.h>

#include <vane/loop.h>

/*
 * Look twice a second from now on: at program, at the shared libraries that are mapped, and at what
 * vane_autoreload_watch() was given.  changed() is called once for each change, when all that has
 * changed rests.  0 or -ENOMEM.
 */
int vane__autoreload_start(
	struct vane_loop *loop, const char *program, vane_loop_fn changed, void *data);

/* The timer goes with its loop; what was to be watched is kept. */
void vane__autoreload_stop(void);

/* Whether changed() was called lately, and a new program may be on its way for that. */
bool vane__autoreload_is_due(void);

/* Forget all files. */
void vane__autoreload_fini(void);

#endif
