/* SPDX-License-Identifier: MIT */
/*
 * vane/process.h - several processes that share the listening sockets (Tornado's process).
 */
#ifndef VANE_PROCESS_H
#define VANE_PROCESS_H

#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vane_sockets;

/* The number of processors this process may use: its affinity mask and cgroup limit; >= 1. */
VANE_API int vane_cpu_count(void);

/* Settings of the master; zero means the default, VANE_NO_LIMIT that there is no limit. */
struct vane_process_opts {
	int processes; /* how many workers: vane_cpu_count() */
	/*
	 * abnormal exits within the window, all workers together, after which they are not
	 * restarted any more: 100; the least is 1, and more than a million is no limit
	 */
	int64_t max_restarts;
	int64_t restart_window_msec; /* 10 minutes; no limit: as long as the master lives */
	/*
	 * how long workers may take to leave after TERM: 10 s; two seconds after that QUIT
	 * follows, then KILL
	 */
	int64_t drain_msec;
	/*
	 * Run in the master when the first worker has called vane_process_ready().  If each of
	 * them has failed before that, none is going to serve: the master gives up.  NULL:
	 * workers do not say so.
	 */
	void (*ready)(void *data);
	void *data; /* for ready */
};

/* What a process exits with that was told to leave and has cut requests (EX_TEMPFAIL). */
enum { VANE_EXIT_CUT = 75 };

/*
 * Fork workers and watch them; NULL: with the defaults.  Returns only in the workers: the task
 * id, 0 up to processes - 1.
 *
 * The master never returns.  It restarts workers that exit abnormally, with the same task id,
 * after a growing pause if they die fast; gives up with exit status 1 after max_restarts
 * within the window; and leaves with 0 when all workers have left with 0.  TERM and INT are
 * passed on to the workers as TERM; a second one and QUIT as QUIT, which is to end them at
 * once, with what they have started; KILL follows after two seconds, or at the next order.  It
 * exits when the last one has gone: with 1 if one failed or was killed meanwhile, with
 * VANE_EXIT_CUT if one has cut requests, else with 0.  USR1 has it open its log files again
 * (vane_log_reopen()), and is passed on to the workers, who leave it out if they have no handler for
 * it.  A worker that is told to leave alone, and
 * has cut requests, is replaced if there are others: only who leaves with 0 is not.
 * A worker that dies of the TERM or QUIT it was sent has left normally.  Its signal mask and
 * handlers are the process's own from then on; workers get back those of the caller.
 *
 * Workers hand connections over to each other while a handler blocks, see vane/handover.h: their
 * servers and responders see to that.
 *
 * -EALREADY in a worker or when called twice.  -EINVAL for settings below 0.  -EBUSY, with a message that names the place, if
 * a loop exists: make it afterwards.  -errno if the first fork fails.
 */
VANE_API int vane_fork_processes(const struct vane_process_opts *opts);

/* Tell the master that this worker serves; nothing outside of one, or if nobody asked. */
VANE_API void vane_process_ready(void);

/* The id of this worker, -1 outside of one. */
VANE_API int vane_task_id(void);

/* How many workers there are, 0 outside of one. */
VANE_API int vane_task_count(void);

/*
 * A descriptor that becomes readable when a worker is to leave: the master is gone (end of file),
 * or has told all workers to leave (a byte, which is for all of them: leave it there); -1 outside
 * of a worker.  If the master is gone, workers also get TERM, where the system can do that
 * (PR_SET_PDEATHSIG) and unless they have changed their user or group since: then it forgets.
 */
VANE_API int vane_process_life_fd(void);

/*
 * Have a crash write a line to the log that names the request: "killed by SIGSEGV at GET
 * /story/7 (route /story/{id})", and what waits in the buffers of log files to be written.  That is for the signals that a process brings upon itself (SEGV,
 * BUS, ILL, FPE, ABRT, SYS), before they end it.  What they do is as it was: a core, say.
 * Handlers that are there already stay.  For the main thread; vane_main() calls it.
 */
VANE_API void vane_process_catch_crashes(void);

/*
 * Have a second line of a crash name the calls that led to it: functions where they have names in the
 * program, files and offsets for addr2line(1) where they have none.  Nothing happens where the
 * system cannot tell.  And have the client of a crash get an error page with that stack, if it has got
 * nothing yet and the application's opts say .debug: a copy of the process writes it, and the process
 * dies when it is sent, or after two seconds.  vane_main() calls it for --max-handler-time, --debug and
 * --serve-traceback.  Since 0.2.0.
 */
VANE_API void vane_process_trace_crashes(void);

/*
 * Write the line about a crash in a signal handler of your own: what, and the request.  May be
 * called from a signal handler; it goes to the log's file, or to standard error, whatever the log's
 * function is.
 */
VANE_API void vane_log_crash(const char *what);

/*
 * Whether the process is at a request now: a function of a handler runs, say.  May be called from a
 * signal handler.
 */
VANE_API bool vane_process_at_request(void);

/*
 * Whether other workers go on when this one leaves, and accept what waits in their sockets.
 * False outside of a worker, and when all have been told to leave, or the master is gone.
 */
VANE_API bool vane_process_siblings_stay(void);

/*
 * Whether others than this process, its master and its siblings may serve the socket of that
 * index: it was inherited, or this process was forked without vane_fork_processes() by the one
 * that has made the list.
 */
VANE_API bool vane_sockets_shared(const struct vane_sockets *socks, size_t index);

#ifdef __cplusplus
}
#endif

#endif
