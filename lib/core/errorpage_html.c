/* SPDX-License-Identifier: MIT */
/*
 * errorpage_html.c - an error page as HTML; with --debug the stack, the routes, the request, and a
 * command that asks the same again.
 */
#include "errorpage.h"

#include <vane/util.h>

#include "debug_report.h"
#include "html.h"
#include "slice.h"

/* Of a text, not more than one looks at. */
#define MAX_BYTES 500

/* Small, and readable without it: a Content-Security-Policy may keep the style out. */
static const char style[] =
	"body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:12vh auto;"
	"padding:0 1.5rem;color:#1d2733;background:#fff}"
	"h1{font-size:1.5rem;font-weight:600}"
	"p,summary{color:#5b6773}"
	"pre,table{font:.875rem/1.5 ui-monospace,monospace}"
	"pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f1f3f5;padding:.75rem 1rem;"
	"border-radius:.4rem}"
	"th{text-align:left;font-weight:400;padding-right:1.5rem;white-space:nowrap;color:#5b6773}"
	"th,td{vertical-align:top}"
	"td,li{overflow-wrap:anywhere}"
	"@media(max-width:30rem){th,td{display:block}td{padding-bottom:.5rem}}"
	"@media(prefers-color-scheme:dark){body{color:#e6e9ec;background:#14181c}"
	"p,th,summary{color:#98a4b0}pre{background:#20262c}}";

/* A page that is being written; rc is the first error. */
struct page {
	struct buf *buf;
	int rc;
};

/* What is HTML already. */
static void put(struct page *page, const char *html)
{
	if (page->rc == 0)
		page->rc = vane__buf_add(page->buf, html, strlen(html));
}

static void put_whole(struct page *page, const char *text)
{
	if (page->rc == 0)
		page->rc = vane__html_add(page->buf, vane__slice(text));
}

static void put_text(struct page *page, const char *text)
{
	struct vane_slice slice = vane__slice(text);

	if (slice.len > MAX_BYTES)
		slice.len = MAX_BYTES;
	if (page->rc == 0)
		page->rc = vane__html_add(page->buf, slice);
}

static void put_pairs(struct page *page, const struct vane__pairs *pairs)
{
	const char *name, *value;
	size_t i;

	put(page, "<table>\n");
	for (i = 0; vane__pairs_at(pairs, i, &name, &value); i++) {
		put(page, "<tr><th>");
		put_text(page, name);
		put(page, "<td>");
		put_text(page, value);
		put(page, "\n");
	}
	put(page, "</table>\n");
}

/* Lines with their numbers; the one that is meant stands out. */
static void put_source(struct page *page, const struct vane__debug_frame *frame)
{
	const struct vane__source_lines *source = &frame->source;
	int i;

	if (source->count == 0)
		return;
	put(page, "\n<pre>");
	for (i = 0; i < source->count; i++) {
		bool meant = source->first + i == frame->symbol.line;

		if (page->rc == 0)
			page->rc = vane__buf_printf(page->buf, "%s%5d  ",
				meant ? "<b>" : "", source->first + i);
		put_whole(page, source->lines[i]);
		put(page, meant ? "</b>\n" : "\n");
	}
	put(page, "</pre>");
}

static void put_stack(struct page *page, const struct vane__debug_report *report)
{
	struct buf place = { 0 };
	size_t i;

	if (report->stack_note == NULL)
		return;
	put(page, "<p>");
	put_whole(page, report->stack_note);
	put(page, report->frame_count > 0 ? "\n<ol>\n" : "\n");
	for (i = 0; i < report->frame_count && page->rc == 0; i++) {
		place.len = 0;
		page->rc = vane__debug_place(&place, &report->frames[i]);
		put(page, "<li>");
		if (page->rc == 0)
			page->rc = vane__html_add(page->buf, vane__buf_slice(&place));
		put_source(page, &report->frames[i]);
		put(page, "\n");
	}
	if (report->frame_count > 0)
		put(page, "</ol>\n");
	vane__buf_fini(&place);
}

static void put_report(struct page *page, const struct vane__debug_report *report)
{
	if (report->why != NULL) {
		put(page, "<pre>");
		put_text(page, report->why);
		put(page, "</pre>\n");
	}
	put_stack(page, report);
	put(page, report->matched
			  ? "<details><summary>Routes, in the order in which they were "
			    "tried; the last one matches</summary>\n"
			  : "<p>None of these routes matches:\n");
	put_pairs(page, &report->routes);
	if (report->matched)
		put(page, "</details>\n");
	put(page, "<p>The request:\n");
	put_pairs(page, &report->request);
	put(page, "<p>Its fields:\n");
	put_pairs(page, &report->fields);
	put(page, "<p>Again, from a shell (" VANE__DEBUG_MASK
		  " stands for a secret, and body for a "
		  "file):\n<pre>");
	put_whole(page, report->curl);
	put(page, "</pre>\n");
}

int vane__error_page_html(struct buf *buf, int status, const char *why,
	const struct vane__debug_report *report)
{
	const char *reason = vane_status_reason(status);
	struct page page = { .buf = buf };

	page.rc = vane__buf_printf(buf,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<title>%d: %s</title>\n<style>%s</style>\n<h1>%d: %s</h1>\n",
		status, reason, style, status, reason);
	if (report != NULL) {
		put_report(&page, report);
	} else if (why != NULL) {
		put(&page, "<p>");
		put_whole(&page, why);
		put(&page, "</p>\n");
	}
	put(&page, "</html>\n");
	return page.rc;
}
