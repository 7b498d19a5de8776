/* SPDX-License-Identifier: MIT */
/*
 * filter_compress_none.c - the filter that compresses bodies, where zlib is not there: it does not start.
 */
#include <vane/filters.h>
#include <vane/log.h>

#include "base.h"

static int start(void *config, void **data)
{
	vane_log(VANE_LOG_ERROR, "vane_compress_filter: this Vane was built without zlib");
	return -ENOTSUP;
}

const struct vane_filter_type vane_compress_filter = { .start = start };
