/* SPDX-License-Identifier: MIT */
/*
 * spawn.c - how a child process begins.
 *
 * vfork() costs the same however large this process is, as posix_spawn() does, which knows
 * neither limits nor a signal for our death.  Until it calls execve() the child uses our
 * memory, stack included, while we wait: it only makes system calls, and its errno is ours.
 * (Under Valgrind it is another fork(), and what goes wrong there is a status of 127.)
 */
#include "config.h" /* for close_range() */

#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "child.h"
#include "limit.h"

/* Who has no close_range() closes up to here: ours are all close-on-exec anyway. */
#define CLOSE_UP_TO 1024

/*
 * From here on we are the child, in memory that is not ours.
 */

/* No handler of our parent's may run here once signals come through. */
static int reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;
	int signo;

	for (signo = 1; signo < NSIG; signo++)
		sigaction(signo, &action, NULL); /* some cannot be changed */
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Die with our parent, unless it has died: nobody would send KILL to who ignores TERM. */
static int follow(pid_t parent)
{
#ifdef __linux__
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -1;
	if (getppid() != parent) {
		errno = ESRCH;
		return -1;
	}
#endif
	return 0;
}

/* Make those three 0, 1 and 2; first out of each other's way. */
static int place_descriptors(const int *fds)
{
	int high[3], i;

	for (i = 0; i < 3; i++) {
		high[i] = fds[i] < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : fds[i];
		if (high[i] >= 0 && high[i] < 3)
			high[i] = fcntl(high[i], F_DUPFD_CLOEXEC, 3);
		if (high[i] < 0)
			return -1;
	}
	for (i = 0; i < 3; i++)
		if (dup2(high[i], i) < 0)
			return -1;
	return 0;
}

static void close_others(void)
{
	int fd;

#ifdef HAVE_CLOSE_RANGE
	if (close_range(3, ~0U, 0) == 0)
		return;
#endif
	for (fd = 3; fd < CLOSE_UP_TO; fd++)
		close(fd);
}

/* Where there is a hard limit, it comes a second after the one that can be caught. */
static int limit(int resource, int64_t value, int64_t hard)
{
	struct rlimit now;

	if (value <= 0 || value == VANE__UNLIMITED)
		return 0;
	if (getrlimit(resource, &now) < 0)
		return -1;
	if ((rlim_t) value < now.rlim_cur)
		now.rlim_cur = (rlim_t) value;
	if ((rlim_t) hard < now.rlim_max)
		now.rlim_max = (rlim_t) hard;
	return setrlimit(resource, &now);
}

/* The errno of what failed; on success the program has taken our place. */
static int become(const struct vane__child_opts *opts, pid_t parent)
{
	if (setpgid(0, 0) < 0 || reset_signals() < 0 || place_descriptors(opts->fds) < 0 ||
		(opts->as != NULL && opts->as->other &&
			vane__run_as_become(opts->as) < 0) ||
		follow(parent) < 0 || /* which is forgotten with who one was */
		(opts->directory != NULL && chdir(opts->directory) < 0) ||
		limit(RLIMIT_CPU, opts->cpu_sec, vane__limit_add(opts->cpu_sec, 1)) < 0 ||
		limit(RLIMIT_AS, opts->memory_bytes, opts->memory_bytes) < 0)
		return errno;
	close_others();
	execve(opts->path, opts->argv, opts->envp);
	return errno;
}

int vane__spawn(const struct vane__child_opts *opts, pid_t *pid_out)
{
	sigset_t all, before;
	pid_t parent = getpid(), pid;
	volatile int failure = 0; /* the child writes to it */

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = vfork();
	if (pid == 0) {
		failure = become(opts, parent);
		_exit(127);
	}
	if (pid < 0)
		failure = errno;
	else
		setpgid(pid, pid); /* it has done so, but for Valgrind's */
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (failure == 0) {
		*pid_out = pid;
		return 0;
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -failure;
}
