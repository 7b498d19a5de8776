/* SPDX-License-Identifier: MIT */
/*
 * ask.h - what a FastCGI application says of itself (FastCGI 1.0, 4.1).
 */
#ifndef VANE__ASK_H
#define VANE__ASK_H

#include "fastcgi_conn.h"

/*
 * Ask a peer, the first time that it matters, how many connections it serves and how many
 * requests on each: on a connection of its own, while requests go on as if nothing was
 * known.
 *
 * What it says, or that it says nothing within a second, decides how many connections are
 * kept, and how many requests share one.
 */
void vane__ask_once(
	const struct vane__fastcgi *app, struct vane__peer *peer, struct vane_loop *loop);

/*
 * How many connections one of so many workers may keep to an application that serves max_conns
 * at a time (< 0: does not say), if it wants to keep so many.
 */
int vane__ask_keep(int wanted, long max_conns, int workers);

#endif
