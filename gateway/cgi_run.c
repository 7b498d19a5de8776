/* SPDX-License-Identifier: MIT */
/*
 * cgi_run.c - one CGI script: its start, its three pipes, its end.
 *
 * The end of its standard output is the end of the response.  The status that the script
 * leaves with follows a moment later, and tells a response that is whole from one whose
 * author has crashed, so it is waited for; but not for long, as some scripts close their
 * output and go on.
 */
#include "config.h" /* for pipe2() */

#include "cgi.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vane/log.h>

#include "limit.h"

/* How long a script may take to leave once its output is at its end. */
#define LINGER_MSEC 100

/* Pieces that are read from one pipe before others have their turn. */
#define PIECES 4

/* What is read of standard error at the end, at most. */
#define LAST_PIECES 16

static void close_port(struct vane__port *port)
{
	vane_watch_remove(port->watch);
	port->watch = NULL;
	if (port->fd >= 0)
		close(port->fd);
	port->fd = -1;
}

void vane__cgirun_free(struct vane__cgirun *run)
{
	close_port(&run->in);
	close_port(&run->out);
	close_port(&run->err);
	vane_timer_cancel(run->linger);
	list_del(&run->node);
	vane__limiter_leave(&run->waiter);
	vane__vars_fini(&run->vars);
	vane__strlist_fini(&run->args);
	free(run->directory);
	free(run->body);
	free(run);
}

static void tell(struct vane__cgirun *run)
{
	run->told = true;
	vane__child_end(run->child);
}

static bool has_ended(struct vane__cgirun *run)
{
	int status;

	return run->child == NULL || vane__child_ended(run->child, &status);
}

/* Its child is gone, and its group with it. */
static void bury(struct vane__cgirun *run)
{
	vane__child_free(run->child);
	vane__cgirun_free(run);
}

void vane__cgirun_abandon(struct vane__cgirun *run)
{
	run->relay = NULL;
	close_port(&run->in);
	close_port(&run->out);
	close_port(&run->err);
	vane_timer_cancel(run->linger);
	run->linger = NULL;
	if (has_ended(run))
		bury(run);
	else
		tell(run);
}

/* What is there of standard error goes to the log, up to so many pieces. */
static void read_errors(struct vane__cgirun *run, int pieces)
{
	char *piece = run->backend->piece;
	ssize_t n = 0;

	while (run->err.fd >= 0 && pieces-- > 0) {
		n = read(run->err.fd, piece, VANE__CGI_PIECE);
		if (n > 0 && run->relay != NULL)
			vane__relay_errors(run->relay, piece, (size_t) n);
		else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			close_port(&run->err);
		if (n < VANE__CGI_PIECE)
			break;
	}
}

static void on_errors(int fd, int events, void *data)
{
	read_errors(data, PIECES);
}

/*
 * The response is over, as it should be or not.  A status of 0 may mean that it is not
 * known yet.  The script may go on; but not for ever.
 */
static void conclude(struct vane__cgirun *run, int status)
{
	struct vane__relay *relay = run->relay;
	char words[VANE__CHILD_WORDS];
	const char *why = NULL;

	read_errors(run, LAST_PIECES);
	if (status > 0)
		vane__child_words(status, words);
	if (status > 0 && (WIFSIGNALED(status) || !vane__relay_has_output(relay)))
		why = words;
	else if (status > 0)
		vane_log(VANE_LOG_WARNING, "cgi %s: %s", run->args.list[0], words);
	run->relay = NULL;
	close_port(&run->in);
	close_port(&run->out);
	if (has_ended(run))
		bury(run);
	vane__relay_end(relay, why);
}

/* It has closed its output long ago, and had its time. */
static void on_outstayed(void *data)
{
	struct vane__cgirun *run = data;

	run->linger = NULL;
	tell(run);
}

static void on_linger(void *data)
{
	struct vane__cgirun *run = data;
	int64_t idle_msec = run->backend->backend.limits.idle_msec;

	run->linger = NULL;
	if (idle_msec != VANE__UNLIMITED && vane_loop_call_later(run->loop, idle_msec,
						    on_outstayed, run, &run->linger) < 0)
		tell(run);
	conclude(run, 0);
}

/* Standard output is at its end. */
static void on_output_end(struct vane__cgirun *run)
{
	int status;

	close_port(&run->out);
	if (vane__child_ended(run->child, &status))
		conclude(run, status);
	else if (vane_loop_call_later(
			 run->loop, LINGER_MSEC, on_linger, run, &run->linger) < 0)
		on_linger(run);
}

/* The script has ended; those that it left may still write. */
static void on_end(int status, void *data)
{
	struct vane__cgirun *run = data;

	if (run->relay == NULL)
		bury(run);
	else if (run->out.fd < 0)
		conclude(run, status);
}

static void push(struct vane__cgirun *run)
{
	int rc = vane__relay_push(run->relay);

	if (rc == -EAGAIN)
		vane_watch_update(run->out.watch, 0);
	else if (rc < 0)
		vane__cgirun_abandon(run);
}

static void on_output(int fd, int events, void *data)
{
	struct vane__cgirun *run = data;
	char *piece = run->backend->piece;
	int pieces = PIECES;

	while (pieces-- > 0) {
		ssize_t n = read(fd, piece, VANE__CGI_PIECE);

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			on_output_end(run);
			return;
		}
		if (n < 0)
			break;
		if (vane__relay_output(run->relay, piece, (size_t) n) < 0) {
			vane__cgirun_abandon(run);
			return;
		}
	}
	push(run);
}

/*
 * Write to a pipe that may have no reader any more, whatever SIGPIPE does in this process:
 * a pipe has no MSG_NOSIGNAL.
 */
static ssize_t write_quietly(int fd, const void *data, size_t len)
{
	static const struct timespec now = { 0, 0 };
	sigset_t pipe_only, pending, before;
	ssize_t n;
	int failure;

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigpending(&pending);
	sigprocmask(SIG_BLOCK, &pipe_only, &before);
	n = write(fd, data, len);
	failure = errno;
	if (n < 0 && failure == EPIPE && !sigismember(&pending, SIGPIPE))
		sigtimedwait(&pipe_only, NULL, &now);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = failure;
	return n;
}

/* Have some of the body to write: 1, or 0 if there is nothing to do now. */
static int fetch_body(struct vane__cgirun *run)
{
	ssize_t n = vane__relay_read(run->relay, run->body, VANE__CGI_PIECE);

	if (n > 0) {
		run->body_at = 0;
		run->body_len = (size_t) n;
		return 1;
	}
	if (n == -EAGAIN)
		vane_watch_update(run->in.watch, 0);
	else if (n == 0)
		close_port(&run->in);
	else
		vane__cgirun_abandon(run);
	return 0;
}

/* Hand on the body, as far as it is here and as the script takes it. */
static void feed(struct vane__cgirun *run)
{
	int pieces = PIECES;
	ssize_t n;

	while (pieces-- > 0) {
		if (run->body_at == run->body_len && !fetch_body(run))
			return;
		n = write_quietly(
			run->in.fd, run->body + run->body_at, run->body_len - run->body_at);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			close_port(&run->in); /* it does not want any more: as it likes */
			return;
		}
		if (n < 0)
			break;
		run->body_at += (size_t) n;
	}
	vane_watch_update(run->in.watch, VANE_WRITE);
}

static void on_input(int fd, int events, void *data)
{
	feed(data);
}

/* Our end of a pipe does not wait, and is watched. */
static int open_port(struct vane__cgirun *run, struct vane__port *port, bool ours_reads,
	vane_watch_fn fn, int *theirs)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	port->fd = ours_reads ? fds[0] : fds[1];
	*theirs = ours_reads ? fds[1] : fds[0];
	if (fcntl(port->fd, F_SETFL, O_NONBLOCK | (ours_reads ? O_RDONLY : O_WRONLY)) < 0)
		return -errno;
	return vane_loop_add_watch(
		run->loop, port->fd, ours_reads ? VANE_READ : 0, fn, run, &port->watch);
}

static int open_ports(struct vane__cgirun *run, int *theirs)
{
	int rc = 0;

	if (vane__relay_body_length(run->relay) > 0) {
		run->body = malloc(VANE__CGI_PIECE);
		rc = run->body == NULL
			     ? -ENOMEM
			     : open_port(run, &run->in, false, on_input, &theirs[0]);
	}
	if (rc == 0)
		rc = open_port(run, &run->out, true, on_output, &theirs[1]);
	if (rc == 0)
		rc = open_port(run, &run->err, true, on_errors, &theirs[2]);
	return rc;
}

static int start(struct vane__cgirun *run)
{
	const struct vane__cgi_backend *backend = run->backend;
	struct vane__child_opts opts = {
		.path = run->args.list[0],
		.argv = run->args.list,
		.envp = vane__vars_environ(&run->vars),
		.directory = run->directory,
		.fds = { -1, -1, -1 },
		.cpu_sec = backend->cpu_sec,
		.memory_bytes = backend->memory_bytes,
		.kill_msec = backend->kill_msec,
		.as = &backend->as,
	};
	int rc = opts.envp == NULL ? -ENOMEM : open_ports(run, opts.fds), i;

	if (rc == 0)
		rc = vane__child_start(backend->children, &opts, on_end, run, &run->child);
	for (i = 0; i < 3; i++)
		if (opts.fds[i] >= 0)
			close(opts.fds[i]);
	return rc;
}

/* What a script that cannot be started means to the client. */
static int status_for(const struct vane__cgirun *run, int rc)
{
	const char *file = vane__vars_get(&run->vars, "SCRIPT_FILENAME");

	if (rc == -EAGAIN || rc == -ENOMEM || rc == -EMFILE || rc == -ENFILE)
		return 503;
	if (run->backend->program != NULL)
		return 500;
	if (rc == -EACCES)
		return 403;
	/* It has gone meanwhile; else it is its interpreter that is missing. */
	return rc == -ENOENT && access(file, F_OK) < 0 ? 404 : 500;
}

/* What to look at, where the error alone does not say. */
static const char *hint_for(int status, int rc)
{
	if (rc == -ENOENT && status == 500)
		return " (what its #! line names, or a CR at that line's end)";
	return rc == -ENOEXEC ? " (it has no #! line)" : "";
}

void vane__cgirun_start(struct vane__cgirun *run)
{
	int rc = start(run);

	if (rc < 0) {
		struct vane__relay *relay = run->relay;
		int status = status_for(run, rc);
		char why[160];

		snprintf(why, sizeof(why), "cannot be started: %s%s", strerror(-rc),
			hint_for(status, rc));
		vane__cgirun_abandon(run);
		vane__relay_fail(relay, status, why);
	} else if (run->in.fd >= 0) {
		feed(run);
	}
}

static void carrier_input(void *carrier)
{
	struct vane__cgirun *run = carrier;

	if (run->in.fd >= 0)
		feed(run);
}

static void carrier_resume(void *carrier)
{
	struct vane__cgirun *run = carrier;

	vane_watch_update(run->out.watch, VANE_READ);
}

static void carrier_cancel(void *carrier)
{
	vane__cgirun_abandon(carrier);
}

const struct vane__relay_calls vane__cgi_calls = {
	.name = "cgi",
	.input = carrier_input,
	.resume = carrier_resume,
	.cancel = carrier_cancel,
};
