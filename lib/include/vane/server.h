/* SPDX-License-Identifier: MIT */
/*
 * vane/server.h - the native HTTP/1.1 server (Tornado's HTTPServer).
 *
 *	vane_bind_sockets(&opts, &socks);            before the fork, so that all share them
 *	vane_fork_processes(&process_opts);
 *	vane_loop_new(&loop);
 *	vane_server_new(&server, app, loop, NULL);
 *	vane_server_add_sockets(server, &socks);
 *	vane_loop_run(loop);
 */
#ifndef VANE_SERVER_H
#define VANE_SERVER_H

#include <vane/loop.h>
#include <vane/netutil.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vane_server;
struct vane_handover;

/* Settings; zero means the default, VANE_NO_LIMIT that there is no limit. */
struct vane_server_opts {
	/* request line and fields: 64 KiB; more is 431, or 414, and so is more than 1 GiB */
	int64_t max_header_bytes;
	int64_t max_fields;      /* 256, and never more; above it 431 */
	int64_t max_connections; /* no limit: as many as there are descriptors */
	/* of one client's address, an IPv6 network of 64 bits counting as one: no limit */
	int64_t max_per_address;
	int64_t header_msec; /* from the first byte of a head to its end: 60 s */
	int64_t body_msec;   /* between two pieces of a body: 60 s */
	/*
	 * bytes a second of a body, while it is waited for, taken over more than body_msec, or
	 * 60 s if that has no limit: 500
	 */
	int64_t min_rate;
	int64_t write_msec; /* without progress in writing: 60 s */
	int64_t idle_msec;  /* between two requests: 3600 s */
	/*
	 * at a stop, for a request on a connection that was opened, or answered, no longer
	 * ago: 500 ms; no limit: as long as the drain lasts
	 */
	int64_t grace_msec;
	/*
	 * peers that put the PROXY protocol's header before each connection, versions 1 and 2, as
	 * .trusted of struct vane_app_opts is written: whose connection it is, they say, and one
	 * without the header is closed; copied.  NULL: none
	 */
	const char *proxy_protocol;
	bool no_keep_alive; /* close after each response */
	/*
	 * borrowed; NULL: workers of vane_fork_processes() have one, for the first of their servers
	 * and responders that serves sockets from before the fork
	 */
	struct vane_handover *handover;
};

/*
 * At either limit, and when descriptors run out, the connection that has waited longest for a request
 * gives way to a new one (at the limit of an address: one of that address), and if none waits for
 * one, the one that has waited longest for the rest of a head.  If there is neither, the new one
 * is closed, or left to the kernel as long as there is no descriptor for it.  The last descriptors,
 * an eighth and no more than 64, are left to files and the like.
 */

/*
 * Make a server.  App and loop are borrowed and outlive it; options are copied.
 *
 * loop may be NULL: the server then makes one of its own when it first accepts, so that it can
 * be made, and bound, before vane_server_start() forks.
 */
VANE_API int vane_server_new(struct vane_server **server, struct vane_app *app,
	struct vane_loop *loop, const struct vane_server_opts *opts);

/*
 * Close all connections and free a server.  Listening sockets that it was given are closed.  Timers of
 * requests whose clients have left are stopped: the loop and the application go in any order.
 * Within a handler of its own it ends the process, with a line in the log: drain it, or stop the
 * loop.
 */
VANE_API void vane_server_free(struct vane_server *server);

/* Bind and accept at once; may be called more than once. */
VANE_API int vane_server_listen(
	struct vane_server *server, const char *port, const char *address);

/* Bind now, accept at vane_server_start(), or at once if that has been. */
VANE_API int vane_server_bind(
	struct vane_server *server, const struct vane_bind_opts *opts);

/*
 * Accept on what has been bound; with processes other than 1, fork that many workers first, as
 * vane_fork_processes() does, and return in them only.  -EALREADY if it was started before;
 * -EBUSY if there is a loop already and a fork was asked for.
 */
VANE_API int vane_server_start(struct vane_server *server, int processes);

/* The loop that the server runs in, NULL while it has none. */
VANE_API struct vane_loop *vane_server_loop(const struct vane_server *server);

/* Accept on listening sockets; the list is emptied, the sockets are the server's. */
VANE_API int vane_server_add_sockets(
	struct vane_server *server, struct vane_sockets *socks);

/* Accept on a listening socket that nobody else serves, but our workers; it is the server's. */
VANE_API int vane_server_add_socket(struct vane_server *server, int fd);

/*
 * Serve a connection that was accepted elsewhere; the descriptor is the server's, and closed if
 * this fails.  -ENOTCONN if it has been reset meanwhile: its peer's address is gone.
 */
VANE_API int vane_server_add_connection(struct vane_server *server, int fd);

/*
 * Stop accepting; requests in progress go on, and responses from now on close their connection.
 * Idle connections are closed a tenth of a second later, and those that were opened or answered lately,
 * which may have a request on the way, when the grace is over.  What waits in a listening
 * socket is taken, see vane_accept_last(), unless others serve it too: other workers that stay,
 * or whoever we have inherited it from.  Does nothing the second time.
 */
VANE_API void vane_server_stop(struct vane_server *server);

/*
 * Stop, and run done(data) the moment the last request has been answered and sent.  After that many
 * milliseconds, 0 being none and VANE_NO_LIMIT as long as it takes, whatever is left is cut, and
 * named in the log.  done may be NULL.  -EALREADY while it drains; -EINVAL for other times below 0.
 */
VANE_API int vane_server_drain(
	struct vane_server *server, int64_t msec, vane_loop_fn done, void *data);

/*
 * How many requests have begun and are not answered and sent yet.  While the server stops, the
 * connections on which it waits for one are among them.
 */
VANE_API size_t vane_server_in_flight(const struct vane_server *server);

/* How many connections are open. */
VANE_API size_t vane_server_connections(const struct vane_server *server);

/*
 * Close all connections at once; requests in progress are cut, and named in the log with how long
 * they have taken.
 */
VANE_API void vane_server_close_all_connections(struct vane_server *server);

/* Close what is left.  Returns how many requests have been cut by that and before. */
VANE_API size_t vane_server_cut(struct vane_server *server);

#ifdef __cplusplus
}
#endif

#endif
