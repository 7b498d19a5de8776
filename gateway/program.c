/* SPDX-License-Identifier: MIT */
/*
 * program.c - workers of a program: started when needed, ended when not, and who asks
 * them.
 */
#include "program.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <vane/log.h>
#include <vane/process.h>

#include "limit.h"
#include "worker_process.h"
#include "find_program.h"

/*
 * When several in a row die before they have answered anything, the next one is started
 * ever later.  The first of them does not count: it may have met the request that killed
 * another.
 */
#define FIRST_DELAY_MSEC 100
#define LAST_DELAY_MSEC  10000

/* The same where they died of a request: others wait for the next one. */
#define LAST_REQUEST_DELAY_MSEC 1000

/* So often a request may find a worker that takes no connection. */
#define MAX_TRIES 3

/* What workers have for a good end when we end. */
#define LAST_MSEC 1000

/* A worker, and what is known of it here. */
struct vane__worker {
	struct vane__worker_process process;
	struct vane__program *program;
	struct list node; /* among the program's, once it is started */
	bool busy;        /* a request has it */
	bool leaving;     /* was told to end, or has ended: no request gets it */
	bool broken;      /* that was because of how it behaved */
	bool outdated;    /* has to be replaced */
	bool ended;
	int64_t answered, idle_since;
};

static struct vane__program *program_of(struct vane__balancer *balancer)
{
	return CONTAINER_OF(balancer, struct vane__program, balancer);
}

static struct vane__worker *worker_of(struct vane__peer *peer)
{
	return CONTAINER_OF(peer, struct vane__worker, process.peer);
}

static struct vane__worker *worker_at(struct list *node)
{
	return CONTAINER_OF(node, struct vane__worker, node);
}

/*
 * Beginning and end of a worker.
 */

static void plan(struct vane__program *program, int64_t msec);
static void plan_start(struct vane__program *program);

/* No request gets it from now on. */
static void take_leave(struct vane__worker *worker)
{
	if (!worker->leaving)
		worker->program->live--;
	worker->leaving = true;
}

static void retire(struct vane__worker *worker)
{
	if (worker->leaving)
		return;
	take_leave(worker);
	vane__worker_process_end(&worker->process);
}

/* It has ended, or never began, and no request has it. */
static void bury(struct vane__worker *worker)
{
	if (!list_empty(&worker->node))
		take_leave(worker);
	list_del(&worker->node);
	vane__worker_process_fini(&worker->process);
	free(worker);
}

/* One has died young, or could not be started at all; the next one waits for so long at most. */
static void hold_back(struct vane__program *program, int64_t longest_msec)
{
	program->delay_msec = program->deaths == 0   ? 0
			      : program->deaths == 1 ? FIRST_DELAY_MSEC
						     : 2 * program->delay_msec;
	program->deaths++;
	if (program->delay_msec > longest_msec)
		program->delay_msec = longest_msec;
	program->not_before = vane_loop_now(program->loop) + program->delay_msec;
}

static bool is_held_back(const struct vane__program *program)
{
	return vane_loop_now(program->loop) < program->not_before;
}

static void on_end(int status, void *data)
{
	struct vane__worker *worker = data;
	struct vane__program *program = worker->program;
	bool obeyed = WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
	bool told = worker->leaving && (obeyed || !worker->broken);
	char words[VANE__CHILD_WORDS];

	worker->ended = true;
	take_leave(worker);
	vane__worker_process_hear(&worker->process);
	vane__child_words(status, words);
	if (told) {
		vane_log(VANE_LOG_DEBUG, "%s: %s", worker->process.peer.name, words);
	} else if (worker->answered > 0) {
		vane_log(VANE_LOG_WARNING, "%s: %s", worker->process.peer.name, words);
	} else {
		hold_back(program, worker->busy || worker->broken ? LAST_REQUEST_DELAY_MSEC
								  : LAST_DELAY_MSEC);
		vane_log(VANE_LOG_ERROR, "%s: %s, the next one waits for %lld ms%s",
			worker->process.peer.name, words, (long long) program->delay_msec,
			status == 0 ? " (it is to accept connections on descriptor 0)"
				    : "");
	}
	if (!worker->busy)
		bury(worker);
	plan(program, 0);
}

static void enlist(struct vane__worker *worker)
{
	struct vane__program *program = worker->program;

	worker->idle_since = vane_loop_now(program->loop);
	list_add(program->workers.next, &worker->node);
	program->live++;
}

static int start_process(struct vane__worker *worker)
{
	struct vane__program *program = worker->program;
	struct vane__worker_process_opts opts = { .loop = program->loop,
		.children = program->children,
		.peer = &program->peer_opts,
		.child = { .path = program->path,
			.argv = program->argv.list,
			.envp = vane__vars_environ(&program->env),
			.directory = program->directory,
			.as = &program->as,
			.kill_msec = program->kill_msec } };

	return vane__worker_process_start(&worker->process, &opts, on_end, worker);
}

/* Start one more, unless the last ones have died too fast; NULL: there is none. */
static struct vane__worker *start(struct vane__program *program)
{
	struct vane__worker *worker;
	int rc;

	if (is_held_back(program))
		return NULL;
	worker = calloc(1, sizeof(*worker));
	if (worker == NULL)
		return NULL;
	worker->program = program;
	list_init(&worker->node);
	rc = start_process(worker);
	program->unstartable = rc < 0;
	if (rc == 0) {
		enlist(worker);
		vane_log(VANE_LOG_DEBUG, "%s: started", worker->process.peer.name);
		return worker;
	}
	hold_back(program, LAST_DELAY_MSEC);
	vane_log(VANE_LOG_ERROR, "%s: cannot be started: %s, tried again in %lld ms",
		program->argv.list[0], strerror(-rc), (long long) program->delay_msec);
	bury(worker);
	return NULL;
}

/*
 * Requests.
 */

/* The one that was busy last, so that the others come to be idle for long. */
static struct vane__worker *choose(struct vane__program *program)
{
	struct vane__worker *worker, *best = NULL;
	struct list *at;

	for (at = program->workers.next; at != &program->workers; at = at->next) {
		worker = worker_at(at);
		if (!worker->busy && !worker->leaving &&
			(best == NULL || worker->idle_since > best->idle_since))
			best = worker;
	}
	return best;
}

/* How many requests may be inside: while none is started, as many as there are workers. */
static int64_t room(const struct vane__program *program)
{
	int room = program->max;

	if (is_held_back(program) && !program->unstartable)
		room = program->live;
	return program->max_active < room ? program->max_active : room;
}

/* There is no worker for whom is inside: it waits for the next one, or is out again. */
static int turn_away(struct vane__program *program, struct vane__lease *lease)
{
	if (lease->tried < MAX_TRIES && is_held_back(program) && !program->unstartable) {
		program->limiter.max_active = room(program);
		vane__limiter_put_back(&lease->waiter);
		plan_start(program);
		return -EINPROGRESS;
	}
	vane__limiter_leave(&lease->waiter);
	return -EHOSTDOWN;
}

/*
 * It is in: 0 if there is a worker for it, -EINPROGRESS if it waits once more, else it is
 * out again.
 */
static int inside(struct vane__program *program, struct vane__lease *lease)
{
	struct vane__worker *worker = NULL;

	/* There is one address after another, so a number says enough of those tried. */
	if (lease->tried < MAX_TRIES) {
		worker = choose(program);
		if (worker == NULL && program->live < program->max)
			worker = start(program);
	}
	if (worker == NULL)
		return turn_away(program, lease);
	lease->tried++;
	worker->busy = true;
	vane__worker_process_move(&worker->process, program->limiter.loop);
	worker->process.peer.users++;
	lease->peer = &worker->process.peer;
	return 0;
}

/* What inside() came to, as a balancer says it. */
static int as_leased(int rc)
{
	if (rc == 0)
		return 1;
	return rc == -EINPROGRESS ? 0 : rc;
}

static void on_turn(void *data, int rc)
{
	struct vane__lease *lease = data;

	if (rc == 0)
		rc = inside(lease->own, lease);
	if (rc != -EINPROGRESS)
		lease->ready(lease->data, rc);
}

/* One that has answered enough, or is outdated, leaves when its successor is there. */
static void replace(struct vane__worker *worker)
{
	struct vane__program *program = worker->program;
	bool needed = program->limiter.waiting > 0 || program->live <= program->min;

	if (!needed || start(program) != NULL)
		retire(worker);
}

static void give_back(struct vane__lease *lease, enum vane__result result)
{
	struct vane__worker *worker;
	struct vane__program *program = lease->own;

	if (lease->peer == NULL)
		return;
	worker = worker_of(lease->peer);
	lease->peer = NULL;
	worker->busy = false;
	vane__worker_process_move(&worker->process, program->loop);
	worker->process.peer.users--;
	worker->idle_since = vane_loop_now(program->loop);
	if (worker->ended) {
		bury(worker);
	} else if (result != VANE__RESULT_DONE) {
		if (result == VANE__RESULT_HUNG)
			vane_log(VANE_LOG_WARNING, "%s: has not come to an end, and has to",
				worker->process.peer.name);
		worker->broken = result != VANE__RESULT_HUNG;
		retire(worker);
	} else {
		worker->answered++;
		program->deaths = 0;
		if (worker->outdated || worker->answered >= program->max_requests)
			replace(worker);
	}
	plan(program, 0);
}

static int next_peer(struct vane__balancer *balancer, struct vane__lease *lease,
	enum vane__result result)
{
	give_back(lease, result);
	return as_leased(inside(program_of(balancer), lease));
}

static void release_peer(struct vane__balancer *balancer, struct vane__lease *lease,
	enum vane__result result)
{
	give_back(lease, result);
	vane__limiter_leave(&lease->waiter);
	plan_start(program_of(balancer));
}

/* This process's part of a number for all of them. */
static int share_of(int number)
{
	int count = vane_task_count(), id = vane_task_id();

	if (count < 1 || id < 0)
		return number;
	return number / count + (id < number % count ? 1 : 0);
}

/* From now on it belongs to a loop, and to this process. */
static int attach(struct vane__program *program, struct vane_loop *loop)
{
	int rc;

	if (program->loop != NULL)
		return 0;
	rc = vane__children_new(&program->children, loop);
	if (rc < 0)
		return rc;
	program->loop = loop;
	program->max = share_of(program->max);
	if (program->max < 1)
		program->max = 1;
	program->min = share_of(program->min);
	if (program->min > program->max)
		program->min = program->max;
	return 0;
}

static int acquire_peer(
	struct vane__balancer *balancer, struct vane_loop *loop, struct vane__lease *lease)
{
	struct vane__program *program = program_of(balancer);
	int rc = attach(program, loop);

	if (rc < 0)
		return rc;
	lease->own = program;
	program->limiter.max_active = room(program);
	rc = vane__limiter_enter(&program->limiter, loop, &lease->waiter, on_turn, lease);
	if (rc == 0)
		plan_start(program);
	return rc <= 0 ? rc : as_leased(inside(program, lease));
}

/*
 * What is to be done when nobody asks.
 */

/* The one that has been idle for the longest; NULL: all have something to do. */
static struct vane__worker *idlest(struct vane__program *program)
{
	struct vane__worker *worker, *best = NULL;
	struct list *at;

	for (at = program->workers.next; at != &program->workers; at = at->next) {
		worker = worker_at(at);
		if (!worker->busy && !worker->leaving &&
			(best == NULL || worker->idle_since <= best->idle_since))
			best = worker;
	}
	return best;
}

/* End those that are idle for too long; how long until the next one is, -1: none. */
static int64_t end_idle(struct vane__program *program)
{
	while (program->live > program->min && program->idle_msec != VANE__UNLIMITED) {
		struct vane__worker *worker = idlest(program);
		int64_t left;

		if (worker == NULL)
			break;
		left = program->idle_msec -
		       (vane_loop_now(program->loop) - worker->idle_since);
		if (left > 0)
			return left;
		retire(worker);
	}
	return -1;
}

static void on_chore(void *data)
{
	struct vane__program *program = data;
	int64_t left = end_idle(program);

	program->chore = NULL;
	while (program->live < program->min && start(program) != NULL)
		;
	vane__limiter_resize(&program->limiter, room(program));
	if (is_held_back(program) || program->live < program->min)
		left = program->not_before - vane_loop_now(program->loop);
	if (left >= 0 && program->chore == NULL)
		plan(program, left);
}

/*
 * Without a timer, as if there were no memory for it, all waits for the next request.  Where the
 * mode hides its loop, who waits does so in another one, and only that is turned.
 */
static void plan(struct vane__program *program, int64_t msec)
{
	struct vane_loop *loop =
		program->limiter.waiting > 0 ? program->limiter.loop : program->loop;

	vane_timer_cancel(program->chore);
	program->chore = NULL;
	vane_loop_call_later(loop, msec, on_chore, program, &program->chore);
}

/* Somebody waits, or does no more, who may be in another loop. */
static void plan_start(struct vane__program *program)
{
	int64_t left = program->not_before - vane_loop_now(program->loop);

	if (program->limiter.loop != program->loop)
		plan(program, left > 0 ? left : 0);
}

int vane__program_start(struct vane__program *program, struct vane_loop *loop)
{
	int rc = attach(program, loop);

	if (rc == 0)
		plan(program, 0);
	return rc;
}

void vane__program_reload(struct vane__program *program)
{
	struct list *workers = &program->workers, *at, *next;

	for (at = workers->next; at != workers; at = at->next)
		worker_at(at)->outdated = true;
	program->not_before = 0;
	for (at = workers->next; at != workers; at = next) {
		struct vane__worker *worker = worker_at(at);

		next = at->next;
		if (worker->outdated && !worker->busy && !worker->leaving)
			replace(worker);
	}
}

/*
 * Settings.
 */

static int copy_settings(struct vane__program *program, const struct vane_spawn_opts *opts)
{
	int rc = vane__strlist_copy(&program->argv, opts->argv);

	/*
	 * php-cgi leaves after 500 requests, and breaks off the one that comes meanwhile. It is
	 * max_requests that says when a worker is replaced.
	 */
	if (rc == 0)
		rc = vane__vars_set(&program->env, "PHP_FCGI_MAX_REQUESTS", "0");
	if (rc == 0)
		rc = vane__vars_settings(&program->env, opts->env);
	if (rc == 0)
		rc = vane__vars_environment(&program->env);
	if (rc == 0 && opts->directory != NULL) {
		program->directory = strdup(opts->directory);
		rc = program->directory == NULL ? -ENOMEM : 0;
	}
	if (rc == 0)
		rc = vane__run_as_init(&program->as, opts->user, opts->group);
	return rc == 0 ? vane__find_program(opts->argv[0], &program->path) : rc;
}

static int fill_opts(struct vane_spawn_opts *o)
{
	const struct vane__limit limits[] = {
		{ "vane_spawn_opts.min_instances", &o->min_instances, VANE_NO_LIMIT, true },
		{ "vane_spawn_opts.max_instances", &o->max_instances, 4 },
		{ "vane_spawn_opts.idle_msec", &o->idle_msec, 60 * 1000 },
		{ "vane_spawn_opts.max_requests", &o->max_requests, VANE_NO_LIMIT },
		{ "vane_spawn_opts.kill_msec", &o->kill_msec, 5000 },
	};

	return vane__limits_fill(limits, ARRAY_SIZE(limits));
}

static int as_count(int64_t limit)
{
	return limit < INT_MAX ? (int) limit : INT_MAX;
}

int vane__program_init(struct vane__program *program,
	const struct vane_fastcgi_backend_opts *backend,
	const struct vane_backend_limits *limits)
{
	struct vane_spawn_opts opts = *backend->spawn;
	int rc = fill_opts(&opts);

	if (rc < 0)
		return rc;
	*program = (struct vane__program) {
		.balancer = { .acquire = acquire_peer,
			.next = next_peer,
			.release = release_peer },
		.peer_opts = { .connect_msec = backend->connect_msec,
			.keep_msec = backend->keep_msec,
			.max_idle = 1 },
		.min = as_count(opts.min_instances),
		.max = as_count(opts.max_instances),
		.max_active = limits->max_active,
		.idle_msec = opts.idle_msec,
		.max_requests = opts.max_requests,
		.kill_msec = opts.kill_msec,
	};
	list_init(&program->workers);
	vane__limiter_init(&program->limiter, 0, limits->max_queue, limits->queue_msec);
	if (opts.argv == NULL || opts.argv[0] == NULL) {
		vane_log(VANE_LOG_ERROR, "gateway: a program without a name");
		return -EINVAL;
	}
	rc = copy_settings(program, &opts);
	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "gateway: %s: %s", opts.argv[0], strerror(-rc));
		vane__program_fini(program);
	}
	return rc;
}

/* Tell all to end, and wait for those who do. */
static void end_all(struct vane__program *program)
{
	int64_t left = program->kill_msec < LAST_MSEC ? program->kill_msec : LAST_MSEC;
	struct list *workers = &program->workers, *at;
	int status;

	for (at = workers->next; at != workers; at = at->next)
		retire(worker_at(at));
	for (at = workers->next; at != workers; at = at->next)
		while (!vane__child_ended(worker_at(at)->process.child, &status) &&
			left-- > 0)
			poll(NULL, 0, 1);
}

void vane__program_fini(struct vane__program *program)
{
	vane_timer_cancel(program->chore);
	end_all(program);
	vane__children_free(program->children);
	while (!list_empty(&program->workers)) {
		struct vane__worker *worker = worker_at(program->workers.next);

		worker->process.child = NULL; /* gone with the others */
		bury(worker);
	}
	vane__limiter_fini(&program->limiter);
	vane__strlist_fini(&program->argv);
	vane__vars_fini(&program->env);
	vane__run_as_fini(&program->as);
	free(program->path);
	free(program->directory);
	*program = (struct vane__program) { .loop = NULL };
}
