/* SPDX-License-Identifier: MIT */
/*
 * acceptor.h - the listening sockets of a server, whom connections are left to, and how it ends: the
 * last accept, a drain that has its time, and the requests that are cut.
 *
 * Where several processes accept from a socket, one that has taken a connection may have to keep it
 * waiting, as its handler blocks, while others are idle.  So as long as it is not known that
 * handlers are fast, and for a minute after one was not, a connection that has not said anything yet
 * is followed by a short pause: others take the next one.
 */
#ifndef VANE__ACCEPTOR_H
#define VANE__ACCEPTOR_H

#include <vane/loop.h>
#include <vane/netutil.h>
#include <vane/types.h>

/* A listening socket. */
struct vane__listener {
	struct vane_accept *accept; /* NULL: connections are not accepted yet */
	int fd;
	bool shared; /* others than our workers accept from it too */
	int pid;     /* of the process that has put it on its list */
};

/* The owner, which counts what is to be waited for, fills in the first seven. */
struct vane__acceptor {
	struct vane_loop *loop; /* may come later, if nothing is accepted before */
	vane_accept_fn enter;   /* a connection has come, and perhaps what it asks for */
	/* no descriptor is left for one: whether another was closed for it; NULL: never */
	bool (*make_room)(void *owner);
	bool (*busy)(void *owner); /* whether a handler runs, which turns the loop */
	vane_loop_fn cut;          /* the drain takes too long: close all connections */
	void *owner;               /* what the three are given */
	int64_t grace_msec;        /* VANE__UNLIMITED: as long as the drain lasts */

	uint64_t served;      /* requests that have begun: counted by the owner */
	int64_t stalled_msec; /* when a handler was about to block, by the loop's clock; */
	bool stalled;         /* one has been */
	bool silent;          /* the connection accepted last has not said anything */

	struct vane__listener *listeners;
	size_t count;
	size_t cut_count; /* requests that were */
	bool stopped;     /* nothing is accepted any more */
	bool draining;
	vane_loop_fn drained; /* who waits for the end; NULL: nobody */
	void *drained_data;
	bool empty;    /* there is nothing to wait for */
	int64_t until; /* what is left is cut then, by the loop's clock */
	struct vane_timer *timer;
};

/* Take a listening socket, and accept on it now or by vane__acceptor_start(); closed if that fails. */
int vane__acceptor_add(struct vane__acceptor *acceptor, int fd, bool shared, bool now);

/* The same with those of a list, which is emptied. */
int vane__acceptor_add_all(
	struct vane__acceptor *acceptor, struct vane_sockets *socks, bool now);

/* Whether a socket is accepted from by other processes too, workers or others. */
bool vane__acceptor_is_shared(const struct vane__acceptor *acceptor);

/*
 * What names the sockets that were there before this process began, or with own those as well that it
 * has made itself; 0: there are none.
 */
uint64_t vane__acceptor_tag(const struct vane__acceptor *acceptor, bool own);

/* A handler is about to block, or has. */
void vane__acceptor_stall(struct vane__acceptor *acceptor);

/* Accept on those that wait for it. */
int vane__acceptor_start(struct vane__acceptor *acceptor);

/* Stop accepting, with a last accept of what nobody else would take. */
void vane__acceptor_stop(struct vane__acceptor *acceptor);

/*
 * Run done(data) as soon as vane__acceptor_check() finds nothing left, or after cutting what is left
 * after that time, VANE_NO_LIMIT: never.  vane__acceptor_stop() and vane__acceptor_check() are to
 * follow.  Returns 0, -EALREADY, -EINVAL for another time below 0, or -ENOMEM.
 */
int vane__acceptor_drain(
	struct vane__acceptor *acceptor, int64_t msec, vane_loop_fn done, void *data);

/* So many are left that a drain waits for. */
void vane__acceptor_check(struct vane__acceptor *acceptor, size_t count);

/*
 * After a stop: how long a connection that has been silent since then, by the loop's clock, may
 * still have a request on the way; 0 if it need not be waited for.
 */
int64_t vane__acceptor_grace(const struct vane__acceptor *acceptor, int64_t since);

/* A request is cut that has taken so long: count it, and say in the log what it was. */
void vane__acceptor_cut(struct vane__acceptor *acceptor, const char *what, int64_t msec);

/* Close the sockets, and tell nobody. */
void vane__acceptor_fini(struct vane__acceptor *acceptor);

#endif
