/* SPDX-License-Identifier: MIT */
/*
 * limit.c - limits and times of settings: 0 becomes the default, VANE_NO_LIMIT no limit.
 */
#include "limit.h"

#include <vane/log.h>

static int fill(const struct vane__limit *limit)
{
	int64_t *value = limit->value;

	if (*value < 0 && *value != VANE_NO_LIMIT) {
		vane_log(VANE_LOG_ERROR,
			"%s: %lld is below 0; no limit is VANE_NO_LIMIT, %d", limit->name,
			(long long) *value, VANE_NO_LIMIT);
		return -EINVAL;
	}
	if (*value == 0)
		*value = limit->otherwise;
	if (*value == VANE_NO_LIMIT)
		*value = limit->least ? 0 : VANE__UNLIMITED;
	return 0;
}

int vane__limits_fill(const struct vane__limit *limits, size_t count)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < count && rc == 0; i++)
		rc = fill(&limits[i]);
	return rc;
}

int vane__limit_fill(const char *name, int64_t *value, int64_t otherwise)
{
	return fill(&(struct vane__limit) { name, value, otherwise, false });
}
