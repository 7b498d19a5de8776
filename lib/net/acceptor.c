/* SPDX-License-Identifier: MIT */
/*
 * acceptor.c - the listening sockets of a server, and how it ends.
 */
#include "acceptor.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/process.h>

#include "limit.h"
#include "loop.h"
#include "netutil.h"
#include "process.h"

/* Requests that are cut are named in the log, so many of them. */
#define NAMED_MAX 100

/* How often a drain looks whether the application's timers have fired. */
#define HELD_MSEC 10

/* How long handlers are thought to block after one has. */
#define STALLS_MSEC (60 * 1000)

/* Whether others accept from it: those who were forked after it was there, or any program. */
static bool others_accept(const struct vane__listener *listener)
{
	return listener->shared ||
	       (vane_task_count() > 1 && listener->pid != (int) getpid());
}

bool vane__acceptor_is_shared(const struct vane__acceptor *acceptor)
{
	size_t i;

	for (i = 0; i < acceptor->count; i++)
		if (others_accept(&acceptor->listeners[i]))
			return true;
	return false;
}

/* The number of a socket is the same in all processes that have it. */
uint64_t vane__acceptor_tag(const struct vane__acceptor *acceptor, bool own)
{
	uint64_t tag = 0;
	struct stat st;
	size_t i;

	for (i = 0; i < acceptor->count; i++)
		if ((own || acceptor->listeners[i].pid != (int) getpid()) &&
			fstat(acceptor->listeners[i].fd, &st) == 0)
			tag += (uint64_t) st.st_ino * UINT64_C(0x9e3779b97f4a7c15);
	return tag;
}

void vane__acceptor_stall(struct vane__acceptor *acceptor)
{
	acceptor->stalled = true;
	acceptor->stalled_msec = vane_loop_now(acceptor->loop);
}

/* Whether a handler may keep connections waiting: that is so until they are known not to. */
static bool may_stall(const struct vane__acceptor *acceptor)
{
	return acceptor->served == 0 ||
	       (acceptor->stalled &&
		       vane_loop_now(acceptor->loop) - acceptor->stalled_msec <
			       STALLS_MSEC);
}

/* Whether the next connection is better off with another process. */
static bool leave(void *data)
{
	struct vane__acceptor *acceptor = data;
	bool silent = acceptor->silent;

	acceptor->silent = false;
	if (acceptor->busy != NULL && acceptor->busy(acceptor->owner))
		return true;
	return silent && may_stall(acceptor);
}

static void enter(int fd, const struct sockaddr *peer, unsigned peer_len, void *data)
{
	struct vane__acceptor *acceptor = data;
	uint64_t served = acceptor->served;

	acceptor->enter(fd, peer, peer_len, acceptor->owner);
	acceptor->silent = acceptor->served == served;
}

static bool make_room(void *data)
{
	struct vane__acceptor *acceptor = data;

	return acceptor->make_room(acceptor->owner);
}

static int start(struct vane__acceptor *acceptor, struct vane__listener *listener)
{
	int rc = vane_loop_add_accept(
		acceptor->loop, listener->fd, enter, acceptor, &listener->accept);

	if (rc == 0 && acceptor->make_room != NULL)
		vane__accept_when_full(listener->accept, make_room);
	if (rc == 0 && others_accept(listener))
		vane__accept_leave(listener->accept, leave);
	return rc;
}

static int add(
	struct vane__acceptor *acceptor, const struct vane__listener *listener, bool now)
{
	struct vane__listener *grown =
		realloc(acceptor->listeners, (acceptor->count + 1) * sizeof(*grown));
	int rc = -ENOMEM;

	if (grown != NULL) {
		acceptor->listeners = grown;
		grown[acceptor->count] = *listener;
		rc = now ? start(acceptor, &grown[acceptor->count]) : 0;
	}
	if (rc < 0)
		close(listener->fd);
	else
		acceptor->count++;
	return rc;
}

int vane__acceptor_add(struct vane__acceptor *acceptor, int fd, bool shared, bool now)
{
	const struct vane__listener listener = {
		.fd = fd, .shared = shared, .pid = (int) getpid()
	};

	return add(acceptor, &listener, now);
}

int vane__acceptor_add_all(
	struct vane__acceptor *acceptor, struct vane_sockets *socks, bool now)
{
	int rc = 0;

	while (rc == 0 && socks->count > 0) {
		const struct vane__listener listener = { .fd = socks->fds[--socks->count],
			.shared = vane_sockets_shared(socks, socks->count),
			.pid = socks->pid };

		rc = add(acceptor, &listener, now);
	}
	vane_sockets_fini(socks);
	return rc;
}

int vane__acceptor_start(struct vane__acceptor *acceptor)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < acceptor->count && rc == 0; i++)
		if (acceptor->listeners[i].accept == NULL)
			rc = start(acceptor, &acceptor->listeners[i]);
	return rc;
}

/* What waits in the kernel was let in: it is taken, unless it is left to others. */
static void stop_accepting(struct vane__acceptor *acceptor, bool leave)
{
	acceptor->stopped = true;
	while (acceptor->count > 0) {
		struct vane__listener *listener = &acceptor->listeners[--acceptor->count];

		if (listener->accept != NULL && !leave && !listener->shared)
			vane_accept_last(listener->accept);
		vane_accept_remove(listener->accept);
		close(listener->fd);
	}
	free(acceptor->listeners);
	acceptor->listeners = NULL;
}

void vane__acceptor_stop(struct vane__acceptor *acceptor)
{
	stop_accepting(acceptor, vane_process_siblings_stay());
}

/*
 * The end comes in a turn of its own: whoever closed the last one is on the stack still.  While
 * sockets are emptied, and what was handed over is taken, the last may be followed by another.
 */
void vane__acceptor_check(struct vane__acceptor *acceptor, size_t count)
{
	bool empty = count == 0;
	int64_t left;

	if (!acceptor->draining || acceptor->timer == NULL || acceptor->empty == empty)
		return;
	left = empty ? 0 : acceptor->until - vane_loop_now(acceptor->loop);
	acceptor->empty = empty;
	vane_timer_rearm(acceptor->timer, left > 0 ? left : 0);
}

static void on_timer(void *data);

static void cut_the_rest(struct vane__acceptor *acceptor)
{
	size_t before = acceptor->cut_count, cut;

	acceptor->cut(acceptor->owner);
	cut = acceptor->cut_count - before;
	if (cut > 0)
		vane_log(VANE_LOG_WARNING,
			"drain: %zu request%s cut after the time allowed", cut,
			cut == 1 ? "" : "s");
}

/* The application's timers that are waited for are the loop's: it is looked at now and then. */
static bool wait_for_held(struct vane__acceptor *acceptor)
{
	size_t held = vane__loop_held(acceptor->loop);

	if (held == 0)
		return false;
	if (vane_loop_now(acceptor->loop) < acceptor->until)
		return vane_loop_call_later(acceptor->loop, HELD_MSEC, on_timer, acceptor,
			       &acceptor->timer) == 0;
	vane_log(VANE_LOG_WARNING,
		"drain: %zu timer%s not waited for after the time allowed", held,
		held == 1 ? "" : "s");
	return false;
}

/* None is left, or they have had their time. */
static void on_timer(void *data)
{
	struct vane__acceptor *acceptor = data;
	vane_loop_fn drained = acceptor->drained;

	acceptor->timer = NULL;
	if (acceptor->empty && wait_for_held(acceptor))
		return;
	if (!acceptor->empty)
		cut_the_rest(acceptor);
	acceptor->draining = false;
	acceptor->drained = NULL;
	if (drained != NULL)
		drained(acceptor->drained_data); /* may free it */
}

int vane__acceptor_drain(
	struct vane__acceptor *acceptor, int64_t msec, vane_loop_fn done, void *data)
{
	int rc;

	if (acceptor->draining)
		return -EALREADY;
	if (msec < VANE_NO_LIMIT)
		return -EINVAL;
	if (msec == VANE_NO_LIMIT)
		msec = VANE__UNLIMITED;
	rc = vane_loop_call_later(
		acceptor->loop, msec, on_timer, acceptor, &acceptor->timer);
	if (rc < 0)
		return rc;
	acceptor->until = vane__limit_add(msec, vane_loop_now(acceptor->loop));
	acceptor->drained = done;
	acceptor->drained_data = data;
	acceptor->empty = false;
	acceptor->draining = true;
	return 0;
}

void vane__acceptor_fini(struct vane__acceptor *acceptor)
{
	stop_accepting(acceptor, true);
	acceptor->draining = false;
	acceptor->drained = NULL;
	vane_timer_cancel(acceptor->timer);
	acceptor->timer = NULL;
}

int64_t vane__acceptor_grace(const struct vane__acceptor *acceptor, int64_t since)
{
	int64_t left = acceptor->grace_msec - (vane_loop_now(acceptor->loop) - since);

	if (acceptor->grace_msec == VANE__UNLIMITED)
		return VANE__UNLIMITED;
	return left > 0 ? left : 0;
}

void vane__acceptor_cut(struct vane__acceptor *acceptor, const char *what, int64_t msec)
{
	if (++acceptor->cut_count <= NAMED_MAX)
		vane_log(VANE_LOG_WARNING, "request cut after %lld.%lld s: %s",
			(long long) msec / 1000, (long long) msec % 1000 / 100, what);
}
