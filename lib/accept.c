/* SPDX-License-Identifier: MIT */
/*
 * accept.c - connections of a listening socket, one after the other.
 *
 * Workers share the socket and all wake up when a connection comes; those that are too late
 * find nothing, which costs a system call.  EPOLLEXCLUSIVE would spare it, but libev makes
 * its own epoll entries and does not pass flags through.
 */
#include "config.h" /* for accept4() */

#include <vane/netutil.h>

#include <stdlib.h>
#include <sys/socket.h>

#include <vane/log.h>
#include <vane/loop.h>

#include "base.h"
#include "netutil.h"

#define BATCH	   128 /* connections a turn, so that others have theirs */
#define PAUSE_MSEC 100

struct vane_accept {
	struct vane_loop *loop;
	struct vane_watch *watch;
	struct vane_timer *resume; /* while it pauses */
	vane_accept_fn fn;
	bool (*make_room)(void *data); /* NULL: nobody does */
	void *data;
	int fd;
	bool told;     /* that it pauses; until a turn goes well */
	bool *removed; /* where on_connections() looks whether fn has removed us */
};

static void on_resume(void *data)
{
	struct vane_accept *accept = data;

	accept->resume = NULL;
	vane_loop_update_handler(accept->watch, VANE_READ);
}

/* Leave the queue alone for a while: without that the loop would spin. */
static void pause_accepting(struct vane_accept *accept, int error)
{
	char name[160] = "";

	if (!accept->told) {
		vane_socket_name(accept->fd, name, sizeof(name));
		vane_log(VANE_LOG_ERROR, "%s: cannot accept connections: %s; trying again "
			"every %d ms", name, strerror(error), PAUSE_MSEC);
	}
	accept->told = true;
	if (vane_loop_call_later(
		    accept->loop, PAUSE_MSEC, on_resume, accept, &accept->resume) == 0)
		vane_loop_update_handler(accept->watch, 0);
}

/* What is wrong with one connection, or its network, and not with the socket (accept(2)). */
static bool is_passing(int error)
{
	switch (error) {
	case EINTR:
	case ECONNABORTED:
	case EPROTO:
	case ENOPROTOOPT:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ETIMEDOUT:
	case EPERM: /* a firewall forbids it */
#ifdef ENONET
	case ENONET:
#endif
		return true;
	}
	return false;
}

/* Whether a descriptor was freed where there were none. */
static bool has_room(struct vane_accept *accept, int error)
{
	bool full = error == EMFILE || error == ENFILE;
	bool freed = full && accept->make_room != NULL && accept->make_room(accept->data);

	errno = error;
	return freed;
}

/*
 * Accept one, run its callback, accept the next: while a callback runs, what is left in the
 * queue can go to another process.
 */
static void on_connections(int listener, int events, void *data)
{
	struct vane_accept *accept = data;
	bool removed = false;
	int i;

	accept->removed = &removed;
	for (i = 0; i < BATCH; i++) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof(peer);
		int fd = accept4(listener, (struct sockaddr *) &peer, &len,
			SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			accept->fn(fd, (struct sockaddr *) &peer, len, accept->data);
			if (removed)
				return;
			continue;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK) {
			accept->told = false;
			break;
		}
		if (has_room(accept, errno))
			continue;
		if (!is_passing(errno)) {
			pause_accepting(accept, errno);
			break;
		}
	}
	accept->removed = NULL;
}

int vane_add_accept_handler(struct vane_loop *loop, int fd, vane_accept_fn fn, void *data,
	struct vane_accept **out)
{
	struct vane_accept *accept = calloc(1, sizeof(*accept));
	int rc;

	if (accept == NULL)
		return -ENOMEM;
	accept->loop = loop;
	accept->fd = fd;
	accept->fn = fn;
	accept->data = data;
	rc = vane_loop_add_handler(loop, fd, VANE_READ, on_connections, accept, &accept->watch);
	if (rc < 0) {
		free(accept);
		return rc;
	}
	*out = accept;
	return 0;
}

void vane__accept_when_full(struct vane_accept *accept, bool (*make_room)(void *data))
{
	accept->make_room = make_room;
}

void vane_remove_accept_handler(struct vane_accept *accept)
{
	if (accept == NULL)
		return;
	if (accept->removed != NULL)
		*accept->removed = true;
	vane_loop_cancel(accept->resume);
	vane_loop_remove_handler(accept->watch);
	free(accept);
}
