/* SPDX-License-Identifier: MIT */
/*
 * score.h - what a process that serves writes down of itself, in memory that others read.
 *
 * One process writes a score, and any may read it meanwhile: each number is stored and loaded whole,
 * so that none is torn, and only those of a second in the ring belong together.  Nobody waits for
 * anybody, and nothing here calls the kernel.
 */
#ifndef VANE__SCORE_H
#define VANE__SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "histogram.h"

/* How many seconds the ring has. */
#define VANE__SCORE_SECONDS 300

/* 1xx to 5xx. */
#define VANE__SCORE_CLASSES 5

enum vane__score_state {
	VANE__SCORE_FREE,     /* nobody's */
	VANE__SCORE_STARTING, /* forked, and not serving yet */
	VANE__SCORE_SERVING,
	VANE__SCORE_DRAINING,
	VANE__SCORE_RECYCLED /* the same, and it is to have a successor */
};

/* What is counted since the board was made, over all processes that had the score. */
struct vane__score_sums {
	uint64_t classes[VANE__SCORE_CLASSES]; /* requests by the class of their status */
	uint64_t bytes;                        /* of bodies of responses */
	uint64_t usec;                         /* that they took altogether */
	uint64_t histogram[VANE__HISTOGRAM_BUCKETS];
	uint64_t given, taken; /* connections, from and to others */
	uint64_t restarts;     /* after a crash; the master counts them, */
	uint64_t recycles;     /* and those of workers that had reached a limit */
};

/* One second of the ring. */
struct vane__score_second {
	uint32_t number; /* since the board was made, from 1; 0: nothing is here */
	uint32_t classes[VANE__SCORE_CLASSES];
	uint32_t histogram[VANE__HISTOGRAM_BUCKETS];
	uint32_t rss_kib;
	uint32_t
		lag_usec; /* how much later than asked for the loop came to a timer, at most */
};

/* Of one route; the first is for requests that have none. */
struct vane__score_route {
	uint64_t requests, errors; /* errors: answered with 5xx, or not at all */
	uint64_t usec;
};

struct vane__score {
	_Alignas(64) int32_t state;
	int32_t pid;
	int32_t id;
	uint32_t generation; /* how many had the score, this one included */
	int64_t started_usec;
	int64_t since_usec; /* it is in an exchange since then, by CLOCK_MONOTONIC; 0: in none */
	uint32_t route;   /* of that exchange: its index + 1; 0: none, or none yet */
	int64_t now_usec; /* when the clock was read last */
	uint64_t connections, in_flight;
	uint64_t served; /* by this process */
	uint32_t rss_kib, lag_usec;
	struct vane__score_sums sums;
	/* the beat's: what is not in the ring yet is what came since */
	uint32_t second;
	uint32_t most_lag;
	struct vane__score_sums before;
	/* the watcher's: the exchange that it has named, and the one it has ended */
	int64_t told_usec, struck_usec;
	struct vane__score_second ring[VANE__SCORE_SECONDS];
	struct vane__score_route routes[];
};

/* Of this process; NULL: nobody asks. */
extern struct vane__score *vane__score;

/* Microseconds of CLOCK_MONOTONIC. */
int64_t vane__score_clock(void);

/* There is one writer: what is added to is not changed meanwhile. */
static inline void vane__score_add(uint64_t *sum, uint64_t n)
{
	__atomic_store_n(sum, *sum + n, __ATOMIC_RELAXED);
}

#define VANE__SCORE_SET(member, value) __atomic_store_n(&(member), value, __ATOMIC_RELAXED)
#define VANE__SCORE_GET(member)        __atomic_load_n(&(member), __ATOMIC_RELAXED)

/* A connection has come, or gone. */
static inline void vane__score_connections(int change)
{
	if (vane__score != NULL)
		vane__score_add(&vane__score->connections, (uint64_t) (int64_t) change);
}

/* A request is over that took so long: count it. */
void vane__score_request(
	struct vane__score *score, int status, int64_t usec, uint64_t bytes);

#endif
