/* SPDX-License-Identifier: MIT */
/*
 * status.c - the page of --status: in which form the figures are shown, and to whom.
 *
 * Whichever process answers has the figures of all, as they lie in memory that all share.
 */
#include "status.h"

#include <string.h>

#include <vane/request.h>
#include <vane/response.h>

enum form { FORM_JSON, FORM_METRICS, FORM_NONE };

/* What ?format= says, else what the client likes best. */
static enum form form_of(struct vane_request *req)
{
	static const char *const types[] = { "application/json", "text/plain", NULL };
	const char *format = vane_request_query_arg(req, "format", 0), *type;

	if (format != NULL)
		return strcmp(format, "json") == 0         ? FORM_JSON
		       : strcmp(format, "prometheus") == 0 ? FORM_METRICS
							   : FORM_NONE;
	type = vane_request_accepts(req, types);
	return type == types[1] ? FORM_METRICS : FORM_JSON;
}

static int status_get(struct vane_request *req, struct vane_response *res)
{
	const struct vane__pages *pages = vane_request_data(req);
	struct vane__status status;

	if (!vane__pages_may_see(pages, req))
		return 404;
	vane__status_fill(&status, pages);
	status.mode = vane_request_mode(req);
	vane_response_add_field(res, "Cache-Control", "no-store");
	vane_response_add_field(res, "Vary", "Accept");
	switch (form_of(req)) {
	case FORM_JSON:
		return vane__status_json(res, &status);
	case FORM_METRICS:
		return vane__status_metrics(res, &status);
	default:
		return vane_response_send_error(res, 400, "format is json or prometheus");
	}
}

/* Whoever may not see it is not told either that there is something. */
static int status_any(struct vane_request *req, struct vane_response *res)
{
	return vane__pages_may_see(vane_request_data(req), req) ? 405 : 404;
}

const struct vane_handler vane__status_handler = { .get = status_get, .any = status_any };
