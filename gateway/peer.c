/* SPDX-License-Identifier: MIT */
/*
 * peer.c - connections to an application: opened without waiting, kept while idle.
 *
 * Which peer a request gets is decided in upstream.c.
 */
#include "peer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"

/* A unix socket whose queue is full takes no connection and tells nobody when it will. */
#define FULL_QUEUE_MSEC 10

static struct vane__link *link_of(struct list *node)
{
	return CONTAINER_OF(node, struct vane__link, node);
}

void vane__peer_init(struct vane__peer *peer, const struct vane__peer_opts *opts)
{
	peer->opts = opts;
	peer->share = 1;
	list_init(&peer->links);
}

void vane__peer_fini(struct vane__peer *peer)
{
	if (peer->asking != NULL)
		peer->stop_asking(peer->asking);
	while (!list_empty(&peer->links)) {
		struct vane__link *link = link_of(peer->links.next);

		assert(link->phase == VANE__LINK_IDLE);
		vane__link_close(link);
	}
	vane_loop_cancel(peer->sweep);
	peer->sweep = NULL;
}

static void on_sweep(void *data);

/*
 * See to it that those idle for too long are closed.  Without a timer, as if there were no
 * memory for it, they stay until the application closes them.
 */
static void plan_sweep(struct vane__peer *peer, struct vane_loop *loop, int64_t msec)
{
	if (peer->sweep == NULL)
		vane_loop_call_later(loop, msec, on_sweep, peer, &peer->sweep);
}

static void on_sweep(void *data)
{
	struct vane__peer *peer = data;
	struct list *at = &peer->links, *next = at->next;

	peer->sweep = NULL;
	while ((at = next) != &peer->links && link_of(at)->phase == VANE__LINK_IDLE) {
		struct vane__link *link = link_of(at);
		int64_t left =
			peer->opts->keep_msec - (vane_loop_now(link->loop) - link->since);

		next = at->next;
		if (left <= 0)
			vane__link_close(link);
		else if (next == &peer->links || link_of(next)->phase != VANE__LINK_IDLE)
			plan_sweep(peer, link->loop, left);
	}
}

void vane__link_close(struct vane__link *link)
{
	if (link == NULL)
		return;
	if (link->wire != NULL)
		link->wire_free(link->wire);
	link->peer->idle -= link->phase == VANE__LINK_IDLE;
	link->peer->open--;
	vane_loop_remove_handler(link->watch);
	vane_loop_cancel(link->timer);
	if (link->fd >= 0)
		close(link->fd);
	list_del(&link->node);
	free(link);
}

void vane__link_watch(struct vane__link *link, int events)
{
	vane_loop_update_handler(link->watch, events);
}

void vane__link_keep(struct vane__link *link)
{
	struct vane__peer *peer = link->peer;

	assert(link->phase == VANE__LINK_OPEN && link->users == 0);
	if (peer->open > peer->keep) {
		vane__link_close(link);
		return;
	}
	link->phase = VANE__LINK_IDLE;
	link->since = vane_loop_now(link->loop);
	list_del(&link->node);
	list_add(peer->links.next, &link->node);
	peer->idle++;
	vane__link_watch(link, VANE_READ);
	plan_sweep(peer, link->loop, peer->opts->keep_msec);
}

/* One that nobody uses.  It may be closed just now; who cannot bear that takes a new one. */
static struct vane__link *take_idle(struct vane__peer *peer)
{
	struct vane__link *link = link_of(peer->links.next);

	if (peer->idle == 0)
		return NULL;
	peer->idle--;
	link->phase = VANE__LINK_OPEN;
	link->used = true;
	list_del(&link->node);
	list_add(&peer->links, &link->node);
	return link;
}

struct vane__link *vane__peer_reuse(struct vane__peer *peer)
{
	struct vane__link *link = take_idle(peer);
	struct list *at;

	if (link != NULL)
		return link;
	for (at = peer->links.next; at != &peer->links; at = at->next) {
		link = link_of(at);
		if (link->sharable && link->users < peer->share)
			return link;
	}
	return NULL;
}

static void connected(struct vane__link *link, int rc)
{
	vane_loop_cancel(link->timer);
	link->timer = NULL;
	if (rc == 0) {
		link->phase = VANE__LINK_OPEN;
		vane__link_watch(link, 0);
	}
	link->connected(link->data, rc);
}

static void on_event(int fd, int events, void *data)
{
	struct vane__link *link = data;
	int rc = 0;
	socklen_t len = sizeof(rc);

	if (link->phase == VANE__LINK_IDLE) {
		vane__link_close(link);
	} else if (link->phase == VANE__LINK_OPEN) {
		link->event(link->data, events);
	} else {
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &rc, &len) < 0)
			rc = errno;
		connected(link, -rc);
	}
}

static int make_socket(struct vane__link *link)
{
	int family = link->peer->address.any.sa_family, on = 1;

	link->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0)
		return -errno;
	if (family != AF_UNIX)
		setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return vane_loop_add_handler(link->loop, link->fd, 0, on_event, link, &link->watch);
}

static int try_connect(const struct vane__link *link)
{
	const struct vane__peer *peer = link->peer;

	if (connect(link->fd, &peer->address.any, peer->address_len) == 0)
		return 0;
	return errno == EINTR ? -EINPROGRESS : -errno;
}

static void on_connect_timeout(void *data)
{
	struct vane__link *link = data;

	link->timer = NULL;
	connected(link, -ETIMEDOUT);
}

static void on_full_queue(void *data);

/* Wait for what try_connect() could not do at once: 0, or a negative errno. */
static int wait_connect(struct vane__link *link, int rc)
{
	int64_t left =
		link->peer->opts->connect_msec - (vane_loop_now(link->loop) - link->since);

	if (rc == -EINPROGRESS) {
		vane__link_watch(link, VANE_WRITE);
		return vane_loop_call_later(
			link->loop, left, on_connect_timeout, link, &link->timer);
	}
	if (rc != -EAGAIN)
		return rc;
	if (left <= 0)
		return -ETIMEDOUT;
	return vane_loop_call_later(link->loop,
		left < FULL_QUEUE_MSEC ? left : FULL_QUEUE_MSEC, on_full_queue, link,
		&link->timer);
}

static void on_full_queue(void *data)
{
	struct vane__link *link = data;
	int rc = try_connect(link);

	link->timer = NULL;
	if (rc < 0)
		rc = wait_connect(link, rc);
	else
		rc = 1;
	if (rc != 0)
		connected(link, rc < 0 ? rc : 0);
}

int vane__peer_connect(struct vane__peer *peer, struct vane_loop *loop,
	void (*done)(void *data, int rc), void *data, struct vane__link **out)
{
	struct vane__link *link = calloc(1, sizeof(*link));
	int rc;

	if (link == NULL)
		return -ENOMEM;
	*link = (struct vane__link) {
		.peer = peer,
		.loop = loop,
		.fd = -1,
		.connected = done,
		.data = data,
		.since = vane_loop_now(loop),
	};
	list_add(&peer->links, &link->node);
	peer->open++;
	rc = make_socket(link);
	if (rc == 0) {
		rc = try_connect(link);
		link->phase = rc == 0 ? VANE__LINK_OPEN : VANE__LINK_CONNECTING;
	}
	if (rc < 0 && link->watch != NULL) {
		rc = wait_connect(link, rc);
	} else if (rc == 0) {
		rc = 1;
	}
	if (rc < 0) {
		vane__link_close(link);
		return rc;
	}
	*out = link;
	return rc;
}
