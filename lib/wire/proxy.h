/* SPDX-License-Identifier: MIT */
/*
 * proxy.h - the PROXY protocol, versions 1 and 2: the header that a proxy puts before a connection to
 * say whose it is.
 *
 * Pure functions over bytes.  The protocol is
 * <https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt>; numbers in brackets are its sections.
 */
#ifndef VANE__PROXY_H
#define VANE__PROXY_H

#include <netinet/in.h>

#include "base.h"

/* A header of version 2 with its TLVs may be as long; one of version 1 has 107 bytes at most (2.1). */
#define VANE__PROXY_MAX 4096

/* Whose connection it is. */
struct vane__proxy {
	/* neither: the proxy's own (LOCAL), of who connects */
	bool said;
	bool hidden; /* somebody's of whom no address is said (UNKNOWN, unix sockets): not the proxy's */
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} peer;
};

/*
 * Read a header from the first bytes of a connection.  Returns 1 if it is whole, with its length in
 * *used; 0 if more is needed; -EBADMSG if none begins so, or it is malformed or too long.
 */
int vane__proxy_read(struct vane__proxy *proxy, struct vane_slice in, size_t *used);

#endif
