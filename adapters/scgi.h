/* SPDX-License-Identifier: MIT */
/*
 * scgi.h - what the parts of the SCGI responder share.
 *
 *	scgi.c       its life: sockets, settings, drain
 *	scgi_conn.c  its connections, and the one request that runs
 */
#ifndef VANE__SCGI_H
#define VANE__SCGI_H

#include <vane/driver.h>
#include <vane/scgi.h>

#include "acceptor.h"
#include "cgiout.h"
#include "list.h"
#include "scgi_head.h"

/* Bytes read from a connection at once. */
#define VANE__SCGI_READ 65536

struct vane__scgi_conn; /* of scgi_conn.c */

struct vane_scgi {
	struct vane_app *app;
	struct vane_loop *loop;
	struct vane_scgi_opts opts;
	struct vane__scgi_limits limits;
	struct vane_exchange *exchange;

	struct vane__acceptor acceptor;
	struct list conns;
	size_t conn_count;

	const struct vane__scgi_conn *running; /* whose request runs */
	bool ended;                            /* its exchange is over */
	int end_rc;

	char in[VANE__SCGI_READ];
	struct vane__cgiout response; /* of the request that is being answered */
};

/* Take a connection on, for good; -ENOMEM closes it. */
int vane__scgi_conn_add(struct vane_scgi *scgi, int fd);

/* Close those on which nothing of a request has come, at once or when the grace is over. */
void vane__scgi_conn_retire_idle(struct vane_scgi *scgi);

/*
 * Close all but the one whose request runs; requests that have begun to come are named in the
 * log.
 */
void vane__scgi_conn_close_all(struct vane_scgi *scgi);

/* What carries the exchange. */
extern const struct vane_driver vane__scgi_driver;

#endif
