/* SPDX-License-Identifier: MIT */
/*
 * forwarded.h - the field Forwarded (RFC 7239): what proxies say about a client, its address, its
 * scheme, and the host that it asked for.
 */
#ifndef VANE__FORWARDED_H
#define VANE__FORWARDED_H

#include "base.h"

struct vane__trust;

/* What is said of the client; data NULL where nothing is, or what is said is hidden. */
struct vane__forwarded {
	struct vane_slice addr; /* an IP address, without brackets */
	unsigned port;          /* 0: not said */
	struct vane_slice host;
	struct vane_slice proto;
};

/*
 * Find the element that counts: the last whose for= is no trusted address, the first if all are.  One
 * that is hidden, "unknown" or "_name", is not trusted (6.3): nobody before it is believed.  All is a
 * slice of the list.  False for a list that is malformed.
 */
bool vane__forwarded(const struct vane__trust *trust, struct vane_slice list,
	struct vane__forwarded *out);

#endif
