/* SPDX-License-Identifier: MIT */
/*
 * errorpage_debug.c - what an error page shows with --debug: why, which routes were tried, and the
 * request.
 */
#include "errorpage.h"

#include "app.h"
#include "exchange.h"
#include "html.h"
#include "route.h"
#include "slice.h"

/* Not more of each than one looks at. */
#define MAX_ROWS  100
#define MAX_BYTES 500

static int add_text(struct buf *page, const char *text)
{
	struct vane_slice slice = vane__slice(text);

	if (slice.len > MAX_BYTES)
		slice.len = MAX_BYTES;
	return vane__html_add(page, slice);
}

static int add_row(struct buf *page, const char *name, const char *value)
{
	int rc = vane__buf_printf(page, "<tr><th>");

	if (rc == 0)
		rc = add_text(page, name);
	if (rc == 0)
		rc = vane__buf_printf(page, "<td>");
	if (rc == 0)
		rc = add_text(page, value);
	return rc < 0 ? rc : vane__buf_printf(page, "\n");
}

static int add_why(struct buf *page, const char *why)
{
	int rc = vane__buf_printf(page, "<pre>");

	if (rc == 0)
		rc = add_text(page, why);
	return rc < 0 ? rc : vane__buf_printf(page, "</pre>\n");
}

/* In their order: the first that matches would have counted. */
static int add_routes(struct buf *page, const struct vane__router *router)
{
	const struct vane__route *route;
	size_t i;
	int rc = vane__buf_printf(page, "<p>None of these routes matches:\n<table>\n");

	for (i = 0; rc == 0 && i < MAX_ROWS; i++) {
		route = vane__router_at(router, i);
		if (route == NULL)
			break;
		rc = add_row(
			page, route->pattern, route->method != NULL ? route->method : "");
	}
	return rc < 0 ? rc : vane__buf_printf(page, "</table>\n");
}

static int add_fields(struct buf *page, const struct vane_request *req)
{
	const char *name, *value;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < MAX_ROWS && vane_request_field_at(req, i, &name, &value);
		i++)
		rc = add_row(page, name, value);
	return rc;
}

static int add_request(struct buf *page, const struct vane_exchange *x)
{
	const struct vane_request *req = &x->req;
	int rc = vane__buf_printf(page, "<p>The request:\n<table>\n");

	if (rc == 0)
		rc = add_row(page, "method", vane_request_method(req));
	if (rc == 0)
		rc = add_row(page, "target", vane_request_target(req));
	if (rc == 0)
		rc = add_row(
			page, "route", req->route != NULL ? req->route->pattern : "none");
	if (rc == 0)
		rc = add_row(page, "mode", x->driver->mode);
	if (rc == 0)
		rc = add_row(page, "client", vane_request_remote_addr(req));
	if (rc == 0)
		rc = add_fields(page, req);
	return rc < 0 ? rc : vane__buf_printf(page, "</table>\n");
}

int vane__error_page_debug(
	struct buf *page, struct vane_exchange *x, int status, const char *why)
{
	int rc = why != NULL ? add_why(page, why) : 0;

	if (rc == 0 && status == 404 && x->req.route == NULL)
		rc = add_routes(page, x->app->router);
	return rc < 0 ? rc : add_request(page, x);
}
