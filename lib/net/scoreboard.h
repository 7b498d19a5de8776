/* SPDX-License-Identifier: MIT */
/*
 * scoreboard.h - the scores of all processes of a program, in memory that they share.
 *
 *	scoreboard.c       who has which score, and what they come to together
 *	scoreboard_file.c  the memory, which a new program takes over
 *	scoreboard_beat.c  what a process does for its score from time to time
 *	watchdog.c         handlers that take too long
 *
 * It is made before processes are forked.  The figures of one that has died stay, as its successor
 * goes on with its score; and those of a program, as the one in its place goes on with the board.
 */
#ifndef VANE__SCOREBOARD_H
#define VANE__SCOREBOARD_H

#include <stddef.h>

#include "score.h"
#include "scoreboard_file.h"

struct vane_loop;

struct vane__board_opts {
	int ids;                         /* workers */
	unsigned routes;                 /* of the application */
	int64_t slow_msec, handler_msec; /* see watchdog.c; 0: no limit */
	bool slow_stack;                 /* the stack of a slow one is written, too */
	/* the pattern of a route by its index, for the log */
	const char *(*route)(unsigned index, void *data);
	void *data;
};

/* What the processes of a program have one of. */
struct vane__board {
	struct vane__board_opts opts;
	struct vane__board_file file;
	char *memory; /* of all scores; NULL: there is no board */
	size_t count, score_bytes;
	int64_t began_usec;
};
extern struct vane__board vane__board;

/* Make the board of this process and those that it will fork.  0 or a negative errno. */
int vane__board_new(const struct vane__board_opts *opts);

/*
 * Go on with the board of the program before, which is that descriptor.  0; -EPROTO if its scores are
 * not as ours are, or another negative errno: then nothing is made, and fd is still the caller's.
 */
int vane__board_adopt(const struct vane__board_opts *opts, int fd);

/* Where it can be handed over to the next program, -1 where it cannot; closed by the second. */
int vane__board_fd(void);
void vane__board_close_fd(void);

/* Let go of it, in this process. */
void vane__board_free(void);

/* Whether there is one. */
bool vane__board_exists(void);

/* Seconds since it was made, from 1: the number of the one that is not over yet. */
uint32_t vane__board_second(void);

/* Who had that id before has ended: the score for its successor, NULL if there is none free. */
struct vane__score *vane__board_take(int id);

/* What fork() returned: the score is that of the child, where it becomes vane__score. */
void vane__board_forked(struct vane__score *score, pid_t pid);

/* The process is not forked, and is the only one. */
void vane__board_alone(void);

/* A child has ended.  Whether it has left to make room for a successor. */
bool vane__board_ended(pid_t pid);

/* Whether the process is a worker with that id that lives; pids of scores are not to be trusted. */
typedef bool (*vane__board_worker_fn)(int id, pid_t pid, void *data);

/* Scores of the program before that are no worker's any more are free. */
void vane__board_settle(vane__board_worker_fn is_worker, void *data);

/* A child that crashed is forked again. */
void vane__board_count_restart(int id);

/* Have the second that the score is in be read as far as it is. */
void vane__score_keep_second(struct vane__score *score);

/* Close it if it is over. */
void vane__score_close_second(struct vane__score *score, uint32_t now);

/* ---- for readers ---- */

/* How many ids have had a score, all below it; workers that have left count too. */
int vane__board_ids(void);

/* The scores of those in order, NULL past the last.  Not all of them are somebody's. */
const struct vane__score *vane__board_score(size_t i);

/* The id that a score is of. */
int vane__board_id(size_t i);

/* How many routes each of them has, with the one for those without. */
unsigned vane__board_routes(void);

/* How long ago it was made, in microseconds. */
int64_t vane__board_age(void);

/* Add what a score has counted. */
void vane__score_add_sums(struct vane__score_sums *sums, const struct vane__score *score);

uint64_t vane__score_sums_requests(const struct vane__score_sums *sums);

/* A second of all processes together. */
struct vane__board_second {
	uint64_t requests;
	uint64_t classes[VANE__SCORE_CLASSES];
	uint64_t histogram[VANE__HISTOGRAM_BUCKETS];
	uint64_t rss_kib;  /* of all together */
	uint32_t lag_usec; /* of the one where it was most */
	unsigned scores;   /* processes that have noted that second */
};

/* What there is of that second in the rings. */
void vane__board_read_second(uint32_t number, struct vane__board_second *out);

/* ---- scoreboard_beat.c ---- */

/* What a process is told by its beat, once. */
typedef void (*vane__beat_fn)(const char *why, void *data);

struct vane__beat_opts {
	int64_t max_requests, max_rss_bytes; /* 0: no limit */
	vane__beat_fn full;                  /* a limit is reached */
	void *data;
};

struct vane__beat;

/*
 * Keep the ring of this process's score, from now on and as long as the loop lives.  0, also where
 * there is no score; or -ENOMEM.
 */
int vane__beat_start(struct vane__beat **out, struct vane_loop *loop,
	const struct vane__beat_opts *opts);
void vane__beat_stop(struct vane__beat *beat);

/* The limit of this process: as it was given, less up to a tenth of that. */
int64_t vane__beat_jitter(int64_t max, uint32_t random);

/* ---- watchdog.c ---- */

/* Milliseconds until it is to look again, -1: there is nothing to look for. */
int64_t vane__watchdog_msec(void);

/*
 * Name handlers that take too long, and end those that take far too long.  Which process that is, its
 * score says, and workers of another user write there: only those that are ours are sent a signal.
 */
void vane__watchdog_look(vane__board_worker_fn is_ours, void *data);

/* Look from a thread of this process, which has no master.  0 or a negative errno. */
int vane__watchdog_start(void);
void vane__watchdog_stop(void);

#endif
