/* SPDX-License-Identifier: MIT */
/*
 * loop.c - the event loop: libev waits and watches descriptors and signals.
 *
 * Timers are ours (timers.c), as libev's neither keep the order of equal deadlines nor read
 * the clock when they are made: one made late in a long callback would fire early.  Two of
 * libev's hooks drive them: before it waits it is told how long, and after the wait, before
 * anything else, all that was due and made by then fires.  Hence what a callback asks for
 * comes in the next turn, and a turn has an end.
 */
#include "loop.h"

#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

#include "base.h"
#include "evalloc.h"
#include "list.h"
#include "sigpipe.h"
#include "timers.h"

#define NSEC_PER_MSEC INT64_C(1000000)
#define NSEC_PER_SEC  INT64_C(1000000000)

struct vane_loop {
	struct ev_loop *ev;
	int epoll_fd; /* libev's, -1: it has none */
	ev_prepare before_wait;
	ev_check after_wait;
	ev_timer wake; /* ends the wait when the first timer is due */
	ev_idle busy;  /* forbids to wait at all: a timer is due already */
	struct timers timers;
	size_t held;       /* of them, those that a drain waits for */
	int64_t wake_nsec; /* what wake is set to, 0: it is not */
	struct list watches, signals;
	struct sigpipe pipe; /* what was before it runs */
	bool running, stopped;
};

struct vane_watch {
	ev_io io;
	struct list node;
	struct vane_loop *loop;
	vane_watch_fn fn;
	void *data;
};

struct signal_watch {
	ev_signal ev;
	struct list node;
	vane_loop_fn fn;
	void *data;
};

/* Loops of this process, for the guard of vane_fork_processes(). */
static struct {
	unsigned count;
	char made_at[256]; /* where the first of them was made */
} loops;

static int64_t read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* The two below are there to shape the wait; that they fired says nothing. */
static void on_wake(struct ev_loop *ev, ev_timer *wake, int events)
{
}

static void on_busy(struct ev_loop *ev, ev_idle *busy, int events)
{
}

static void hook(struct vane_loop *loop)
{
	if (ev_is_active(&loop->before_wait))
		return;
	ev_prepare_start(loop->ev, &loop->before_wait);
	ev_check_start(loop->ev, &loop->after_wait);
}

static void unhook(struct vane_loop *loop)
{
	ev_prepare_stop(loop->ev, &loop->before_wait);
	ev_check_stop(loop->ev, &loop->after_wait);
	ev_timer_stop(loop->ev, &loop->wake);
	ev_idle_stop(loop->ev, &loop->busy);
}

/* Have libev wait until the first timer is due, and no longer. */
static void on_before_wait(struct ev_loop *ev, ev_prepare *prepare, int events)
{
	struct vane_loop *loop = prepare->data;
	const struct vane_timer *first = vane__timers_first(&loop->timers);
	int64_t now;

	if (first == NULL) {
		unhook(loop);
		return;
	}
	if (first->due_nsec == loop->wake_nsec && ev_is_active(&loop->wake))
		return;
	ev_timer_stop(ev, &loop->wake);
	now = read_clock();
	if (first->due_nsec <= now) {
		ev_idle_start(ev, &loop->busy);
		return;
	}
	ev_idle_stop(ev, &loop->busy);
	ev_now_update(ev); /* it counts from its own idea of now, which may be old */
	ev_timer_set(&loop->wake, (double) (first->due_nsec - now) / NSEC_PER_SEC, 0.);
	ev_timer_start(ev, &loop->wake);
	loop->wake_nsec = first->due_nsec;
}

static void fire(struct vane_timer *timer)
{
	vane_loop_fn fn = timer->fn;
	void *data = timer->data;

	timer->loop->held -= timer->holds;
	vane__timers_remove(&timer->loop->timers, timer);
	free(timer);
	fn(data);
}

/* A turn begins: fire what is due by now and was made before. */
static void on_after_wait(struct ev_loop *ev, ev_check *check, int events)
{
	struct vane_loop *loop = check->data;
	uint64_t made = loop->timers.made;
	int64_t now = read_clock();
	struct vane_timer *timer;

	while ((timer = vane__timers_first(&loop->timers)) != NULL) {
		if (timer->due_nsec > now || timer->number >= made)
			break;
		fire(timer);
	}
}

#ifdef __linux__
/* Whether a descriptor is an epoll instance: one says that it does not have the pipe. */
static bool is_epoll(int fd)
{
	int fds[2];
	bool yes;

	if (pipe(fds) < 0)
		return false;
	yes = epoll_ctl(fd, EPOLL_CTL_DEL, fds[0], NULL) < 0 && errno == ENOENT;
	close(fds[0]);
	close(fds[1]);
	return yes;
}

/* The descriptor that will be opened next. */
static int next_descriptor(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd;
}
#endif

void vane__loop_forget(struct vane_loop *loop, int fd)
{
#ifdef __linux__
	if (loop->epoll_fd >= 0)
		epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
#endif
}

/* libev keeps its epoll instance to itself, but it is the first descriptor that it opens. */
static int open_backend(struct vane_loop *loop)
{
	unsigned flags = EVFLAG_AUTO;
#ifdef __linux__
	int next = next_descriptor();
#endif

#if EV_VERSION_MAJOR > 4 || (EV_VERSION_MAJOR == 4 && EV_VERSION_MINOR >= 33)
	/* only tells of jumps of the wall clock: nothing to us */
	flags |= EVFLAG_NOTIMERFD;
#endif
	loop->ev = ev_loop_new(flags);
	if (loop->ev == NULL)
		return -ENOTSUP;
	loop->epoll_fd = -1;
#ifdef __linux__
	if (next >= 0 && is_epoll(next))
		loop->epoll_fd = next;
#endif
	return 0;
}

static int make_backend(struct vane_loop *loop)
{
	int rc;

	vane__evalloc_enter();
	rc = vane__evalloc_ready(-1);
	if (rc == 0)
		rc = open_backend(loop);
	if (rc < 0)
		vane__evalloc_leave();
	return rc;
}

int vane_loop_new_at(struct vane_loop **out, const char *file, int line)
{
	struct vane_loop *loop = calloc(1, sizeof(*loop));
	int rc;

	if (loop == NULL)
		return -ENOMEM;
	rc = make_backend(loop);
	if (rc < 0) {
		free(loop);
		return rc;
	}
	list_init(&loop->watches);
	list_init(&loop->signals);
	ev_init(&loop->wake, on_wake);
	ev_idle_init(&loop->busy, on_busy);
	ev_prepare_init(&loop->before_wait, on_before_wait);
	ev_check_init(&loop->after_wait, on_after_wait);
	ev_set_priority(&loop->after_wait, EV_MAXPRI);
	loop->before_wait.data = loop->after_wait.data = loop;
	ev_ref(loop->ev); /* it turns until it is stopped, whatever it watches */
	if (loops.count++ == 0)
		snprintf(loops.made_at, sizeof(loops.made_at), "%s:%d", file, line);
	*out = loop;
	return 0;
}

static void remove_signal(struct vane_loop *loop, struct signal_watch *sig)
{
	ev_signal_stop(loop->ev, &sig->ev);
	list_del(&sig->node);
	free(sig);
}

void vane_loop_free(struct vane_loop *loop)
{
	if (loop == NULL)
		return;
	assert(!loop->running);
	while (!list_empty(&loop->watches))
		vane_watch_remove(
			CONTAINER_OF(loop->watches.next, struct vane_watch, node));
	while (!list_empty(&loop->signals))
		remove_signal(
			loop, CONTAINER_OF(loop->signals.next, struct signal_watch, node));
	unhook(loop);
	ev_loop_destroy(loop->ev);
	vane__evalloc_leave();
	vane__timers_fini(&loop->timers);
	free(loop);
	loops.count--;
}

const char *vane_loop_made_at(void)
{
	return loops.count > 0 ? loops.made_at : NULL;
}

struct ev_loop *vane__loop_ev(struct vane_loop *loop)
{
	return loop->ev;
}

static struct signal_watch *find_signal(struct vane_loop *loop, int signo)
{
	struct list *node;

	for (node = loop->signals.next; node != &loop->signals; node = node->next) {
		struct signal_watch *sig = CONTAINER_OF(node, struct signal_watch, node);

		if (sig->ev.signum == signo)
			return sig;
	}
	return NULL;
}

/* Callbacks may write to peers that have gone; who asked for SIGPIPE has it come. */
static void hold_sigpipe(struct vane_loop *loop)
{
	if (find_signal(loop, SIGPIPE) == NULL)
		vane__sigpipe_hold(&loop->pipe);
	else
		loop->pipe.blocked = true;
}

static int enter(struct vane_loop *loop)
{
	if (loop->running)
		return -EALREADY;
	loop->running = true;
	hold_sigpipe(loop);
	return 0;
}

static void leave(struct vane_loop *loop)
{
	vane__sigpipe_release(&loop->pipe);
	loop->running = false;
}

bool vane__loop_is_running(const struct vane_loop *loop)
{
	return loop->running;
}

int vane_loop_run(struct vane_loop *loop)
{
	int rc = enter(loop);

	if (rc < 0)
		return rc;
	while (!loop->stopped)
		ev_run(loop->ev, 0);
	loop->stopped = false;
	leave(loop);
	return 0;
}

int vane_loop_turn(struct vane_loop *loop, bool wait)
{
	int rc = enter(loop);

	if (rc < 0)
		return rc;
	ev_run(loop->ev, wait ? EVRUN_ONCE : EVRUN_NOWAIT);
	leave(loop);
	return 0;
}

void vane_loop_stop(struct vane_loop *loop)
{
	loop->stopped = true;
	if (loop->running)
		ev_break(loop->ev, EVBREAK_ONE);
}

static void on_io(struct ev_loop *ev, ev_io *io, int events)
{
	struct vane_watch *watch = CONTAINER_OF(io, struct vane_watch, io);

	watch->fn(io->fd,
		((events & EV_READ) != 0 ? VANE_READ : 0) |
			((events & EV_WRITE) != 0 ? VANE_WRITE : 0),
		watch->data);
}

static int to_ev(int events)
{
	return ((events & VANE_READ) != 0 ? EV_READ : 0) |
	       ((events & VANE_WRITE) != 0 ? EV_WRITE : 0);
}

int vane_loop_add_watch(struct vane_loop *loop, int fd, int events, vane_watch_fn fn,
	void *data, struct vane_watch **out)
{
	struct vane_watch *watch;

	if (fd < 0)
		return -EBADF;
	if (vane__evalloc_ready(fd) < 0)
		return -ENOMEM;
	watch = calloc(1, sizeof(*watch));
	if (watch == NULL)
		return -ENOMEM;
	watch->loop = loop;
	watch->fn = fn;
	watch->data = data;
	ev_io_init(&watch->io, on_io, fd, to_ev(events));
	list_add(&loop->watches, &watch->node);
	if (events != 0)
		ev_io_start(loop->ev, &watch->io);
	*out = watch;
	return 0;
}

void vane_watch_update(struct vane_watch *watch, int events)
{
	struct ev_loop *ev = watch->loop->ev;
	bool active = ev_is_active(&watch->io);

	/* libev keeps a flag of its own among them */
	if (active && (watch->io.events & (EV_READ | EV_WRITE)) == to_ev(events))
		return;
	ev_io_stop(ev, &watch->io);
	ev_io_set(&watch->io, watch->io.fd, to_ev(events));
	if (events != 0)
		ev_io_start(ev, &watch->io);
}

void vane_watch_remove(struct vane_watch *watch)
{
	if (watch == NULL)
		return;
	ev_io_stop(watch->loop->ev, &watch->io);
	list_del(&watch->node);
	free(watch);
}

/* The time so many milliseconds from now. */
static int64_t due_in(int64_t msec)
{
	int64_t now = read_clock();

	if (msec > (INT64_MAX - now) / NSEC_PER_MSEC)
		return INT64_MAX;
	return msec > 0 ? now + msec * NSEC_PER_MSEC : now;
}

int vane_loop_call_later(struct vane_loop *loop, int64_t msec, vane_loop_fn fn, void *data,
	struct vane_timer **out)
{
	struct vane_timer *timer = calloc(1, sizeof(*timer));

	if (timer == NULL)
		return -ENOMEM;
	timer->loop = loop;
	timer->fn = fn;
	timer->data = data;
	timer->due_nsec = due_in(msec);
	if (vane__timers_add(&loop->timers, timer) < 0) {
		free(timer);
		return -ENOMEM;
	}
	hook(loop);
	if (out != NULL)
		*out = timer;
	return 0;
}

void vane_timer_rearm(struct vane_timer *timer, int64_t msec)
{
	struct timers *timers = &timer->loop->timers;

	vane__timers_remove(timers, timer);
	timer->due_nsec = due_in(msec);
	vane__timers_add(timers, timer); /* there is room: it was in there */
}

void vane_timer_hold(struct vane_timer *timer)
{
	timer->loop->held += !timer->holds;
	timer->holds = true;
}

size_t vane__loop_held(const struct vane_loop *loop)
{
	return loop->held;
}

void vane_timer_cancel(struct vane_timer *timer)
{
	if (timer == NULL)
		return;
	timer->loop->held -= timer->holds;
	vane__timers_remove(&timer->loop->timers, timer);
	free(timer);
}

int vane_loop_add_callback(struct vane_loop *loop, vane_loop_fn fn, void *data)
{
	return vane_loop_call_later(loop, 0, fn, data, NULL);
}

static void on_signal(struct ev_loop *ev, ev_signal *signal, int events)
{
	struct signal_watch *sig = CONTAINER_OF(signal, struct signal_watch, ev);

	sig->fn(sig->data);
}

/* While it turns, that one was held, or is to be from now on. */
static void resume_sigpipe(struct vane_loop *loop, int signo)
{
	if (signo != SIGPIPE || !loop->running)
		return;
	vane__sigpipe_release(&loop->pipe);
	hold_sigpipe(loop);
}

static int add_signal(struct vane_loop *loop, int signo, vane_loop_fn fn, void *data)
{
	struct signal_watch *sig = calloc(1, sizeof(*sig));

	if (sig == NULL)
		return -ENOMEM;
	sig->fn = fn;
	sig->data = data;
	ev_signal_init(&sig->ev, on_signal, signo);
	ev_signal_start(loop->ev, &sig->ev);
	list_add(&loop->signals, &sig->node);
	resume_sigpipe(loop, signo);
	return 0;
}

int vane_loop_add_signal(struct vane_loop *loop, int signo, vane_loop_fn fn, void *data)
{
	struct signal_watch *sig;

	if (signo <= 0 || signo >= NSIG || signo == SIGKILL || signo == SIGSTOP)
		return -EINVAL;
	sig = find_signal(loop, signo);
	if (sig == NULL && fn != NULL)
		return add_signal(loop, signo, fn, data);
	if (sig == NULL)
		return 0;
	if (fn == NULL) {
		remove_signal(loop, sig);
		resume_sigpipe(loop, signo);
		return 0;
	}
	sig->fn = fn;
	sig->data = data;
	return 0;
}

int64_t vane_loop_now(const struct vane_loop *loop)
{
	return read_clock() / NSEC_PER_MSEC;
}
