/* SPDX-License-Identifier: MIT */
/*
 * scgi_conn.c - connections of the SCGI responder, and the one request that runs.
 *
 * A connection waits in the loop until its request is there; reading the rest of a long
 * body and writing the response may wait here, each for as long as the settings say.
 *
 * SCGI has no word for a response that is not whole: its end is that of the connection. But
 * a socket that is closed before all of it was read resets the connection, a unix socket
 * too, and what was sent before arrives all the same.  So the last byte of a request is
 * looked at and left in the socket, until the response is whole.
 */
#include "scgi.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane/log.h>

#include "deadline.h"
#include "pace.h"
#include "slice.h"
#include "wait.h"

/* A body is waited for in the loop until so much of it is here. */
#define BODY_WAIT_BYTES (32 * 1024)

/*
 * How long we wait for the peer to close where it may be sending still: with nothing coming,
 * and in all.  Whoever sends a body first, and then looks for an answer, is to find it.
 */
#define LINGER_MSEC       2000
#define LINGER_TOTAL_MSEC 30000

enum state {
	HEAD,   /* the head is coming */
	BODY,   /* the body is coming, or all of it is here */
	CLOSING /* we have said all and wait for the peer to close */
};

struct vane__scgi_conn {
	struct list node;
	struct vane_scgi *scgi;
	struct vane_watch *watch; /* NULL until it has to wait */
	struct vane__deadline deadline;
	int fd;
	enum state state;
	bool begun;    /* something of the head has come */
	int64_t since; /* that, or else the connection; by the loop's clock */
	int refused;   /* the status that it is refused with, 0: it is not */
	struct vane__scgi_head head;
	struct buf body;        /* what has come of it in the loop */
	size_t body_at;         /* so much of that was read */
	int64_t body_left;      /* bytes of it that have not come */
	struct vane__pace pace; /* of the body */
	int64_t heard; /* when it was last looked at, by the loop's clock; 0: not yet */
	int64_t linger_until; /* CLOSING: by the loop's clock */
};

/* ---- from the socket, and into it ---- */

/* Take bytes that were looked at out of the socket. */
static int consume(struct vane__scgi_conn *conn, size_t len)
{
	while (len > 0) {
		size_t most = len < sizeof(conn->scgi->in) ? len : sizeof(conn->scgi->in);
		ssize_t n = recv(conn->fd, conn->scgi->in, most, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ECONNRESET;
		len -= (size_t) n;
	}
	return 0;
}

/* The same, of so many bytes that end the request if whole is true: then all but the last. */
static int consume_piece(struct vane__scgi_conn *conn, size_t len, bool whole)
{
	return consume(conn, whole && len > 0 ? len - 1 : len);
}

/* Whether the body, waited for so much longer, has more to come and that too slowly. */
static bool comes_too_slowly(struct vane__scgi_conn *conn, int64_t waited)
{
	int64_t bytes = conn->head.body_length - conn->body_left;

	return conn->body_left > 0 && vane__pace_slow(&conn->pace, waited, bytes);
}

/*
 * Read on in the body, which has more: how much, or a negative errno.  What is looked at
 * stays where it is if it ends the request, so that its last byte can be left there.
 */
static ssize_t read_body(struct vane__scgi_conn *conn, void *buf, size_t size)
{
	bool last = (int64_t) size >= conn->body_left;
	int64_t waited = 0;
	ssize_t n;
	int rc;

	if (last)
		size = (size_t) conn->body_left;
	do {
		rc = vane__wait(conn->fd, POLLIN, conn->scgi->opts.request_msec, &waited);
		if (rc < 0)
			return rc;
		n = recv(conn->fd, buf, size, MSG_DONTWAIT | (last ? MSG_PEEK : 0));
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n <= 0)
		return n < 0 ? -errno : -ECONNRESET;
	conn->body_left -= n;
	if (comes_too_slowly(conn, waited))
		return -ETIMEDOUT;
	rc = last ? consume_piece(conn, (size_t) n, conn->body_left == 0) : 0;
	return rc < 0 ? rc : n;
}

static int send_all(void *to, const char *data, size_t len)
{
	const struct vane__scgi_conn *conn = to;

	return vane__wait_send(conn->fd, data, len, conn->scgi->opts.write_msec);
}

/* ---- as the carrier of an exchange ---- */

static ssize_t driver_read(void *carrier, void *buf, size_t size)
{
	struct vane__scgi_conn *conn = carrier;
	size_t here = conn->body.len - conn->body_at;
	ssize_t n;

	if (size == 0)
		return 0;
	if (here > 0) {
		size = size < here ? size : here;
		memcpy(buf, conn->body.data + conn->body_at, size);
		conn->body_at += size;
		return (ssize_t) size;
	}
	if (conn->body_left == 0)
		return 0;
	n = read_body(conn, buf, size);
	/* Shorter than announced, or so slow that it comes to the same. */
	return n == -ETIMEDOUT || n == -ECONNRESET ? -EBADMSG : n;
}

static int driver_flush(void *carrier)
{
	struct vane__scgi_conn *conn = carrier;

	return vane__cgiout_flush(&conn->scgi->response);
}

static int driver_begin(void *carrier, const struct vane_head *head)
{
	struct vane__scgi_conn *conn = carrier;

	return vane__cgiout_head(head, vane__cgiout_put, &conn->scgi->response);
}

static ssize_t driver_write(void *carrier, const struct vane_slice *piece)
{
	struct vane__scgi_conn *conn = carrier;
	int rc = vane__cgiout_put(&conn->scgi->response, piece->data, piece->len);

	return rc < 0 ? rc : (ssize_t) piece->len;
}

static void driver_end(void *carrier, int rc)
{
	struct vane__scgi_conn *conn = carrier;

	conn->scgi->ended = true;
	conn->scgi->end_rc = rc;
}

/*
 * Bytes of the request are in the socket still, so it is not read; over TCP a peer that has
 * only said all is not told from one that has gone.
 */
static int driver_look(void *carrier)
{
	struct vane__scgi_conn *conn = carrier;
	struct pollfd pfd = { .fd = conn->fd };

	return poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLERR)) != 0 ? -EPIPE
										: 0;
}

const struct vane_driver vane__scgi_driver = {
	.mode = "scgi",
	.caps = VANE_CAP_STREAM_OUT | VANE_CAP_STREAM_IN | VANE_CAP_MULTIREQUEST,
	.read = driver_read,
	.begin = driver_begin,
	.write = driver_write,
	.flush = driver_flush,
	.end = driver_end,
	.look = driver_look,
};

/* Have the application answer; 0 if the response is whole and sent. */
static int answer(struct vane__scgi_conn *conn)
{
	struct vane_scgi *scgi = conn->scgi;
	struct vane_env env = { 0 };
	int rc = vane_env_from_params(
		&env, scgi->exchange, conn->head.vars, conn->head.var_count);

	env.body_length = conn->head.body_length;
	if (conn->refused > 0 && rc >= 0) {
		rc = conn->refused;
		env.why = conn->head.why;
	}
	scgi->ended = false;
	scgi->response.len = 0;
	scgi->response.to = conn;
	scgi->response.send = send_all;
	if (rc == 0)
		vane_exchange_start(scgi->exchange, conn, &env);
	else if (rc > 0)
		vane_exchange_refuse(scgi->exchange, conn, &env, rc);
	else
		driver_end(conn, rc);
	assert(scgi->ended); /* as this mode has nothing that could end it later */
	rc = driver_flush(conn);
	return scgi->end_rc < 0 ? scgi->end_rc : rc;
}

/* ---- as it waits in the loop ---- */

static void close_conn(struct vane__scgi_conn *conn)
{
	struct vane_scgi *scgi = conn->scgi;

	/* The watch goes before the descriptor does. */
	vane_loop_remove_handler(conn->watch);
	close(conn->fd);
	vane__deadline_fini(&conn->deadline);
	vane__scgi_head_fini(&conn->head);
	vane__buf_fini(&conn->body);
	list_del(&conn->node);
	free(conn);
	scgi->conn_count--;
	vane__acceptor_check(&scgi->acceptor, scgi->conn_count);
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

static void receive(struct vane__scgi_conn *conn);

/*
 * Time is up, but a handler may have kept us from looking at what has come: that comes first.
 * What it leaves as it was has no time left in the next turn.
 */
static bool catch_up(struct vane__scgi_conn *conn)
{
	if (!has_bytes(conn) || vane__deadline_set(&conn->deadline, 0) < 0)
		return false;
	if (conn->scgi->running == NULL)
		receive(conn);
	return true;
}

static void on_deadline(void *data)
{
	struct vane__scgi_conn *conn = data;

	if (!conn->begun && conn->scgi->acceptor.stopped) {
		retire(conn);
		return;
	}
	if (catch_up(conn))
		return;
	if (conn->state != CLOSING)
		vane_log(VANE_LOG_INFO, "scgi: half a request after %lld ms, dropped",
			(long long) conn->scgi->opts.request_msec);
	close_conn(conn);
}

static void on_readable(int fd, int events, void *data);

/* Wait in the loop, for so long. */
static void wait_for(struct vane__scgi_conn *conn, int64_t msec)
{
	if ((conn->watch == NULL &&
		    vane_loop_add_handler(conn->scgi->loop, conn->fd, VANE_READ,
			    on_readable, conn, &conn->watch) < 0) ||
		vane__deadline_set(&conn->deadline, msec) < 0)
		close_conn(conn);
}

/* Wait for the peer to close, or for more of what nobody wants. */
static void linger(struct vane__scgi_conn *conn)
{
	int64_t left = conn->linger_until - vane_loop_now(conn->scgi->loop);

	if (left <= 0)
		close_conn(conn);
	else
		wait_for(conn, left < LINGER_MSEC ? left : LINGER_MSEC);
}

/*
 * The response is whole.  What is left of the request is read first, so that closing does
 * not reset the connection; if more of a body may be on its way, until the peer closes.
 */
static void finish(struct vane__scgi_conn *conn)
{
	if (recv(conn->fd, conn->scgi->in, sizeof(conn->scgi->in), MSG_DONTWAIT) == 0 ||
		conn->body_left == 0 || shutdown(conn->fd, SHUT_WR) < 0) {
		close_conn(conn);
		return;
	}
	conn->state = CLOSING;
	conn->linger_until = vane_loop_now(conn->scgi->loop) + LINGER_TOTAL_MSEC;
	linger(conn);
}

/* Run the request. */
static void serve(struct vane__scgi_conn *conn)
{
	struct vane_scgi *scgi = conn->scgi;
	int rc;

	vane__deadline_clear(&conn->deadline);
	scgi->running = conn;
	rc = answer(conn);
	scgi->running = NULL;
	/* What the exchange holds points into the head. */
	vane_exchange_reset(scgi->exchange);
	if (rc < 0)
		close_conn(conn);
	else
		finish(conn);
}

/* Take the next bytes of the request from the front of in; false if they are garbage. */
static bool take(struct vane__scgi_conn *conn, struct vane_slice *in)
{
	size_t len;

	if (!conn->begun)
		conn->since = vane_loop_now(conn->scgi->loop);
	conn->begun = true;
	if (conn->state == HEAD) {
		switch (vane__scgi_head_push(&conn->head, &conn->scgi->limits, in)) {
		case VANE__SCGI_HEAD_MORE:
			return true;
		case VANE__SCGI_HEAD_BAD:
			return false;
		case VANE__SCGI_HEAD_LARGE:
			conn->state = BODY;
			conn->refused = 431;
			conn->body_left = INT64_MAX; /* who knows how much is on its way */
			return true;
		case VANE__SCGI_HEAD_WHOLE:
			conn->state = BODY;
			conn->body_left = conn->head.body_length;
		}
	}
	len = (int64_t) in->len < conn->body_left ? in->len : (size_t) conn->body_left;
	if (vane__buf_add(&conn->body, in->data, len) < 0) {
		conn->head.why = "out of memory";
		return false;
	}
	conn->body_left -= (int64_t) len;
	in->data += len;
	in->len -= len;
	return true;
}

/* Whether the body comes too slowly, as it is waited for in the loop. */
static bool trickles(struct vane__scgi_conn *conn)
{
	int64_t now = vane_loop_now(conn->scgi->loop), before = conn->heard;

	conn->heard = now;
	return comes_too_slowly(conn, before > 0 ? now - before : 0);
}

/* So many bytes of the request, the first of it or not, were looked at: do what they ask for. */
static void settle(struct vane__scgi_conn *conn, size_t used, bool first)
{
	bool whole = conn->state == BODY && conn->body_left == 0;

	if (consume_piece(conn, used, whole) < 0) {
		close_conn(conn);
		return;
	}
	if (whole || conn->refused > 0 ||
		(conn->state == BODY && conn->body.len >= BODY_WAIT_BYTES)) {
		serve(conn);
		return;
	}
	if (conn->state == BODY && trickles(conn)) {
		vane_log(VANE_LOG_INFO, "scgi: a body that comes too slowly, dropped");
		close_conn(conn);
		return;
	}
	/* The head has one deadline; a body one for each piece. */
	if (conn->state == BODY || conn->deadline.at == 0 || first)
		wait_for(conn, conn->scgi->opts.request_msec);
}

/* Look at what is there, once. */
static void receive(struct vane__scgi_conn *conn)
{
	struct vane_scgi *scgi = conn->scgi;
	int flags = MSG_DONTWAIT | (conn->state != CLOSING ? MSG_PEEK : 0);
	ssize_t n = recv(conn->fd, scgi->in, sizeof(scgi->in), flags);
	struct vane_slice in = { scgi->in, n > 0 ? (size_t) n : 0 };
	bool first = !conn->begun;

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
		if (conn->watch == NULL)
			wait_for(conn, scgi->opts.request_msec);
	} else if (n <= 0) {
		close_conn(conn);
	} else if (conn->state != CLOSING && !take(conn, &in)) {
		vane_log(VANE_LOG_WARNING, "scgi: connection closed: %s", conn->head.why);
		close_conn(conn);
	} else if (conn->state != CLOSING) {
		settle(conn, (size_t) n - in.len, first);
	} else {
		linger(conn);
	}
}

static void on_readable(int fd, int events, void *data)
{
	struct vane__scgi_conn *conn = data;

	/* A handler that turns the loop itself: the request that runs comes first. */
	if (conn->scgi->running == NULL)
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
	conn->pace = (struct vane__pace) { .over_msec = scgi->opts.request_msec,
		.min_rate = scgi->opts.min_rate };
	list_add(&scgi->conns, &conn->node);
	scgi->conn_count++;
	/* Its request is mostly here already. */
	if (scgi->running == NULL)
		receive(conn);
	else
		wait_for(conn, scgi->opts.request_msec);
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

	if (conn->state == BODY) {
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
		if (conn->begun && conn->state != CLOSING)
			name_cut(conn);
		close_conn(conn);
	}
}
