/* SPDX-License-Identifier: MIT */
/*
 * scgi_serve.c - the request of an SCGI connection: how bytes become one, and how it ends.
 *
 * The last byte of a request is looked at and left in the socket, see scgi_driver.c.
 */
#include "scgi.h"

#include <stdlib.h>
#include <sys/socket.h>

#include <vane/log.h>

/* ---- what a connection has ---- */

static struct vane__responder_conn *new_conn(void)
{
	struct vane__scgi_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL)
		return NULL;
	conn->body_left = -1;
	return &conn->base;
}

static void free_conn(struct vane__responder_conn *base)
{
	struct vane__scgi_conn *conn = vane__scgi_conn(base);

	vane__scgi_head_fini(&conn->head);
	vane__buf_fini(&conn->body);
	free(conn);
}

/* ---- what is known of the request that is here ---- */

static enum vane__responder_phase phase(struct vane__responder_conn *base)
{
	int64_t left = vane__scgi_conn(base)->body_left;

	if (left < 0)
		return VANE__RESPONDER_HEAD;
	return left > 0 ? VANE__RESPONDER_BODY : VANE__RESPONDER_WHOLE;
}

static int64_t body_bytes(struct vane__responder_conn *base)
{
	const struct vane__scgi_conn *conn = vane__scgi_conn(base);

	return conn->head.body_length - conn->body_left;
}

static struct vane_slice var(struct vane__responder_conn *base, struct vane_slice name)
{
	return vane__scgi_head_var(&vane__scgi_conn(base)->head, name);
}

static int fill(struct vane__responder_conn *base, struct vane_env *env)
{
	struct vane__scgi_conn *conn = vane__scgi_conn(base);
	int rc;

	vane__responder_look(base, conn->head.vars, conn->head.var_count, true);
	rc = vane_exchange_env_from_params(base->x, conn->head.vars, conn->head.var_count);

	env->body_length = conn->head.body_length;
	if (conn->large && rc >= 0) {
		rc = 431;
		env->why = conn->head.why;
	}
	return rc;
}

static void drop_body(struct vane__responder_conn *base)
{
	struct vane__scgi_conn *conn = vane__scgi_conn(base);

	vane__buf_fini(&conn->body);
	conn->body_at = 0;
}

/* ---- what follows an answer ---- */

/* One whose response is not whole is cut off. */
static int conclude(struct vane__responder_conn *base)
{
	int rc = vane__outbox_send(&base->out);

	return rc < 0 ? rc : base->end_rc;
}

/*
 * The response is whole, and sent.  What is left of the request is read first, so that closing does
 * not reset the connection; if more of a body may be on its way, until the peer closes.
 */
static bool sent(struct vane__responder_conn *base)
{
	char *buf = base->responder->buf;
	ssize_t n = recv(base->fd, buf, VANE__RESPONDER_READ, MSG_DONTWAIT);

	if (n == 0 || vane__scgi_conn(base)->body_left == 0)
		vane__responder_close(base);
	else
		vane__responder_finish(base, true);
	return false;
}

/* ---- what comes in ---- */

/* What may end the request is looked at only. */
static ssize_t receive(struct vane__responder_conn *base)
{
	struct vane__scgi_conn *conn = vane__scgi_conn(base);
	size_t size = VANE__RESPONDER_READ;

	conn->peeked =
		base->state < VANE__RESPONDER_CLOSING && conn->body_left <= (int64_t) size;
	if (conn->peeked && conn->body_left >= 0)
		size = (size_t) conn->body_left;
	return recv(base->fd, base->responder->buf, size,
		MSG_DONTWAIT | (conn->peeked ? MSG_PEEK : 0));
}

/* Take the next bytes of the head from the front of in; false if they are garbage. */
static bool take_head(struct vane__scgi_conn *conn, struct vane_slice *in)
{
	const struct vane_scgi *scgi =
		CONTAINER_OF(conn->base.responder, struct vane_scgi, base);

	switch (vane__scgi_head_push(&conn->head, &scgi->limits, in)) {
	case VANE__SCGI_HEAD_MORE:
		break;
	case VANE__SCGI_HEAD_BAD:
		return false;
	case VANE__SCGI_HEAD_LARGE:
		conn->large = true;
		conn->body_left = INT64_MAX; /* who knows how much is on its way */
		break;
	case VANE__SCGI_HEAD_WHOLE:
		conn->body_left = conn->head.body_length;
		break;
	}
	return true;
}

/* Take the next bytes of the request from the front of in; false if that cannot be. */
static bool take(struct vane__scgi_conn *conn, struct vane_slice *in)
{
	size_t len;

	if (conn->body_left < 0 && !take_head(conn, in))
		return false;
	if (conn->body_left <= 0)
		return true;
	len = (int64_t) in->len < conn->body_left ? in->len : (size_t) conn->body_left;
	if (!vane__responder_is_answered(&conn->base) &&
		vane__buf_add(&conn->body, in->data, len) < 0) {
		conn->head.why = "out of memory";
		return false;
	}
	conn->body_left -= (int64_t) len;
	in->data += len;
	in->len -= len;
	return true;
}

/* Do what the request, as far as it is here, asks for. */
static void act(struct vane__scgi_conn *conn)
{
	struct vane__responder_conn *base = &conn->base;
	bool goes_on = true;

	if (vane__responder_is_answered(base)) {
		if (conn->body_left == 0)
			vane__responder_watch(base, VANE_WRITE);
		return;
	}
	if (base->state == VANE__RESPONDER_RUNNING)
		goes_on = vane__responder_feed(base);
	else if (conn->body_left == 0 || conn->large ||
		 conn->body.len >= VANE__RESPONDER_BODY_WAIT)
		goes_on = vane__responder_serve(base);
	if (goes_on)
		vane__responder_await_more(base);
}

static void take_in(struct vane__responder_conn *base)
{
	struct vane__scgi_conn *conn = vane__scgi_conn(base);
	struct vane_slice in = base->responder->in;
	size_t len = in.len;

	base->responder->in.len = 0; /* nothing follows a request */
	if (!take(conn, &in)) {
		if (vane__responder_mistaken(
			    base, (struct vane_slice) { base->responder->buf, len }))
			return;
		vane_log(VANE_LOG_WARNING, "scgi: connection closed: %s", conn->head.why);
		vane__responder_close(base);
	} else if (len > 0 && conn->peeked &&
		   vane__scgi_consume(conn, len - in.len, conn->body_left == 0) < 0) {
		vane__responder_close(base);
	} else {
		act(conn);
	}
}

/* ---- the wire ---- */

static ssize_t write_piece(
	struct vane__responder_conn *base, const struct vane_slice *piece)
{
	return vane__outbox_write(&base->out, piece);
}

static int send_gathered(struct vane__responder_conn *base)
{
	return vane__outbox_send(&base->out);
}

const struct vane__responder_protocol vane__scgi_responder = {
	.name = "scgi",
	.speaks = VANE__SPOKEN_SCGI,
	.driver = &vane__scgi_driver,
	.new_conn = new_conn,
	.free_conn = free_conn,
	.receive = receive,
	.take_in = take_in,
	.phase = phase,
	.body_bytes = body_bytes,
	.var = var,
	.fill = fill,
	.drop_body = drop_body,
	.write = write_piece,
	.send = send_gathered,
	.conclude = conclude,
	.sent = sent,
};
