/* SPDX-License-Identifier: MIT */
/*
 * fastcgi.c - the life of a FastCGI request: a connection, the request, the answer.
 *
 * What is sent and read when is wire.c's business.  Here is what a request says of itself,
 * what its end means, and whether it may be tried again.
 */
#include "fastcgi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>

#include "ask.h"
#include "base.h"

/* How long an application that was told to stop may take before the connection is closed. */
#define ABORT_MSEC 1000

/* How often a request is begun anew at most because peers are overloaded. */
#define MAX_TRIES 64

int vane__fastcgi_init(
	struct vane__fastcgi *app, struct vane__balancer *balancer, bool multiplex)
{
	*app = (struct vane__fastcgi) { .balancer = balancer, .multiplex = multiplex };
	list_init(&app->leftover);
	app->in = malloc(VANE__WIRE_READ);
	return app->in != NULL ? 0 : -ENOMEM;
}

static void call_free(struct vane__call *call)
{
	list_del(&call->leftover_node);
	vane_loop_cancel(call->timer);
	vane__buf_fini(&call->params);
	free(call);
}

void vane__fastcgi_fini(struct vane__fastcgi *app)
{
	while (!list_empty(&app->leftover)) {
		struct vane__call *call =
			CONTAINER_OF(app->leftover.next, struct vane__call, leftover_node);
		struct vane__wire *wire = call->wire;

		wire->why = "the host ends";
		vane__wire_settle(wire);
	}
	free(app->in);
	vane__buf_fini(&app->out);
	*app = (struct vane__fastcgi) { .in = NULL };
}

/*
 * What may have been carried out already is sent again only if that does no harm (RFC 9110,
 * 9.2.2).
 */
static bool is_idempotent(const struct vane__call *call)
{
	static const char *const methods[] = { "GET", "HEAD", "OPTIONS", "TRACE", "PUT",
		"DELETE" };
	const char *method = vane_request_method(vane__relay_request(call->relay));
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(method, methods[i]) == 0)
			return true;
	}
	return false;
}

/* Begin anew: what was sent is of no consequence. */
static void rewind_call(struct vane__call *call)
{
	call->phase = VANE__CALL_DIAL;
	call->sent = call->starved = call->blocked = call->fed = call->answered = false;
	call->tries++;
}

/* There is no answer, and nobody is left to wait for one. */
static void drop_call(struct vane__call *call, enum vane__result result)
{
	vane__dial_drop(&call->dial, result);
	call_free(call);
}

static void finish_call(struct vane__call *call, enum vane__result result, const char *why)
{
	struct vane__relay *relay = call->relay;

	drop_call(call, result);
	if (relay != NULL)
		vane__relay_end(relay, why);
}

/* The application has refused it, so another one may take it. */
static void on_refused(struct vane__call *call, const char *why)
{
	struct vane__relay *relay = call->relay;
	int max = call->status == VANE__FCGI_OVERLOADED ? MAX_TRIES : 1;

	if (vane__relay_untouched(relay) && !vane__relay_has_output(relay) &&
		call->tries < max) {
		rewind_call(call);
		if (call->status == VANE__FCGI_OVERLOADED)
			vane__dial_next(&call->dial, VANE__RESULT_DONE);
		else
			vane__dial_again(&call->dial);
		return;
	}
	drop_call(call, VANE__RESULT_DONE);
	if (vane__relay_has_output(relay))
		vane__relay_end(relay, why);
	else
		vane__relay_fail(relay, 503, why);
}

void vane__call_ended(struct vane__call *call)
{
	const char *why = NULL;

	if (call->relay == NULL) {
		drop_call(call, VANE__RESULT_DONE);
		return;
	}
	switch (call->status) {
	case VANE__FCGI_OVERLOADED:
		on_refused(call, "the application is overloaded");
		return;
	case VANE__FCGI_CANT_MPX_CONN:
		call->dial.lease.peer->share = 1;
		on_refused(call, "the application takes one request at a time");
		return;
	case VANE__FCGI_UNKNOWN_ROLE:
		why = "the application is no responder";
		break;
	default:
		if (call->app_status != 0)
			vane_log(VANE_LOG_WARNING, "%s: exit status %u",
				call->dial.lease.peer->name, (unsigned) call->app_status);
	}
	finish_call(call, VANE__RESULT_DONE, why);
}

/* What is to be thought of a peer whose connection broke off. */
static enum vane__result result_of(const struct vane__call *call)
{
	if (call->phase != VANE__CALL_ABORTED)
		return VANE__RESULT_BROKEN;
	return call->timer != NULL ? VANE__RESULT_DONE : VANE__RESULT_HUNG;
}

void vane__call_broken(struct vane__call *call, const char *why, bool used)
{
	if (call->relay == NULL || !used || call->answered || call->tries > 0 ||
		!vane__relay_untouched(call->relay) || !is_idempotent(call)) {
		finish_call(call, result_of(call), why);
		return;
	}
	rewind_call(call);
	vane__dial_again(&call->dial);
}

static int fill_head(struct vane__call *call, struct buf *out)
{
	size_t room = 16 + vane__fcgi_params_room(call->params.len);
	int rc = vane__buf_reserve(out, room);
	unsigned char *at;

	if (rc < 0)
		return rc;
	at = (unsigned char *) out->data + out->len;
	at += vane__fcgi_begin(at, call->id, call->wire->keep);
	memcpy(at + VANE__FCGI_HEAD, call->params.data, call->params.len);
	at += vane__fcgi_params(at, call->id, call->params.len);
	out->len = (size_t) ((char *) at - out->data);
	call->phase = VANE__CALL_BODY;
	call->body_left = vane__relay_body_length(call->relay);
	return 0;
}

/* One record of the body, and its end if that is it. */
static int fill_body(struct vane__call *call, struct buf *out)
{
	size_t max = call->body_left < VANE__FCGI_CONTENT ? (size_t) call->body_left
							  : VANE__FCGI_CONTENT;
	int rc = vane__buf_reserve(out, max + 7 + 2 * VANE__FCGI_HEAD);
	unsigned char *at;
	ssize_t n = 0;

	if (rc < 0)
		return rc;
	at = (unsigned char *) out->data + out->len;
	if (max > 0)
		n = vane__relay_read(call->relay, at + VANE__FCGI_HEAD, max);
	if (n > 0) {
		at += vane__fcgi_frame(at, VANE__FCGI_STDIN, call->id, (size_t) n);
		call->body_left -= n;
	}
	if (n == 0 || call->body_left == 0) {
		at += vane__fcgi_stream_end(at, VANE__FCGI_STDIN, call->id);
		call->phase = VANE__CALL_SENT;
		call->sent = true;
	}
	out->len = (size_t) ((char *) at - out->data);
	if (n == -EAGAIN)
		call->starved = true;
	else if (n < 0)
		call->relay = NULL;
	return 0;
}

int vane__call_fill(struct vane__call *call, struct buf *out)
{
	int rc = 0;

	if (call->phase == VANE__CALL_HEAD && call->relay != NULL)
		rc = fill_head(call, out);
	while (rc == 0 && call->phase == VANE__CALL_BODY && call->relay != NULL &&
		!call->starved && out->len < VANE__WIRE_READ)
		rc = fill_body(call, out);
	return rc;
}

/* It does not answer to ABORT_REQUEST. */
static void on_abort_timeout(void *data)
{
	struct vane__call *call = data;
	struct vane__wire *wire = call->wire;

	call->timer = NULL;
	wire->hung = true;
	vane__wire_settle(wire);
}

bool vane__call_abort(struct vane__call *call, struct buf *out)
{
	unsigned char record[VANE__FCGI_HEAD];

	if (call->phase == VANE__CALL_HEAD)
		return false;
	call->phase = VANE__CALL_ABORTED;
	call->blocked = false;
	vane__buf_add(out, record, vane__fcgi_abort(record, call->id));
	/* Without a timer nobody waits, and the connection is closed. */
	if (call->wire->keep)
		vane_loop_call_later(
			call->dial.loop, ABORT_MSEC, on_abort_timeout, call, &call->timer);
	list_add(&call->app->leftover, &call->leftover_node);
	return true;
}

static void on_dialled(void *data, int rc)
{
	struct vane__call *call = data;
	struct vane__peer_conn *conn = call->dial.conn;
	struct vane__wire *wire;

	call->dial.conn = NULL;
	if (rc < 0) {
		struct vane__relay *relay = call->relay;

		vane__dial_fail(&call->dial, relay, rc);
		call_free(call);
		return;
	}
	vane__ask_once(call->app, call->dial.lease.peer, call->dial.loop);
	wire = vane__wire_get(call->app, conn);
	if (wire == NULL) {
		vane__peer_conn_close(conn);
		finish_call(call, VANE__RESULT_DONE, "no memory");
		return;
	}
	call->phase = VANE__CALL_HEAD;
	vane__wire_join(wire, call);
}

static void input(void *carrier)
{
	struct vane__call *call = carrier;

	call->starved = false;
	if (call->wire != NULL)
		vane__wire_settle(call->wire);
}

static void resume(void *carrier)
{
	struct vane__call *call = carrier;

	call->blocked = false;
	if (call->wire != NULL)
		vane__wire_settle(call->wire);
}

static void cancel(void *carrier)
{
	struct vane__call *call = carrier;

	call->relay = NULL;
	if (call->wire != NULL)
		vane__wire_settle(call->wire);
	else if (call->phase == VANE__CALL_DIAL)
		drop_call(call, VANE__RESULT_DONE);
}

static const struct vane__backend backend = {
	.name = "fastcgi",
	.input = input,
	.resume = resume,
	.cancel = cancel,
};

void vane__fastcgi_run(
	struct vane__fastcgi *app, struct vane__relay *relay, struct buf *params)
{
	struct vane__call *call = calloc(1, sizeof(*call));

	if (call == NULL) {
		vane__buf_fini(params);
		vane__relay_fail(relay, 500, "no memory");
		return;
	}
	call->app = app;
	call->relay = relay;
	list_init(&call->leftover_node);
	call->params = *params;
	*params = (struct buf) { .data = NULL };
	call->dial = (struct vane__dial) {
		.balancer = app->balancer,
		.loop = vane__relay_loop(relay),
		.careful = !is_idempotent(call) || vane__relay_body_length(relay) != 0,
		.done = on_dialled,
		.data = call,
	};
	vane__relay_carry(relay, &backend, call);
	vane__dial_start(&call->dial);
}
