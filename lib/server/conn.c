/* SPDX-License-Identifier: MIT */
/*
 * conn.c - a connection of the native server: one request after the other.
 *
 * handle() goes as far as input and output allow, and settle() writes what was gathered and
 * decides what to wait for.  Whatever happens to a connection ends in these two.
 */
#include "conn.h"

#include <stdlib.h>

#include <vane/log.h>

#include "evalloc.h"
#include "exchange.h"

/* Reads of what a client still sends while we linger, at a time. */
#define LINGER_READS 64

static void on_io(struct ev_loop *ev, struct ev_io *io, int events);

void vane__conn_requeue(struct vane__conn *c)
{
	struct vane_server *server = c->server;

	list_del(&c->node);
	list_add(&server->phases[c->phase], &c->node);
	c->since = server->ticks;
}

/* The one place where its phase changes. */
static void set_phase(struct vane__conn *c, enum vane__phase phase)
{
	assert(c->phase < VANE__PHASE_LINGER);
	c->phase = phase;
	vane__conn_requeue(c);
}

/* Whether input is of use now. */
static bool hungry(const struct vane__conn *c)
{
	if (c->eof)
		return false;
	switch (c->phase) {
	case VANE__PHASE_WRITE:
		return false;
	case VANE__PHASE_HANDLER: /* only to see the client go */
		return vane__conn_input_left(c) == 0 && vane__conn_has_room(c);
	default:
		return true;
	}
}

void vane__conn_watch(struct vane__conn *c)
{
	int events = (hungry(c) ? EV_READ : 0) | (c->blocked ? EV_WRITE : 0);

	if (LIKELY((c->io.events & (EV_READ | EV_WRITE)) == events))
		return;
	if (!list_empty(&c->turn_node))
		return; /* it is seen to in the next turn, whatever comes */
	ev_io_stop(c->server->ev, &c->io);
	ev_io_set(&c->io, c->stream.fd, events);
	if (events != 0)
		ev_io_start(c->server->ev, &c->io);
}

struct vane__conn *vane__conn_new(
	struct vane_server *server, int fd, const struct sockaddr *peer, unsigned peer_len)
{
	struct vane__conn *c = NULL;

	if (vane__evalloc_ready(fd) == 0)
		c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->server = server;
	if (peer != NULL)
		memcpy(&c->peer, peer,
			peer_len < sizeof(c->peer) ? peer_len : sizeof(c->peer));
	list_init(&c->node);
	list_init(&c->same);
	list_init(&c->turn_node);
	vane__h1in_init(&c->in, vane__limit_size(server->opts.max_fields));
	return c;
}

void vane__conn_start(struct vane__conn *c, int fd)
{
	struct vane_server *server = c->server;

	c->stream = (struct vane__stream) { .fd = fd };
	set_phase(c, VANE__PHASE_IDLE);
	ev_io_init(&c->io, on_io, fd, EV_READ);
	ev_io_start(server->ev, &c->io);
	server->connections++;
	vane__score_connections(1);
}

void vane__conn_change_busy(struct vane__conn *c, bool busy)
{
	struct vane_server *server = c->server;

	c->busy = busy;
	if (busy)
		server->in_flight++;
	else
		server->in_flight--;
	if (UNLIKELY(server->acceptor.draining))
		vane__acceptor_check(&server->acceptor, server->in_flight);
}

/* Take the connection out of its server, and from its descriptor. */
static void detach(struct vane__conn *c)
{
	struct vane_server *server = c->server;

	ev_clear_pending(server->ev, &c->io);
	ev_io_stop(server->ev, &c->io);
	list_del(&c->node);
	list_del(&c->same);
	list_del(&c->turn_node);
	server->connections--;
	vane__score_connections(-1);
	if (server->current == c)
		server->current = NULL; /* nobody is to flush it any more */
	vane__conn_set_busy(c, false);
}

void vane__conn_free(struct vane__conn *c)
{
	free(c->input); /* not to the stock: the server may be gone too */
	free(c->head);
	vane__buf_fini(&c->pending);
	free(c);
}

void vane__conn_close(struct vane__conn *c, int rc)
{
	struct vane_exchange *x = c->x;

	if (UNLIKELY(c->handling)) {
		c->cut = true; /* its handler closes all connections, say */
		return;
	}
	c->x = NULL;
	detach(c);
	vane__stream_close(&c->stream);
	if (x != NULL && vane_exchange_running(x)) {
		/* the request points into our input: both end with end() */
		vane_exchange_abort(x, rc < 0 ? rc : -EPIPE);
		return;
	}
	if (x != NULL)
		vane__pool_give_exchange(&c->server->pool, x);
	vane__conn_drop_input(c);
	vane__conn_free(c);
}

int vane__conn_release(struct vane__conn *c)
{
	int fd = c->stream.fd;

	assert(vane__conn_is_idle(c));
	detach(c);
	vane__conn_free(c);
	return fd;
}

bool vane__conn_is_idle(const struct vane__conn *c)
{
	return c->phase == VANE__PHASE_IDLE && c->x == NULL && c->input == NULL &&
	       !c->blocked && !c->handling && !c->eof;
}

/*
 * The last response is written, but the client may still be sending: closing now would reset
 * the connection, and the response with it (RFC 9112, 9.6).
 */
static void linger(struct vane__conn *c)
{
	bool sending = !c->in.body_done || c->input != NULL;

	vane__stream_shutdown(&c->stream);
	vane__conn_drop_input(c);
	vane__conn_set_busy(c, sending); /* a stop would reset it, too */
	set_phase(c, VANE__PHASE_LINGER);
	c->lingers_since = c->since;
	vane__conn_watch(c);
}

static void read_lingering(struct vane__conn *c)
{
	const struct vane_server *server = c->server;
	uint32_t most = server->acceptor.stopped ? server->limits[VANE__PHASE_LINGER]
						 : server->linger_ticks;
	char waste[4096];
	int i;

	for (i = 0; i < LINGER_READS; i++) {
		ssize_t n = vane__stream_read(&c->stream, waste, sizeof(waste));

		if (n == -EAGAIN)
			break;
		if (n <= 0) {
			vane__conn_close(c, 0);
			return;
		}
	}
	if (server->ticks - c->lingers_since > most)
		vane__conn_close(c, 0);
	else
		vane__conn_requeue(c);
}

/* The exchange is over: what is left of its body is skipped, then it is reset. */
static bool wind_up(struct vane__conn *c)
{
	struct vane_exchange *x = c->x;

	if (!c->ended)
		return false;
	if (UNLIKELY(!c->in.body_done && !c->close_after)) {
		int rc = vane__conn_discard(c);

		if (rc == 0)
			return false;
		if (rc < 0)
			c->close_after = true;
	}
	c->x = NULL;
	vane__pool_give_exchange(&c->server->pool, x);
	return true;
}

/* Go through the input, request by request, as far as it and the output allow. */
static void advance(struct vane__conn *c, size_t seen)
{
	while (!c->cut) {
		if (c->x != NULL && !wind_up(c))
			return;
		if (c->close_after || c->blocked || vane__conn_input_left(c) == seen)
			return;
		if (seen == 0 && !vane__conn_has_turn(c))
			return;
		vane__conn_count(c, 0);
		if (!vane__conn_read_head(c, seen))
			return;
		seen = 0;
	}
}

/* What the connection waits for from now on. */
static enum vane__phase next_phase(const struct vane__conn *c)
{
	if (c->blocked)
		return VANE__PHASE_WRITE;
	if (c->x == NULL)
		return c->input == NULL ? VANE__PHASE_IDLE : VANE__PHASE_HEADER;
	if (c->ended || vane_exchange_wants_body(c->x))
		return VANE__PHASE_BODY;
	return VANE__PHASE_HANDLER;
}

/* Whether the client may have sent more than we have read. */
static bool may_be_sending(const struct vane__conn *c)
{
	return !c->eof && (c->in.keep_alive || !c->in.body_done || c->input != NULL);
}

/* Close, if there is a reason to; returns whether it was done. */
static bool settle_end(struct vane__conn *c)
{
	bool between = c->x == NULL && !c->blocked;

	if (c->cut) {
		vane__conn_close(c, -ECONNABORTED);
	} else if (between && c->close_after && may_be_sending(c)) {
		linger(c);
	} else if (between && (c->eof || c->close_after)) {
		vane__conn_close(c, 0);
	} else {
		return false;
	}
	return true;
}

static void settle(struct vane__conn *c)
{
	enum vane__phase phase;
	int rc = vane__conn_flush(c);

	if ((rc < 0 && rc != -EAGAIN) || (c->x == NULL && vane__conn_keep_input(c) < 0)) {
		vane__conn_close(c, rc < 0 ? rc : -ENOMEM);
		return;
	}
	if (settle_end(c))
		return;
	phase = next_phase(c);
	if (phase == VANE__PHASE_IDLE)
		vane__conn_set_busy(c, c->server->acceptor.stopped);
	if (phase != VANE__PHASE_HEADER || c->phase != VANE__PHASE_HEADER)
		set_phase(c, phase);
	vane__conn_watch(c);
}

/*
 * Begin to handle a connection.  That happens within the handling of another one when a
 * handler stops its server: what was gathered for that one leaves first.
 */
static struct vane__conn *enter(struct vane__conn *c)
{
	struct vane__conn *outer = c->server->current;

	if (UNLIKELY(outer != NULL)) {
		int rc = vane__conn_flush(outer);

		if (rc < 0 && rc != -EAGAIN)
			outer->cut = true;
	}
	c->server->current = c;
	c->handling = true;
	return outer;
}

/* It has been handled, and may be closed by that. */
static void leave(struct vane__conn *c, struct vane__conn *outer)
{
	struct vane_server *server = c->server;

	c->handling = false;
	settle(c);
	server->current = outer;
}

/* Do what can be done; the first seen bytes of a head in the input are known already. */
static void handle(struct vane__conn *c, size_t seen)
{
	struct vane__conn *outer = enter(c);

	if (c->pending.len > 0 && !c->blocked && vane__conn_flush(c) != 0 && !c->blocked)
		c->cut = true;
	if (c->x != NULL && !c->ended && !c->blocked && !c->cut)
		vane_exchange_writable(c->x);
	if (c->x != NULL && !c->ended && !c->blocked && !c->cut)
		vane_exchange_readable(c->x);
	advance(c, seen);
	leave(c, outer);
}

static size_t seen_bytes(const struct vane__conn *c)
{
	return c->head != NULL ? vane__conn_input_left(c) : 0;
}

/* The client is gone, or will send no more. */
static void on_eof(struct vane__conn *c, int rc)
{
	if (rc < 0 || c->x == NULL || c->phase == VANE__PHASE_HANDLER)
		vane__conn_close(c, rc < 0 ? rc : -EPIPE);
	else
		settle(c);
}

/*
 * Whether its body comes more slowly than it may.  Only time that we waited counts, not that of a
 * handler which reads slowly; and it is looked at when that is longer than a pause may be.
 */
static bool comes_too_slowly(struct vane__conn *c)
{
	const struct vane_server *server = c->server;
	uint32_t pause = server->limits[VANE__PHASE_BODY];
	bool slow;

	c->waited += server->ticks - c->since;
	if (c->waited <= (pause > 0 ? pause : VANE__CONN_RATE_TICKS))
		return false;
	slow = c->came * VANE__CONN_TICKS / c->waited < (uint64_t) server->opts.min_rate;
	c->waited = 0;
	c->came = 0;
	return slow;
}

static void on_readable(struct vane__conn *c)
{
	size_t seen = seen_bytes(c);
	ssize_t n;

	if (c->phase == VANE__PHASE_LINGER) {
		read_lingering(c);
		return;
	}
	if (c->phase == VANE__PHASE_BODY) {
		if (comes_too_slowly(c))
			vane__conn_close(c, -ETIMEDOUT);
		else
			handle(c, 0);
		return;
	}
	n = vane__conn_read(c);
	if (n <= 0 && c->eof)
		on_eof(c, (int) n);
	else if (n < 0)
		vane__conn_close(c, (int) n);
	else if (c->x == NULL)
		handle(c, seen);
	else
		vane__conn_watch(c);
}

void vane__conn_wait_for_room(struct vane__conn *c)
{
	set_phase(c, VANE__PHASE_WRITE);
	vane__conn_watch(c);
}

void vane__conn_wait_for_body(struct vane__conn *c)
{
	if (c->blocked)
		return; /* it is asked anyway when there is room */
	if (vane__conn_input_left(c) > 0) {
		ev_feed_event(c->server->ev, &c->io, EV_CUSTOM); /* it is here already */
	} else if (!c->handling) {
		set_phase(c, VANE__PHASE_BODY);
		vane__conn_watch(c);
	}
}

/* There is room: write what waits, and go on when it is gone. */
static void on_writable(struct vane__conn *c)
{
	int rc;

	c->blocked = false;
	list_del(&c->turn_node);
	rc = vane__conn_flush(c);
	if (rc == 0)
		handle(c, seen_bytes(c));
	else if (rc != -EAGAIN)
		vane__conn_close(c, rc);
	else
		vane__conn_wait_for_room(c);
}

/* A turn of the loop begins: go on with those that had theirs. */
static void begin_turn(void *data)
{
	struct vane_server *server = data;
	struct list *yielded = &server->yielded, *end = &server->yielded_before;

	server->next_turn = NULL;
	list_add(yielded, end); /* who yields again comes behind it */
	while (yielded->next != end)
		on_writable(CONTAINER_OF(yielded->next, struct vane__conn, turn_node));
	list_del(end);
}

/* Where there is no memory for the timer it waits for room, which there is in most cases. */
static void yield(struct vane__conn *c)
{
	struct vane_server *server = c->server;

	if (server->next_turn == NULL)
		vane_loop_call_later(
			server->loop, 0, begin_turn, server, &server->next_turn);
	if (server->next_turn == NULL)
		return;
	list_del(&c->turn_node);
	list_add(&server->yielded, &c->turn_node);
}

/* libev would run an event that is fed to it before those of others: a timer comes later. */
bool vane__conn_next_turn(struct vane__conn *c)
{
	unsigned turn = ev_iteration(c->server->ev);

	if (turn != c->turn) {
		c->turn = turn;
		c->turn_bytes = 0;
		return true;
	}
	if (vane__conn_block(c) < 0)
		c->cut = true;
	yield(c);
	return false;
}

static void on_io(struct ev_loop *ev, struct ev_io *io, int events)
{
	struct vane__conn *c = CONTAINER_OF(io, struct vane__conn, io);

	if (c->blocked)
		on_writable(c);
	else if (events & EV_CUSTOM)
		handle(c, seen_bytes(c));
	else
		on_readable(c);
}

void vane__conn_wake(struct vane__conn *c)
{
	if (!c->handling)
		ev_feed_event(c->server->ev, &c->io, EV_CUSTOM);
}

/* The head or the body does not come: answer 408 if the client may be waiting for that. */
static void give_up_waiting(struct vane__conn *c)
{
	struct vane__conn *outer;

	if (c->x != NULL || c->proxy_due) {
		vane__conn_close(c, -ETIMEDOUT);
		return;
	}
	outer = enter(c);
	free(c->head);
	c->head = NULL;
	vane__conn_refuse_head(c, 408, "the rest of the head did not come in time");
	advance(c, vane__conn_input_left(c));
	leave(c, outer);
}

/* Whether it still waits for what its phase says: a handler may have changed its mind. */
static bool still_waits(const struct vane__conn *c)
{
	return c->phase != VANE__PHASE_BODY || c->x == NULL || c->ended ||
	       vane_exchange_wants_body(c->x);
}

void vane__conn_expired(struct vane__conn *c)
{
	if (c->handling) /* by a handler that turns a loop that does not run */
		vane__conn_requeue(c);
	else if (c->phase == VANE__PHASE_IDLE)
		vane__conn_retire(c);
	else if (c->phase == VANE__PHASE_HEADER)
		give_up_waiting(c);
	else if (!still_waits(c))
		settle(c);
	else
		vane__conn_close(c, -ETIMEDOUT);
}

void vane__conn_look(struct vane__conn *c)
{
	if (vane__stream_pending(&c->stream))
		on_readable(c);
}

void vane__conn_retire(struct vane__conn *c)
{
	if (vane__stream_pending(&c->stream))
		on_readable(c);
	else
		vane__conn_close(c, 0);
}
