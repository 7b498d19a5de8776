/* SPDX-License-Identifier: MIT */
/*
 * lighttpd.h - lighttpd as a front server.
 */
#ifndef VANE_TEST_LIGHTTPD_H
#define VANE_TEST_LIGHTTPD_H

#include "fronts/front.h"

/* Which of front.ports. */
enum { LIGHTTPD_FASTCGI, LIGHTTPD_SCGI };

/* Whether it can be started here. */
bool lighttpd_installed(void);

/* Start lighttpd. */
int lighttpd_start(struct front *front);

#endif
