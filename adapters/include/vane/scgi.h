/* SPDX-License-Identifier: MIT */
/*
 * vane/scgi.h - an application as an SCGI program, driven by an event loop.
 *
 * A connection carries one request.  It waits in the loop until that is there, whole or with the
 * first 32 KiB of its body, then for the rest of that, and for its peer to read the response: slow
 * connections cost no process.  Only what a handler itself does waits: reading a body that has not
 * come, or writing more than 256 KiB to a peer that does not read.
 */
#ifndef VANE_SCGI_H
#define VANE_SCGI_H

#include <vane/app.h>
#include <vane/loop.h>
#include <vane/netutil.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vane_scgi;

/* Settings; zero means the default, VANE_NO_LIMIT that there is no limit. */
struct vane_scgi_opts {
	/*
	 * for a request's head, and between two pieces of its body: 10 s; a request whose handler
	 * is asked already is answered as one with a short body, others are dropped
	 */
	int64_t request_msec;
	/*
	 * bytes a second of a body, while it is waited for, taken over more than
	 * request_msec, or 60 s if that has no limit: 500
	 */
	int64_t min_rate;
	int64_t write_msec;      /* without progress in writing: 60 s */
	int64_t max_head_bytes;  /* 64 KiB; more is answered with 431 */
	int64_t max_vars;        /* 512 */
	int64_t max_connections; /* a process; above it they are closed: 10,000 */
	/*
	 * at a stop, for a request on a connection that was opened no longer ago: 500 ms; no
	 * limit: as long as the drain lasts
	 */
	int64_t grace_msec;
};

/* Make an SCGI responder.  App and loop are borrowed and outlive it; options are copied. */
VANE_API int vane_scgi_new(struct vane_scgi **scgi, struct vane_app *app,
	struct vane_loop *loop, const struct vane_scgi_opts *opts);

/*
 * Close everything and free a responder; within a handler of its own it ends the process.  NULL
 * is fine.
 */
VANE_API void vane_scgi_free(struct vane_scgi *scgi);

/* Accept on listening sockets; the list is emptied, the sockets are the responder's. */
VANE_API int vane_scgi_add_sockets(struct vane_scgi *scgi, struct vane_sockets *socks);

/*
 * Stop accepting and close connections on which nothing has come, those that were opened lately
 * when the grace is over.  Run done(data) when the requests that have begun are answered, or
 * after that many milliseconds, as vane_server_drain() does: what is cut then is named in the
 * log.  done may be NULL.
 *
 * What waits in a listening socket is taken, see vane_accept_last(), unless others serve it too:
 * other workers that stay, or whoever we have inherited it from.
 */
VANE_API int vane_scgi_drain(
	struct vane_scgi *scgi, int64_t msec, vane_loop_fn done, void *data);

/*
 * Close what is left, but for the request within whose handler this is called.  Returns how many
 * requests have been cut by that and before.
 */
VANE_API size_t vane_scgi_cut(struct vane_scgi *scgi);

/* What SCGI can do, as VANE_CAP_ bits. */
VANE_API unsigned vane_scgi_caps(void);

#ifdef __cplusplus
}
#endif

#endif
