/* SPDX-License-Identifier: MIT */
/*
 * protocol.h - what a backend asks of FastCGI and of SCGI: all that differs between the two.
 */
#ifndef VANE__PROTOCOL_H
#define VANE__PROTOCOL_H

#include "balancer.h"
#include "buf.h"
#include "cgi_vars.h"
#include "relay.h"

/* What all requests of a backend share is the protocol's own. */
struct vane__protocol {
	const char *name; /* for the log: "fastcgi" */

	/* Append the head of a request: 0 or a negative errno. */
	int (*encode)(const struct vane__vars *vars, struct buf *head);

	/* The balancer is borrowed.  0 or -ENOMEM. */
	int (*open)(void **shared, struct vane__balancer *balancer, bool multiplex);

	/*
	 * Have a relay answered.  The head is taken over, and the buffer is empty after it.  All
	 * that goes wrong goes to the relay.
	 */
	void (*run)(void *shared, struct vane__relay *relay, struct buf *head);

	/* Whether something ends that no relay waits for; NULL: nothing ever does. */
	bool (*ending)(const void *shared);

	/* End that at once, while the loop and the balancer are still there.  NULL is fine. */
	void (*close)(void *shared);
};

/* FastCGI 1.0, responders (6.2). */
extern const struct vane__protocol vane__fastcgi_protocol;

/* SCGI, each request over a connection of its own. */
extern const struct vane__protocol vane__scgi_protocol;

#endif
