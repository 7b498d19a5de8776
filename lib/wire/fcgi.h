/* SPDX-License-Identifier: MIT */
/*
 * fcgi.h - FastCGI 1.0: records and name-value pairs, read and written, for both sides.
 *
 * Pure functions over bytes.  What only a web server's side sends and gets is fcgi_client.h's.
 * Numbers in brackets are sections of the FastCGI Specification 1.0.
 */
#ifndef VANE__FCGI_H
#define VANE__FCGI_H

#include "base.h"

enum {
	VANE__FCGI_HEAD = 8,        /* bytes of a record's header (3.3) */
	VANE__FCGI_CONTENT = 65528, /* content we put in one: a multiple of eight */
	VANE__FCGI_NULL_ID = 0,     /* the id of management records (3.3) */
	VANE__FCGI_KEEP_CONN = 1    /* a flag of FCGI_BEGIN_REQUEST (5.1) */
};

/* The types of records (8). */
enum vane__fcgi_type {
	VANE__FCGI_BEGIN_REQUEST = 1,
	VANE__FCGI_ABORT_REQUEST = 2,
	VANE__FCGI_END_REQUEST = 3,
	VANE__FCGI_PARAMS = 4,
	VANE__FCGI_STDIN = 5,
	VANE__FCGI_STDOUT = 6,
	VANE__FCGI_STDERR = 7,
	VANE__FCGI_DATA = 8,
	VANE__FCGI_GET_VALUES = 9,
	VANE__FCGI_GET_VALUES_RESULT = 10,
	VANE__FCGI_UNKNOWN_TYPE = 11
};

/* What an application is asked to be in an FCGI_BEGIN_REQUEST (5.1). */
enum vane__fcgi_role {
	VANE__FCGI_RESPONDER = 1,
	VANE__FCGI_AUTHORIZER = 2,
	VANE__FCGI_FILTER = 3
};

/* The protocol status of an FCGI_END_REQUEST (5.5). */
enum vane__fcgi_status {
	VANE__FCGI_REQUEST_COMPLETE,
	VANE__FCGI_CANT_MPX_CONN, /* the application does one at a time on a connection */
	VANE__FCGI_OVERLOADED,
	VANE__FCGI_UNKNOWN_ROLE
};

/* What FCGI_GET_VALUES can ask for (4.1), and the names of that. */
enum vane__fcgi_value {
	VANE__FCGI_MAX_CONNS,
	VANE__FCGI_MAX_REQS,
	VANE__FCGI_MPXS_CONNS,
	VANE__FCGI_VALUE_COUNT /* how many there are */
};
extern const struct vane_slice vane__fcgi_value_names[VANE__FCGI_VALUE_COUNT];

/* Write a header (3.3). */
void vane__fcgi_head(unsigned char out[VANE__FCGI_HEAD], enum vane__fcgi_type type,
	unsigned id, size_t content, size_t padding);

/*
 * Make one record (3.3) of content, at most VANE__FCGI_CONTENT bytes, that stands at
 * out + VANE__FCGI_HEAD: the header is put before it, and behind it up to seven bytes of
 * padding, so that the next one is aligned.  Returns the length of it all.
 */
size_t vane__fcgi_frame(
	unsigned char *out, enum vane__fcgi_type type, unsigned id, size_t content);

/* Write a record without content, as it ends a stream (3.3).  Returns its length. */
size_t vane__fcgi_stream_end(
	unsigned char out[VANE__FCGI_HEAD], enum vane__fcgi_type type, unsigned id);

/*
 * Write a pair (3.4): up to eight bytes, then name and value, each shorter than 2^31.  Returns
 * its length.
 */
size_t vane__fcgi_put_pair(
	unsigned char *out, struct vane_slice name, struct vane_slice value);

/* The slow path of vane__fcgi_lengths(). */
int vane__fcgi_long_lengths(struct vane_slice *pairs, size_t *name_len, size_t *value_len);

/*
 * Cut the lengths of the next pair (3.4) off the front of a stream that has one: 0, or -EBADMSG
 * if they, or what they tell of, reach beyond its end.
 */
static inline int vane__fcgi_lengths(
	struct vane_slice *pairs, size_t *name_len, size_t *value_len)
{
	const unsigned char *at = (const unsigned char *) pairs->data;

	if (UNLIKELY(pairs->len < 2 || (at[0] | at[1]) >= 0x80 ||
		     (size_t) at[0] + at[1] > pairs->len - 2)) {
		/* copies, so that what the caller has need not be in memory */
		struct vane_slice left = *pairs;
		size_t lengths[2] = { 0, 0 };
		int rc = vane__fcgi_long_lengths(&left, &lengths[0], &lengths[1]);

		*pairs = left;
		*name_len = lengths[0];
		*value_len = lengths[1];
		return rc;
	}
	*name_len = at[0];
	*value_len = at[1];
	pairs->data += 2;
	pairs->len -= 2;
	return 0;
}

/*
 * Cut the next pair (3.4) off the front of a whole stream of them.  Returns 1, 0 at the end, or
 * -EBADMSG if lengths reach beyond it.
 */
int vane__fcgi_pair(
	struct vane_slice *pairs, struct vane_slice *name, struct vane_slice *value);

/* Where a reader stands in a stream of records (3.3).  A zeroed one stands before the first. */
struct vane__fcgi_record {
	unsigned char head[VANE__FCGI_HEAD];
	unsigned have;           /* bytes of the header so far */
	unsigned type, id;       /* known once the header is whole */
	size_t length;           /* of the whole content */
	size_t content, padding; /* bytes that have not come yet */
};

enum vane__fcgi_record_event {
	VANE__FCGI_RECORD_MORE,   /* the input is used up */
	VANE__FCGI_RECORD_START,  /* a header has come: type, id and length are known */
	VANE__FCGI_RECORD_DATA,   /* a piece of the content */
	VANE__FCGI_RECORD_END,    /* the record is over, padding included */
	VANE__FCGI_RECORD_VERSION /* not version 1: nothing that follows can be understood */
};

/*
 * Read on: takes bytes from the front of in until something is to be told.  data is a piece
 * of in, set for VANE__FCGI_RECORD_DATA only.
 */
enum vane__fcgi_record_event vane__fcgi_record_next(
	struct vane__fcgi_record *rec, struct vane_slice *in, struct vane_slice *data);

/* Whether a reader that has told all stands between two records. */
static inline bool vane__fcgi_record_between(const struct vane__fcgi_record *rec)
{
	return rec->have == 0;
}

#endif
