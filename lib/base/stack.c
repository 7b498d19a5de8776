/* SPDX-License-Identifier: MIT */
/*
 * stack.c - a backtrace of this thread, by the unwinder of the C library where it has one.
 */
#include "config.h"

#include "stack.h"

#ifdef HAVE_EXECINFO_H
#include <execinfo.h>
#endif
#include <string.h>

#ifdef HAVE_EXECINFO_H
bool vane__stack_possible(void)
{
	void *frame;

	return backtrace(&frame, 1) > 0;
}

/* Not inlined, so that it is one frame. */
__attribute__((noinline)) void vane__stack_take(struct vane__stack *stack)
{
	stack->exact = false;
	stack->count = backtrace(stack->frames, VANE__STACK_FRAMES);
	vane__stack_drop(stack, 1);
}
#else
bool vane__stack_possible(void)
{
	return false;
}

void vane__stack_take(struct vane__stack *stack)
{
	stack->exact = false;
	stack->count = 0;
}
#endif

void vane__stack_drop(struct vane__stack *stack, int count)
{
	if (count > stack->count)
		count = stack->count;
	stack->count -= count;
	memmove(stack->frames, stack->frames + count,
		(size_t) stack->count * sizeof(stack->frames[0]));
}
