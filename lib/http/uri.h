/* SPDX-License-Identifier: MIT */
/*
 * uri.h - request targets and authorities: splitting, checking, percent-encoding.
 *
 * Knows nothing of requests or of routes.
 */
#ifndef VANE__URI_H
#define VANE__URI_H

#include "base.h"

/*
 * Split a target in origin-form, or "*", into path and query, both still encoded (RFC 9112,
 * 3.2.1 and 3.2.4).
 *
 * query->data is NULL without a "?".  Returns 1 if the path has neither "%" nor ".", so that it is what
 * it means already, else 0; -EINVAL if the target does not begin with "/", or
 * holds a blank, a control character or "#".  Bytes above 0x7f are passed on: clients send
 * them.
 */
int vane__uri_split(
	struct vane_slice target, struct vane_slice *path, struct vane_slice *query);

/*
 * Percent-decode a path (RFC 3986, 2.1).  "%2F" becomes a NUL byte, so that routes can tell
 * it from a slash that separates segments; no other NUL can occur.
 *
 * out has room for in.len + 1 bytes and may be in.data itself; it ends in a NUL that *len
 * does not count.  -EINVAL for a "%" without two hexadecimal digits and for a NUL, encoded
 * or not; out holds nothing of use then.
 */
int vane__uri_decode_path(char *out, struct vane_slice in, size_t *len);

/*
 * Resolve the "." and ".." segments of a decoded path in place (RFC 3986, 5.2.4).
 *
 * The path begins with "/"; *len and the NUL behind it are set anew.  An encoded slash, which
 * is a NUL byte here, borders a segment as well: front servers match their rules on the path
 * that comes of both.  -EINVAL for one that climbs above the root; -EBADMSG for ".." behind an
 * empty segment: "/a//.." is "/" for who makes one slash of two, and "/a/" for who does not.
 */
int vane__uri_resolve(char *path, size_t *len);

/*
 * Take a target in absolute-form apart (RFC 9112, 3.2.2).
 *
 * The authority passes vane__authority_ok(); a userinfo is refused.  *origin is what the
 * target would be in origin-form: "/" if there is neither path nor query.  After
 * "http://host?query" it is "?query", as there is no place for the slash; its path is "/".
 * -EINVAL for anything else.  Which schemes are served is the caller's business.
 */
int vane__uri_absolute(struct vane_slice target, struct vane_slice *scheme,
	struct vane_slice *authority, struct vane_slice *origin);

/*
 * Whether it is uri-host [ ":" port ] (RFC 9110, 7.2): a name, an IPv4 address, or an IPv6
 * address in brackets, and a port up to 65535, which may be empty.  No userinfo, no zone.
 */
bool vane__authority_ok(struct vane_slice host);

/*
 * Percent-encode a decoded path.  Leaves what a path may hold (RFC 3986, 3.3) and slashes
 * as they are.  Writes as snprintf() does: returns the length needed, cuts to fit.
 */
size_t vane__uri_quote(char *buf, size_t size, struct vane_slice path);

#endif
