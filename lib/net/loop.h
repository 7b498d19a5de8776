/* SPDX-License-Identifier: MIT */
/*
 * loop.h - the libev loop below, for connections that want their watchers without a detour.
 */
#ifndef VANE__LOOP_H
#define VANE__LOOP_H

#include <vane/loop.h>

struct ev_loop;

/* Watchers started on it are stopped by whoever started them, before the loop is freed. */
struct ev_loop *vane__loop_ev(struct vane_loop *loop);

/* How many timers there are that a drain waits for. */
size_t vane__loop_held(const struct vane_loop *loop);

/* Whether it turns: SIGPIPE is blocked then. */
bool vane__loop_is_running(const struct vane_loop *loop);

/*
 * A descriptor is about to go to another process, where what it stands for stays open: take it
 * out of epoll, which would go on to report it here.  libev does not do that: it takes a
 * descriptor that is no longer watched to be closed.
 */
void vane__loop_forget(struct vane_loop *loop, int fd);

#endif
