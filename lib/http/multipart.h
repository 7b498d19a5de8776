/* SPDX-License-Identifier: MIT */
/*
 * multipart.h - the parts of a multipart/form-data body (RFC 7578).
 *
 * The body is in memory, whole.  Takes time in proportion to its length.
 */
#ifndef VANE__MULTIPART_H
#define VANE__MULTIPART_H

#include "arena.h"
#include "base.h"

#define VANE__BOUNDARY_MAX  70   /* bytes of a boundary (RFC 2046, 5.1.1) */
#define VANE__PART_HEAD_MAX 8192 /* bytes of a part's fields, with their line ends */

/* One part.  The texts are the arena's, the body is a slice of what was parsed. */
struct vane__part {
	const char *name;
	const char *filename;     /* NULL: not a file */
	const char *content_type; /* as it was sent; NULL: none, which means text/plain */
	struct vane_slice body;
};

/*
 * Call fn for each part in turn.
 *
 * Strict where readers could disagree: lines end in CRLF, a boundary stands alone on its
 * line but for blanks behind it, a part has exactly one Content-Disposition of form-data,
 * with a name.  Its fields may be folded.  What stands before the first boundary and behind
 * the last is ignored, and so are other fields and transfer encodings (RFC 7578, 4.7).
 * name* and filename* (RFC 8187), which RFC 7578 does not want but clients send, are read if
 * they are UTF-8, and count more than name and filename. %22, %0D and
 * %0A in names and file names are decoded, which is how browsers write quotes and line
 * ends; so are \" and \\, but no other backslash, as old browsers send whole paths.
 *
 * Returns 0; what fn returned if that is below 0; -EINVAL for a body that is malformed or
 * has no closing boundary, or a boundary that cannot be one; -EMSGSIZE for more than
 * max_parts parts or a part with a long head; -ENOMEM.  fn has seen the parts before the
 * failure then.
 */
int vane__multipart_parse(struct vane_slice body, struct vane_slice boundary,
	struct arena *arena, size_t max_parts,
	int (*fn)(void *data, const struct vane__part *part), void *data);

#endif
