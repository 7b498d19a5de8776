/* SPDX-License-Identifier: MIT */
/*
 * ported.h - a request that is answered by code written against libfcgi.
 */
#ifndef VANE__PORTED_H
#define VANE__PORTED_H

#include <fcgiapp.h>

#include <vane/fcgx.h>

#include "cgi_head.h"
#include "cgi_vars.h"

/* What the program is writing, in the order in which it comes. */
enum vane__ported_state {
	VANE__PORTED_HEAD, /* the head, of which the client has nothing yet */
	VANE__PORTED_BODY,
	VANE__PORTED_DROP /* what nobody will read: another route answers */
};

/* The response, from what the program writes. */
struct vane__ported_out {
	struct vane_request *req;
	struct vane_response *res;
	enum vane__ported_state state;
	struct vane__cgi_head head;
	bool written;      /* anything at all */
	int64_t left;      /* of what Content-Length promised, -1: no promise */
	int64_t spool_max; /* bytes, INT64_MAX: any number */
	int64_t spooled;   /* bytes in the file */
	int spool_fd;      /* -1: no file */
	int rc;            /* why no more is taken, 0: it is */
	const char *why;
};

void vane__ported_out_init(struct vane__ported_out *out, struct vane_request *req,
	struct vane_response *res, int64_t spool_max);
void vane__ported_out_fini(struct vane__ported_out *out);

/* Take what was written: 0, or a negative errno, which is out->rc from then on. */
int vane__ported_out_take(struct vane__ported_out *out, const void *data, size_t len);

/* Let it reach the client: the same. */
int vane__ported_out_flush(struct vane__ported_out *out);

/* No more will come.  Returns what a handler returns. */
int vane__ported_out_end(struct vane__ported_out *out);

/* What the program writes to standard error, line by line in the logs, so much of it. */
struct vane__ported_log {
	struct vane_request *req;
	int64_t left; /* bytes that may still come */
};

/*
 * Log the whole lines of what was written, all of it at the end or if it is as long as any line
 * may be.  Returns how many bytes are done with.
 */
size_t vane__ported_log_lines(
	struct vane__ported_log *log, const char *data, size_t len, bool all);

/*
 * Fill in the defaults of a program's limits, in a copy for each request: nobody makes one, so there
 * is no other time.  0 or -EINVAL.
 */
int vane__ported_fill(struct vane_fcgx_program *program);

/* A request that is being answered. */
struct vane__ported {
	struct vane__ported_out out;
	struct vane__ported_log log;
	struct vane__vars vars;
	FCGX_Request request;
	int exit_status;
};

/* Open the three streams of its request: 0 or -ENOMEM. */
int vane__ported_open(struct vane__ported *ported);

/* Close and free those that the program has not.  Notes the exit status. */
void vane__ported_close(struct vane__ported *ported);

/* Give its request the CGI variables: 0 or -ENOMEM. */
int vane__ported_variables(struct vane__ported *ported, struct vane_request *req);

#endif
