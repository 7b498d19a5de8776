/* SPDX-License-Identifier: MIT */
/*
 * http_driver.c - what carries native exchanges: a connection behind the calls of a driver.
 */
#include <vane/driver.h>

#include <sys/socket.h>

#include <vane/handover.h>
#include <vane/process.h>

#include "conn.h"

/* What a chunk announces counts before it is here; not before its line is whole, as it may be none. */
static void note_chunk(struct vane__conn *c)
{
	const struct vane__chunked *chunked = &c->in.chunked;

	vane_exchange_env(c->x)->body_announced =
		chunked->state == VANE__CHUNKED_DATA ? chunked->left : 0;
}

static ssize_t http_read(void *carrier, void *buf, size_t size)
{
	struct vane__conn *c = carrier;
	ssize_t n;

	if (size == 0) {
		vane__conn_wait_for_body(c);
		return 0;
	}
	n = vane__conn_take_body(c, buf, size);
	if (c->in.left < 0)
		note_chunk(c);
	return n;
}

/* What the request of a client that has left points to was kept until now. */
static void http_end(void *carrier, int rc)
{
	struct vane__conn *c = carrier;

	if (UNLIKELY(c->x == NULL))
		vane__conn_free(c);
	else
		vane__conn_end(c, rc);
}

static int http_local(void *carrier, struct sockaddr *addr, size_t size)
{
	const struct vane__conn *c = carrier;
	socklen_t len = (socklen_t) size;

	return getsockname(c->stream.fd, addr, &len) < 0 ? -errno : 0;
}

/* Connections handed over at a time: those used last, as they are the likeliest to be used. */
#define OFFER_MAX 256

size_t vane__server_offer_idle(struct vane_server *server)
{
	struct list *list = &server->phases[VANE__PHASE_IDLE], *node;
	struct vane__conn *idle[OFFER_MAX];
	int fds[OFFER_MAX];
	size_t count = 0, given, i;

	for (node = list->prev; node != list && count < OFFER_MAX; node = node->prev) {
		struct vane__conn *c = CONTAINER_OF(node, struct vane__conn, node);

		if (!vane__conn_is_idle(c) || c->proxied)
			continue;
		idle[count] = c;
		fds[count++] = c->stream.fd;
	}
	if (count == 0)
		return 0;
	given = vane_handover_give(server->opts.handover, fds, count);
	for (i = 0; i < given; i++)
		vane__conn_release(idle[i]);
	return given;
}

/* Idle connections are given to whoever is free, as a handler may hold us up. */
static void http_stall(void *carrier)
{
	struct vane_server *server = ((struct vane__conn *) carrier)->server;

	vane__acceptor_stall(&server->acceptor);
	if (server->opts.handover != NULL && !server->acceptor.stopped &&
		vane_task_count() >= 2)
		vane__server_offer_idle(server);
}

#define HTTP_CALLS                                                                         \
	.mode = "http",                                                                    \
	.caps = VANE_CAP_ASYNC | VANE_CAP_TIMERS | VANE_CAP_STREAM_OUT |                   \
		VANE_CAP_STREAM_IN | VANE_CAP_CLOSE_DETECT | VANE_CAP_MULTIREQUEST |       \
		VANE_CAP_SENDFILE | VANE_CAP_RAW,                                          \
	.read = http_read, .begin = vane__conn_begin, .write = vane__conn_write,           \
	.sendfile = vane__conn_sendfile, .flush = vane__conn_let_out, .end = http_end,     \
	.send_off = vane__conn_send_off, .local = http_local

const struct vane_driver vane__http_driver = { HTTP_CALLS, .stall = http_stall };

/*
 * The same where there is nobody else to serve what waits.  A table of its own, not a copy within
 * the server: an exchange whose client has left may outlive the server, and still uses it.
 */
const struct vane_driver vane__http_driver_alone = { HTTP_CALLS };
