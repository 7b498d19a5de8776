/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_conn.h - FastCGI requests, and the connections that carry them: one at a time, or several
 * by their ids where the application can do that.
 */
#ifndef VANE__FASTCGI_CONN_H
#define VANE__FASTCGI_CONN_H

#include "buf.h"
#include "connect.h"
#include "fcgi_client.h"
#include "list.h"
#include "relay.h"

enum { VANE__FASTCGI_READ = 65536 }; /* bytes read at a time */

struct vane__fastcgi_request;

/* What a connection asks of the requests that it carries. */
struct vane__fastcgi_calls {
	/* Append what is to be sent of it, up to a read's worth of bytes: 0 or a negative errno. */
	int (*fill)(struct vane__fastcgi_request *request, struct buf *out);

	/*
	 * Append what takes it back.  False: nothing of it was sent, so there is nothing to
	 * wait for.
	 */
	bool (*abort)(struct vane__fastcgi_request *request, struct buf *out);

	/* It is over, and off its connection: by FCGI_END_REQUEST, */
	void (*ended)(struct vane__fastcgi_request *request);

	/*
	 * or because the connection was of no use.  used says that the application may have
	 * closed it meanwhile.
	 */
	void (*broken)(struct vane__fastcgi_request *request, const char *why, bool used);
};

/* What all requests of a backend share. */
struct vane__fastcgi {
	const struct vane__fastcgi_calls *calls;
	struct vane__balancer *balancer;
	bool multiplex;       /* wanted, if the peer can */
	char *in;             /* what is being read; no call back from there lasts */
	struct buf out;       /* what is being written */
	struct list leftover; /* requests that nobody wants, but that are not over */
};

/* How far a request is sent, in this order. */
enum vane__fastcgi_phase {
	VANE__FASTCGI_CONNECT, /* it has no connection yet */
	VANE__FASTCGI_HEAD,    /* its head is to be sent */
	VANE__FASTCGI_BODY,    /* its body is being sent */
	VANE__FASTCGI_SENT,    /* all of it is */
	VANE__FASTCGI_ABORTED  /* it was taken back, and is waited for */
};

/* A request. */
struct vane__fastcgi_request {
	struct vane__fastcgi *app;
	struct vane__relay *relay; /* NULL: nobody wants the answer any more */
	struct buf params;         /* pairs */
	struct vane__connect connect;
	struct vane__fastcgi_conn *conn; /* NULL: none */
	struct list node; /* on the connection, or among those that have ended */
	unsigned id;
	enum vane__fastcgi_phase phase;
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
	struct list leftover_node; /* among the backend's leftovers, then */
};

/* What is said on an upstream connection; it lives as long as that. */
struct vane__fastcgi_conn {
	struct vane__fastcgi *app;
	struct vane__peer_conn *peer_conn;
	struct vane__fcgi_client reader;
	struct list requests;
	struct list ended; /* not told yet */
	struct buf out;    /* what the socket did not take */
	bool keep;         /* we have said that it shall stay open */
	bool busy;         /* settles when what is going on is done */
	bool mute;         /* the application takes no more */
	bool hung;         /* it did not answer when a request was taken back */
	bool spoilt;       /* a request ended before all of it was sent: not to be kept */
	const char *why;   /* it is of no more use */
};

/* What belongs to a connection that may have been used before; NULL: no memory. */
struct vane__fastcgi_conn *vane__fastcgi_conn_of(
	struct vane__fastcgi *app, struct vane__peer_conn *peer_conn);

/* Carry a request: whatever comes of it comes by the calls of its app, maybe at once. */
void vane__fastcgi_conn_join(
	struct vane__fastcgi_conn *conn, struct vane__fastcgi_request *request);

/* Something has changed for one of its requests: send what can be sent, and so on. */
void vane__fastcgi_conn_settle(struct vane__fastcgi_conn *conn);

#endif
