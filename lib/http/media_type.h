/* SPDX-License-Identifier: MIT */
/*
 * media_type.h - media types: "text/html; charset=utf-8" taken apart and compared (RFC 9110,
 * 8.3.1).
 */
#ifndef VANE__MEDIA_TYPE_H
#define VANE__MEDIA_TYPE_H

#include "base.h"

/* What a media type is made of; params begins at a semicolon, or is empty. */
struct vane__media_type {
	struct vane_slice type, subtype, params;
};

/*
 * Take a media type apart: 0, or -EINVAL if it is none.
 *
 * Type and subtype are tokens, which may be wildcards as well; what the parameters are like is not
 * looked at.
 */
int vane__media_type_parse(struct vane__media_type *out, struct vane_slice text);

/* A parameter by its name in any case, as it was written: data NULL if there is none. */
struct vane_slice vane__media_type_param(
	const struct vane__media_type *type, struct vane_slice name);

#endif
