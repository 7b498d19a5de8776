/* SPDX-License-Identifier: MIT */
/*
 * responder_conn.c - connections of a responder: what they have, wait for, and end with.
 *
 * An idle one is a descriptor, a watch and a little struct.  What its requests come to is
 * responder_serve.c's business.
 */
#include "responder.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vane/handover.h>
#include <vane/log.h>

#include "slice.h"

/*
 * How long we wait for the peer to close where it may be sending still: with nothing coming,
 * and in all.  Whoever sends a body first, and then looks for an answer, is to find it.
 */
#define LINGER_MSEC       2000
#define LINGER_TOTAL_MSEC 30000

/* Descriptors that are offered to others in one go. */
#define GIVE_AT_ONCE 64

void vane__responder_set_state(
	struct vane__responder_conn *conn, enum vane__responder_state state)
{
	struct vane__responder *responder = conn->responder;

	/* Those that are idle stay in the order in which they became so. */
	if (conn->state == state && state != VANE__RESPONDER_IDLE)
		return;
	/* a request's time is taken from its first byte */
	if (conn->state == VANE__RESPONDER_IDLE || state == VANE__RESPONDER_IDLE)
		conn->since = vane_loop_now(responder->loop);
	conn->state = state;
	list_del(&conn->node);
	list_add(state == VANE__RESPONDER_IDLE ? &responder->idle : &responder->others,
		&conn->node);
}

struct vane_exchange *vane__responder_take_exchange(struct vane__responder *responder)
{
	struct vane_exchange *x = NULL;

	if (LIKELY(responder->spare_count > 0))
		return responder->spares[--responder->spare_count];
	return vane_exchange_new(&x, responder->app, NULL) == 0 ? x : NULL;
}

/* The exchange is over, and what it holds points into the request. */
void vane__responder_give_exchange(struct vane__responder_conn *conn)
{
	struct vane__responder *responder = conn->responder;

	vane_exchange_reset(conn->x);
	if (LIKELY(responder->spare_count < ARRAY_SIZE(responder->spares)))
		responder->spares[responder->spare_count++] = conn->x;
	else
		vane_exchange_free(conn->x);
	conn->x = NULL;
}

/* The peer is gone, or has taken the request back: the exchange frees itself. */
void vane__responder_abort_exchange(struct vane__responder_conn *conn)
{
	struct vane__responder *responder = conn->responder;
	struct vane__responder_conn *running = responder->running;
	struct vane_exchange *x = conn->x;

	conn->x = NULL;
	responder->running = conn; /* its handler is told, and may do anything */
	if (x != NULL && vane_exchange_running(x))
		vane_exchange_abort(x, -EPIPE);
	else
		vane_exchange_free(x);
	responder->running = running;
}

/* Free a connection whose descriptor is somebody else's now, or closed. */
static void forget(struct vane__responder_conn *conn)
{
	struct vane__responder *responder = conn->responder;

	vane_watch_remove(conn->watch);
	vane__deadline_fini(&conn->deadline);
	vane__outbox_fini(&conn->out);
	vane__buf_fini(&conn->rest);
	list_del(&conn->node);
	responder->protocol->free_conn(conn);
	responder->conn_count--;
	vane__score_connections(-1);
	vane__acceptor_check(&responder->acceptor, responder->conn_count);
}

void vane__responder_close(struct vane__responder_conn *conn)
{
	int fd = conn->fd;

	/* Before the handler is told, which may close all connections, or turn the loop. */
	list_del(&conn->node);
	vane_watch_remove(conn->watch);
	conn->watch = NULL;
	vane__deadline_clear(&conn->deadline);
	vane__responder_abort_exchange(conn);
	close(fd);
	forget(conn);
}

void vane__responder_watch(struct vane__responder_conn *conn, int events)
{
	struct vane__responder *responder = conn->responder;
	int rc = 0;

	if (conn->watch == NULL)
		rc = vane_loop_add_watch(responder->loop, conn->fd, events,
			responder->on_ready, conn, &conn->watch);
	else if (conn->events != events)
		vane_watch_update(conn->watch, events);
	conn->events = events;
	if (rc < 0)
		vane__responder_close(conn);
}

/* Whether bytes wait in the socket. */
static bool has_bytes(const struct vane__responder_conn *conn)
{
	char byte;

	return recv(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0;
}

/*
 * We stop, and it is idle: close it, unless bytes wait there.  If it was opened or used lately,
 * a request may be on its way: that is waited for until the grace is over.
 */
void vane__responder_retire(struct vane__responder_conn *conn)
{
	int64_t grace = vane__acceptor_grace(&conn->responder->acceptor, conn->since);

	if (has_bytes(conn))
		return;
	if (grace <= 0 || vane__deadline_set(&conn->deadline, grace) < 0)
		vane__responder_close(conn);
}

/* Whether the socket is ready for what it is waited for. */
bool vane__responder_is_ready(const struct vane__responder_conn *conn)
{
	struct pollfd pfd = { .fd = conn->fd, .events = POLLIN };

	if (conn->events & VANE_WRITE)
		pfd.events = POLLOUT;
	return poll(&pfd, 1, 0) > 0;
}

int vane__responder_restart_time(struct vane__responder_conn *conn, int64_t msec)
{
	conn->late = false;
	return vane__deadline_set(&conn->deadline, msec);
}

/* Wait for events, for so long. */
void vane__responder_wait_for(struct vane__responder_conn *conn, int events, int64_t msec)
{
	if (vane__responder_restart_time(conn, msec) < 0)
		vane__responder_close(conn);
	else
		vane__responder_watch(conn, events);
}

void vane__responder_linger(struct vane__responder_conn *conn)
{
	int64_t left = conn->linger_until - vane_loop_now(conn->responder->loop);

	if (left <= 0)
		vane__responder_close(conn);
	else
		vane__responder_wait_for(
			conn, VANE_READ, left < LINGER_MSEC ? left : LINGER_MSEC);
}

/*
 * If we closed while bytes are on their way to us, the kernel would reset the connection, and the
 * peer might lose what it has not read yet.
 */
void vane__responder_finish(struct vane__responder_conn *conn, bool more)
{
	char byte;

	if (shutdown(conn->fd, SHUT_WR) < 0 ||
		(conn->responder->acceptor.stopped && !more) ||
		recv(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0) {
		vane__responder_close(conn);
		return;
	}
	vane__responder_set_state(conn, VANE__RESPONDER_CLOSING);
	conn->linger_until = vane_loop_now(conn->responder->loop) + LINGER_TOTAL_MSEC;
	vane__responder_linger(conn);
}

void vane__responder_retire_idle(struct vane__responder *responder)
{
	struct list *node, *next;

	for (node = responder->idle.next; node != &responder->idle; node = next) {
		struct vane__responder_conn *conn =
			CONTAINER_OF(node, struct vane__responder_conn, node);

		next = node->next;
		if (conn != responder->running)
			vane__responder_retire(conn);
	}
}

static void name_cut(struct vane__responder_conn *conn)
{
	const struct vane__responder_protocol *protocol = conn->responder->protocol;
	char what[512] = "a head that is not whole";

	if (protocol->phase(conn) > VANE__RESPONDER_HEAD) {
		struct vane_slice method = protocol->var(conn, SLICE("REQUEST_METHOD"));
		struct vane_slice target = protocol->var(conn, SLICE("REQUEST_URI"));

		snprintf(what, sizeof(what), "%.*s %.*s", (int) method.len, method.data,
			(int) target.len, target.data);
	}
	vane__acceptor_cut(&conn->responder->acceptor, what,
		vane_loop_now(conn->responder->loop) - conn->since);
}

static void close_each(struct vane__responder *responder, struct list *list)
{
	struct list all;

	list_move(&all, list);
	while (!list_empty(&all)) {
		struct vane__responder_conn *conn =
			CONTAINER_OF(all.next, struct vane__responder_conn, node);

		if (conn == responder->running) {
			list_del(&conn->node);
			list_add(list, &conn->node);
			continue;
		}
		if (conn->state > VANE__RESPONDER_IDLE &&
			conn->state < VANE__RESPONDER_CLOSING)
			name_cut(conn);
		vane__responder_close(conn);
	}
}

void vane__responder_close_all(struct vane__responder *responder)
{
	close_each(responder, &responder->idle);
	close_each(responder, &responder->others);
}

/* Offer some of the idle ones; how many were taken, and in offered how many that were. */
static size_t give_some(struct vane__responder *responder, size_t *offered)
{
	struct vane__responder_conn *conns[GIVE_AT_ONCE];
	struct list *node;
	int fds[GIVE_AT_ONCE];
	size_t count = 0, given, i;

	/* The ones used last first: it is those that a blocked process would keep waiting. */
	for (node = responder->idle.prev; node != &responder->idle && count < GIVE_AT_ONCE;
		node = node->prev) {
		struct vane__responder_conn *conn =
			CONTAINER_OF(node, struct vane__responder_conn, node);

		if (conn == responder->running || conn->overloaded || conn->ours ||
			conn->watch == NULL)
			continue;
		vane_watch_remove(conn->watch);
		conn->watch = NULL;
		conns[count] = conn;
		fds[count++] = conn->fd;
	}
	given = count > 0 ? vane_handover_give(responder->opts.handover, fds, count) : 0;
	for (i = 0; i < count; i++) {
		if (i < given)
			forget(conns[i]);
		else
			vane__responder_watch(conns[i], VANE_READ);
	}
	*offered = count;
	return given;
}

void vane__responder_give(struct vane__responder *responder)
{
	size_t given, offered;

	do {
		given = give_some(responder, &offered);
	} while (given == GIVE_AT_ONCE && given == offered);
}
