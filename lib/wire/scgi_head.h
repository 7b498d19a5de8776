/* SPDX-License-Identifier: MIT */
/*
 * scgi_head.h - the head of an SCGI request, put together from the bytes of a connection.
 */
#ifndef VANE__SCGI_HEAD_H
#define VANE__SCGI_HEAD_H

#include <vane/types.h>

#include "buf.h"

struct vane__scgi_limits {
	size_t max_bytes, max_vars;
};

/* A head that is coming in: a netstring, "5:hello,", of variables.  A zeroed one is empty. */
struct vane__scgi_head {
	unsigned digits; /* of the netstring's length so far */
	bool begun;      /* that is known */
	size_t length;
	size_t left;        /* bytes of the content that have not come yet */
	struct buf content; /* what has */
	/* once it is whole: names and values in there, each followed by a NUL */
	struct vane_field *vars;
	size_t var_count;
	int64_t body_length; /* what CONTENT_LENGTH says */
	int64_t announced;   /* what the client's own Content-Length says, -1: nothing */
	const char *why;     /* for VANE__SCGI_HEAD_LARGE and VANE__SCGI_HEAD_BAD */
};

enum vane__scgi_head_event {
	VANE__SCGI_HEAD_MORE,  /* the input is used up */
	VANE__SCGI_HEAD_WHOLE, /* vars are there; what is left of the input is body */
	/*
	 * more variables than allowed, of which vars has those that fit: to be refused; why
	 * says why, and nothing that follows is looked at
	 */
	VANE__SCGI_HEAD_LARGE,
	VANE__SCGI_HEAD_BAD /* nothing that follows can be understood; why says why */
};

/*
 * Take bytes from the front of in.  Not asked for is what real front servers need not do:
 * that CONTENT_LENGTH is the first of the variables, and that SCGI=1 is among them.
 */
enum vane__scgi_head_event vane__scgi_head_push(struct vane__scgi_head *head,
	const struct vane__scgi_limits *limits, struct vane_slice *in);

/* The last variable of that name in a head that is whole or too large, or "". */
struct vane_slice vane__scgi_head_var(
	const struct vane__scgi_head *head, struct vane_slice name);

/* Give the memory back. */
void vane__scgi_head_fini(struct vane__scgi_head *head);

#endif
