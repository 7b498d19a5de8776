/* SPDX-License-Identifier: MIT */
/*
 * echotypes.h - handlers that ask what a client accepts, and answer in types of their own.
 */
#ifndef VANE_TEST_ECHOTYPES_H
#define VANE_TEST_ECHOTYPES_H

#include <vane/handler.h>

extern const struct vane_handler echo_accept;
extern const struct vane_handler echo_accept_language;
extern const struct vane_handler echo_jansson;
extern const struct vane_handler echo_json;
extern const struct vane_handler echo_type;

#endif
