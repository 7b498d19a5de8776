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

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#ifdef __linux__
#include <linux/filter.h>
#include <netinet/tcp.h>
#endif

#include <vane/log.h>
#include <vane/loop.h>

#include "base.h"
#include "netutil.h"

#define BATCH      128 /* connections a turn, so that others have theirs */
#define TURN_MSEC  10  /* or as many as come in this time: a callback may run a handler */
#define PAUSE_MSEC 100

/* How long connections are left to others who accept from the same socket. */
#define LEAVE_MSEC 4

/* A sibling ends the socket when it leaves; by then we are told to leave too, or are not. */
#define ENDED_MSEC 1000

/* How long the last accept waits for a connection whose handshake is under way. */
#define LAST_MSEC 2

/* More than any backlog: where new connections cannot be kept away, it ends all the same. */
#define LAST_MAX 65536

struct vane_accept {
	struct vane_loop *loop;
	struct vane_watch *watch;
	struct vane_timer *resume; /* while it pauses, or was ended a moment ago */
	vane_accept_fn fn;
	bool (*make_room)(void *data); /* NULL: nobody does */
	bool (*leave)(void *data);     /* NULL: there are no others */
	void *data;
	int fd;
	bool blocking; /* it is to stay so: others wait in accept() */
	bool told;     /* that it pauses; until a turn goes well */
	bool *removed; /* where on_connections() looks whether fn has removed us */
};

static void on_resume(void *data)
{
	struct vane_accept *accept = data;

	accept->resume = NULL;
	vane_watch_update(accept->watch, VANE_READ);
}

/* Leave the queue alone for a while: without that the loop would spin. */
static void pause_accepting(struct vane_accept *accept, int error)
{
	char name[160] = "";

	if (!accept->told) {
		vane_socket_name(accept->fd, name, sizeof(name));
		vane_log(VANE_LOG_ERROR,
			"%s: cannot accept connections: %s; trying again "
			"every %d ms",
			name, strerror(error), PAUSE_MSEC);
	}
	accept->told = true;
	if (vane_loop_call_later(
		    accept->loop, PAUSE_MSEC, on_resume, accept, &accept->resume) == 0)
		vane_watch_update(accept->watch, 0);
}

/* Whether the next connection is left to others, for a while. */
static bool is_left(struct vane_accept *accept)
{
	if (accept->leave == NULL || !accept->leave(accept->data))
		return false;
	if (vane_loop_call_later(
		    accept->loop, LEAVE_MSEC, on_resume, accept, &accept->resume) < 0)
		return false;
	vane_watch_update(accept->watch, 0);
	return true;
}

static void on_ended(void *data)
{
	struct vane_accept *accept = data;
	char name[160] = "";

	accept->resume = NULL;
	vane_socket_name(accept->fd, name, sizeof(name));
	vane_log(VANE_LOG_WARNING,
		"%s: another process has ended this socket, no more "
		"connections are accepted",
		name);
}

/* A sibling's last accept has ended it: leave it alone. */
static void be_ended(struct vane_accept *accept)
{
	vane_watch_update(accept->watch, 0);
	vane_loop_call_later(accept->loop, ENDED_MSEC, on_ended, accept, &accept->resume);
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

	return full && accept->make_room != NULL && accept->make_room(accept->data);
}

/* Accept one and run its callback: 0, or the errno. */
static int accept_one(struct vane_accept *accept)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int fd;

	if (accept->blocking) {
		fd = vane__accept_briefly(accept->fd, (struct sockaddr *) &peer, &len);
		if (fd < 0)
			return -fd;
	} else {
		fd = accept4(accept->fd, (struct sockaddr *) &peer, &len,
			SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return errno;
	}
	accept->fn(fd, (struct sockaddr *) &peer, len, accept->data);
	return 0;
}

/*
 * Accept one, run its callback, accept the next: while a callback runs, what is left in the
 * queue can go to another process.
 */
static void on_connections(int listener, int events, void *data)
{
	struct vane_accept *accept = data;
	int64_t until = vane_loop_now(accept->loop) + TURN_MSEC;
	bool removed = false;
	int i;

	accept->removed = &removed;
	for (i = 0; i < BATCH && !is_left(accept); i++) {
		int error = accept_one(accept);

		if (removed)
			return;
		if (error == EAGAIN || error == EWOULDBLOCK) {
			accept->told = false;
			break;
		}
		if (error == EINVAL) {
			be_ended(accept);
			break;
		}
		if (!has_room(accept, error) && error != 0 && !is_passing(error)) {
			pause_accepting(accept, error);
			break;
		}
		if (vane_loop_now(accept->loop) >= until)
			break;
	}
	accept->removed = NULL;
}

/*
 * Have nobody new come in while those who are let in already still can.  A unix socket refuses
 * connections that are not in its queue.  TCP has no such state, but segments that begin a
 * connection can be dropped: the client sends them again after a second, and is refused then.
 * Returns whether some may be on their way in.
 */
static bool refuse_beginnings(int fd)
{
#ifdef SO_ATTACH_FILTER
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), /* the flags of a TCP header */
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
	};
	const struct sock_fprog program = { ARRAY_SIZE(code), code };
#endif
	struct sockaddr_storage addr = { 0 };
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *) &addr, &len) == 0 &&
		addr.ss_family == AF_UNIX) {
		shutdown(fd, SHUT_RD);
		return false;
	}
#ifdef SO_ATTACH_FILTER
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
#endif
	return true;
}

/* Accept all that wait now.  False if no more will come. */
static bool accept_waiting(struct vane_accept *accept, int *left)
{
	while ((*left)-- > 0) {
		int error = accept_one(accept);

		if (error == EAGAIN || error == EWOULDBLOCK)
			return true;
		if (error == EINVAL)
			return false;
		if (error != 0 && !is_passing(error) && !has_room(accept, error)) {
			vane_log(VANE_LOG_ERROR, "connections that wait are lost: %s",
				strerror(error));
			return false;
		}
	}
	return false;
}

void vane_accept_last(struct vane_accept *accept)
{
	struct pollfd pfd = { .fd = accept->fd, .events = POLLIN };
	bool handshakes = refuse_beginnings(accept->fd);
	int left = LAST_MAX;

	while (accept_waiting(accept, &left))
		if (!handshakes || poll(&pfd, 1, LAST_MSEC) == 0)
			break;
	shutdown(accept->fd, SHUT_RDWR);
}

int vane_loop_add_accept(struct vane_loop *loop, int fd, vane_accept_fn fn, void *data,
	struct vane_accept **out)
{
	struct vane_accept *accept = calloc(1, sizeof(*accept));
	int rc;

	if (accept == NULL)
		return -ENOMEM;
	accept->loop = loop;
	accept->fd = fd;
	accept->blocking = (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
	accept->fn = fn;
	accept->data = data;
	rc = vane_loop_add_watch(
		loop, fd, VANE_READ, on_connections, accept, &accept->watch);
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

void vane__accept_leave(struct vane_accept *accept, bool (*leave)(void *data))
{
	accept->leave = leave;
}

void vane_accept_remove(struct vane_accept *accept)
{
	if (accept == NULL)
		return;
	if (accept->removed != NULL)
		*accept->removed = true;
	vane_timer_cancel(accept->resume);
	vane_watch_remove(accept->watch);
	free(accept);
}
