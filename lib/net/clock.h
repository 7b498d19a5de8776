/* SPDX-License-Identifier: MIT */
/*
 * clock.h - milliseconds that nobody sets back.
 */
#ifndef VANE__CLOCK_H
#define VANE__CLOCK_H

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC, for what waits without a loop; a loop has vane_loop_now(). */
int64_t vane__now_msec(void);

#endif
