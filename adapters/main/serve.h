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

#include "mode.h"
#include "pages.h"
#include "settings.h"

/* What a mode can do, as VANE_CAP_ bits. */
unsigned vane__serve_caps(enum vane__mode mode);

/*
 * Have signals wait until vane__serve() listens to them: one that comes before would kill a
 * worker that is about to start, and its master would call that a crash.
 */
void vane__serve_hold_signals(void);

/* Who serves what, and where. */
struct vane__service {
	struct vane_program *program;
	struct vane_app *app;
	enum vane__mode mode;
	bool owned; /* by the web server, perhaps, that has given us descriptor 0 */
	struct vane_sockets *socks; /* emptied */
	struct vane__pages *pages;  /* are told when it is to leave */
	/* it serves; in a worker the master is told instead */
	vane_loop_fn ready;
	void *ready_data;
};

/*
 * Serve until told to stop: TERM and INT drain, a second one and QUIT stop at once, and so
 * does the end of the master, with a drain.  USR1 opens log files again; FastCGI programs that are
 * owned leave, as at TERM.
 *
 * Returns 0 after a stop, or a negative errno, which is logged.
 */
int vane__serve(const struct vane__service *service, const struct vane__settings *settings);

/* The program's part of the beginning, whose failure is logged, and that of the end. */
int vane__serve_begin(struct vane_program *program, struct vane_loop *loop);
void vane__serve_end(struct vane_program *program);

#endif
