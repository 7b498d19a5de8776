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
#include "form.h"

/*
 * Append the cookies of a Cookie field (RFC 6265, 5.4), in their order.
 *
 * Copies in the arena, without the quotes that some put around a value.  Pairs that are
 * malformed are passed over: other programs of the same site may have set them.  0 or -ENOMEM.
 */
int vane__cookie_parse(
	struct vane__pairs *out, struct arena *arena, struct vane_slice header);

/*
 * What is wrong with a cookie that is to be set, as what is said behind its name; NULL if nothing is.
 *
 * That is what RFC 6265, 4.1.1 forbids, and what browsers reject, silently: a path that does not begin
 * with "/", a SameSite that is none, SameSite=None and Partitioned without Secure, and a name whose
 * prefix says otherwise (RFC 6265bis, 4.1.3).
 */
const char *vane__cookie_fault(const struct vane_cookie *cookie);

/* Whether clients take a cookie of that name only so (RFC 6265bis, 4.1.3), in any case. */
bool vane__cookie_is_host(const char *name);
bool vane__cookie_is_secure(const char *name);

/*
 * Append the value of a Set-Cookie field; now is in seconds since 1970.
 *
 * A lifetime is written as Max-Age and as Expires, for clients that know only one.  A value
 * of NULL is written as an empty one.  -EINVAL if there is something wrong with it, -ENOMEM.
 * Nothing is appended then.
 */
int vane__cookie_format(struct buf *out, const struct vane_cookie *cookie, int64_t now);

/* The same for a client that is to forget the cookie; value and age do not count. */
int vane__cookie_format_gone(struct buf *out, const struct vane_cookie *cookie);

#endif
