/* SPDX-License-Identifier: MIT */
/*
 * host.c - what CGI, FastCGI and SCGI hosts have in common: limits, loop, clock.
 */
#include "host.h"

#include <errno.h>
#include <string.h>

#include <vane/log.h>

/* What a limit is: as given, by default, or none. */
static int64_t limit(int64_t given, int64_t otherwise)
{
	return given == 0 ? otherwise : given;
}

static void fill_in(struct vane_host_limits *limits, const struct vane_host_limits *given)
{
	limits->head_msec = limit(given->head_msec, 60 * 1000);
	limits->idle_msec = limit(given->idle_msec, 60 * 1000);
	limits->total_msec = limit(given->total_msec, -1);
	limits->max_head_bytes = (size_t) limit((int64_t) given->max_head_bytes, 64 * 1024);
	limits->max_output_bytes = limit(given->max_output_bytes, -1);
	limits->max_error_bytes = limit(given->max_error_bytes, 64 * 1024);
	limits->max_active = (int) limit(given->max_active, 64);
	limits->max_queue = (int) limit(given->max_queue, 256);
	limits->queue_msec = limit(given->queue_msec, 10 * 1000);
}

int vane__host_init(struct vane__host *host, const struct vane_host_limits *limits,
	const char *sendfile_root)
{
	struct vane_tree_opts opts = { .dotfiles = true };
	int rc;

	*host = (struct vane__host){ 0 };
	fill_in(&host->limits, limits);
	if (sendfile_root == NULL)
		return 0;
	rc = vane_tree_open(&host->sendfile, sendfile_root, &opts);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "gateway: %s: %s", sendfile_root, strerror(-rc));
	return rc;
}

void vane__host_fini(struct vane__host *host)
{
	vane_loop_cancel(host->tick);
	vane_tree_close(host->sendfile);
	vane_loop_free(host->own_loop);
	*host = (struct vane__host){ 0 };
}

struct vane_loop *vane__host_loop(struct vane__host *host, const struct vane_request *req)
{
	struct vane_loop *loop = vane_request_loop(req);

	if (loop != NULL)
		return loop;
	if (host->own_loop == NULL && vane_loop_new(&host->own_loop) < 0)
		return NULL;
	return host->own_loop;
}
