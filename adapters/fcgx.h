/* SPDX-License-Identifier: MIT */
/*
 * fcgx.h - libfcgi, held at arm's length.
 *
 * The only file that knows FCGX_Request.  libfcgi expects to accept a connection itself, to
 * read from it until a request is there, to write to it until all is written, and to close it:
 * each may wait, its reader aborts the process when lengths are evil, and its writer gives up
 * when a signal comes.  So it never sees the connection.  It reads from a file in memory that
 * holds nothing but a request that is here and sound, and it writes to another.
 */
#ifndef VANE__FCGX_H
#define VANE__FCGX_H

#include <vane/types.h>

struct vane__fcgx;

/*
 * Make one; a process needs one, as its requests run one at a time.
 *
 * libfcgi is initialised by the first.  It sets handlers for SIGPIPE, SIGUSR1 and SIGTERM:
 * what was there is put back.
 */
int vane__fcgx_new(struct vane__fcgx **out);

/* Free one that is between two requests.  NULL is fine. */
void vane__fcgx_free(struct vane__fcgx *fcgx);

/* A request as it is handed on. */
struct vane__fcgx_request {
	int fd;             /* where the answer goes */
	int64_t write_msec; /* without progress in that */
	unsigned id;
	struct vane_slice params; /* a sound stream of pairs */
	struct vane_slice body;   /* what has come of it */
	bool whole;               /* and that is all of it */
};

/*
 * Begin a request; vane__fcgx_end() and vane__fcgx_clear() must follow.  Returns 0 or a
 * negative errno, and then nothing has begun.
 */
int vane__fcgx_start(struct vane__fcgx *fcgx, const struct vane__fcgx_request *request);

/* Its parameters as NAME=value strings up to a NULL, until vane__fcgx_clear(). */
char *const *vane__fcgx_vars(const struct vane__fcgx *fcgx);

/* More of its body has come; last says that this is all.  0 or a negative errno. */
int vane__fcgx_feed(struct vane__fcgx *fcgx, struct vane_slice body, bool last);

/* Copy what has come of the body: the count; 0 at its end, -EAGAIN if it must be fed first. */
ssize_t vane__fcgx_read(struct vane__fcgx *fcgx, void *buf, size_t size);

/*
 * Write to the web server; may wait, and signals come meanwhile.  0 or a negative errno, now and
 * from then on.
 */
int vane__fcgx_write(struct vane__fcgx *fcgx, const void *data, size_t len);
int vane__fcgx_flush(struct vane__fcgx *fcgx);

/* The response is whole: close its stream and say so (FCGI_END_REQUEST). */
int vane__fcgx_end(struct vane__fcgx *fcgx);

/*
 * The same, and have nginx know that no other request is to come on this connection.
 *
 * FastCGI has no word for that.  nginx keeps a connection if a response ends with its
 * FCGI_END_REQUEST, and sends the next request before it learns that we have closed; but it does
 * not if something follows in the same piece.  That is a management record that asks for nothing.
 */
int vane__fcgx_end_last(struct vane__fcgx *fcgx);

/*
 * The response will not be whole: have the web server know.  The connection must be closed.
 *
 * FastCGI has no word for it.  Front servers take FCGI_END_REQUEST for the end of a whole
 * response whatever its appStatus, and nginx takes a close for that, too; but none of them
 * goes on after bytes that are no record.  0, or a negative errno if it does not read.
 */
int vane__fcgx_cut(struct vane__fcgx *fcgx);

/* Forget the request.  Without vane__fcgx_end() what is not flushed is dropped. */
void vane__fcgx_clear(struct vane__fcgx *fcgx);

#endif
