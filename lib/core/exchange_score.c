/* SPDX-License-Identifier: MIT */
/*
 * exchange_score.c - what the score of a process has of its exchanges: the one that it is in, and
 * what came of each.
 *
 * Called only where somebody asks for scores.  The clock is read when the process enters an exchange
 * and when one is over, and not in between.
 */
#include "app.h"
#include "exchange.h"
#include "route.h"

static uint32_t route_of(const struct vane_exchange *x)
{
	return x->req.route != NULL ? x->req.route->number : 0;
}

/* A handler may finish other exchanges: the process is in the first of them for all that time. */
void vane__exchange_score_enter(const struct vane_exchange *x)
{
	struct vane__score *score = vane__score;

	score->now_usec = vane__score_clock();
	VANE__SCORE_SET(score->route, route_of(x));
	if (score->since_usec == 0)
		VANE__SCORE_SET(score->since_usec, score->now_usec);
}

void vane__exchange_score_leave(const struct vane_exchange *before)
{
	if (before != NULL)
		VANE__SCORE_SET(vane__score->route, route_of(before));
	else
		VANE__SCORE_SET(vane__score->since_usec, (int64_t) 0);
}

void vane__exchange_score_begin(struct vane_exchange *x)
{
	x->began_usec = vane__score->now_usec;
	vane__score_add(&vane__score->in_flight, 1);
}

void vane__exchange_score_end(const struct vane_exchange *x, int rc)
{
	struct vane__score *score = vane__score;
	struct vane__score_route *route = &score->routes[route_of(x)];
	int status = vane__sent_status(x, rc);

	vane__score_add(&score->in_flight, UINT64_MAX);
	if (x->req.route != NULL && x->req.route->handler->quiet)
		return;
	score->now_usec = vane__score_clock();
	vane__score_request(
		score, status, score->now_usec - x->began_usec, (uint64_t) x->res.taken);
	vane__score_add(&route->requests, 1);
	vane__score_add(&route->usec, (uint64_t) (score->now_usec - x->began_usec));
	if (status >= 500)
		vane__score_add(&route->errors, 1);
}
