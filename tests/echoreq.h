/* SPDX-License-Identifier: MIT */
/*
 * echoreq.h - handlers that tell what they were asked.
 */
#ifndef VANE_TEST_ECHOREQ_H
#define VANE_TEST_ECHOREQ_H

#include <vane/handler.h>

extern const struct vane_handler echo_all;
extern const struct vane_handler echo_arg;
extern const struct vane_handler echo_body;
extern const struct vane_handler echo_cookie;
extern const struct vane_handler echo_env;
extern const struct vane_handler echo_form;
extern const struct vane_handler echo_item;
extern const struct vane_handler echo_len;
extern const struct vane_handler echo_memory;
extern const struct vane_handler echo_query_error;
extern const struct vane_handler echo_save;
extern const struct vane_handler echo_small;
extern const struct vane_handler echo_take;
extern const struct vane_handler echo_typed;
extern const struct vane_handler echo_upload;
extern const struct vane_handler echo_url;

#endif
