/* SPDX-License-Identifier: MIT */
/*
 * slow_stack.h - where a process is while it is blocked: its C stack, for the log.
 *
 * Another process looks at it, by ptrace(2): the one that is looked at stands still for some
 * milliseconds and is sent no signal.  What it sleeps in goes on to sleep, but for epoll_wait() and the
 * few others that signal(7) says end with EINTR after a stop, which is why it is asked for.
 */
#ifndef VANE__SLOW_STACK_H
#define VANE__SLOW_STACK_H

#include <sys/types.h>

/*
 * This process may be looked at by that one and its children, and by itself and its own: kernels that
 * only let a debugger see its own children (Yama) have to be told.
 */
void vane__slow_stack_allow(pid_t watcher);

/*
 * Have a child write the stack of the main thread of a process to the log, and do not wait for it.  It
 * gives up after ten seconds.  The child, for who has to collect it, or a negative errno.
 */
pid_t vane__slow_stack_write(int id, pid_t pid);

#endif
