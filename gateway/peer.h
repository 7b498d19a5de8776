/* SPDX-License-Identifier: MIT */
/*
 * peer.h - one address of an application, and the upstream connections to it.
 *
 * A peer belongs to the loop of one process from its first connection on.  What is said
 * over a connection is its user's business; here it is opened, kept while nobody uses it,
 * and closed.
 */
#ifndef VANE__PEER_H
#define VANE__PEER_H

#include <netinet/in.h>
#include <sys/un.h>

#include <vane/loop.h>

#include "list.h"

/* Settings of peers; they may lie with what owns them. */
struct vane__peer_opts {
	int64_t connect_msec; /* how long a connect may take */
	int64_t keep_msec;    /* how long an idle connection is kept */
	int64_t max_idle;     /* how many are, if the application has no fewer */
};

union vane__address {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in ip4;
	struct sockaddr_in6 ip6;
};

struct vane__peer {
	union vane__address address;
	socklen_t address_len;
	char name[128]; /* for the log */
	const struct vane__peer_opts *opts;
	int64_t keep; /* connections kept at most, 0 at first; may change at any time */
	int share; /* requests that a connection carries at a time, 1 at first; likewise */
	int users; /* requests that have this peer now */
	int64_t fails;                   /* connects that failed, since fails_since */
	int64_t fails_since, rest_until; /* by the loop's clock; 0: never */
	struct list conns;               /* first the idle ones, the last used first */
	int open, idle;           /* how many there are, and how many of them are idle */
	struct vane_timer *sweep; /* closes those idle for too long */
	bool asked;   /* whether it was asked about itself: the protocol's own */
	void *asking; /* whoever does that now, and how to stop it */
	void (*stop_asking)(void *asking);
};

enum vane__peer_conn_phase {
	VANE__PEER_CONN_CONNECTING,
	VANE__PEER_CONN_OPEN, /* in use */
	VANE__PEER_CONN_IDLE  /* kept; closed as soon as anything happens to it */
};

/* An upstream connection. */
struct vane__peer_conn {
	struct list node; /* among its peer's */
	struct vane__peer *peer;
	struct vane_loop *loop;
	enum vane__peer_conn_phase phase;
	int fd;
	int users;     /* requests on it: its user counts them */
	bool used;     /* it was kept before, so the application may close it any time */
	bool sharable; /* others may come on: its user says so */
	int64_t since; /* idle since, or connecting since */
	struct vane_watch *watch;
	struct vane_timer *timer;
	void (*connected)(void *data, int rc);
	void (*event)(void *data, int events); /* while it is open */
	void *data;                            /* for both */
	/* the protocol's own, for as long as the connection lives; NULL: none */
	void *protocol;
	void (*protocol_free)(void *protocol);
};

/* Make a peer of an address that is filled in; opts are borrowed. */
void vane__peer_init(struct vane__peer *peer, const struct vane__peer_opts *opts);

/* Close what is kept.  No connection may be in use; the loop must still be there. */
void vane__peer_fini(struct vane__peer *peer);

/* A connection that can take one more request, idle or shared; NULL if there is none. */
struct vane__peer_conn *vane__peer_reuse(struct vane__peer *peer);

/*
 * Open a connection.  Returns 1 if it is open at once, 0 if connected() will be called with
 * 0 or a negative errno, or a negative errno.  But for that the connection is the caller's to
 * close.
 */
int vane__peer_connect(struct vane__peer *peer, struct vane_loop *loop,
	void (*connected)(void *data, int rc), void *data, struct vane__peer_conn **conn);

/* Have event() called for these; 0: for none. */
void vane__peer_conn_watch(struct vane__peer_conn *conn, int events);

/*
 * Nobody uses it any more: keep it, or close it if there are more than to be kept.  Busy ones
 * count too, for one of them may be waiting for a process of the application that serves this
 * one as long as it is open.
 */
void vane__peer_conn_keep(struct vane__peer_conn *conn);

/* Close it, in any phase, and free it.  NULL is fine. */
void vane__peer_conn_close(struct vane__peer_conn *conn);

#endif
