/* SPDX-License-Identifier: MIT */
/*
 * method.c - the names of methods, as numbers.
 */
#include "method.h"

#include "slice.h"

/* In the order of the enum: the first seven are indexed by it. */
static const struct vane_slice names[] = {
	SLICE_INIT("GET"),
	SLICE_INIT("HEAD"),
	SLICE_INIT("POST"),
	SLICE_INIT("PUT"),
	SLICE_INIT("PATCH"),
	SLICE_INIT("DELETE"),
	SLICE_INIT("OPTIONS"),
	SLICE_INIT("ACL"),
	SLICE_INIT("BIND"),
	SLICE_INIT("CHECKOUT"),
	SLICE_INIT("COPY"),
	SLICE_INIT("LINK"),
	SLICE_INIT("LOCK"),
	SLICE_INIT("MERGE"),
	SLICE_INIT("MKACTIVITY"),
	SLICE_INIT("MKCALENDAR"),
	SLICE_INIT("MKCOL"),
	SLICE_INIT("MOVE"),
	SLICE_INIT("PROPFIND"),
	SLICE_INIT("PROPPATCH"),
	SLICE_INIT("REBIND"),
	SLICE_INIT("REPORT"),
	SLICE_INIT("SEARCH"),
	SLICE_INIT("TRACE"),
	SLICE_INIT("UNBIND"),
	SLICE_INIT("UNLINK"),
	SLICE_INIT("UNLOCK"),
};

enum vane__method vane__method(struct vane_slice name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (vane__slice_equal(name, names[i]))
			return i < VANE__KNOWN ? (enum vane__method) i : VANE__KNOWN;
	return VANE__UNKNOWN;
}

const char *vane__method_name(enum vane__method m)
{
	return m < VANE__KNOWN ? names[m].data : NULL;
}
