/* SPDX-License-Identifier: MIT */
/*
 * proc.c - starting programs and ending them.
 */
#include "support/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/port.h"

#define STOP_MSEC 10000
#define LOOK_MSEC 5

extern char **environ;

long proc_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* In the child: never returns. */
static void become(const struct proc_start *start, pid_t parent)
{
	int log = open(start->log, O_WRONLY | O_CREAT | O_APPEND, 0666);
	int null = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || log < 0 || null < 0)
		_exit(126);
	dup2(null, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	if (log > STDERR_FILENO)
		close(log);
	if (null > STDERR_FILENO)
		close(null);
	if (start->keep_fd > 0)
		fcntl(start->keep_fd, F_SETFD, 0);
	if (start->cwd != NULL && chdir(start->cwd) < 0)
		_exit(126);
	if (start->env != NULL)
		environ = (char **) start->env;
	execvp(start->argv[0], start->argv);
	_exit(127);
}

int proc_start(struct proc *proc, const struct proc_start *start)
{
	pid_t parent = getpid();

	*proc = (struct proc) { 0 };
	snprintf(proc->log, sizeof(proc->log), "%s", start->log);
	if (!proc_available(start->argv[0]))
		return -ENOENT;
	fflush(NULL);
	proc->pid = fork();
	if (proc->pid == 0)
		become(start, parent);
	if (proc->pid < 0) {
		proc->pid = 0;
		return -errno;
	}
	setpgid(proc->pid, proc->pid);
	return 0;
}

/* Collect it if it has ended. */
static bool has_ended(struct proc *proc)
{
	pid_t pid;

	if (proc->pid == 0)
		return true;
	pid = waitpid(proc->pid, &proc->status, WNOHANG);
	if (pid != proc->pid)
		return false;
	kill(-proc->pid, SIGKILL);
	proc->pid = 0;
	return true;
}

static bool accepts(const void *place, int port)
{
	int fd = port_connect(port, place);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static bool log_holds(const struct proc *proc, const char *text)
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;
	FILE *file = fopen(proc->log, "re");

	if (file == NULL)
		return false;
	while (!found && getline(&line, &size, file) > 0)
		found = strstr(line, text) != NULL;
	free(line);
	fclose(file);
	return found;
}

enum awaited { A_CONNECTION, A_LINE, THE_END };

static int wait_for(
	struct proc *proc, enum awaited what, const char *text, int port, int msec)
{
	long deadline = proc_now() + msec;

	for (;;) {
		bool ended = has_ended(proc);

		if (what == THE_END && ended)
			return 0;
		if (what == A_CONNECTION && !ended && accepts(text, port))
			return 0;
		if (what == A_LINE && log_holds(proc, text))
			return 0;
		if (ended)
			return -ECHILD;
		if (proc_now() >= deadline)
			return -ETIMEDOUT;
		poll(NULL, 0, LOOK_MSEC);
	}
}

int proc_wait_port(struct proc *proc, int port, int msec)
{
	return wait_for(proc, A_CONNECTION, NULL, port, msec);
}

int proc_wait_unix(struct proc *proc, const char *path, int msec)
{
	return wait_for(proc, A_CONNECTION, path, 0, msec);
}

int proc_wait_log(struct proc *proc, const char *text, int msec)
{
	return wait_for(proc, A_LINE, text, 0, msec);
}

int proc_wait_end(struct proc *proc, int msec)
{
	return wait_for(proc, THE_END, NULL, 0, msec);
}

int proc_stop(struct proc *proc)
{
	if (has_ended(proc))
		return 0;
	kill(proc->pid, SIGTERM);
	if (proc_wait_end(proc, STOP_MSEC) == 0)
		return 0;
	kill(-proc->pid, SIGKILL);
	proc_wait_end(proc, STOP_MSEC);
	return -ETIMEDOUT;
}

int proc_log_port(const struct proc *proc)
{
	static const char before[] = "127.0.0.1:";
	char line[512];
	int port = 0;
	FILE *file = fopen(proc->log, "re");

	if (file == NULL)
		return 0;
	while (port == 0 && fgets(line, sizeof(line), file) != NULL) {
		const char *at = strstr(line, before);

		if (at != NULL)
			port = (int) strtol(at + sizeof(before) - 1, NULL, 10);
	}
	fclose(file);
	return port;
}

pid_t proc_parent(pid_t pid)
{
	char path[64], line[512], state = 'Z';
	int parent = 0;
	const char *after;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fgets(line, sizeof(line), file) != NULL) {
		after = strrchr(line, ')');
		if (after == NULL || sscanf(after, ") %c %d", &state, &parent) != 2)
			state = 'Z';
	}
	fclose(file);
	return state == 'Z' ? 0 : parent;
}

int proc_children(pid_t parent, pid_t *children, int max)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (dir != NULL && count < max && (entry = readdir(dir)) != NULL) {
		pid_t pid = (pid_t) strtol(entry->d_name, NULL, 10);

		if (pid > 0 && proc_parent(pid) == parent)
			children[count++] = pid;
	}
	if (dir != NULL)
		closedir(dir);
	return count;
}

void proc_print_log(const struct proc *proc)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file = fopen(proc->log, "re");

	if (file == NULL)
		return;
	while (getline(&line, &size, file) > 0)
		fprintf(stderr, "  | %s", line);
	free(line);
	fclose(file);
}

bool proc_available(const char *name)
{
	const char *path = getenv("PATH");
	char *copy, *rest, *dir, full[512];
	bool found = false;

	if (strchr(name, '/') != NULL)
		return access(name, X_OK) == 0;
	copy = strdup(path == NULL ? "/usr/sbin:/usr/bin:/sbin:/bin" : path);
	for (dir = strtok_r(copy, ":", &rest); dir != NULL && !found;
		dir = strtok_r(NULL, ":", &rest)) {
		snprintf(full, sizeof(full), "%s/%s", dir, name);
		found = access(full, X_OK) == 0;
	}
	free(copy);
	return found;
}
