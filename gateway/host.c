/* SPDX-License-Identifier: MIT */
/*
 * host.c - what CGI, FastCGI and SCGI hosts have in common: limits, loop, clock.
 */
#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>
#include <vane/response.h>

#include "defaults.h"

/* How often a loop is turned that nobody waits in. */
#define CARE_MSEC 100

static void fill_in(struct vane_host_limits *limits, const struct vane_host_limits *given)
{
	limits->head_msec = vane__limit(given->head_msec, 60 * 1000);
	limits->idle_msec = vane__limit(given->idle_msec, 60 * 1000);
	limits->total_msec = vane__limit(given->total_msec, -1);
	limits->max_head_bytes =
		(size_t) vane__limit((int64_t) given->max_head_bytes, 64 * 1024);
	limits->max_output_bytes = vane__limit(given->max_output_bytes, -1);
	limits->max_error_bytes = vane__limit(given->max_error_bytes, 64 * 1024);
	limits->max_active = (int) vane__limit(given->max_active, 64);
	limits->max_queue = (int) vane__limit(given->max_queue, 256);
	limits->queue_msec = vane__limit(given->queue_msec, 10 * 1000);
	limits->max_spool_bytes = vane__limit(given->max_spool_bytes, INT64_C(64) << 20);
	limits->max_spool_total = vane__limit(given->max_spool_total, INT64_C(1) << 30);
}

int vane__host_init(struct vane__host *host, const struct vane_host_limits *limits,
	const char *sendfile_root)
{
	struct vane_docroot_opts opts = { .dotfiles = true };
	int rc;

	*host = (struct vane__host) { 0 };
	list_init(&host->relays);
	fill_in(&host->limits, limits);
	host->spools.max_bytes = host->limits.max_spool_bytes;
	host->spools.max_total_bytes = host->limits.max_spool_total;
	if (sendfile_root == NULL)
		return 0;
	host->sendfile_root = strdup(sendfile_root);
	rc = host->sendfile_root != NULL
		     ? vane_docroot_open(&host->sendfile, sendfile_root, &opts)
		     : -ENOMEM;
	if (rc < 0) {
		free(host->sendfile_root);
		host->sendfile_root = NULL;
		vane_log(VANE_LOG_ERROR, "gateway: %s: %s", sendfile_root, strerror(-rc));
	}
	return rc;
}

void vane__host_fini(struct vane__host *host)
{
	vane_loop_cancel(host->tick);
	vane_loop_cancel(host->care);
	vane_docroot_close(host->sendfile);
	free(host->sendfile_root);
	vane__scripts_fini(&host->scripts);
	vane_loop_free(host->own_loop);
	*host = (struct vane__host) { 0 };
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

static void watch_over(struct vane__host *host);

static void on_care(void *data)
{
	struct vane__host *host = data;

	host->care = NULL;
	vane_loop_turn(host->own_loop, false);
	watch_over(host);
}

static void watch_over(struct vane__host *host)
{
	if (host->care == NULL && host->outer != NULL && host->busy != NULL &&
		host->busy(host))
		vane_loop_call_later(host->outer, CARE_MSEC, on_care, host, &host->care);
}

void vane__host_settle(struct vane__host *host)
{
	if (host->settle != NULL)
		host->settle(host, host->own_loop);
	watch_over(host);
}

/* It may not be run: said to whoever asks with --debug, and to the log if it can be mended. */
static int forbid(struct vane_request *req, const struct vane__script *script)
{
	const char *target = vane_request_target(req);

	if (script->ours)
		vane_log(VANE_LOG_WARNING, "gateway: %s: %s (%s)", target, script->why,
			vane_request_method(req));
	return vane_response_error(
		vane_request_response(req), 403, "%s: %s", target, script->why);
}

int vane__host_try(
	struct vane__host *host, struct vane_request *req, const char *instead, int *rc)
{
	struct vane__script script = { 0 };
	int mine = 1;

	*rc = vane__script_request(&script, &host->scripts, req, instead);
	if (*rc == 0 && script.kind == VANE__SCRIPT_RUN)
		*rc = host->answer(host, req, &script);
	else if (*rc == 0 && script.kind == VANE__SCRIPT_DIRECTORY)
		*rc = vane_response_add_slash(vane_request_response(req));
	else if (*rc == 0 && script.kind == VANE__SCRIPT_FORBIDDEN)
		*rc = forbid(req, &script);
	else if (*rc == 0)
		mine = 0;
	vane__script_fini(&script);
	return mine;
}

int vane__host_any(struct vane_request *req, struct vane_response *res)
{
	int rc;

	return vane__host_try(vane_request_data(req), req, NULL, &rc) ? rc : 404;
}

bool vane__host_can_stream(const struct vane_request *req)
{
	return vane_request_body_length(req) > 0 && vane_can(req, VANE_CAP_ASYNC);
}

int vane__host_prepare(struct vane_request *req, struct vane_response *res)
{
	const struct vane__host *host = vane_request_data(req);

	return host->stream && vane__host_can_stream(req) ? vane_request_stream(req) : 0;
}
