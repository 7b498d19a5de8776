/* SPDX-License-Identifier: MIT */
/*
 * inherit_exec.c - the start of a program in place of another: as a child, or in the same process.
 */
#include "inherit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <vane/log.h>

#include "base.h"
#include "inherit_exec.h"

extern char **environ;

/* The environment with the variable in it: an array to be freed, with the first text. */
static char **make_environment(const struct vane__inheritance *inherit)
{
	char *text = vane__inherit_format(inherit), *first, **env;
	size_t count = 0, size;

	if (text == NULL)
		return NULL;
	while (environ != NULL && environ[count] != NULL)
		count++;
	size = strlen(VANE__INHERIT_VARIABLE) + 1 + strlen(text) + 1;
	first = malloc(size);
	env = calloc(count + 2, sizeof(*env));
	if (first == NULL || env == NULL) {
		free(first);
		free(env);
		env = NULL;
	} else {
		snprintf(first, size, VANE__INHERIT_VARIABLE "=%s", text);
		env[0] = first;
		if (count > 0)
			memcpy(env + 1, environ, count * sizeof(*env));
	}
	free(text);
	return env;
}

static void free_environment(char **env)
{
	if (env != NULL)
		free(env[0]);
	free(env);
}

static int execute(const struct vane__inherit_program *program,
	const struct vane__inheritance *inherit, char **env)
{
	int rc = vane__inherit_keep_open(inherit, true);

	if (rc < 0)
		return rc;
	if (program->cwd != NULL && chdir(program->cwd) < 0)
		return -errno;
	execve(program->file, program->argv, env);
	return -errno;
}

void vane__inherit_mask(const struct vane__inheritance *inherit, sigset_t *set)
{
	int signo;

	sigemptyset(set);
	for (signo = 1; signo <= 64; signo++)
		if ((inherit->mask >> (signo - 1) & 1) != 0)
			sigaddset(set, signo);
}

/* In the child: signals are as they were at the first start. */
static void become(const struct vane__inherit_program *program,
	const struct vane__inheritance *inherit, char **env)
{
	sigset_t mask;
	int signo, rc;

	for (signo = 1; signo < NSIG; signo++)
		if (signo != SIGPIPE)
			signal(signo, SIG_DFL);
	vane__inherit_mask(inherit, &mask);
#ifdef PR_SET_PDEATHSIG
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (getppid() != inherit->from)
		_exit(EXIT_FAILURE);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	rc = execute(program, inherit, env);
	vane_log(VANE_LOG_ERROR, "cannot run %s: %s", program->file, strerror(-rc));
	_exit(127);
}

pid_t vane__inherit_spawn(const struct vane__inherit_program *program,
	const struct vane__inheritance *inherit)
{
	char **env = make_environment(inherit);
	sigset_t all, before;
	pid_t pid;
	int rc;

	if (env == NULL)
		return -ENOMEM;
	fflush(NULL); /* what waits there would be written twice */
	vane_log_flush();
	sigfillset(&all);
	sigprocmask(
		SIG_SETMASK, &all, &before); /* none of our handlers runs in the child */
	pid = fork();
	rc = errno;
	if (pid == 0)
		become(program, inherit, env);
	sigprocmask(SIG_SETMASK, &before, NULL);
	free_environment(env);
	return pid < 0 ? -rc : pid;
}

int vane__inherit_exec(const struct vane__inherit_program *program,
	const struct vane__inheritance *inherit)
{
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;
	char **env = make_environment(inherit);

	if (env == NULL) {
		rc = -ENOMEM;
	} else {
		fflush(NULL);
		vane_log_flush();
		rc = execute(program, inherit, env);
		vane__inherit_keep_open(inherit, false);
	}
	if (here >= 0) {
		if (fchdir(here) < 0)
			rc = -errno;
		close(here);
	}
	free_environment(env);
	return rc;
}
