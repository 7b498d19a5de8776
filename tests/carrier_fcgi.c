/* SPDX-License-Identifier: MIT */
/*
 * carrier_fcgi.c - a carrier: a scripted web server that asks a FastCGI responder.
 */
#include "carrier_fcgi.h"

#include <errno.h>
#include <stdlib.h>

#include "support/cgivars.h"
#include "support/fcgi_peer.h"

#define ASK_MSEC 30000

struct peer {
	const struct fcgi_manner *manner;
	struct fcgi_peer connection;
	bool connected;
};

static int open_peer(const struct suite_carrier *carrier, void **client)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL)
		return -ENOMEM;
	peer->manner = carrier->data;
	*client = peer;
	return 0;
}

static void hang_up(struct peer *peer)
{
	if (peer->connected)
		fcgi_peer_close(&peer->connection);
	peer->connected = false;
}

static void close_peer(void *client)
{
	hang_up(client);
	free(client);
}

/*
 * A response is whole if FCGI_END_REQUEST says so; one that was cut ends in what is no record.
 */
static int take_answer(const struct fcgi_peer *connection, struct answer *answer)
{
	int rc;

	if (connection->malformed)
		return -EPROTO;
	rc = answer_from_cgi(answer,
		connection->out.data == NULL ? "" : connection->out.data,
		connection->out.len);
	answer->whole = connection->ended && connection->app_status == 0;
	return rc;
}

/*
 * Send the request and collect the answer; *again: on a kept connection that was closed before
 * a byte of it came.
 */
static int ask_once(struct peer *peer, const struct fcgi_peer_request *request, bool *again)
{
	struct fcgi_peer *connection = &peer->connection;
	bool kept = peer->connected;
	int rc = 0;

	if (!kept)
		rc = fcgi_peer_connect(connection, peer->manner->address);
	else
		fcgi_peer_next(connection, 1);
	peer->connected = rc == 0;
	if (rc == 0)
		rc = fcgi_peer_ask(connection, request, ASK_MSEC);
	*again = rc < 0 && kept && connection->closed && connection->out.len == 0;
	return rc;
}

/*
 * A responder closes a kept connection when too much of a body was left unread, and a web
 * server that did not see that in time asks again.
 */
static int ask_peer(void *client, const struct ask *ask, struct answer *answer)
{
	struct peer *peer = client;
	const struct fcgi_manner *manner = peer->manner;
	char **vars = cgi_vars(ask);
	struct fcgi_peer_request request = {
		.keep = manner->keep,
		.params = (const char *const *) vars,
		.body = ask->body,
		.body_len = ask->body_len,
		.record = ask->body_len > 5000 ? 0 : manner->record,
		.padding = manner->padding,
	};
	bool again;
	int rc;

	if (vars == NULL)
		return -ENOMEM;
	rc = ask_once(peer, &request, &again);
	if (again) {
		hang_up(peer);
		rc = ask_once(peer, &request, &again);
	}
	if (rc == 0 || (rc == -ECONNRESET && peer->connection.out.len > 0))
		rc = take_answer(&peer->connection, answer);
	/* A request that was cut leaves a connection that is not to be used again. */
	if (rc < 0 || !manner->keep || !answer->whole || peer->connection.closed)
		hang_up(peer);
	cgi_vars_free(vars);
	return rc;
}

struct suite_carrier carrier_fcgi(const char *name, const struct fcgi_manner *manner)
{
	return (struct suite_carrier) {
		.name = name,
		.adapter = true,
		.slow = manner->record > 0,
		.open = open_peer,
		.ask = ask_peer,
		.close = close_peer,
		.data = (void *) manner,
	};
}
