/* SPDX-License-Identifier: MIT */
/*
 * ring.h - what is linked in a ring; its head is a member that is nothing else.
 */
#ifndef VANE__RING_H
#define VANE__RING_H

/* Put first into what is linked, so that the one is the other. */
struct vane__ring {
	struct vane__ring *next, *prev;
};

static inline void vane__ring_init(struct vane__ring *ring)
{
	ring->next = ring->prev = ring;
}

/* Append a link that is in no ring. */
static inline void vane__ring_add(struct vane__ring *ring, struct vane__ring *link)
{
	link->prev = ring->prev;
	link->next = ring;
	ring->prev->next = link;
	ring->prev = link;
}

/* Take a link out; it may be taken out again. */
static inline void vane__ring_del(struct vane__ring *link)
{
	link->next->prev = link->prev;
	link->prev->next = link->next;
	vane__ring_init(link);
}

#endif
