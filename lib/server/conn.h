/* SPDX-License-Identifier: MIT */
/*
 * conn.h - a connection of the native server, and what the connections of a server share.
 *
 * conn.c decides what comes next, conn_in.c has the bytes that came, conn_out.c those that go,
 * server.c looks after all connections together, and server_stop.c after their end.
 */
#ifndef VANE__CONN_H
#define VANE__CONN_H

#include <ev.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <vane/driver.h>
#include <vane/server.h>

#include "acceptor.h"
#include "buf.h"
#include "h1in.h"
#include "h1out.h"
#include "limit.h"
#include "list.h"
#include "proxy.h"
#include "pool.h"
#include "sniff.h"
#include "stream.h"

/*
 * What a connection waits for, in the order of a request; each has a list in the order of the
 * deadlines.  The last is the last: nothing comes after it.
 */
enum vane__phase {
	VANE__PHASE_IDLE,    /* the next request */
	VANE__PHASE_HEADER,  /* the rest of a head */
	VANE__PHASE_BODY,    /* more of a body */
	VANE__PHASE_HANDLER, /* a deferred answer: no deadline */
	VANE__PHASE_WRITE,   /* room in the socket */
	VANE__PHASE_LINGER,  /* the client to read our last words and close */
	VANE__PHASES
};

struct vane__conn {
	struct ev_io io;
	struct vane__stream stream;
	struct list node; /* in the list of its phase */
	struct list same; /* with those of its address, where they are counted */
	/* with those that are blocked until the next turn only */
	struct list turn_node;
	struct vane_server *server;
	struct vane_exchange *x; /* the request in progress, NULL between two */
	struct vane__h1in in;
	char *input; /* bytes that came, with those in use; NULL: none */
	size_t input_at, input_len, input_cap;
	/* where a request's head ends there: what follows is reused */
	size_t body_at;
	struct vane__h1_head *head; /* what was found of a head that is in pieces */
	struct buf pending;         /* output that the socket did not take */
	/* moved since it was last seen that the loop has turned, */
	size_t turn_bytes;
	unsigned turn;          /* and which turn that was */
	uint32_t since;         /* the tick during which its phase began */
	uint32_t waited;        /* ticks that a body was waited for, */
	uint64_t came;          /* and bytes of it since that was last looked at */
	uint32_t lingers_since; /* LINGER: since is when something came last */
	uint32_t began;         /* and its request, or the last one */
	enum vane__phase phase;
	bool handling;    /* conn.c is at work on it */
	bool ended;       /* the exchange is over, and to be reset */
	bool close_after; /* when all is written */
	bool cut;         /* now: what was written is not whole */
	bool chunked;     /* this response */
	bool continued;   /* "100 Continue" was sent, or is not wanted */
	bool blocked;     /* the socket is full, or its turn is used up */
	bool eof;         /* the client will send no more */
	bool after_cr;    /* that, and nothing else, is behind the last request */
	bool input_lent;  /* the buffer is one of the server's */
	bool proxy_due;   /* the PROXY protocol's header is to come, */
	bool proxied;     /* or has: others would wait for it */
	bool busy;        /* counted as in flight: a stop waits for it */
	union {
		struct sockaddr sa;
		struct sockaddr_in6 in6;
	} peer;
};

struct vane_server {
	struct vane_app *app;
	struct vane_loop *loop;
	struct vane_loop *own_loop;       /* NULL: the caller's is used */
	const struct vane_driver *driver; /* of its exchanges */
	struct ev_loop *ev;               /* NULL: not in a loop yet */
	struct vane_server_opts opts;     /* in force */
	uint32_t limits[VANE__PHASES];    /* in ticks, 0: none */
	uint32_t linger_ticks;            /* LINGER in all, whatever comes meanwhile */
	uint32_t ticks;                   /* so far: a coarse clock, TICK_MSEC each */
	struct list phases[VANE__PHASES];
	struct list yielded;          /* connections that go on in the next turn, */
	struct list yielded_before;   /* a mark among them while they do, */
	struct vane_timer *next_turn; /* and what begins it; NULL: there are none */
	struct ev_timer tick;
	struct vane__h1_common common; /* for this second */
	int64_t common_at;
	struct vane__pool pool;
	struct vane__h1_head head;  /* of the head that is being read */
	struct buf out;             /* of the connection that is being handled */
	struct vane__conn *current; /* that one, NULL: none */
	struct vane__acceptor acceptor;
	size_t connections, in_flight;
	/* server_limits.c's; NULL: they are not counted */
	struct list *by_address;
	int crowded_fd; /* from that descriptor on there are few left */
	/* a proxy has said whose a connection is: whether it may stay */
	bool (*readmit)(struct vane_server *server, struct vane__conn *c);
	struct vane__trust
		*proxies; /* who sends the PROXY protocol's header; NULL: nobody */
	uint32_t
		told_proxy; /* behind the tick when it was said that one did not; 0: never */
	struct vane__sniff_log mistaken; /* clients that speak something else */
	/* the tick when it was said that one was refused */
	uint32_t told_full;
	bool started;
};

/* A buffer that the server lends, what is read into it at once, and what one write gathers. */
#define VANE__CONN_INPUT  VANE__POOL_INPUT
#define VANE__CONN_READ   (64 * 1024)
#define VANE__CONN_OUTPUT (64 * 1024)

/*
 * What a connection moves in one turn of the loop, in both directions together, before others have
 * theirs; and what a request or a piece of body counts at least, as somebody's function runs for
 * it, however little comes of that.
 */
#define VANE__CONN_TURN  (1024 * 1024)
#define VANE__CONN_PIECE 4096

/* How coarse the clock of a server is. */
#define VANE__SERVER_TICK_MSEC 100

/* Ticks a second; and over how many the rate of a body is taken where its pauses have no limit. */
#define VANE__CONN_TICKS      (1000 / VANE__SERVER_TICK_MSEC)
#define VANE__CONN_RATE_TICKS (60 * VANE__CONN_TICKS)

/* conn.c */

/* Make a connection, which is not served yet; NULL without memory. */
struct vane__conn *vane__conn_new(
	struct vane_server *server, int fd, const struct sockaddr *peer, unsigned peer_len);

/* Serve it. */
void vane__conn_start(struct vane__conn *c, int fd);

/* Whether a stop is to wait for it. */
void vane__conn_change_busy(struct vane__conn *c, bool busy);

static inline void vane__conn_set_busy(struct vane__conn *c, bool busy)
{
	if (UNLIKELY(c->busy != busy))
		vane__conn_change_busy(c, busy);
}

/* Close it, a request in progress is aborted; or have it closed when it has been handled. */
void vane__conn_close(struct vane__conn *c, int rc);

/* The exchange of a closed connection is over: nothing of it is needed any more. */
void vane__conn_free(struct vane__conn *c);

/* Let go of an idle connection without closing its descriptor, which is returned. */
int vane__conn_release(struct vane__conn *c);

/* Whether nothing is known of it but its descriptor. */
bool vane__conn_is_idle(const struct vane__conn *c);

/* Its phase has lasted too long. */
void vane__conn_expired(struct vane__conn *c);

/* Close an idle one, unless bytes have come that are to be answered. */
void vane__conn_retire(struct vane__conn *c);

/* See whether its first request has come already. */
void vane__conn_look(struct vane__conn *c);

/* Have conn.c look at it in this turn of the loop. */
void vane__conn_wake(struct vane__conn *c);

/* Its phase begins anew: to the end of the list. */
void vane__conn_requeue(struct vane__conn *c);

/* Watch the socket for what is of use now. */
void vane__conn_watch(struct vane__conn *c);

/* Outside of conn.c's work: it is blocked, so wait for room. */
void vane__conn_wait_for_room(struct vane__conn *c);

/* The exchange waits for body. */
void vane__conn_wait_for_body(struct vane__conn *c);

/* What vane__conn_has_turn() asks when so much was moved. */
bool vane__conn_next_turn(struct vane__conn *c);

/* Whether it may move more in this turn.  If not, it is blocked until the next. */
static inline bool vane__conn_has_turn(struct vane__conn *c)
{
	return LIKELY(c->turn_bytes < VANE__CONN_TURN) || vane__conn_next_turn(c);
}

/* Count what was moved, or a request. */
static inline void vane__conn_count(struct vane__conn *c, size_t bytes)
{
	c->turn_bytes += bytes > VANE__CONN_PIECE ? bytes : VANE__CONN_PIECE;
}

/* conn_in.c */

/* Bytes of input that are in nobody's hands yet. */
static inline size_t vane__conn_input_left(const struct vane__conn *c)
{
	return c->input_len - c->input_at;
}

/*
 * Read once into the input, behind what is there.  Returns how many bytes came, 0 if none
 * did, which may be the end (c->eof), or a negative errno.
 */
ssize_t vane__conn_read(struct vane__conn *c);

/* Whether vane__conn_read() has room: while a request uses the buffer, it cannot grow. */
bool vane__conn_has_room(const struct vane__conn *c);

/* A head is whole and its request begins: see that there is room behind it.  0 or -ENOMEM. */
int vane__conn_make_room(struct vane__conn *c);

/* No request needs the buffer any more: keep what is left of the input in a small one. */
int vane__conn_keep_input(struct vane__conn *c);
void vane__conn_drop_input(struct vane__conn *c);

/* Copy body for the exchange, from the input and then from the socket: driver->read(). */
ssize_t vane__conn_read_body(struct vane__conn *c, char *buf, size_t size);

/*
 * Skip what a handler left of its body.  Returns 1 when that is done, 0 if more is to come, or
 * a negative errno.
 */
int vane__conn_discard(struct vane__conn *c);

/* conn_proxy.c */

/* The connection is new: find out whether its peer is a proxy that says whose it is. */
void vane__conn_expect_proxy(struct vane__conn *c);

/* Read the header that is due.  Returns whether it is whole; it is none: the connection is cut. */
bool vane__conn_read_proxy(struct vane__conn *c);

/* conn_head.c */

/*
 * Read a head from the input, of which the first seen bytes were read before, and begin its
 * exchange.  Returns whether it was whole, or refused.
 */
bool vane__conn_read_head(struct vane__conn *c, size_t seen);

/* What has come is no head, too much of one, or too slow: answer that, and be done with it. */
void vane__conn_refuse_head(struct vane__conn *c, int status, const char *why);

/* conn_out.c: what goes out of an exchange, the carrier being a connection; see struct vane_driver. */
int vane__conn_begin(void *carrier, const struct vane_head *head);
ssize_t vane__conn_write(void *carrier, const struct vane_slice *piece);
ssize_t vane__conn_sendfile(void *carrier, int fd, int64_t offset, size_t len);
int vane__conn_let_out(void *carrier);

/* The process is about to end: send what was gathered, and wait for room a while. */
int vane__conn_send_off(void *carrier);
void vane__conn_end(struct vane__conn *c, int rc);

/* What comes in for it. */
ssize_t vane__conn_take_body(struct vane__conn *c, void *buf, size_t size);

/* Answer outside of an exchange: "100 Continue", or bytes that are no HTTP. */
int vane__conn_continue(struct vane__conn *c);
int vane__conn_say(struct vane__conn *c, const char *text, size_t len);

/* Block it, as if the socket were full: what was gathered waits with it.  0 or -ENOMEM. */
int vane__conn_block(struct vane__conn *c);

/* Write what has been gathered.  Returns 0, -EAGAIN if some is left, or the peer is lost. */
int vane__conn_flush(struct vane__conn *c);

/* http_driver.c: what carries native exchanges; the second where no other process does so too. */
extern const struct vane_driver vane__http_driver, vane__http_driver_alone;

static inline bool vane__is_http_driver(const struct vane_driver *driver)
{
	return driver == &vane__http_driver || driver == &vane__http_driver_alone;
}

/* Hand idle connections over, to whoever takes them: not all at once.  How many have gone. */
size_t vane__server_offer_idle(struct vane_server *server);

/* A time as ticks that have certainly lasted it; 0 if it has no end. */
static inline uint32_t vane__server_ticks(int64_t msec)
{
	if (msec == VANE__UNLIMITED)
		return 0;
	msec = msec / VANE__SERVER_TICK_MSEC + (msec % VANE__SERVER_TICK_MSEC != 0);
	return msec < INT32_MAX ? (uint32_t) msec : INT32_MAX;
}

/* server_limits.c */

/* When the server enters its loop, and when it ends: 0 or -ENOMEM. */
int vane__limits_init(struct vane_server *server);
void vane__limits_fini(struct vane_server *server);

/*
 * A connection has another address than the one it was admitted with: count it with that.  False:
 * it may not stay.
 */
bool vane__limits_readmit(struct vane_server *server, struct vane__conn *c);

/* Whether a new connection may stay; one that waits for a request may have been closed for it. */
bool vane__limits_admit(struct vane_server *server, struct vane__conn *c, int fd);

/*
 * Close the connection that has waited longest for a request, or for the rest of a head if there
 * is none of those.  False if there is neither.
 */
bool vane__limits_make_room(struct vane_server *server);

/* server_stop.c */

/* It takes too long: close all connections, and name what is cut. */
void vane__server_cut(void *server);

/* Stop at once, tell nobody, and close all connections. */
void vane__server_end(struct vane_server *server);

#endif
