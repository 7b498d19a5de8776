/* SPDX-License-Identifier: MIT */
/*
 * chunked.h - the chunked transfer coding of request bodies (RFC 9112, 7.1), decoded.
 *
 * As the standard writes it and not a byte else: what two parsers may take for different ends
 * of a body is what smuggling lives on.
 */
#ifndef VANE__CHUNKED_H
#define VANE__CHUNKED_H

#include "base.h"

/* What comes next, in the order in which it comes. */
enum vane__chunked_state {
	VANE__CHUNKED_SIZE,   /* the first digit of a size */
	VANE__CHUNKED_DIGITS, /* more of them, or the end of the line */
	VANE__CHUNKED_EXT,    /* an extension, up to the end of the line */
	VANE__CHUNKED_SIZE_LF,
	VANE__CHUNKED_DATA,
	VANE__CHUNKED_DATA_CR, /* behind a chunk */
	VANE__CHUNKED_DATA_LF,
	VANE__CHUNKED_TRAILER, /* a trailer's first byte, or the last line */
	VANE__CHUNKED_NAME,
	VANE__CHUNKED_VALUE,
	VANE__CHUNKED_TRAILER_LF,
	VANE__CHUNKED_LAST_LF,
	VANE__CHUNKED_DONE
};

/* A body that is coming in.  A zeroed one is at its beginning. */
struct vane__chunked {
	enum vane__chunked_state state;
	unsigned name_len; /* of the trailer, as far as it may be Transfer-Encoding */
	int64_t left; /* bytes that the chunk has announced and that are still to come */
};

/*
 * Decode from src to dst, which may begin at the same byte.  Returns how many bytes were
 * decoded, which may be 0, with *used those of src that are done with: all of them, unless the
 * body has ended or dst is full.  -EBADMSG if it is malformed; dst holds nothing of use then.
 *
 * Extensions are skipped.  So are trailers, but one named Transfer-Encoding is malformed.
 */
ssize_t vane__chunked_decode(struct vane__chunked *chunked, const char *src, size_t len,
	size_t *used, char *dst, size_t size);

#endif
