/* SPDX-License-Identifier: MIT */
/*
 * slow_stack.c - the C stack of a process that is blocked, by ptrace(2) and libdw, in the log.
 *
 * A child does it, as it takes a while, and as to wait for a process that does not stop would stop the
 * master.  PTRACE_SEIZE leaves nothing behind if the child dies: the process goes on then, where
 * PTRACE_ATTACH might have left it stopped.
 */
#include "slow_stack.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/log.h>

#include "base.h"
#include "log_file.h"
#include "stack.h"
#include "symbols.h"

/* After that the child is killed. */
#define PATIENCE_SEC 10

/* Calls that are named, the innermost ones. */
#define FRAMES_MAX 24

void vane__slow_stack_allow(pid_t watcher)
{
#ifdef PR_SET_PTRACER
	prctl(PR_SET_PTRACER, (unsigned long) watcher, 0, 0, 0);
#endif
}

/* Have it stand still.  0 or a negative errno. */
static int stop(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
		return -errno;
	if (waitpid(pid, &status, __WALL) < 0)
		return -errno;
	return WIFSTOPPED(status) ? 0 : -ESRCH;
}

/* The addresses, while it stands still. */
static int take_stack(struct vane__symbols *symbols, pid_t pid, struct vane__stack *stack)
{
	int rc = stop(pid);

	if (rc < 0)
		return rc;
	rc = vane__symbols_unwind(symbols, pid, stack);
	ptrace(PTRACE_DETACH, pid, 0, 0);
	return rc;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* "poll < wait_for_it (shop.c:34) < ..." */
static void put_frame(char *line, size_t size, const struct vane__symbol *symbol)
{
	size_t at = strlen(line);
	const char *function = symbol->function != NULL ? symbol->function : "?";
	const char *before = at > 0 ? " < " : "";

	if (symbol->file != NULL)
		snprintf(line + at, size - at, "%s%s (%s:%d)", before, function,
			base_name(symbol->file), symbol->line);
	else
		snprintf(line + at, size - at, "%s%s", before, function);
}

static int write_stack(int id, pid_t pid)
{
	struct vane__symbols *symbols = vane__symbols_new_of(pid);
	struct vane__stack stack = { .count = 0 };
	struct vane__symbol symbol;
	char line[2048] = "";
	int rc = symbols != NULL ? take_stack(symbols, pid, &stack) : -ENOMEM, i;

	for (i = 0; i < stack.count && i < FRAMES_MAX; i++) {
		vane__symbols_find(symbols, stack.frames[i], i > 0, &symbol);
		put_frame(line, sizeof(line), &symbol);
	}
	if (rc < 0)
		vane_log(VANE_LOG_WARNING,
			"child %d (pid %d): its stack cannot be read: %s", id, (int) pid,
			strerror(-rc));
	else
		vane_log(VANE_LOG_WARNING, "child %d (pid %d): stack: %s", id, (int) pid,
			line);
	vane__symbols_free(symbols);
	vane__log_files_flush_now();
	return rc;
}

/* The master's signals are not the child's. */
static void forget_signals(void)
{
	struct sigaction fall = { .sa_handler = SIG_DFL };
	sigset_t none;
	int signo;

	for (signo = 1; signo < NSIG; signo++)
		sigaction(signo, &fall, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(PATIENCE_SEC);
}

pid_t vane__slow_stack_write(int id, pid_t pid)
{
	pid_t child = fork();

	if (child != 0)
		return child > 0 ? child : -errno;
	forget_signals();
	_exit(write_stack(id, pid) < 0);
}
