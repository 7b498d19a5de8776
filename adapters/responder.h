/* SPDX-License-Identifier: MIT */
/*
 * responder.h - what the parts of the FastCGI responder share.
 *
 *	fastcgi_out.c     what goes out on connections
 *	fastcgi_conn.c    what they have, wait for, and end with
 *	fastcgi_serve.c   the requests that come there
 *	fastcgi_driver.c  what carries their exchanges
 *	fastcgi.c         the life of it all: sockets, settings, drain
 */
#ifndef VANE__RESPONDER_H
#define VANE__RESPONDER_H

#include <vane/driver.h>
#include <vane/fastcgi.h>

#include "base.h"
#include "buf.h"
#include "deadline.h"
#include "acceptor.h"
#include "fcgi_request.h"
#include "list.h"
#include "outbox.h"
#include "pace.h"

/* Bytes read from a connection at once. */
#define VANE__FASTCGI_READ 65536

/* Exchanges that are kept for the next requests; mostly one runs at a time. */
#define VANE__FASTCGI_SPARES 8

/* In the order in which they happen. */
enum vane__fcconn_state {
	VANE__FCCONN_IDLE,    /* nothing of a request is here */
	VANE__FCCONN_BUSY,    /* some of one is, and it does not run yet */
	VANE__FCCONN_RUNNING, /* its exchange has begun, and waits for body or for room */
	VANE__FCCONN_SENDING, /* it is answered; the socket has not taken all */
	VANE__FCCONN_CLOSING, /* we have said all and wait for the peer to close */
};

/* What becomes of a connection after a request. */
enum vane__fcconn_next {
	VANE__FCCONN_KEEP,   /* the next request may come */
	VANE__FCCONN_FINISH, /* half-close, and wait for the peer */
	VANE__FCCONN_CUT     /* close at once */
};

struct vane__fcconn {
	struct list node; /* of the idle ones, or of all others */
	struct vane_fastcgi *fastcgi;
	struct vane_watch *watch; /* NULL until it has to wait */
	int events;               /* that it waits for */
	struct vane__deadline deadline;
	struct vane__fcgi_req *in; /* NULL while idle */
	struct vane_exchange *x;   /* NULL: none runs */
	enum vane__fcconn_state state;
	enum vane__fcconn_next next; /* when all is sent */
	int64_t since;               /* by the loop's clock */
	int fd;

	struct vane__outbox out;
	size_t record_at;  /* the header of the record that is open, in what is gathered */
	bool record_open;  /* there is one */
	size_t turn_bytes; /* of body that were taken in this turn */
	bool ended;        /* the exchange is over: with */
	int end_rc;
	int64_t body_length; /* by CONTENT_LENGTH, -1: unknown; */
	int64_t body_left;   /* so many bytes of that are not read, -1: unknown */
	struct buf rest;     /* bytes that came behind the request that is being answered */
	int input_error;     /* what ended the input before its time; 0: nothing */

	struct vane__pace pace; /* of the body that comes */
	int64_t heard; /* when it was last looked at, by the loop's clock; 0: not yet */
	int64_t linger_until;   /* CLOSING: by the loop's clock */
	unsigned short last_id; /* of the last request here, 0: none */
	bool looked;            /* in the last turn what had come went first */
	bool skips; /* more of the last request may come, which means nothing to others */
	bool overloaded;
	/* what had come when the time for its head was up is looked at already */
	bool late;
};

struct vane_fastcgi {
	struct vane_app *app;
	struct vane_loop *loop;
	struct vane_fastcgi_opts opts;
	/* those above tell those below what carries an exchange, and who hears of events */
	const struct vane_driver *driver;
	void (*on_ready)(int fd, int events, void *conn);
	struct vane__fcgi_req_limits limits;

	struct vane__acceptor acceptor;
	char *web_servers; /* FCGI_WEB_SERVER_ADDRS, NULL: all may come */

	struct list idle, others; /* connections by state */
	size_t conn_count;
	struct vane__fcgi_req *spare_in; /* for the next connection that has bytes */
	struct vane_exchange *spares[VANE__FASTCGI_SPARES];
	size_t spare_count;

	struct vane__fcconn *running; /* a call into its exchange is on the stack */
	struct vane_slice in;         /* of buf: bytes of one not looked at yet */
	struct buf out;               /* what is gathered for one, within a turn */
	char buf[VANE__FASTCGI_READ];
};

/* ---- fastcgi_out.c ---- */

/* Head and body of a response, see struct vane_driver. */
int vane__fcconn_begin(struct vane__fcconn *conn, const struct vane_head *head);
ssize_t vane__fcconn_write(struct vane__fcconn *conn, const struct vane_slice *piece);

/* Add whole records of our own, and send what is gathered: 0 or a negative errno. */
int vane__fcconn_say(struct vane__fcconn *conn, const void *records, size_t len);

/*
 * The exchange is over: say so to the web server.  cut: the response is not whole, and the web
 * server is to know; last: no other request is to come on this connection.  0 or a negative errno.
 */
int vane__fcconn_say_end(struct vane__fcconn *conn, bool cut, bool last);

/* Send what is gathered, or was left: 0, also if some of it is left, or a negative errno. */
int vane__fcconn_send(struct vane__fcconn *conn);

/* Whether the web server has taken the request back, and waits for us to say that it is over. */
bool vane__fcconn_aborted(struct vane__fcconn *conn);

/* Whether it has lost interest: that, or it has closed. */
bool vane__fcconn_gone(struct vane__fcconn *conn);

/* ---- fastcgi_conn.c ---- */

void vane__fcconn_set_state(struct vane__fcconn *conn, enum vane__fcconn_state state);

/* What its requests are put together in; NULL without memory. */
struct vane__fcgi_req *vane__fcconn_take_request(struct vane__fcconn *conn);
void vane__fcconn_drop_request(struct vane__fcconn *conn);

/* An exchange for a request, NULL without memory; and back when it is over. */
struct vane_exchange *vane__fcconn_take_exchange(struct vane_fastcgi *fastcgi);
void vane__fcconn_give_exchange(struct vane__fcconn *conn);

/* The peer is gone, or has taken the request back: the exchange frees itself. */
void vane__fcconn_abort_exchange(struct vane__fcconn *conn);

/* Close it and free it. */
void vane__fcconn_close(struct vane__fcconn *conn);

/* Wait in the loop.  False if that cannot be; the connection is closed then. */
bool vane__fcconn_watch(struct vane__fcconn *conn, int events);

/* The same, for so long. */
void vane__fcconn_wait_for(struct vane__fcconn *conn, int events, int64_t msec);

/* Its time begins anew: 0 or -ENOMEM. */
int vane__fcconn_restart_time(struct vane__fcconn *conn, int64_t msec);

/* Whether the socket is ready for what it is waited for. */
bool vane__fcconn_is_ready(const struct vane__fcconn *conn);

/* Half-close, and wait for the peer to close; go on with that. */
void vane__fcconn_finish(struct vane__fcconn *conn);
void vane__fcconn_linger(struct vane__fcconn *conn);

/* We stop, and it is idle: close it, at once or when the grace is over, unless bytes come there. */
void vane__fcconn_retire(struct vane__fcconn *conn);
void vane__fcconn_retire_idle(struct vane_fastcgi *fastcgi);

/*
 * Close all but the one whose handler runs; requests that have begun to come are named in the
 * log.
 */
void vane__fcconn_close_all(struct vane_fastcgi *fastcgi);

/* Give idle connections to whoever is free, but for the one whose handler runs. */
void vane__fcconn_give(struct vane_fastcgi *fastcgi);

/* ---- fastcgi_serve.c ---- */

/* Take a connection on, for good; -ENOMEM closes it. */
int vane__fcconn_add(struct vane_fastcgi *fastcgi, int fd, bool overloaded);

/* Something has come on a connection, or there is room. */
void vane__fcconn_on_ready(int fd, int events, void *conn);

/*
 * Within a handler: wait for more of the body, for so long at most, and for its end.  0 or a
 * negative errno.
 */
int vane__fcconn_await_body(struct vane__fcconn *conn, int64_t msec);

/* ---- fastcgi_driver.c ---- */

/* What carries the exchanges. */
extern const struct vane_driver vane__fastcgi_driver;

#endif
