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

typedef int (*write_fn)(struct vane_response *res, const struct vane__status *status);

/* What ?format= says, else what the client likes best; NULL for a word that is none. */
static write_fn form_of(struct vane_request *req)
{
	static const struct {
		const char *name, *type;
		write_fn write;
	} forms[] = {
		{ "json", "application/json", vane__status_json },
		{ "html", "text/html", vane__status_html },
		{ "prometheus", "text/plain; version=0.0.4", vane__status_metrics },
	};
	const char *const types[] = { forms[0].type, forms[1].type, forms[2].type, NULL };
	const char *format = vane_request_query_arg(req, "format", 0), *type;
	size_t i;

	type = format == NULL ? vane_request_accepts(req, types) : NULL;
	if (format == NULL && type == NULL)
		return vane__status_json;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (format != NULL ? strcmp(format, forms[i].name) == 0
				   : strcmp(type, forms[i].type) == 0)
			return forms[i].write;
	return NULL;
}

static int status_get(struct vane_request *req, struct vane_response *res)
{
	const struct vane__pages *pages = vane_request_data(req);
	struct vane__status status;
	write_fn write;

	if (!vane__pages_may_see(pages, req))
		return 404;
	write = form_of(req);
	if (write == NULL)
		return vane_response_send_error(
			res, 400, "format is json, html or prometheus");
	vane__status_fill(&status, pages);
	status.mode = vane_request_mode(req);
	vane_response_add_field(res, "Cache-Control", "no-store");
	vane_response_add_field(res, "Vary", "Accept");
	return write(res, &status);
}

/* Whoever may not see it is not told either that there is something. */
static int status_any(struct vane_request *req, struct vane_response *res)
{
	return vane__pages_may_see(vane_request_data(req), req) ? 405 : 404;
}

const struct vane_handler vane__status_handler = { .get = status_get, .any = status_any };
