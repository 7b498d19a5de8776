/* SPDX-License-Identifier: MIT */
/*
 * netstring.h - netstrings, "5:hello,", as they come in.
 */
#ifndef VANE__NETSTRING_H
#define VANE__NETSTRING_H

#include <vane/types.h>

/* Where a reader stands in one.  A zeroed one stands before it. */
struct vane__netstring {
	unsigned digits; /* of the length so far */
	bool begun;      /* the length is known */
	size_t length;   /* of the content */
	size_t left;     /* bytes of it that have not come yet */
	const char *why; /* for VANE__NETSTRING_BAD */
};

enum vane__netstring_event {
	VANE__NETSTRING_MORE, /* the input is used up */
	VANE__NETSTRING_DATA, /* a piece of the content */
	VANE__NETSTRING_END,  /* its comma has come */
	VANE__NETSTRING_BAD   /* it is none, or one that is longer than max */
};

/*
 * Read on: takes bytes from the front of in until something is to be told.  data is a piece
 * of in, set for VANE__NETSTRING_DATA only.  A pure function.
 */
enum vane__netstring_event vane__netstring_next(struct vane__netstring *ns, size_t max,
	struct vane_slice *in, struct vane_slice *data);

#endif
