/* SPDX-License-Identifier: MIT */
/*
 * errorpage.c - error pages: what the application answers when no handler does, as the program
 * writes them or as HTML or JSON of our own.
 */
#include "errorpage.h"

#include <stdio.h>

#include <vane/util.h>

#include "app.h"
#include "exchange.h"
#include "filter.h"
#include "html.h"
#include "json_text.h"
#include "slice.h"

/* Small, and readable without it: a Content-Security-Policy may keep the style out. */
static const char style[] =
	"body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:12vh auto;"
	"padding:0 1.5rem;color:#1d2733;background:#fff}"
	"h1{font-size:1.5rem;font-weight:600}"
	"p{color:#5b6773}"
	"pre,table{font:.875rem/1.5 ui-monospace,monospace}"
	"pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f1f3f5;padding:.75rem 1rem;"
	"border-radius:.4rem}"
	"th{text-align:left;font-weight:400;padding-right:1.5rem;white-space:nowrap;color:#5b6773}"
	"th,td{vertical-align:top}"
	"td{overflow-wrap:anywhere}"
	"@media(max-width:30rem){th,td{display:block}td{padding-bottom:.5rem}}"
	"@media(prefers-color-scheme:dark){body{color:#e6e9ec;background:#14181c}"
	"p,th{color:#98a4b0}pre{background:#20262c}}";

/* What is wrong with its arguments is a client's own affair; other reasons are for developers. */
static bool is_shown(const struct vane_exchange *x, int status, const char *why)
{
	const struct vane_request *req = &x->req;

	if (x->opts->debug)
		return true;
	return why != NULL && ((why == req->arg_why && status == 400) ||
				      why == req->query_why || why == req->form_why);
}

static int write_reason(struct buf *page, const char *why)
{
	int rc = vane__buf_printf(page, "<p>");

	if (rc == 0)
		rc = vane__html_add(page, vane__slice(why));
	return rc < 0 ? rc : vane__buf_printf(page, "</p>\n");
}

static int write_html(
	struct buf *page, struct vane_exchange *x, int status, const char *why)
{
	const char *reason = vane_status_reason(status);
	int rc = vane__buf_printf(page,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<title>%d: %s</title>\n<style>%s</style>\n<h1>%d: %s</h1>\n",
		status, reason, style, status, reason);

	if (rc == 0 && x->opts->debug)
		rc = vane__error_page_debug(page, x, status, why);
	else if (rc == 0 && is_shown(x, status, why))
		rc = write_reason(page, why);
	return rc < 0 ? rc : vane__buf_printf(page, "</html>\n");
}

/* Text between the quotes of a JSON string. */
static int add_json(struct buf *page, struct vane_slice text)
{
	char escape[VANE__JSON_ESCAPE];
	int rc = 0;

	while (text.len > 0 && rc == 0)
		rc = vane__buf_add_slice(page, vane__json_take(&text, escape));
	return rc;
}

/* A problem of RFC 9457. */
static int write_json(
	struct buf *page, struct vane_exchange *x, int status, const char *why)
{
	int rc = vane__buf_printf(page, "{\"title\":\"%s\",\"status\":%d",
		vane_status_reason(status), status);

	if (rc == 0 && why != NULL && is_shown(x, status, why)) {
		rc = vane__buf_printf(page, ",\"detail\":\"");
		if (rc == 0)
			rc = add_json(page, vane__slice(why));
		if (rc == 0)
			rc = vane__buf_printf(page, "\"");
	}
	return rc < 0 ? rc : vane__buf_printf(page, "}\n");
}

/* What the client would rather have; HTML if it does not say, or wants neither. */
static const char *choose_type(struct vane_exchange *x)
{
	static const char *const types[] = { "text/html", "application/problem+json",
		"application/json", NULL };
	const char *type = vane_request_accepts(&x->req, types);

	return type != NULL ? type : types[0];
}

static int write_own(struct vane_exchange *x, int status, const char *why)
{
	const char *type = choose_type(x);
	bool html = strcmp(type, "text/html") == 0;
	struct buf page = { 0 };
	int rc = html ? write_html(&page, x, status, why)
		      : write_json(&page, x, status, why);

	if (rc == 0)
		rc = vane_response_set_field(
			&x->res, "Content-Type", html ? "text/html; charset=utf-8" : type);
	if (rc == 0)
		rc = vane_response_add_field(&x->res, "Vary", "Accept");
	if (rc == 0)
		rc = vane_response_write(&x->res, page.data, page.len);
	vane__buf_fini(&page);
	return rc;
}

static int begin(struct vane_exchange *x, int status)
{
	int rc = vane__response_clear(&x->res);

	return rc < 0 ? rc : vane_response_set_status(&x->res, status);
}

/* Have a function of the program's write the page.  Whether it has. */
static bool write_theirs(struct vane_exchange *x, int status, const char *why,
	vane_error_page_fn fn, void *data)
{
	bool running = x->running, leaving = x->req.leaving;
	int rc;

	x->running = x->req.leaving = x->req.in_error_page = true;
	rc = fn(&x->req, &x->res, status, is_shown(x, status, why) ? why : NULL, data);
	x->running = running;
	x->req.leaving = leaving;
	x->req.in_error_page = false;
	return rc == 0 && x->res.error == 0;
}

/*
 * The i-th function that is to be asked: those of the filters around the route, the innermost first,
 * then the program's.  false: there are no more.  A place may be without one.
 */
static bool page_at(
	const struct vane_exchange *x, size_t i, vane_error_page_fn *fn, void **data)
{
	const struct vane__filters *filters = x->req.filters;
	size_t count = filters != NULL ? filters->count : 0;

	if (i < count) {
		*fn = filters->list[count - 1 - i].type->error_page;
		*data = filters->list[count - 1 - i].data;
	} else {
		*fn = x->opts->error_page;
		*data = x->opts->data;
	}
	return i <= count;
}

int vane__error_page(struct vane_exchange *x, int status, const char *why)
{
	int rc = begin(x, status);
	vane_error_page_fn fn;
	void *data;
	size_t i;

	for (i = 0; rc == 0 && !x->req.in_error_page && page_at(x, i, &fn, &data); i++) {
		if (fn == NULL)
			continue;
		if (write_theirs(x, status, why, fn, data))
			return 0;
		rc = begin(x, status); /* without what it has left */
	}
	return rc < 0 ? rc : write_own(x, status, why);
}
