/* SPDX-License-Identifier: MIT */
/*
 * h1out.h - HTTP/1.1 response heads and chunks as bytes (RFC 9112).
 */
#ifndef VANE__H1OUT_H
#define VANE__H1OUT_H

#include "buf.h"

struct vane_head;

/* How a response goes out on a connection. */
enum vane__h1_framing {
	VANE__H1_PLAIN, /* Content-Length, no body, or until the connection closes */
	VANE__H1_CHUNKED
};

/* Bytes that a chunk needs before its data: a length in hexadecimal and CRLF. */
#define VANE__H1_CHUNK_HEAD 18

/* The end of a chunked body. */
#define VANE__H1_LAST_CHUNK "0\r\n\r\n"

/* What is the same in every head of a second: status line of 200, Server and Date. */
struct vane__h1_common {
	char bytes[96];
	size_t len;
};

void vane__h1out_common(struct vane__h1_common *common, int64_t now);

/*
 * Append a head.  Server and Date are ours unless they are among its fields.  connection is the
 * value of the Connection field, or NULL for none.  Returns 0 or -ENOMEM.
 */
int vane__h1out_head(struct buf *out, const struct vane__h1_common *common,
	const struct vane_head *head, enum vane__h1_framing framing,
	const char *connection);

/* Write the line before a chunk of that many bytes; returns its length. */
size_t vane__h1out_chunk_head(char buf[VANE__H1_CHUNK_HEAD], size_t len);

#endif
