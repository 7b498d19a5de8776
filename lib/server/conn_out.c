/* SPDX-License-Identifier: MIT */
/*
 * conn_out.c - the bytes that go out on a connection.
 *
 * While conn.c is at work, responses gather in a buffer that all connections share, so that
 * a batch of pipelined requests leaves in one write.  What the socket does not take moves
 * to the connection, which is blocked from then on.  What is written outside of that, from
 * a timer or when another descriptor is ready, gathers with the connection, and leaves with
 * the flush.
 */
#include "conn.h"

#include <poll.h>
#include <sys/socket.h>

#include "evalloc.h"
#include "exchange.h"
#include "wait.h"

/* A piece of body up to that size is gathered; a larger one is written from where it lies. */
#define GATHER_MAX (16 * 1024)

/* The most that is promised in one chunk, as what the socket leaves of it must be kept. */
#define CHUNK_MAX (128 * 1024)

/* How long a client that does not read is waited for when the process is about to end. */
#define SEND_OFF_MSEC 1000

/* Body that a handler did not want is skipped up to here, to keep the connection. */
#define SKIP_MAX (256 * 1024)

/* Where output goes: the shared buffer, unless it would overtake what waits. */
static struct buf *gather(struct vane__conn *c)
{
	return c->handling && !c->blocked ? &c->server->out : &c->pending;
}

/* The socket is full: what was gathered waits with the connection. */
static int block(struct vane__conn *c, const char *rest, size_t len)
{
	c->blocked = true;
	return vane__buf_add(&c->pending, rest, len);
}

/* The result of a write as bytes, which are 0 where the socket is full, or a negative errno. */
static ssize_t written(ssize_t n)
{
	return n == -EAGAIN ? 0 : n;
}

/* The socket took the first len bytes of what was gathered. */
static int keep_rest(struct vane__conn *c, struct buf *out, size_t len)
{
	int rc = 0;

	if (out == &c->pending) {
		vane__buf_consume(out, len);
		c->blocked = true;
		return 0;
	}
	rc = block(c, out->data + len, out->len - len);
	out->len = 0;
	return rc;
}

/* Write what was gathered in the shared buffer. */
static int flush_shared(struct vane__conn *c, int flags)
{
	struct buf *out = &c->server->out;
	ssize_t n;

	if (out->len == 0)
		return 0;
	n = vane__stream_write(&c->stream, out->data, out->len, flags);
	if (LIKELY(n == (ssize_t) out->len)) {
		out->len = 0;
		return 0;
	}
	n = written(n);
	if (n >= 0)
		return keep_rest(c, out, (size_t) n);
	out->len = 0;
	return (int) n;
}

/* Write what waits with the connection. */
static int flush_pending(struct vane__conn *c, int flags)
{
	ssize_t n;

	if (c->pending.len > 0) {
		n = written(vane__stream_write(
			&c->stream, c->pending.data, c->pending.len, flags));
		if (n < 0)
			return (int) n;
		vane__buf_consume(&c->pending, (size_t) n);
	}
	c->blocked = c->pending.len > 0;
	if (!c->blocked)
		vane__buf_fini(&c->pending);
	return 0;
}

/* Nobody settles a connection that is written to from outside: see to it that it goes on. */
static void settle_alone(struct vane__conn *c)
{
	if (LIKELY(c->handling) || !c->blocked)
		return;
	/* who goes on to write to a client that does not read gives it no more time */
	if (c->phase == VANE__PHASE_WRITE)
		vane__conn_watch(c);
	else
		vane__conn_wait_for_room(c);
}

/* Write what the response has gathered. */
static int flush_gathered(struct vane__conn *c, int flags)
{
	int rc;

	if (LIKELY(c->handling))
		return flush_shared(c, flags);
	if (c->blocked)
		return 0;
	rc = flush_pending(c, flags);
	settle_alone(c);
	return rc;
}

int vane__conn_flush(struct vane__conn *c)
{
	int rc = 0;

	if (c->blocked)
		return -EAGAIN;
	if (UNLIKELY(c->pending.len > 0))
		rc = flush_pending(c, 0);
	if (LIKELY(rc == 0 && !c->blocked))
		rc = flush_shared(c, 0);
	if (rc < 0)
		return rc;
	return c->blocked ? -EAGAIN : 0;
}

/* Whether the connection can outlive the response that goes out now. */
static bool can_keep(const struct vane__conn *c)
{
	if (!c->in.keep_alive || c->eof || c->server->acceptor.stopped ||
		c->server->opts.no_keep_alive)
		return false;
	if (LIKELY(c->in.body_done))
		return true;
	return c->continued && c->in.left >= 0 && c->in.left <= SKIP_MAX;
}

/* The fields that all responses of this second have. */
static const struct vane__h1_common *common(struct vane_server *server)
{
	int64_t now = (int64_t) ev_now(server->ev);

	if (UNLIKELY(now != server->common_at)) {
		vane__h1out_common(&server->common, now);
		server->common_at = now;
	}
	return &server->common;
}

int vane__conn_begin(void *carrier, const struct vane_head *head)
{
	struct vane__conn *c = carrier;
	bool unknown = head->length < 0 && !head->bodyless,
	     keep = !head->malformed && can_keep(c);
	const char *connection = NULL;

	c->chunked = unknown && !c->in.http_1_0;
	if (unknown && c->in.http_1_0)
		keep = false; /* the end of the body is the end of the connection */
	if (!keep)
		connection = "close";
	else if (c->in.http_1_0)
		connection = "keep-alive";
	c->close_after = !keep;
	c->continued = true; /* "100 Continue" cannot come any more */
	if (UNLIKELY(head->raw))
		return 0;
	return vane__h1out_head(gather(c), common(c->server), head,
		c->chunked ? VANE__H1_CHUNKED : VANE__H1_PLAIN, connection);
}

static int gather_piece(struct vane__conn *c, const struct vane_slice *piece)
{
	struct buf *out = gather(c);
	char line[VANE__H1_CHUNK_HEAD];
	int rc;

	if (LIKELY(!c->chunked))
		return vane__buf_add_slice(out, *piece);
	rc = vane__buf_add(out, line, vane__h1out_chunk_head(line, piece->len));
	if (rc == 0)
		rc = vane__buf_add_slice(out, *piece);
	return rc < 0 ? rc : vane__buf_add(out, "\r\n", 2);
}

/* Write what was gathered and a plain piece; the piece needs no copy. */
static ssize_t write_plain(struct vane__conn *c, const struct vane_slice *piece)
{
	struct buf *out = gather(c);
	struct iovec iov[2] = { { out->data, out->len },
		{ (void *) (uintptr_t) piece->data, piece->len } };
	size_t before = out->len;
	ssize_t n = written(vane__stream_writev(&c->stream, iov, 2, 0));
	int rc;

	if (n >= 0 && (size_t) n < before) {
		rc = keep_rest(c, out, (size_t) n);
		return rc < 0 ? rc : -EAGAIN;
	}
	out->len = 0;
	if (n < 0)
		return n;
	n -= (ssize_t) before;
	if ((size_t) n < piece->len)
		c->blocked = true;
	return n > 0 ? n : -EAGAIN;
}

/* Write a piece as one chunk; what the socket does not take of it must be kept. */
static ssize_t write_chunk(struct vane__conn *c, struct vane_slice piece)
{
	int rc = 0;

	if (gather(c)->len > GATHER_MAX)
		rc = flush_gathered(c, VANE__STREAM_MORE);
	if (rc < 0)
		return rc;
	if (c->blocked)
		return -EAGAIN;
	if (piece.len > CHUNK_MAX)
		piece.len = CHUNK_MAX;
	rc = gather_piece(c, &piece);
	if (rc == 0)
		rc = flush_gathered(c, 0);
	return rc < 0 ? rc : (ssize_t) piece.len;
}

int vane__conn_block(struct vane__conn *c)
{
	return keep_rest(c, gather(c), 0);
}

/* Whether a piece may go out now; if not, the loop comes back to it. */
static bool may_write(struct vane__conn *c)
{
	return !c->blocked && vane__conn_has_turn(c);
}

ssize_t vane__conn_write(void *carrier, const struct vane_slice *piece)
{
	struct vane__conn *c = carrier;
	ssize_t n;
	int rc;

	if (UNLIKELY(!may_write(c))) {
		settle_alone(c);
		return -EAGAIN;
	}
	if (LIKELY(piece->len <= GATHER_MAX)) {
		vane__conn_count(c, piece->len);
		rc = gather_piece(c, piece);
		if (rc == 0 && gather(c)->len > VANE__CONN_OUTPUT)
			rc = flush_gathered(c, 0);
		return rc < 0 ? rc : (ssize_t) piece->len;
	}
	n = c->chunked ? write_chunk(c, *piece) : write_plain(c, piece);
	if (n > 0)
		vane__conn_count(c, (size_t) n);
	settle_alone(c);
	return n;
}

static ssize_t send_file(struct vane__conn *c, int fd, int64_t offset, size_t len)
{
	ssize_t n;
	int rc;

	if (!may_write(c))
		return -EAGAIN;
	rc = flush_gathered(c, VANE__STREAM_MORE);
	if (rc < 0 || c->blocked)
		return rc < 0 ? rc : -EAGAIN;
	n = vane__stream_sendfile(&c->stream, c->server->loop, fd, offset,
		len < VANE__CONN_TURN ? len : VANE__CONN_TURN);
	if (n == -EAGAIN)
		c->blocked = true;
	else if (n > 0)
		vane__conn_count(c, (size_t) n);
	return n;
}

ssize_t vane__conn_sendfile(void *carrier, int fd, int64_t offset, size_t len)
{
	struct vane__conn *c = carrier;
	ssize_t n = c->chunked ? -ENOTSUP : send_file(c, fd, offset, len);

	settle_alone(c);
	return n;
}

int vane__conn_let_out(void *carrier)
{
	return flush_gathered(carrier, 0);
}

int vane__conn_send_off(void *carrier)
{
	struct vane__conn *c = carrier;
	char waste[4096];
	int rc = vane__conn_flush(c);

	while ((rc == 0 || rc == -EAGAIN) && c->blocked) {
		rc = vane__wait(c->stream.fd, POLLOUT, SEND_OFF_MSEC, NULL);
		if (rc == 0)
			rc = flush_pending(c, 0);
	}
	/* what is not read has the connection reset */
	while (recv(c->stream.fd, waste, sizeof(waste), MSG_DONTWAIT) > 0)
		;
	return rc;
}

void vane__conn_end(struct vane__conn *c, int rc)
{
	c->ended = true;
	if (rc == 0 && c->chunked)
		rc = vane__buf_add(
			gather(c), VANE__H1_LAST_CHUNK, sizeof(VANE__H1_LAST_CHUNK) - 1);
	c->chunked = false;
	if (rc < 0)
		c->cut = true;
	vane__conn_wake(c);
}

ssize_t vane__conn_take_body(struct vane__conn *c, void *buf, size_t size)
{
	ssize_t n;

	/* a response that leaves while its request comes in holds it up when it is stuck */
	if (c->blocked)
		return -EAGAIN;
	n = vane__conn_read_body(c, buf, size);
	if (n == -EAGAIN)
		settle_alone(c); /* others have their turn */
	if (UNLIKELY(n < 0) && n != -EAGAIN && n != -EBADMSG) {
		c->cut = true;
		vane__conn_wake(c);
	} else if (!c->handling) {
		vane__conn_watch(c); /* what was here may be in its hands now */
	}
	return n;
}

int vane__conn_say(struct vane__conn *c, const char *text, size_t len)
{
	int rc = vane__buf_add(gather(c), text, len);

	return rc < 0 || c->handling ? rc : flush_gathered(c, 0);
}

int vane__conn_continue(struct vane__conn *c)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

	c->continued = true;
	return vane__conn_say(c, text, sizeof(text) - 1);
}
