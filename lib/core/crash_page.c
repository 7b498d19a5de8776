/* SPDX-License-Identifier: MIT */
/*
 * crash_page.c - the error page of a crash, in debug mode: a child writes it while the process, whose
 * heap or locks may be in any state, waits to die.
 *
 * The child is a copy as fork() makes one, on a stack of its own, as that of the signal is small.
 * What it finds broken may break it, or have it hang: then there is no page, and what the process says
 * in its log, and dies of, is the same.  Nothing of the program's own runs there.
 */
#include "config.h" /* for clone() */

#include "crash.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"
#include "exchange.h"
#include "log_file.h"
#include "stack.h"

#define STACK_BYTES ((size_t) 1 << 20)

/* For the child; a person waits. */
#define PAGE_MSEC 2000

/* How often what the client takes is looked at. */
#define ROUNDS 64

struct page {
	struct vane_exchange *x;
	const struct vane__stack *stack;
	const char *why;
};

/* The exchange can be answered still. */
static bool is_open(const struct vane_exchange *x)
{
	return x != NULL && x->opts->debug && !x->aborted && !x->res.head_sent &&
	       (x->state == VANE__BODY || x->state == VANE__HANDLER);
}

static int send_off(struct vane_exchange *x)
{
	const struct vane_driver *driver = x->driver;

	return driver->send_off != NULL ? driver->send_off(x->carrier)
					: driver->flush(x->carrier);
}

static int write_page(struct vane_exchange *x, const char *why)
{
	int rc, i;

	x->res.finished = x->running = false;
	x->malformed = true; /* no request follows on the connection */
	rc = vane__error_page_own(x, 500, why);
	x->res.complete = true;
	rc = rc < 0 ? rc : 0;
	for (i = 0; rc == 0 && i < ROUNDS; i++) {
		rc = vane__output(x, true);
		if (rc >= 0 && send_off(x) < 0)
			rc = -EPIPE;
	}
	if (rc == 1 && x->opts->access_log != VANE_ACCESS_LOG_OFF)
		vane__access_log(x, 0);
	vane__log_files_flush_now();
	return rc;
}

static int be_child(void *data)
{
	const struct page *page = data;
	struct sigaction fall = { .sa_handler = SIG_DFL };
	int signo;

	for (signo = 1; signo < NSIG; signo++)
		if (signo != SIGPIPE)
			sigaction(signo, &fall, NULL);
	page->x->req.stack = page->stack;
	_exit(write_page(page->x, page->why) == 1 ? 0 : 1);
}

/* Its end of the pipe closes when it ends, whoever reaps it. */
static void await(pid_t pid, int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int rc;

	do
		rc = poll(&pfd, 1, PAGE_MSEC);
	while (rc < 0 && errno == EINTR);
	if (rc == 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void vane__crash_page(
	struct vane_exchange *x, const struct vane__stack *stack, const char *why)
{
	struct page page = { x, stack, why };
	char *own;
	int fds[2];
	pid_t pid;

	if (!is_open(x) || pipe(fds) < 0)
		return;
	own = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (own == MAP_FAILED)
		return;
	pid = clone(be_child, own + STACK_BYTES, SIGCHLD, &page);
	close(fds[1]);
	if (pid > 0)
		await(pid, fds[0]);
	close(fds[0]);
}
