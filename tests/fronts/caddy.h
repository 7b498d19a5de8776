/* SPDX-License-Identifier: MIT */
/*
 * caddy.h - Caddy as a front server.
 */
#ifndef VANE_TEST_CADDY_H
#define VANE_TEST_CADDY_H

#include "fronts/front.h"

/* Whether it can be started here. */
bool caddy_installed(void);

/* Start Caddy, FastCGI on front.ports[0]. */
int caddy_start(struct front *front);

#endif
