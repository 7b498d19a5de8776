/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_conn.c - connections of the FastCGI responder, as they wait in the loop.
 *
 * Nothing here waits anywhere else.  Bytes are collected until a request is there, which is
 * then run; an idle connection is a descriptor, a watch and this little struct.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vane/handover.h>
#include <vane/log.h>

#include "responder.h"

/* A body is waited for in the loop until so much of it is here. */
#define BODY_WAIT_BYTES (32 * 1024)

/*
 * How long we wait for the peer to close where it may be sending still: with nothing coming,
 * and in all.  Whoever sends a body first, and then looks for an answer, is to find it.
 */
#define LINGER_MSEC       2000
#define LINGER_TOTAL_MSEC 30000

/* Descriptors that are offered to others in one go. */
#define GIVE_AT_ONCE 64

static void set_state(struct vane__fcconn *conn, enum vane__fcconn_state state)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	/* Those that are idle stay in the order in which they became so. */
	if (conn->state == state && state != VANE__FCCONN_IDLE)
		return;
	conn->state = state;
	conn->since = vane_loop_now(fastcgi->loop);
	vane__ring_del(&conn->link);
	vane__ring_add(state == VANE__FCCONN_IDLE ? &fastcgi->idle : &fastcgi->others,
		&conn->link);
}

static void drop_intake(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	struct vane__intake *in = conn->intake;

	conn->intake = NULL;
	if (in == NULL)
		return;
	conn->last_id = (unsigned short) in->id;
	if (fastcgi->spare == NULL) {
		vane__intake_reset(in);
		in->record = (struct vane__record) { 0 };
		fastcgi->spare = in;
		return;
	}
	vane__intake_fini(in);
	free(in);
}

/* Free a connection whose descriptor is somebody else's now, or closed. */
static void forget(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	vane_loop_remove_handler(conn->watch);
	vane__deadline_fini(&conn->deadline);
	drop_intake(conn);
	vane__ring_del(&conn->link);
	free(conn);
	fastcgi->conn_count--;
	vane__door_check(&fastcgi->door, fastcgi->conn_count);
}

void vane__fcconn_close(struct vane__fcconn *conn)
{
	int fd = conn->fd;

	/* The watch goes before the descriptor does. */
	vane_loop_remove_handler(conn->watch);
	conn->watch = NULL;
	close(fd);
	forget(conn);
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
	int64_t grace = vane__door_grace(&conn->fastcgi->door, conn->since);

	if (conn == conn->fastcgi->running || has_bytes(conn))
		return;
	if (grace <= 0 || vane__deadline_set(&conn->deadline, grace) < 0)
		vane__fcconn_close(conn);
}

static void receive(struct vane__fcconn *conn);

/*
 * Time is up, but a handler may have kept us from looking at what has come: that comes first.
 * What it leaves as it was has no time left in the next turn.
 */
static bool catch_up(struct vane__fcconn *conn)
{
	if (!has_bytes(conn) || vane__deadline_set(&conn->deadline, 0) < 0)
		return false;
	if (conn->fastcgi->running != NULL)
		return true;
	conn->late = true;
	receive(conn);
	return true;
}

static void on_deadline(void *data)
{
	struct vane__fcconn *conn = data;

	if (conn->state == VANE__FCCONN_IDLE && conn->fastcgi->door.draining) {
		retire(conn);
		return;
	}
	if (!conn->late && catch_up(conn))
		return;
	if (conn->state != VANE__FCCONN_CLOSING)
		vane_log(VANE_LOG_INFO, "fastcgi: half a request after %lld ms, dropped",
			(long long) conn->fastcgi->opts.request_msec);
	vane__fcconn_close(conn);
}

static void on_readable(int fd, int events, void *data);

/* Wait in the loop.  False if that cannot be; the connection is closed then. */
static bool watch(struct vane__fcconn *conn)
{
	if (conn->watch != NULL)
		return true;
	if (vane_loop_add_handler(conn->fastcgi->loop, conn->fd, VANE_READ, on_readable,
		    conn, &conn->watch) == 0)
		return true;
	vane__fcconn_close(conn);
	return false;
}

/* Wait for the peer to close, or for more of what nobody wants. */
static void linger(struct vane__fcconn *conn)
{
	int64_t left = conn->linger_until - vane_loop_now(conn->fastcgi->loop);

	if (left <= 0 || vane__deadline_set(&conn->deadline,
				 left < LINGER_MSEC ? left : LINGER_MSEC) < 0)
		vane__fcconn_close(conn);
}

/*
 * We have said all: half-close, and wait for the peer to close.  If we closed while bytes
 * are on their way to us, the kernel would reset the connection, and the peer might lose
 * what it has not read yet.
 */
static void finish(struct vane__fcconn *conn)
{
	bool more = conn->intake != NULL &&
		    (conn->intake->phase == VANE__INTAKE_BODY || conn->intake->large);
	char byte;

	if (shutdown(conn->fd, SHUT_WR) < 0 || (conn->fastcgi->door.draining && !more) ||
		recv(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0) {
		vane__fcconn_close(conn);
		return;
	}
	drop_intake(conn);
	set_state(conn, VANE__FCCONN_CLOSING);
	conn->linger_until = vane_loop_now(conn->fastcgi->loop) + LINGER_TOTAL_MSEC;
	if (watch(conn))
		linger(conn);
}

int vane__fcconn_reply(struct vane__fcconn *conn)
{
	struct vane__intake *in = conn->intake;
	ssize_t n = send(conn->fd, in->reply, in->reply_len, MSG_DONTWAIT | MSG_NOSIGNAL);

	/* A few bytes that do not fit: who asks and does not read is not worth waiting for. */
	return n == (ssize_t) in->reply_len ? 0 : -EPIPE;
}

static struct vane__intake *intake(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	struct vane__intake *in = conn->intake;

	if (in != NULL)
		return in;
	in = fastcgi->spare;
	fastcgi->spare = NULL;
	if (in == NULL)
		in = calloc(1, sizeof(*in));
	if (in == NULL)
		return NULL;
	in->id = conn->last_id;
	in->overloaded = conn->overloaded;
	conn->intake = in;
	return in;
}

/* The request is over, the connection is not. */
static void end_request(struct vane__fcconn *conn)
{
	vane__intake_reset(conn->intake);
	vane__pace_reset(&conn->pace);
	conn->heard = 0;
}

/* Whether the body comes too slowly, as it is waited for in the loop. */
static bool trickles(struct vane__fcconn *conn)
{
	int64_t now = vane_loop_now(conn->fastcgi->loop), before = conn->heard;

	conn->heard = now;
	return vane__pace_slow(
		&conn->pace, before > 0 ? now - before : 0, conn->intake->body_bytes);
}

static int restart_time(struct vane__fcconn *conn)
{
	conn->late = false;
	return vane__deadline_set(&conn->deadline, conn->fastcgi->opts.request_msec);
}

/* The input is used up: wait for more, or do with what there is.  Whether to serve. */
static bool settle(struct vane__fcconn *conn)
{
	struct vane__intake *in = conn->intake;

	if (vane__intake_idle(in)) {
		drop_intake(conn);
		vane__deadline_clear(&conn->deadline);
		if (conn->fastcgi->door.draining) {
			finish(conn);
			return false;
		}
		set_state(conn, VANE__FCCONN_IDLE);
		watch(conn);
		return false;
	}
	if (in->phase == VANE__INTAKE_BODY && in->body.len >= BODY_WAIT_BYTES)
		return true;
	if (in->phase == VANE__INTAKE_BODY && trickles(conn)) {
		vane_log(VANE_LOG_INFO, "fastcgi: a body that comes too slowly, dropped");
		vane__fcconn_close(conn);
		return false;
	}
	/* The head has one deadline; a body one for each piece. */
	if ((conn->state != VANE__FCCONN_BUSY || conn->deadline.at == 0 ||
		    in->phase == VANE__INTAKE_BODY) &&
		restart_time(conn) < 0) {
		vane__fcconn_close(conn);
		return false;
	}
	set_state(conn, VANE__FCCONN_BUSY);
	watch(conn);
	return false;
}

/* Run the request.  Whether the connection goes on. */
static bool serve(struct vane__fcconn *conn)
{
	vane__deadline_clear(&conn->deadline);
	switch (vane__fcconn_serve(conn)) {
	case VANE__SERVED_KEEP:
		end_request(conn);
		return true;
	case VANE__SERVED_FINISH:
		finish(conn);
		return false;
	case VANE__SERVED_CUT:
		break;
	}
	vane__fcconn_close(conn);
	return false;
}

/* The web server takes a request back that has not run: say that it is over. */
static bool aborted(struct vane__fcconn *conn)
{
	struct vane__intake *in = conn->intake;
	bool keep = in->keep;

	in->reply_len = vane__record_end_request(in->reply, in->id, 0);
	end_request(conn);
	if (vane__fcconn_reply(conn) < 0)
		vane__fcconn_close(conn);
	else if (!keep)
		finish(conn);
	else
		return true;
	return false;
}

static bool reply(struct vane__fcconn *conn)
{
	if (vane__fcconn_reply(conn) == 0)
		return true;
	vane__fcconn_close(conn);
	return false;
}

/* What the intake makes of the next bytes.  Whether the connection goes on. */
static bool step(struct vane__fcconn *conn, struct vane__intake *in)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;

	switch (vane__intake_push(in, &fastcgi->limits, &fastcgi->in)) {
	case VANE__INTAKE_MORE:
		return settle(conn) && serve(conn);
	case VANE__INTAKE_LARGE:
	case VANE__INTAKE_DONE:
		return serve(conn);
	case VANE__INTAKE_REPLY:
		return reply(conn);
	case VANE__INTAKE_ABORTED:
		return aborted(conn);
	case VANE__INTAKE_REFUSED:
		if (reply(conn))
			finish(conn);
		return false;
	case VANE__INTAKE_BAD:
		break;
	}
	vane_log(VANE_LOG_WARNING, "fastcgi: connection closed: %s", in->why);
	vane__fcconn_close(conn);
	return false;
}

/* Read what is there, once, and do what it asks for. */
static void receive(struct vane__fcconn *conn)
{
	struct vane_fastcgi *fastcgi = conn->fastcgi;
	struct vane__intake *in;
	ssize_t n = recv(conn->fd, fastcgi->buf, sizeof(fastcgi->buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
		watch(conn);
		return;
	}
	if (n <= 0) {
		vane__fcconn_close(conn);
		return;
	}
	if (conn->state == VANE__FCCONN_CLOSING) {
		linger(conn);
		return;
	}
	fastcgi->in = (struct vane_slice) { fastcgi->buf, (size_t) n };
	do {
		in = intake(conn);
		if (in == NULL) {
			vane__fcconn_close(conn);
			return;
		}
	} while (step(conn, in));
}

static void on_readable(int fd, int events, void *data)
{
	struct vane__fcconn *conn = data;

	/* A handler that turns the loop itself: the request that runs comes first. */
	if (conn->fastcgi->running == NULL)
		receive(conn);
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
	conn->overloaded = overloaded;
	conn->since = vane_loop_now(fastcgi->loop);
	conn->deadline = (struct vane__deadline) {
		.loop = fastcgi->loop, .fn = on_deadline, .data = conn
	};
	conn->pace = (struct vane__pace) { .over_msec = fastcgi->opts.request_msec,
		.min_rate = fastcgi->opts.min_rate };
	vane__ring_add(&fastcgi->idle, &conn->link);
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
		watch(conn);
	return 0;
}

void vane__fcconn_retire_idle(struct vane_fastcgi *fastcgi)
{
	struct vane__ring *link, *next;

	for (link = fastcgi->idle.next; link != &fastcgi->idle; link = next) {
		next = link->next;
		retire((struct vane__fcconn *) link);
	}
}

/* A parameter of a request whose parameters are all here, or "". */
static struct vane_slice param(const struct vane__intake *in, const char *wanted)
{
	struct vane_slice pairs = { in->params.data, in->params.len }, name, value;
	struct vane_slice found = { "", 0 };

	while (vane__record_pair(&pairs, &name, &value) > 0)
		if (name.len == strlen(wanted) && memcmp(name.data, wanted, name.len) == 0)
			found = value; /* the last counts */
	return found;
}

static void name_cut(struct vane__fcconn *conn)
{
	const struct vane__intake *in = conn->intake;
	char what[512] = "a head that is not whole";

	if (in != NULL && in->phase >= VANE__INTAKE_BODY) {
		struct vane_slice method = param(in, "REQUEST_METHOD");
		struct vane_slice target = param(in, "REQUEST_URI");

		snprintf(what, sizeof(what), "%.*s %.*s", (int) method.len, method.data,
			(int) target.len, target.data);
	}
	vane__door_cut(&conn->fastcgi->door, what, conn->since);
}

static void close_each(struct vane_fastcgi *fastcgi, struct vane__ring *list)
{
	struct vane__ring *link, *next;

	for (link = list->next; link != list; link = next) {
		struct vane__fcconn *conn = (struct vane__fcconn *) link;

		next = link->next;
		if (conn == fastcgi->running)
			continue;
		if (conn->state == VANE__FCCONN_BUSY)
			name_cut(conn);
		vane__fcconn_close(conn);
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
	struct vane__ring *link;
	int fds[GIVE_AT_ONCE];
	size_t count = 0, given, i;

	/* The ones used last first: it is those that a blocked process would keep waiting. */
	for (link = fastcgi->idle.prev; link != &fastcgi->idle && count < GIVE_AT_ONCE;
		link = link->prev) {
		struct vane__fcconn *conn = (struct vane__fcconn *) link;

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
			watch(conns[i]);
	}
	*offered = count;
	return given;
}

void vane__fcconn_give(struct vane_fastcgi *fastcgi)
{
	size_t given, offered;

	if (fastcgi->opts.handover == NULL || fastcgi->door.draining)
		return;
	do {
		given = give_some(fastcgi, &offered);
	} while (given == GIVE_AT_ONCE && given == offered);
}
