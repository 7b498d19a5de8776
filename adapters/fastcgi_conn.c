/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_conn.c - connections of the FastCGI responder: what they have, wait for, and end with.
 *
 * An idle one is a descriptor, a watch and a little struct.  What its requests come to is
 * fastcgi_serve.c's business.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vane/handover.h>
#include <vane/log.h>

#include "responder.h"
#include "slice.h"

/*
 * How long we wait for the peer to close where it may be sending still: with nothing coming,
 * and in all.  Whoever sends a body first, and then looks for an answer, is to find it.
 */
#define LINGER_MSEC       2000
#define LINGER_TOTAL_MSEC 30000

/* Descriptors that are offered to others in one go. */
#define GIVE_AT_ONCE 64

void vane__fcconn_set_state(struct vane__fcconn *conn, enum vane__fcconn_state state)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	/* Those that are idle stay in the order in which they became so. */
	if (conn->state == state && state != VANE__FCCONN_IDLE)
		return;
	/* a request's time is taken from its first byte */
	if (conn->state == VANE__FCCONN_IDLE || state == VANE__FCCONN_IDLE)
		conn->since = vane_loop_now(fastcgi->loop);
	conn->state = state;
	list_del(&conn->node);
	list_add(state == VANE__FCCONN_IDLE ? &fastcgi->idle : &fastcgi->others,
		&conn->node);
}

struct vane__fcgi_req *vane__fcconn_take_request(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	struct vane__fcgi_req *in = fastcgi->spare_in;

	if (conn->in != NULL)
		return conn->in;
	fastcgi->spare_in = NULL;
	if (in == NULL)
		in = calloc(1, sizeof(*in));
	if (in == NULL)
		return NULL;
	in->id = conn->last_id;
	in->overloaded = conn->overloaded;
	conn->in = in;
	return in;
}

void vane__fcconn_drop_request(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	struct vane__fcgi_req *in = conn->in;

	conn->in = NULL;
	if (in == NULL)
		return;
	conn->last_id = (unsigned short) in->id;
	if (fastcgi->spare_in == NULL) {
		vane__fcgi_req_reset(in);
		in->record = (struct vane__fcgi_record) { 0 };
		fastcgi->spare_in = in;
		return;
	}
	vane__fcgi_req_fini(in);
	free(in);
}

struct vane_exchange *vane__fcconn_take_exchange(struct vane_fastcgi *fastcgi)
{
	struct vane_exchange *x = NULL;

	if (LIKELY(fastcgi->spare_count > 0))
		return fastcgi->spares[--fastcgi->spare_count];
	return vane_exchange_new(&x, fastcgi->app, NULL) == 0 ? x : NULL;
}

/* The exchange is over, and what it holds points into the request. */
void vane__fcconn_give_exchange(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	vane_exchange_reset(conn->x);
	if (LIKELY(fastcgi->spare_count < ARRAY_SIZE(fastcgi->spares)))
		fastcgi->spares[fastcgi->spare_count++] = conn->x;
	else
		vane_exchange_free(conn->x);
	conn->x = NULL;
}

/* The peer is gone, or has taken the request back: the exchange frees itself. */
void vane__fcconn_abort_exchange(struct vane__fcconn *conn)
{
	struct vane_exchange *x = conn->x;

	conn->x = NULL;
	if (x != NULL && vane_exchange_running(x))
		vane_exchange_abort(x, -EPIPE);
	else
		vane_exchange_free(x);
}

/* Free a connection whose descriptor is somebody else's now, or closed. */
static void forget(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	vane_loop_remove_handler(conn->watch);
	vane__deadline_fini(&conn->deadline);
	vane__fcconn_drop_request(conn);
	vane__outbox_fini(&conn->out);
	vane__buf_fini(&conn->rest);
	list_del(&conn->node);
	free(conn);
	fastcgi->conn_count--;
	vane__acceptor_check(&fastcgi->acceptor, fastcgi->conn_count);
}

void vane__fcconn_close(struct vane__fcconn *conn)
{
	int fd = conn->fd;

	vane__fcconn_abort_exchange(conn);
	/* The watch goes before the descriptor does. */
	vane_loop_remove_handler(conn->watch);
	conn->watch = NULL;
	close(fd);
	forget(conn);
}

/* Wait in the loop.  False if that cannot be; the connection is closed then. */
bool vane__fcconn_watch(struct vane__fcconn *conn, int events)
{
	int rc = 0;

	if (conn->watch == NULL)
		rc = vane_loop_add_handler(conn->fastcgi->loop, conn->fd, events,
			conn->fastcgi->on_ready, conn, &conn->watch);
	else if (conn->events != events)
		vane_loop_update_handler(conn->watch, events);
	conn->events = events;
	if (rc == 0)
		return true;
	vane__fcconn_close(conn);
	return false;
}

/* Whether bytes wait in the socket. */
static bool has_bytes(const struct vane__fcconn *conn)
{
	char byte;

	return recv(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0;
}

/*
 * We stop, and it is idle: close it, unless bytes wait there.  If it was opened or used lately,
 * a request may be on its way: that is waited for until the grace is over.
 */
void vane__fcconn_retire(struct vane__fcconn *conn)
{
	int64_t grace = vane__acceptor_grace(&conn->fastcgi->acceptor, conn->since);

	if (has_bytes(conn))
		return;
	if (grace <= 0 || vane__deadline_set(&conn->deadline, grace) < 0)
		vane__fcconn_close(conn);
}

/* Whether the socket is ready for what it is waited for. */
bool vane__fcconn_is_ready(const struct vane__fcconn *conn)
{
	struct pollfd pfd = { .fd = conn->fd, .events = POLLIN };

	if (conn->events & VANE_WRITE)
		pfd.events = POLLOUT;
	return poll(&pfd, 1, 0) > 0;
}

int vane__fcconn_restart_time(struct vane__fcconn *conn, int64_t msec)
{
	conn->late = false;
	return vane__deadline_set(&conn->deadline, msec);
}

/* Wait for events, for so long. */
void vane__fcconn_wait_for(struct vane__fcconn *conn, int events, int64_t msec)
{
	if (vane__fcconn_restart_time(conn, msec) < 0)
		vane__fcconn_close(conn);
	else
		vane__fcconn_watch(conn, events);
}

/* Wait for the peer to close, or for more of what nobody wants. */
void vane__fcconn_linger(struct vane__fcconn *conn)
{
	int64_t left = conn->linger_until - vane_loop_now(conn->fastcgi->loop);

	if (left <= 0 || vane__deadline_set(&conn->deadline,
				 left < LINGER_MSEC ? left : LINGER_MSEC) < 0)
		vane__fcconn_close(conn);
}

/*
 * We have said all: half-close, and wait for the peer to close.  If we closed while bytes
 * are on their way to us, the kernel would reset the connection, and the peer might lose
 * what it has not read yet.
 */
void vane__fcconn_finish(struct vane__fcconn *conn)
{
	bool more = conn->in != NULL &&
		    (conn->in->phase == VANE__FCGI_REQ_BODY || conn->in->large);
	char byte;

	if (shutdown(conn->fd, SHUT_WR) < 0 || (conn->fastcgi->acceptor.stopped && !more) ||
		recv(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0) {
		vane__fcconn_close(conn);
		return;
	}
	vane__fcconn_drop_request(conn);
	vane__fcconn_set_state(conn, VANE__FCCONN_CLOSING);
	conn->linger_until = vane_loop_now(conn->fastcgi->loop) + LINGER_TOTAL_MSEC;
	if (vane__fcconn_watch(conn, VANE_READ))
		vane__fcconn_linger(conn);
}

void vane__fcconn_retire_idle(struct vane_fastcgi *fastcgi)
{
	struct list *node, *next;

	for (node = fastcgi->idle.next; node != &fastcgi->idle; node = next) {
		struct vane__fcconn *conn = CONTAINER_OF(node, struct vane__fcconn, node);

		next = node->next;
		if (conn != fastcgi->running)
			vane__fcconn_retire(conn);
	}
}

static void name_cut(struct vane__fcconn *conn)
{
	const struct vane__fcgi_req *in = conn->in;
	char what[512] = "a head that is not whole";

	if (in != NULL && in->phase >= VANE__FCGI_REQ_BODY) {
		struct vane_slice method =
			vane__fcgi_req_param(in, SLICE("REQUEST_METHOD"));
		struct vane_slice target = vane__fcgi_req_param(in, SLICE("REQUEST_URI"));

		snprintf(what, sizeof(what), "%.*s %.*s", (int) method.len, method.data,
			(int) target.len, target.data);
	}
	vane__acceptor_cut(&conn->fastcgi->acceptor, what,
		vane_loop_now(conn->fastcgi->loop) - conn->since);
}

static void close_each(struct vane_fastcgi *fastcgi, struct list *list)
{
	struct list *node, *next;

	for (node = list->next; node != list; node = next) {
		struct vane__fcconn *conn = CONTAINER_OF(node, struct vane__fcconn, node);

		next = node->next;
		if (conn == fastcgi->running)
			continue;
		if (conn->state > VANE__FCCONN_IDLE && conn->state < VANE__FCCONN_CLOSING)
			name_cut(conn);
		vane__fcconn_close(conn);
	}
}

void vane__fcconn_close_all(struct vane_fastcgi *fastcgi)
{
	close_each(fastcgi, &fastcgi->idle);
	close_each(fastcgi, &fastcgi->others);
}

/* Offer some of the idle ones; how many were taken, and in offered how many that were. */
static size_t give_some(struct vane_fastcgi *fastcgi, size_t *offered)
{
	struct vane__fcconn *conns[GIVE_AT_ONCE];
	struct list *node;
	int fds[GIVE_AT_ONCE];
	size_t count = 0, given, i;

	/* The ones used last first: it is those that a blocked process would keep waiting. */
	for (node = fastcgi->idle.prev; node != &fastcgi->idle && count < GIVE_AT_ONCE;
		node = node->prev) {
		struct vane__fcconn *conn = CONTAINER_OF(node, struct vane__fcconn, node);

		if (conn == fastcgi->running || conn->overloaded || conn->skips ||
			conn->watch == NULL)
			continue;
		vane_loop_remove_handler(conn->watch);
		conn->watch = NULL;
		conns[count] = conn;
		fds[count++] = conn->fd;
	}
	given = count > 0 ? vane_handover_give(fastcgi->opts.handover, fds, count) : 0;
	for (i = 0; i < count; i++) {
		if (i < given)
			forget(conns[i]);
		else
			vane__fcconn_watch(conns[i], VANE_READ);
	}
	*offered = count;
	return given;
}

void vane__fcconn_give(struct vane_fastcgi *fastcgi)
{
	size_t given, offered;

	if (fastcgi->opts.handover == NULL || fastcgi->acceptor.stopped)
		return;
	do {
		given = give_some(fastcgi, &offered);
	} while (given == GIVE_AT_ONCE && given == offered);
}
