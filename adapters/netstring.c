/* SPDX-License-Identifier: MIT */
/*
 * netstring.c - netstrings, "5:hello,", as they come in.
 *
 * Pure: it is handed bytes and says what they are.
 */
#include "netstring.h"

static enum vane__netstring_event bad(struct vane__netstring *ns, const char *why)
{
	ns->why = why;
	return VANE__NETSTRING_BAD;
}

/* One more byte of the length, or the colon behind it. */
static enum vane__netstring_event length_byte(
	struct vane__netstring *ns, size_t max, char c)
{
	size_t digit = (size_t) (c - '0');

	if (c == ':' && ns->digits > 0) {
		ns->begun = true;
		ns->left = ns->length;
		return VANE__NETSTRING_MORE;
	}
	if (c < '0' || c > '9')
		return bad(ns, "no netstring");
	if (ns->digits > 0 && ns->length == 0)
		return bad(ns, "a length with a leading zero");
	if (ns->length > max / 10 || digit > max - ns->length * 10)
		return bad(ns, "too many bytes");
	ns->length = ns->length * 10 + digit;
	ns->digits++;
	return VANE__NETSTRING_MORE;
}

static char take_byte(struct vane_slice *in)
{
	in->len--;
	return *in->data++;
}

enum vane__netstring_event vane__netstring_next(struct vane__netstring *ns, size_t max,
	struct vane_slice *in, struct vane_slice *data)
{
	while (in->len > 0 && !ns->begun) {
		enum vane__netstring_event event = length_byte(ns, max, take_byte(in));

		if (event != VANE__NETSTRING_MORE)
			return event;
	}
	if (in->len == 0)
		return VANE__NETSTRING_MORE;
	if (ns->left == 0)
		return take_byte(in) == ',' ? VANE__NETSTRING_END
					    : bad(ns, "no comma behind the content");
	*data = (struct vane_slice) { in->data, in->len < ns->left ? in->len : ns->left };
	ns->left -= data->len;
	in->data += data->len;
	in->len -= data->len;
	return VANE__NETSTRING_DATA;
}
