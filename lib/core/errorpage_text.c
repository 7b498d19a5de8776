/* SPDX-License-Identifier: MIT */
/*
 * errorpage_text.c - an error page as plain text, for terminals and logs.
 */
#include "errorpage.h"

#include <vane/util.h>

#include "debug_report.h"

/* A page that is being written; rc is the first error. */
struct page {
	struct buf *buf;
	int rc;
};

/* A client's bytes move no terminal. */
static void put(struct page *page, const char *text)
{
	for (; *text != '\0' && page->rc == 0; text++) {
		unsigned char c = (unsigned char) *text;
		char shown =
			(c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? '?' : *text;

		page->rc = vane__buf_add(page->buf, &shown, 1);
	}
}

static void put_pairs(struct page *page, const char *what, const char *between,
	const struct vane__pairs *pairs)
{
	const char *name, *value;
	size_t i;

	put(page, what);
	for (i = 0; vane__pairs_at(pairs, i, &name, &value); i++) {
		put(page, "  ");
		put(page, name);
		put(page, value[0] != '\0' ? between : "");
		put(page, value);
		put(page, "\n");
	}
}

static void put_source(struct page *page, const struct vane__debug_frame *frame)
{
	const struct vane__source_lines *source = &frame->source;
	int i;

	for (i = 0; i < source->count && page->rc == 0; i++) {
		page->rc = vane__buf_printf(page->buf, "   %c%5d  ",
			source->first + i == frame->symbol.line ? '>' : ' ',
			source->first + i);
		put(page, source->lines[i]);
		put(page, "\n");
	}
}

static void put_stack(struct page *page, const struct vane__debug_report *report)
{
	size_t i;

	if (report->stack_note == NULL)
		return;
	put(page, "\n");
	put(page, report->stack_note);
	put(page, "\n");
	for (i = 0; i < report->frame_count && page->rc == 0; i++) {
		page->rc = vane__buf_printf(page->buf, "#%-2zu ", i);
		if (page->rc == 0)
			page->rc = vane__debug_place(page->buf, &report->frames[i]);
		put(page, "\n");
		put_source(page, &report->frames[i]);
	}
}

static void put_report(struct page *page, const struct vane__debug_report *report)
{
	put_stack(page, report);
	put_pairs(page,
		report->matched
			? "\nRoutes, in the order in which they were tried; the last "
			  "one matches:\n"
			: "\nNone of these routes matches:\n",
		"  ", &report->routes);
	put_pairs(page, "\nThe request:\n", ": ", &report->request);
	put_pairs(page, "\nIts fields:\n", ": ", &report->fields);
	put(page, "\nAgain, from a shell (" VANE__DEBUG_MASK
		  " stands for a secret, and body for a file):\n");
	put(page, report->curl);
	put(page, "\n");
}

int vane__error_page_text(struct buf *buf, int status, const char *why,
	const struct vane__debug_report *report)
{
	struct page page = { .buf = buf };

	page.rc = vane__buf_printf(buf, "%d: %s\n", status, vane_status_reason(status));
	if (why != NULL) {
		put(&page, "\n");
		put(&page, why);
		put(&page, "\n");
	}
	if (report != NULL)
		put_report(&page, report);
	return page.rc;
}
