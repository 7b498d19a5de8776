/* SPDX-License-Identifier: MIT */
/*
 * stack.h - a backtrace: the calls that led to a place, as addresses; symbols.h knows their names.
 */
#ifndef VANE__STACK_H
#define VANE__STACK_H

#include "base.h"

/* The outermost calls of a deeper one are left out. */
#define VANE__STACK_FRAMES 48

struct vane__stack {
	int count;
	bool exact; /* the first is an instruction; the others follow a call */
	void *frames[VANE__STACK_FRAMES]; /* the innermost call first */
};

/*
 * Whether stacks can be had here.  The first call loads a library, which is too late in a signal
 * handler.
 */
bool vane__stack_possible(void);

/* The calls that led to the caller, with itself; none where stacks cannot be had. */
void vane__stack_take(struct vane__stack *stack);

/* Leave out so many of the innermost calls. */
void vane__stack_drop(struct vane__stack *stack, int count);

#endif
