/* SPDX-License-Identifier: MIT */
/*
 * debug_report.h - what the error page of debug mode shows, before it is HTML, text or JSON.
 *
 *	debug_report.c   gathers it: the stack, the routes that were tried, the request
 *	debug_source.c   the lines of a source file
 *	debug_mask.c     what is a secret, and not shown
 *	debug_curl.c     the command that asks the same again
 */
#ifndef VANE__DEBUG_REPORT_H
#define VANE__DEBUG_REPORT_H

#include "arena.h"
#include "base.h"
#include "buf.h"
#include "exchange.h"
#include "form.h"
#include "symbols.h"

/* Lines of source around the one that is meant, and it. */
#define VANE__SOURCE_AROUND 2
#define VANE__SOURCE_LINES  (2 * VANE__SOURCE_AROUND + 1)

struct vane__source_lines {
	int first; /* the number of the first one, from 1 */
	int count; /* 0: the file cannot be read */
	const char *lines[VANE__SOURCE_LINES];
};

struct vane__debug_frame {
	const void *address;
	struct vane__symbol symbol;
	struct vane__source_lines source;
};

struct vane__debug_report {
	struct arena arena; /* of all of it */
	struct vane__symbols *symbols;
	const char *why; /* NULL: not known */
	const char *
		stack_note; /* what the stack is of, or why there is none; NULL: none is due */
	struct vane__debug_frame *frames;
	size_t frame_count;
	bool matched;              /* the last of the routes did */
	struct vane__pairs routes; /* those that were tried: pattern, and method or "" */
	struct vane__pairs request, fields;
	const char *curl;
};

/* Gather it.  0 or -ENOMEM; it is to be ended either way. */
int vane__debug_report_init(struct vane__debug_report *report,
	const struct vane_exchange *x, int status, const char *why);
void vane__debug_report_fini(struct vane__debug_report *report);

/* Where a frame is, for a reader: "story_get (shop.c:34)".  0 or -ENOMEM. */
int vane__debug_place(struct buf *out, const struct vane__debug_frame *frame);

/* debug_source.c: lines of a source file, cut where they are long; none if it is not one. */
void vane__debug_source(
	struct vane__source_lines *out, struct arena *arena, const char *file, int line);

/*
 * debug_mask.c: the value of a field, and a target, as they may be shown: what is secret by its name
 * (a password, a token, a cookie's value) is VANE__DEBUG_MASK.  NULL without memory.
 */
#define VANE__DEBUG_MASK "***"
const char *vane__debug_mask_field(
	struct arena *arena, const char *name, const char *value);
const char *vane__debug_mask_target(struct arena *arena, const char *target);

/* debug_curl.c: a command for sh, with secrets masked.  NULL without memory. */
const char *vane__debug_curl(struct arena *arena, const struct vane_exchange *x);

#endif
