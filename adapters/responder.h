/* SPDX-License-Identifier: MIT */
/*
 * responder.h - a responder that an event loop drives, whatever its protocol: what FastCGI and SCGI
 * have in common.
 *
 *	responder.c         its life: sockets, settings, drain
 *	responder_look.c    what only who looks after the front's configuration is to see
 *	responder_serve.c   what comes on a connection, and the exchange that runs there
 *	responder_conn.c    what a connection has, waits for, and ends with
 *	responder_driver.c  what the drivers of both share
 *	responder_mistaken.c  peers that speak something else
 *
 * A connection waits in the loop until a request is there, whose exchange is then begun; one that
 * waits for the rest of its body, or for its peer to read, holds up nobody.  A protocol embeds a
 * struct vane__responder in its own, a struct vane__responder_conn in its connections, and is a
 * table of calls.
 */
#ifndef VANE__RESPONDER_H
#define VANE__RESPONDER_H

#include <vane/driver.h>

#include "acceptor.h"
#include "base.h"
#include "buf.h"
#include "deadline.h"
#include "limit.h"
#include "list.h"
#include "outbox.h"
#include "pace.h"
#include "score.h"
#include "sniff.h"

struct vane_handover;
struct vane_fastcgi;
struct vane_scgi;

/* Bytes read from a connection at once. */
#define VANE__RESPONDER_READ 65536

/* Exchanges that are kept for the next requests; mostly one runs at a time. */
#define VANE__RESPONDER_SPARES 8

/* A body is waited for before the exchange begins until so much of it is here. */
#define VANE__RESPONDER_BODY_WAIT (32 * 1024)

/* In the order in which they happen. */
enum vane__responder_state {
	VANE__RESPONDER_IDLE,    /* nothing of a request is here */
	VANE__RESPONDER_BUSY,    /* some of one is, and it does not run yet */
	VANE__RESPONDER_RUNNING, /* its exchange has begun, and waits for body or for room */
	VANE__RESPONDER_SENDING, /* it is answered; the socket has not taken all */
	VANE__RESPONDER_CLOSING  /* we have said all and wait for the peer to close */
};

/* How much of a request has come, in this order. */
enum vane__responder_phase {
	VANE__RESPONDER_HEAD, /* its head is not whole */
	VANE__RESPONDER_BODY, /* its body has more to come */
	VANE__RESPONDER_WHOLE /* or no more of it is looked at */
};

/* A connection.  The protocol hands it out zeroed. */
struct vane__responder_conn {
	struct list node; /* of the idle ones, or of all others */
	struct vane__responder *responder;
	struct vane_watch *watch; /* NULL until it has to wait */
	int events;               /* that it waits for */
	int fd;
	struct vane__deadline deadline;
	enum vane__responder_state state;
	int64_t since; /* it is idle, or the request came; by the loop's clock */

	struct vane_exchange *x; /* NULL: none runs */
	struct vane__outbox out;
	size_t turn_bytes; /* of the response that were taken in this turn */
	bool ended;        /* the exchange is over: with */
	int end_rc;
	struct buf rest; /* bytes that came behind the request that is being answered */
	int input_error; /* what ended the input before its time; 0: nothing */

	struct vane__pace pace; /* of the body that comes */
	int64_t heard; /* when it was last looked at, by the loop's clock; 0: not yet */
	int64_t linger_until; /* CLOSING: by the loop's clock */
	bool looked;          /* in the last turn what had come went first */
	bool late;            /* what had come when the time was up is looked at already */
	bool overloaded;      /* there are more than allowed: it is not to stay */
	bool ours; /* set by the protocol: other processes could not go on with it */
};

/* What a protocol does.  A bool says whether the connection goes on in this turn. */
struct vane__responder_protocol {
	const char *name; /* for the log */
	enum vane__spoken speaks;
	const struct vane_driver *driver;
	bool keeps; /* a connection has many requests, and may be idle for as long as it likes */
	size_t extra; /* connections above the limit that are told so; others are closed */

	/* A connection, NULL without memory; and back, when its socket is gone. */
	struct vane__responder_conn *(*new_conn)(void);
	void (*free_conn)(struct vane__responder_conn *conn);

	/* Read what is there, once, into the responder's buf, as recv() does. */
	ssize_t (*receive)(struct vane__responder_conn *conn);
	/* Do what the bytes in the responder's in ask for: serve, feed, await more. */
	void (*take_in)(struct vane__responder_conn *conn);

	/* Of the request that is here: how far it is, the bytes of its body so far, a variable. */
	enum vane__responder_phase (*phase)(struct vane__responder_conn *conn);
	int64_t (*body_bytes)(struct vane__responder_conn *conn);
	struct vane_slice (*var)(struct vane__responder_conn *conn, struct vane_slice name);

	/* Fill in its env: 0, a status to refuse it with, or a negative errno. */
	int (*fill)(struct vane__responder_conn *conn, struct vane_env *env);
	/* It is answered, and the answer waits for room: body that has come is of no use. */
	void (*drop_body)(struct vane__responder_conn *conn);

	/* Gather, or send, a piece of the response: as a driver's write. */
	ssize_t (*write)(struct vane__responder_conn *conn, const struct vane_slice *piece);
	/* Send what is gathered, or was left: 0, also if some is left, or a negative errno. */
	int (*send)(struct vane__responder_conn *conn);
	/* The exchange is over: say so, and send; a negative errno closes the connection. */
	int (*conclude)(struct vane__responder_conn *conn);
	/* All of the answer is with the socket: what follows. */
	bool (*sent)(struct vane__responder_conn *conn);
};

/* Settings, as those of vane/fastcgi.h, in force: VANE__UNLIMITED is no limit, also of min_rate 0. */
struct vane__responder_opts {
	int64_t request_msec, min_rate, write_msec;
	int64_t max_connections;
	int64_t grace_msec;
	struct vane_handover *handover;
};

/* Their defaults. */
#define VANE__RESPONDER_REQUEST_MSEC    (10 * 1000)
#define VANE__RESPONDER_MIN_RATE        500
#define VANE__RESPONDER_WRITE_MSEC      (60 * 1000)
#define VANE__RESPONDER_MAX_CONNECTIONS 10000
#define VANE__RESPONDER_GRACE_MSEC      500

/* And of what the head of a request may be. */
#define VANE__RESPONDER_HEAD_BYTES (64 * 1024)
#define VANE__RESPONDER_HEAD_VARS  512

/* What of a request nobody is to see but who looks after the front's configuration. */
struct vane__responder_look {
	bool kept;  /* its connection is to stay */
	bool proxy; /* there is an HTTP_PROXY */
};

struct vane__responder {
	const struct vane__responder_protocol *protocol;
	struct vane_app *app;
	struct vane_loop *loop;
	struct vane__responder_opts opts;
	/* whether a peer may connect; NULL: all may */
	bool (*may_connect)(struct vane__responder *responder, const struct sockaddr *peer);
	/* who hears of events: those above tell those below */
	void (*on_ready)(int fd, int events, void *conn);

	struct vane__acceptor acceptor;
	struct list idle, others; /* connections by state */
	size_t conn_count;
	struct vane_exchange *spares[VANE__RESPONDER_SPARES];
	size_t spare_count;

	struct vane__responder_look *look;    /* of the request that began last; NULL */
	struct vane__sniff_log mistaken;      /* peers that speak something else */
	struct vane__responder_conn *running; /* a call into its exchange is on the stack */
	struct vane_slice in;                 /* of buf: bytes of one not looked at yet */
	struct buf out;                       /* what is gathered for one, within a turn */
	char buf[VANE__RESPONDER_READ];
};

/* ---- responder.c ---- */

/* Begin one that is zeroed: 0, or a negative errno, and there is nothing to be ended. */
int vane__responder_init(struct vane__responder *responder,
	const struct vane__responder_protocol *protocol, struct vane_app *app,
	struct vane_loop *loop, const struct vane__responder_opts *opts);
void vane__responder_fini(struct vane__responder *responder);

/* As those of the public interface. */
int vane__responder_add_sockets(
	struct vane__responder *responder, struct vane_sockets *socks);
int vane__responder_drain(
	struct vane__responder *responder, int64_t msec, vane_loop_fn done, void *data);
size_t vane__responder_cut(struct vane__responder *responder);

/* ---- responder_serve.c ---- */

/* Take a connection on, for good; -ENOMEM closes it. */
int vane__responder_add(struct vane__responder *responder, int fd, bool overloaded);

/* Something has come on a connection, or there is room. */
void vane__responder_on_ready(int fd, int events, void *conn);

/* Run the request that is here.  Whether the connection goes on. */
bool vane__responder_serve(struct vane__responder_conn *conn);

/* A request begins with those variables: note what is looked for, if somebody looks. */
void vane__responder_look(struct vane__responder_conn *conn, const struct vane_field *vars,
	size_t count, bool kept);

/* Have that looked for in all requests from now on; NULL: not any more. */
void vane__fastcgi_set_look(
	struct vane_fastcgi *fastcgi, struct vane__responder_look *look);
void vane__scgi_set_look(struct vane_scgi *scgi, struct vane__responder_look *look);

/* More of the body has come, or its end.  Whether the connection goes on. */
bool vane__responder_feed(struct vane__responder_conn *conn);

/* All of an answer is said: what follows when it is sent.  Whether the connection goes on. */
bool vane__responder_answered(struct vane__responder_conn *conn);

/* The input is used up, and the request wants more. */
void vane__responder_await_more(struct vane__responder_conn *conn);

/* Whether the request is answered, so that what comes of it is of no use. */
static inline bool vane__responder_is_answered(const struct vane__responder_conn *conn)
{
	return conn->state == VANE__RESPONDER_SENDING ||
	       (conn->state == VANE__RESPONDER_RUNNING &&
		       !vane_exchange_wants_body(conn->x));
}

/* ---- responder_mistaken.c ---- */

/*
 * What has come on a connection cannot be understood, and begins with those bytes.  If they are
 * another protocol's, the peer is told so, and the log; false if not: the connection is as it was.
 */
bool vane__responder_mistaken(struct vane__responder_conn *conn, struct vane_slice bytes);

/* ---- responder_driver.c ---- */

/* As a driver's calls. */
ssize_t vane__responder_write(void *carrier, const struct vane_slice *piece);
int vane__responder_flush(void *carrier);
void vane__responder_end(void *carrier, int rc);
int vane__responder_send_off(void *carrier);
void vane__responder_stall(void *carrier);

/* Take what has come of a body, of which there is some, but for what was taken before. */
size_t vane__responder_take_body(struct buf *body, size_t *taken, void *buf, size_t size);

/*
 * Within a handler: read on from the peer, which may wait for us to write meanwhile, with recv()'s
 * flags.  Adds the time that it took.  Returns how much came, -EBADMSG if nothing does, or another
 * negative errno.
 */
ssize_t vane__responder_await(struct vane__responder_conn *conn, void *buf, size_t size,
	int flags, int64_t *waited);

/* Whether the body, waited for so much longer, has more to come and that too slowly. */
bool vane__responder_slow(struct vane__responder_conn *conn, int64_t waited);

/* ---- responder_conn.c ---- */

void vane__responder_set_state(
	struct vane__responder_conn *conn, enum vane__responder_state state);

/* An exchange for a request, NULL without memory; and back when it is over. */
struct vane_exchange *vane__responder_take_exchange(struct vane__responder *responder);
void vane__responder_give_exchange(struct vane__responder_conn *conn);

/* The peer is gone, or has taken the request back: the exchange frees itself. */
void vane__responder_abort_exchange(struct vane__responder_conn *conn);

/* Close it and free it. */
void vane__responder_close(struct vane__responder_conn *conn);

/* Wait in the loop, in the time that is left; it is closed if that cannot be. */
void vane__responder_watch(struct vane__responder_conn *conn, int events);

/* The same, for so long. */
void vane__responder_wait_for(struct vane__responder_conn *conn, int events, int64_t msec);

/* Its time begins anew: 0 or -ENOMEM. */
int vane__responder_restart_time(struct vane__responder_conn *conn, int64_t msec);

/* Whether the socket is ready for what it is waited for. */
bool vane__responder_is_ready(const struct vane__responder_conn *conn);

/*
 * We have said all: half-close, and wait for the peer to close; if we stop, only where more of what
 * nobody wants may come.  And go on with that.
 */
void vane__responder_finish(struct vane__responder_conn *conn, bool more);
void vane__responder_linger(struct vane__responder_conn *conn);

/* We stop, and it is idle: close it, at once or when the grace is over, unless bytes come there. */
void vane__responder_retire(struct vane__responder_conn *conn);
void vane__responder_retire_idle(struct vane__responder *responder);

/*
 * Close all but the one whose handler runs; requests that have begun to come are named in the
 * log.
 */
void vane__responder_close_all(struct vane__responder *responder);

/* Give idle connections to whoever takes them by the hand-over, but for the one whose handler runs. */
void vane__responder_give(struct vane__responder *responder);

#endif
