/* SPDX-License-Identifier: MIT */
/*
 * errorpage.c - what the application answers when no handler does.
 */
#include <stdio.h>

#include <vane/util.h>

#include "app.h"
#include "dispatch.h"
#include "exchange.h"
#include "html.h"
#include "slice.h"
#include "text.h"

static int write_page(struct buf *page, int status, const char *why)
{
	const char *reason = vane_status_reason(status);
	int rc = vane__buf_printf(page, "<html><title>%d: %s</title><body>%d: %s", status,
		reason, status, reason);

	if (rc == 0 && why != NULL)
		rc = vane__buf_printf(page, "<pre>");
	if (rc == 0 && why != NULL)
		rc = vane__html_add(page, vane__slice(why));
	if (rc == 0 && why != NULL)
		rc = vane__buf_printf(page, "</pre>");
	return rc < 0 ? rc : vane__buf_printf(page, "</body></html>\n");
}

int vane__error_page(struct vane_exchange *x, int status, const char *why)
{
	struct buf page = { 0 };
	int rc = vane__response_clear(&x->res);

	if (rc < 0)
		return rc;
	rc = write_page(&page, status, x->opts->debug ? why : NULL);
	if (rc == 0)
		rc = vane_response_set_status(&x->res, status);
	if (rc == 0)
		rc = vane_response_add_field(
			&x->res, "Content-Type", "text/html; charset=utf-8");
	if (rc == 0)
		rc = vane_response_write(&x->res, page.data, page.len);
	vane__buf_fini(&page);
	return rc;
}
