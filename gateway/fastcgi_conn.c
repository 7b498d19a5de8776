/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_conn.c - a FastCGI connection: records out and in, for the requests that it multiplexes.
 *
 * A relay that is handed something may end, and the client's next request begin, before the
 * call returns.  So what happens to a connection meanwhile is only noted, and seen to by
 * vane__fastcgi_conn_settle() at the end of it all: first the connection's fate, so that whoever
 * comes next finds it free, then the requests that are over.
 */
#include "fastcgi_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"

/* What is sent on one connection before others have their turn. */
#define PIECES 4

static void conn_free(void *data)
{
	struct vane__fastcgi_conn *conn = data;

	vane__buf_fini(&conn->out);
	free(conn);
}

static void on_event(void *data, int events);

struct vane__fastcgi_conn *vane__fastcgi_conn_of(
	struct vane__fastcgi *app, struct vane__peer_conn *peer_conn)
{
	struct vane__fastcgi_conn *conn = peer_conn->protocol;

	if (conn != NULL)
		return conn;
	conn = calloc(1, sizeof(*conn));
	if (conn == NULL)
		return NULL;
	list_init(&conn->requests);
	list_init(&conn->ended);
	conn->app = app;
	conn->peer_conn = peer_conn;
	conn->keep = peer_conn->peer->keep > 0 || peer_conn->peer->share > 1;
	peer_conn->event = on_event;
	peer_conn->data = conn;
	peer_conn->protocol = conn;
	peer_conn->protocol_free = conn_free;
	return conn;
}

static struct vane__fastcgi_request *request_at(struct list *node)
{
	return CONTAINER_OF(node, struct vane__fastcgi_request, node);
}

static struct vane__fastcgi_request *find(
	const struct vane__fastcgi_conn *conn, unsigned id)
{
	struct list *at = conn->requests.next;

	while (at != &conn->requests && request_at(at)->id != id)
		at = at->next;
	return at != &conn->requests ? request_at(at) : NULL;
}

/* It is over, which is told later. */
static void take_off(struct vane__fastcgi_conn *conn, struct vane__fastcgi_request *request)
{
	list_del(&request->node);
	list_add(&conn->ended, &request->node);
	request->conn = NULL;
	conn->peer_conn->users--;
}

void vane__fastcgi_conn_join(
	struct vane__fastcgi_conn *conn, struct vane__fastcgi_request *request)
{
	/* The lowest id that is free: applications have tables of them. */
	request->id = 1;
	while (find(conn, request->id) != NULL)
		request->id++;
	request->conn = conn;
	list_add(conn->requests.next, &request->node);
	conn->peer_conn->users++;
	vane__fastcgi_conn_settle(conn);
}

/* Send bytes: how many were taken.  Who takes none any more may have answered all the same. */
static size_t put(struct vane__fastcgi_conn *conn, const char *data, size_t len)
{
	ssize_t n = send(conn->peer_conn->fd, data, len, MSG_NOSIGNAL);

	if (n >= 0)
		return (size_t) n;
	conn->mute = errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
	return 0;
}

/* Gather what the requests have to say, as much as is sent at a time. */
static void gather(struct vane__fastcgi_conn *conn, struct buf *out)
{
	struct list *at = conn->requests.next;

	for (; at != &conn->requests && out->len < VANE__FASTCGI_READ; at = at->next) {
		if (conn->app->calls->fill(request_at(at), out) < 0)
			conn->why = "no memory";
	}
}

/* Send until the socket is full, there is nothing more to say, or others should have their turn. */
static void send_all(struct vane__fastcgi_conn *conn)
{
	struct buf out = conn->app->out;
	int pieces = PIECES;
	size_t n = 0;

	/* Whoever is called from here, and comes back, finds no buffer and makes its own. */
	conn->app->out = (struct buf) { .data = NULL };
	if (conn->out.len > 0)
		vane__buf_consume(&conn->out, put(conn, conn->out.data, conn->out.len));
	while (conn->out.len == 0 && !conn->mute && conn->why == NULL) {
		out.len = 0;
		gather(conn, &out);
		if (out.len == 0)
			break;
		n = pieces-- > 0 ? put(conn, out.data, out.len) : 0;
		if (vane__buf_add(&conn->out, out.data + n, out.len - n) < 0)
			conn->why = "no memory";
	}
	vane__buf_fini(&conn->app->out);
	conn->app->out = out;
}

/* Take back the requests whose relays are over. */
static void abort_lost(struct vane__fastcgi_conn *conn)
{
	struct list *at = conn->requests.next, *next;

	for (; at != &conn->requests; at = next) {
		struct vane__fastcgi_request *request = request_at(at);

		next = at->next;
		if (request->relay == NULL && request->phase != VANE__FASTCGI_ABORTED &&
			!conn->app->calls->abort(request, &conn->out))
			take_off(conn, request);
	}
}

/* Whether there is a request whose client can take more. */
static bool is_read_for(const struct vane__fastcgi_conn *conn)
{
	struct list *at = conn->requests.next;

	while (at != &conn->requests &&
		(request_at(at)->relay == NULL || request_at(at)->blocked))
		at = at->next;
	return at != &conn->requests;
}

/* Whether there is a request that waits for its client. */
static bool is_blocked(const struct vane__fastcgi_conn *conn)
{
	struct list *at = conn->requests.next;

	while (at != &conn->requests && !request_at(at)->blocked)
		at = at->next;
	return at != &conn->requests;
}

/* Whether the connection is read: for those whose clients can take more, and where nobody waits. */
static bool may_read(const struct vane__fastcgi_conn *conn)
{
	return !is_blocked(conn) || is_read_for(conn);
}

/* Whether there is a request for which the connection is worth having. */
static bool is_wanted(const struct vane__fastcgi_conn *conn)
{
	struct list *at = conn->requests.next;

	while (at != &conn->requests && request_at(at)->phase == VANE__FASTCGI_ABORTED &&
		request_at(at)->timer == NULL)
		at = at->next;
	return at != &conn->requests;
}

/* Nobody is on it any more. */
static void leave_conn(struct vane__fastcgi_conn *conn)
{
	bool clean = conn->keep && !conn->mute && !conn->spoilt && conn->out.len == 0 &&
		     vane__fcgi_client_between(&conn->reader);

	conn->busy = false;
	if (clean)
		vane__peer_conn_keep(conn->peer_conn);
	else
		vane__peer_conn_close(conn->peer_conn);
}

/* One of them, which may be carried by another connection after this. */
static struct vane__fastcgi_request *take_first(struct list *requests)
{
	struct vane__fastcgi_request *request = request_at(requests->next);

	list_del(&request->node);
	return request;
}

static void tell_ended(struct list *requests)
{
	while (!list_empty(requests)) {
		struct vane__fastcgi_request *request = take_first(requests);

		request->app->calls->ended(request);
	}
}

/* Close it, and tell those who were still on it. */
static void break_off(struct vane__fastcgi_conn *conn)
{
	const char *why = conn->why;
	bool used = conn->peer_conn->used;
	struct list broken, *at;

	list_move(&broken, &conn->requests);
	for (at = broken.next; at != &broken; at = at->next)
		request_at(at)->conn = NULL;
	vane__peer_conn_close(conn->peer_conn);
	while (!list_empty(&broken)) {
		struct vane__fastcgi_request *request = take_first(&broken);

		request->app->calls->broken(request, why, used);
	}
}

void vane__fastcgi_conn_settle(struct vane__fastcgi_conn *conn)
{
	struct list ended;

	if (conn->busy)
		return;
	conn->busy = true;
	send_all(conn);
	abort_lost(conn);
	if (conn->out.len > 0 && !conn->mute)
		send_all(conn);
	list_move(&ended, &conn->ended);
	if (conn->why == NULL && !list_empty(&conn->requests) && !is_wanted(conn))
		conn->why = "nobody is there";
	if (conn->why != NULL) {
		break_off(conn);
	} else if (list_empty(&conn->requests)) {
		leave_conn(conn);
	} else {
		conn->busy = false;
		conn->peer_conn->sharable = conn->keep && !conn->hung && !is_blocked(conn);
		vane__peer_conn_watch(conn->peer_conn,
			(may_read(conn) ? VANE_READ : 0) |
				(conn->out.len > 0 && !conn->mute ? VANE_WRITE : 0));
	}
	tell_ended(&ended);
}

/* A record's news: false if they are for nobody. */
static bool take_event(struct vane__fastcgi_conn *conn, int event, struct vane_slice piece)
{
	const struct vane__fcgi_client *reader = &conn->reader;
	struct vane__fastcgi_request *request = find(conn, reader->record.id);

	if (request == NULL)
		return event == VANE__FCGI_UNKNOWN;
	request->answered = true;
	if (event == VANE__FCGI_END) {
		request->app_status = reader->app_status;
		request->status = reader->status;
		conn->spoilt = conn->spoilt || !request->sent;
		conn->peer_conn->used = true;
		if (request->phase == VANE__FASTCGI_ABORTED && request->timer == NULL)
			conn->hung = false; /* it did answer, be it that we did not read */
		take_off(conn, request);
	} else if (request->relay != NULL && event == VANE__FCGI_ERR) {
		vane__relay_errors(request->relay, piece.data, piece.len);
	} else if (request->relay != NULL && piece.len > 0) {
		request->fed = true;
		if (vane__relay_output(request->relay, piece.data, piece.len) < 0)
			request->relay = NULL;
	}
	return true;
}

static void take_apart(struct vane__fastcgi_conn *conn, struct vane_slice in)
{
	struct vane_slice piece = { NULL, 0 };
	int event;

	while ((event = vane__fcgi_client_read(&conn->reader, &in, &piece)) > 0) {
		if (take_event(conn, event, piece))
			continue;
		conn->why = "a record for a request that is not there";
		return;
	}
	if (event < 0)
		conn->why = conn->reader.why;
}

/* Let what was handed over reach the clients. */
static void push_all(struct vane__fastcgi_conn *conn)
{
	struct list *at;
	int rc;

	for (at = conn->requests.next; at != &conn->requests; at = at->next) {
		struct vane__fastcgi_request *request = request_at(at);

		if (!request->fed)
			continue;
		request->fed = false;
		rc = request->relay != NULL ? vane__relay_push(request->relay) : 0;
		request->blocked = rc == -EAGAIN;
		if (rc < 0 && rc != -EAGAIN)
			request->relay = NULL;
	}
}

/*
 * A request that has no more room for what comes must not hold up those beside it, and there is no
 * way to tell the application to wait with one of them: it is cut.  One that is alone waits for its
 * client, and nobody comes beside it meanwhile.
 */
static void make_way(struct vane__fastcgi_conn *conn)
{
	struct list *at;

	for (at = conn->requests.next; at != &conn->requests; at = at->next) {
		struct vane__fastcgi_request *request = request_at(at);
		struct vane__relay *relay = request->relay;

		if (!request->blocked || relay == NULL || !is_read_for(conn))
			continue;
		request->relay = NULL;
		request->blocked = false;
		vane__relay_end(relay,
			"its client is too far behind for a connection that others are on");
	}
}

static void on_readable(struct vane__fastcgi_conn *conn)
{
	char *in = conn->app->in;
	ssize_t n = recv(conn->peer_conn->fd, in, VANE__FASTCGI_READ, 0);

	if (n > 0) {
		take_apart(conn, (struct vane_slice) { in, (size_t) n });
		push_all(conn);
		make_way(conn);
	} else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
		conn->why = "the connection was closed before the response was complete";
	}
}

static void on_event(void *data, int events)
{
	struct vane__fastcgi_conn *conn = data;

	if ((events & VANE_READ) != 0) {
		conn->busy = true;
		on_readable(conn);
		conn->busy = false;
	}
	vane__fastcgi_conn_settle(conn);
}
