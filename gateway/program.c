/* SPDX-License-Identifier: MIT */
/*
 * program.c - instances of a program: started when needed, ended when not.
 */
#include "config.h" /* for pipe2() */

#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/process.h>

#include "door.h"
#include "stderrlog.h"
#include "which.h"

/*
 * When several in a row die before they have answered anything, the next one is started
 * ever later.  The first of them does not count: it may have met the request that killed
 * another.
 */
#define FIRST_DELAY_MSEC 100
#define LAST_DELAY_MSEC  10000

/* So often a request may find an instance that takes no connection. */
#define MAX_TRIES 3

/* What instances have for a good end when we end. */
#define LAST_MSEC 1000

struct vane__instance {
	struct vane__program *program;
	struct vane__instance *next, **link; /* among the program's */
	struct vane__peer peer;
	struct vane__door door;
	struct vane__child *child;
	bool busy;    /* a request has it */
	bool leaving; /* was told to end, or has ended: no request gets it */
	bool broken;  /* that was because of how it behaved */
	bool ended;
	int64_t answered, idle_since;
	int log_fd; /* its standard output and error */
	struct vane_watch *log_watch;
	struct vane__stderrlog log;
};

static struct vane__program *program_of(struct vane__supply *supply)
{
	return (struct vane__program *) supply; /* its first member */
}

static struct vane__instance *instance_of(struct vane__peer *peer)
{
	return (struct vane__instance *) ((char *) peer -
					  offsetof(struct vane__instance, peer));
}

/*
 * The log of an instance.
 */

static void close_log(struct vane__instance *inst)
{
	vane_loop_remove_handler(inst->log_watch);
	inst->log_watch = NULL;
	if (inst->log_fd >= 0)
		close(inst->log_fd);
	inst->log_fd = -1;
}

/* Up to so many pieces of what there is now. */
static void read_log(struct vane__instance *inst, int pieces)
{
	char piece[4096];
	ssize_t n;

	while (inst->log_fd >= 0 && pieces-- > 0) {
		n = read(inst->log_fd, piece, sizeof(piece));
		if (n > 0)
			vane__stderrlog_add(&inst->log, piece, (size_t) n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			close_log(inst);
		if (n < 0)
			return;
	}
}

static void on_log(int fd, int events, void *data)
{
	read_log(data, 4);
}

static int open_log(struct vane__instance *inst, int *theirs)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	*theirs = fds[1];
	inst->log_fd = fds[0];
	if (fcntl(inst->log_fd, F_SETFL, O_NONBLOCK | O_RDONLY) < 0)
		return -errno;
	return vane_loop_add_handler(inst->program->loop, inst->log_fd, VANE_READ, on_log,
		inst, &inst->log_watch);
}

/*
 * Beginning and end of an instance.
 */

static void plan(struct vane__program *program, int64_t msec);

/* No request gets it from now on. */
static void take_leave(struct vane__instance *inst)
{
	if (!inst->leaving)
		inst->program->live--;
	inst->leaving = true;
}

/*
 * libfcgi only notes that TERM has come, and goes on to wait for a connection; but it looks
 * at its note when there is one.
 */
static void knock(const struct vane__instance *inst)
{
	const struct vane__peer *peer = &inst->peer;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	/* If that fails, KILL will come. */
	(void) !connect(fd, &peer->address.any, peer->address_len);
	close(fd);
}

static void retire(struct vane__instance *inst)
{
	if (inst->leaving)
		return;
	take_leave(inst);
	vane__child_end(inst->child);
	vane__peer_fini(&inst->peer);
	knock(inst);
}

/* It has ended, or never began, and no request has it. */
static void bury(struct vane__instance *inst)
{
	vane__child_free(inst->child);
	if (inst->link != NULL) {
		take_leave(inst);
		*inst->link = inst->next;
		if (inst->next != NULL)
			inst->next->link = inst->link;
	}
	vane__peer_fini(&inst->peer);
	vane__door_close(&inst->door);
	vane__stderrlog_end(&inst->log);
	close_log(inst);
	free(inst);
}

/* One has died young, or could not be started at all. */
static void hold_back(struct vane__program *program)
{
	program->delay_msec = program->deaths == 0   ? 0
			      : program->deaths == 1 ? FIRST_DELAY_MSEC
						     : 2 * program->delay_msec;
	program->deaths++;
	if (program->delay_msec > LAST_DELAY_MSEC)
		program->delay_msec = LAST_DELAY_MSEC;
	program->not_before = vane_loop_now(program->loop) + program->delay_msec;
}

static void on_end(int status, void *data)
{
	struct vane__instance *inst = data;
	struct vane__program *program = inst->program;
	bool obeyed = WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
	bool told = inst->leaving && (obeyed || !inst->broken);
	char words[VANE__CHILD_WORDS];

	inst->ended = true;
	take_leave(inst);
	read_log(inst, 16);
	vane__child_words(status, words);
	if (told) {
		vane_log(VANE_LOG_DEBUG, "%s: %s", inst->peer.name, words);
	} else if (inst->answered > 0) {
		vane_log(VANE_LOG_WARNING, "%s: %s", inst->peer.name, words);
	} else {
		hold_back(program);
		vane_log(VANE_LOG_ERROR, "%s: %s, the next one waits for %lld ms",
			inst->peer.name, words, (long long) program->delay_msec);
	}
	if (!inst->busy)
		bury(inst);
	plan(program, 0);
}

static int start_child(struct vane__instance *inst)
{
	struct vane__program *program = inst->program;
	struct vane__child_opts opts = {
		.path = program->path,
		.argv = program->argv.list,
		.envp = vane__vars_environ(&program->env),
		.directory = program->directory,
		.fds = { -1, -1, -1 },
		.kill_msec = program->kill_msec,
	};
	int rc = opts.envp == NULL ? -ENOMEM : vane__door_open(&inst->door, &opts.fds[0]);

	if (rc == 0)
		rc = open_log(inst, &opts.fds[1]);
	opts.fds[2] = opts.fds[1];
	if (rc == 0)
		rc = vane__child_start(
			program->children, &opts, on_end, inst, &inst->child);
	if (opts.fds[0] >= 0)
		close(opts.fds[0]);
	if (opts.fds[1] >= 0)
		close(opts.fds[1]);
	return rc;
}

/* Where it is found, and what it is called. */
static void fill_peer(struct vane__instance *inst)
{
	struct vane__peer *peer = &inst->peer;
	struct sockaddr_un *address = &peer->address.local;

	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", inst->door.path);
	peer->address_len = sizeof(*address);
	snprintf(peer->name, sizeof(peer->name), "%s (pid %ld)",
		inst->program->argv.list[0],
		inst->child != NULL ? (long) vane__child_pid(inst->child) : 0L);
	/* It answers nobody else, so a connection to it may stay, and it need not be asked.
	 */
	peer->keep = 1;
	peer->asked = true;
	vane__stderrlog_init(&inst->log, peer->name, -1);
}

static void enlist(struct vane__instance *inst)
{
	struct vane__program *program = inst->program;

	inst->idle_since = vane_loop_now(program->loop);
	inst->next = program->first;
	inst->link = &program->first;
	if (inst->next != NULL)
		inst->next->link = &inst->next;
	program->first = inst;
	program->live++;
}

/* Start one more, unless the last ones have died too fast; NULL: there is none. */
static struct vane__instance *start(struct vane__program *program)
{
	struct vane__instance *inst;
	int rc;

	if (vane_loop_now(program->loop) < program->not_before)
		return NULL;
	inst = calloc(1, sizeof(*inst));
	if (inst == NULL)
		return NULL;
	inst->program = program;
	inst->log_fd = inst->door.fd = -1;
	vane__peer_init(&inst->peer, &program->peer_opts);
	rc = start_child(inst);
	fill_peer(inst);
	if (rc == 0) {
		enlist(inst);
		vane_log(VANE_LOG_DEBUG, "%s: started", inst->peer.name);
		return inst;
	}
	hold_back(program);
	vane_log(VANE_LOG_ERROR, "%s: cannot be started: %s, tried again in %lld ms",
		program->argv.list[0], strerror(-rc), (long long) program->delay_msec);
	bury(inst);
	return NULL;
}

/*
 * Requests.
 */

/* The one that was busy last, so that the others come to be idle for long. */
static struct vane__instance *choose(struct vane__program *program)
{
	struct vane__instance *inst, *best = NULL;

	for (inst = program->first; inst != NULL; inst = inst->next)
		if (!inst->busy && !inst->leaving &&
			(best == NULL || inst->idle_since > best->idle_since))
			best = inst;
	return best;
}

/* It is in: 0 if there is an instance for it, else it is out again. */
static int inside(struct vane__program *program, struct vane__claim *claim)
{
	struct vane__instance *inst = NULL;

	/* There is one address after another, so a number says enough of those tried. */
	if (claim->tried++ < MAX_TRIES) {
		inst = choose(program);
		if (inst == NULL && program->live < program->max)
			inst = start(program);
	}
	if (inst == NULL) {
		vane__gate_leave(&claim->ticket);
		return -EHOSTDOWN;
	}
	inst->busy = true;
	inst->peer.users++;
	claim->peer = &inst->peer;
	return 0;
}

static void on_gate(void *data, int rc)
{
	struct vane__claim *claim = data;

	if (rc == 0)
		rc = inside(claim->own, claim);
	claim->ready(claim->data, rc);
}

/* One that has answered enough leaves when its successor is there. */
static void replace(struct vane__instance *inst)
{
	struct vane__program *program = inst->program;
	bool needed = program->gate.waiting > 0 || program->live <= program->min;

	if (!needed || start(program) != NULL)
		retire(inst);
}

static void give_back(struct vane__claim *claim, enum vane__verdict verdict)
{
	struct vane__instance *inst;
	struct vane__program *program = claim->own;

	if (claim->peer == NULL)
		return;
	inst = instance_of(claim->peer);
	claim->peer = NULL;
	inst->busy = false;
	inst->peer.users--;
	inst->idle_since = vane_loop_now(program->loop);
	if (inst->ended) {
		bury(inst);
	} else if (verdict != VANE__VERDICT_DONE) {
		if (verdict == VANE__VERDICT_HUNG)
			vane_log(VANE_LOG_WARNING, "%s: has not come to an end, and has to",
				inst->peer.name);
		inst->broken = verdict != VANE__VERDICT_HUNG;
		retire(inst);
	} else {
		inst->answered++;
		program->deaths = 0;
		if (program->max_requests > 0 && inst->answered >= program->max_requests)
			replace(inst);
	}
	plan(program, 0);
}

static int next_peer(
	struct vane__supply *supply, struct vane__claim *claim, enum vane__verdict verdict)
{
	int rc;

	give_back(claim, verdict);
	rc = inside(program_of(supply), claim);
	return rc < 0 ? rc : 1;
}

static void release_peer(
	struct vane__supply *supply, struct vane__claim *claim, enum vane__verdict verdict)
{
	give_back(claim, verdict);
	vane__gate_leave(&claim->ticket);
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
	program->gate.max_inside = program->max;
	if (program->max_active >= 0 && program->max_active < program->max)
		program->gate.max_inside = program->max_active;
	return 0;
}

static int claim_peer(
	struct vane__supply *supply, struct vane_loop *loop, struct vane__claim *claim)
{
	struct vane__program *program = program_of(supply);
	int rc = attach(program, loop);

	if (rc < 0)
		return rc;
	claim->own = program;
	rc = vane__gate_enter(&program->gate, loop, &claim->ticket, on_gate, claim);
	if (rc <= 0)
		return rc;
	rc = inside(program, claim);
	return rc < 0 ? rc : 1;
}

/*
 * What is to be done when nobody asks.
 */

/* The one that has been idle for the longest; NULL: all have something to do. */
static struct vane__instance *idlest(struct vane__program *program)
{
	struct vane__instance *inst, *best = NULL;

	for (inst = program->first; inst != NULL; inst = inst->next)
		if (!inst->busy && !inst->leaving &&
			(best == NULL || inst->idle_since <= best->idle_since))
			best = inst;
	return best;
}

/* End those that are idle for too long; how long until the next one is, -1: none. */
static int64_t end_idle(struct vane__program *program)
{
	while (program->live > program->min && program->idle_msec >= 0) {
		struct vane__instance *inst = idlest(program);
		int64_t left;

		if (inst == NULL)
			break;
		left = inst->idle_since + program->idle_msec - vane_loop_now(program->loop);
		if (left > 0)
			return left;
		retire(inst);
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
	if (program->live < program->min)
		left = program->not_before - vane_loop_now(program->loop);
	if (left >= 0)
		plan(program, left);
}

/* Without a timer, as if there were no memory for it, all waits for the next request. */
static void plan(struct vane__program *program, int64_t msec)
{
	vane_loop_cancel(program->chore);
	program->chore = NULL;
	vane_loop_call_later(program->loop, msec, on_chore, program, &program->chore);
}

int vane__program_start(struct vane__program *program, struct vane_loop *loop)
{
	int rc = attach(program, loop);

	if (rc == 0)
		plan(program, 0);
	return rc;
}

/*
 * Settings.
 */

static int copy_settings(
	struct vane__program *program, const struct vane_program_opts *opts)
{
	int rc = vane__words_copy(&program->argv, opts->argv);

	if (rc == 0)
		rc = vane__vars_settings(&program->env, opts->env);
	if (rc == 0)
		rc = vane__vars_environment(&program->env);
	if (rc == 0 && opts->directory != NULL) {
		program->directory = strdup(opts->directory);
		rc = program->directory == NULL ? -ENOMEM : 0;
	}
	return rc == 0 ? vane__which(opts->argv[0], &program->path) : rc;
}

static int64_t given_or(int64_t given, int64_t otherwise)
{
	return given != 0 ? given : otherwise;
}

int vane__program_init(struct vane__program *program,
	const struct vane_fastcgi_host_opts *host, const struct vane_host_limits *limits)
{
	const struct vane_program_opts *opts = host->program;
	int rc;

	*program = (struct vane__program){
		.supply = { .claim = claim_peer,
			.next = next_peer,
			.release = release_peer },
		.gate = { .max_waiting = limits->max_queue,
			.wait_msec = limits->queue_msec },
		.peer_opts = { .connect_msec = given_or(host->connect_msec, 5000),
			.keep_msec = given_or(host->keep_msec, 10 * 1000),
			.keep = 1 },
		.min = opts->min_instances,
		.max = (int) given_or(opts->max_instances, 4),
		.max_active = limits->max_active,
		.idle_msec = given_or(opts->idle_msec, 60 * 1000),
		.max_requests = opts->max_requests,
		.kill_msec = given_or(opts->kill_msec, 5000),
	};
	if (opts->argv == NULL || opts->argv[0] == NULL) {
		vane_log(VANE_LOG_ERROR, "gateway: a program without a name");
		return -EINVAL;
	}
	rc = copy_settings(program, opts);
	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "gateway: %s: %s", opts->argv[0], strerror(-rc));
		vane__program_fini(program);
	}
	return rc;
}

/* Tell all to end, and wait for those who do. */
static void end_all(struct vane__program *program)
{
	int64_t left = program->kill_msec < LAST_MSEC ? program->kill_msec : LAST_MSEC;
	struct vane__instance *inst;
	int status;

	for (inst = program->first; inst != NULL; inst = inst->next)
		retire(inst);
	for (inst = program->first; inst != NULL; inst = inst->next)
		while (!vane__child_ended(inst->child, &status) && left-- > 0)
			poll(NULL, 0, 1);
}

void vane__program_fini(struct vane__program *program)
{
	vane_loop_cancel(program->chore);
	end_all(program);
	vane__children_free(program->children);
	while (program->first != NULL) {
		program->first->child = NULL; /* gone with the others */
		bury(program->first);
	}
	vane__gate_fini(&program->gate);
	vane__words_fini(&program->argv);
	vane__vars_fini(&program->env);
	free(program->path);
	free(program->directory);
	*program = (struct vane__program){ .loop = NULL };
}
