/* SPDX-License-Identifier: MIT */
/*
 * scgi.h - what the parts of the SCGI responder share.
 *
 *	scgi.c         its settings
 *	scgi_serve.c   the request that comes on a connection, and its protocol
 *	scgi_driver.c  the driver of their exchanges: body in, response out
 */
#ifndef VANE__SCGI_H
#define VANE__SCGI_H

#include <vane/scgi.h>

#include "responder.h"
#include "scgi_head.h"

struct vane__scgi_conn {
	struct vane__responder_conn base;
	struct vane__scgi_head head;
	bool large;        /* that is more than allowed */
	bool peeked;       /* what was read last is in the socket still */
	struct buf body;   /* what has come of it in the loop */
	size_t body_at;    /* so much of that was read */
	int64_t body_left; /* bytes of it that have not come, -1: the head has not */
};

struct vane_scgi {
	struct vane__responder base;
	struct vane__scgi_limits limits;
};

static inline struct vane__scgi_conn *vane__scgi_conn(struct vane__responder_conn *base)
{
	return CONTAINER_OF(base, struct vane__scgi_conn, base);
}

/* ---- scgi_driver.c ---- */

/*
 * Take bytes that were looked at out of the socket; but the last one stays there if the request is
 * whole.  0 or a negative errno.
 */
int vane__scgi_consume(struct vane__scgi_conn *conn, size_t len, bool whole);

extern const struct vane_driver vane__scgi_driver;

/* ---- scgi_serve.c ---- */

extern const struct vane__responder_protocol vane__scgi_responder;

#endif
