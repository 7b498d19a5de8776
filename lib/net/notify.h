/* SPDX-License-Identifier: MIT */
/*
 * notify.h - tells systemd, or whoever else set NOTIFY_SOCKET, how a service is: that it serves,
 * reloads, stops, and is alive; the protocol of sd_notify(3), without libsystemd.
 *
 * All of it does nothing where nobody asks, before vane__notify_begin(), and in other processes than
 * the one that has called that: workers are their master's to speak for.
 */
#ifndef VANE__NOTIFY_H
#define VANE__NOTIFY_H

#include "base.h"

/*
 * Take NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment: they are not for
 * children.  Returns whether somebody asks.
 */
bool vane__notify_begin(void);

/* The service serves, for the first time or after a reload; status is a line for people. */
void vane__notify_ready(const char *status);

/* It reads its settings again; vane__notify_ready() is to follow. */
void vane__notify_reloading(void);

/* It finishes what it has begun, and leaves.  Said once. */
void vane__notify_stopping(void);

/* What it does, a line for people. */
void vane__notify_status(const char *status);

/* How often it is to say that it is alive: half of WATCHDOG_USEC, in milliseconds; 0: never. */
int64_t vane__notify_alive_msec(void);

/* It is alive. */
void vane__notify_alive(void);

#endif
