/* SPDX-License-Identifier: MIT */
/*
 * backend_handler.c - vane_backend_handler: a route that a backend answers.
 */
#include "backend.h"
#include "relay.h"

static int prepare(struct vane_request *req, struct vane_response *res)
{
	const struct vane_backend *backend = vane_request_data(req);

	return backend->stream && vane__backend_can_stream(req) ? vane_request_stream(req)
								: 0;
}

static int any(struct vane_request *req, struct vane_response *res)
{
	int rc;

	return vane__backend_try(vane_request_data(req), req, NULL, &rc) ? rc : 404;
}

const struct vane_handler vane_backend_handler = {
	.prepare = prepare,
	.any = any,
	.finished = vane__relay_finished,
};
