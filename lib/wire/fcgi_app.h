/* SPDX-License-Identifier: MIT */
/*
 * fcgi_app.h - what only an application says and hears in FastCGI 1.0.
 *
 * Pure functions over bytes.  Numbers in brackets are sections of the specification.
 */
#ifndef VANE__FCGI_APP_H
#define VANE__FCGI_APP_H

#include "fcgi.h"

/* Whether a record whose header has come takes a request back (5.4). */
bool vane__fcgi_is_abort(const struct vane__fcgi_record *rec, unsigned id);

/* Write a whole FCGI_END_REQUEST (5.5), FCGI_UNKNOWN_TYPE (4.2): 16 bytes each. */
size_t vane__fcgi_end_request(
	unsigned char out[16], unsigned id, enum vane__fcgi_status status);
size_t vane__fcgi_unknown_type(unsigned char out[16], unsigned type);

/* What we tell a web server that asks with FCGI_GET_VALUES (4.1). */
struct vane__fcgi_limits {
	size_t max_conns, max_reqs;
};

/* Enough for any FCGI_GET_VALUES_RESULT of ours. */
enum { VANE__FCGI_TOLD = 160 };

/*
 * Write the FCGI_GET_VALUES_RESULT for the pairs asked for; names we do not know are left
 * out. Returns its length, or -EBADMSG if the pairs are malformed.
 */
int vane__fcgi_tell_values(unsigned char out[VANE__FCGI_TOLD], struct vane_slice asked,
	const struct vane__fcgi_limits *limits);

#endif
