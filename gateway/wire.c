/* SPDX-License-Identifier: MIT */
/*
 * wire.c - a FastCGI connection: records out and in, for the requests that it carries.
 *
 * A relay that is handed something may end, and the client's next request begin, before the
 * call returns.  So what happens to a wire meanwhile is only noted, and seen to by
 * vane__wire_settle() at the end of it all: first the connection's fate, so that whoever
 * comes next finds it free, then the requests that are over.
 */
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"

/* What is sent on one connection before others have their turn. */
#define PIECES 4

static void wire_free(void *data)
{
	struct vane__wire *wire = data;

	vane__buf_fini(&wire->out);
	free(wire);
}

static void on_event(void *data, int events);

struct vane__wire *vane__wire_get(struct vane__fastcgi *app, struct vane__peer_conn *conn)
{
	struct vane__wire *wire = conn->protocol;

	if (wire != NULL)
		return wire;
	wire = calloc(1, sizeof(*wire));
	if (wire == NULL)
		return NULL;
	list_init(&wire->calls);
	list_init(&wire->ended);
	wire->app = app;
	wire->conn = conn;
	wire->keep = conn->peer->keep > 0 || conn->peer->share > 1;
	conn->event = on_event;
	conn->data = wire;
	conn->protocol = wire;
	conn->protocol_free = wire_free;
	return wire;
}

static struct vane__call *call_at(struct list *node)
{
	return CONTAINER_OF(node, struct vane__call, node);
}

static struct vane__call *find(const struct vane__wire *wire, unsigned id)
{
	struct list *at = wire->calls.next;

	while (at != &wire->calls && call_at(at)->id != id)
		at = at->next;
	return at != &wire->calls ? call_at(at) : NULL;
}

/* It is over, which is told later. */
static void take_off(struct vane__wire *wire, struct vane__call *call)
{
	list_del(&call->node);
	list_add(&wire->ended, &call->node);
	call->wire = NULL;
	wire->conn->users--;
}

void vane__wire_join(struct vane__wire *wire, struct vane__call *call)
{
	/* The lowest id that is free: applications have tables of them. */
	call->id = 1;
	while (find(wire, call->id) != NULL)
		call->id++;
	call->wire = wire;
	list_add(wire->calls.next, &call->node);
	wire->conn->users++;
	vane__wire_settle(wire);
}

/* Send bytes: how many were taken.  Who takes none any more may have answered all the same. */
static size_t put(struct vane__wire *wire, const char *data, size_t len)
{
	ssize_t n = send(wire->conn->fd, data, len, MSG_NOSIGNAL);

	if (n >= 0)
		return (size_t) n;
	wire->mute = errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
	return 0;
}

/* Gather what the requests have to say, as much as is sent at a time. */
static void gather(struct vane__wire *wire, struct buf *out)
{
	struct list *at = wire->calls.next;

	for (; at != &wire->calls && out->len < VANE__WIRE_READ; at = at->next) {
		if (vane__call_fill(call_at(at), out) < 0)
			wire->why = "no memory";
	}
}

/* Send until the socket is full, there is nothing more to say, or others should have their turn. */
static void send_all(struct vane__wire *wire)
{
	struct buf out = wire->app->out;
	int pieces = PIECES;
	size_t n = 0;

	/* Whoever is called from here, and comes back, finds no buffer and makes its own. */
	wire->app->out = (struct buf) { .data = NULL };
	if (wire->out.len > 0)
		vane__buf_consume(&wire->out, put(wire, wire->out.data, wire->out.len));
	while (wire->out.len == 0 && !wire->mute && wire->why == NULL) {
		out.len = 0;
		gather(wire, &out);
		if (out.len == 0)
			break;
		n = pieces-- > 0 ? put(wire, out.data, out.len) : 0;
		if (vane__buf_add(&wire->out, out.data + n, out.len - n) < 0)
			wire->why = "no memory";
	}
	vane__buf_fini(&wire->app->out);
	wire->app->out = out;
}

/* Take back the requests whose relays are over. */
static void abort_lost(struct vane__wire *wire)
{
	struct list *at = wire->calls.next, *next;

	for (; at != &wire->calls; at = next) {
		struct vane__call *call = call_at(at);

		next = at->next;
		if (call->relay == NULL && call->phase != VANE__CALL_ABORTED &&
			!vane__call_abort(call, &wire->out))
			take_off(wire, call);
	}
}

/* Whether there is a request whose client can take more. */
static bool is_read_for(const struct vane__wire *wire)
{
	struct list *at = wire->calls.next;

	while (at != &wire->calls && (call_at(at)->relay == NULL || call_at(at)->blocked))
		at = at->next;
	return at != &wire->calls;
}

/* Whether there is a request that waits for its client. */
static bool is_blocked(const struct vane__wire *wire)
{
	struct list *at = wire->calls.next;

	while (at != &wire->calls && !call_at(at)->blocked)
		at = at->next;
	return at != &wire->calls;
}

/* Whether the connection is read: for those whose clients can take more, and where nobody waits. */
static bool may_read(const struct vane__wire *wire)
{
	return !is_blocked(wire) || is_read_for(wire);
}

/* Whether there is a request for which the connection is worth having. */
static bool is_wanted(const struct vane__wire *wire)
{
	struct list *at = wire->calls.next;

	while (at != &wire->calls && call_at(at)->phase == VANE__CALL_ABORTED &&
		call_at(at)->timer == NULL)
		at = at->next;
	return at != &wire->calls;
}

/* Nobody is on it any more. */
static void leave_conn(struct vane__wire *wire)
{
	bool clean = wire->keep && !wire->mute && !wire->spoilt && wire->out.len == 0 &&
		     vane__fcgi_client_between(&wire->reader);

	wire->busy = false;
	if (clean)
		vane__peer_conn_keep(wire->conn);
	else
		vane__peer_conn_close(wire->conn);
}

/* One of them, which may be carried by another wire after this. */
static struct vane__call *take_first(struct list *calls)
{
	struct vane__call *call = call_at(calls->next);

	list_del(&call->node);
	return call;
}

static void tell_ended(struct list *calls)
{
	while (!list_empty(calls))
		vane__call_ended(take_first(calls));
}

/* Close it, and tell those who were still on it. */
static void break_off(struct vane__wire *wire)
{
	const char *why = wire->why;
	bool used = wire->conn->used;
	struct list broken, *at;

	list_move(&broken, &wire->calls);
	for (at = broken.next; at != &broken; at = at->next)
		call_at(at)->wire = NULL;
	vane__peer_conn_close(wire->conn);
	while (!list_empty(&broken))
		vane__call_broken(take_first(&broken), why, used);
}

void vane__wire_settle(struct vane__wire *wire)
{
	struct list ended;

	if (wire->busy)
		return;
	wire->busy = true;
	send_all(wire);
	abort_lost(wire);
	if (wire->out.len > 0 && !wire->mute)
		send_all(wire);
	list_move(&ended, &wire->ended);
	if (wire->why == NULL && !list_empty(&wire->calls) && !is_wanted(wire))
		wire->why = "nobody is there";
	if (wire->why != NULL) {
		break_off(wire);
	} else if (list_empty(&wire->calls)) {
		leave_conn(wire);
	} else {
		wire->busy = false;
		wire->conn->sharable = wire->keep && !wire->hung && !is_blocked(wire);
		vane__peer_conn_watch(wire->conn,
			(may_read(wire) ? VANE_READ : 0) |
				(wire->out.len > 0 && !wire->mute ? VANE_WRITE : 0));
	}
	tell_ended(&ended);
}

/* A record's news: false if they are for nobody. */
static bool take_event(struct vane__wire *wire, int event, struct vane_slice piece)
{
	const struct vane__fcgi_client *reader = &wire->reader;
	struct vane__call *call = find(wire, reader->record.id);

	if (call == NULL)
		return event == VANE__FCGI_UNKNOWN;
	call->answered = true;
	if (event == VANE__FCGI_END) {
		call->app_status = reader->app_status;
		call->status = reader->status;
		wire->spoilt = wire->spoilt || !call->sent;
		wire->conn->used = true;
		if (call->phase == VANE__CALL_ABORTED && call->timer == NULL)
			wire->hung = false; /* it did answer, be it that we did not read */
		take_off(wire, call);
	} else if (call->relay != NULL && event == VANE__FCGI_ERR) {
		vane__relay_errors(call->relay, piece.data, piece.len);
	} else if (call->relay != NULL && piece.len > 0) {
		call->fed = true;
		if (vane__relay_output(call->relay, piece.data, piece.len) < 0)
			call->relay = NULL;
	}
	return true;
}

static void take_apart(struct vane__wire *wire, struct vane_slice in)
{
	struct vane_slice piece = { NULL, 0 };
	int event;

	while ((event = vane__fcgi_client_read(&wire->reader, &in, &piece)) > 0) {
		if (take_event(wire, event, piece))
			continue;
		wire->why = "a record for a request that is not there";
		return;
	}
	if (event < 0)
		wire->why = wire->reader.why;
}

/* Let what was handed over reach the clients. */
static void push_all(struct vane__wire *wire)
{
	struct list *at;
	int rc;

	for (at = wire->calls.next; at != &wire->calls; at = at->next) {
		struct vane__call *call = call_at(at);

		if (!call->fed)
			continue;
		call->fed = false;
		rc = call->relay != NULL ? vane__relay_push(call->relay) : 0;
		call->blocked = rc == -EAGAIN;
		if (rc < 0 && rc != -EAGAIN)
			call->relay = NULL;
	}
}

/*
 * A request that has no more room for what comes must not hold up those beside it, and there is no
 * way to tell the application to wait with one of them: it is cut.  One that is alone waits for its
 * client, and nobody comes beside it meanwhile.
 */
static void make_way(struct vane__wire *wire)
{
	struct list *at;

	for (at = wire->calls.next; at != &wire->calls; at = at->next) {
		struct vane__call *call = call_at(at);
		struct vane__relay *relay = call->relay;

		if (!call->blocked || relay == NULL || !is_read_for(wire))
			continue;
		call->relay = NULL;
		call->blocked = false;
		vane__relay_end(relay,
			"its client is too far behind for a connection that others are on");
	}
}

static void on_readable(struct vane__wire *wire)
{
	char *in = wire->app->in;
	ssize_t n = recv(wire->conn->fd, in, VANE__WIRE_READ, 0);

	if (n > 0) {
		take_apart(wire, (struct vane_slice) { in, (size_t) n });
		push_all(wire);
		make_way(wire);
	} else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
		wire->why = "the connection was closed before the response was complete";
	}
}

static void on_event(void *data, int events)
{
	struct vane__wire *wire = data;

	if ((events & VANE_READ) != 0) {
		wire->busy = true;
		on_readable(wire);
		wire->busy = false;
	}
	vane__wire_settle(wire);
}
