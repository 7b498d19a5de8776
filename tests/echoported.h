/* SPDX-License-Identifier: MIT */
/*
 * echoported.h - what code written against libfcgi answers.
 */
#ifndef VANE_TEST_ECHOPORTED_H
#define VANE_TEST_ECHOPORTED_H

#include <vane/fcgx.h>

extern struct vane_fcgx_program ported_big;
extern struct vane_fcgx_program ported_big_spooled; /* a megabyte at most */
extern struct vane_fcgx_program ported_echo;
extern struct vane_fcgx_program ported_env;
extern struct vane_fcgx_program ported_flush;
extern struct vane_fcgx_program ported_head;
extern struct vane_fcgx_program ported_location;
extern struct vane_fcgx_program ported_none;
extern struct vane_fcgx_program ported_stdio;

#endif
