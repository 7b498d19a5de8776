/* SPDX-License-Identifier: MIT */
/*
 * cpus.h - how many processors a process may use: the parts that read text.
 */
#ifndef VANE__CPUS_H
#define VANE__CPUS_H

#include <vane/process.h>

/*
 * The processors that a cpu.max file grants, rounded up: "150000 100000" is 2.  0 if it sets
 * no limit or cannot be understood.
 */
int vane__cpus_of_quota(struct vane_slice cpu_max);

/*
 * The path of the process in the unified hierarchy, "/a/b", from the text of /proc/self/cgroup;
 * data is NULL if it is in none.
 */
struct vane_slice vane__cgroup_path(struct vane_slice text);

#endif
