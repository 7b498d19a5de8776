/* SPDX-License-Identifier: MIT */
/*
 * sigpipe.c - keep SIGPIPE from ending the process.
 *
 * What a signal does belongs to the whole program, so that stays as it is.  Which signals are
 * blocked belongs to the thread: a loop blocks this one for as long as it turns, which costs
 * nothing when something is written.
 */
#include "sigpipe.h"

#include <signal.h>
#include <time.h>

#include "base.h"

static void only_pipe(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGPIPE);
}

void vane__sigpipe_hold(struct sigpipe *before)
{
	sigset_t pipe_only, mask;

	only_pipe(&pipe_only);
	pthread_sigmask(SIG_BLOCK, &pipe_only, &mask);
	before->blocked = sigismember(&mask, SIGPIPE) == 1;
}

void vane__sigpipe_release(const struct sigpipe *before)
{
	const struct timespec at_once = { 0 };
	int saved = errno;
	sigset_t pipe_only;

	if (before->blocked)
		return;
	only_pipe(&pipe_only);
	while (sigtimedwait(&pipe_only, NULL, &at_once) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_UNBLOCK, &pipe_only, NULL);
	errno = saved;
}
