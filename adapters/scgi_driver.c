/* SPDX-License-Identifier: MIT */
/*
 * scgi_driver.c - the driver of the SCGI responder's exchanges: body in, response out.
 *
 * Only what a handler asks for is waited for here: more of a body that it reads, and room for what
 * it writes if it has left much with a connection whose peer does not read.
 *
 * SCGI has no word for a response that is not whole: its end is that of the connection.  But a
 * socket that is closed before all of it was read resets the connection, a unix socket too, and
 * what was sent before arrives all the same.  So the last byte of a request is looked at and left
 * in the socket, until the response is whole.
 */
#include "scgi.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "cgi_head.h"
#include "wait.h"

/* ---- from the socket ---- */

int vane__scgi_conn_consume(struct vane__scgi_conn *conn, size_t len, bool whole)
{
	if (whole && len > 0)
		len--;
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

bool vane__scgi_conn_slow(struct vane__scgi_conn *conn, int64_t waited)
{
	int64_t bytes = conn->head.body_length - conn->body_left;

	return conn->body_left > 0 && vane__pace_slow(&conn->pace, waited, bytes);
}

/*
 * Read on in the body, which has more: how much, or a negative errno.  The peer may wait for us to
 * write meanwhile.  What is looked at stays where it is if it ends the request, so that its last
 * byte can be left there.
 */
static ssize_t await_body(struct vane__scgi_conn *conn, void *buf, size_t size)
{
	bool last = (int64_t) size >= conn->body_left;
	int64_t waited = 0;
	ssize_t n;
	int rc;

	if (last)
		size = (size_t) conn->body_left;
	do {
		rc = vane__wait(conn->fd, POLLIN | (conn->out.blocked ? POLLOUT : 0),
			conn->scgi->opts.request_msec, &waited);
		if (rc == 0 && conn->out.blocked)
			rc = vane__outbox_send(&conn->out);
		if (rc < 0)
			return rc;
		n = recv(conn->fd, buf, size, MSG_DONTWAIT | (last ? MSG_PEEK : 0));
	} while (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
	if (n <= 0)
		return n < 0 ? -errno : -ECONNRESET;
	conn->body_left -= n;
	if (vane__scgi_conn_slow(conn, waited))
		return -ETIMEDOUT;
	rc = last ? vane__scgi_conn_consume(conn, (size_t) n, conn->body_left == 0) : 0;
	return rc < 0 ? rc : n;
}

/* What has come in the loop, of which there is some. */
static ssize_t take_body(struct vane__scgi_conn *conn, void *buf, size_t size)
{
	size_t here = conn->body.len - conn->body_at;

	size = size < here ? size : here;
	memcpy(buf, conn->body.data + conn->body_at, size);
	conn->body_at += size;
	if (conn->body_at == conn->body.len)
		conn->body_at = conn->body.len = 0;
	return (ssize_t) size;
}

static ssize_t driver_read(void *carrier, void *buf, size_t size)
{
	struct vane__scgi_conn *conn = carrier;
	ssize_t n;

	if (size == 0)
		return 0;
	if (conn->body.len > 0)
		return take_body(conn, buf, size);
	if (conn->body_left == 0)
		return 0;
	if (conn->input_error < 0)
		return conn->input_error;
	if (!vane_exchange_in_handler(conn->x))
		return -EAGAIN;
	n = await_body(conn, buf, size);
	/* Shorter than announced, or so slow that it comes to the same. */
	return n == -ETIMEDOUT || n == -ECONNRESET ? -EBADMSG : n;
}

/* ---- and into it ---- */

static int driver_begin(void *carrier, const struct vane_head *head)
{
	struct vane__scgi_conn *conn = carrier;

	return vane__cgi_head_add(vane__outbox_gathered(&conn->out), head);
}

/* The peer does not read, but the handler goes on to write: wait for it, as nobody else can. */
static int await_room(struct vane__scgi_conn *conn)
{
	int rc = 0;

	while (rc == 0 && conn->out.blocked &&
		vane__outbox_left(&conn->out) >= VANE__OUTBOX_KEPT) {
		rc = vane__wait(conn->fd, POLLOUT, conn->scgi->opts.write_msec, NULL);
		if (rc == 0)
			rc = vane__outbox_send(&conn->out);
	}
	return rc;
}

/* Whether body may be taken now: 0, or -EAGAIN, or another negative errno. */
static int may_write(struct vane__scgi_conn *conn)
{
	if (vane_exchange_in_handler(conn->x))
		return await_room(conn);
	return conn->out.blocked || conn->turn_bytes >= VANE__OUTBOX_TURN ? -EAGAIN : 0;
}

static ssize_t driver_write(void *carrier, const struct vane_slice *piece)
{
	struct vane__scgi_conn *conn = carrier;
	ssize_t n = may_write(conn);

	if (n == 0)
		n = vane__outbox_write(&conn->out, piece);
	if (n > 0)
		conn->turn_bytes += (size_t) n;
	return n;
}

static int driver_flush(void *carrier)
{
	struct vane__scgi_conn *conn = carrier;

	return vane__outbox_send(&conn->out);
}

static void driver_end(void *carrier, int rc)
{
	struct vane__scgi_conn *conn = carrier;

	conn->ended = true;
	conn->end_rc = rc;
}

/*
 * Bytes of the request are in the socket still, so it is not read; over TCP a peer that has
 * only said all is not told from one that has gone.
 */
static int driver_peer_closed(void *carrier)
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
	.peer_closed = driver_peer_closed,
};
