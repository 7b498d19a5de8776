/* SPDX-License-Identifier: MIT */
/*
 * record.h - FastCGI records (FastCGI 1.0, 3.3) and name-value pairs (3.4).
 */
#ifndef VANE__RECORD_H
#define VANE__RECORD_H

#include <vane/types.h>

enum {
	VANE__RECORD_HEAD = 8,       /* bytes of a record's header */
	VANE__RECORD_CONTENT = 65528 /* content we put in one: a multiple of eight */
};

/* Where a reader stands in a stream of records.  A zeroed one stands before the first. */
struct vane__record {
	unsigned char head[VANE__RECORD_HEAD];
	unsigned have;           /* bytes of the header so far */
	unsigned type, id;       /* known once the header is whole */
	size_t length;           /* of the whole content */
	size_t content, padding; /* bytes that have not come yet */
};

enum vane__record_event {
	VANE__RECORD_MORE,   /* the input is used up */
	VANE__RECORD_START,  /* a header has come: type, id and length are known */
	VANE__RECORD_DATA,   /* a piece of the content */
	VANE__RECORD_END,    /* the record is over, padding included */
	VANE__RECORD_VERSION /* not version 1: nothing that follows can be understood */
};

/*
 * Read on: takes bytes from the front of in until something is to be told.  data is a piece
 * of in, set for VANE__RECORD_DATA only.
 */
enum vane__record_event vane__record_next(
	struct vane__record *rec, struct vane_slice *in, struct vane_slice *data);

/* Whether a reader stands between two records. */
static inline bool vane__record_between(const struct vane__record *rec)
{
	return rec->have == 0;
}

/* Whether a record whose header has come takes a request back. */
bool vane__record_is_abort(const struct vane__record *rec, unsigned id);

/* Write a header. */
void vane__record_head(
	unsigned char out[VANE__RECORD_HEAD], unsigned type, unsigned id, size_t content);

/* Write a whole FCGI_END_REQUEST, FCGI_UNKNOWN_TYPE: 16 bytes each. */
size_t vane__record_end_request(
	unsigned char out[16], unsigned id, unsigned protocol_status);
size_t vane__record_unknown_type(unsigned char out[16], unsigned type);

/* What we tell a web server that asks with FCGI_GET_VALUES (4.1). */
struct vane__record_limits {
	size_t max_conns, max_reqs;
};

/* Enough for any FCGI_GET_VALUES_RESULT of ours. */
enum { VANE__RECORD_VALUES = 160 };

/*
 * Write the FCGI_GET_VALUES_RESULT for the pairs asked for; names we do not know are left
 * out. Returns its length, or -EINVAL if the pairs are malformed.
 */
int vane__record_values(unsigned char out[VANE__RECORD_VALUES], struct vane_slice asked,
	const struct vane__record_limits *limits);

/*
 * Cut the next pair off the front of a whole stream of them.  Returns 1, 0 at the end, or
 * -EINVAL if lengths reach beyond it.
 */
int vane__record_pair(
	struct vane_slice *pairs, struct vane_slice *name, struct vane_slice *value);

#endif
