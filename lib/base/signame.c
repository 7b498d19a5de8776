/* SPDX-License-Identifier: MIT */
/*
 * signame.c - signals by name: those that end a process, or that a master is sent.
 *
 * sigabbrev_np() is young, and strsignal() is for people and translated.
 */
#include "signame.h"

#include <signal.h>
#include <stddef.h>

#include "base.h"

#define NAME(signo) { signo, #signo }

static const struct {
	int signo;
	const char *name;
} names[] = {
	NAME(SIGHUP),
	NAME(SIGINT),
	NAME(SIGQUIT),
	NAME(SIGILL),
	NAME(SIGTRAP),
	NAME(SIGABRT),
	NAME(SIGBUS),
	NAME(SIGFPE),
	NAME(SIGKILL),
	NAME(SIGUSR1),
	NAME(SIGSEGV),
	NAME(SIGUSR2),
	NAME(SIGPIPE),
	NAME(SIGALRM),
	NAME(SIGTERM),
	NAME(SIGCHLD),
	NAME(SIGTTIN),
	NAME(SIGTTOU),
	NAME(SIGXCPU),
	NAME(SIGXFSZ),
	NAME(SIGVTALRM),
	NAME(SIGPROF),
	NAME(SIGSYS),
	NAME(SIGIO),
};

const char *vane__signal_name(int signo)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].signo == signo)
			return names[i].name;
	return "SIG?";
}
