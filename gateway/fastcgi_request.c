/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_request.c - the life of a FastCGI request: a connection, the request, the answer.
 *
 * What is sent and read when is fastcgi_conn.c's business.  Here is what a request says of itself,
 * what its end means, and whether it may be tried again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>

#include "base.h"
#include "fastcgi_conn.h"
#include "get_values.h"
#include "protocol.h"

/* How long an application that was told to stop may take before the connection is closed. */
#define ABORT_MSEC 1000

/* How often a request is begun anew at most because peers are overloaded. */
#define MAX_TRIES 64

static void request_free(struct vane__fastcgi_request *request)
{
	list_del(&request->leftover_node);
	vane_timer_cancel(request->timer);
	vane__buf_fini(&request->params);
	free(request);
}

static void close_all(void *shared)
{
	struct vane__fastcgi *app = shared;

	if (app == NULL)
		return;
	while (!list_empty(&app->leftover)) {
		struct vane__fastcgi_request *request = CONTAINER_OF(
			app->leftover.next, struct vane__fastcgi_request, leftover_node);
		struct vane__fastcgi_conn *conn = request->conn;

		conn->why = "the backend ends";
		vane__fastcgi_conn_settle(conn);
	}
	free(app->in);
	vane__buf_fini(&app->out);
	free(app);
}

/*
 * What may have been carried out already is sent again only if that does no harm (RFC 9110,
 * 9.2.2).
 */
static bool is_idempotent(const struct vane__fastcgi_request *request)
{
	static const char *const methods[] = { "GET", "HEAD", "OPTIONS", "TRACE", "PUT",
		"DELETE" };
	const char *method = vane_request_method(vane__relay_request(request->relay));
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(method, methods[i]) == 0)
			return true;
	}
	return false;
}

/* Begin anew: what was sent is of no consequence. */
static void rewind_request(struct vane__fastcgi_request *request)
{
	request->phase = VANE__FASTCGI_CONNECT;
	request->sent = request->starved = request->blocked = request->fed =
		request->answered = false;
	request->tries++;
}

/* There is no answer, and nobody is left to wait for one. */
static void drop_request(struct vane__fastcgi_request *request, enum vane__result result)
{
	vane__connect_drop(&request->connect, result);
	request_free(request);
}

static void finish_request(
	struct vane__fastcgi_request *request, enum vane__result result, const char *why)
{
	struct vane__relay *relay = request->relay;

	drop_request(request, result);
	if (relay != NULL)
		vane__relay_end(relay, why);
}

/* The application has refused it, so another one may take it. */
static void on_refused(struct vane__fastcgi_request *request, const char *why)
{
	struct vane__relay *relay = request->relay;
	int max = request->status == VANE__FCGI_OVERLOADED ? MAX_TRIES : 1;

	if (vane__relay_untouched(relay) && !vane__relay_has_output(relay) &&
		request->tries < max) {
		rewind_request(request);
		if (request->status == VANE__FCGI_OVERLOADED)
			vane__connect_next(&request->connect, VANE__RESULT_DONE);
		else
			vane__connect_again(&request->connect);
		return;
	}
	drop_request(request, VANE__RESULT_DONE);
	if (vane__relay_has_output(relay))
		vane__relay_end(relay, why);
	else
		vane__relay_fail(relay, 503, why);
}

static void ended(struct vane__fastcgi_request *request)
{
	const char *why = NULL;

	if (request->relay == NULL) {
		drop_request(request, VANE__RESULT_DONE);
		return;
	}
	switch (request->status) {
	case VANE__FCGI_OVERLOADED:
		on_refused(request, "the application is overloaded");
		return;
	case VANE__FCGI_CANT_MPX_CONN:
		request->connect.lease.peer->share = 1;
		on_refused(request, "the application takes one request at a time");
		return;
	case VANE__FCGI_UNKNOWN_ROLE:
		why = "the application is no responder";
		break;
	default:
		if (request->app_status != 0)
			vane_log(VANE_LOG_WARNING, "%s: exit status %u",
				request->connect.lease.peer->name,
				(unsigned) request->app_status);
	}
	finish_request(request, VANE__RESULT_DONE, why);
}

/* What is to be thought of a peer whose connection broke off. */
static enum vane__result result_of(const struct vane__fastcgi_request *request)
{
	if (request->phase != VANE__FASTCGI_ABORTED)
		return VANE__RESULT_BROKEN;
	return request->timer != NULL ? VANE__RESULT_DONE : VANE__RESULT_HUNG;
}

static void broken(struct vane__fastcgi_request *request, const char *why, bool used)
{
	if (request->relay == NULL || !used || request->answered || request->tries > 0 ||
		!vane__relay_untouched(request->relay) || !is_idempotent(request)) {
		finish_request(request, result_of(request), why);
		return;
	}
	rewind_request(request);
	vane__connect_again(&request->connect);
}

static int fill_head(struct vane__fastcgi_request *request, struct buf *out)
{
	size_t room = 16 + vane__fcgi_params_room(request->params.len);
	int rc = vane__buf_reserve(out, room);
	unsigned char *at;

	if (rc < 0)
		return rc;
	at = (unsigned char *) out->data + out->len;
	at += vane__fcgi_begin(at, request->id, request->conn->keep);
	memcpy(at + VANE__FCGI_HEAD, request->params.data, request->params.len);
	at += vane__fcgi_params(at, request->id, request->params.len);
	out->len = (size_t) ((char *) at - out->data);
	request->phase = VANE__FASTCGI_BODY;
	request->body_left = vane__relay_body_length(request->relay);
	return 0;
}

/* One record of the body, and its end if that is it. */
static int fill_body(struct vane__fastcgi_request *request, struct buf *out)
{
	size_t max = request->body_left < VANE__FCGI_CONTENT ? (size_t) request->body_left
							     : VANE__FCGI_CONTENT;
	int rc = vane__buf_reserve(out, max + 7 + 2 * VANE__FCGI_HEAD);
	unsigned char *at;
	ssize_t n = 0;

	if (rc < 0)
		return rc;
	at = (unsigned char *) out->data + out->len;
	if (max > 0)
		n = vane__relay_read(request->relay, at + VANE__FCGI_HEAD, max);
	if (n > 0) {
		at += vane__fcgi_frame(at, VANE__FCGI_STDIN, request->id, (size_t) n);
		request->body_left -= n;
	}
	if (n == 0 || request->body_left == 0) {
		at += vane__fcgi_stream_end(at, VANE__FCGI_STDIN, request->id);
		request->phase = VANE__FASTCGI_SENT;
		request->sent = true;
	}
	out->len = (size_t) ((char *) at - out->data);
	if (n == -EAGAIN)
		request->starved = true;
	else if (n < 0)
		request->relay = NULL;
	return 0;
}

static int fill(struct vane__fastcgi_request *request, struct buf *out)
{
	int rc = 0;

	if (request->phase == VANE__FASTCGI_HEAD && request->relay != NULL)
		rc = fill_head(request, out);
	while (rc == 0 && request->phase == VANE__FASTCGI_BODY && request->relay != NULL &&
		!request->starved && out->len < VANE__FASTCGI_READ)
		rc = fill_body(request, out);
	return rc;
}

/* It does not answer to ABORT_REQUEST. */
static void on_abort_timeout(void *data)
{
	struct vane__fastcgi_request *request = data;
	struct vane__fastcgi_conn *conn = request->conn;

	request->timer = NULL;
	conn->hung = true;
	vane__fastcgi_conn_settle(conn);
}

static bool take_back(struct vane__fastcgi_request *request, struct buf *out)
{
	unsigned char record[VANE__FCGI_HEAD];

	if (request->phase == VANE__FASTCGI_HEAD)
		return false;
	request->phase = VANE__FASTCGI_ABORTED;
	request->blocked = false;
	vane__buf_add(out, record, vane__fcgi_abort(record, request->id));
	/* Without a timer nobody waits, and the connection is closed. */
	if (request->conn->keep)
		vane_loop_call_later(request->connect.loop, ABORT_MSEC, on_abort_timeout,
			request, &request->timer);
	list_add(&request->app->leftover, &request->leftover_node);
	return true;
}

static void on_connect(void *data, int rc)
{
	struct vane__fastcgi_request *request = data;
	struct vane__peer_conn *peer_conn = request->connect.conn;
	struct vane__fastcgi_conn *conn;

	request->connect.conn = NULL;
	if (rc < 0) {
		struct vane__relay *relay = request->relay;

		vane__connect_fail(&request->connect, relay, rc);
		request_free(request);
		return;
	}
	vane__get_values_once(
		request->app, request->connect.lease.peer, request->connect.loop);
	conn = vane__fastcgi_conn_of(request->app, peer_conn);
	if (conn == NULL) {
		vane__peer_conn_close(peer_conn);
		finish_request(request, VANE__RESULT_DONE, "no memory");
		return;
	}
	request->phase = VANE__FASTCGI_HEAD;
	vane__fastcgi_conn_join(conn, request);
}

static void input(void *carrier)
{
	struct vane__fastcgi_request *request = carrier;

	request->starved = false;
	if (request->conn != NULL)
		vane__fastcgi_conn_settle(request->conn);
}

static void resume(void *carrier)
{
	struct vane__fastcgi_request *request = carrier;

	request->blocked = false;
	if (request->conn != NULL)
		vane__fastcgi_conn_settle(request->conn);
}

static void cancel(void *carrier)
{
	struct vane__fastcgi_request *request = carrier;

	request->relay = NULL;
	if (request->conn != NULL)
		vane__fastcgi_conn_settle(request->conn);
	else if (request->phase == VANE__FASTCGI_CONNECT)
		drop_request(request, VANE__RESULT_DONE);
}

static const struct vane__relay_calls relay_calls = {
	.name = "fastcgi",
	.input = input,
	.resume = resume,
	.cancel = cancel,
};

static void run(void *shared, struct vane__relay *relay, struct buf *params)
{
	struct vane__fastcgi *app = shared;
	struct vane__fastcgi_request *request = calloc(1, sizeof(*request));

	if (request == NULL) {
		vane__buf_fini(params);
		vane__relay_fail(relay, 500, "no memory");
		return;
	}
	request->app = app;
	request->relay = relay;
	list_init(&request->leftover_node);
	request->params = *params;
	*params = (struct buf) { .data = NULL };
	request->connect = (struct vane__connect) {
		.balancer = app->balancer,
		.loop = vane__relay_loop(relay),
		.careful = !is_idempotent(request) || vane__relay_body_length(relay) != 0,
		.done = on_connect,
		.data = request,
	};
	vane__relay_carry(relay, &relay_calls, request);
	vane__connect_start(&request->connect);
}

static const struct vane__fastcgi_calls calls = {
	.fill = fill,
	.abort = take_back,
	.ended = ended,
	.broken = broken,
};

static int open_app(void **shared, struct vane__balancer *balancer, bool multiplex)
{
	struct vane__fastcgi *app = calloc(1, sizeof(*app));

	if (app == NULL)
		return -ENOMEM;
	app->calls = &calls;
	app->balancer = balancer;
	app->multiplex = multiplex;
	list_init(&app->leftover);
	app->in = malloc(VANE__FASTCGI_READ);
	if (app->in == NULL) {
		free(app);
		return -ENOMEM;
	}
	*shared = app;
	return 0;
}

/* Those that were told to stop have a moment for it, so that their connections can stay. */
static bool ending(const void *shared)
{
	const struct vane__fastcgi *app = shared;

	return !list_empty(&app->leftover);
}

const struct vane__protocol vane__fastcgi_protocol = {
	.name = "fastcgi",
	.encode = vane__vars_fastcgi,
	.open = open_app,
	.run = run,
	.ending = ending,
	.close = close_all,
};
