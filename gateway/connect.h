/* SPDX-License-Identifier: MIT */
/*
 * connect.h - a request's upstream connection: to one peer, else to the next.
 */
#ifndef VANE__CONNECT_H
#define VANE__CONNECT_H

#include "balancer.h"
#include "relay.h"

/* Embedded; zero at first. */
struct vane__connect {
	struct vane__balancer *balancer;
	struct vane_loop *loop;
	struct vane__lease lease;
	struct vane__peer_conn *conn; /* while it is being opened, and for done() */
	bool careful;  /* take none that was kept, which may be closed just now */
	bool fresh;    /* the same, and none that others are on either */
	int error;     /* of the last connect that failed, as why says; 0: none */
	char why[200]; /* for the log, after a failure */
	void (*done)(void *data, int rc);
	void *data;
};

/*
 * Look for a connection.  done() is called, maybe at once: with 0, when conn is its to use
 * and to close and the lease stands until vane__connect_drop(); or with a negative errno, when
 * there is nothing to drop.
 */
void vane__connect_start(struct vane__connect *connect);

/* The connection that was given was of no use, and is closed: another peer, as above. */
void vane__connect_next(struct vane__connect *connect, enum vane__result result);

/* The same, but the same peer once more, and a connection that nobody has used before. */
void vane__connect_again(struct vane__connect *connect);

/* Give the peer back, or give up. */
void vane__connect_drop(struct vane__connect *connect, enum vane__result result);

/* After done() with an error: end a relay with what that means. */
void vane__connect_fail(struct vane__connect *connect, struct vane__relay *relay, int rc);

#endif
