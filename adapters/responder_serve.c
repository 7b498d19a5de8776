/* SPDX-License-Identifier: MIT */
/*
 * responder_serve.c - what comes on a connection of a responder, and the exchange that runs there.
 *
 * Nothing here waits.  What bytes mean is the protocol's business, which says when there is a
 * request to be served, and when one that runs is to be fed.
 */
#include "responder.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane/log.h>

/* Over how much time the rate of a body is taken where its pauses have no limit. */
#define RATE_MSEC (60 * 1000)

/* When to look again whether time is up, while a handler runs. */
#define BUSY_MSEC 20

/* ---- the exchange ---- */

/* What is to be sent waits for room, or for its turn.  Nothing follows in this turn. */
static bool await_room(struct vane__responder_conn *conn, enum vane__responder_state state)
{
	struct vane__responder *responder = conn->responder;
	const struct vane__responder_protocol *protocol = responder->protocol;
	bool reads = conn->input_error == 0 &&
		     (protocol->keeps || protocol->phase(conn) < VANE__RESPONDER_WHOLE);

	vane__responder_set_state(conn, state);
	protocol->drop_body(conn);
	if (vane__buf_add_slice(&conn->rest, responder->in) < 0)
		vane__responder_close(conn);
	else
		vane__responder_wait_for(conn, VANE_WRITE | (reads ? VANE_READ : 0),
			responder->opts.write_msec);
	responder->in.len = 0;
	return false;
}

bool vane__responder_answered(struct vane__responder_conn *conn)
{
	if (UNLIKELY(conn->out.blocked))
		return await_room(conn, VANE__RESPONDER_SENDING);
	return conn->responder->protocol->sent(conn);
}

/* The exchange is over.  Whether the connection goes on. */
static bool conclude(struct vane__responder_conn *conn)
{
	int rc = conn->responder->protocol->conclude(conn);

	vane__responder_give_exchange(conn);
	if (LIKELY(rc == 0))
		return vane__responder_answered(conn);
	vane__responder_close(conn);
	return false;
}

/* A call into the exchange has returned.  Whether the connection goes on. */
static bool leave_exchange(struct vane__responder_conn *conn)
{
	conn->responder->running = NULL;
	if (LIKELY(conn->ended))
		return conclude(conn);
	if (conn->responder->protocol->send(conn) < 0) {
		vane__responder_close(conn);
		return false;
	}
	vane__responder_set_state(conn, VANE__RESPONDER_RUNNING);
	return vane_exchange_wants_body(conn->x) ||
	       await_room(conn, VANE__RESPONDER_RUNNING);
}

/* Begin the exchange of the request that is here, or its refusal. */
static void begin(struct vane__responder_conn *conn)
{
	const struct vane__responder_protocol *protocol = conn->responder->protocol;
	int rc = protocol->fill(conn, vane_exchange_env(conn->x));

	if (LIKELY(rc == 0)) {
		vane_exchange_start(conn->x, protocol->driver, conn);
	} else if (rc > 0) {
		vane_exchange_refuse(conn->x, protocol->driver, conn, rc);
	} else {
		conn->ended = true;
		conn->end_rc = rc;
	}
}

bool vane__responder_serve(struct vane__responder_conn *conn)
{
	struct vane__responder *responder = conn->responder;

	vane__deadline_clear(&conn->deadline);
	conn->x = vane__responder_take_exchange(responder);
	if (UNLIKELY(conn->x == NULL)) {
		vane_log(VANE_LOG_ERROR, "%s: a request could not be begun: no memory",
			responder->protocol->name);
		vane__responder_close(conn);
		return false;
	}
	conn->ended = false;
	conn->input_error = 0;
	responder->acceptor.served++;
	responder->running = conn;
	begin(conn);
	return leave_exchange(conn);
}

bool vane__responder_feed(struct vane__responder_conn *conn)
{
	conn->responder->running = conn;
	vane_exchange_readable(conn->x);
	return leave_exchange(conn);
}

/* The rest of the body will not come, or is not waited for: the exchange is told. */
static void fail_body(struct vane__responder_conn *conn)
{
	conn->responder->in.len = 0;
	conn->input_error = -EBADMSG;
	if (vane__responder_feed(conn))
		vane__responder_close(conn);
}

/* ---- what comes in ---- */

static void drop_slow(struct vane__responder_conn *conn)
{
	if (conn->state == VANE__RESPONDER_RUNNING) {
		fail_body(conn);
		return;
	}
	vane_log(VANE_LOG_INFO, "%s: a body that comes too slowly, dropped",
		conn->responder->protocol->name);
	vane__responder_close(conn);
}

/* Whether the body comes too slowly, as it is waited for in the loop. */
static bool trickles(struct vane__responder_conn *conn)
{
	int64_t now = vane_loop_now(conn->responder->loop), before = conn->heard;

	conn->heard = now;
	return vane__responder_slow(conn, before > 0 ? now - before : 0);
}

void vane__responder_await_more(struct vane__responder_conn *conn)
{
	bool body = conn->responder->protocol->phase(conn) == VANE__RESPONDER_BODY;
	bool first = conn->state == VANE__RESPONDER_IDLE && !conn->overloaded;
	int events = VANE_READ | (conn->out.blocked ? VANE_WRITE : 0);

	if (body && trickles(conn)) {
		drop_slow(conn);
		return;
	}
	if (conn->state == VANE__RESPONDER_IDLE)
		vane__responder_set_state(conn, VANE__RESPONDER_BUSY);
	/* The head has one deadline; a body one for each piece. */
	if (body || first || conn->deadline.at == 0)
		vane__responder_wait_for(conn, events, conn->responder->opts.request_msec);
	else
		vane__responder_watch(conn, events);
}

/* Nothing has come yet: wait for it, without end where connections are kept. */
static void await_first(struct vane__responder_conn *conn)
{
	if (conn->responder->protocol->keeps)
		vane__responder_watch(conn, VANE_READ);
	else
		vane__responder_wait_for(
			conn, VANE_READ, conn->responder->opts.request_msec);
}

/* No more will come; error is 0, or what came of reading. */
static void end_input(struct vane__responder_conn *conn, int error)
{
	if (conn->state == VANE__RESPONDER_RUNNING && vane_exchange_wants_body(conn->x)) {
		fail_body(conn);
	} else if (error == 0 && vane__responder_is_answered(conn)) {
		conn->input_error = -EBADMSG;
		vane__responder_watch(conn, VANE_WRITE); /* it may read still */
	} else {
		vane__responder_close(conn);
	}
}

/* Read what is there, once, and do what it asks for. */
static void receive(struct vane__responder_conn *conn)
{
	struct vane__responder *responder = conn->responder;
	ssize_t n = responder->protocol->receive(conn);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
		if (conn->watch == NULL)
			await_first(conn);
	} else if (n <= 0) {
		end_input(conn, n < 0 ? errno : 0);
	} else if (conn->state == VANE__RESPONDER_CLOSING) {
		vane__responder_linger(conn);
	} else {
		responder->in = (struct vane_slice) { responder->buf, (size_t) n };
		responder->protocol->take_in(conn);
	}
}

/* ---- events ---- */

/* What came while a request was answered is the next one's. */
static void take_rest(struct vane__responder_conn *conn)
{
	struct vane__responder *responder = conn->responder;

	responder->in = (struct vane_slice) { responder->buf, conn->rest.len };
	if (conn->rest.len > 0)
		memcpy(responder->buf, conn->rest.data, conn->rest.len);
	vane__buf_fini(&conn->rest);
}

/* All is sent: go on with what wrote it.  Whether the connection goes on. */
static bool resume(struct vane__responder_conn *conn)
{
	switch (conn->state) {
	case VANE__RESPONDER_RUNNING:
		conn->responder->running = conn;
		vane_exchange_writable(conn->x);
		return leave_exchange(conn);
	case VANE__RESPONDER_SENDING:
		return conn->responder->protocol->sent(conn);
	default:
		return true;
	}
}

/* There is room again, or others have had their turn. */
static void go_on(struct vane__responder_conn *conn)
{
	const struct vane__responder *responder = conn->responder;
	size_t left = vane__outbox_left(&conn->out);

	if (responder->protocol->send(conn) < 0) {
		vane__responder_close(conn);
	} else if (conn->out.blocked) {
		if (vane__outbox_left(&conn->out) < left &&
			vane__responder_restart_time(conn, responder->opts.write_msec) < 0)
			vane__responder_close(conn);
	} else {
		take_rest(conn);
		if (resume(conn))
			responder->protocol->take_in(conn);
	}
}

/* Whether the request that is answered has more to come, or is taken back, or the peer is gone. */
static bool has_news(struct vane__responder_conn *conn)
{
	const struct vane__responder_protocol *protocol = conn->responder->protocol;

	return protocol->phase(conn) < VANE__RESPONDER_WHOLE ||
	       (conn->rest.len == 0 && protocol->driver->peer_closed(conn) < 0);
}

/*
 * Something has come while a request is being answered: body, an abort, or what is for later.  It
 * is looked at first, as whoever reads all the time leaves room all the time.
 */
static void look(struct vane__responder_conn *conn, int events)
{
	conn->responder->in.len = 0;
	if (has_news(conn))
		receive(conn);
	else if (events & VANE_WRITE)
		go_on(conn);
	else
		vane__responder_watch(conn, VANE_WRITE);
}

/* Whether what has come is looked at: in every second turn at most, as body may come without end. */
static bool looks_first(struct vane__responder_conn *conn, int events)
{
	bool looks = (events & VANE_READ) && vane__responder_is_answered(conn);

	conn->looked = looks && !((events & VANE_WRITE) && conn->looked);
	return conn->looked;
}

void vane__responder_on_ready(int fd, int events, void *data)
{
	struct vane__responder_conn *conn = data;

	/* A handler turns a loop that does not run: the request that it is at comes first. */
	if (conn->responder->running != NULL)
		return;
	conn->turn_bytes = 0;
	if (looks_first(conn, events))
		look(conn, events);
	else if (events & conn->events & VANE_WRITE)
		go_on(conn);
	else
		receive(conn);
}

/*
 * Time is up, but a handler may have kept us from looking at what has come, or at the room that
 * there is: that comes first.  What it leaves as it was has no time left in the next turn.
 */
static bool catch_up(struct vane__responder_conn *conn)
{
	if (!vane__responder_is_ready(conn) || vane__deadline_set(&conn->deadline, 0) < 0)
		return false;
	conn->late = true;
	if (conn->events & VANE_WRITE)
		go_on(conn);
	else
		receive(conn);
	return true;
}

static void on_deadline(void *data)
{
	struct vane__responder_conn *conn = data;
	struct vane__responder *responder = conn->responder;

	/* A handler turns the loop: its own may not go, and others are not to blame. */
	if (responder->running != NULL) {
		if (vane__deadline_set(&conn->deadline, BUSY_MSEC) < 0 &&
			conn != responder->running)
			vane__responder_close(conn);
		return;
	}
	if (conn->state == VANE__RESPONDER_IDLE && responder->acceptor.stopped) {
		vane__responder_retire(conn);
		return;
	}
	if (!conn->late && catch_up(conn))
		return;
	if (conn->state == VANE__RESPONDER_RUNNING && vane_exchange_wants_body(conn->x)) {
		fail_body(conn);
		return;
	}
	if (conn->state == VANE__RESPONDER_BUSY)
		vane_log(VANE_LOG_INFO, "%s: half a request after %lld ms, dropped",
			responder->protocol->name,
			(long long) responder->opts.request_msec);
	vane__responder_close(conn);
}

/* ---- a connection that comes ---- */

static void set_up(struct vane__responder_conn *conn, struct vane__responder *responder)
{
	conn->responder = responder;
	conn->out = (struct vane__outbox) { .shared = &responder->out, .fd = conn->fd };
	conn->since = vane_loop_now(responder->loop);
	conn->deadline = (struct vane__deadline) {
		.loop = responder->loop, .fn = on_deadline, .data = conn
	};
	conn->pace = (struct vane__pace) { .over_msec = responder->opts.request_msec,
		.min_rate = responder->opts.min_rate };
	if (conn->pace.over_msec == VANE__UNLIMITED)
		conn->pace.over_msec = RATE_MSEC;
	list_add(&responder->idle, &conn->node);
	responder->conn_count++;
	vane__score_connections(1);
}

int vane__responder_add(struct vane__responder *responder, int fd, bool overloaded)
{
	struct vane__responder_conn *conn = responder->protocol->new_conn();

	if (conn == NULL) {
		close(fd);
		return -ENOMEM;
	}
	conn->fd = fd;
	conn->overloaded = overloaded;
	set_up(conn, responder);
	if (overloaded &&
		vane__deadline_set(&conn->deadline, responder->opts.request_msec) < 0) {
		vane__responder_close(conn);
		return -ENOMEM;
	}
	/* Its first request is mostly here already. */
	if (responder->running == NULL)
		receive(conn);
	else
		await_first(conn);
	return 0;
}
