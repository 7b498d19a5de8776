/* SPDX-License-Identifier: MIT */
/*
 * cond.h - conditional requests (RFC 9110, 13).
 */
#ifndef VANE__COND_H
#define VANE__COND_H

#include "base.h"

enum vane__cond {
	VANE__COND_PASS,         /* go on as if there were no condition */
	VANE__COND_NOT_MODIFIED, /* answer 304 */
	VANE__COND_FAILED        /* answer 412 */
};

/* The values of the fields, with data NULL for one that was not sent. */
struct vane__cond_fields {
	struct vane_slice if_match, if_none_match, if_modified_since, if_unmodified_since;
};

/*
 * Evaluate a request's preconditions in the order of RFC 9110, 13.2.2, for a resource that
 * exists.
 *
 * safe says that the method is GET or HEAD.  etag is the current entity-tag, with data NULL
 * if there is none; modified is in seconds since 1970, or -1.  What is malformed does not
 * match, and a date that is none does not count.
 */
enum vane__cond vane__cond_evaluate(const struct vane__cond_fields *f, bool safe,
	struct vane_slice etag, int64_t modified);

/*
 * Whether a Range counts that has this If-Range with it (data NULL: none): only what the
 * client has a part of is still what there is (RFC 9110, 13.1.5).  An entity-tag is compared
 * strongly, a date has to be the same.
 */
bool vane__cond_if_range(struct vane_slice field, struct vane_slice etag, int64_t modified);

/* Whether it is one entity-tag, weak or strong (RFC 9110, 8.8.3). */
bool vane__etag_ok(struct vane_slice etag);

#endif
