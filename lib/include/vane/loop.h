/* SPDX-License-Identifier: MIT */
/*
 * vane/loop.h - the event loop: Tornado's IOLoop over libev.
 *
 * A loop belongs to the process that made it and must not be carried across a fork: make it
 * after vane_fork_processes().  Callbacks must not block.
 *
 * While a loop turns, SIGPIPE is blocked in its thread, as there are writes to peers that have
 * gone that know no other way to leave it out; what it does in the process stays as it is.  A
 * child that a callback starts has it blocked too, unless it changes that before exec().
 *
 * libev ends the process where it finds no memory.  The first loop has it allocate from a
 * reserve then (ev_set_allocator()), and what could need more of that fails with -ENOMEM
 * before: a connection dies, and not the process.
 */
#ifndef VANE_LOOP_H
#define VANE_LOOP_H

#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vane_watch; /* a descriptor being watched */
struct vane_timer; /* a timer that has not fired */

/* What a descriptor is watched for, and what it is ready for. */
enum { VANE_READ = 1, VANE_WRITE = 2 };

/* Called by a loop: a timer has fired, a signal has come. */
typedef void (*vane_loop_fn)(void *data);

/* A descriptor that is watched is ready for these: VANE_READ, VANE_WRITE or both. */
typedef void (*vane_watch_fn)(int fd, int events, void *data);

/*
 * Make an event loop.  The place is kept for the message of vane_fork_processes() when it comes too
 * late.  Returns 0, -ENOMEM, or -ENOTSUP if libev finds no backend.
 */
#define vane_loop_new(loop) vane_loop_new_at((loop), __FILE__, __LINE__)
VANE_API int vane_loop_new_at(struct vane_loop **loop, const char *file, int line);

/* Free a loop that is not running; its watches and timers go with it.  NULL is fine. */
VANE_API void vane_loop_free(struct vane_loop *loop);

/* Where the first loop of this process was made, "main.c:12"; NULL if there is none. */
VANE_API const char *vane_loop_made_at(void);

/*
 * Run a loop: turn until vane_loop_stop().  Returns 0, or -EALREADY if it is running.  A stop
 * that came before the start makes it return at once.
 */
VANE_API int vane_loop_run(struct vane_loop *loop);

/*
 * Turn a loop once: wait for events if wait is true, and run their callbacks.  Returns 0, or
 * -EALREADY in a callback of that loop.
 */
VANE_API int vane_loop_turn(struct vane_loop *loop, bool wait);

/* Leave vane_loop_run() after this turn. */
VANE_API void vane_loop_stop(struct vane_loop *loop);

/*
 * Watch a descriptor for events (add_handler).  It stays the caller's, and open while it is
 * watched.
 */
VANE_API int vane_loop_add_watch(struct vane_loop *loop, int fd, int events,
	vane_watch_fn fn, void *data, struct vane_watch **watch);

/* Change what a descriptor is watched for; 0 pauses. */
VANE_API void vane_watch_update(struct vane_watch *watch, int events);

/* Stop watching a descriptor; the watch is freed.  NULL is fine. */
VANE_API void vane_watch_remove(struct vane_watch *watch);

/*
 * Run fn once after at least that many milliseconds (call_later).  Timers with the same
 * deadline fire in the order they were made; those made by a callback wait for the next turn.
 * timer may be NULL if it will not be cancelled.
 */
VANE_API int vane_loop_call_later(struct vane_loop *loop, int64_t msec, vane_loop_fn fn,
	void *data, struct vane_timer **timer);

/*
 * Have a timer that has not fired fire after that many milliseconds from now instead, as one
 * that is made now.  Needs no memory.
 */
VANE_API void vane_timer_rearm(struct vane_timer *timer, int64_t msec);

/*
 * Have a drain wait for a timer: vane_server_drain(), its twins of FastCGI and SCGI, and so TERM in a
 * program of vane_main()'s, do not end before it has fired or is cancelled, unless their time is up.
 * Others are background: they are forgotten when the last request is answered.  Since 0.2.0.
 */
VANE_API void vane_timer_hold(struct vane_timer *timer);

/* Take back a timer that has not fired (remove_timeout).  NULL is fine. */
VANE_API void vane_timer_cancel(struct vane_timer *timer);

/* Run fn in the next turn (add_callback). */
VANE_API int vane_loop_add_callback(struct vane_loop *loop, vane_loop_fn fn, void *data);

/*
 * Run fn in the loop when a signal comes.  One function a signal; NULL restores the default.
 * The library itself never asks for one.
 */
VANE_API int vane_loop_add_signal(
	struct vane_loop *loop, int signo, vane_loop_fn fn, void *data);

/* Milliseconds of a clock that only goes forward, also while a callback takes its time. */
VANE_API int64_t vane_loop_now(const struct vane_loop *loop);

#ifdef __cplusplus
}
#endif

#endif
