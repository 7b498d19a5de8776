/* SPDX-License-Identifier: MIT */
/*
 * ending.h - the orders that end a process, also while its loop does not turn.
 *
 * A master sees to it that its workers leave; a process without one has only itself.
 */
#ifndef VANE__ENDING_H
#define VANE__ENDING_H

#include <vane/types.h>

/*
 * Call when the loop listens to these signals, whose functions go on to be called.  Besides:
 * who has not left two seconds after QUIT or a second order, or so long after the time that
 * a drain may take (VANE_NO_LIMIT: any), is ended with status 1, and a third order ends it at once.  A worker
 * whose master lives only says what it was at when it is told.  0 or a negative errno.
 */
int vane__ending_watch(const int *signals, size_t count, int64_t drain_msec);

/* It has ended as it should; only after a watch that succeeded. */
void vane__ending_done(void);

#endif
