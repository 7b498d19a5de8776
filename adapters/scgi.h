/* SPDX-License-Identifier: MIT */
/*
 * scgi.h - what the parts of the SCGI responder share.
 *
 *	scgi.c         its life: sockets, settings, drain
 *	scgi_conn.c    its connections in the loop, and the request that comes there
 *	scgi_driver.c  the driver of their exchanges: body in, response out
 */
#ifndef VANE__SCGI_H
#define VANE__SCGI_H

#include <vane/driver.h>
#include <vane/scgi.h>

#include "acceptor.h"
#include "buf.h"
#include "deadline.h"
#include "list.h"
#include "outbox.h"
#include "pace.h"
#include "scgi_head.h"

/* Bytes read from a connection at once. */
#define VANE__SCGI_READ 65536

/* Exchanges that are kept for the next requests; mostly one runs at a time. */
#define VANE__SCGI_SPARES 8

/* In the order in which they happen. */
enum vane__scgi_state {
	VANE__SCGI_HEAD,    /* the head is coming */
	VANE__SCGI_BODY,    /* the body is coming, and the exchange has not begun */
	VANE__SCGI_RUNNING, /* the exchange has begun, and waits for body or for room */
	VANE__SCGI_SENDING, /* it is over; the socket has not taken all of the response */
	VANE__SCGI_CLOSING  /* we have said all and wait for the peer to close */
};

struct vane__scgi_conn {
	struct list node;
	struct vane_scgi *scgi;
	struct vane_watch *watch; /* NULL until it has to wait */
	int events;               /* that it waits for */
	struct vane__deadline deadline;
	int fd;
	enum vane__scgi_state state;
	bool begun;    /* something of the head has come */
	bool late;     /* what had come when the time was up is looked at already */
	int64_t since; /* begun, or else the connection; by the loop's clock */
	int refused;   /* the status that it is refused with, 0: it is not */
	struct vane__scgi_head head;

	struct buf body;        /* what has come of it in the loop */
	size_t body_at;         /* so much of that was read */
	int64_t body_left;      /* bytes of it that have not come */
	int input_error;        /* no more of it will come, as a negative errno */
	struct vane__pace pace; /* of the body */
	int64_t heard; /* when it was last looked at, by the loop's clock; 0: not yet */

	struct vane_exchange *x; /* NULL: none runs */
	struct vane__outbox out;
	size_t turn_bytes; /* of the response that were taken in this turn */
	bool ended;        /* the exchange is over: with */
	int end_rc;
	int64_t linger_until; /* VANE__SCGI_CLOSING: by the loop's clock */
};

struct vane_scgi {
	struct vane_app *app;
	struct vane_loop *loop;
	struct vane_scgi_opts opts;
	struct vane__scgi_limits limits;

	struct vane__acceptor acceptor;
	struct list conns;
	size_t conn_count;
	struct vane_exchange *spares[VANE__SCGI_SPARES];
	size_t spare_count;

	struct vane__scgi_conn *running; /* a call into its exchange is on the stack */
	struct buf out;                  /* what is gathered for one, within a turn */
	char in[VANE__SCGI_READ];
};

/* ---- scgi_conn.c ---- */

/* Take a connection on, for good; -ENOMEM closes it. */
int vane__scgi_conn_add(struct vane_scgi *scgi, int fd);

/* Close those on which nothing of a request has come, at once or when the grace is over. */
void vane__scgi_conn_retire_idle(struct vane_scgi *scgi);

/*
 * Close all but the one whose handler runs; requests that have begun to come are named in the
 * log.
 */
void vane__scgi_conn_close_all(struct vane_scgi *scgi);

/* ---- scgi_driver.c ---- */

/* What carries the exchanges. */
extern const struct vane_driver vane__scgi_driver;

/*
 * Take bytes that were looked at out of the socket; but the last one stays there if the request is
 * whole.  0 or a negative errno.
 */
int vane__scgi_conn_consume(struct vane__scgi_conn *conn, size_t len, bool whole);

/* Whether the body, waited for so much longer, has more to come and that too slowly. */
bool vane__scgi_conn_slow(struct vane__scgi_conn *conn, int64_t waited);

#endif
