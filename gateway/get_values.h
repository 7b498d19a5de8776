/* SPDX-License-Identifier: MIT */
/*
 * get_values.h - FCGI_GET_VALUES: what an application takes, asked of it (FastCGI 1.0, 4.1).
 */
#ifndef VANE__GET_VALUES_H
#define VANE__GET_VALUES_H

#include "fastcgi_conn.h"

/*
 * Ask a peer, the first time that it matters, how many connections it serves and how many
 * requests on each: on a connection of its own, while requests go on as if nothing was
 * known.
 *
 * What it says, or that it says nothing within a second, decides how many connections are
 * kept, and how many requests share one.
 */
void vane__get_values_once(
	const struct vane__fastcgi *app, struct vane__peer *peer, struct vane_loop *loop);

/*
 * How many connections one of so many workers may keep to an application that serves max_conns
 * at a time (< 0: does not say), if it wants to keep so many.
 */
int64_t vane__get_values_keep(int64_t wanted, long max_conns, int workers);

#endif
