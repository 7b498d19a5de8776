/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_serve.c - the one request that runs: a connection as the carrier of an exchange.
 *
 * Reading and writing may wait here, each for as long as the settings say.
 */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <vane/log.h>

#include "cgiout.h"
#include "responder.h"
#include "wait.h"

/* What is left of a body that nobody wants is read up to here, to keep the connection. */
#define DRAIN_BYTES  (64 * 1024)
#define DRAIN_MSEC   250
#define DRAIN_PIECES 16

/* Read on from the web server, and add the time it took: 0 or a negative errno. */
static int receive_more(struct vane__fcconn *conn, int64_t msec, int64_t *waited)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	ssize_t n;
	int rc;

	do {
		rc = vane__wait(conn->fd, POLLIN, msec, waited);
		if (rc < 0)
			return rc;
		n = recv(conn->fd, fastcgi->buf, sizeof(fastcgi->buf), MSG_DONTWAIT);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n < 0)
		return -errno;
	fastcgi->in = (struct vane_slice) { fastcgi->buf, (size_t) n };
	return n > 0 ? 0 : -ECONNRESET;
}

/* What the intake makes of what was read: 0 or a negative errno. */
static int take_in(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	switch (vane__intake_push(conn->intake, &fastcgi->limits, &fastcgi->in)) {
	case VANE__INTAKE_MORE:
	case VANE__INTAKE_DONE:
		return 0;
	case VANE__INTAKE_REPLY:
		return vane__fcconn_reply(conn);
	case VANE__INTAKE_ABORTED:
		return -ECONNRESET;
	case VANE__INTAKE_LARGE:
	case VANE__INTAKE_REFUSED:
	case VANE__INTAKE_BAD:
		break;
	}
	return -EBADMSG;
}

/* Have more of the body in the intake, or the end of it: 0 or a negative errno. */
static int more_body(struct vane__fcconn *conn, int64_t msec)
{
	const struct vane__intake *in = conn->intake;
	int64_t waited = 0;
	int rc = 0;

	if (conn->fastcgi->in.len == 0)
		rc = receive_more(conn, msec, &waited);
	if (rc == 0)
		rc = take_in(conn);
	if (rc == 0 && in->phase == VANE__INTAKE_BODY &&
		vane__pace_slow(&conn->pace, waited, in->body_bytes))
		rc = -ETIMEDOUT;
	return rc;
}

/* Give libfcgi what the intake has. */
static int feed(struct vane__fcconn *conn)
{
	struct vane__bytes *body = &conn->intake->body;
	struct vane_slice piece = { body->data, body->len };

	body->len = 0;
	return vane__fcgx_feed(
		conn->fastcgi->fcgx, piece, conn->intake->phase == VANE__INTAKE_WHOLE);
}

static ssize_t driver_read(void *carrier, void *buf, size_t size)
{
	struct vane__fcconn *conn = carrier;
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	ssize_t n;
	int rc;

	if (fastcgi->body_left >= 0 && (int64_t) size > fastcgi->body_left)
		size = (size_t) fastcgi->body_left;
	if (size == 0)
		return 0;
	while ((n = vane__fcgx_read(fastcgi->fcgx, buf, size)) == -EAGAIN) {
		rc = more_body(conn, fastcgi->opts.request_msec);
		if (rc == 0)
			rc = feed(conn);
		if (rc < 0)
			return rc == -ETIMEDOUT ? -EBADMSG : rc;
	}
	/* Front servers send what they have of a body that was cut, and end it properly. */
	if (n == 0 && fastcgi->body_left > 0)
		return -EBADMSG;
	if (n > 0 && fastcgi->body_left > 0)
		fastcgi->body_left -= n;
	return n;
}

static int put(void *to, const void *data, size_t len)
{
	return vane__fcgx_write(to, data, len);
}

static int driver_begin(void *carrier, const struct vane_head *head)
{
	struct vane__fcconn *conn = carrier;

	return vane__cgiout_head(head, put, conn->fastcgi->fcgx);
}

static ssize_t driver_write(void *carrier, const struct vane_slice *piece)
{
	struct vane__fcconn *conn = carrier;
	int rc = vane__fcgx_write(conn->fastcgi->fcgx, piece->data, piece->len);

	return rc < 0 ? rc : (ssize_t) piece->len;
}

/* Whether the web server has lost interest: it closed, or took the request back. */
static bool gone(struct vane__fcconn *conn)
{
	struct vane__record record = { .have = 0 };
	unsigned char head[VANE__RECORD_HEAD];
	ssize_t n = recv(conn->fd, head, sizeof(head), MSG_DONTWAIT | MSG_PEEK);
	struct vane_slice in = { (const char *) head, n > 0 ? (size_t) n : 0 }, none;

	if (n <= 0)
		return n == 0 ||
		       (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
	/* Between two records this may be an abort; inside of one it is body. */
	return vane__record_between(&conn->intake->record) && conn->fastcgi->in.len == 0 &&
	       vane__record_next(&record, &in, &none) == VANE__RECORD_START &&
	       vane__record_is_abort(&record, conn->intake->id);
}

static int driver_flush(void *carrier)
{
	struct vane__fcconn *conn = carrier;
	int rc = vane__fcgx_flush(conn->fastcgi->fcgx);

	return rc == 0 && gone(conn) ? -EPIPE : rc;
}

static void driver_end(void *carrier, int rc)
{
	struct vane__fcconn *conn = carrier;

	conn->fastcgi->ended = true;
	conn->fastcgi->end_rc = rc;
}

static void driver_stall(void *carrier)
{
	struct vane__fcconn *conn = carrier;

	vane__fcconn_give(conn->fastcgi);
}

static int driver_look(void *carrier)
{
	return gone(carrier) ? -EPIPE : 0;
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
	.look = driver_look,
};

/* The request is with libfcgi: have the application answer it. */
static void answer(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	struct vane_exchange *exchange = fastcgi->exchange;
	struct vane__intake *in = conn->intake;
	struct vane_env env = { 0 };
	bool empty = in->phase == VANE__INTAKE_WHOLE && in->body.len == 0;
	int rc;

	in->body.len = 0; /* fed */
	rc = vane_env_from_cgi(&env, exchange, vane__fcgx_vars(fastcgi->fcgx));
	/* Most front servers say nothing of the length of a body that is not there. */
	if (empty && env.body_length < 0)
		env.body_length = 0;
	fastcgi->body_left = env.body_length;
	if (in->large && rc >= 0) {
		rc = 431;
		env.why = in->why;
	}
	if (rc == 0)
		vane_exchange_start(exchange, conn, &env);
	else if (rc > 0)
		vane_exchange_refuse(exchange, conn, &env, rc);
	else
		driver_end(conn, rc);
	assert(fastcgi->ended); /* as this mode has nothing that could end it later */
}

/* Come to the end of a body that was not read to its end, if that is near.  Whether it was. */
static bool drain_body(struct vane__fcconn *conn)
{
	size_t left = DRAIN_BYTES;
	int pieces = DRAIN_PIECES;

	while (conn->intake->phase == VANE__INTAKE_BODY) {
		size_t len;
		int rc = pieces-- > 0 ? more_body(conn, DRAIN_MSEC) : -ETIMEDOUT;

		len = conn->intake->body.len;
		conn->intake->body.len = 0;
		if (rc < 0 || len > left)
			return false;
		left -= len;
	}
	return true;
}

static bool behind_nginx(const struct vane__fcgx *fcgx)
{
	static const char text[] = "SERVER_SOFTWARE=nginx/";
	char *const *var;

	for (var = vane__fcgx_vars(fcgx); *var != NULL; var++)
		if (strncmp(*var, text, sizeof(text) - 1) == 0)
			return true;
	return false;
}

/*
 * The last response of a connection that the web server would keep: if it finds the end of that in
 * one turn and the end of the connection in the next, it may have sent a request between the two.
 * Over TCP both can leave in one segment; nginx needs to be told over a unix socket, too.
 */
static int end_last(struct vane__fcconn *conn)
{
	struct vane__fcgx *fcgx = conn->fastcgi->fcgx;
	const int on = 1;

	setsockopt(conn->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	return behind_nginx(fcgx) ? vane__fcgx_end_last(fcgx) : vane__fcgx_end(fcgx);
}

/* The exchange is over: say so to the web server. */
static enum vane__served conclude(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	bool keep = conn->intake->keep;

	/* Closing at once could reset what was sent; who does not read it is not waited for. */
	if (fastcgi->end_rc < 0)
		return vane__fcgx_cut(fastcgi->fcgx) == 0 ? VANE__SERVED_FINISH
							  : VANE__SERVED_CUT;
	if (keep && fastcgi->door.draining && fastcgi->in.len == 0)
		return end_last(conn) < 0 ? VANE__SERVED_CUT : VANE__SERVED_FINISH;
	if (keep && !fastcgi->door.draining)
		keep = drain_body(conn);
	if (vane__fcgx_end(fastcgi->fcgx) < 0)
		return VANE__SERVED_CUT;
	return keep ? VANE__SERVED_KEEP : VANE__SERVED_FINISH;
}

enum vane__served vane__fcconn_serve(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	const struct vane__intake *in = conn->intake;
	const struct vane__fcgx_request request = {
		.fd = conn->fd,
		.write_msec = fastcgi->opts.write_msec,
		.id = in->id,
		.params = { in->params.data, in->params.len },
		.body = { in->body.data, in->body.len },
		.whole = in->phase == VANE__INTAKE_WHOLE || in->large,
	};
	enum vane__served served;
	int rc = vane__fcgx_start(fastcgi->fcgx, &request);

	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "fastcgi: a request could not be begun: error %d",
			-rc);
		return VANE__SERVED_CUT;
	}
	fastcgi->running = conn;
	fastcgi->ended = false;
	answer(conn);
	served = conclude(conn);
	fastcgi->running = NULL;
	/* What the exchange holds points into libfcgi's parameters. */
	vane_exchange_reset(fastcgi->exchange);
	vane__fcgx_clear(fastcgi->fcgx);
	return served;
}
