/* SPDX-License-Identifier: MIT */
/*
 * restarts.c - how soon a worker that crashed is restarted, and how often that may be.
 */
#include "restarts.h"

#include <stdlib.h>

#include "limit.h"

#define FAST_DEATH_MSEC  1000    /* who lives shorter than this is held back */
#define LONG_LIFE_MSEC   10000   /* who lives that long is forgiven */
#define MOST_COUNTED     1000000 /* more than that is no limit */
#define FIRST_DELAY_MSEC 100
#define LAST_DELAY_MSEC  10000

int vane__restarts_init(struct restarts *restarts, int64_t max, int64_t window_msec)
{
	*restarts = (struct restarts) { .max = vane__limit_size(max),
		.window_msec = window_msec };
	if (max > MOST_COUNTED)
		return 0;
	restarts->at_msec = calloc(restarts->max, sizeof(*restarts->at_msec));
	return restarts->at_msec == NULL ? -ENOMEM : 0;
}

void vane__restarts_fini(struct restarts *restarts)
{
	free(restarts->at_msec);
	restarts->at_msec = NULL;
}

/* Those that are older than the window do not count any more. */
static void forget(struct restarts *restarts, int64_t now_msec)
{
	while (restarts->count > 0 &&
		now_msec - restarts->at_msec[restarts->oldest] >= restarts->window_msec) {
		restarts->oldest = (restarts->oldest + 1) % restarts->max;
		restarts->count--;
	}
}

bool vane__restarts_add(struct restarts *restarts, int64_t now_msec)
{
	if (restarts->at_msec == NULL)
		return true;
	forget(restarts, now_msec);
	if (restarts->count == restarts->max)
		return false;
	restarts->at_msec[(restarts->oldest + restarts->count++) % restarts->max] =
		now_msec;
	return true;
}

int64_t vane__restart_delay(int64_t last_msec, int64_t lived_msec)
{
	if (lived_msec >= LONG_LIFE_MSEC)
		return 0;
	if (lived_msec >= FAST_DEATH_MSEC)
		return last_msec;
	if (last_msec == 0)
		return FIRST_DELAY_MSEC;
	return last_msec < LAST_DELAY_MSEC / 2 ? 2 * last_msec : LAST_DELAY_MSEC;
}
