/* SPDX-License-Identifier: MIT */
/*
 * scgi.c - the life of an SCGI request: a connection, head and body, all that comes back.
 */
#include "scgi.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "dial.h"

#define CHUNK  65536 /* bytes read and sent at a time */
#define PIECES 4     /* of them sent before others have their turn */

/* A request. */
struct trip {
	struct vane__scgi *app;
	struct vane__relay *relay;
	struct vane__dial dial;
	struct vane__link *link; /* NULL: none yet */
	struct buf out;          /* what was not sent yet: first the head */
	int64_t body_left;
	bool starved; /* no body is here: wait for input() */
	bool blocked; /* the client is slower: wait for resume() */
	bool mute;    /* the application takes no more */
};

int vane__scgi_init(struct vane__scgi *app, struct vane__supply *supply)
{
	app->supply = supply;
	app->in = malloc(CHUNK);
	return app->in != NULL ? 0 : -ENOMEM;
}

void vane__scgi_fini(struct vane__scgi *app)
{
	free(app->in);
	app->in = NULL;
}

/* The relay is over, or about to be. */
static void put_away(struct trip *trip, enum vane__verdict verdict)
{
	vane__link_close(trip->link);
	vane__dial_drop(&trip->dial, verdict);
	vane__buf_fini(&trip->out);
	free(trip);
}

static void end(struct trip *trip, const char *why)
{
	struct vane__relay *relay = trip->relay;

	put_away(trip, why == NULL ? VANE__VERDICT_DONE : VANE__VERDICT_BROKEN);
	vane__relay_end(relay, why);
}

/* Add what is here of the body: 0, or a negative errno if the relay is over. */
static int fill(struct trip *trip)
{
	ssize_t n;
	int rc;

	while (trip->body_left > 0 && !trip->starved && trip->out.len < CHUNK) {
		size_t room = CHUNK - trip->out.len;

		if ((int64_t) room > trip->body_left)
			room = (size_t) trip->body_left;
		rc = vane__buf_reserve(&trip->out, room);
		if (rc < 0) {
			vane__relay_end(trip->relay, "no memory");
			return rc;
		}
		n = vane__relay_read(trip->relay, trip->out.data + trip->out.len, room);
		trip->starved = n == -EAGAIN;
		if (n < 0 && n != -EAGAIN)
			return (int) n;
		if (n > 0)
			trip->out.len += (size_t) n;
		trip->body_left = n == 0 ? 0 : trip->body_left - (n > 0 ? n : 0);
	}
	return 0;
}

/*
 * Send until the socket is full, there is nothing more to say, or others should have their turn: 0,
 * or a negative errno if the relay is over.  Who takes no more may have answered all the same.
 */
static int send_all(struct trip *trip)
{
	int pieces = PIECES, rc;
	ssize_t n;

	while (!trip->mute) {
		rc = fill(trip);
		if (rc < 0)
			return rc;
		if (trip->out.len == 0 || pieces-- == 0)
			return 0;
		n = send(trip->link->fd, trip->out.data, trip->out.len, MSG_NOSIGNAL);
		if (n > 0)
			vane__buf_consume(&trip->out, (size_t) n);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 0;
		else
			trip->mute = errno != EINTR;
	}
	return 0;
}

static void go_on(struct trip *trip)
{
	bool sends = trip->out.len > 0 && !trip->mute;

	if (trip->out.len == 0 && trip->body_left == 0)
		vane__buf_fini(&trip->out);
	vane__link_watch(
		trip->link, (trip->blocked ? 0 : VANE_READ) | (sends ? VANE_WRITE : 0));
}

/* Take output: 1 at its end, 0, or a negative errno if the relay is over. */
static int take_output(struct trip *trip)
{
	ssize_t n = recv(trip->link->fd, trip->app->in, CHUNK, 0);
	int rc;

	if (n == 0)
		return 1;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return 0;
	if (n < 0) {
		vane__relay_end(trip->relay, "the connection was reset");
		return -ECONNRESET;
	}
	rc = vane__relay_output(trip->relay, trip->app->in, (size_t) n);
	if (rc < 0)
		return rc;
	rc = vane__relay_push(trip->relay);
	trip->blocked = rc == -EAGAIN;
	return trip->blocked ? 0 : rc;
}

static void on_event(void *data, int events)
{
	struct trip *trip = data;
	int rc = 0;

	if ((events & VANE_READ) != 0)
		rc = take_output(trip);
	if (rc == 0 && (events & VANE_WRITE) != 0)
		rc = send_all(trip);
	if (rc == 1)
		end(trip, NULL);
	else if (rc < 0)
		put_away(trip, VANE__VERDICT_HUNG);
	else
		go_on(trip);
}

static void on_dialled(void *data, int rc)
{
	struct trip *trip = data;

	if (rc < 0) {
		vane__dial_fail(&trip->dial, trip->relay, rc);
		vane__buf_fini(&trip->out);
		free(trip);
		return;
	}
	trip->link = trip->dial.link;
	trip->dial.link = NULL;
	trip->link->event = on_event;
	trip->link->data = trip;
	trip->link->users = 1;
	trip->body_left = vane__relay_body_length(trip->relay);
	if (send_all(trip) < 0)
		put_away(trip, VANE__VERDICT_HUNG);
	else
		go_on(trip);
}

static void input(void *carrier)
{
	struct trip *trip = carrier;

	trip->starved = false;
	if (send_all(trip) < 0)
		put_away(trip, VANE__VERDICT_HUNG);
	else
		go_on(trip);
}

static void resume(void *carrier)
{
	struct trip *trip = carrier;

	trip->blocked = false;
	go_on(trip);
}

static void cancel(void *carrier)
{
	put_away(carrier, VANE__VERDICT_HUNG);
}

static const struct vane__backend backend = {
	.name = "scgi",
	.input = input,
	.resume = resume,
	.cancel = cancel,
};

void vane__scgi_run(struct vane__scgi *app, struct vane__relay *relay, struct buf *head)
{
	struct trip *trip = calloc(1, sizeof(*trip));

	if (trip == NULL) {
		vane__buf_fini(head);
		vane__relay_fail(relay, 500, "no memory");
		return;
	}
	trip->app = app;
	trip->relay = relay;
	trip->out = *head;
	*head = (struct buf) { .data = NULL };
	trip->dial = (struct vane__dial) {
		.supply = app->supply,
		.loop = vane__relay_loop(relay),
		.done = on_dialled,
		.data = trip,
	};
	vane__relay_carry(relay, &backend, trip);
	vane__dial_start(&trip->dial);
}
