/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_conn.c - connections of the FastCGI responder, and the requests that come there.
 *
 * Nothing here waits but for vane__fcconn_await_body(), which a handler asks for.  Bytes are
 * collected until a request is there, whose exchange is then begun; one that waits for the rest of
 * its body, or for its peer to read, holds up nobody.  An idle connection is a descriptor, a watch
 * and a little struct.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vane/handover.h>
#include <vane/log.h>

#include "responder.h"
#include "slice.h"
#include "wait.h"

/* A body is waited for before the exchange begins until so much of it is here. */
#define BODY_WAIT_BYTES (32 * 1024)

/*
 * How long we wait for the peer to close where it may be sending still: with nothing coming,
 * and in all.  Whoever sends a body first, and then looks for an answer, is to find it.
 */
#define LINGER_MSEC       2000
#define LINGER_TOTAL_MSEC 30000

/* Descriptors that are offered to others in one go. */
#define GIVE_AT_ONCE 64

/* When to look again whether time is up, while a handler runs. */
#define BUSY_MSEC 20

/* So much body that nobody wants is skipped, to keep the connection. */
#define SKIP_BYTES (64 * 1024)

/* What may wait for the peer to read when it asks for more: a response, or answers to records. */
#define REPLIES_MAX (1024 * 1024)

/* ---- what a connection has, and gives back ---- */

static void set_state(struct vane__fcconn *conn, enum vane__fcconn_state state)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	/* Those that are idle stay in the order in which they became so. */
	if (conn->state == state && state != VANE__FCCONN_IDLE)
		return;
	/* a request's time is taken from its first byte */
	if (conn->state == VANE__FCCONN_IDLE || state == VANE__FCCONN_IDLE)
		conn->since = vane_loop_now(fastcgi->loop);
	conn->state = state;
	list_del(&conn->node);
	list_add(state == VANE__FCCONN_IDLE ? &fastcgi->idle : &fastcgi->others,
		&conn->node);
}

static struct vane__fcgi_req *take_request(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	struct vane__fcgi_req *in = fastcgi->spare_in;

	if (conn->in != NULL)
		return conn->in;
	fastcgi->spare_in = NULL;
	if (in == NULL)
		in = calloc(1, sizeof(*in));
	if (in == NULL)
		return NULL;
	in->id = conn->last_id;
	in->overloaded = conn->overloaded;
	conn->in = in;
	return in;
}

static void drop_request(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
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

static struct vane_exchange *take_exchange(struct vane_fastcgi *fastcgi)
{
	struct vane_exchange *x = NULL;

	if (LIKELY(fastcgi->spare_count > 0))
		return fastcgi->spares[--fastcgi->spare_count];
	return vane_exchange_new(&x, fastcgi->app, &vane__fastcgi_driver) == 0 ? x : NULL;
}

/* The exchange is over, and what it holds points into the request. */
static void give_exchange_back(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	vane_exchange_reset(conn->x);
	if (LIKELY(fastcgi->spare_count < ARRAY_SIZE(fastcgi->spares)))
		fastcgi->spares[fastcgi->spare_count++] = conn->x;
	else
		vane_exchange_free(conn->x);
	conn->x = NULL;
}

/* The peer is gone, or has taken the request back: the exchange frees itself. */
static void abort_exchange(struct vane__fcconn *conn)
{
	struct vane_exchange *x = conn->x;

	conn->x = NULL;
	if (x != NULL && vane_exchange_running(x))
		vane_exchange_abort(x, -EPIPE);
	else
		vane_exchange_free(x);
}

/* Free a connection whose descriptor is somebody else's now, or closed. */
static void forget(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	vane_loop_remove_handler(conn->watch);
	vane__deadline_fini(&conn->deadline);
	drop_request(conn);
	vane__buf_fini(&conn->out);
	vane__buf_fini(&conn->rest);
	list_del(&conn->node);
	free(conn);
	fastcgi->conn_count--;
	vane__acceptor_check(&fastcgi->acceptor, fastcgi->conn_count);
}

static void close_conn(struct vane__fcconn *conn)
{
	int fd = conn->fd;

	abort_exchange(conn);
	/* The watch goes before the descriptor does. */
	vane_loop_remove_handler(conn->watch);
	conn->watch = NULL;
	close(fd);
	forget(conn);
}

/* ---- time, and waiting in the loop ---- */

static void on_ready(int fd, int events, void *data);

/* Wait in the loop.  False if that cannot be; the connection is closed then. */
static bool watch(struct vane__fcconn *conn, int events)
{
	int rc = 0;

	if (conn->watch == NULL)
		rc = vane_loop_add_handler(conn->fastcgi->loop, conn->fd, events, on_ready,
			conn, &conn->watch);
	else if (conn->events != events)
		vane_loop_update_handler(conn->watch, events);
	conn->events = events;
	if (rc == 0)
		return true;
	close_conn(conn);
	return false;
}

/* Whether bytes wait in the socket. */
static bool has_bytes(const struct vane__fcconn *conn)
{
	char byte;

	return recv(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0;
}

/*
 * We stop, and it is idle: close it, unless bytes wait there.  If it was opened or used lately,
 * a request may be on its way: that is waited for until the grace is over.
 */
static void retire(struct vane__fcconn *conn)
{
	int64_t grace = vane__acceptor_grace(&conn->fastcgi->acceptor, conn->since);

	if (has_bytes(conn))
		return;
	if (grace <= 0 || vane__deadline_set(&conn->deadline, grace) < 0)
		close_conn(conn);
}

/* Whether the socket is ready for what it is waited for. */
static bool is_ready(const struct vane__fcconn *conn)
{
	struct pollfd pfd = { .fd = conn->fd, .events = POLLIN };

	if (conn->events & VANE_WRITE)
		pfd.events = POLLOUT;
	return poll(&pfd, 1, 0) > 0;
}

static void receive(struct vane__fcconn *conn);
static void go_on(struct vane__fcconn *conn);
static void fail_body(struct vane__fcconn *conn, int rc);

/*
 * Time is up, but a handler may have kept us from looking at what has come, or at the room that
 * there is: that comes first.  What it leaves as it was has no time left in the next turn.
 */
static bool catch_up(struct vane__fcconn *conn)
{
	if (!is_ready(conn) || vane__deadline_set(&conn->deadline, 0) < 0)
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
	struct vane__fcconn *conn = data;

	/* A handler turns the loop itself: its own may not go, and others are not to blame. */
	if (conn->fastcgi->running != NULL) {
		if (vane__deadline_set(&conn->deadline, BUSY_MSEC) < 0 &&
			conn != conn->fastcgi->running)
			close_conn(conn);
		return;
	}
	if (conn->state == VANE__FCCONN_IDLE && conn->fastcgi->acceptor.stopped) {
		retire(conn);
		return;
	}
	if (!conn->late && catch_up(conn))
		return;
	if (conn->state == VANE__FCCONN_RUNNING && vane_exchange_wants_body(conn->x)) {
		fail_body(conn, -EBADMSG);
		return;
	}
	if (conn->state == VANE__FCCONN_BUSY)
		vane_log(VANE_LOG_INFO, "fastcgi: half a request after %lld ms, dropped",
			(long long) conn->fastcgi->opts.request_msec);
	close_conn(conn);
}

static int restart_time(struct vane__fcconn *conn, int64_t msec)
{
	conn->late = false;
	return vane__deadline_set(&conn->deadline, msec);
}

/* Wait for events, for so long. */
static void wait_for(struct vane__fcconn *conn, int events, int64_t msec)
{
	if (restart_time(conn, msec) < 0)
		close_conn(conn);
	else
		watch(conn, events);
}

/* ---- the end of a connection ---- */

/* Wait for the peer to close, or for more of what nobody wants. */
static void linger(struct vane__fcconn *conn)
{
	int64_t left = conn->linger_until - vane_loop_now(conn->fastcgi->loop);

	if (left <= 0 || vane__deadline_set(&conn->deadline,
				 left < LINGER_MSEC ? left : LINGER_MSEC) < 0)
		close_conn(conn);
}

/*
 * We have said all: half-close, and wait for the peer to close.  If we closed while bytes
 * are on their way to us, the kernel would reset the connection, and the peer might lose
 * what it has not read yet.
 */
static void finish(struct vane__fcconn *conn)
{
	bool more = conn->in != NULL &&
		    (conn->in->phase == VANE__FCGI_REQ_BODY || conn->in->large);
	char byte;

	if (shutdown(conn->fd, SHUT_WR) < 0 || (conn->fastcgi->acceptor.stopped && !more) ||
		recv(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0) {
		close_conn(conn);
		return;
	}
	drop_request(conn);
	set_state(conn, VANE__FCCONN_CLOSING);
	conn->linger_until = vane_loop_now(conn->fastcgi->loop) + LINGER_TOTAL_MSEC;
	if (watch(conn, VANE_READ))
		linger(conn);
}

/* ---- the request that runs ---- */

/* All of the response is with the socket.  Whether the connection goes on. */
static bool next(struct vane__fcconn *conn)
{
	switch (conn->next) {
	case VANE__FCCONN_KEEP:
		vane__fcgi_req_reset(conn->in);
		vane__pace_reset(&conn->pace);
		conn->heard = 0;
		vane__deadline_clear(&conn->deadline);
		set_state(conn, VANE__FCCONN_BUSY);
		conn->since = vane_loop_now(conn->fastcgi->loop);
		return true;
	case VANE__FCCONN_FINISH:
		finish(conn);
		return false;
	case VANE__FCCONN_CUT:
		break;
	}
	close_conn(conn);
	return false;
}

/* Bytes that came behind the request wait for their turn. */
static bool keep_rest(struct vane__fcconn *conn)
{
	struct vane_slice *in = &conn->fastcgi->in;
	int rc = vane__buf_add_slice(&conn->rest, *in);

	in->len = 0;
	if (rc == 0)
		return true;
	close_conn(conn);
	return false;
}

/* What is to be sent waits for room.  Nothing follows in this turn. */
static bool await_room(struct vane__fcconn *conn, enum vane__fcconn_state state)
{
	bool body = conn->in->phase == VANE__FCGI_REQ_BODY;

	set_state(conn, state);
	if (body || keep_rest(conn))
		wait_for(conn, VANE_WRITE | (conn->input_error == 0 ? VANE_READ : 0),
			conn->fastcgi->opts.write_msec);
	return false;
}

/* Whether another request may come behind this one, whose body may not be whole yet. */
static bool can_keep(const struct vane__fcconn *conn)
{
	const struct vane__fcgi_req *in = conn->in;

	if (!in->keep || conn->end_rc < 0 || conn->input_error < 0 ||
		conn->fastcgi->acceptor.stopped)
		return false;
	return in->phase == VANE__FCGI_REQ_WHOLE ||
	       (conn->body_length >= 0 && conn->body_length - in->body_bytes <= SKIP_BYTES);
}

/* The end of the request has been said.  Whether the connection goes on. */
static bool pass(struct vane__fcconn *conn)
{
	if (conn->next != VANE__FCCONN_CUT && conn->blocked)
		return await_room(conn, VANE__FCCONN_SENDING);
	return next(conn);
}

/* The exchange is over: say so to the web server.  Whether the connection goes on. */
static bool conclude(struct vane__fcconn *conn)
{
	struct vane__fcgi_req *in = conn->in;
	bool last =
		in->keep && conn->fastcgi->acceptor.stopped && conn->fastcgi->in.len == 0;

	if (conn->end_rc < 0 && vane__fcconn_aborted(conn))
		conn->end_rc = 0; /* who took it back knows that it is not whole */
	conn->next = can_keep(conn) ? VANE__FCCONN_KEEP : VANE__FCCONN_FINISH;
	if (vane__fcconn_say_end(conn, conn->end_rc < 0, last) < 0)
		conn->next = VANE__FCCONN_CUT;
	give_exchange_back(conn);
	in->body.len = in->body_at = 0; /* nobody wants it */
	return pass(conn);
}

/* A call into the exchange has returned.  Whether the connection goes on. */
static bool settle_exchange(struct vane__fcconn *conn)
{
	conn->fastcgi->running = NULL;
	if (LIKELY(conn->ended))
		return conclude(conn);
	if (vane__fcconn_send(conn) < 0) {
		close_conn(conn);
		return false;
	}
	set_state(conn, VANE__FCCONN_RUNNING);
	if (vane_exchange_wants_body(conn->x))
		return true;
	return await_room(conn, VANE__FCCONN_RUNNING);
}

/* Begin the exchange of the request that is here, or its refusal. */
static void begin(struct vane__fcconn *conn)
{
	struct vane__fcgi_req *in = conn->in;
	struct vane_env env = { 0 };
	bool empty = in->phase == VANE__FCGI_REQ_WHOLE && in->body.len == 0;
	int rc = vane_env_from_params(&env, conn->x, in->vars, in->var_count);

	/* Most front servers say nothing of the length of a body that is not there. */
	if (empty && env.body_length < 0)
		env.body_length = 0;
	conn->body_length = conn->body_left = env.body_length;
	if (in->large && rc >= 0) {
		rc = 431;
		env.why = in->why;
	}
	if (rc == 0) {
		vane_exchange_start(conn->x, conn, &env);
	} else if (rc > 0) {
		vane_exchange_refuse(conn->x, conn, &env, rc);
	} else {
		conn->ended = true;
		conn->end_rc = rc;
	}
}

/* Run the request.  Whether the connection goes on. */
static bool serve(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	vane__deadline_clear(&conn->deadline);
	conn->x = take_exchange(fastcgi);
	if (conn->x == NULL) {
		vane_log(
			VANE_LOG_ERROR, "fastcgi: a request could not be begun: no memory");
		close_conn(conn);
		return false;
	}
	conn->ended = false;
	conn->input_error = 0;
	fastcgi->running = conn;
	begin(conn);
	return settle_exchange(conn);
}

/* ---- what comes in ---- */

/* The web server takes the request back: say that it is over. */
static bool aborted(struct vane__fcconn *conn)
{
	struct vane__fcgi_req *in = conn->in;
	unsigned char end[16];

	if (conn->state == VANE__FCCONN_SENDING) /* it has been said */
		return pass(conn);
	abort_exchange(conn);
	conn->next = in->keep && !conn->fastcgi->acceptor.stopped ? VANE__FCCONN_KEEP
								  : VANE__FCCONN_FINISH;
	if (vane__fcconn_say(conn, end, vane__fcgi_end_request(end, in->id, 0)) < 0)
		conn->next = VANE__FCCONN_CUT;
	return pass(conn);
}

static bool reply(struct vane__fcconn *conn)
{
	/* Who asks and does not read is not worth waiting for. */
	bool reads = conn->out.len < REPLIES_MAX;

	if (reads && vane__fcconn_say(conn, conn->in->reply, conn->in->reply_len) == 0)
		return true;
	close_conn(conn);
	return false;
}

/* Whether the body comes too slowly, as it is waited for in the loop. */
static bool trickles(struct vane__fcconn *conn)
{
	int64_t now = vane_loop_now(conn->fastcgi->loop), before = conn->heard;

	conn->heard = now;
	return vane__pace_slow(
		&conn->pace, before > 0 ? now - before : 0, conn->in->body_bytes);
}

/* Nothing of a request is here. */
static void rest(struct vane__fcconn *conn)
{
	drop_request(conn);
	if (!conn->overloaded) /* it is not to stay */
		vane__deadline_clear(&conn->deadline);
	if (conn->fastcgi->acceptor.stopped) {
		finish(conn);
		return;
	}
	set_state(conn, VANE__FCCONN_IDLE);
	watch(conn, VANE_READ);
}

/* More of the body has come, or its end.  Whether the connection goes on. */
static bool feed(struct vane__fcconn *conn)
{
	conn->fastcgi->running = conn;
	vane_exchange_readable(conn->x);
	return settle_exchange(conn);
}

/* The rest of the body will not come, or is not waited for: the exchange is told. */
static void fail_body(struct vane__fcconn *conn, int rc)
{
	conn->fastcgi->in.len = 0;
	conn->input_error = rc;
	if (feed(conn))
		close_conn(conn);
}

static void drop_slow(struct vane__fcconn *conn)
{
	if (conn->state == VANE__FCCONN_RUNNING) {
		fail_body(conn, -EBADMSG);
		return;
	}
	vane_log(VANE_LOG_INFO, "fastcgi: a body that comes too slowly, dropped");
	close_conn(conn);
}

/* The input is used up: wait for more. */
static void await_more(struct vane__fcconn *conn)
{
	struct vane__fcgi_req *in = conn->in;
	bool body = in->phase == VANE__FCGI_REQ_BODY;
	int events = VANE_READ | (conn->blocked ? VANE_WRITE : 0);

	if (vane__fcgi_req_idle(in) && !conn->blocked) {
		rest(conn);
		return;
	}
	if (body && trickles(conn)) {
		drop_slow(conn);
		return;
	}
	if (conn->state == VANE__FCCONN_IDLE)
		set_state(conn, VANE__FCCONN_BUSY);
	/* The head has one deadline; a body one for each piece. */
	if (body || conn->deadline.at == 0)
		wait_for(conn, events, conn->fastcgi->opts.request_msec);
	else
		watch(conn, events);
}

/* Whether the request is answered, so that what comes of it is of no use. */
static bool is_answered(const struct vane__fcconn *conn)
{
	return conn->state == VANE__FCCONN_SENDING ||
	       (conn->state == VANE__FCCONN_RUNNING && !vane_exchange_wants_body(conn->x));
}

/* The input is used up.  Nothing follows in this turn. */
static bool used_up(struct vane__fcconn *conn)
{
	struct vane__fcgi_req *in = conn->in;
	bool goes_on = true;

	if (is_answered(conn)) {
		in->body.len = in->body_at = 0;
		return false; /* it waits for room */
	}
	if (conn->state == VANE__FCCONN_RUNNING)
		goes_on = feed(conn);
	else if (in->phase == VANE__FCGI_REQ_BODY && in->body.len >= BODY_WAIT_BYTES)
		goes_on = serve(conn);
	if (goes_on)
		await_more(conn);
	return false;
}

/* The request is whole.  Whether the connection goes on. */
static bool whole(struct vane__fcconn *conn)
{
	if (is_answered(conn)) {
		conn->in->body.len = conn->in->body_at = 0;
		keep_rest(conn);
		return false;
	}
	return conn->state == VANE__FCCONN_RUNNING ? feed(conn) : serve(conn);
}

/* What the next bytes come to.  Whether the connection goes on. */
static bool step(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	switch (vane__fcgi_req_push(conn->in, &fastcgi->limits, &fastcgi->in)) {
	case VANE__FCGI_REQ_MORE:
		return used_up(conn);
	case VANE__FCGI_REQ_DONE:
		return whole(conn);
	case VANE__FCGI_REQ_LARGE:
		return serve(conn);
	case VANE__FCGI_REQ_REPLY:
		return reply(conn);
	case VANE__FCGI_REQ_ABORTED:
		return aborted(conn);
	case VANE__FCGI_REQ_REFUSED:
		conn->next = VANE__FCCONN_FINISH;
		return reply(conn) && pass(conn);
	case VANE__FCGI_REQ_BAD:
		break;
	}
	vane_log(VANE_LOG_WARNING, "fastcgi: connection closed: %s", conn->in->why);
	close_conn(conn);
	return false;
}

/* Do what the bytes that were read ask for. */
static void take_in(struct vane__fcconn *conn)
{
	do {
		if (take_request(conn) == NULL) {
			close_conn(conn);
			return;
		}
	} while (step(conn));
}

/* No more will come; error is 0, or what came of reading. */
static void end_input(struct vane__fcconn *conn, int error)
{
	if (conn->state == VANE__FCCONN_RUNNING && vane_exchange_wants_body(conn->x)) {
		fail_body(conn, -ECONNRESET);
	} else if (error == 0 && conn->in != NULL && is_answered(conn)) {
		conn->input_error = -ECONNRESET;
		watch(conn, VANE_WRITE); /* it may read still */
	} else {
		close_conn(conn);
	}
}

/* Read what is there, once, and do what it asks for. */
static void receive(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	ssize_t n = recv(conn->fd, fastcgi->buf, sizeof(fastcgi->buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
		if (conn->watch == NULL)
			watch(conn, VANE_READ);
	} else if (n <= 0) {
		end_input(conn, n < 0 ? errno : 0);
	} else if (conn->state == VANE__FCCONN_CLOSING) {
		linger(conn);
	} else {
		fastcgi->in = (struct vane_slice) { fastcgi->buf, (size_t) n };
		take_in(conn);
	}
}

/* What came while a request was answered is the next one's. */
static void take_rest(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	fastcgi->in = (struct vane_slice) { fastcgi->buf, conn->rest.len };
	if (conn->rest.len > 0)
		memcpy(fastcgi->buf, conn->rest.data, conn->rest.len);
	vane__buf_fini(&conn->rest);
}

/* There is room again, or others have had their turn. */
static void go_on(struct vane__fcconn *conn)
{
	size_t left = conn->out.len - conn->out_at;
	bool goes_on;

	if (vane__fcconn_send(conn) < 0) {
		close_conn(conn);
		return;
	}
	if (conn->blocked) {
		if (conn->out.len - conn->out_at < left &&
			restart_time(conn, conn->fastcgi->opts.write_msec) < 0)
			close_conn(conn);
		return;
	}
	take_rest(conn);
	if (conn->state == VANE__FCCONN_RUNNING) {
		conn->fastcgi->running = conn;
		vane_exchange_writable(conn->x);
		goes_on = settle_exchange(conn);
	} else {
		goes_on = conn->state == VANE__FCCONN_BUSY || next(conn);
	}
	if (goes_on)
		take_in(conn);
}

/*
 * Something has come while a request is being answered: body, an abort, or what is for later.  It
 * is looked at first, as whoever reads all the time leaves room all the time.
 */
static void look(struct vane__fcconn *conn, int events)
{
	conn->fastcgi->in.len = 0;
	if (conn->in->phase != VANE__FCGI_REQ_WHOLE ||
		(conn->rest.len == 0 && vane__fcconn_gone(conn)))
		receive(conn);
	else if (events & VANE_WRITE)
		go_on(conn);
	else
		watch(conn, VANE_WRITE);
}

static void on_ready(int fd, int events, void *data)
{
	struct vane__fcconn *conn = data;

	/* A handler that turns the loop itself: the request that runs comes first. */
	if (conn->fastcgi->running != NULL)
		return;
	conn->turn_bytes = 0;
	if ((events & VANE_READ) && conn->in != NULL && is_answered(conn))
		look(conn, events);
	else if (events & VANE_WRITE)
		go_on(conn);
	else
		receive(conn);
}

/* ---- within a handler ---- */

/* Read on from the web server, which may wait for us to write; adds the time that it took. */
static int receive_more(struct vane__fcconn *conn, int64_t msec, int64_t *waited)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	ssize_t n;
	int rc;

	do {
		rc = vane__wait(
			conn->fd, POLLIN | (conn->blocked ? POLLOUT : 0), msec, waited);
		if (rc == 0 && conn->blocked)
			rc = vane__fcconn_send(conn);
		if (rc < 0)
			return rc;
		n = recv(conn->fd, fastcgi->buf, sizeof(fastcgi->buf), MSG_DONTWAIT);
	} while (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
	if (n < 0)
		return -errno;
	fastcgi->in = (struct vane_slice) { fastcgi->buf, (size_t) n };
	return n > 0 ? 0 : -ECONNRESET;
}

/* What is made of what was read: 0 or a negative errno. */
static int push(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	struct vane__fcgi_req *in = conn->in;

	switch (vane__fcgi_req_push(in, &fastcgi->limits, &fastcgi->in)) {
	case VANE__FCGI_REQ_MORE:
	case VANE__FCGI_REQ_DONE:
		return 0;
	case VANE__FCGI_REQ_REPLY:
		return vane__fcconn_say(conn, in->reply, in->reply_len);
	case VANE__FCGI_REQ_ABORTED:
		return -ECONNRESET;
	case VANE__FCGI_REQ_LARGE:
	case VANE__FCGI_REQ_REFUSED:
	case VANE__FCGI_REQ_BAD:
		break;
	}
	return -EBADMSG;
}

int vane__fcconn_await_body(struct vane__fcconn *conn, int64_t msec)
{
	const struct vane__fcgi_req *in = conn->in;
	int64_t waited = 0;
	int rc = 0;

	if (conn->fastcgi->in.len == 0)
		rc = receive_more(conn, msec, &waited);
	if (rc == 0)
		rc = push(conn);
	if (rc == 0 && in->phase == VANE__FCGI_REQ_BODY &&
		vane__pace_slow(&conn->pace, waited, in->body_bytes))
		rc = -ETIMEDOUT;
	return rc;
}

/* ---- all of them ---- */

int vane__fcconn_add(struct vane_fastcgi *fastcgi, int fd, bool overloaded)
{
	struct vane__fcconn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL) {
		close(fd);
		return -ENOMEM;
	}
	conn->fastcgi = fastcgi;
	conn->fd = fd;
	conn->overloaded = overloaded;
	conn->since = vane_loop_now(fastcgi->loop);
	conn->deadline = (struct vane__deadline) {
		.loop = fastcgi->loop, .fn = on_deadline, .data = conn
	};
	conn->pace = (struct vane__pace) { .over_msec = fastcgi->opts.request_msec,
		.min_rate = fastcgi->opts.min_rate };
	list_add(&fastcgi->idle, &conn->node);
	fastcgi->conn_count++;
	if (overloaded &&
		vane__deadline_set(&conn->deadline, fastcgi->opts.request_msec) < 0) {
		close_conn(conn);
		return -ENOMEM;
	}
	/* Its first request is mostly here already. */
	if (fastcgi->running == NULL)
		receive(conn);
	else
		watch(conn, VANE_READ);
	return 0;
}

void vane__fcconn_retire_idle(struct vane_fastcgi *fastcgi)
{
	struct list *node, *next;

	for (node = fastcgi->idle.next; node != &fastcgi->idle; node = next) {
		struct vane__fcconn *conn = CONTAINER_OF(node, struct vane__fcconn, node);

		next = node->next;
		if (conn != fastcgi->running)
			retire(conn);
	}
}

static void name_cut(struct vane__fcconn *conn)
{
	const struct vane__fcgi_req *in = conn->in;
	char what[512] = "a head that is not whole";

	if (in != NULL && in->phase >= VANE__FCGI_REQ_BODY) {
		struct vane_slice method =
			vane__fcgi_req_param(in, SLICE("REQUEST_METHOD"));
		struct vane_slice target = vane__fcgi_req_param(in, SLICE("REQUEST_URI"));

		snprintf(what, sizeof(what), "%.*s %.*s", (int) method.len, method.data,
			(int) target.len, target.data);
	}
	vane__acceptor_cut(&conn->fastcgi->acceptor, what,
		vane_loop_now(conn->fastcgi->loop) - conn->since);
}

static void close_each(struct vane_fastcgi *fastcgi, struct list *list)
{
	struct list *node, *next;

	for (node = list->next; node != list; node = next) {
		struct vane__fcconn *conn = CONTAINER_OF(node, struct vane__fcconn, node);

		next = node->next;
		if (conn == fastcgi->running)
			continue;
		if (conn->state > VANE__FCCONN_IDLE && conn->state < VANE__FCCONN_CLOSING)
			name_cut(conn);
		close_conn(conn);
	}
}

void vane__fcconn_close_all(struct vane_fastcgi *fastcgi)
{
	close_each(fastcgi, &fastcgi->idle);
	close_each(fastcgi, &fastcgi->others);
}

/* Offer some of the idle ones; how many were taken, and in offered how many that were. */
static size_t give_some(struct vane_fastcgi *fastcgi, size_t *offered)
{
	struct vane__fcconn *conns[GIVE_AT_ONCE];
	struct list *node;
	int fds[GIVE_AT_ONCE];
	size_t count = 0, given, i;

	/* The ones used last first: it is those that a blocked process would keep waiting. */
	for (node = fastcgi->idle.prev; node != &fastcgi->idle && count < GIVE_AT_ONCE;
		node = node->prev) {
		struct vane__fcconn *conn = CONTAINER_OF(node, struct vane__fcconn, node);

		if (conn == fastcgi->running || conn->overloaded || conn->watch == NULL)
			continue;
		vane_loop_remove_handler(conn->watch);
		conn->watch = NULL;
		conns[count] = conn;
		fds[count++] = conn->fd;
	}
	given = count > 0 ? vane_handover_give(fastcgi->opts.handover, fds, count) : 0;
	for (i = 0; i < count; i++) {
		if (i < given)
			forget(conns[i]);
		else
			watch(conns[i], VANE_READ);
	}
	*offered = count;
	return given;
}

void vane__fcconn_give(struct vane_fastcgi *fastcgi)
{
	size_t given, offered;

	if (fastcgi->opts.handover == NULL || fastcgi->acceptor.stopped)
		return;
	do {
		given = give_some(fastcgi, &offered);
	} while (given == GIVE_AT_ONCE && given == offered);
}
