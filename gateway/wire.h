/* SPDX-License-Identifier: MIT */
/*
 * wire.h - FastCGI requests, and the connections that carry them: one at a time, or several
 * by their ids where the application can do that.
 */
#ifndef VANE__WIRE_H
#define VANE__WIRE_H

#include "buf.h"
#include "dial.h"
#include "fcgi_client.h"
#include "list.h"
#include "relay.h"

enum { VANE__WIRE_READ = 65536 }; /* bytes read at a time */

/* What all requests of a host share. */
struct vane__fastcgi {
	struct vane__balancer *balancer;
	bool multiplex;       /* wanted, if the peer can */
	char *in;             /* what is being read; no call back from there lasts */
	struct buf out;       /* what is being written */
	struct list leftover; /* requests that nobody wants, but that are not over */
};

/* How far a request is sent, in this order. */
enum vane__call_phase {
	VANE__CALL_DIAL,   /* it has no connection yet */
	VANE__CALL_HEAD,   /* its head is to be sent */
	VANE__CALL_BODY,   /* its body is being sent */
	VANE__CALL_SENT,   /* all of it is */
	VANE__CALL_ABORTED /* it was taken back, and is waited for */
};

/* A request. */
struct vane__call {
	struct vane__fastcgi *app;
	struct vane__relay *relay; /* NULL: nobody wants the answer any more */
	struct buf params;         /* pairs */
	struct vane__dial dial;
	struct vane__wire *wire; /* NULL: none */
	struct list node;        /* on the wire, or among those that have ended */
	unsigned id;
	enum vane__call_phase phase;
	int64_t body_left;
	bool sent;     /* all of it, the body's end too */
	bool starved;  /* no body is here: wait for input() */
	bool blocked;  /* the client is slower: wait for resume() */
	bool fed;      /* some output was not pushed yet */
	bool answered; /* something has come for it */
	int tries;     /* how often it was begun anew */
	uint32_t app_status;
	enum vane__fcgi_status status;
	struct vane_timer *timer;  /* while an aborted one is waited for */
	struct list leftover_node; /* among the host's leftovers, then */
};

/* A connection; it lives as long as its conn. */
struct vane__wire {
	struct vane__fastcgi *app;
	struct vane__peer_conn *conn;
	struct vane__fcgi_client reader;
	struct list calls;
	struct list ended; /* not told yet */
	struct buf out;    /* what the socket did not take */
	bool keep;         /* we have said that it shall stay open */
	bool busy;         /* settles when what is going on is done */
	bool mute;         /* the application takes no more */
	bool hung;         /* it did not answer when a request was taken back */
	bool spoilt;       /* a request ended before all of it was sent: not to be kept */
	const char *why;   /* it is of no more use */
};

/* The wire of a connection that may have been used before; NULL: no memory. */
struct vane__wire *vane__wire_get(struct vane__fastcgi *app, struct vane__peer_conn *conn);

/* Carry a request: whatever comes of it comes to the functions below, maybe at once. */
void vane__wire_join(struct vane__wire *wire, struct vane__call *call);

/* Something has changed for one of its requests: send what can be sent, and so on. */
void vane__wire_settle(struct vane__wire *wire);

/* Append what is to be sent of a request, up to a read's worth of bytes. */
int vane__call_fill(struct vane__call *call, struct buf *out);

/*
 * Append what takes it back.  False: nothing of it was sent, so there is nothing to wait for.
 */
bool vane__call_abort(struct vane__call *call, struct buf *out);

/*
 * It is over, and off its wire: by FCGI_END_REQUEST, or because the connection was of no use.
 * used says that this was a connection that the application may have closed meanwhile.
 */
void vane__call_ended(struct vane__call *call);
void vane__call_broken(struct vane__call *call, const char *why, bool used);

#endif
