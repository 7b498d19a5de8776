/* SPDX-License-Identifier: MIT */
/*
 * gate.h - so many at a time, and the others in a line that is neither endless nor forever.
 */
#ifndef VANE__GATE_H
#define VANE__GATE_H

#include <stdint.h>

#include "list.h"

struct vane_loop;
struct vane_timer;

struct vane__ticket;

struct vane__gate {
	int max_inside, max_waiting; /* < 0: any number */
	int64_t wait_msec;           /* < 0: for ever */
	int inside, waiting;
	struct list line; /* who has waited the longest first */
	struct vane_loop *loop;
	struct vane_timer *timer; /* the first one's patience */
	bool admitting;
};

/* Whoever wants to pass: embedded, and zero while it is neither inside nor in line. */
struct vane__ticket {
	struct vane__gate *gate; /* NULL: neither */
	struct list node;        /* in line */
	bool inside;
	int64_t since;
	void (*fn)(void *data,
		int rc); /* 0: it is inside now; -ETIMEDOUT: it has waited too long */
	void *data;
};

/* Let so many inside and so many wait, for so long; < 0: any number, for ever. */
void vane__gate_init(
	struct vane__gate *gate, int max_inside, int max_waiting, int64_t wait_msec);

/*
 * Ask to pass.  Returns 1 if the ticket is inside at once, 0 if it stands in line and fn
 * will be called, -EAGAIN if the line is full.  The loop is the one that all at this gate
 * use.
 */
int vane__gate_enter(struct vane__gate *gate, struct vane_loop *loop,
	struct vane__ticket *ticket, void (*fn)(void *data, int rc), void *data);

/*
 * From inside back to its place in line, as if it had never left it: what it came for is not
 * there yet.  Who does that sees to it that there is no room for now.
 */
void vane__gate_put_back(struct vane__ticket *ticket);

/* Let so many inside from now on: those that there is room for enter. */
void vane__gate_resize(struct vane__gate *gate, int max_inside);

/*
 * Leave, from inside or out of the line; the next one enters.  Of no effect on a zero ticket.
 */
void vane__gate_leave(struct vane__ticket *ticket);

/* Nobody is inside or in line any more: stop the clock. */
void vane__gate_fini(struct vane__gate *gate);

#endif
