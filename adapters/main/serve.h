/* SPDX-License-Identifier: MIT */
/*
 * serve.h - one serving process: a worker, or the only one.
 */
#ifndef VANE__SERVE_H
#define VANE__SERVE_H

#include <vane/app.h>
#include <vane/loop.h>
#include <vane/main.h>
#include <vane/netutil.h>
#include <vane/types.h>

#include "master.h"
#include "mode.h"
#include "pages.h"
#include "settings.h"

struct vane__responder_look;

/* What a mode can do, as VANE_CAP_ bits. */
unsigned vane__serve_caps(enum vane__mode mode);

/*
 * Have signals wait until vane__serve() listens to them: one that comes before would kill a
 * worker that is about to start, and its master would call that a crash.
 */
void vane__serve_hold_signals(void);

/* Add those signals to a set. */
void vane__serve_add_signals(sigset_t *set);

/* Who serves what, and where. */
struct vane__service {
	struct vane_program *program;
	struct vane_app *app;
	enum vane__mode mode;
	bool owned;    /* by the web server, perhaps, that has given us descriptor 0 */
	bool replaced; /* by its master when it has reached a limit */
	/* how a process without a master makes way for a new program; NULL: it does not */
	const struct vane__renewal *renewal;
	const char *watched;        /* path of the program with --autoreload, else NULL */
	struct vane_sockets *socks; /* emptied */
	struct vane__pages *pages;  /* are told when it is to leave */
	struct vane__responder_look
		*look; /* of each request that comes; NULL: nobody looks */
	/* it serves; in a worker the master is told instead */
	vane_loop_fn ready;
	void *ready_data;
};

/*
 * Serve until told to stop: TERM and INT drain, a second one and QUIT stop at once, and so
 * does the end of the master, with a drain.  USR1 opens log files again; FastCGI programs that are
 * owned leave, as at TERM.  Does not return if a new program has taken over.
 *
 * Returns 0 after a stop, or a negative errno, which is logged.
 */
int vane__serve(const struct vane__service *service, const struct vane__settings *settings);

/* Do all of a start but accept connections.  0 or a negative errno, which is logged. */
int vane__serve_rehearse(
	const struct vane__service *service, const struct vane__settings *settings);

/* The program's part of the beginning, whose failure is logged, and that of the end. */
int vane__serve_begin(struct vane_program *program, struct vane_loop *loop);
void vane__serve_end(struct vane_program *program);

#endif
