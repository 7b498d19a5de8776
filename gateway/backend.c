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

#include "limit.h"

/* How often a loop is turned that nobody waits in. */
#define CARE_MSEC 100

static int fill_limits(struct vane_backend_limits *l)
{
	const struct vane__limit limits[] = {
		{ "vane_backend_limits.head_msec", &l->head_msec, 60 * 1000 },
		{ "vane_backend_limits.idle_msec", &l->idle_msec, 60 * 1000 },
		{ "vane_backend_limits.total_msec", &l->total_msec, VANE_NO_LIMIT },
		{ "vane_backend_limits.max_head_bytes", &l->max_head_bytes, 64 * 1024 },
		{ "vane_backend_limits.max_output_bytes", &l->max_output_bytes,
			VANE_NO_LIMIT },
		{ "vane_backend_limits.max_error_bytes", &l->max_error_bytes, 64 * 1024 },
		{ "vane_backend_limits.max_active", &l->max_active, 64 },
		{ "vane_backend_limits.max_queue", &l->max_queue, 256 },
		{ "vane_backend_limits.queue_msec", &l->queue_msec, 10 * 1000 },
		{ "vane_backend_limits.max_spool_bytes", &l->max_spool_bytes,
			INT64_C(64) << 20 },
		{ "vane_backend_limits.max_spool_total", &l->max_spool_total,
			INT64_C(1) << 30 },
	};

	return vane__limits_fill(limits, ARRAY_SIZE(limits));
}

int vane__backend_init(struct vane_backend *backend,
	const struct vane__backend_calls *calls, const struct vane_backend_limits *limits,
	const char *sendfile_root)
{
	struct vane_docroot_opts opts = { .dotfiles = true };
	int rc;

	*backend = (struct vane_backend) { .calls = calls, .limits = *limits };
	list_init(&backend->relays);
	rc = fill_limits(&backend->limits);
	if (rc < 0)
		return rc;
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

int vane__backend_set_vars(struct vane_backend *backend, const char *const *settings)
{
	const char *const *at;

	for (at = settings; at != NULL && *at != NULL; at++) {
		const char *equals = strchr(*at, '=');

		if (equals != NULL && equals > *at)
			continue;
		vane_log(VANE_LOG_ERROR, "gateway: \"%s\" is not of the form NAME=value",
			*at);
		return -EINVAL;
	}
	return vane__strlist_copy(&backend->settings, settings);
}

void vane__backend_fini(struct vane_backend *backend)
{
	vane_timer_cancel(backend->tick);
	vane_timer_cancel(backend->care);
	vane_docroot_close(backend->sendfile);
	free(backend->sendfile_root);
	vane__scripts_fini(&backend->scripts);
	vane__strlist_fini(&backend->settings);
	vane_loop_free(backend->own_loop);
	*backend = (struct vane_backend) { 0 };
}

struct vane_loop *vane__backend_loop(
	struct vane_backend *backend, const struct vane_request *req)
{
	struct vane_loop *loop = vane_request_loop(req);

	if (loop != NULL)
		return loop;
	if (backend->own_loop == NULL && vane_loop_new(&backend->own_loop) < 0)
		return NULL;
	return backend->own_loop;
}

static void watch_over(struct vane_backend *backend);

static void on_care(void *data)
{
	struct vane_backend *backend = data;

	backend->care = NULL;
	vane_loop_turn(backend->own_loop, false);
	watch_over(backend);
}

static void watch_over(struct vane_backend *backend)
{
	if (backend->care == NULL && backend->outer != NULL &&
		backend->calls->busy != NULL && backend->calls->busy(backend))
		vane_loop_call_later(
			backend->outer, CARE_MSEC, on_care, backend, &backend->care);
}

void vane__backend_settle(struct vane_backend *backend)
{
	const struct vane__backend_calls *calls = backend->calls;

	while (calls->ending != NULL && calls->ending(backend))
		vane_loop_turn(backend->own_loop, true);
	watch_over(backend);
}

/* It may not be run: said to whoever asks with --debug, and to the log if it can be mended. */
static int forbid(struct vane_request *req, const struct vane__script *script)
{
	const char *target = vane_request_target(req);

	if (script->ours)
		vane_log(VANE_LOG_WARNING, "gateway: %s: %s (%s)", target, script->why,
			vane_request_method(req));
	return vane_response_send_error(
		vane_request_response(req), 403, "%s: %s", target, script->why);
}

int vane__backend_try(struct vane_backend *backend, struct vane_request *req,
	const char *instead, int *rc)
{
	struct vane__script script = { 0 };
	int mine = 1;

	*rc = vane__script_request(&script, &backend->scripts, req, instead);
	if (*rc == 0 && script.kind == VANE__SCRIPT_RUN)
		*rc = backend->calls->answer(backend, req, &script);
	else if (*rc == 0 && script.kind == VANE__SCRIPT_DIRECTORY)
		*rc = vane_response_add_slash(vane_request_response(req));
	else if (*rc == 0 && script.kind == VANE__SCRIPT_FORBIDDEN)
		*rc = forbid(req, &script);
	else if (*rc == 0)
		mine = 0;
	vane__script_fini(&script);
	return mine;
}

bool vane__backend_can_stream(const struct vane_request *req)
{
	return vane_request_body_length(req) > 0 && vane_request_can(req, VANE_CAP_ASYNC);
}

int vane_backend_start(struct vane_backend *backend, struct vane_loop *loop)
{
	backend->outer = loop;
	return backend->calls->start != NULL ? backend->calls->start(backend, loop) : 0;
}

void vane_backend_reload(struct vane_backend *backend)
{
	if (backend->calls->reload != NULL)
		backend->calls->reload(backend);
}

void vane_backend_free(struct vane_backend *backend)
{
	if (backend != NULL)
		backend->calls->free(backend);
}
