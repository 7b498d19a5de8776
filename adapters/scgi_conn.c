/* SPDX-License-Identifier: MIT */
/*
 * scgi_conn.c - connections of the SCGI responder in the loop, and the request that comes there.
 *
 * Nothing here waits.  Bytes are collected until a request is there, whose exchange is then begun;
 * one that waits for the rest of its body, or for its peer to read, holds up nobody.
 */
#include "scgi.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane/log.h>

#include "slice.h"

/* A body is waited for before the exchange begins until so much of it is here. */
#define BODY_WAIT_BYTES (32 * 1024)

/*
 * How long we wait for the peer to close where it may be sending still: with nothing coming,
 * and in all.  Whoever sends a body first, and then looks for an answer, is to find it.
 */
#define LINGER_MSEC       2000
#define LINGER_TOTAL_MSEC 30000

/* When to look again whether time is up, while a handler runs. */
#define BUSY_MSEC 20

/* ---- what a connection has, and gives back ---- */

static struct vane_exchange *take_exchange(struct vane_scgi *scgi)
{
	struct vane_exchange *x = NULL;

	if (LIKELY(scgi->spare_count > 0))
		return scgi->spares[--scgi->spare_count];
	return vane_exchange_new(&x, scgi->app, NULL) == 0 ? x : NULL;
}

static void give_exchange_back(struct vane__scgi_conn *conn)
{
	struct vane_scgi *scgi = conn->scgi;

	vane_exchange_reset(conn->x);
	if (LIKELY(scgi->spare_count < ARRAY_SIZE(scgi->spares)))
		scgi->spares[scgi->spare_count++] = conn->x;
	else
		vane_exchange_free(conn->x);
	conn->x = NULL;
}

/* The peer is gone: the exchange frees itself. */
static void abort_exchange(struct vane__scgi_conn *conn)
{
	struct vane_exchange *x = conn->x;

	conn->x = NULL;
	if (x != NULL && vane_exchange_running(x))
		vane_exchange_abort(x, -EPIPE);
	else
		vane_exchange_free(x);
}

static void close_conn(struct vane__scgi_conn *conn)
{
	struct vane_scgi *scgi = conn->scgi;

	abort_exchange(conn);
	/* The watch goes before the descriptor does. */
	vane_loop_remove_handler(conn->watch);
	close(conn->fd);
	vane__deadline_fini(&conn->deadline);
	vane__scgi_head_fini(&conn->head);
	vane__buf_fini(&conn->body);
	vane__outbox_fini(&conn->out);
	list_del(&conn->node);
	free(conn);
	scgi->conn_count--;
	vane__acceptor_check(&scgi->acceptor, scgi->conn_count);
}

/* ---- time, and waiting in the loop ---- */

static void on_ready(int fd, int events, void *data);

/* Wait for events, in the time that is left. */
static void watch(struct vane__scgi_conn *conn, int events)
{
	int rc = 0;

	if (conn->watch == NULL)
		rc = vane_loop_add_handler(
			conn->scgi->loop, conn->fd, events, on_ready, conn, &conn->watch);
	else if (conn->events != events)
		vane_loop_update_handler(conn->watch, events);
	conn->events = events;
	if (rc < 0)
		close_conn(conn);
}

static int restart_time(struct vane__scgi_conn *conn, int64_t msec)
{
	conn->late = false;
	return vane__deadline_set(&conn->deadline, msec);
}

/* Wait for events, for so long. */
static void wait_for(struct vane__scgi_conn *conn, int events, int64_t msec)
{
	if (restart_time(conn, msec) < 0)
		close_conn(conn);
	else
		watch(conn, events);
}

/* Whether bytes wait in the socket. */
static bool has_bytes(const struct vane__scgi_conn *conn)
{
	char byte;

	return recv(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0;
}

/*
 * We stop, and nothing has come: close it, unless bytes wait there.  If it was opened lately,
 * its request may be on the way: that is waited for until the grace is over.
 */
static void retire(struct vane__scgi_conn *conn)
{
	int64_t grace = vane__acceptor_grace(&conn->scgi->acceptor, conn->since);

	if (has_bytes(conn))
		return;
	if (grace <= 0 || vane__deadline_set(&conn->deadline, grace) < 0)
		close_conn(conn);
}

/* Whether the socket is ready for what it is waited for. */
static bool is_ready(const struct vane__scgi_conn *conn)
{
	struct pollfd pfd = { .fd = conn->fd, .events = POLLIN };

	if (conn->events & VANE_WRITE)
		pfd.events = POLLOUT;
	return poll(&pfd, 1, 0) > 0;
}

static void receive(struct vane__scgi_conn *conn);
static void go_on(struct vane__scgi_conn *conn);
static void fail_body(struct vane__scgi_conn *conn);

/*
 * Time is up, but a handler may have kept us from looking at what has come, or at the room that
 * there is: that comes first.  What it leaves as it was has no time left in the next turn.
 */
static bool catch_up(struct vane__scgi_conn *conn)
{
	if (!is_ready(conn) || vane__deadline_set(&conn->deadline, 0) < 0)
		return false;
	conn->late = true;
	if (conn->events & VANE_WRITE)
		go_on(conn);
	else
		receive(conn);
	return true;
}

static void on_deadline(void *data)
{
	struct vane__scgi_conn *conn = data;

	/* A handler turns the loop itself: its own may not go, and others are not to blame. */
	if (conn->scgi->running != NULL) {
		if (vane__deadline_set(&conn->deadline, BUSY_MSEC) < 0 &&
			conn != conn->scgi->running)
			close_conn(conn);
		return;
	}
	if (!conn->begun && conn->scgi->acceptor.stopped) {
		retire(conn);
		return;
	}
	if (!conn->late && catch_up(conn))
		return;
	if (conn->state == VANE__SCGI_RUNNING && vane_exchange_wants_body(conn->x)) {
		fail_body(conn);
		return;
	}
	if (conn->state < VANE__SCGI_RUNNING)
		vane_log(VANE_LOG_INFO, "scgi: half a request after %lld ms, dropped",
			(long long) conn->scgi->opts.request_msec);
	close_conn(conn);
}

/* ---- the end of a connection ---- */

/* Wait for the peer to close, or for more of what nobody wants. */
static void linger(struct vane__scgi_conn *conn)
{
	int64_t left = conn->linger_until - vane_loop_now(conn->scgi->loop);

	if (left <= 0)
		close_conn(conn);
	else
		wait_for(conn, VANE_READ, left < LINGER_MSEC ? left : LINGER_MSEC);
}

/*
 * The response is whole, and sent.  What is left of the request is read first, so that closing does
 * not reset the connection; if more of a body may be on its way, until the peer closes.
 */
static void finish(struct vane__scgi_conn *conn)
{
	if (recv(conn->fd, conn->scgi->in, sizeof(conn->scgi->in), MSG_DONTWAIT) == 0 ||
		conn->body_left == 0 || shutdown(conn->fd, SHUT_WR) < 0) {
		close_conn(conn);
		return;
	}
	conn->state = VANE__SCGI_CLOSING;
	conn->linger_until = vane_loop_now(conn->scgi->loop) + LINGER_TOTAL_MSEC;
	linger(conn);
}

/* ---- the request that runs ---- */

/*
 * What is to be sent waits for room, or for its turn.  Body that nobody wants is taken meanwhile,
 * as the peer may send all of it first; of a whole request the last byte stays, so that there is
 * nothing to be read then.
 */
static void await_room(struct vane__scgi_conn *conn, enum vane__scgi_state state)
{
	bool more = conn->body_left > 0 && conn->input_error == 0;

	conn->state = state;
	vane__buf_fini(&conn->body);
	conn->body_at = 0;
	wait_for(conn, VANE_WRITE | (more ? VANE_READ : 0), conn->scgi->opts.write_msec);
}

/* The exchange is over.  One whose response is not whole is cut off. */
static void conclude(struct vane__scgi_conn *conn)
{
	int rc = vane__outbox_send(&conn->out);

	give_exchange_back(conn);
	if (rc < 0 || conn->end_rc < 0)
		close_conn(conn);
	else if (conn->out.blocked)
		await_room(conn, VANE__SCGI_SENDING);
	else
		finish(conn);
}

/* Whether the body comes too slowly, as it is waited for in the loop. */
static bool trickles(struct vane__scgi_conn *conn)
{
	int64_t now = vane_loop_now(conn->scgi->loop), before = conn->heard;

	conn->heard = now;
	return vane__scgi_conn_slow(conn, before > 0 ? now - before : 0);
}

/* The exchange waits for more of its body. */
static void await_body(struct vane__scgi_conn *conn)
{
	int events = VANE_READ | (conn->out.blocked ? VANE_WRITE : 0);

	conn->state = VANE__SCGI_RUNNING;
	if (conn->input_error < 0)
		close_conn(conn); /* it was told, and does not end */
	else if (trickles(conn))
		fail_body(conn);
	else
		wait_for(conn, events, conn->scgi->opts.request_msec);
}

/* A call into the exchange has returned. */
static void leave_exchange(struct vane__scgi_conn *conn)
{
	conn->scgi->running = NULL;
	if (LIKELY(conn->ended))
		conclude(conn);
	else if (vane__outbox_send(&conn->out) < 0)
		close_conn(conn);
	else if (vane_exchange_wants_body(conn->x))
		await_body(conn);
	else
		await_room(conn, VANE__SCGI_RUNNING);
}

/* Begin the exchange of the request that is here, or its refusal. */
static void begin(struct vane__scgi_conn *conn)
{
	struct vane_env *env = vane_exchange_env(conn->x);
	int rc = vane_exchange_env_from_params(
		conn->x, conn->head.vars, conn->head.var_count);

	env->body_length = conn->head.body_length;
	if (conn->refused > 0 && rc >= 0) {
		rc = conn->refused;
		env->why = conn->head.why;
	}
	if (rc == 0) {
		vane_exchange_start(conn->x, &vane__scgi_driver, conn);
	} else if (rc > 0) {
		vane_exchange_refuse(conn->x, &vane__scgi_driver, conn, rc);
	} else {
		conn->ended = true;
		conn->end_rc = rc;
	}
}

/* Run the request. */
static void serve(struct vane__scgi_conn *conn)
{
	vane__deadline_clear(&conn->deadline);
	conn->x = take_exchange(conn->scgi);
	if (conn->x == NULL) {
		vane_log(VANE_LOG_ERROR, "scgi: a request could not be begun: no memory");
		close_conn(conn);
		return;
	}
	conn->scgi->running = conn;
	begin(conn);
	leave_exchange(conn);
}

/* More of the body has come, or its end. */
static void feed(struct vane__scgi_conn *conn)
{
	conn->scgi->running = conn;
	vane_exchange_readable(conn->x);
	leave_exchange(conn);
}

/* The rest of the body will not come, or is not waited for: the exchange is told. */
static void fail_body(struct vane__scgi_conn *conn)
{
	conn->input_error = -EBADMSG;
	feed(conn);
}

/* There is room again, or others have had their turn. */
static void go_on(struct vane__scgi_conn *conn)
{
	size_t left = vane__outbox_left(&conn->out);

	if (vane__outbox_send(&conn->out) < 0) {
		close_conn(conn);
	} else if (conn->out.blocked) {
		if (vane__outbox_left(&conn->out) < left &&
			restart_time(conn, conn->scgi->opts.write_msec) < 0)
			close_conn(conn);
	} else if (conn->state == VANE__SCGI_SENDING) {
		finish(conn);
	} else {
		conn->scgi->running = conn;
		vane_exchange_writable(conn->x);
		leave_exchange(conn);
	}
}

/* ---- what comes in ---- */

/* Whether the request is answered, so that what comes of it is of no use. */
static bool is_answered(const struct vane__scgi_conn *conn)
{
	return conn->state == VANE__SCGI_SENDING ||
	       (conn->state == VANE__SCGI_RUNNING && !vane_exchange_wants_body(conn->x));
}

/* Take the next bytes of the head from the front of in; false if they are garbage. */
static bool take_head(struct vane__scgi_conn *conn, struct vane_slice *in)
{
	if (!conn->begun)
		conn->since = vane_loop_now(conn->scgi->loop);
	conn->begun = true;
	switch (vane__scgi_head_push(&conn->head, &conn->scgi->limits, in)) {
	case VANE__SCGI_HEAD_MORE:
		return true;
	case VANE__SCGI_HEAD_BAD:
		return false;
	case VANE__SCGI_HEAD_LARGE:
		conn->refused = 431;
		conn->body_left = INT64_MAX; /* who knows how much is on its way */
		break;
	case VANE__SCGI_HEAD_WHOLE:
		conn->body_left = conn->head.body_length;
		break;
	}
	conn->state = VANE__SCGI_BODY;
	return true;
}

/* Take the next bytes of the request from the front of in; false if that cannot be. */
static bool take(struct vane__scgi_conn *conn, struct vane_slice *in)
{
	size_t len;

	if (conn->state == VANE__SCGI_HEAD && !take_head(conn, in))
		return false;
	len = (int64_t) in->len < conn->body_left ? in->len : (size_t) conn->body_left;
	if (!is_answered(conn) && vane__buf_add(&conn->body, in->data, len) < 0) {
		conn->head.why = "out of memory";
		return false;
	}
	conn->body_left -= (int64_t) len;
	in->data += len;
	in->len -= len;
	return true;
}

/* Bytes of the request, the first of it or not, were taken: do what they ask for. */
static void act(struct vane__scgi_conn *conn, bool first)
{
	bool whole = conn->state >= VANE__SCGI_BODY && conn->body_left == 0;

	if (is_answered(conn)) {
		if (whole)
			watch(conn, VANE_WRITE);
		return;
	}
	if (conn->state == VANE__SCGI_RUNNING) {
		feed(conn);
		return;
	}
	if (whole || conn->refused > 0 ||
		(conn->state == VANE__SCGI_BODY && conn->body.len >= BODY_WAIT_BYTES)) {
		serve(conn);
		return;
	}
	if (conn->state == VANE__SCGI_BODY && trickles(conn)) {
		vane_log(VANE_LOG_INFO, "scgi: a body that comes too slowly, dropped");
		close_conn(conn);
		return;
	}
	/* The head has one deadline; a body one for each piece. */
	if (conn->state == VANE__SCGI_BODY || conn->deadline.at == 0 || first)
		wait_for(conn, VANE_READ, conn->scgi->opts.request_msec);
}

/* So many bytes were read, or looked at only: what they are, and what they ask for. */
static void take_in(struct vane__scgi_conn *conn, size_t len, bool looked)
{
	struct vane_slice in = { conn->scgi->in, len };
	bool first = !conn->begun, whole;

	if (!take(conn, &in)) {
		vane_log(VANE_LOG_WARNING, "scgi: connection closed: %s", conn->head.why);
		close_conn(conn);
		return;
	}
	whole = conn->state >= VANE__SCGI_BODY && conn->body_left == 0;
	if (looked && vane__scgi_conn_consume(conn, len - in.len, whole) < 0)
		close_conn(conn);
	else
		act(conn, first);
}

/* No more will come; error is 0, or what came of reading. */
static void end_input(struct vane__scgi_conn *conn, int error)
{
	if (conn->state == VANE__SCGI_RUNNING && vane_exchange_wants_body(conn->x)) {
		fail_body(conn);
	} else if (error == 0 && is_answered(conn)) {
		conn->input_error = -EBADMSG;
		watch(conn, VANE_WRITE); /* it may read still */
	} else {
		close_conn(conn);
	}
}

/* Read what is there, once; what may end the request is looked at only. */
static void receive(struct vane__scgi_conn *conn)
{
	struct vane_scgi *scgi = conn->scgi;
	size_t size = sizeof(scgi->in);
	bool look = conn->state == VANE__SCGI_HEAD;
	ssize_t n;

	if (conn->state > VANE__SCGI_HEAD && conn->state < VANE__SCGI_CLOSING &&
		conn->body_left <= (int64_t) size) {
		size = (size_t) conn->body_left;
		look = true;
	}
	n = recv(conn->fd, scgi->in, size, MSG_DONTWAIT | (look ? MSG_PEEK : 0));
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
		if (conn->watch == NULL)
			wait_for(conn, VANE_READ, scgi->opts.request_msec);
	} else if (n <= 0) {
		end_input(conn, n < 0 ? errno : 0);
	} else if (conn->state == VANE__SCGI_CLOSING) {
		linger(conn);
	} else {
		take_in(conn, (size_t) n, look);
	}
}

/* Where there is room, it is used first: who sends all the time leaves something to read always. */
static void on_ready(int fd, int events, void *data)
{
	struct vane__scgi_conn *conn = data;

	/* A handler that turns the loop itself: the request that runs comes first. */
	if (conn->scgi->running != NULL)
		return;
	conn->turn_bytes = 0;
	if (events & conn->events & VANE_WRITE)
		go_on(conn);
	else
		receive(conn);
}

int vane__scgi_conn_add(struct vane_scgi *scgi, int fd)
{
	struct vane__scgi_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL) {
		close(fd);
		return -ENOMEM;
	}
	conn->scgi = scgi;
	conn->fd = fd;
	conn->since = vane_loop_now(scgi->loop);
	conn->deadline = (struct vane__deadline) {
		.loop = scgi->loop, .fn = on_deadline, .data = conn
	};
	conn->out = (struct vane__outbox) { .shared = &scgi->out, .fd = fd };
	conn->pace = (struct vane__pace) { .over_msec = scgi->opts.request_msec,
		.min_rate = scgi->opts.min_rate };
	list_add(&scgi->conns, &conn->node);
	scgi->conn_count++;
	/* Its request is mostly here already. */
	if (scgi->running == NULL)
		receive(conn);
	else
		wait_for(conn, VANE_READ, scgi->opts.request_msec);
	return 0;
}

void vane__scgi_conn_retire_idle(struct vane_scgi *scgi)
{
	struct list *node, *next;

	for (node = scgi->conns.next; node != &scgi->conns; node = next) {
		struct vane__scgi_conn *conn =
			CONTAINER_OF(node, struct vane__scgi_conn, node);

		next = node->next;
		if (!conn->begun)
			retire(conn);
	}
}

static void name_cut(struct vane__scgi_conn *conn)
{
	char what[512] = "a head that is not whole";

	if (conn->state > VANE__SCGI_HEAD) {
		struct vane_slice method =
			vane__scgi_head_var(&conn->head, SLICE("REQUEST_METHOD"));
		struct vane_slice target =
			vane__scgi_head_var(&conn->head, SLICE("REQUEST_URI"));

		snprintf(what, sizeof(what), "%.*s %.*s", (int) method.len, method.data,
			(int) target.len, target.data);
	}
	vane__acceptor_cut(
		&conn->scgi->acceptor, what, vane_loop_now(conn->scgi->loop) - conn->since);
}

void vane__scgi_conn_close_all(struct vane_scgi *scgi)
{
	struct list *node, *next;

	for (node = scgi->conns.next; node != &scgi->conns; node = next) {
		struct vane__scgi_conn *conn =
			CONTAINER_OF(node, struct vane__scgi_conn, node);

		next = node->next;
		if (conn == scgi->running)
			continue;
		if (conn->begun && conn->state != VANE__SCGI_CLOSING)
			name_cut(conn);
		close_conn(conn);
	}
}
