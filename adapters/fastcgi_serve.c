/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_serve.c - requests of the FastCGI responder: how records become one, what follows it on
 * its connection, and how it ends.
 */
#include "fastcgi.h"

#include <stdlib.h>
#include <sys/socket.h>

#include <vane/log.h>

/* So much body that nobody wants is skipped, to keep the connection. */
#define SKIP_BYTES (64 * 1024)

/* What may wait for the peer to read when it asks for more: a response, or answers to records. */
#define REPLIES_MAX (1024 * 1024)

/* Connections above the limit that are told OVERLOADED. */
#define MORE_CONNECTIONS 128

/* ---- what a connection has ---- */

static struct vane__responder_conn *new_conn(void)
{
	struct vane__fastcgi_conn *conn = calloc(1, sizeof(*conn));

	return conn != NULL ? &conn->base : NULL;
}

/* What its requests are put together in; NULL without memory. */
static struct vane__fcgi_req *take_request(struct vane__fastcgi_conn *conn)
{
	struct vane_fastcgi *fastcgi = vane__fastcgi_of(conn);
	struct vane__fcgi_req *in = fastcgi->spare_in;

	if (conn->in != NULL)
		return conn->in;
	fastcgi->spare_in = NULL;
	if (in == NULL)
		in = calloc(1, sizeof(*in));
	if (in == NULL)
		return NULL;
	in->id = conn->last_id;
	in->overloaded = conn->base.overloaded;
	conn->in = in;
	return in;
}

static void drop_request(struct vane__fastcgi_conn *conn)
{
	struct vane_fastcgi *fastcgi = vane__fastcgi_of(conn);
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

static void free_conn(struct vane__responder_conn *base)
{
	struct vane__fastcgi_conn *conn = vane__fastcgi_conn(base);

	drop_request(conn);
	free(conn);
}

/* ---- what is known of the request that is here ---- */

static enum vane__responder_phase phase(struct vane__responder_conn *base)
{
	const struct vane__fcgi_req *in = vane__fastcgi_conn(base)->in;

	if (in == NULL || in->phase < VANE__FCGI_REQ_BODY)
		return VANE__RESPONDER_HEAD;
	return in->phase == VANE__FCGI_REQ_BODY ? VANE__RESPONDER_BODY
						: VANE__RESPONDER_WHOLE;
}

static int64_t body_bytes(struct vane__responder_conn *base)
{
	return vane__fastcgi_conn(base)->in->body_bytes;
}

static struct vane_slice var(struct vane__responder_conn *base, struct vane_slice name)
{
	return vane__fcgi_req_param(vane__fastcgi_conn(base)->in, name);
}

static int fill(struct vane__responder_conn *base, struct vane_env *env)
{
	struct vane__fastcgi_conn *conn = vane__fastcgi_conn(base);
	struct vane__fcgi_req *in = conn->in;
	int rc;

	vane__responder_look(base, in->vars, in->var_count, in->keep);
	rc = vane_exchange_env_from_params(base->x, in->vars, in->var_count);

	/* Most front servers say nothing of the length of a body that is not there. */
	if (env->body_length < 0 && in->phase == VANE__FCGI_REQ_WHOLE && in->body.len == 0)
		env->body_length = 0;
	conn->body_length = conn->body_left = env->body_length;
	conn->logged = 0;
	if (UNLIKELY(in->large) && rc >= 0) {
		rc = 431;
		env->why = in->why;
	}
	return rc;
}

static void drop_body(struct vane__responder_conn *base)
{
	struct vane__fcgi_req *in = vane__fastcgi_conn(base)->in;

	in->body.len = in->body_at = 0;
}

/* ---- what follows an answer ---- */

/* Nothing of a request is here. */
static void rest(struct vane__fastcgi_conn *conn)
{
	struct vane__responder_conn *base = &conn->base;

	drop_request(conn);
	if (!base->overloaded) /* it is not to stay */
		vane__deadline_clear(&base->deadline);
	if (base->responder->acceptor.stopped) {
		vane__responder_finish(base, false);
		return;
	}
	vane__responder_set_state(base, VANE__RESPONDER_IDLE);
	vane__responder_watch(base, VANE_READ);
}

static void finish(struct vane__fastcgi_conn *conn)
{
	bool more = conn->in->phase == VANE__FCGI_REQ_BODY || conn->in->large;

	drop_request(conn);
	vane__responder_finish(&conn->base, more);
}

/* All of the response is with the socket.  Whether the connection goes on. */
static bool sent(struct vane__responder_conn *base)
{
	struct vane__fastcgi_conn *conn = vane__fastcgi_conn(base);

	if (!conn->keep) {
		finish(conn);
		return false;
	}
	/* what comes of its rest means nothing to others */
	base->ours = conn->in->phase != VANE__FCGI_REQ_WHOLE || conn->in->large;
	vane__fcgi_req_reset(conn->in);
	vane__pace_reset(&base->pace);
	base->heard = 0;
	vane__deadline_clear(&base->deadline);
	if (base->state != VANE__RESPONDER_IDLE)
		vane__responder_set_state(base, VANE__RESPONDER_IDLE);
	return true;
}

/* Whether another request may come behind this one, whose body may not be whole yet. */
static bool can_keep(const struct vane__fastcgi_conn *conn)
{
	const struct vane__responder_conn *base = &conn->base;
	const struct vane__fcgi_req *in = conn->in;

	if (!in->keep || base->end_rc < 0 || base->input_error < 0 ||
		base->responder->acceptor.stopped)
		return false;
	return in->phase == VANE__FCGI_REQ_WHOLE ||
	       (conn->body_length >= 0 && conn->body_length - in->body_bytes <= SKIP_BYTES);
}

static int conclude(struct vane__responder_conn *base)
{
	struct vane__fastcgi_conn *conn = vane__fastcgi_conn(base);
	bool last = conn->in->keep && base->responder->acceptor.stopped &&
		    base->responder->in.len == 0;

	if (base->end_rc < 0 && vane__fastcgi_aborted(conn))
		base->end_rc = 0; /* who took it back knows that it is not whole */
	conn->keep = can_keep(conn);
	return vane__fastcgi_say_end(conn, base->end_rc < 0, last);
}

/* ---- what comes in ---- */

static ssize_t receive(struct vane__responder_conn *base)
{
	struct vane__responder *responder = base->responder;

	return recv(base->fd, responder->buf, sizeof(responder->buf), MSG_DONTWAIT);
}

static bool reply(struct vane__fastcgi_conn *conn)
{
	/* Who asks and does not read is not worth waiting for. */
	bool reads = vane__outbox_left(&conn->base.out) < REPLIES_MAX;

	if (reads && vane__fastcgi_say(conn, conn->in->reply, conn->in->reply_len) == 0)
		return true;
	vane__responder_close(&conn->base);
	return false;
}

/* The web server takes the request back: say that it is over. */
static bool aborted(struct vane__fastcgi_conn *conn)
{
	struct vane__fcgi_req *in = conn->in;
	unsigned char end[16];

	if (conn->base.state == VANE__RESPONDER_SENDING) /* it has been said */
		return vane__responder_answered(&conn->base);
	vane__responder_abort_exchange(&conn->base);
	conn->keep = in->keep && !conn->base.responder->acceptor.stopped;
	if (vane__fastcgi_say(conn, end, vane__fcgi_end_request(end, in->id, 0)) == 0)
		return vane__responder_answered(&conn->base);
	vane__responder_close(&conn->base);
	return false;
}

/* The input is used up.  Nothing follows in this turn. */
static bool used_up(struct vane__fastcgi_conn *conn)
{
	struct vane__responder_conn *base = &conn->base;
	struct vane__fcgi_req *in = conn->in;
	bool goes_on = true;

	if (vane__responder_is_answered(base)) {
		drop_body(base);
		return false; /* it waits for room */
	}
	if (base->state == VANE__RESPONDER_RUNNING)
		goes_on = vane__responder_feed(base);
	else if (in->phase == VANE__FCGI_REQ_BODY &&
		 in->body.len >= VANE__RESPONDER_BODY_WAIT)
		goes_on = vane__responder_serve(base);
	if (!goes_on)
		return false;
	if (vane__fcgi_req_idle(conn->in) && !base->out.blocked)
		rest(conn);
	else
		vane__responder_await_more(base);
	return false;
}

/* Bytes that came behind the request wait for their turn. */
static bool keep_rest(struct vane__responder_conn *base)
{
	struct vane_slice *in = &base->responder->in;

	if (vane__buf_add_slice(&base->rest, *in) < 0)
		vane__responder_close(base);
	in->len = 0;
	return false;
}

/* The request is whole.  Whether the connection goes on. */
static bool whole(struct vane__responder_conn *base)
{
	if (vane__responder_is_answered(base)) {
		drop_body(base);
		return keep_rest(base);
	}
	return base->state == VANE__RESPONDER_RUNNING ? vane__responder_feed(base)
						      : vane__responder_serve(base);
}

/* Where the record begins that cannot be understood: kept if it came in pieces, or what was read. */
static struct vane_slice first_bytes(const struct vane__fastcgi_conn *conn)
{
	const struct vane__responder *responder = conn->base.responder;
	const struct vane__fcgi_record *record = &conn->in->record;

	if (record->head[0] != '\0')
		return (struct vane_slice) { (const char *) record->head,
			sizeof(record->head) };
	return (struct vane_slice) { responder->buf,
		(size_t) (responder->in.data + responder->in.len - responder->buf) };
}

/* What the next bytes come to.  Whether the connection goes on. */
static bool step(struct vane__fastcgi_conn *conn)
{
	struct vane_fastcgi *fastcgi = vane__fastcgi_of(conn);

	switch (vane__fcgi_req_push(conn->in, &fastcgi->limits, &fastcgi->base.in)) {
	case VANE__FCGI_REQ_MORE:
		return used_up(conn);
	case VANE__FCGI_REQ_DONE:
		return whole(&conn->base);
	case VANE__FCGI_REQ_LARGE:
		return vane__responder_serve(&conn->base);
	case VANE__FCGI_REQ_REPLY:
		return reply(conn);
	case VANE__FCGI_REQ_ABORTED:
		return aborted(conn);
	case VANE__FCGI_REQ_REFUSED:
		conn->keep = false;
		return reply(conn) && vane__responder_answered(&conn->base);
	case VANE__FCGI_REQ_BAD:
		break;
	}
	if (vane__responder_mistaken(&conn->base, first_bytes(conn)))
		return false;
	vane_log(VANE_LOG_WARNING, "fastcgi: connection closed: %s", conn->in->why);
	vane__responder_close(&conn->base);
	return false;
}

static void take_in(struct vane__responder_conn *base)
{
	struct vane__fastcgi_conn *conn = vane__fastcgi_conn(base);

	do {
		if (take_request(conn) == NULL) {
			vane__responder_close(base);
			return;
		}
	} while (step(conn));
}

/* ---- the wire ---- */

static ssize_t write_piece(
	struct vane__responder_conn *base, const struct vane_slice *piece)
{
	return vane__fastcgi_write(vane__fastcgi_conn(base), piece);
}

static int send_gathered(struct vane__responder_conn *base)
{
	return vane__fastcgi_send(vane__fastcgi_conn(base));
}

const struct vane__responder_protocol vane__fastcgi_responder = {
	.name = "fastcgi",
	.speaks = VANE__SPOKEN_FASTCGI,
	.driver = &vane__fastcgi_driver,
	.keeps = true,
	.extra = MORE_CONNECTIONS,
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
