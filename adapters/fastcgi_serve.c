/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_serve.c - requests of the FastCGI responder: how they come in, run, and are over.
 *
 * Nothing here waits but for vane__fcconn_await_body(), which a handler asks for.  Bytes are
 * collected until a request is there, whose exchange is then begun; one that waits for the rest of
 * its body, or for its peer to read, holds up nobody.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vane/log.h>

#include "responder.h"
#include "slice.h"
#include "wait.h"

/* A body is waited for before the exchange begins until so much of it is here. */
#define BODY_WAIT_BYTES (32 * 1024)

/* When to look again whether time is up, while a handler runs. */
#define BUSY_MSEC 20

/* So much body that nobody wants is skipped, to keep the connection. */
#define SKIP_BYTES (64 * 1024)

/* What may wait for the peer to read when it asks for more: a response, or answers to records. */
#define REPLIES_MAX (1024 * 1024)

/* All of the response is with the socket.  Whether the connection goes on. */
static bool next(struct vane__fcconn *conn)
{
	switch (conn->next) {
	case VANE__FCCONN_KEEP:
		conn->skips = conn->in->phase != VANE__FCGI_REQ_WHOLE || conn->in->large;
		vane__fcgi_req_reset(conn->in);
		vane__pace_reset(&conn->pace);
		conn->heard = 0;
		vane__deadline_clear(&conn->deadline);
		vane__fcconn_set_state(conn, VANE__FCCONN_BUSY);
		conn->since = vane_loop_now(conn->fastcgi->loop);
		return true;
	case VANE__FCCONN_FINISH:
		vane__fcconn_finish(conn);
		return false;
	case VANE__FCCONN_CUT:
		break;
	}
	vane__fcconn_close(conn);
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
	vane__fcconn_close(conn);
	return false;
}

/* What is to be sent waits for room.  Nothing follows in this turn. */
static bool await_room(struct vane__fcconn *conn, enum vane__fcconn_state state)
{
	bool body = conn->in->phase == VANE__FCGI_REQ_BODY;

	vane__fcconn_set_state(conn, state);
	if (body || keep_rest(conn))
		vane__fcconn_wait_for(conn,
			VANE_WRITE | (conn->input_error == 0 ? VANE_READ : 0),
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
	if (conn->next != VANE__FCCONN_CUT && conn->out.blocked)
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
	vane__fcconn_give_exchange(conn);
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
		vane__fcconn_close(conn);
		return false;
	}
	vane__fcconn_set_state(conn, VANE__FCCONN_RUNNING);
	if (vane_exchange_wants_body(conn->x))
		return true;
	return await_room(conn, VANE__FCCONN_RUNNING);
}

/* Begin the exchange of the request that is here, or its refusal. */
static void begin(struct vane__fcconn *conn)
{
	struct vane__fcgi_req *in = conn->in;
	struct vane_env *env = vane_exchange_env(conn->x);
	bool empty = in->phase == VANE__FCGI_REQ_WHOLE && in->body.len == 0;
	int rc = vane_exchange_env_from_params(conn->x, in->vars, in->var_count);

	/* Most front servers say nothing of the length of a body that is not there. */
	if (empty && env->body_length < 0)
		env->body_length = 0;
	conn->body_length = conn->body_left = env->body_length;
	if (in->large && rc >= 0) {
		rc = 431;
		env->why = in->why;
	}
	if (rc == 0) {
		vane_exchange_start(conn->x, conn->fastcgi->driver, conn);
	} else if (rc > 0) {
		vane_exchange_refuse(conn->x, conn->fastcgi->driver, conn, rc);
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
	conn->x = vane__fcconn_take_exchange(fastcgi);
	if (conn->x == NULL) {
		vane_log(
			VANE_LOG_ERROR, "fastcgi: a request could not be begun: no memory");
		vane__fcconn_close(conn);
		return false;
	}
	conn->ended = false;
	conn->input_error = 0;
	fastcgi->running = conn;
	begin(conn);
	return settle_exchange(conn);
}

/* The web server takes the request back: say that it is over. */
static bool aborted(struct vane__fcconn *conn)
{
	struct vane__fcgi_req *in = conn->in;
	unsigned char end[16];

	if (conn->state == VANE__FCCONN_SENDING) /* it has been said */
		return pass(conn);
	vane__fcconn_abort_exchange(conn);
	conn->next = in->keep && !conn->fastcgi->acceptor.stopped ? VANE__FCCONN_KEEP
								  : VANE__FCCONN_FINISH;
	if (vane__fcconn_say(conn, end, vane__fcgi_end_request(end, in->id, 0)) < 0)
		conn->next = VANE__FCCONN_CUT;
	return pass(conn);
}

static bool reply(struct vane__fcconn *conn)
{
	/* Who asks and does not read is not worth waiting for. */
	bool reads = vane__outbox_left(&conn->out) < REPLIES_MAX;

	if (reads && vane__fcconn_say(conn, conn->in->reply, conn->in->reply_len) == 0)
		return true;
	vane__fcconn_close(conn);
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
	vane__fcconn_drop_request(conn);
	if (!conn->overloaded) /* it is not to stay */
		vane__deadline_clear(&conn->deadline);
	if (conn->fastcgi->acceptor.stopped) {
		vane__fcconn_finish(conn);
		return;
	}
	vane__fcconn_set_state(conn, VANE__FCCONN_IDLE);
	vane__fcconn_watch(conn, VANE_READ);
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
		vane__fcconn_close(conn);
}

static void drop_slow(struct vane__fcconn *conn)
{
	if (conn->state == VANE__FCCONN_RUNNING) {
		fail_body(conn, -EBADMSG);
		return;
	}
	vane_log(VANE_LOG_INFO, "fastcgi: a body that comes too slowly, dropped");
	vane__fcconn_close(conn);
}

/* The input is used up: wait for more. */
static void await_more(struct vane__fcconn *conn)
{
	struct vane__fcgi_req *in = conn->in;
	bool body = in->phase == VANE__FCGI_REQ_BODY;
	int events = VANE_READ | (conn->out.blocked ? VANE_WRITE : 0);

	if (vane__fcgi_req_idle(in) && !conn->out.blocked) {
		rest(conn);
		return;
	}
	if (body && trickles(conn)) {
		drop_slow(conn);
		return;
	}
	if (conn->state == VANE__FCCONN_IDLE)
		vane__fcconn_set_state(conn, VANE__FCCONN_BUSY);
	/* The head has one deadline; a body one for each piece. */
	if (body || conn->deadline.at == 0)
		vane__fcconn_wait_for(conn, events, conn->fastcgi->opts.request_msec);
	else
		vane__fcconn_watch(conn, events);
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
	vane__fcconn_close(conn);
	return false;
}

/* Do what the bytes that were read ask for. */
static void take_in(struct vane__fcconn *conn)
{
	do {
		if (vane__fcconn_take_request(conn) == NULL) {
			vane__fcconn_close(conn);
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
		vane__fcconn_watch(conn, VANE_WRITE); /* it may read still */
	} else {
		vane__fcconn_close(conn);
	}
}

/* Read what is there, once, and do what it asks for. */
static void receive(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	ssize_t n = recv(conn->fd, fastcgi->buf, sizeof(fastcgi->buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
		if (conn->watch == NULL)
			vane__fcconn_watch(conn, VANE_READ);
	} else if (n <= 0) {
		end_input(conn, n < 0 ? errno : 0);
	} else if (conn->state == VANE__FCCONN_CLOSING) {
		vane__fcconn_linger(conn);
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
	size_t left = vane__outbox_left(&conn->out);
	bool goes_on;

	if (vane__fcconn_send(conn) < 0) {
		vane__fcconn_close(conn);
		return;
	}
	if (conn->out.blocked) {
		if (vane__outbox_left(&conn->out) < left &&
			vane__fcconn_restart_time(conn, conn->fastcgi->opts.write_msec) < 0)
			vane__fcconn_close(conn);
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
		vane__fcconn_watch(conn, VANE_WRITE);
}

/* Whether what has come is looked at: in every second turn at most, as body may come without end. */
static bool looks_first(struct vane__fcconn *conn, int events)
{
	bool looks = (events & VANE_READ) && conn->in != NULL && is_answered(conn);

	conn->looked = looks && !((events & VANE_WRITE) && conn->looked);
	return conn->looked;
}

void vane__fcconn_on_ready(int fd, int events, void *data)
{
	struct vane__fcconn *conn = data;

	/* A handler that turns the loop itself: the request that runs comes first. */
	if (conn->fastcgi->running != NULL)
		return;
	conn->turn_bytes = 0;
	if (looks_first(conn, events))
		look(conn, events);
	else if (events & VANE_WRITE)
		go_on(conn);
	else
		receive(conn);
}

/*
 * Time is up, but a handler may have kept us from looking at what has come, or at the room that
 * there is: that comes first.  What it leaves as it was has no time left in the next turn.
 */
static bool catch_up(struct vane__fcconn *conn)
{
	if (!vane__fcconn_is_ready(conn) || vane__deadline_set(&conn->deadline, 0) < 0)
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
			vane__fcconn_close(conn);
		return;
	}
	if (conn->state == VANE__FCCONN_IDLE && conn->fastcgi->acceptor.stopped) {
		vane__fcconn_retire(conn);
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
	vane__fcconn_close(conn);
}

/*
 * Read on from the web server, which may wait for us to write: for so long in all.  Adds the time
 * that it took.
 */
static int receive_more(struct vane__fcconn *conn, int64_t msec, int64_t *waited)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	ssize_t n;
	int rc;

	do {
		rc = vane__wait(conn->fd, POLLIN | (conn->out.blocked ? POLLOUT : 0),
			msec - *waited, waited);
		if (rc == 0 && conn->out.blocked)
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

int vane__fcconn_add(struct vane_fastcgi *fastcgi, int fd, bool overloaded)
{
	struct vane__fcconn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL) {
		close(fd);
		return -ENOMEM;
	}
	conn->fastcgi = fastcgi;
	conn->fd = fd;
	conn->out = (struct vane__outbox) { .shared = &fastcgi->out, .fd = fd };
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
		vane__fcconn_close(conn);
		return -ENOMEM;
	}
	/* Its first request is mostly here already. */
	if (fastcgi->running == NULL)
		receive(conn);
	else
		vane__fcconn_watch(conn, VANE_READ);
	return 0;
}
