/* SPDX-License-Identifier: MIT */
/*
 * child.c - starts a program or a command, and tells how it ended.
 */
#include "child.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

/* How often one that is still being written is tried, a tenth of a second apart. */
#define BUSY_TRIES 100

sigset_t child_mask;

static pid_t start(char *const *words, int own_group)
{
	pid_t parent = getpid(), pid = fork();
	int tries;

	if (pid != 0) {
		if (pid > 0 && own_group)
			setpgid(pid, pid); /* here too: whoever comes first */
		return pid < 0 ? -errno : pid;
	}
	if (own_group)
		setpgid(0, 0);
#ifdef PR_SET_PDEATHSIG
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	sigprocmask(SIG_SETMASK, &child_mask, NULL);
	for (tries = 0; tries < BUSY_TRIES; tries++) {
		execv(words[0], words);
		if (errno != ETXTBSY)
			break;
		poll(NULL, 0, 100);
	}
	fprintf(stderr, "vane-autoreload: cannot run %s: %s\n", words[0], strerror(errno));
	_exit(127);
}

pid_t child_start(char *const *words)
{
	return start(words, 0);
}

pid_t child_start_command(const char *command)
{
	char *const words[] = { (char *) "/bin/sh", (char *) "-c", (char *) command, NULL };

	return start(words, 1);
}

int child_ended(pid_t pid, int *status)
{
	int how = 0;

	if (waitpid(pid, &how, WNOHANG) != pid)
		return 0;
	*status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
	return 1;
}
