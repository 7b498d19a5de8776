/* SPDX-License-Identifier: MIT */
/*
 * scoreboard.c - the scores of all processes of a program, in memory that they share.
 *
 * Each id has several scores, as its successor may serve already while it drains, and that one's too.
 */
#include "scoreboard.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "slow_stack.h"

/* With more reloads than that while one worker drains the last to come has no score. */
#define SCORES_PER_ID 8

struct vane__score *vane__score;

/* What the processes of a program have one of; the scores follow it in shared memory. */
struct vane__board vane__board;

int64_t vane__score_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static struct vane__score *score_at(size_t i)
{
	return (struct vane__score *) (vane__board.memory + i * vane__board.score_bytes);
}

/* The patterns of all routes as one number (FNV-1a): figures of routes go by their index. */
static uint64_t sum_patterns(const struct vane__board_opts *opts)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	unsigned i;

	for (i = 0; i < opts->routes && opts->route != NULL; i++) {
		const char *pattern = opts->route(i, opts->data);

		if (pattern == NULL)
			continue;
		do
			sum = (sum ^ (unsigned char) *pattern) * UINT64_C(0x100000001b3);
		while (*pattern++ != '\0');
	}
	return sum;
}

static struct vane__board_layout layout_for(const struct vane__board_opts *opts)
{
	size_t bytes = sizeof(struct vane__score) +
		       (opts->routes + 1) * sizeof(struct vane__score_route);

	return (struct vane__board_layout) { .score_bytes =
						     (uint32_t) ((bytes + 63) / 64 * 64),
		.routes = opts->routes,
		.patterns = sum_patterns(opts) };
}

/* It has its file. */
static void begin(const struct vane__board_opts *opts, size_t score_bytes, int64_t now)
{
	int64_t began = VANE__SCORE_GET(vane__board.file.head->began_usec);
	char *memory = vane__board_file_scores(&vane__board.file);
	size_t before = (size_t) (memory - (char *) vane__board.file.head);

	vane__board.opts = *opts;
	vane__board.memory = memory;
	vane__board.score_bytes = score_bytes;
	vane__board.count = (vane__board.file.bytes - before) / score_bytes;
	vane__board.began_usec = began > 0 && began <= now ? began : now;
}

int vane__board_new(const struct vane__board_opts *opts)
{
	const struct vane__board_layout layout = layout_for(opts);
	int64_t now = vane__score_clock();
	int rc;

	if (vane__board.memory != NULL)
		return -EALREADY;
	rc = vane__board_file_new(
		&vane__board.file, &layout, (size_t) opts->ids * SCORES_PER_ID, now);
	if (rc == 0)
		begin(opts, layout.score_bytes, now);
	return rc;
}

int vane__board_adopt(const struct vane__board_opts *opts, int fd)
{
	const struct vane__board_layout layout = layout_for(opts);
	int64_t now = vane__score_clock();
	int rc;

	if (vane__board.memory != NULL)
		return -EALREADY;
	rc = vane__board_file_adopt(
		&vane__board.file, &layout, (size_t) opts->ids * SCORES_PER_ID, now, fd);
	if (rc == 0)
		begin(opts, layout.score_bytes, now);
	return rc;
}

int vane__board_fd(void)
{
	return vane__board_exists() ? vane__board.file.fd : -1;
}

void vane__board_close_fd(void)
{
	if (vane__board_exists())
		vane__board_file_close(&vane__board.file);
}

void vane__board_free(void)
{
	vane__score = NULL;
	vane__board_file_fini(&vane__board.file);
	memset(&vane__board, 0, sizeof(vane__board));
}

bool vane__board_exists(void)
{
	return vane__board.memory != NULL;
}

int64_t vane__board_age(void)
{
	return vane__score_clock() - vane__board.began_usec;
}

uint32_t vane__board_second(void)
{
	return (uint32_t) (vane__board_age() / 1000000) + 1;
}

unsigned vane__board_routes(void)
{
	return vane__board.opts.routes + 1;
}

int vane__board_ids(void)
{
	size_t most = vane__board.count / SCORES_PER_ID;
	uint32_t used = most > 0 ? VANE__SCORE_GET(vane__board.file.head->used) : 0;

	return (int) (used < most ? used : most);
}

const struct vane__score *vane__board_score(size_t i)
{
	return i < (size_t) vane__board_ids() * SCORES_PER_ID ? score_at(i) : NULL;
}

int vane__board_id(size_t i)
{
	return (int) (i / SCORES_PER_ID);
}

static void note_id(int id)
{
	uint32_t *used = &vane__board.file.head->used;

	if (VANE__SCORE_GET(*used) < (uint32_t) id + 1)
		VANE__SCORE_SET(*used, (uint32_t) id + 1);
}

struct vane__score *vane__board_take(int id)
{
	struct vane__score *score;
	size_t i;

	for (i = 0; i < SCORES_PER_ID; i++) {
		size_t at = (size_t) id * SCORES_PER_ID + i;

		if (at >= vane__board.count)
			break;
		score = score_at(at);
		if (score->state != VANE__SCORE_FREE)
			continue;
		note_id(id);
		score->id = id;
		score->pid = 0; /* of who had it before, until the new one is forked */
		score->generation++;
		score->served = 0;
		score->since_usec = score->told_usec = score->struck_usec = 0;
		score->now_usec = score->started_usec = vane__score_clock();
		if (score->generation == 1)
			score->second = vane__board_second();
		else
			vane__score_close_second(score, vane__board_second());
		VANE__SCORE_SET(score->state, VANE__SCORE_STARTING);
		return score;
	}
	return NULL;
}

void vane__board_forked(struct vane__score *score, pid_t pid)
{
	if (pid == 0)
		vane__score = score;
	if (pid == 0 && vane__board.opts.slow_stack)
		vane__slow_stack_allow(getppid());
	if (score == NULL)
		return;
	VANE__SCORE_SET(score->pid, pid == 0 ? (int32_t) getpid() : (int32_t) pid);
	if (pid < 0)
		VANE__SCORE_SET(score->state, VANE__SCORE_FREE);
}

void vane__board_alone(void)
{
	if (!vane__board_exists())
		return;
	vane__board_forked(vane__board_take(0), 0);
	if (vane__board.opts.slow_stack)
		vane__slow_stack_allow(getpid());
}

/* What came since the last second was closed goes into the ring. */
static void fill(struct vane__score *score, struct vane__score_second *second)
{
	const struct vane__score_sums *sums = &score->sums, *before = &score->before;
	size_t i;

	for (i = 0; i < VANE__SCORE_CLASSES; i++)
		VANE__SCORE_SET(second->classes[i],
			(uint32_t) (sums->classes[i] - before->classes[i]));
	for (i = 0; i < VANE__HISTOGRAM_BUCKETS; i++)
		VANE__SCORE_SET(second->histogram[i],
			(uint32_t) (sums->histogram[i] - before->histogram[i]));
	VANE__SCORE_SET(second->rss_kib, score->rss_kib);
	VANE__SCORE_SET(second->lag_usec, score->most_lag);
}

void vane__score_keep_second(struct vane__score *score)
{
	struct vane__score_second *second =
		&score->ring[score->second % VANE__SCORE_SECONDS];

	/* who reads it now sees that it changes */
	VANE__SCORE_SET(second->number, 0u);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	fill(score, second);
	__atomic_store_n(&second->number, score->second, __ATOMIC_RELEASE);
}

void vane__score_close_second(struct vane__score *score, uint32_t now)
{
	if (score->second == now)
		return;
	vane__score_keep_second(score);
	score->before = score->sums;
	VANE__SCORE_SET(score->lag_usec, score->most_lag);
	score->most_lag = 0;
	score->second = now;
}

/* Who had it has ended.  Whether that was to make room for a successor. */
static bool give_back(struct vane__score *score)
{
	bool recycled = VANE__SCORE_GET(score->state) == VANE__SCORE_RECYCLED;

	vane__score_keep_second(score); /* a successor may go on with it */
	VANE__SCORE_SET(score->connections, (uint64_t) 0);
	VANE__SCORE_SET(score->in_flight, (uint64_t) 0);
	VANE__SCORE_SET(score->since_usec, (int64_t) 0);
	if (recycled)
		vane__score_add(&score->sums.recycles, 1);
	VANE__SCORE_SET(score->state, VANE__SCORE_FREE);
	return recycled;
}

bool vane__board_ended(pid_t pid)
{
	size_t i;

	for (i = 0; vane__board_score(i) != NULL; i++) {
		struct vane__score *score = score_at(i);

		if (VANE__SCORE_GET(score->state) != VANE__SCORE_FREE &&
			VANE__SCORE_GET(score->pid) == (int32_t) pid)
			return give_back(score);
	}
	return false;
}

void vane__board_settle(vane__board_worker_fn is_worker, void *data)
{
	size_t i;

	for (i = 0; vane__board_score(i) != NULL; i++) {
		struct vane__score *score = score_at(i);

		if (VANE__SCORE_GET(score->state) != VANE__SCORE_FREE &&
			!is_worker(vane__board_id(i), VANE__SCORE_GET(score->pid), data))
			(void) give_back(score);
	}
}

void vane__board_count_restart(int id)
{
	size_t at = (size_t) id * SCORES_PER_ID;

	if (vane__board_score(at) != NULL)
		vane__score_add(&score_at(at)->sums.restarts, 1);
}

void vane__score_request(
	struct vane__score *score, int status, int64_t usec, uint64_t bytes)
{
	struct vane__score_sums *sums = &score->sums;
	uint64_t took = usec > 0 ? (uint64_t) usec : 0;
	unsigned class = (unsigned) status / 100 - 1;

	vane__score_add(&sums->classes[class < VANE__SCORE_CLASSES ? class : 4], 1);
	vane__score_add(&sums->histogram[vane__histogram_bucket(took)], 1);
	vane__score_add(&sums->usec, took);
	vane__score_add(&sums->bytes, bytes);
	vane__score_add(&score->served, 1);
}

void vane__score_add_sums(struct vane__score_sums *sums, const struct vane__score *score)
{
	const uint64_t *from = (const uint64_t *) &score->sums;
	uint64_t *to = (uint64_t *) sums;
	size_t i;

	for (i = 0; i < sizeof(*sums) / sizeof(*to); i++)
		to[i] += VANE__SCORE_GET(from[i]);
}

uint64_t vane__score_sums_requests(const struct vane__score_sums *sums)
{
	uint64_t requests = 0;
	size_t i;

	for (i = 0; i < VANE__SCORE_CLASSES; i++)
		requests += sums->classes[i];
	return requests;
}

/* A copy of a second of the ring.  False if it has another one, or has got it meanwhile. */
static bool read_second(
	const struct vane__score *score, uint32_t number, struct vane__score_second *out)
{
	const struct vane__score_second *second =
		&score->ring[number % VANE__SCORE_SECONDS];
	const uint32_t *from = (const uint32_t *) second;
	uint32_t *to = (uint32_t *) out;
	size_t i;

	if (__atomic_load_n(&second->number, __ATOMIC_ACQUIRE) != number)
		return false;
	for (i = 0; i < sizeof(*out) / sizeof(*to); i++)
		to[i] = VANE__SCORE_GET(from[i]);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return VANE__SCORE_GET(second->number) == number;
}

void vane__board_read_second(uint32_t number, struct vane__board_second *out)
{
	struct vane__score_second one;
	size_t at, i;

	*out = (struct vane__board_second) { 0 };
	for (at = 0; vane__board_score(at) != NULL && number > 0; at++) {
		/* memory that nobody has written is not asked for either */
		if (VANE__SCORE_GET(score_at(at)->generation) == 0 ||
			!read_second(score_at(at), number, &one))
			continue;
		out->scores++;
		out->rss_kib += one.rss_kib;
		if (one.lag_usec > out->lag_usec)
			out->lag_usec = one.lag_usec;
		for (i = 0; i < VANE__SCORE_CLASSES; i++) {
			out->classes[i] += one.classes[i];
			out->requests += one.classes[i];
		}
		for (i = 0; i < VANE__HISTOGRAM_BUCKETS; i++)
			out->histogram[i] += one.histogram[i];
	}
}
