/* SPDX-License-Identifier: MIT */
/*
 * xheaders.h - what a proxy says about the client, and which proxies are believed.
 *
 * The names are Tornado's, and so is the order in which fields count.  Unlike Tornado, only
 * a trusted peer is asked: the caller looks at vane__trusted() of the peer first.
 */
#ifndef VANE__XHEADERS_H
#define VANE__XHEADERS_H

#include "base.h"

struct vane__trust; /* addresses and networks */

/*
 * Read a list of IPv4 and IPv6 addresses and networks, "10.0.0.1, 192.168.0.0/16,
 * fd00::/8", with commas or blanks between.  NULL stands for loopback, 127.0.0.0/8 and ::1;
 * an empty list trusts nobody.  Unix sockets are always trusted.  -EINVAL, -ENOMEM.
 */
int vane__trust_new(struct vane__trust **out, const char *list);

void vane__trust_free(struct vane__trust *trust);

/*
 * Whether a peer is trusted; "" is one behind a unix socket, and always is.  IPv4 addresses
 * mapped into IPv6 count as what they are.  A trust of NULL has unix sockets only.
 */
bool vane__trusted(const struct vane__trust *trust, struct vane_slice addr);

/* Whether that is an IPv4 or IPv6 address, with or without a zone: one that a list can know. */
bool vane__is_address(struct vane_slice addr);

/*
 * The client's address as X-Forwarded-For and X-Real-Ip have it; data NULL for a field that
 * was not sent.
 *
 * It is the last of X-Forwarded-For that is not trusted, the first if all are; X-Real-Ip
 * overrides it.  *addr is a slice of the field.  False if that is no IP address or there is
 * none: the address stays as it is then.
 */
bool vane__xheaders_remote(const struct vane__trust *trust, struct vane_slice forwarded_for,
	struct vane_slice real_ip, struct vane_slice *addr);

/*
 * The client's scheme as X-Scheme has it, else X-Forwarded-Proto, whose last element
 * counts. False if it is neither http nor https: the scheme stays as it is then.
 */
bool vane__xheaders_scheme(
	struct vane_slice x_scheme, struct vane_slice x_forwarded_proto, bool *https);

#endif
