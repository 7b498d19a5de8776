/* SPDX-License-Identifier: MIT */
/*
 * process.c - several processes that share the listening sockets: what a worker knows of
 * itself, and the way there.  The master is in master.c.
 */
#include "process.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <vane/handover.h>
#include <vane/log.h>
#include <vane/loop.h>
#include <vane/netutil.h>

#include "base.h"
#include "handover.h"
#include "limit.h"
#include "master.h"
#include "sigpipe.h"

#define DEFAULT_MAX_RESTARTS 100
#define DEFAULT_WINDOW_MSEC  600000
#define DEFAULT_DRAIN_MSEC   10000

/* What a process is, is a fact about the process. */
static struct {
	bool is_worker;
	int id, count;
	struct worker_pipes pipes;
	struct vane_handover *handover; /* with the siblings; NULL: there is none */
	bool handover_taken;
	volatile sig_atomic_t has_heirs;
} self;

int vane_task_id(void)
{
	return self.is_worker ? self.id : -1;
}

int vane_task_count(void)
{
	return self.count;
}

int vane_process_life_fd(void)
{
	return self.is_worker ? self.pipes.life : -1;
}

void vane_process_ready(void)
{
	struct sigpipe before;
	ssize_t n;

	if (!self.is_worker || self.pipes.ready < 0)
		return;
	vane__sigpipe_hold(
		&before); /* when another one has said so, the master listens no more */
	n = write(self.pipes.ready, "", 1);
	(void) n;
	vane__sigpipe_release(&before);
	close(self.pipes.ready);
	self.pipes.ready = -1;
}

bool vane_process_siblings_stay(void)
{
	struct pollfd pfd = { .fd = vane_process_life_fd(), .events = POLLIN };

	if (!self.is_worker)
		return self.has_heirs;
	return (self.count > 1 || self.has_heirs) && poll(&pfd, 1, 0) == 0;
}

void vane__process_set_heirs(void)
{
	self.has_heirs = 1;
}

bool vane_sockets_shared(const struct vane_sockets *socks, size_t index)
{
	return index < socks->inherited ||
	       (socks->pid != (int) getpid() && !self.is_worker);
}

struct vane_handover *vane__process_take_handover(uint64_t tag)
{
	struct vane_handover *handover = self.handover;

	/* one worker alone has one if it was inherited: its predecessors give to it */
	if (handover == NULL || self.handover_taken)
		return NULL;
	self.handover_taken = true;
	vane__handover_set_tag(handover, tag);
	return handover;
}

/* Workers are copies: without this all of them would draw the same numbers. */
static void reseed(void)
{
	unsigned seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (unsigned) time(NULL) ^ (unsigned) getpid();
	srandom(seed);
}

int vane__process_fill(struct vane_process_opts *o)
{
	const struct vane__limit limits[] = {
		{ "vane_process_opts.max_restarts", &o->max_restarts,
			DEFAULT_MAX_RESTARTS },
		{ "vane_process_opts.restart_window_msec", &o->restart_window_msec,
			DEFAULT_WINDOW_MSEC },
		{ "vane_process_opts.drain_msec", &o->drain_msec, DEFAULT_DRAIN_MSEC },
	};

	if (o->processes < 0) {
		vane_log(VANE_LOG_ERROR, "vane_process_opts.processes: %d is below 0",
			o->processes);
		return -EINVAL;
	}
	if (o->processes == 0)
		o->processes = vane_cpu_count();
	return vane__limits_fill(limits, ARRAY_SIZE(limits));
}

static void become(int id, int count, const struct worker_pipes *pipes)
{
	self.is_worker = true;
	self.id = id;
	self.count = count;
	self.pipes = *pipes;
	reseed();
}

/* Whether it is the time and the place to fork workers. */
static int check_place(void)
{
	if (self.is_worker) {
		vane_log(VANE_LOG_ERROR, "child %d: processes have been forked already",
			self.id);
		return -EALREADY;
	}
	if (vane_loop_made_at() != NULL) {
		vane_log(VANE_LOG_ERROR,
			"Cannot run in multiple processes: a loop has already been made, at %s. It "
			"must not be made before vane_fork_processes()",
			vane_loop_made_at());
		return -EBUSY;
	}
	return 0;
}

static bool is_open(const int fds[2])
{
	return fds[0] >= 0 && fds[1] >= 0;
}

/* That of the program before, or a new one; they can do without. */
static void make_handover(int processes, const struct vane__renewal *renewal)
{
	struct vane__inheritance *left = renewal != NULL ? renewal->inherited : NULL;
	int rc;

	if (left != NULL && is_open(left->handover))
		rc = vane__handover_from(&self.handover, left->handover);
	else
		rc = processes > 1 ? vane_handover_new(&self.handover) : 0;
	if (rc < 0)
		vane_log(VANE_LOG_WARNING, "blocked workers keep their connections: %s",
			strerror(-rc));
}

void vane__process_be_worker(
	int count, const struct worker_pipes *pipes, const int handover[2])
{
	become(0, count, pipes);
	if (is_open(handover) && vane__handover_from(&self.handover, handover) < 0)
		vane_log(VANE_LOG_WARNING, "idle connections are not taken: out of memory");
}

void vane__process_make_handover(void)
{
	int rc = self.handover == NULL ? vane_handover_new(&self.handover) : 0;

	if (rc < 0)
		vane_log(VANE_LOG_WARNING, "idle connections will be closed: %s",
			strerror(-rc));
}

void vane__process_handover_fds(int fds[2])
{
	if (self.handover != NULL)
		vane__handover_fds(self.handover, fds);
}

int vane__process_fork(
	const struct vane_process_opts *given, const struct vane__renewal *renewal)
{
	struct vane_process_opts opts =
		given != NULL ? *given : (struct vane_process_opts) { 0 };
	struct worker_pipes pipes;
	int id = check_place();

	if (id == 0)
		id = vane__process_fill(&opts);
	if (id < 0)
		return id;
	make_handover(opts.processes, renewal);
	if (renewal == NULL || renewal->inherited == NULL)
		vane_log(VANE_LOG_INFO, "Starting %d processes", opts.processes);
	id = vane__master_run(&opts, renewal, &pipes);
	if (id < 0) {
		vane_handover_free(self.handover);
		self.handover = NULL;
	} else {
		become(id, opts.processes, &pipes);
	}
	return id;
}

int vane_fork_processes(const struct vane_process_opts *opts)
{
	return vane__process_fork(opts, NULL);
}
