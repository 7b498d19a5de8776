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

/* What is sent on one connection before others have their turn. */
#define PIECES 4

static void wire_free(void *data)
{
	struct vane__wire *wire = data;

	vane__buf_fini(&wire->out);
	free(wire);
}

static void on_event(void *data, int events);

struct vane__wire *vane__wire_get(struct vane__fastcgi *app, struct vane__link *link)
{
	struct vane__wire *wire = link->wire;

	if (wire != NULL)
		return wire;
	wire = calloc(1, sizeof(*wire));
	if (wire == NULL)
		return NULL;
	wire->app = app;
	wire->link = link;
	wire->keep = link->peer->keep > 0 || link->peer->share > 1;
	link->event = on_event;
	link->data = wire;
	link->wire = wire;
	link->wire_free = wire_free;
	return wire;
}

static struct vane__call *find(const struct vane__wire *wire, unsigned id)
{
	struct vane__call *call = wire->calls;

	while (call != NULL && call->id != id)
		call = call->next;
	return call;
}

static void take_off(struct vane__wire *wire, struct vane__call *call)
{
	struct vane__call **at = &wire->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	call->next = NULL;
	call->wire = NULL;
	wire->link->users--;
}

void vane__wire_join(struct vane__wire *wire, struct vane__call *call)
{
	/* The lowest id that is free: applications have tables of them. */
	call->id = 1;
	while (find(wire, call->id) != NULL)
		call->id++;
	call->wire = wire;
	call->next = wire->calls;
	wire->calls = call;
	wire->link->users++;
	vane__wire_settle(wire);
}

/* Send bytes: how many were taken.  Who takes none any more may have answered all the same. */
static size_t put(struct vane__wire *wire, const char *data, size_t len)
{
	ssize_t n = send(wire->link->fd, data, len, MSG_NOSIGNAL);

	if (n >= 0)
		return (size_t) n;
	wire->mute = errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
	return 0;
}

/* Gather what the requests have to say, as much as is sent at a time. */
static void gather(struct vane__wire *wire, struct buf *out)
{
	struct vane__call *call;

	for (call = wire->calls; call != NULL && out->len < VANE__WIRE_READ;
		call = call->next) {
		if (vane__call_fill(call, out) < 0)
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
	struct vane__call *call, *next;

	for (call = wire->calls; call != NULL; call = next) {
		next = call->next;
		if (call->relay != NULL || call->phase == VANE__CALL_ABORTED ||
			vane__call_abort(call, &wire->out))
			continue;
		take_off(wire, call);
		call->next = wire->ended;
		wire->ended = call;
	}
}

/* Whether there is a request whose client can take more. */
static bool is_read_for(const struct vane__wire *wire)
{
	const struct vane__call *call = wire->calls;

	while (call != NULL && (call->relay == NULL || call->blocked))
		call = call->next;
	return call != NULL;
}

/* Whether there is a request that waits for its client. */
static bool is_blocked(const struct vane__wire *wire)
{
	const struct vane__call *call = wire->calls;

	while (call != NULL && !call->blocked)
		call = call->next;
	return call != NULL;
}

/* Whether the connection is read: for those whose clients can take more, and where nobody waits. */
static bool may_read(const struct vane__wire *wire)
{
	return !is_blocked(wire) || is_read_for(wire);
}

/* Whether there is a request for which the connection is worth having. */
static bool is_wanted(const struct vane__wire *wire)
{
	const struct vane__call *call = wire->calls;

	while (call != NULL && call->phase == VANE__CALL_ABORTED && call->timer == NULL)
		call = call->next;
	return call != NULL;
}

/* Nobody is on it any more. */
static void leave_link(struct vane__wire *wire)
{
	bool clean = wire->keep && !wire->mute && !wire->spoilt && wire->out.len == 0 &&
		     vane__fcgi_client_between(&wire->reader);

	wire->busy = false;
	if (clean)
		vane__link_keep(wire->link);
	else
		vane__link_close(wire->link);
}

static void tell_ended(struct vane__call *calls)
{
	struct vane__call *next;

	for (; calls != NULL; calls = next) {
		next = calls->next;
		vane__call_ended(calls);
	}
}

/* Close it, and tell those who were still on it. */
static void break_off(struct vane__wire *wire)
{
	struct vane__call *broken = wire->calls, *call, *next;
	const char *why = wire->why;
	bool used = wire->link->used;

	for (call = broken; call != NULL; call = call->next)
		call->wire = NULL;
	vane__link_close(wire->link);
	for (call = broken; call != NULL; call = next) {
		next = call->next;
		vane__call_broken(call, why, used);
	}
}

void vane__wire_settle(struct vane__wire *wire)
{
	struct vane__call *ended;

	if (wire->busy)
		return;
	wire->busy = true;
	send_all(wire);
	abort_lost(wire);
	if (wire->out.len > 0 && !wire->mute)
		send_all(wire);
	ended = wire->ended;
	wire->ended = NULL;
	if (wire->why == NULL && wire->calls != NULL && !is_wanted(wire))
		wire->why = "nobody is there";
	if (wire->why != NULL) {
		break_off(wire);
	} else if (wire->calls == NULL) {
		leave_link(wire);
	} else {
		wire->busy = false;
		wire->link->sharable = wire->keep && !wire->hung && !is_blocked(wire);
		vane__link_watch(wire->link,
			(may_read(wire) ? VANE_READ : 0) |
				(wire->out.len > 0 && !wire->mute ? VANE_WRITE : 0));
	}
	tell_ended(ended);
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
		wire->link->used = true;
		if (call->phase == VANE__CALL_ABORTED && call->timer == NULL)
			wire->hung = false; /* it did answer, be it that we did not read */
		take_off(wire, call);
		call->next = wire->ended;
		wire->ended = call;
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
	struct vane__call *call;
	int rc;

	for (call = wire->calls; call != NULL; call = call->next) {
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
	struct vane__call *call;

	for (call = wire->calls; call != NULL; call = call->next) {
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
	ssize_t n = recv(wire->link->fd, in, VANE__WIRE_READ, 0);

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
