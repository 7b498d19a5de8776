/* SPDX-License-Identifier: MIT */
/*
 * balancer.h - chooses the peer that a request goes to: what upstreams and programs have in common.
 */
#ifndef VANE__BALANCER_H
#define VANE__BALANCER_H

#include "limiter.h"
#include "peer.h"

/* What has become of a lease. */
enum vane__result {
	VANE__RESULT_DONE,    /* the peer answered, or was not asked anything */
	VANE__RESULT_REFUSED, /* no connection could be made */
	VANE__RESULT_BROKEN,  /* it broke the protocol, or the connection off */
	VANE__RESULT_HUNG     /* it was asked to stop, and said nothing */
};

/* A peer that a request has, or wants to have: embedded, zero at first. */
struct vane__lease {
	struct vane__peer *peer; /* NULL: none */
	uint64_t tried;          /* peers that this request had before, a bit each */
	struct vane__waiter waiter;
	void (*ready)(void *data, int rc);
	void *data;
	void *own; /* the balancer's */
};

/*
 * Gives peers to requests: a group of addresses (upstream.h), or the workers of a program
 * (program.h).  Embedded in these.
 */
struct vane__balancer {
	/*
	 * Find a peer.  Returns 1 if lease->peer is set, 0 if ready() will be called with 0
	 * or with one of these: -EHOSTDOWN (all are down, or were tried), -EAGAIN (too many
	 * are waiting), -ETIMEDOUT (has waited too long), or another negative errno.
	 */
	int (*acquire)(struct vane__balancer *balancer, struct vane_loop *loop,
		struct vane__lease *lease);

	/* Give a peer back, and find another one, as acquire() does. */
	int (*next)(struct vane__balancer *balancer, struct vane__lease *lease,
		enum vane__result result);

	/* Give the peer back, or wait for none any more. */
	void (*release)(struct vane__balancer *balancer, struct vane__lease *lease,
		enum vane__result result);
};

#endif
