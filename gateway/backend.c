/* SPDX-License-Identifier: MIT */
/*
 * backend.c - what CGI, FastCGI and SCGI backends have in common: limits, loop, clock.
 */
#include "backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>
#include <vane/response.h>

#include "defaults.h"

/* How often a loop is turned that nobody waits in. */
#define CARE_MSEC 100

static void fill_in(
	struct vane_backend_limits *limits, const struct vane_backend_limits *given)
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

int vane__backend_init(struct vane__backend *backend,
	const struct vane_backend_limits *limits, const char *sendfile_root)
{
	struct vane_docroot_opts opts = { .dotfiles = true };
	int rc;

	*backend = (struct vane__backend) { 0 };
	list_init(&backend->relays);
	fill_in(&backend->limits, limits);
	backend->spools.max_bytes = backend->limits.max_spool_bytes;
	backend->spools.max_total_bytes = backend->limits.max_spool_total;
	if (sendfile_root == NULL)
		return 0;
	backend->sendfile_root = strdup(sendfile_root);
	rc = backend->sendfile_root != NULL
		     ? vane_docroot_open(&backend->sendfile, sendfile_root, &opts)
		     : -ENOMEM;
	if (rc < 0) {
		free(backend->sendfile_root);
		backend->sendfile_root = NULL;
		vane_log(VANE_LOG_ERROR, "gateway: %s: %s", sendfile_root, strerror(-rc));
	}
	return rc;
}

void vane__backend_fini(struct vane__backend *backend)
{
	vane_loop_cancel(backend->tick);
	vane_loop_cancel(backend->care);
	vane_docroot_close(backend->sendfile);
	free(backend->sendfile_root);
	vane__scripts_fini(&backend->scripts);
	vane_loop_free(backend->own_loop);
	*backend = (struct vane__backend) { 0 };
}

struct vane_loop *vane__backend_loop(
	struct vane__backend *backend, const struct vane_request *req)
{
	struct vane_loop *loop = vane_request_loop(req);

	if (loop != NULL)
		return loop;
	if (backend->own_loop == NULL && vane_loop_new(&backend->own_loop) < 0)
		return NULL;
	return backend->own_loop;
}

static void watch_over(struct vane__backend *backend);

static void on_care(void *data)
{
	struct vane__backend *backend = data;

	backend->care = NULL;
	vane_loop_turn(backend->own_loop, false);
	watch_over(backend);
}

static void watch_over(struct vane__backend *backend)
{
	if (backend->care == NULL && backend->outer != NULL && backend->busy != NULL &&
		backend->busy(backend))
		vane_loop_call_later(
			backend->outer, CARE_MSEC, on_care, backend, &backend->care);
}

void vane__backend_settle(struct vane__backend *backend)
{
	if (backend->settle != NULL)
		backend->settle(backend, backend->own_loop);
	watch_over(backend);
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

int vane__backend_try(struct vane__backend *backend, struct vane_request *req,
	const char *instead, int *rc)
{
	struct vane__script script = { 0 };
	int mine = 1;

	*rc = vane__script_request(&script, &backend->scripts, req, instead);
	if (*rc == 0 && script.kind == VANE__SCRIPT_RUN)
		*rc = backend->answer(backend, req, &script);
	else if (*rc == 0 && script.kind == VANE__SCRIPT_DIRECTORY)
		*rc = vane_response_add_slash(vane_request_response(req));
	else if (*rc == 0 && script.kind == VANE__SCRIPT_FORBIDDEN)
		*rc = forbid(req, &script);
	else if (*rc == 0)
		mine = 0;
	vane__script_fini(&script);
	return mine;
}

int vane__backend_any(struct vane_request *req, struct vane_response *res)
{
	int rc;

	return vane__backend_try(vane_request_data(req), req, NULL, &rc) ? rc : 404;
}

bool vane__backend_can_stream(const struct vane_request *req)
{
	return vane_request_body_length(req) > 0 && vane_can(req, VANE_CAP_ASYNC);
}

int vane__backend_prepare(struct vane_request *req, struct vane_response *res)
{
	const struct vane__backend *backend = vane_request_data(req);

	return backend->stream && vane__backend_can_stream(req) ? vane_request_stream(req)
								: 0;
}
