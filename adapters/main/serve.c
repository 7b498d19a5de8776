/* SPDX-License-Identifier: MIT */
/*
 * serve.c - a loop, a server or a responder in it, and the signals that end it.
 */
#include "config.h"

#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <vane/cgi.h>
#include <vane/fastcgi.h>
#include <vane/log.h>
#include <vane/loop.h>
#include <vane/process.h>
#include <vane/scgi.h>
#include <vane/server.h>

#include "autoreload.h"
#include "ending.h"
#include "notify.h"
#include "responder.h"
#include "scoreboard.h"
#include "log_file.h"
#include "serve_opts.h"
#include "succession.h"

/* What is in progress when a file was modified, whose author waits, gets no longer. */
#define AUTORELOAD_MSEC 1000

/* What lines of a log wait for others at most. */
#define FLUSH_MSEC 1000

struct serving {
	struct vane_loop *loop;
	struct vane_server *server;   /* in HTTP mode */
	struct vane_fastcgi *fastcgi; /* in FastCGI mode */
	struct vane_scgi *scgi;       /* in SCGI mode */
	struct vane_watch *life;
	int64_t shutdown_msec;
	bool started; /* one of the three serves */
	pid_t parent; /* the master's, if there is one */
	bool draining;
	struct vane__pages *pages;
	struct vane__beat *beat;
	bool flushing; /* the logs will be flushed */
	struct vane__succession succession;
};

unsigned vane__serve_caps(enum vane__mode mode)
{
	switch (mode) {
	case VANE__MODE_FASTCGI:
		return vane_fastcgi_caps();
	case VANE__MODE_SCGI:
		return vane_scgi_caps();
	case VANE__MODE_CGI:
		return vane_cgi_caps();
	default:
		return ~0u; /* what the native server cannot do, nothing can */
	}
}

static void stop(void *data)
{
	struct serving *serving = data;

	vane_loop_stop(serving->loop);
}

static int64_t drain_msec(const struct serving *serving)
{
	int64_t msec = serving->shutdown_msec;

	if (vane__autoreload_is_due() && (msec == VANE_NO_LIMIT || msec > AUTORELOAD_MSEC))
		return AUTORELOAD_MSEC;
	return msec;
}

static int drain_carrier(struct serving *serving)
{
	int64_t msec = drain_msec(serving);

	if (serving->fastcgi != NULL)
		return vane_fastcgi_drain(serving->fastcgi, msec, stop, serving);
	if (serving->scgi != NULL)
		return vane_scgi_drain(serving->scgi, msec, stop, serving);
	return vane_server_drain(serving->server, msec, stop, serving);
}

static void set_state(enum vane__score_state state)
{
	if (vane__score != NULL)
		VANE__SCORE_SET(vane__score->state, (int32_t) state);
}

static void drain(struct serving *serving, enum vane__score_state state)
{
	serving->draining = true;
	vane__autoreload_stop();
	set_state(state);
	vane_log(VANE_LOG_DEBUG, "draining");
	if (!serving->succession.serves)
		vane__notify_stopping();
	if (!serving->started || drain_carrier(serving) < 0)
		stop(serving);
}

/*
 * A worker does not count: TERM may come from the master and, when that dies, from the
 * kernel too.  It is the master that sends KILL when it is asked twice.
 */
static void on_term(void *data)
{
	struct serving *serving = data;
	bool again = serving->succession.order != 0;

	serving->pages->leaving = true;
	if (vane__succession_order(&serving->succession, again ? SIGQUIT : SIGTERM)) {
		if (again)
			stop(serving);
		return;
	}
	if (!serving->draining)
		drain(serving, VANE__SCORE_DRAINING);
	else if (vane_task_id() < 0)
		stop(serving);
}

static void on_quit(void *data)
{
	struct serving *serving = data;

	(void) vane__succession_order(&serving->succession, SIGQUIT);
	stop(serving);
}

static void ignore(void *data)
{
}

static void refuse_more(void *data)
{
	vane_log(VANE_LOG_INFO, "signal SIGTTIN ignored: there is one process");
}

static void refuse_fewer(void *data)
{
	vane_log(VANE_LOG_INFO, "signal SIGTTOU ignored: there is one process");
}

static void flush_logs(void *data)
{
	struct serving *serving = data;

	serving->flushing = false;
	vane_log_flush();
}

/* Lines wait to be written: they shall not for longer than a second. */
static void flush_later(void *data)
{
	struct serving *serving = data;

	if (!serving->flushing && vane_loop_call_later(serving->loop, FLUSH_MSEC,
					  flush_logs, serving, NULL) < 0)
		vane_log_flush();
	else
		serving->flushing = true;
}

static void reopen_logs(void *data)
{
	vane_log_reopen();
}

/* How old web servers ask a FastCGI program of theirs to finish and leave. */
static bool leaves_at_usr1(const struct vane__service *service)
{
	return service->mode == VANE__MODE_FASTCGI && service->owned;
}

/* One that comes during the drain is for the master that this process becomes. */
static void renew(struct serving *serving, int signo)
{
	if (!serving->draining)
		vane__succession_start(&serving->succession, signo);
	else
		serving->succession.held = signo;
}

static void on_hup(void *data)
{
	renew(data, SIGHUP);
}

static void on_usr2(void *data)
{
	renew(data, SIGUSR2);
}

/* It is as if somebody had asked for an upgrade, the master where there is one. */
static void on_modified(void *data)
{
	const struct serving *serving = data;

	if (vane_task_id() < 0)
		raise(SIGUSR2);
	else if (getppid() == serving->parent)
		kill(serving->parent, SIGUSR2);
}

static int watch_files(struct serving *serving, const struct vane__service *service)
{
	return service->watched == NULL ? 0
					: vane__autoreload_start(serving->loop,
						  service->watched, on_modified, serving);
}

/* A new program serves what we would. */
static void make_way(void *data)
{
	struct serving *serving = data;

	if (!serving->draining)
		drain(serving, VANE__SCORE_DRAINING);
}

/* Whether nobody has the other end any more: a byte in it is not read, and does not say so. */
static bool hung_up(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLHUP) != 0;
}

/*
 * The master is gone; or it has told all to leave, and the signal says how.  A process that dies is the
 * parent of its children for a moment after its end of the pipe is closed.
 */
static void on_master_gone(int fd, int events, void *data)
{
	struct serving *serving = data;

	vane_watch_remove(serving->life);
	serving->life = NULL;
	if (serving->draining || (getppid() == serving->parent && !hung_up(fd)))
		return;
	vane_log(VANE_LOG_WARNING, "the master is gone, leaving");
	serving->pages->leaving = true;
	drain(serving, VANE__SCORE_DRAINING);
}

/* A limit is reached: another worker takes the place of this one, whose siblings go on. */
static void on_full(const char *why, void *data)
{
	struct serving *serving = data;

	if (serving->draining)
		return;
	vane_log(VANE_LOG_INFO, "child %d: %s is reached, making room for another",
		vane_task_id(), why);
	vane__process_set_heirs(); /* the socket is the other one's, then */
	drain(serving, VANE__SCORE_RECYCLED);
}

static int start_beat(struct serving *serving, const struct vane__service *service,
	const struct vane__settings *settings)
{
	const struct vane__beat_opts opts = {
		.max_requests = settings->max_requests,
		.max_rss_bytes = settings->max_rss_bytes,
		.full = service->replaced ? on_full : NULL,
		.data = serving,
	};

	return vane__beat_start(&serving->beat, serving->loop, &opts);
}

/* Those that end a process, or would end or stop it if nobody asked for them. */
void vane__serve_add_signals(sigset_t *set)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGHUP,
		SIGTTIN, SIGTTOU };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(set, signals[i]);
}

void vane__serve_hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	vane__serve_add_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void let_signals_in(void)
{
	sigset_t set;

	sigemptyset(&set);
	vane__serve_add_signals(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/*
 * The orders that leave a process no choice.  In a worker its master has the last word, and a
 * terminal's INT is for that.
 */
static int watch_orders(const struct serving *serving, const struct vane__service *service)
{
	int signals[4] = { SIGTERM, SIGQUIT };
	size_t count = 2;

	if (vane_task_id() < 0)
		signals[count++] = SIGINT;
	if (leaves_at_usr1(service))
		signals[count++] = SIGUSR1;
	return vane__ending_watch(signals, count, serving->shutdown_msec);
}

static int add_signals(struct serving *serving, const struct vane__service *service)
{
	bool alone = vane_task_id() < 0;
	const struct {
		int signo;
		vane_loop_fn fn;
	} rows[] = {
		{ SIGTERM, on_term },
		/* From a terminal it comes to the workers too, beside the master's TERM. */
		{ SIGINT, alone ? on_term : ignore },
		{ SIGQUIT, on_quit },
		{ SIGUSR1, leaves_at_usr1(service) ? on_term : reopen_logs },
		{ SIGUSR2, on_usr2 },
		{ SIGHUP, on_hup },
		{ SIGTTIN, alone ? refuse_more : ignore },
		{ SIGTTOU, alone ? refuse_fewer : ignore },
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) && rc == 0; i++)
		rc = vane_loop_add_signal(
			serving->loop, rows[i].signo, rows[i].fn, serving);
	if (rc == 0 && vane_process_life_fd() >= 0)
		rc = vane_loop_add_watch(serving->loop, vane_process_life_fd(), VANE_READ,
			on_master_gone, serving, &serving->life);
	if (rc == 0)
		rc = watch_orders(serving, service);
	let_signals_in();
	return rc;
}

static int start_server(struct serving *serving, const struct vane__service *service,
	const struct vane__settings *settings)
{
	const struct vane_server_opts opts = vane__serve_http_opts(settings);
	int rc = vane_server_new(&serving->server, service->app, serving->loop, &opts);
	return rc < 0 ? rc : vane_server_add_sockets(serving->server, service->socks);
}

static int start_fastcgi(struct serving *serving, const struct vane__service *service,
	const struct vane__settings *settings)
{
	const struct vane_fastcgi_opts opts = vane__serve_fastcgi_opts(settings);
	int rc = vane_fastcgi_new(&serving->fastcgi, service->app, serving->loop, &opts);

	if (rc == 0)
		vane__fastcgi_set_look(serving->fastcgi, service->look);
	return rc < 0 ? rc : vane_fastcgi_add_sockets(serving->fastcgi, service->socks);
}

static int start_scgi(struct serving *serving, const struct vane__service *service,
	const struct vane__settings *settings)
{
	const struct vane_scgi_opts opts = vane__serve_scgi_opts(settings);
	int rc = vane_scgi_new(&serving->scgi, service->app, serving->loop, &opts);

	if (rc == 0)
		vane__scgi_set_look(serving->scgi, service->look);
	return rc < 0 ? rc : vane_scgi_add_sockets(serving->scgi, service->socks);
}

static int start(struct serving *serving, const struct vane__service *service,
	const struct vane__settings *settings)
{
	if (service->mode == VANE__MODE_FASTCGI)
		return start_fastcgi(serving, service, settings);
	if (service->mode == VANE__MODE_SCGI)
		return start_scgi(serving, service, settings);
	return start_server(serving, service, settings);
}

/* The loop turns: tell systemd so now and then, unless a master does. */
static void say_alive(void *data)
{
	struct serving *serving = data;
	struct vane_timer *timer;
	int64_t msec = vane__notify_alive_msec();

	if (msec == 0)
		return;
	vane__notify_alive();
	if (vane_loop_call_later(serving->loop, msec, say_alive, serving, &timer) < 0)
		vane_log(VANE_LOG_ERROR, "out of memory: systemd is told no more");
}

/* Connections that wait since the sockets were bound are served from now on: say so. */
static void say_ready(const struct vane__service *service)
{
	if (vane_task_id() >= 0)
		vane_process_ready();
	else
		service->ready(service->ready_data);
}

/* Close what is left.  How many requests were cut by that, or at the end of the drain. */
static size_t cut(struct serving *serving)
{
	if (serving->fastcgi != NULL)
		return vane_fastcgi_cut(serving->fastcgi);
	if (serving->scgi != NULL)
		return vane_scgi_cut(serving->scgi);
	return vane_server_cut(serving->server);
}

static void end_carrier(struct serving *serving)
{
	serving->started = false;
	vane__autoreload_stop();
	vane__beat_stop(serving->beat);
	vane_fastcgi_free(serving->fastcgi);
	vane_scgi_free(serving->scgi);
	vane_server_free(serving->server);
}

/* Serve with a program that is ready, until told to stop. */
static int serve(struct serving *serving, const struct vane__service *service,
	const struct vane__settings *settings)
{
	int rc = start(serving, service, settings);

	serving->started = rc == 0;
	if (rc == 0)
		rc = start_beat(serving, service, settings);
	if (rc == 0)
		rc = watch_files(serving, service);
	if (rc == 0) {
		set_state(VANE__SCORE_SERVING);
		say_ready(service);
		say_alive(serving);
		rc = vane_loop_run(serving->loop);
		if (rc == 0 && cut(serving) > 0)
			rc = VANE_EXIT_CUT;
	}
	end_carrier(serving);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cannot serve: %s", strerror(-rc));
	return rc;
}

int vane__serve_begin(struct vane_program *program, struct vane_loop *loop)
{
	int rc = program->start != NULL ? program->start(program, loop) : 0;

	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cannot start: %s", strerror(-rc));
	return rc;
}

void vane__serve_end(struct vane_program *program)
{
	if (program->stop != NULL)
		program->stop(program);
}

/* Begin, serve, end: within the loop, and under its signals. */
static int live(struct serving *serving, const struct vane__service *service,
	const struct vane__settings *settings)
{
	int rc = vane__serve_begin(service->program, serving->loop);

	if (rc == 0) {
		rc = serve(serving, service, settings);
		vane__serve_end(service->program);
	}
	return rc;
}

int vane__serve_rehearse(
	const struct vane__service *service, const struct vane__settings *settings)
{
	struct serving serving = { .shutdown_msec = settings->shutdown_msec };
	struct vane_sockets none = { 0 };
	struct vane__service rehearsed = *service;
	int rc = vane_loop_new(&serving.loop);

	rehearsed.socks = &none;
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cannot serve: %s", strerror(-rc));
	if (rc == 0)
		rc = vane__serve_begin(service->program, serving.loop);
	if (rc == 0) {
		rc = start(&serving, &rehearsed, settings);
		if (rc < 0)
			vane_log(VANE_LOG_ERROR, "cannot serve: %s", strerror(-rc));
		end_carrier(&serving);
		vane__serve_end(service->program);
	}
	vane_loop_free(serving.loop);
	return rc;
}

int vane__serve(const struct vane__service *service, const struct vane__settings *settings)
{
	struct serving serving = { .shutdown_msec = settings->shutdown_msec,
		.parent = getppid(),
		.pages = service->pages };
	int rc = vane_loop_new(&serving.loop);

	vane__succession_init(
		&serving.succession, serving.loop, service->renewal, make_way, &serving);
	if (rc == 0)
		rc = add_signals(&serving, service);
	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "cannot serve: %s", strerror(-rc));
	} else {
		vane__log_on_buffered(flush_later, &serving);
		rc = live(&serving, service, settings);
		vane__log_on_buffered(NULL, NULL);
		vane_log_flush();
		vane__ending_done();
		if (vane__succession_leaves(&serving.succession))
			rc = vane__succession_leave(&serving.succession, rc);
		else
			vane__succession_finish(&serving.succession);
	}
	vane_watch_remove(serving.life);
	vane_loop_free(serving.loop);
	return rc;
}
