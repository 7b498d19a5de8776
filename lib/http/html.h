/* SPDX-License-Identifier: MIT */
/*
 * html.h - text as HTML.
 */
#ifndef VANE__HTML_H
#define VANE__HTML_H

#include "base.h"
#include "buf.h"

/* Append text with & < > " ' written as character references: 0 or -ENOMEM. */
int vane__html_add(struct buf *out, struct vane_slice text);

#endif
