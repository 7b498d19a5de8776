/* SPDX-License-Identifier: MIT */
/*
 * errorpage.h - the parts of an error page.
 */
#ifndef VANE__ERRORPAGE_H
#define VANE__ERRORPAGE_H

#include "buf.h"

struct vane_exchange;

/* errorpage_debug.c: what a developer wants to see below it.  0 or -ENOMEM. */
int vane__error_page_debug(
	struct buf *page, struct vane_exchange *x, int status, const char *why);

#endif
