/* SPDX-License-Identifier: MIT */
/*
 * vane/fastcgi.h - an application as a FastCGI 1.0 responder.
 *
 * A connection waits in the loop until a request is there, whole or with the first 32 KiB of its
 * body; the rest of a body that is collected, and a web server that takes its time to read, are
 * waited for there too.  So none that is idle or slow costs a process.  Only a handler that reads
 * the body itself, or writes and flushes more than the connection may keep (256 KiB), waits.
 */
#ifndef VANE_FASTCGI_H
#define VANE_FASTCGI_H

#include <vane/app.h>
#include <vane/loop.h>
#include <vane/netutil.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vane_fastcgi;
struct vane_handover;

/* Settings; zero means the default, VANE_NO_LIMIT that there is no limit. */
struct vane_fastcgi_opts {
	/* for a request's head, and between two pieces of its body: 10 s */
	int64_t request_msec;
	/*
	 * bytes a second of a body, while it is waited for, taken over more than
	 * request_msec, or 60 s if that has no limit: 500
	 */
	int64_t min_rate;
	int64_t write_msec;       /* without progress in writing: 60 s */
	int64_t max_params_bytes; /* 64 KiB; more is answered with 431 */
	int64_t max_params;       /* 512 */
	int64_t max_connections;  /* a process; above it OVERLOADED: 10,000 */
	/*
	 * at a stop, for a request on a connection that was opened, or answered, no longer
	 * ago: 500 ms; no limit: as long as the drain lasts
	 */
	int64_t grace_msec;
	struct vane_handover *handover; /* borrowed; NULL: as in struct vane_server_opts */
};

/*
 * Make a FastCGI responder.  App and loop are borrowed and outlive it; options are copied.
 *
 * Signals stay as they are.  FCGI_WEB_SERVER_ADDRS in the environment says which addresses may
 * connect by TCP.
 */
VANE_API int vane_fastcgi_new(struct vane_fastcgi **fastcgi, struct vane_app *app,
	struct vane_loop *loop, const struct vane_fastcgi_opts *opts);

/*
 * Close everything and free a responder; within a handler of its own it ends the process.  NULL
 * is fine.
 */
VANE_API void vane_fastcgi_free(struct vane_fastcgi *fastcgi);

/* Accept on listening sockets; the list is emptied, the sockets are the responder's. */
VANE_API int vane_fastcgi_add_sockets(
	struct vane_fastcgi *fastcgi, struct vane_sockets *socks);

/*
 * Stop accepting and close idle connections, but for those that may have a request on the way:
 * they are kept for what is left of the grace.  Run done(data) when the requests that have begun
 * are answered, or after that many milliseconds, as vane_server_drain() does: what is cut then is
 * named in the log.  done may be NULL.
 *
 * What waits in a listening socket is taken, see vane_accept_last(), unless others serve it too:
 * other workers that stay, or whoever we have inherited it from.
 */
VANE_API int vane_fastcgi_drain(
	struct vane_fastcgi *fastcgi, int64_t msec, vane_loop_fn done, void *data);

/*
 * Close what is left, but for the request within whose handler this is called.  Returns how many
 * requests have been cut by that and before.
 */
VANE_API size_t vane_fastcgi_cut(struct vane_fastcgi *fastcgi);

/* What FastCGI can do, as VANE_CAP_ bits. */
VANE_API unsigned vane_fastcgi_caps(void);

#ifdef __cplusplus
}
#endif

#endif
