/* SPDX-License-Identifier: MIT */
/*
 * scgi.h - SCGI: the head of a request, a netstring of variables, as bytes.
 *
 * The protocol is <https://python.ca/scgi/protocol.txt>.
 */
#ifndef VANE__WIRE_SCGI_H
#define VANE__WIRE_SCGI_H

#include "buf.h"

/* Whether a variable is one that vane__scgi_begin() writes, as the protocol has them first. */
bool vane__scgi_is_first(struct vane_slice name);

/* The bytes that a variable takes: name and value, each with a NUL behind it. */
static inline size_t vane__scgi_var_len(struct vane_slice name, struct vane_slice value)
{
	return name.len + value.len + 2;
}

/*
 * Append the beginning of a head: its length, CONTENT_LENGTH, and SCGI, which is 1.
 *
 * rest is what the variables that follow take, all of them: there is room for these after it, and
 * nothing but this can fail.  0 or -ENOMEM.
 */
int vane__scgi_begin(struct buf *out, struct vane_slice content_length, size_t rest);

/* Append one of the variables that follow; it holds no NUL, and its name is not empty. */
void vane__scgi_var(struct buf *out, struct vane_slice name, struct vane_slice value);

/* Append the end. */
void vane__scgi_end(struct buf *out);

#endif
