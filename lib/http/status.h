/* SPDX-License-Identifier: MIT */
/*
 * status.h - status codes and what they say (RFC 9110, 15).
 */
#ifndef VANE__STATUS_H
#define VANE__STATUS_H

#include "base.h"

/* "200 OK", static and with a NUL behind it; { NULL, 0 } for a status not registered. */
struct vane_slice vane__status_line(int status);

/* The words behind the number, "Unknown" for a status not registered. */
struct vane_slice vane__status_words(int status);

/* The same, quickly for the one that nearly all responses have. */
static inline struct vane_slice vane__status_reason(int status)
{
	if (LIKELY(status == 200))
		return (struct vane_slice) { "OK", 2 };
	return vane__status_words(status);
}

/* Whether a response with it never has a body, whatever its fields say (RFC 9112, 6.3): 1xx, 204, 304. */
static inline bool vane__status_bodyless(int status)
{
	return status < 200 || status == 204 || status == 304;
}

#endif
