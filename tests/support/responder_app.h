/* SPDX-License-Identifier: MIT */
/*
 * responder_app.h - what the responder of responder.c answers with, and what that needs of it.
 */
#ifndef VANE_TEST_RESPONDER_APP_H
#define VANE_TEST_RESPONDER_APP_H

#include <vane.h>
#include <vane/loop.h>

extern const struct vane_route responder_routes[];

/* In the responder's process. */
extern struct vane_loop *responder_loop;

/* Begin to stop, for so long at most: 0 or a negative errno. */
int responder_drain(int msec);

#endif
