/* SPDX-License-Identifier: MIT */
/*
 * cgi.h - what the parts of the CGI backend share: the backend, and one script that runs for it.
 */
#ifndef VANE__CGI_H
#define VANE__CGI_H

#include "child.h"
#include "limiter.h"
#include "backend.h"
#include "relay.h"
#include "cgi_vars.h"
#include "strlist.h"

/* What is read from a pipe at a time. */
#define VANE__CGI_PIECE (64 * 1024)

struct vane__cgirun;

struct vane__cgi_backend {
	struct vane_backend backend;
	char *program; /* NULL: scripts are executable */
	struct vane__run_as as;
	int64_t cpu_sec, memory_bytes, kill_msec;
	bool isindex;
	struct vane__limiter limiter;    /* of children that have not been reaped */
	struct vane__children *children; /* NULL: there was none yet */
	struct list runs;
	char piece[VANE__CGI_PIECE];
};

/* One end of a pipe. */
struct vane__port {
	int fd; /* -1: closed */
	struct vane_watch *watch;
};

/*
 * A script and its request, from the queue to the grave.  The request may be over long
 * before the script is.
 */
struct vane__cgirun {
	struct vane__cgi_backend *backend;
	struct list node;          /* among the backend's */
	struct vane__relay *relay; /* NULL: over */
	struct vane_loop *loop;
	struct vane__waiter waiter;
	struct vane__vars vars;
	struct vane__strlist args; /* up to the first the child has them */
	char *directory;
	struct vane__child *child; /* NULL: not started yet */
	struct vane__port in, out, err;
	char *body; /* what in has not taken: room for a piece */
	size_t body_len, body_at;
	bool told;                 /* the child was told to end */
	struct vane_timer *linger; /* its output is at its end, it is not */
};

/* Start the script: what it is has been said, and the relay is carried by this run. */
void vane__cgirun_start(struct vane__cgirun *run);

/* The relay is over, or never was: end what runs, and free it as soon as nothing does. */
void vane__cgirun_abandon(struct vane__cgirun *run);

/* Free what is there, without a look at the child, which is somebody else's to free. */
void vane__cgirun_free(struct vane__cgirun *run);

extern const struct vane__relay_calls vane__cgi_calls;

#endif
