/* SPDX-License-Identifier: MIT */
/*
 * errorpage_json.c - an error page as JSON: a problem of RFC 9457.
 *
 * With --debug that of a 500 or more has members of our own: stack, routes, request, fields and curl.
 * Others are what programs read, and are the same with it and without, but for the detail.
 */
#include "errorpage.h"

#include <vane/util.h>

#include "debug_report.h"
#include "json_text.h"
#include "slice.h"

/* A page that is being written; rc is the first error. */
struct page {
	struct buf *buf;
	int rc;
};

/* What is JSON already. */
static void put(struct page *page, const char *json)
{
	if (page->rc == 0)
		page->rc = vane__buf_add(page->buf, json, strlen(json));
}

static void put_string(struct page *page, const char *string)
{
	struct vane_slice text = vane__slice(string);
	char escape[VANE__JSON_ESCAPE];

	put(page, "\"");
	while (text.len > 0 && page->rc == 0)
		page->rc = vane__buf_add_slice(page->buf, vane__json_take(&text, escape));
	put(page, "\"");
}

static void put_member(struct page *page, const char *name, const char *value)
{
	put(page, name);
	put_string(page, value);
}

/* Fields and routes may have a name twice: arrays of two. */
static void put_pairs(struct page *page, const char *what, const struct vane__pairs *pairs)
{
	const char *name, *value;
	size_t i;

	put(page, what);
	for (i = 0; vane__pairs_at(pairs, i, &name, &value); i++) {
		put_member(page, i > 0 ? ",[" : "[", name);
		put_member(page, ",", value);
		put(page, "]");
	}
	put(page, "]");
}

static void put_frame(struct page *page, const struct vane__debug_frame *frame)
{
	const struct vane__symbol *symbol = &frame->symbol;

	if (page->rc == 0)
		page->rc =
			vane__buf_printf(page->buf, "{\"address\":\"%p\"", frame->address);
	if (symbol->function != NULL)
		put_member(page, ",\"function\":", symbol->function);
	if (symbol->file != NULL) {
		put_member(page, ",\"file\":", symbol->file);
		if (page->rc == 0)
			page->rc =
				vane__buf_printf(page->buf, ",\"line\":%d", symbol->line);
	} else if (symbol->object != NULL) {
		put_member(page, ",\"object\":", symbol->object);
		if (page->rc == 0)
			page->rc = vane__buf_printf(
				page->buf, ",\"offset\":%zu", (size_t) symbol->offset);
	}
	put(page, "}");
}

static void put_stack(struct page *page, const struct vane__debug_report *report)
{
	size_t i;

	if (report->stack_note == NULL)
		return;
	put_member(page, ",\"note\":", report->stack_note);
	put(page, ",\"stack\":[");
	for (i = 0; i < report->frame_count; i++) {
		put(page, i > 0 ? "," : "");
		put_frame(page, &report->frames[i]);
	}
	put(page, "]");
}

static void put_request(struct page *page, const struct vane__pairs *request)
{
	const char *name, *value;
	size_t i;

	put(page, ",\"request\":{");
	for (i = 0; vane__pairs_at(request, i, &name, &value); i++) {
		put(page, i > 0 ? "," : "");
		put_string(page, name);
		put_member(page, ":", value);
	}
	put(page, "}");
}

int vane__error_page_json(struct buf *buf, int status, const char *why,
	const struct vane__debug_report *report)
{
	struct page page = { .buf = buf };

	page.rc = vane__buf_printf(
		buf, "{\"title\":\"%s\",\"status\":%d", vane_status_reason(status), status);
	if (why != NULL)
		put_member(&page, ",\"detail\":", why);
	if (report != NULL && status >= 500) {
		put_stack(&page, report);
		put_pairs(&page, ",\"routes\":[", &report->routes);
		put_request(&page, &report->request);
		put_pairs(&page, ",\"fields\":[", &report->fields);
		put_member(&page, ",\"curl\":", report->curl);
	}
	put(&page, "}\n");
	return page.rc;
}
