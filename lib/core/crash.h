/* SPDX-License-Identifier: MIT */
/*
 * crash.h - the parts of a process's end by a signal of its own.
 */
#ifndef VANE__CRASH_H
#define VANE__CRASH_H

struct vane__stack;
struct vane_exchange;

/*
 * crash_page.c: send the client of an exchange of debug mode the page of a crash, as far as it has got
 * nothing yet.  Called from the handler of the signal; returns when the page is sent, or in two
 * seconds, and nothing of this process is changed by it.
 */
void vane__crash_page(
	struct vane_exchange *x, const struct vane__stack *stack, const char *why);

#endif
