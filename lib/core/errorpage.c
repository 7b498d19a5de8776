/* SPDX-License-Identifier: MIT */
/*
 * errorpage.c - error pages: what the application answers when no handler does, as the program
 * writes them, or our own as HTML, JSON or text.
 */
#include "errorpage.h"

#include <string.h>

#include "app.h"
#include "debug_report.h"
#include "exchange.h"
#include "filter.h"

/* What is wrong with its arguments is a client's own affair; other reasons are for developers. */
static bool is_shown(const struct vane_exchange *x, int status, const char *why)
{
	const struct vane_request *req = &x->req;

	if (x->opts->debug)
		return true;
	return why != NULL && ((why == req->arg_why && status == 400) ||
				      why == req->query_why || why == req->form_why);
}

/* A form of a page. */
struct form {
	const char *type; /* as Accept names it */
	const char *field;
	int (*write)(struct buf *page, int status, const char *why,
		const struct vane__debug_report *report);
};

static const struct form forms[] = {
	{ "text/html", "text/html; charset=utf-8", vane__error_page_html },
	{ "application/problem+json", "application/problem+json", vane__error_page_json },
	{ "application/json", "application/json", vane__error_page_json },
	{ "text/plain", "text/plain; charset=utf-8", vane__error_page_text },
};

/*
 * What the client would rather have; HTML if it does not say, or wants neither.  Text is for those who
 * develop, and with .debug_plain what comes first.
 */
static const struct form *choose_form(struct vane_exchange *x)
{
	static const char *const types[] = { "text/html", "application/problem+json",
		"application/json", NULL };
	static const char *const debug_types[] = { "text/html", "application/problem+json",
		"application/json", "text/plain", NULL };
	static const char *const plain_types[] = { "text/plain", "text/html",
		"application/problem+json", "application/json", NULL };
	const char *const *offered = !x->opts->debug        ? types
				     : x->opts->debug_plain ? plain_types
							    : debug_types;
	const char *type = vane_request_accepts(&x->req, offered);
	size_t i;

	for (i = 0; type != NULL && i < ARRAY_SIZE(forms); i++)
		if (strcmp(type, forms[i].type) == 0)
			return &forms[i];
	return &forms[0];
}

static int write_form(struct buf *page, struct vane_exchange *x, const struct form *form,
	int status, const char *why)
{
	struct vane__debug_report report;
	int rc;

	if (!x->opts->debug)
		return form->write(
			page, status, is_shown(x, status, why) ? why : NULL, NULL);
	rc = vane__debug_report_init(&report, x, status, why);
	if (rc == 0)
		rc = form->write(page, status, why, &report);
	vane__debug_report_fini(&report);
	return rc;
}

static int write_own(struct vane_exchange *x, int status, const char *why)
{
	const struct form *form = choose_form(x);
	struct buf page = { 0 };
	int rc = write_form(&page, x, form, status, why);

	if (rc == 0)
		rc = vane_response_set_field(&x->res, "Content-Type", form->field);
	if (rc == 0)
		rc = vane_response_add_field(&x->res, "Vary", "Accept");
	if (rc == 0 && x->opts->debug) /* text is not to be taken for HTML */
		rc = vane_response_set_field(&x->res, "X-Content-Type-Options", "nosniff");
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

int vane__error_page_own(struct vane_exchange *x, int status, const char *why)
{
	int rc = begin(x, status);

	return rc < 0 ? rc : write_own(x, status, why);
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
