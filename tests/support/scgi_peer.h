/* SPDX-License-Identifier: MIT */
/*
 * scgi_peer.h - an SCGI web server's side: it sends what a test wants sent.
 *
 * Written without the adapter's own code, so that it cannot agree with itself.
 */
#ifndef VANE_TEST_SCGI_PEER_H
#define VANE_TEST_SCGI_PEER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes of a request, to be freed, with CONTENT_LENGTH, whatever vars say of it, in front and
 * SCGI=1 behind it.  vars are "NAME=value" up to a NULL.  NULL: no memory.
 */
char *scgi_request(const char *const *vars, const void *body, size_t body_len, size_t *len);

/* The same for a request for target, and nothing else; body may be NULL. */
char *scgi_simple(const char *method, const char *target, const char *body, size_t body_len,
	size_t *len);

/* How to send it. */
struct scgi_manner {
	size_t step;     /* bytes a write; 0: all at once */
	bool half_close; /* say that nothing follows */
	int msec;        /* wait for the end at most; 0: ten seconds */
};

/* What came of it. */
struct scgi_answer {
	char *data; /* followed by a NUL that is not counted; to be freed */
	size_t len;
	bool reset; /* the connection was not closed in order */
};

/*
 * Connect to a unix socket, or to 127.0.0.1 if path begins with ":", a port.  The descriptor,
 * or a negative errno.
 */
int scgi_connect(const char *path);

/*
 * Send, and wait until the peer has taken it: 0 or a negative errno.  The last byte of a
 * request may never be taken.
 */
int scgi_send(int fd, const char *bytes, size_t len);

/*
 * Send and read until the peer closes: 0, -ETIMEDOUT (answer holds what came), or another
 * negative errno.  The descriptor is closed.
 */
int scgi_converse(int fd, const char *bytes, size_t len, const struct scgi_manner *manner,
	struct scgi_answer *answer);

#endif
