/* SPDX-License-Identifier: MIT */
/*
 * scgi_request.c - the life of an SCGI request: connection, head and body, response.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "connect.h"
#include "protocol.h"

#define CHUNK  65536 /* bytes read and sent at a time */
#define PIECES 4     /* of them sent before others have their turn */

/* What all requests of a backend share. */
struct scgi {
	struct vane__balancer *balancer;
	char *in; /* what is being read; no call back from there lasts */
};

/* A request. */
struct scgi_request {
	struct scgi *app;
	struct vane__relay *relay;
	struct vane__connect connect;
	struct vane__peer_conn *conn; /* NULL: none yet */
	struct buf out;               /* what was not sent yet: first the head */
	int64_t body_left;
	bool starved; /* no body is here: wait for input() */
	bool blocked; /* the client is slower: wait for resume() */
	bool mute;    /* the application takes no more */
};

/* The relay is over, or about to be. */
static void put_away(struct scgi_request *request, enum vane__result result)
{
	vane__peer_conn_close(request->conn);
	vane__connect_drop(&request->connect, result);
	vane__buf_fini(&request->out);
	free(request);
}

static void end(struct scgi_request *request, const char *why)
{
	struct vane__relay *relay = request->relay;

	put_away(request, why == NULL ? VANE__RESULT_DONE : VANE__RESULT_BROKEN);
	vane__relay_end(relay, why);
}

/* Add what is here of the body: 0, or a negative errno if the relay is over. */
static int fill(struct scgi_request *request)
{
	ssize_t n;
	int rc;

	while (request->body_left > 0 && !request->starved && request->out.len < CHUNK) {
		size_t room = CHUNK - request->out.len;

		if ((int64_t) room > request->body_left)
			room = (size_t) request->body_left;
		rc = vane__buf_reserve(&request->out, room);
		if (rc < 0) {
			vane__relay_end(request->relay, "no memory");
			return rc;
		}
		n = vane__relay_read(
			request->relay, request->out.data + request->out.len, room);
		request->starved = n == -EAGAIN;
		if (n < 0 && n != -EAGAIN)
			return (int) n;
		if (n > 0)
			request->out.len += (size_t) n;
		request->body_left = n == 0 ? 0 : request->body_left - (n > 0 ? n : 0);
	}
	return 0;
}

/*
 * Send until the socket is full, there is nothing more to say, or others should have their turn: 0,
 * or a negative errno if the relay is over.  Who takes no more may have answered all the same.
 */
static int send_all(struct scgi_request *request)
{
	int pieces = PIECES, rc;
	ssize_t n;

	while (!request->mute) {
		rc = fill(request);
		if (rc < 0)
			return rc;
		if (request->out.len == 0 || pieces-- == 0)
			return 0;
		n = send(request->conn->fd, request->out.data, request->out.len,
			MSG_NOSIGNAL);
		if (n > 0)
			vane__buf_consume(&request->out, (size_t) n);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 0;
		else
			request->mute = errno != EINTR;
	}
	return 0;
}

static void go_on(struct scgi_request *request)
{
	bool sends = request->out.len > 0 && !request->mute;

	if (request->out.len == 0 && request->body_left == 0)
		vane__buf_fini(&request->out);
	vane__peer_conn_watch(request->conn,
		(request->blocked ? 0 : VANE_READ) | (sends ? VANE_WRITE : 0));
}

/* Take output: 1 at its end, 0, or a negative errno if the relay is over. */
static int take_output(struct scgi_request *request)
{
	ssize_t n = recv(request->conn->fd, request->app->in, CHUNK, 0);
	int rc;

	if (n == 0)
		return 1;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return 0;
	if (n < 0) {
		vane__relay_end(request->relay, "the connection was reset");
		return -ECONNRESET;
	}
	rc = vane__relay_output(request->relay, request->app->in, (size_t) n);
	if (rc < 0)
		return rc;
	rc = vane__relay_push(request->relay);
	request->blocked = rc == -EAGAIN;
	return request->blocked ? 0 : rc;
}

static void on_event(void *data, int events)
{
	struct scgi_request *request = data;
	int rc = 0;

	if ((events & VANE_READ) != 0)
		rc = take_output(request);
	if (rc == 0 && (events & VANE_WRITE) != 0)
		rc = send_all(request);
	if (rc == 1)
		end(request, NULL);
	else if (rc < 0)
		put_away(request, VANE__RESULT_HUNG);
	else
		go_on(request);
}

static void on_connect(void *data, int rc)
{
	struct scgi_request *request = data;

	if (rc < 0) {
		vane__connect_fail(&request->connect, request->relay, rc);
		vane__buf_fini(&request->out);
		free(request);
		return;
	}
	request->conn = request->connect.conn;
	request->connect.conn = NULL;
	request->conn->event = on_event;
	request->conn->data = request;
	request->conn->users = 1;
	request->body_left = vane__relay_body_length(request->relay);
	if (send_all(request) < 0)
		put_away(request, VANE__RESULT_HUNG);
	else
		go_on(request);
}

static void input(void *carrier)
{
	struct scgi_request *request = carrier;

	request->starved = false;
	if (send_all(request) < 0)
		put_away(request, VANE__RESULT_HUNG);
	else
		go_on(request);
}

static void resume(void *carrier)
{
	struct scgi_request *request = carrier;

	request->blocked = false;
	go_on(request);
}

static void cancel(void *carrier)
{
	put_away(carrier, VANE__RESULT_HUNG);
}

static const struct vane__relay_calls calls = {
	.name = "scgi",
	.input = input,
	.resume = resume,
	.cancel = cancel,
};

static void run(void *shared, struct vane__relay *relay, struct buf *head)
{
	struct scgi *app = shared;
	struct scgi_request *request = calloc(1, sizeof(*request));

	if (request == NULL) {
		vane__buf_fini(head);
		vane__relay_fail(relay, 500, "no memory");
		return;
	}
	request->app = app;
	request->relay = relay;
	request->out = *head;
	*head = (struct buf) { .data = NULL };
	request->connect = (struct vane__connect) {
		.balancer = app->balancer,
		.loop = vane__relay_loop(relay),
		.done = on_connect,
		.data = request,
	};
	vane__relay_carry(relay, &calls, request);
	vane__connect_start(&request->connect);
}

static int open_app(void **shared, struct vane__balancer *balancer, bool multiplex)
{
	struct scgi *app = calloc(1, sizeof(*app));

	if (app == NULL)
		return -ENOMEM;
	app->balancer = balancer;
	app->in = malloc(CHUNK);
	if (app->in == NULL) {
		free(app);
		return -ENOMEM;
	}
	*shared = app;
	return 0;
}

static void close_app(void *shared)
{
	struct scgi *app = shared;

	if (app != NULL)
		free(app->in);
	free(app);
}

const struct vane__protocol vane__scgi_protocol = {
	.name = "scgi",
	.encode = vane__vars_scgi,
	.open = open_app,
	.run = run,
	.close = close_app,
};
