/* SPDX-License-Identifier: MIT */
/*
 * peer.c - upstream connections: opened without waiting, kept while idle, shared.
 *
 * Which peer a request gets is decided in upstream.c.
 */
#include "peer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "limit.h"

/* A unix socket whose queue is full takes no connection and tells nobody when it will. */
#define FULL_QUEUE_MSEC 10

static struct vane__peer_conn *conn_of(struct list *node)
{
	return CONTAINER_OF(node, struct vane__peer_conn, node);
}

void vane__peer_init(struct vane__peer *peer, const struct vane__peer_opts *opts)
{
	peer->opts = opts;
	peer->share = 1;
	list_init(&peer->conns);
}

void vane__peer_fini(struct vane__peer *peer)
{
	if (peer->asking != NULL)
		peer->stop_asking(peer->asking);
	while (!list_empty(&peer->conns)) {
		struct vane__peer_conn *conn = conn_of(peer->conns.next);

		assert(conn->phase == VANE__PEER_CONN_IDLE);
		vane__peer_conn_close(conn);
	}
	vane_timer_cancel(peer->sweep);
	peer->sweep = NULL;
}

static void on_sweep(void *data);

/*
 * See to it that those idle for too long are closed.  Without a timer, as if there were no
 * memory for it, they stay until the application closes them.
 */
static void plan_sweep(struct vane__peer *peer, struct vane_loop *loop, int64_t msec)
{
	if (peer->sweep == NULL && msec != VANE__UNLIMITED)
		vane_loop_call_later(loop, msec, on_sweep, peer, &peer->sweep);
}

static void on_sweep(void *data)
{
	struct vane__peer *peer = data;
	struct list *at = &peer->conns, *next = at->next;

	peer->sweep = NULL;
	while ((at = next) != &peer->conns && conn_of(at)->phase == VANE__PEER_CONN_IDLE) {
		struct vane__peer_conn *conn = conn_of(at);
		int64_t left =
			peer->opts->keep_msec - (vane_loop_now(conn->loop) - conn->since);

		next = at->next;
		if (left <= 0)
			vane__peer_conn_close(conn);
		else if (next == &peer->conns ||
			 conn_of(next)->phase != VANE__PEER_CONN_IDLE)
			plan_sweep(peer, conn->loop, left);
	}
}

void vane__peer_conn_close(struct vane__peer_conn *conn)
{
	if (conn == NULL)
		return;
	if (conn->protocol != NULL)
		conn->protocol_free(conn->protocol);
	conn->peer->idle -= conn->phase == VANE__PEER_CONN_IDLE;
	conn->peer->open--;
	vane_watch_remove(conn->watch);
	vane_timer_cancel(conn->timer);
	if (conn->fd >= 0)
		close(conn->fd);
	list_del(&conn->node);
	free(conn);
}

void vane__peer_conn_watch(struct vane__peer_conn *conn, int events)
{
	vane_watch_update(conn->watch, events);
}

void vane__peer_conn_keep(struct vane__peer_conn *conn)
{
	struct vane__peer *peer = conn->peer;

	assert(conn->phase == VANE__PEER_CONN_OPEN && conn->users == 0);
	if (peer->open > peer->keep) {
		vane__peer_conn_close(conn);
		return;
	}
	conn->phase = VANE__PEER_CONN_IDLE;
	conn->since = vane_loop_now(conn->loop);
	list_del(&conn->node);
	list_add(peer->conns.next, &conn->node);
	peer->idle++;
	vane__peer_conn_watch(conn, VANE_READ);
	plan_sweep(peer, conn->loop, peer->opts->keep_msec);
}

/* One that nobody uses.  It may be closed just now; who cannot bear that takes a new one. */
static struct vane__peer_conn *take_idle(struct vane__peer *peer)
{
	struct vane__peer_conn *conn = conn_of(peer->conns.next);

	if (peer->idle == 0)
		return NULL;
	peer->idle--;
	conn->phase = VANE__PEER_CONN_OPEN;
	conn->used = true;
	list_del(&conn->node);
	list_add(&peer->conns, &conn->node);
	return conn;
}

struct vane__peer_conn *vane__peer_reuse(struct vane__peer *peer)
{
	struct vane__peer_conn *conn = take_idle(peer);
	struct list *at;

	if (conn != NULL)
		return conn;
	for (at = peer->conns.next; at != &peer->conns; at = at->next) {
		conn = conn_of(at);
		if (conn->sharable && conn->users < peer->share)
			return conn;
	}
	return NULL;
}

static void connected(struct vane__peer_conn *conn, int rc)
{
	vane_timer_cancel(conn->timer);
	conn->timer = NULL;
	if (rc == 0) {
		conn->phase = VANE__PEER_CONN_OPEN;
		vane__peer_conn_watch(conn, 0);
	}
	conn->connected(conn->data, rc);
}

static void on_event(int fd, int events, void *data)
{
	struct vane__peer_conn *conn = data;
	int rc = 0;
	socklen_t len = sizeof(rc);

	if (conn->phase == VANE__PEER_CONN_IDLE) {
		vane__peer_conn_close(conn);
	} else if (conn->phase == VANE__PEER_CONN_OPEN) {
		conn->event(conn->data, events);
	} else {
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &rc, &len) < 0)
			rc = errno;
		connected(conn, -rc);
	}
}

static int make_socket(struct vane__peer_conn *conn)
{
	int family = conn->peer->address.any.sa_family, on = 1;

	conn->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (conn->fd < 0)
		return -errno;
	if (family != AF_UNIX)
		setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return vane_loop_add_watch(conn->loop, conn->fd, 0, on_event, conn, &conn->watch);
}

static int try_connect(const struct vane__peer_conn *conn)
{
	const struct vane__peer *peer = conn->peer;

	if (connect(conn->fd, &peer->address.any, peer->address_len) == 0)
		return 0;
	return errno == EINTR ? -EINPROGRESS : -errno;
}

static void on_connect_timeout(void *data)
{
	struct vane__peer_conn *conn = data;

	conn->timer = NULL;
	connected(conn, -ETIMEDOUT);
}

static void on_full_queue(void *data);

/* Wait for what try_connect() could not do at once: 0, or a negative errno. */
static int wait_connect(struct vane__peer_conn *conn, int rc)
{
	int64_t left =
		conn->peer->opts->connect_msec - (vane_loop_now(conn->loop) - conn->since);

	if (rc == -EINPROGRESS) {
		vane__peer_conn_watch(conn, VANE_WRITE);
		return vane_loop_call_later(
			conn->loop, left, on_connect_timeout, conn, &conn->timer);
	}
	if (rc != -EAGAIN)
		return rc;
	if (left <= 0)
		return -ETIMEDOUT;
	return vane_loop_call_later(conn->loop,
		left < FULL_QUEUE_MSEC ? left : FULL_QUEUE_MSEC, on_full_queue, conn,
		&conn->timer);
}

static void on_full_queue(void *data)
{
	struct vane__peer_conn *conn = data;
	int rc = try_connect(conn);

	conn->timer = NULL;
	if (rc < 0)
		rc = wait_connect(conn, rc);
	else
		rc = 1;
	if (rc != 0)
		connected(conn, rc < 0 ? rc : 0);
}

int vane__peer_connect(struct vane__peer *peer, struct vane_loop *loop,
	void (*done)(void *data, int rc), void *data, struct vane__peer_conn **out)
{
	struct vane__peer_conn *conn = calloc(1, sizeof(*conn));
	int rc;

	if (conn == NULL)
		return -ENOMEM;
	*conn = (struct vane__peer_conn) {
		.peer = peer,
		.loop = loop,
		.fd = -1,
		.connected = done,
		.data = data,
		.since = vane_loop_now(loop),
	};
	list_add(&peer->conns, &conn->node);
	peer->open++;
	rc = make_socket(conn);
	if (rc == 0) {
		rc = try_connect(conn);
		conn->phase = rc == 0 ? VANE__PEER_CONN_OPEN : VANE__PEER_CONN_CONNECTING;
	}
	if (rc < 0 && conn->watch != NULL) {
		rc = wait_connect(conn, rc);
	} else if (rc == 0) {
		rc = 1;
	}
	if (rc < 0) {
		vane__peer_conn_close(conn);
		return rc;
	}
	*out = conn;
	return rc;
}
