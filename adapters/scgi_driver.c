/* SPDX-License-Identifier: MIT */
/*
 * scgi_driver.c - the driver of the SCGI responder's exchanges: body in, response out.
 *
 * SCGI has no word for a response that is not whole: its end is that of the connection.  But a
 * socket that is closed before all of it was read resets the connection, a unix socket too, and
 * what was sent before arrives all the same.  So the last byte of a request is looked at and left
 * in the socket, until the response is whole.
 */
#include "scgi.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "cgi_head.h"

int vane__scgi_consume(struct vane__scgi_conn *conn, size_t len, bool whole)
{
	char *waste = conn->base.responder->buf;

	if (whole && len > 0)
		len--;
	while (len > 0) {
		size_t most = len < VANE__RESPONDER_READ ? len : VANE__RESPONDER_READ;
		ssize_t n = recv(conn->base.fd, waste, most, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ECONNRESET;
		len -= (size_t) n;
	}
	return 0;
}

/*
 * Read on in the body, which has more: how much, or a negative errno.  What is looked at stays where
 * it is if it ends the request, so that its last byte can be left there.
 */
static ssize_t await_body(struct vane__scgi_conn *conn, void *buf, size_t size)
{
	bool last = (int64_t) size >= conn->body_left;
	int64_t waited = 0;
	ssize_t n;
	int rc;

	if (last)
		size = (size_t) conn->body_left;
	n = vane__responder_await(&conn->base, buf, size, last ? MSG_PEEK : 0, &waited);
	if (n < 0)
		return n;
	conn->body_left -= n;
	if (vane__responder_slow(&conn->base, waited))
		return -EBADMSG;
	rc = last ? vane__scgi_consume(conn, (size_t) n, conn->body_left == 0) : 0;
	return rc < 0 ? rc : n;
}

static ssize_t driver_read(void *carrier, void *buf, size_t size)
{
	struct vane__scgi_conn *conn = vane__scgi_conn(carrier);

	if (size == 0)
		return 0;
	if (conn->body.len > 0)
		return (ssize_t) vane__responder_take_body(
			&conn->body, &conn->body_at, buf, size);
	if (conn->body_left == 0)
		return 0;
	if (conn->base.input_error < 0)
		return conn->base.input_error;
	if (!vane_exchange_in_handler(conn->base.x))
		return -EAGAIN;
	return await_body(conn, buf, size);
}

static int driver_begin(void *carrier, const struct vane_head *head)
{
	struct vane__responder_conn *base = carrier;

	return vane__cgi_head_add(vane__outbox_gathered(&base->out), head);
}

/*
 * Bytes of the request are in the socket still, so it is not read; over TCP a peer that has
 * only said all is not told from one that has gone.
 */
static int driver_peer_closed(void *carrier)
{
	struct vane__responder_conn *base = carrier;
	struct pollfd pfd = { .fd = base->fd };

	return poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLERR)) != 0 ? -EPIPE
										: 0;
}

const struct vane_driver vane__scgi_driver = {
	.mode = "scgi",
	.caps = VANE_CAP_STREAM_OUT | VANE_CAP_STREAM_IN | VANE_CAP_MULTIREQUEST,
	.read = driver_read,
	.begin = driver_begin,
	.write = vane__responder_write,
	.flush = vane__responder_flush,
	.end = vane__responder_end,
	.send_off = vane__responder_send_off,
	.stall = vane__responder_stall,
	.peer_closed = driver_peer_closed,
};
