/* SPDX-License-Identifier: MIT */
/*
 * app_peer.h - a FastCGI or SCGI application's side, scripted: it listens in the test's own
 * process, takes what it is sent, and answers when and what the test says.
 *
 * Whoever waits here turns the loop of a site meanwhile.  fcgi_peer.h makes the records.
 */
#ifndef VANE_TEST_APP_PEER_H
#define VANE_TEST_APP_PEER_H

#include "support/fcgi_peer.h"
#include "support/site.h"

struct app_peer {
	struct site *site;
	int listener;
	char address[32]; /* "127.0.0.1:9000" */
};

/* A connection, and the request of one id that came over it. */
struct app_conn {
	struct app_peer *app;
	int fd;
	struct fcgi_bytes in; /* what was not taken apart yet; SCGI: all of it */
	unsigned id;          /* of the last FCGI_BEGIN_REQUEST */
	bool keep;
	struct fcgi_bytes params, body; /* of that id */
	bool whole;                     /* its body has ended */
	bool aborted;                   /* it was taken back */
	bool asked;                     /* FCGI_GET_VALUES has come */
	bool eof;
};

/* Listen; the site may be filled in afterwards. */
void app_peer_init(struct app_peer *app, struct site *site);
void app_peer_fini(struct app_peer *app);

/* Wait for a connection; fails the test if none comes within ten seconds. */
void app_accept(struct app_peer *app, struct app_conn *conn);

/* Whether one waits to be accepted, after the loop has turned a while. */
bool app_is_called(struct app_peer *app);

/* Wait until one of its flags is set: app_await(conn, &conn->whole). */
void app_await(struct app_conn *conn, const bool *flag);

/* Wait until so many bytes of the body have come. */
void app_await_body(struct app_conn *conn, size_t len);

/* Wait until a text has come, as SCGI has no records. */
void app_await_text(struct app_conn *conn, const char *text);

/* Forget the request, for the next one. */
void app_next(struct app_conn *conn);

/* Send bytes, as they are. */
void app_send(struct app_conn *conn, const void *data, size_t len);

/* Answer a FastCGI request, and forget it. */
void app_answer(struct app_conn *conn, const char *text);

/* The same in parts: STDOUT, and the end with these two statuses. */
void app_out(struct app_conn *conn, unsigned id, const void *data, size_t len);
void app_end(struct app_conn *conn, unsigned id, unsigned app_status, unsigned status);

void app_close(struct app_conn *conn);

#endif
