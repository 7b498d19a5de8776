/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_request.h - requests that a FastCGI application answers (FastCGI 1.0, 6.2).
 */
#ifndef VANE__FASTCGI_REQUEST_H
#define VANE__FASTCGI_REQUEST_H

#include "fastcgi_conn.h"

/* The balancer is borrowed.  0 or -ENOMEM. */
int vane__fastcgi_init(
	struct vane__fastcgi *app, struct vane__balancer *balancer, bool multiplex);

/* End what nobody waits for any more, while the loop and the balancer are still there. */
void vane__fastcgi_fini(struct vane__fastcgi *app);

/*
 * Have a relay answered.  params are the request's as FastCGI's pairs; they are taken over,
 * and the buffer is empty after it.  All that goes wrong goes to the relay.
 */
void vane__fastcgi_run(
	struct vane__fastcgi *app, struct vane__relay *relay, struct buf *params);

#endif
