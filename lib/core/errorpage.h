/* SPDX-License-Identifier: MIT */
/*
 * errorpage.h - the forms of an error page.
 */
#ifndef VANE__ERRORPAGE_H
#define VANE__ERRORPAGE_H

#include "buf.h"

struct vane__debug_report;

/*
 * errorpage_html.c, errorpage_text.c, errorpage_json.c: the whole page of a status.  why may be NULL, and
 * so may the report, which is for debug mode and has it too.  0 or -ENOMEM.
 */
int vane__error_page_html(struct buf *page, int status, const char *why,
	const struct vane__debug_report *report);
int vane__error_page_text(struct buf *page, int status, const char *why,
	const struct vane__debug_report *report);
int vane__error_page_json(struct buf *page, int status, const char *why,
	const struct vane__debug_report *report);

#endif
