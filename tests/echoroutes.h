/* SPDX-License-Identifier: MIT */
/*
 * echoroutes.h - the application under test: every handler that the suite asks.
 */
#ifndef VANE_TEST_ECHOROUTES_H
#define VANE_TEST_ECHOROUTES_H

#include <vane/handler.h>

extern const struct vane_route echo_routes[];

#endif
