/* SPDX-License-Identifier: MIT */
/*
 * http_driver.c - what carries native exchanges: a connection behind the calls of a driver.
 */
#include <vane/driver.h>

#include <sys/socket.h>

#include <vane/handover.h>
#include <vane/process.h>

#include "conn.h"
#include "evalloc.h"

static ssize_t http_read(void *carrier, void *buf, size_t size)
{
	return vane__conn_take_body(carrier, buf, size);
}

static int http_begin(void *carrier, const struct vane_head *head)
{
	return vane__conn_begin(carrier, head);
}

static ssize_t http_write(void *carrier, const struct vane_slice *piece)
{
	return vane__conn_write(carrier, piece);
}

static ssize_t http_sendfile(void *carrier, int fd, int64_t offset, size_t len)
{
	return vane__conn_sendfile(carrier, fd, offset, len);
}

static int http_flush(void *carrier)
{
	return vane__conn_let_out(carrier);
}

static void http_end(void *carrier, int rc)
{
	vane__conn_end(carrier, rc);
}

static void http_want(void *carrier)
{
	vane__conn_wait_for_body(carrier);
}

/* A timer of the exchange, kept in its own space: it outlives the connection. */
struct http_timer {
	struct ev_timer ev;
	struct ev_loop *loop;
};

_Static_assert(
	sizeof(struct http_timer) <= sizeof(((struct vane_exchange_timer *) 0)->space),
	"a timer has room for libev's");

static struct http_timer *http_timer_of(struct vane_exchange_timer *timer)
{
	return (struct http_timer *) (void *) timer->space;
}

static void on_timer(struct ev_loop *loop, struct ev_timer *ev, int events)
{
	struct vane_exchange_timer *timer = ev->data;

	timer->fire(timer);
}

static int http_timer(void *carrier, struct vane_exchange_timer *timer, int64_t msec)
{
	struct http_timer *mine = http_timer_of(timer);
	struct vane__conn *c = carrier;

	if (msec < 0) {
		ev_timer_stop(mine->loop, &mine->ev);
		return 0;
	}
	if (vane__evalloc_ready(-1) < 0)
		return -ENOMEM;
	mine->loop = c->server->ev;
	ev_now_update(mine->loop);
	ev_timer_init(&mine->ev, on_timer, (double) msec / 1000.0, 0.0);
	mine->ev.data = timer;
	ev_timer_start(mine->loop, &mine->ev);
	return 0;
}

/* What the request of a client that left pointed to was kept until now. */
static void http_gone(void *carrier)
{
	vane__conn_free(carrier);
}

static struct vane_loop *http_loop(void *carrier)
{
	struct vane__conn *c = carrier;

	return c->server->loop;
}

static int http_local(void *carrier, struct sockaddr *addr, size_t size)
{
	const struct vane__conn *c = carrier;
	socklen_t len = (socklen_t) size;

	return getsockname(c->io.fd, addr, &len) < 0 ? -errno : 0;
}

/* Connections handed over at a time: those used last, as they are the likeliest to be used. */
#define OFFER_MAX 256

/* Idle connections are given to whoever is free, as a handler may hold us up. */
static void offer_idle(struct vane_server *server)
{
	struct list *list = &server->phases[VANE__PHASE_IDLE], *node;
	struct vane__conn *idle[OFFER_MAX];
	int fds[OFFER_MAX];
	size_t count = 0, given, i;

	if (server->acceptor.stopped || vane_task_count() < 2)
		return;
	for (node = list->prev; node != list && count < OFFER_MAX; node = node->prev) {
		struct vane__conn *c = CONTAINER_OF(node, struct vane__conn, node);

		if (!vane__conn_is_idle(c))
			continue;
		idle[count] = c;
		fds[count++] = c->io.fd;
	}
	if (count == 0)
		return;
	given = vane_handover_give(server->opts.handover, fds, count);
	for (i = 0; i < given; i++)
		vane__conn_release(idle[i]);
}

static void http_stall(void *carrier)
{
	struct vane__conn *c = carrier;

	offer_idle(c->server);
}

#define HTTP_CAPS                                                                          \
	(VANE_CAP_ASYNC | VANE_CAP_TIMERS | VANE_CAP_STREAM_OUT | VANE_CAP_STREAM_IN |     \
		VANE_CAP_CLOSE_DETECT | VANE_CAP_MULTIREQUEST | VANE_CAP_SENDFILE |        \
		VANE_CAP_RAW)

static int64_t http_announced(void *carrier)
{
	struct vane__conn *c = carrier;

	/* not before its line is whole: what follows may make it none at all */
	return c->in.chunked.state == VANE__CHUNKED_DATA ? c->in.chunked.left : 0;
}

const struct vane_driver vane__http_driver = {
	.mode = "http",
	.caps = HTTP_CAPS,
	.read = http_read,
	.begin = http_begin,
	.write = http_write,
	.sendfile = http_sendfile,
	.flush = http_flush,
	.end = http_end,
	.timer = http_timer,
	.gone = http_gone,
	.stall = http_stall,
	.loop = http_loop,
	.want = http_want,
	.announced = http_announced,
	.local = http_local,
};

/*
 * The same where there is nobody to hand connections to.  A table of its own, not a copy within
 * the server: an exchange whose client has left may outlive the server, and still uses it.
 */
const struct vane_driver vane__http_driver_alone = {
	.mode = "http",
	.caps = HTTP_CAPS,
	.read = http_read,
	.begin = http_begin,
	.write = http_write,
	.sendfile = http_sendfile,
	.flush = http_flush,
	.end = http_end,
	.timer = http_timer,
	.gone = http_gone,
	.loop = http_loop,
	.want = http_want,
	.announced = http_announced,
	.local = http_local,
};
