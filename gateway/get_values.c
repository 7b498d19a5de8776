/* SPDX-License-Identifier: MIT */
/*
 * get_values.c - FCGI_GET_VALUES: what an application takes, asked of it (FastCGI 1.0, 4.1).
 *
 * Most say little: libfcgi answers only once more has come, PHP answers and closes.
 */
#include "get_values.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <vane/log.h>
#include <vane/process.h>

#include "limit.h"

#define ASK_MSEC 1000

/* Requests on one connection, whatever an application thinks it can do. */
#define MAX_SHARE 64

struct query {
	struct vane__peer *peer;
	struct vane__peer_conn *conn;
	struct vane_timer *timer;
	struct vane__fcgi_client client;
	bool multiplex;
};

int64_t vane__get_values_keep(int64_t wanted, long max_conns, int workers)
{
	long mine = max_conns / (workers > 0 ? workers : 1);

	return max_conns < 0 || mine > wanted ? wanted : mine;
}

/* It has said nothing. */
static void forget_values(struct query *query)
{
	size_t i;

	for (i = 0; i < VANE__FCGI_VALUE_COUNT; i++)
		query->client.values[i] = -1;
}

static int share(const struct query *query)
{
	const long *values = query->client.values;
	long max_reqs = values[VANE__FCGI_MAX_REQS];

	if (!query->multiplex || values[VANE__FCGI_MPXS_CONNS] != 1)
		return 1;
	return max_reqs > 0 && max_reqs < MAX_SHARE ? (int) max_reqs : MAX_SHARE;
}

static void end(void *data)
{
	struct query *query = data;

	query->peer->asking = NULL;
	vane_timer_cancel(query->timer);
	vane__peer_conn_close(query->conn);
	free(query);
}

/* It has said what it says. */
static void conclude(struct query *query)
{
	const long *values = query->client.values;
	long max_conns = values[VANE__FCGI_MAX_CONNS];
	struct vane__peer *peer = query->peer;

	peer->share = share(query);
	peer->keep =
		vane__get_values_keep(peer->opts->max_idle, max_conns, vane_task_count());
	vane_log(VANE_LOG_DEBUG,
		"%s: FCGI_MAX_CONNS %ld, FCGI_MAX_REQS %ld, FCGI_MPXS_CONNS %ld: "
		"%lld kept, %d requests on each",
		peer->name, max_conns, values[VANE__FCGI_MAX_REQS],
		values[VANE__FCGI_MPXS_CONNS], (long long) peer->keep, peer->share);
	if (peer->keep < peer->opts->max_idle && peer->opts->max_idle != VANE__UNLIMITED)
		vane_log(VANE_LOG_WARNING,
			"%s: serves %ld connections: %lld are kept in this process, not "
			"%lld",
			peer->name, max_conns, (long long) peer->keep,
			(long long) peer->opts->max_idle);
	end(query);
}

static void on_timeout(void *data)
{
	struct query *query = data;

	query->timer = NULL;
	conclude(query);
}

static void on_event(void *data, int events)
{
	struct query *query = data;
	char buf[VANE__FCGI_SMALL];
	ssize_t n = recv(query->conn->fd, buf, sizeof(buf), 0);
	struct vane_slice in = { buf, n > 0 ? (size_t) n : 0 }, piece;
	int rc;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	rc = n > 0 ? vane__fcgi_client_read(&query->client, &in, &piece) : -EPIPE;
	if (rc < 0)
		forget_values(query);
	if (rc != VANE__FCGI_MORE)
		conclude(query);
}

static void on_connected(void *data, int rc)
{
	unsigned char question[VANE__FCGI_GET_VALUES_LEN];
	struct query *query = data;
	size_t len = vane__fcgi_get_values(question);

	if (rc < 0) {
		/* It will be asked again, when a connection can be made. */
		query->peer->asked = false;
		end(query);
		return;
	}
	query->conn->event = on_event;
	vane__peer_conn_watch(query->conn, VANE_READ);
	if (send(query->conn->fd, question, len, MSG_NOSIGNAL) != (ssize_t) len)
		conclude(query);
}

void vane__get_values_once(
	const struct vane__fastcgi *app, struct vane__peer *peer, struct vane_loop *loop)
{
	struct query *query;
	int rc;

	if (peer->asked || (peer->opts->max_idle == 0 && !app->multiplex))
		return;
	query = calloc(1, sizeof(*query));
	if (query == NULL)
		return;
	query->peer = peer;
	query->multiplex = app->multiplex;
	forget_values(query);
	peer->asked = true;
	peer->asking = query;
	peer->stop_asking = end;
	rc = vane__peer_connect(peer, loop, on_connected, query, &query->conn);
	if (rc >= 0 &&
		vane_loop_call_later(loop, ASK_MSEC, on_timeout, query, &query->timer) < 0)
		rc = -ENOMEM;
	if (rc != 0)
		on_connected(query, rc < 0 ? rc : 0);
}
