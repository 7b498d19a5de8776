/* SPDX-License-Identifier: MIT */
/*
 * spawn.c - what it costs to start a child, and for how long its parent stands still.
 *
 *	spawn HOW MIB COUNT PROGRAM
 *
 * HOW is fork, posix_spawn, or vane, which is gateway/spawn.c with its vfork().  The parent
 * holds MIB of memory that it has written to.  Children have standard output and error at
 * /dev/null, one after the other.
 *
 * Prints, in us a child: how long the call took, how long until the child had ended, and how
 * much processor time both took; the first two as medians.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/child.h"
#include "gateway/spawn.h"

struct job {
	char *program;
	int null; /* the child's three descriptors */
	posix_spawn_file_actions_t actions;
};

static int64_t now_nsec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static pid_t start_fork(struct job *job)
{
	char *argv[] = { job->program, NULL }, *envp[] = { NULL };
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	dup2(job->null, 0);
	dup2(job->null, 1);
	dup2(job->null, 2);
	execve(job->program, argv, envp);
	_exit(127);
}

static pid_t start_posix_spawn(struct job *job)
{
	char *argv[] = { job->program, NULL }, *envp[] = { NULL };
	pid_t pid;

	if (posix_spawn(&pid, job->program, &job->actions, NULL, argv, envp) != 0)
		return -1;
	return pid;
}

static pid_t start_vane(struct job *job)
{
	char *argv[] = { job->program, NULL }, *envp[] = { NULL };
	struct vane__child_opts opts = {
		.path = job->program,
		.argv = argv,
		.envp = envp,
		.fds = { job->null, job->null, job->null },
	};
	pid_t pid;

	return vane__spawn(&opts, &pid) < 0 ? -1 : pid;
}

static const struct {
	const char *name;
	pid_t (*start)(struct job *job);
} ways[] = {
	{ "fork", start_fork },
	{ "posix_spawn", start_posix_spawn },
	{ "vane", start_vane },
};

/* Memory that is resident; what is not written to costs nothing. */
static int fill(size_t bytes)
{
	void *memory = mmap(NULL, bytes > 0 ? bytes : 1, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return -1;
	/* as what malloc() gave bit by bit */
	(void) madvise(memory, bytes, MADV_NOHUGEPAGE);
	memset(memory, 1, bytes);
	return 0;
}

static int prepare(struct job *job, char *program)
{
	job->program = program;
	job->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (job->null < 0 || posix_spawn_file_actions_init(&job->actions) != 0)
		return -1;
	for (int i = 0; i < 3; i++) {
		if (posix_spawn_file_actions_adddup2(&job->actions, job->null, i) != 0)
			return -1;
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

static double median_usec(int64_t *nsec, long count)
{
	qsort(nsec, (size_t) count, sizeof(*nsec), by_value);
	return (double) nsec[count / 2] / 1000;
}

static double used_usec(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static int measure(pid_t (*start)(struct job *job), struct job *job, long count)
{
	int64_t *called = calloc((size_t) count, sizeof(*called));
	int64_t *ended = calloc((size_t) count, sizeof(*ended));
	double used = used_usec(RUSAGE_SELF) + used_usec(RUSAGE_CHILDREN);

	if (called == NULL || ended == NULL)
		return 1;
	for (long i = 0; i < count; i++) {
		int64_t began = now_nsec();
		pid_t pid = start(job);
		int status;

		called[i] = now_nsec() - began;
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
			fprintf(stderr, "spawn: %s does not run\n", job->program);
			return 1;
		}
		ended[i] = now_nsec() - began;
	}
	used = used_usec(RUSAGE_SELF) + used_usec(RUSAGE_CHILDREN) - used;
	printf("%.1f %.1f %.1f\n", median_usec(called, count), median_usec(ended, count),
		used / (double) count);
	return 0;
}

int main(int argc, char **argv)
{
	struct job job;
	long mib = argc == 5 ? strtol(argv[2], NULL, 10) : -1;
	long count = argc == 5 ? strtol(argv[3], NULL, 10) : 0;

	if (mib < 0 || count < 1) {
		fputs("usage: spawn fork|posix_spawn|vane MIB COUNT PROGRAM\n", stderr);
		return 2;
	}
	if (fill((size_t) mib << 20) < 0 || prepare(&job, argv[4]) < 0) {
		perror("spawn");
		return 1;
	}
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(argv[1], ways[i].name) == 0)
			return measure(ways[i].start, &job, count);
	}
	fprintf(stderr, "spawn: no way \"%s\"\n", argv[1]);
	return 2;
}
