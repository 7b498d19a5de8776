/* SPDX-License-Identifier: MIT */
/*
 * ask.c - what a FastCGI application says of itself.
 *
 * Most say little: libfcgi answers only once more has come, PHP answers and closes.
 */
#include "ask.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <vane/log.h>
#include <vane/process.h>

#define ASK_MSEC 1000

/* Requests on one connection, whatever an application thinks it can do. */
#define MAX_SHARE 64

struct ask {
	struct vane__peer *peer;
	struct vane__peer_conn *conn;
	struct vane_timer *timer;
	struct vane__fcgi_client client;
	bool multiplex;
};

int vane__ask_keep(int wanted, long max_conns, int workers)
{
	long mine = max_conns / (workers > 0 ? workers : 1);

	return max_conns < 0 || mine > wanted ? wanted : (int) mine;
}

/* It has said nothing. */
static void forget_values(struct ask *ask)
{
	size_t i;

	for (i = 0; i < VANE__FCGI_VALUE_COUNT; i++)
		ask->client.values[i] = -1;
}

static int share(const struct ask *ask)
{
	const long *values = ask->client.values;
	long max_reqs = values[VANE__FCGI_MAX_REQS];

	if (!ask->multiplex || values[VANE__FCGI_MPXS_CONNS] != 1)
		return 1;
	return max_reqs > 0 && max_reqs < MAX_SHARE ? (int) max_reqs : MAX_SHARE;
}

static void end(void *data)
{
	struct ask *ask = data;

	ask->peer->asking = NULL;
	vane_loop_cancel(ask->timer);
	vane__peer_conn_close(ask->conn);
	free(ask);
}

/* It has said what it says. */
static void conclude(struct ask *ask)
{
	const long *values = ask->client.values;
	long max_conns = values[VANE__FCGI_MAX_CONNS];
	struct vane__peer *peer = ask->peer;

	peer->share = share(ask);
	peer->keep = vane__ask_keep(peer->opts->keep, max_conns, vane_task_count());
	vane_log(VANE_LOG_DEBUG,
		"%s: FCGI_MAX_CONNS %ld, FCGI_MAX_REQS %ld, FCGI_MPXS_CONNS %ld: "
		"%d kept, %d requests on each",
		peer->name, max_conns, values[VANE__FCGI_MAX_REQS],
		values[VANE__FCGI_MPXS_CONNS], peer->keep, peer->share);
	if (peer->keep < peer->opts->keep)
		vane_log(VANE_LOG_WARNING,
			"%s: serves %ld connections: %d are kept in this process, not %d",
			peer->name, max_conns, peer->keep, peer->opts->keep);
	end(ask);
}

static void on_timeout(void *data)
{
	struct ask *ask = data;

	ask->timer = NULL;
	conclude(ask);
}

static void on_event(void *data, int events)
{
	struct ask *ask = data;
	char buf[VANE__FCGI_SMALL];
	ssize_t n = recv(ask->conn->fd, buf, sizeof(buf), 0);
	struct vane_slice in = { buf, n > 0 ? (size_t) n : 0 }, piece;
	int rc;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	rc = n > 0 ? vane__fcgi_client_read(&ask->client, &in, &piece) : -EPIPE;
	if (rc < 0)
		forget_values(ask);
	if (rc != VANE__FCGI_MORE)
		conclude(ask);
}

static void on_connected(void *data, int rc)
{
	unsigned char question[VANE__FCGI_ASK];
	struct ask *ask = data;
	size_t len = vane__fcgi_ask(question);

	if (rc < 0) {
		/* It will be asked again, when a connection can be made. */
		ask->peer->asked = false;
		end(ask);
		return;
	}
	ask->conn->event = on_event;
	vane__peer_conn_watch(ask->conn, VANE_READ);
	if (send(ask->conn->fd, question, len, MSG_NOSIGNAL) != (ssize_t) len)
		conclude(ask);
}

void vane__ask_once(
	const struct vane__fastcgi *app, struct vane__peer *peer, struct vane_loop *loop)
{
	struct ask *ask;
	int rc;

	if (peer->asked || (peer->opts->keep <= 0 && !app->multiplex))
		return;
	ask = calloc(1, sizeof(*ask));
	if (ask == NULL)
		return;
	ask->peer = peer;
	ask->multiplex = app->multiplex;
	forget_values(ask);
	peer->asked = true;
	peer->asking = ask;
	peer->stop_asking = end;
	rc = vane__peer_connect(peer, loop, on_connected, ask, &ask->conn);
	if (rc >= 0 &&
		vane_loop_call_later(loop, ASK_MSEC, on_timeout, ask, &ask->timer) < 0)
		rc = -ENOMEM;
	if (rc != 0)
		on_connected(ask, rc < 0 ? rc : 0);
}
