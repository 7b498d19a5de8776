/* SPDX-License-Identifier: MIT */
/*
 * vfork.h - whether vfork() is what it is.
 */
#ifndef VANE_TEST_VFORK_H
#define VANE_TEST_VFORK_H

#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

/* Under Valgrind it is fork(), and that a program cannot be started is not seen. */
static inline bool vfork_shares_memory(void)
{
	volatile bool shared = false;
	pid_t pid = vfork();

	if (pid == 0) {
		shared = true;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return shared;
}

#endif
