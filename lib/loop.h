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

#endif
