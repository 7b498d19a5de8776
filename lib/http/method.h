/* SPDX-License-Identifier: MIT */
/*
 * method.h - the names of methods, as numbers.
 */
#ifndef VANE__METHOD_H
#define VANE__METHOD_H

#include "base.h"

enum vane__method {
	VANE__GET, /* those with a function in struct vane_handler come first */
	VANE__HEAD,
	VANE__POST,
	VANE__PUT,
	VANE__PATCH,
	VANE__DELETE,
	VANE__OPTIONS,
	VANE__KNOWN, /* registered (TRACE, PROPFIND, ...), but has no function of its own */
	VANE__UNKNOWN
};

/*
 * What a method is; names are case-sensitive (RFC 9110, 9.1).
 *
 * KNOWN are the methods of IANA's registry that the parser of HTTP/1 can read as well, so
 * that every mode draws the line at the same place.  CONNECT and PRI are UNKNOWN: they ask
 * for something else than a resource.
 */
enum vane__method vane__method(struct vane_slice name);

/* The name of one of the seven, NULL for the others. */
const char *vane__method_name(enum vane__method m);

#endif
