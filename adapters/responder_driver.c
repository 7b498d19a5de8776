/* SPDX-License-Identifier: MIT */
/*
 * responder_driver.c - what the drivers of responders share: body in, response out.
 *
 * Only what a handler asks for is waited for here: more of a body that it reads, and room for what
 * it writes if it has left much with a connection whose peer does not read.
 */
#include "responder.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "wait.h"

/* How long a peer that does not read is waited for when the process is about to end. */
#define SEND_OFF_MSEC 1000

/* The peer does not read, but the handler goes on to write: wait for it, as nobody else can. */
static int await_room(struct vane__responder_conn *conn)
{
	const struct vane__responder *responder = conn->responder;
	int rc = 0;

	while (rc == 0 && conn->out.blocked &&
		vane__outbox_left(&conn->out) >= VANE__OUTBOX_KEPT) {
		rc = vane__wait(conn->fd, POLLOUT, responder->opts.write_msec, NULL);
		if (rc == 0)
			rc = responder->protocol->send(conn);
	}
	return rc;
}

/* Whether body may be taken now: 0, or -EAGAIN, or another negative errno. */
static int may_write(struct vane__responder_conn *conn)
{
	if (vane_exchange_in_handler(conn->x))
		return await_room(conn);
	return conn->out.blocked || conn->turn_bytes >= VANE__OUTBOX_TURN ? -EAGAIN : 0;
}

void vane__responder_stall(void *carrier)
{
	const struct vane__responder_conn *conn = carrier;
	struct vane__responder *responder = conn->responder;

	vane__acceptor_stall(&responder->acceptor);
	if (responder->opts.handover != NULL && !responder->acceptor.stopped)
		vane__responder_give(responder);
}

ssize_t vane__responder_write(void *carrier, const struct vane_slice *piece)
{
	struct vane__responder_conn *conn = carrier;
	ssize_t n = may_write(conn);

	if (LIKELY(n == 0))
		n = conn->responder->protocol->write(conn, piece);
	if (LIKELY(n > 0))
		conn->turn_bytes += (size_t) n;
	return n;
}

int vane__responder_flush(void *carrier)
{
	struct vane__responder_conn *conn = carrier;

	return conn->responder->protocol->send(conn);
}

int vane__responder_send_off(void *carrier)
{
	struct vane__responder_conn *conn = carrier;
	const struct vane__responder_protocol *protocol = conn->responder->protocol;
	char waste[4096];
	int rc;

	vane__responder_end(conn, 0);
	rc = protocol->conclude(conn);
	while (rc == 0 && conn->out.blocked) {
		rc = vane__wait(conn->fd, POLLOUT, SEND_OFF_MSEC, NULL);
		if (rc == 0)
			rc = protocol->send(conn);
	}
	/* what is not read has the connection reset */
	while (recv(conn->fd, waste, sizeof(waste), MSG_DONTWAIT) > 0)
		;
	return rc;
}

void vane__responder_end(void *carrier, int rc)
{
	struct vane__responder_conn *conn = carrier;

	conn->ended = true;
	conn->end_rc = rc;
}

size_t vane__responder_take_body(struct buf *body, size_t *taken, void *buf, size_t size)
{
	size_t here = body->len - *taken;

	size = size < here ? size : here;
	memcpy(buf, body->data + *taken, size);
	*taken += size;
	if (*taken == body->len)
		*taken = body->len = 0;
	return size;
}

ssize_t vane__responder_await(struct vane__responder_conn *conn, void *buf, size_t size,
	int flags, int64_t *waited)
{
	const struct vane__responder *responder = conn->responder;
	ssize_t n;
	int rc;

	do {
		rc = vane__wait(conn->fd, POLLIN | (conn->out.blocked ? POLLOUT : 0),
			responder->opts.request_msec - *waited, waited);
		if (rc == 0 && conn->out.blocked)
			rc = responder->protocol->send(conn);
		if (rc < 0)
			return rc == -ETIMEDOUT ? -EBADMSG : rc;
		n = recv(conn->fd, buf, size, MSG_DONTWAIT | flags);
	} while (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
	if (n < 0 && errno != ECONNRESET)
		return -errno;
	return n > 0 ? n : -EBADMSG;
}

bool vane__responder_slow(struct vane__responder_conn *conn, int64_t waited)
{
	const struct vane__responder_protocol *protocol = conn->responder->protocol;

	return protocol->phase(conn) == VANE__RESPONDER_BODY &&
	       vane__pace_slow(&conn->pace, waited, protocol->body_bytes(conn));
}
