/* SPDX-License-Identifier: MIT */
/*
 * scoreboard_beat.c - what a process does for its score from time to time: the ring of seconds, its
 * memory, how late its loop is; and whether it has reached a limit.
 */
#include "scoreboard.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "loop.h"

/* How often.  A loop that is held up for less may go unnoticed. */
#define BEAT_MSEC 250

struct vane__beat {
	struct ev_loop *ev;
	struct ev_timer
		timer; /* libev's, as those of the loop cost something in each turn */
	struct vane__beat_opts opts;
	int64_t due_usec;
};

/* Resident memory of this process in KiB, 0 where nobody says. */
static uint32_t read_rss(void)
{
	char text[128];
	unsigned long pages;
	long page = sysconf(_SC_PAGESIZE);
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		close(fd);
	if (n <= 0 || page <= 0)
		return 0;
	text[n] = '\0';
	if (sscanf(text, "%*u %lu", &pages) != 1)
		return 0;
	return (uint32_t) (pages * ((unsigned long) page / 1024));
}

int64_t vane__beat_jitter(int64_t max, uint32_t random)
{
	return max - (int64_t) random % (max / 10 + 1);
}

/* Why the process is to leave, NULL: it is not. */
static const char *find_limit(const struct vane__beat *beat)
{
	const struct vane__beat_opts *opts = &beat->opts;

	if (opts->max_requests > 0 && vane__score->served >= (uint64_t) opts->max_requests)
		return "--max-worker-requests";
	if (opts->max_rss_bytes > 0 &&
		(int64_t) vane__score->rss_kib * 1024 > opts->max_rss_bytes)
		return "--max-worker-memory";
	return NULL;
}

static void arm(struct vane__beat *beat)
{
	ev_timer_again(beat->ev, &beat->timer);
	beat->due_usec = vane__score_clock() + BEAT_MSEC * 1000;
}

static void note_lag(const struct vane__beat *beat)
{
	int64_t late = vane__score_clock() - beat->due_usec;

	if (late > (int64_t) vane__score->most_lag)
		vane__score->most_lag = late < UINT32_MAX ? (uint32_t) late : UINT32_MAX;
}

static void on_beat(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	struct vane__beat *beat = CONTAINER_OF(timer, struct vane__beat, timer);
	uint32_t now = vane__board_second();
	const char *why;

	note_lag(beat);
	if (now != vane__score->second) {
		VANE__SCORE_SET(vane__score->rss_kib, read_rss());
		vane__score_close_second(vane__score, now);
	}
	arm(beat);
	why = find_limit(beat);
	if (why != NULL && beat->opts.full != NULL) {
		vane__beat_fn full = beat->opts.full;

		beat->opts.full = NULL;
		full(why, beat->opts.data);
	}
}

int vane__beat_start(
	struct vane__beat **out, struct vane_loop *loop, const struct vane__beat_opts *opts)
{
	struct vane__beat *beat;

	*out = NULL;
	if (vane__score == NULL)
		return 0;
	beat = calloc(1, sizeof(*beat));
	if (beat == NULL)
		return -ENOMEM;
	beat->ev = vane__loop_ev(loop);
	ev_timer_init(&beat->timer, on_beat, 0., BEAT_MSEC / 1000.);
	beat->opts = *opts;
	if (opts->max_requests > 0)
		beat->opts.max_requests =
			vane__beat_jitter(opts->max_requests, (uint32_t) random());
	VANE__SCORE_SET(vane__score->rss_kib, read_rss());
	vane__score_close_second(vane__score, vane__board_second());
	arm(beat);
	*out = beat;
	return 0;
}

void vane__beat_stop(struct vane__beat *beat)
{
	if (beat == NULL)
		return;
	ev_timer_stop(beat->ev, &beat->timer);
	vane__score_keep_second(vane__score);
	free(beat);
}
