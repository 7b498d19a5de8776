/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_driver.c - what carries the exchanges of the FastCGI responder: a connection behind the
 * calls of a driver.
 */
#include "fastcgi.h"

#include <errno.h>

/* What is made of what was read: 0 or a negative errno. */
static int push(struct vane__fastcgi_conn *conn)
{
	struct vane_fastcgi *fastcgi = vane__fastcgi_of(conn);
	struct vane__fcgi_req *in = conn->in;

	switch (vane__fcgi_req_push(in, &fastcgi->limits, &fastcgi->base.in)) {
	case VANE__FCGI_REQ_MORE:
	case VANE__FCGI_REQ_DONE:
		return 0;
	case VANE__FCGI_REQ_REPLY:
		return vane__fastcgi_say(conn, in->reply, in->reply_len);
	case VANE__FCGI_REQ_ABORTED:
		return -ECONNRESET;
	case VANE__FCGI_REQ_LARGE:
	case VANE__FCGI_REQ_REFUSED:
	case VANE__FCGI_REQ_BAD:
		break;
	}
	return -EBADMSG;
}

/* Within a handler: wait for more of the body, or for its end.  0 or a negative errno. */
static int await_body(struct vane__fastcgi_conn *conn)
{
	struct vane__responder *responder = conn->base.responder;
	int64_t waited = 0;
	int rc;

	if (responder->in.len == 0) {
		ssize_t n = vane__responder_await(
			&conn->base, responder->buf, sizeof(responder->buf), 0, &waited);

		if (n < 0)
			return (int) n;
		responder->in = (struct vane_slice) { responder->buf, (size_t) n };
	}
	rc = push(conn);
	return rc == 0 && vane__responder_slow(&conn->base, waited) ? -EBADMSG : rc;
}

static ssize_t driver_read(void *carrier, void *buf, size_t size)
{
	struct vane__fastcgi_conn *conn = vane__fastcgi_conn(carrier);
	struct vane__fcgi_req *in = conn->in;

	if (conn->body_left >= 0 && (int64_t) size > conn->body_left)
		size = (size_t) conn->body_left;
	if (size == 0)
		return 0;
	while (in->body.len == 0) {
		int rc;

		/* Front servers send what they have of a body that was cut, and end it properly. */
		if (in->phase == VANE__FCGI_REQ_WHOLE)
			return conn->body_left > 0 ? -EBADMSG : 0;
		if (conn->base.input_error < 0)
			return conn->base.input_error;
		if (!vane_exchange_in_handler(conn->base.x))
			return -EAGAIN;
		rc = await_body(conn);
		if (rc < 0)
			return rc;
	}
	size = vane__responder_take_body(&in->body, &in->body_at, buf, size);
	if (conn->body_left > 0)
		conn->body_left -= (int64_t) size;
	return (ssize_t) size;
}

static int driver_begin(void *carrier, const struct vane_head *head)
{
	return vane__fastcgi_begin(vane__fastcgi_conn(carrier), head);
}

static int driver_flush(void *carrier)
{
	struct vane__fastcgi_conn *conn = vane__fastcgi_conn(carrier);
	int rc = vane__fastcgi_send(conn);

	return rc == 0 && vane__fastcgi_gone(conn) ? -EPIPE : rc;
}

static void driver_log(void *carrier, const struct vane_slice *line)
{
	vane__fastcgi_log(vane__fastcgi_conn(carrier), line);
}

static int driver_peer_closed(void *carrier)
{
	return vane__fastcgi_gone(vane__fastcgi_conn(carrier)) ? -EPIPE : 0;
}

const struct vane_driver vane__fastcgi_driver = {
	.mode = "fastcgi",
	.caps = VANE_CAP_STREAM_OUT | VANE_CAP_STREAM_IN | VANE_CAP_CLOSE_DETECT |
		VANE_CAP_MULTIREQUEST,
	.read = driver_read,
	.begin = driver_begin,
	.write = vane__responder_write,
	.flush = driver_flush,
	.end = vane__responder_end,
	.send_off = vane__responder_send_off,
	.log = driver_log,
	.stall = vane__responder_stall,
	.peer_closed = driver_peer_closed,
};
