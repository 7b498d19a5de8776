/* SPDX-License-Identifier: MIT */
/*
 * echores.h - handlers that answer in every shape an answer can have.
 */
#ifndef VANE_TEST_ECHORES_H
#define VANE_TEST_ECHORES_H

#include <vane/handler.h>

extern const struct vane_handler echo_big;
extern const struct vane_handler echo_empty;
extern const struct vane_handler echo_etag;
extern const struct vane_handler echo_fields;
extern const struct vane_handler echo_file;
extern const struct vane_handler echo_headers;
extern const struct vane_handler echo_html;
extern const struct vane_handler echo_long_field;
extern const struct vane_handler echo_modified;
extern const struct vane_handler echo_more_cookies;
extern const struct vane_handler echo_redirect;
extern const struct vane_handler echo_ref;
extern const struct vane_handler echo_refused;
extern const struct vane_handler echo_root;
extern const struct vane_handler echo_set_cookies;
extern const struct vane_handler echo_source;
extern const struct vane_handler echo_spring;
extern const struct vane_handler echo_static;
extern const struct vane_handler echo_status;
extern const struct vane_handler echo_stream;

#endif
