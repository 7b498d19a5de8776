/* SPDX-License-Identifier: MIT */
/*
 * fastcgi.h - what the parts of the FastCGI responder share.
 *
 *	fastcgi.c         its settings, and who may connect
 *	fastcgi_serve.c   the requests that come on a connection, and its protocol
 *	fastcgi_driver.c  what carries their exchanges
 *	fastcgi_out.c     what goes out on connections
 */
#ifndef VANE__FASTCGI_H
#define VANE__FASTCGI_H

#include <vane/fastcgi.h>

#include "fcgi_request.h"
#include "responder.h"

struct vane__fastcgi_conn {
	struct vane__responder_conn base;
	struct vane__fcgi_req *in; /* NULL while idle */
	size_t record_at; /* the header of the record that is open, in what is gathered */
	bool record_open; /* there is one */
	bool keep;        /* when all is sent, the next request may come */
	int64_t body_length;    /* by CONTENT_LENGTH, -1: unknown; */
	int64_t body_left;      /* so many bytes of that are not read, -1: unknown */
	unsigned short last_id; /* of the last request here, 0: none */
	size_t logged;          /* bytes for the web server's log */
};

struct vane_fastcgi {
	struct vane__responder base;
	struct vane__fcgi_req_limits limits;
	char *web_servers;               /* FCGI_WEB_SERVER_ADDRS, NULL: all may come */
	struct vane__fcgi_req *spare_in; /* for the next connection that has bytes */
};

static inline struct vane__fastcgi_conn *vane__fastcgi_conn(
	struct vane__responder_conn *base)
{
	return CONTAINER_OF(base, struct vane__fastcgi_conn, base);
}

static inline struct vane_fastcgi *vane__fastcgi_of(const struct vane__fastcgi_conn *conn)
{
	return CONTAINER_OF(conn->base.responder, struct vane_fastcgi, base);
}

/* ---- fastcgi_out.c ---- */

/* Head and body of a response, see struct vane_driver. */
int vane__fastcgi_begin(struct vane__fastcgi_conn *conn, const struct vane_head *head);
ssize_t vane__fastcgi_write(
	struct vane__fastcgi_conn *conn, const struct vane_slice *piece);

/* A line for the web server's error log, see struct vane_driver. */
void vane__fastcgi_log(struct vane__fastcgi_conn *conn, const struct vane_slice *line);

/* Add whole records of our own, and send what is gathered: 0 or a negative errno. */
int vane__fastcgi_say(struct vane__fastcgi_conn *conn, const void *records, size_t len);

/*
 * The exchange is over: say so to the web server.  cut: the response is not whole, and the web
 * server is to know; last: no other request is to come on this connection.  0 or a negative errno.
 */
int vane__fastcgi_say_end(struct vane__fastcgi_conn *conn, bool cut, bool last);

/* Send what is gathered, or was left: 0, also if some of it is left, or a negative errno. */
int vane__fastcgi_send(struct vane__fastcgi_conn *conn);

/* Whether the web server has taken the request back, and waits for us to say that it is over. */
bool vane__fastcgi_aborted(struct vane__fastcgi_conn *conn);

/* Whether it has lost interest: that, or it has closed. */
bool vane__fastcgi_gone(struct vane__fastcgi_conn *conn);

/* ---- fastcgi_driver.c and fastcgi_serve.c ---- */

extern const struct vane_driver vane__fastcgi_driver;
extern const struct vane__responder_protocol vane__fastcgi_responder;

#endif
