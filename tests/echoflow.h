/* SPDX-License-Identifier: MIT */
/*
 * echoflow.h - handlers that go along with their client, or have others answer.
 */
#ifndef VANE_TEST_ECHOFLOW_H
#define VANE_TEST_ECHOFLOW_H

#include <vane/handler.h>

extern const struct vane_handler echo_drain;
extern const struct vane_handler echo_flow;
extern const struct vane_handler echo_flow_small;
extern const struct vane_handler echo_forward;
extern const struct vane_handler echo_raw;
extern const struct vane_handler echo_read;
extern const struct vane_handler echo_wait;

#endif
