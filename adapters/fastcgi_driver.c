/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_driver.c - what carries the exchanges of the FastCGI responder: a connection behind the
 * calls of a driver.
 */
#include <errno.h>
#include <string.h>

#include "responder.h"

/* What has come of the body: how much, or -EAGAIN. */
static ssize_t take_body(struct vane__fcgi_req *in, void *buf, size_t size)
{
	size_t here = in->body.len - in->body_at;

	if (here == 0)
		return -EAGAIN;
	size = size < here ? size : here;
	memcpy(buf, in->body.data + in->body_at, size);
	in->body_at += size;
	if (in->body_at == in->body.len)
		in->body_at = in->body.len = 0;
	return (ssize_t) size;
}

static ssize_t driver_read(void *carrier, void *buf, size_t size)
{
	struct vane__fcconn *conn = carrier;
	ssize_t n;

	if (conn->body_left >= 0 && (int64_t) size > conn->body_left)
		size = (size_t) conn->body_left;
	if (size == 0)
		return 0;
	while ((n = take_body(conn->in, buf, size)) == -EAGAIN) {
		int rc = 0;

		/* Front servers send what they have of a body that was cut, and end it properly. */
		if (conn->in->phase == VANE__FCGI_REQ_WHOLE)
			return conn->body_left > 0 ? -EBADMSG : 0;
		if (conn->input_error < 0)
			return conn->input_error;
		if (!vane_exchange_in_handler(conn->x))
			return -EAGAIN;
		rc = vane__fcconn_await_body(conn, conn->fastcgi->opts.request_msec);
		if (rc < 0)
			return rc == -ETIMEDOUT ? -EBADMSG : rc;
	}
	if (conn->body_left > 0)
		conn->body_left -= n;
	return n;
}

/* Whether the bytes that come next, so many of which are here, are an abort of the request. */
static int driver_begin(void *carrier, const struct vane_head *head)
{
	return vane__fcconn_begin(carrier, head);
}

static ssize_t driver_write(void *carrier, const struct vane_slice *piece)
{
	return vane__fcconn_write(carrier, piece);
}

static int driver_flush(void *carrier)
{
	struct vane__fcconn *conn = carrier;
	int rc = vane__fcconn_send(conn);

	return rc == 0 && vane__fcconn_gone(conn) ? -EPIPE : rc;
}

static void driver_end(void *carrier, int rc)
{
	struct vane__fcconn *conn = carrier;

	conn->ended = true;
	conn->end_rc = rc;
}

static void driver_stall(void *carrier)
{
	struct vane__fcconn *conn = carrier;

	vane__fcconn_give(conn->fastcgi);
}

static int driver_peer_closed(void *carrier)
{
	return vane__fcconn_gone(carrier) ? -EPIPE : 0;
}

const struct vane_driver vane__fastcgi_driver = {
	.mode = "fastcgi",
	.caps = VANE_CAP_STREAM_OUT | VANE_CAP_STREAM_IN | VANE_CAP_CLOSE_DETECT |
		VANE_CAP_MULTIREQUEST,
	.read = driver_read,
	.begin = driver_begin,
	.write = driver_write,
	.flush = driver_flush,
	.end = driver_end,
	.stall = driver_stall,
	.peer_closed = driver_peer_closed,
};
