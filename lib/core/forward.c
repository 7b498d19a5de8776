/* SPDX-License-Identifier: MIT */
/*
 * forward.c - internal redirects: another handler of the application answers (RFC
 * 3875, 6.2.2).
 *
 * The exchange goes back to where its target was understood.  What the log says was asked
 * stays as it came.
 */
#include <vane/driver.h>
#include <vane/response.h>

#include <stdlib.h>

#include "app.h"
#include "dispatch.h"
#include "exchange.h"
#include "filter.h"
#include "mount.h"
#include "route.h"
#include "slice.h"
#include "uri.h"

/* More are taken for a circle. */
#define FORWARDS_MAX 10

/* Whether a target can be routed: 0, -EINVAL or -ENOMEM. */
static int check_target(const char *target)
{
	struct vane_slice path, query;
	char *decoded;
	size_t len;
	int rc;

	if (target[0] != '/' || vane__uri_split(vane__slice(target), &path, &query) < 0)
		return -EINVAL;
	decoded = malloc(path.len + 1);
	rc = decoded != NULL ? vane__uri_decode_path(decoded, path, &len) : -ENOMEM;
	if (rc == 0)
		rc = vane__uri_resolve(decoded, &len) < 0 ? -EINVAL : 0;
	free(decoded);
	return rc;
}

/* A request without its body has no fields that describe one (RFC 9110, 15.4). */
static int drop_content_fields(struct vane_exchange *x)
{
	struct vane_env *env = &x->req.env;
	struct vane_field *fields;
	size_t i, count = 0;

	fields = vane__arena_alloc(&x->arena, (env->field_count + 1) * sizeof(*fields));
	if (fields == NULL)
		return -ENOMEM;
	for (i = 0; i < env->field_count; i++)
		if (!vane__slice_starts(env->fields[i].name, SLICE("content-")))
			fields[count++] = env->fields[i];
	env->fields = fields;
	env->field_count = count;
	return 0;
}

/* All that the handler left in the request goes; who asked, and of whom, stays. */
static void reset_request(struct vane_exchange *x)
{
	struct vane_request *req = &x->req, fresh = { .env = req->env };

	fresh.method = req->method == VANE__HEAD ? VANE__HEAD : VANE__GET;
	fresh.mount = req->mount;
	fresh.host = req->host;
	fresh.server_name = req->server_name;
	fresh.remote_addr = req->remote_addr;
	fresh.server_addr = req->server_addr;
	fresh.id = req->id;
	fresh.user = req->user;
	fresh.target = x->forward;
	fresh.env.body_length = 0;
	vane__body_reset(x, SIZE_MAX);
	fresh.body = req->body;
	*req = fresh;
}

static void reset_response(struct vane_exchange *x)
{
	vane__response_drop(&x->res);
	vane__response_init(&x->res, x->req.method == VANE__HEAD);
}

/* The handler has returned: another one answers. */
static void go_there(struct vane_exchange *x)
{
	const struct vane__route *route = x->req.route;
	int rc;

	if (x->aborted) {
		x->forward = NULL;
		vane__exchange_end(x, -EPIPE);
		return;
	}
	if (route != NULL && route->handler->finished != NULL)
		route->handler->finished(&x->req);
	vane__filters_finished(x);
	reset_request(x);
	reset_response(x);
	x->forward = NULL;
	vane__exchange_set_state(x, VANE__BODY);
	rc = drop_content_fields(x);
	if (rc == 0)
		rc = vane__request_retarget(x);
	if (rc == 0)
		vane__exchange_route(x);
	else
		vane__exchange_fail(x, rc, NULL);
}

int vane_response_forward(struct vane_response *res, const char *target)
{
	struct vane_exchange *x = vane__res_exchange(res);
	const char *copy;
	int rc;

	if (vane__req_no_text(&x->req, __func__, target))
		return -EINVAL;
	if (res->head_sent || res->finished || x->req.leaving)
		return -EALREADY;
	if (x->aborted)
		return -EPIPE;
	if (x->forwards == FORWARDS_MAX)
		return -ELOOP;
	rc = check_target(target);
	if (rc < 0)
		return rc;
	copy = vane__arena_dup(&x->arena, target, strlen(target));
	if (copy == NULL)
		return -ENOMEM;
	vane__request_timers_stop(x);
	x->req.on_close.fn = x->req.on_body.fn = x->req.on_drain.fn = NULL;
	x->forward = copy;
	x->go_there = go_there;
	x->forwards++;
	res->finished = true; /* for the handler; what it does from now on comes too late */
	vane__exchange_settle(x);
	return 0;
}
