/* SPDX-License-Identifier: MIT */
/*
 * pages.h - the paths that a program answers by itself, before its routes: --status, --health and
 * --ready.
 */
#ifndef VANE__PAGES_H
#define VANE__PAGES_H

#include <vane/handler.h>
#include <vane/types.h>

#include "settings.h"

struct vane__trust;
struct vane_app;

struct vane__pages {
	struct vane_route *own; /* the pages, and the program's behind them; NULL: none */
	const struct vane_route *routes; /* all there are */
	const struct vane__settings *settings;
	struct vane__trust *loopback, *trusted; /* NULL: none */
	const char *program;
	const char *sandbox; /* what is active of --sandbox; NULL: it was not given */
	const struct vane_app *app;
	int processes;
	bool leaving; /* the process, and not to make room for another */
};

/* The routes of a program with the pages before them.  0, -ENOMEM, or -EINVAL for --trusted. */
int vane__pages_init(struct vane__pages *pages, const struct vane__settings *settings,
	const struct vane_route *program);
void vane__pages_fini(struct vane__pages *pages);

/*
 * Whether whoever asks may see figures: of loopback, a unix socket, or among --trusted, and not by
 * way of a proxy that --xheaders does not let speak for its clients.
 */
bool vane__pages_may_see(const struct vane__pages *pages, struct vane_request *req);

#endif
