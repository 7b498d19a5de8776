/* SPDX-License-Identifier: MIT */
/*
 * limit.h - limits and times of settings: 0 becomes the default, VANE_NO_LIMIT no limit.
 *
 * The rule is that of vane/types.h, and this is the only place that reads it.
 */
#ifndef VANE__LIMIT_H
#define VANE__LIMIT_H

#include <stdint.h>

#include "base.h"

/* What stands for no limit in settings that are filled in: no sum or time reaches it. */
#define VANE__UNLIMITED INT64_MAX

/* A member that is a limit. */
struct vane__limit {
	const char *name; /* for the log, "vane_server_opts.idle_msec" */
	int64_t *value;
	int64_t otherwise; /* the default; VANE_NO_LIMIT: none */
	/* it is a minimum, of which there is none at 0, and not at VANE__UNLIMITED */
	bool least;
};

/*
 * Put into each member what is in force.  -EINVAL for what is neither, which is said in the log;
 * what stands behind that one stays as it was given.
 */
int vane__limits_fill(const struct vane__limit *limits, size_t count);

/* The same for one. */
int vane__limit_fill(const char *name, int64_t *value, int64_t otherwise);

/* A limit in force, and what is added to it: never more than VANE__UNLIMITED. */
static inline int64_t vane__limit_add(int64_t limit, int64_t more)
{
	return limit < VANE__UNLIMITED - more ? limit + more : VANE__UNLIMITED;
}

/* A limit in force as a size of something in memory. */
static inline size_t vane__limit_size(int64_t limit)
{
	return (uint64_t) limit < SIZE_MAX ? (size_t) limit : SIZE_MAX;
}

#endif
