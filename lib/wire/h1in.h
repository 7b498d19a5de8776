/* SPDX-License-Identifier: MIT */
/*
 * h1in.h - HTTP/1 requests from bytes (RFC 9112): heads, and bodies in both framings.
 *
 * Knows nothing of descriptors.  llhttp does the grammar of heads; what it lets through that
 * RFC 9112 does not is refused here.
 */
#ifndef VANE__H1IN_H
#define VANE__H1IN_H

#include <llhttp.h>

#include "arena.h"
#include "base.h"
#include "chunked.h"

struct vane_env;

#define VANE__H1_MAX_FIELDS 256

/* Where in a head something stands: offsets from its first byte. */
struct vane__h1_span {
	uint32_t at, len;
};

/*
 * What has been found of a head so far.  Needed only while one is read: it is the worker's,
 * and a connection whose head is in pieces keeps a copy of what is used of it.
 */
struct vane__h1_head {
	llhttp_t parser;
	const char *base; /* its first byte */
	struct vane__h1_span target;
	uint32_t count, max_fields;
	bool in_value; /* no name is open: what comes next is more of a value, or a name */
	const char *why; /* it is refused, for the log; NULL: not said */
	struct vane__h1_field {
		struct vane__h1_span name, value;
	} fields[VANE__H1_MAX_FIELDS];
};

/* What is known of the request of a connection. */
struct vane__h1in {
	struct vane__h1_head *head; /* while a head is read */
	char *base;                 /* its first byte */
	int64_t left;               /* of a body with a length; -1: chunked */
	struct vane__chunked chunked;
	/* bytes of chunk framing beyond what bodies of its size need */
	int64_t overhead;
	uint16_t max_fields;
	bool keep_alive; /* the client lets us keep the connection */
	bool http_1_0;
	bool expects_continue;
	bool body_done;
	bool in_blanks; /* behind a Content-Length; there may be more of them */
};

/* Prepare for the first request, or the next one. */
void vane__h1in_init(struct vane__h1in *in, size_t max_fields);
void vane__h1in_next(struct vane__h1in *in, struct vane__h1_head *head);

/*
 * Read more of a head.  base is its first byte, and len bytes of it are there, of which the
 * first seen were here before; they may lie elsewhere now.  Returns 1 when it is whole, with
 * *used its length; 0 if more is needed; or minus a status: the request is malformed.
 */
int vane__h1in_head(
	struct vane__h1in *in, char *base, size_t seen, size_t len, size_t *used);

/*
 * Make env of a head that is whole.  The bytes at base are changed: names become lower case,
 * and names and values end in a NUL.  Returns 0, -ENOMEM, or minus a status; env then holds
 * what could be understood.
 */
int vane__h1in_env(struct vane__h1in *in, struct vane_env *env, struct arena *arena);

/*
 * What can be made out of the request line of a head that is refused, whole or not: method,
 * target and version as they came, for the log.
 */
void vane__h1in_line(
	const char *base, size_t len, struct vane_env *env, struct arena *arena);

/*
 * Decode body from src to dst.  Returns how many bytes were decoded, which may be 0, with
 * *used those of src that are done with; -EBADMSG if it is malformed.  in->body_done says
 * that the body is whole.
 */
ssize_t vane__h1in_body(struct vane__h1in *in, const char *src, size_t len, size_t *used,
	char *dst, size_t size);

#endif
