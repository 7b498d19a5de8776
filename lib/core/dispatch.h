/* SPDX-License-Identifier: MIT */
/*
 * dispatch.h - what dispatch.c, exchange.c and request_timer.c ask of each other.
 */
#ifndef VANE__DISPATCH_H
#define VANE__DISPATCH_H

#include <vane/types.h>

struct vane_exchange;

/* exchange.c: the handler's function has returned rc; act upon it. */
void vane__exchange_conclude(struct vane_exchange *x, int rc);

/*
 * exchange.c: one that returns nothing has: what it put off until then happens.  x may be freed,
 * or be at another handler.
 */
void vane__exchange_settle(struct vane_exchange *x);

/* exchange.c: there may be body for a handler that waits for some. */
void vane__exchange_tell_body(struct vane_exchange *x);

/* dispatch.c: find the route of what was understood, and have it answer. */
void vane__exchange_route(struct vane_exchange *x);

/* The response is complete: send what there is, and end when it is taken. */
void vane__exchange_finish(struct vane_exchange *x);

/*
 * Answer with an error page, or cut what is on its way already.  rc is a status, or a negative
 * errno, which becomes 500; why is for debug mode and for the log, or NULL.  What is answered
 * with 500, and what is cut, is an error in the log, unless the peer is lost.
 */
void vane__exchange_fail(struct vane_exchange *x, int rc, const char *why);

/* Log why a request is refused: its client's affair, but somebody may be asked about it. */
void vane__exchange_explain(struct vane_exchange *x, int status, const char *why);

/* The exchange is over: tell the handler, the log, and the driver. */
void vane__exchange_end(struct vane_exchange *x, int rc);

/* A timer does not run any more: it is for the next that is asked for. */
struct vane__request_timer;
void vane__request_timer_put_by(struct vane__request_timer *timer);

/*
 * request_timer.c: have the first that is due fire, of an exchange without a loop, whose clock is
 * moved on to that time.  False if there is none.
 */
bool vane__request_timer_fire_next(struct vane_exchange *x);

/* Take back the timers that have not fired. */
void vane__request_timers_stop(struct vane_exchange *x);

#endif
