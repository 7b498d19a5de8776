/* SPDX-License-Identifier: MIT */
/*
 * fields.h - the grammar that fields share: tokens, lists, parameters (RFC 9110, 5).
 *
 * What a single field means is its own file's business.
 */
#ifndef VANE__FIELDS_H
#define VANE__FIELDS_H

#include "arena.h"
#include "base.h"

/* Whether all of it is one token (RFC 9110, 5.6.2); an empty slice is none. */
bool vane__is_token(struct vane_slice s);

/* Take a token off the front, perhaps an empty one. */
struct vane_slice vane__take_token(struct vane_slice *s);

/*
 * Whether a field may carry these bytes: no control character but the tab (RFC 9110, 5.5).
 * Bytes above 0x7f are allowed, and so is nothing at all.
 */
bool vane__field_value_ok(struct vane_slice s);

/*
 * Take the next item off a list with commas (RFC 9110, 5.6.1).
 *
 * Items lose the blanks around them, empty ones are passed over, and commas inside of
 * quoted strings do not count.  A quoted string without its end reaches to the end of the
 * list. Returns false behind the last item, with rest->data NULL.
 */
bool vane__list_next(struct vane_slice *rest, struct vane_slice *item);

/*
 * Take the next parameter off what follows a value: "; name=token" or ";
 * name=quoted-string" (RFC 9110, 5.6.6).
 *
 * *rest begins at a semicolon, or at blanks before it, or is empty.  *value is what stands
 * between the quotes, backslashes and all; *quoted says that there were quotes.
 * Returns 1, 0 at the end, or -EINVAL.
 */
int vane__param_next(struct vane_slice *rest, struct vane_slice *name,
	struct vane_slice *value, bool *quoted);

/*
 * The value of a parameter by its name in any case, the first if there are several.
 *
 * *out is a copy in the arena without quotes and backslashes, with a NUL behind it. Returns
 * 1, 0 if there is none, -EINVAL if what stands before it is malformed or the value holds a
 * control character, -ENOMEM.
 */
int vane__field_param(struct vane_slice value, struct vane_slice name, struct arena *arena,
	struct vane_slice *out);

/*
 * Whether a field concerns only one connection and is never shown to handlers (RFC 9110,
 * 7.6.1, and Expect); nor is Proxy, which CGI would turn into HTTP_PROXY ("httpoxy").
 * The name is in lower case.
 */
bool vane__field_hop_by_hop(struct vane_slice lower_name);

/*
 * Whether a parameter of a front server is never shown to handlers: HTTP_PROXY, in any case,
 * which is the client's Proxy field and which libraries take for a setting ("httpoxy").
 */
bool vane__param_hidden(struct vane_slice name);

#endif
