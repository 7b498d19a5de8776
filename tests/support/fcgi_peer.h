/* SPDX-License-Identifier: MIT */
/*
 * fcgi_peer.h - a FastCGI web server's side, scripted: it sends what a test wants sent.
 *
 * Written without libfcgi and without the adapter's own code, so that neither can agree
 * with itself.  Running out of memory ends the test.
 */
#ifndef VANE_TEST_FCGI_PEER_H
#define VANE_TEST_FCGI_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes to send, or what has come. */
struct fcgi_bytes {
	char *data; /* followed by a NUL that is not counted */
	size_t len, cap;
};

void fcgi_bytes_add(struct fcgi_bytes *bytes, const void *data, size_t len);
void fcgi_bytes_fini(struct fcgi_bytes *bytes);

/* Record types and flags (FastCGI 1.0, 8), for scripts that need them raw. */
enum {
	FCGI_PEER_BEGIN = 1,
	FCGI_PEER_ABORT = 2,
	FCGI_PEER_END = 3,
	FCGI_PEER_PARAMS = 4,
	FCGI_PEER_STDIN = 5,
	FCGI_PEER_STDOUT = 6,
	FCGI_PEER_STDERR = 7,
	FCGI_PEER_GET_VALUES = 9,
	FCGI_PEER_VALUES = 10,
	FCGI_PEER_UNKNOWN_TYPE = 11,
	FCGI_PEER_KEEP = 1,
	FCGI_PEER_RESPONDER = 1
};

/* Append one record. */
void fcgi_peer_record(struct fcgi_bytes *to, unsigned type, unsigned id,
	const void *content, size_t len, unsigned padding);

/* Append an FCGI_BEGIN_REQUEST. */
void fcgi_peer_begin(struct fcgi_bytes *to, unsigned id, unsigned role, unsigned flags);

/* Append a name-value pair; lengths above 127 take four bytes. */
void fcgi_peer_pair(struct fcgi_bytes *to, const char *name, const char *value);

/* A whole request. */
struct fcgi_peer_request {
	unsigned id;               /* 0: 1 */
	bool keep;                 /* FCGI_KEEP_CONN */
	const char *const *params; /* "NAME=value" up to a NULL */
	const void *body;
	size_t body_len;
	size_t record;    /* bytes of content in a record at most; 0: 65535 */
	unsigned padding; /* bytes after each record */
};

/* Append all of its records: begin, params, stdin, each stream with its end. */
void fcgi_peer_whole(struct fcgi_bytes *to, const struct fcgi_peer_request *request);

/* A connection to a responder, and what it answered. */
struct fcgi_peer {
	int fd;
	struct fcgi_bytes in;       /* records that are not whole yet */
	struct fcgi_bytes out, err; /* STDOUT and STDERR of the request */
	struct fcgi_bytes values;   /* the last FCGI_GET_VALUES_RESULT, its pairs */
	unsigned id;                /* whose answer is collected; others count in other_* */
	bool ended;                 /* its FCGI_END_REQUEST has come */
	uint32_t app_status;
	unsigned protocol_status;
	unsigned unknown_type; /* of the last FCGI_UNKNOWN_TYPE; 0: none */
	unsigned other_id;     /* of the last FCGI_END_REQUEST of another id; 0: none */
	unsigned other_status;
	unsigned values_count; /* FCGI_GET_VALUES_RESULTs that have come */
	bool cut;              /* eight zeroes came: what is there is not whole */
	bool malformed;        /* something came that no responder may send */
	bool closed;           /* the responder has closed or half-closed */
};

/* Connect to "unix:PATH" or "ADDRESS:PORT" (numbers): 0 or a negative errno. */
int fcgi_peer_connect(struct fcgi_peer *peer, const char *address);

/* Close, and free what was collected. */
void fcgi_peer_close(struct fcgi_peer *peer);

/* Forget what was collected, for the next request. */
void fcgi_peer_next(struct fcgi_peer *peer, unsigned id);

/*
 * Send bytes while collecting what comes.  Returns 0, -ETIMEDOUT, or a negative errno; that
 * the responder has closed is no error if it answered.
 */
int fcgi_peer_send(struct fcgi_peer *peer, const void *data, size_t len, int msec);

/*
 * The same, cut into two at an offset: the second part is sent when the first has been
 * taken (unix sockets only).
 */
int fcgi_peer_send_cut(
	struct fcgi_peer *peer, const void *data, size_t len, size_t at, int msec);

/* Wait until the responder has taken all that was sent (unix sockets only): 0 or -ETIMEDOUT. */
int fcgi_peer_taken(struct fcgi_peer *peer, int msec);

/* What to wait for. */
enum fcgi_peer_until {
	FCGI_PEER_UNTIL_END,    /* the request's FCGI_END_REQUEST, or that it closes */
	FCGI_PEER_UNTIL_VALUES, /* an FCGI_GET_VALUES_RESULT or FCGI_UNKNOWN_TYPE */
	FCGI_PEER_UNTIL_OTHER,  /* an FCGI_END_REQUEST of another id */
	FCGI_PEER_UNTIL_CLOSED  /* the end of the connection */
};

/* Collect until that: 0, -ETIMEDOUT, or -ECONNRESET if it closed before. */
int fcgi_peer_collect(struct fcgi_peer *peer, enum fcgi_peer_until until, int msec);

/* Send a whole request and collect the answer to it. */
int fcgi_peer_ask(
	struct fcgi_peer *peer, const struct fcgi_peer_request *request, int msec);

#endif
