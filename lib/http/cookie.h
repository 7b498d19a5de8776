/* SPDX-License-Identifier: MIT */
/*
 * cookie.h - Cookie and Set-Cookie (RFC 6265).
 */
#ifndef VANE__COOKIE_H
#define VANE__COOKIE_H

#include <vane/response.h>

#include "arena.h"
#include "base.h"
#include "buf.h"

/*
 * The value of a cookie by its exact name, the first if there are several; NULL if there is
 * none, or no memory.
 *
 * A copy in the arena, without the quotes that some put around it.  Pairs that are
 * malformed are passed over: other programs of the same site may have set them.
 */
const char *vane__cookie_find(
	struct vane_slice header, const char *name, struct arena *arena);

/*
 * Append the value of a Set-Cookie field; now is in seconds since 1970.
 *
 * Lifetimes are written as Max-Age and as Expires, for clients that know only one.  A value
 * of NULL is written as an empty one.  -EINVAL for what RFC 6265, 4.1.1 forbids, for a
 * SameSite that is none, and for SameSite=None without Secure, which browsers reject;
 * -ENOMEM.  Nothing is appended then.
 */
int vane__cookie_format(struct buf *out, const struct vane_cookie *cookie, int64_t now);

/* The same for a client that is to forget the cookie; value and age do not count. */
int vane__cookie_format_gone(struct buf *out, const struct vane_cookie *cookie);

#endif
