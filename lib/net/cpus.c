/* SPDX-License-Identifier: MIT */
/*
 * cpus.c - how many processors this process may use.
 *
 * Its affinity mask says where it may run, its control groups (version 2) for how much of the
 * time: a container with half a processor on a large machine wants one worker.
 */
#include "config.h" /* for sched_getaffinity() */

#include "cpus.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include <vane/log.h>

#include "base.h"
#include "slice.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define MANY_CPUS   8192

int vane__cpus_of_quota(struct vane_slice cpu_max)
{
	struct vane_slice line, quota;
	int64_t quota_usec, period_usec;

	line = vane__slice_split(&cpu_max, '\n');
	quota = vane__slice_split(&line, ' ');
	if (line.data == NULL || vane__slice_number(quota, &quota_usec) < 0 ||
		vane__slice_number(line, &period_usec) < 0)
		return 0;
	if (quota_usec == 0 || period_usec == 0 || quota_usec / period_usec >= MANY_CPUS)
		return 0;
	return (int) (quota_usec / period_usec + (quota_usec % period_usec != 0));
}

struct vane_slice vane__cgroup_path(struct vane_slice text)
{
	while (text.data != NULL) {
		struct vane_slice line = vane__slice_split(&text, '\n');

		if (vane__slice_starts(line, SLICE("0::/")))
			return (struct vane_slice) { line.data + 3, line.len - 3 };
	}
	return (struct vane_slice) { NULL, 0 };
}

/* The beginning of a small file; data is NULL if it cannot be read. */
static struct vane_slice read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return (struct vane_slice) { NULL, 0 };
	n = read(fd, buf, size);
	close(fd);
	return n < 0 ? (struct vane_slice) { NULL, 0 }
		     : (struct vane_slice) { buf, (size_t) n };
}

/* The tightest limit of our group and those above it, 0 if there is none. */
static int count_by_quota(void)
{
	char text[4096], file[PATH_MAX], buf[64];
	struct vane_slice path =
		vane__cgroup_path(read_file("/proc/self/cgroup", text, sizeof(text)));
	int least = 0;

	while (path.data != NULL) {
		int count;

		snprintf(file, sizeof(file), CGROUP_ROOT "%.*s/cpu.max", (int) path.len,
			path.data);
		count = vane__cpus_of_quota(read_file(file, buf, sizeof(buf)));
		if (count > 0 && (least == 0 || count < least))
			least = count;
		if (path.len == 0)
			break;
		while (path.data[--path.len] != '/')
			; /* one group up; the path begins with one */
	}
	return least;
}

static int count_by_affinity(void)
{
	cpu_set_t *set = CPU_ALLOC(MANY_CPUS);
	size_t size = CPU_ALLOC_SIZE(MANY_CPUS);
	long online;
	int count = 0;

	if (set != NULL && sched_getaffinity(0, size, set) == 0)
		count = CPU_COUNT_S(size, set);
	CPU_FREE(set);
	if (count > 0)
		return count;
	online = sysconf(_SC_NPROCESSORS_ONLN);
	return online > 0 && online < MANY_CPUS ? (int) online : 0;
}

int vane_cpu_count(void)
{
	int count = count_by_affinity(), quota = count_by_quota();

	if (count == 0) {
		vane_log(VANE_LOG_ERROR,
			"Could not detect number of processors; assuming 1");
		count = 1;
	}
	return quota > 0 && quota < count ? quota : count;
}
