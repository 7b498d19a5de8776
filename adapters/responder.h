/* SPDX-License-Identifier: MIT */
/*
 * responder.h - what the parts of the FastCGI responder share.
 *
 *	fastcgi.c        its life: sockets, settings, drain
 *	fastcgi_conn.c   connections that wait in the loop
 *	fastcgi_serve.c  the one request that runs
 */
#ifndef VANE__RESPONDER_H
#define VANE__RESPONDER_H

#include <vane/driver.h>
#include <vane/fastcgi.h>

#include "deadline.h"
#include "door.h"
#include "fcgx.h"
#include "intake.h"
#include "pace.h"
#include "ring.h"

/* Bytes read from a connection at once. */
#define VANE__FASTCGI_READ 65536

enum vane__fcconn_state {
	VANE__FCCONN_IDLE,    /* nothing of a request is here */
	VANE__FCCONN_BUSY,    /* some of one is */
	VANE__FCCONN_CLOSING, /* we have said all and wait for the peer to close */
};

struct vane__fcconn {
	struct vane__ring link; /* first */
	struct vane_fastcgi *fastcgi;
	struct vane_watch *watch; /* NULL until it has to wait */
	struct vane__deadline deadline;
	struct vane__intake *intake; /* NULL while idle */
	struct vane__pace pace;      /* of the body that comes */
	int64_t heard; /* when it was last looked at, by the loop's clock; 0: not yet */
	enum vane__fcconn_state state;
	int64_t since; /* by the loop's clock */
	int fd;
	int64_t linger_until;   /* CLOSING: by the loop's clock */
	unsigned short last_id; /* of the last request here, 0: none */
	bool overloaded;
	/* what had come when the time for its head was up is looked at already */
	bool late;
};

struct vane_fastcgi {
	struct vane_app *app;
	struct vane_loop *loop;
	struct vane_fastcgi_opts opts;
	struct vane__intake_limits limits;
	struct vane__fcgx *fcgx;
	struct vane_exchange *exchange;

	struct vane__door door;
	char *web_servers; /* FCGI_WEB_SERVER_ADDRS, NULL: all may come */

	struct vane__ring idle, others; /* connections by state */
	size_t conn_count;
	struct vane__intake *spare; /* for the next connection that has bytes */
	struct vane_slice in;       /* of buf: bytes of that connection not looked at yet */
	struct vane__fcconn *running; /* whose request runs */
	int64_t body_left; /* bytes of its body, by CONTENT_LENGTH; -1: unknown */
	bool ended;        /* its exchange is over */
	int end_rc;

	char buf[VANE__FASTCGI_READ];
};

/* Take a connection on, for good; -ENOMEM closes it. */
int vane__fcconn_add(struct vane_fastcgi *fastcgi, int fd, bool overloaded);

/* Close one and free it. */
void vane__fcconn_close(struct vane__fcconn *conn);

/* Close those that are idle, at once or when the grace is over, unless bytes come there. */
void vane__fcconn_retire_idle(struct vane_fastcgi *fastcgi);

/*
 * Close all but the one whose request runs; requests that have begun to come are named in the
 * log.
 */
void vane__fcconn_close_all(struct vane_fastcgi *fastcgi);

/* Give idle connections to whoever is free, but for the one whose request runs. */
void vane__fcconn_give(struct vane_fastcgi *fastcgi);

/* Send what the intake wants sent; never waits.  0 or a negative errno. */
int vane__fcconn_reply(struct vane__fcconn *conn);

/* What becomes of a connection after a request. */
enum vane__served {
	VANE__SERVED_KEEP,   /* the next request may come */
	VANE__SERVED_FINISH, /* half-close, and wait for the peer */
	VANE__SERVED_CUT     /* close at once */
};

/* Run the request that is in the connection's intake. */
enum vane__served vane__fcconn_serve(struct vane__fcconn *conn);

/* What carries the exchange of the responder. */
extern const struct vane_driver vane__fastcgi_driver;

#endif
