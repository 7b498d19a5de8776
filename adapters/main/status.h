/* SPDX-License-Identifier: MIT */
/*
 * status.h - the page of --status: the figures of all processes, in several forms.
 *
 *	status.c          which form is shown, and to whom
 *	status_figures.c  what the scores come to
 *	status_html.c     as a page with plots
 *	status_json.c     as JSON
 *	status_metrics.c  as text for Prometheus
 */
#ifndef VANE__STATUS_H
#define VANE__STATUS_H

#include <vane/handler.h>

#include "pages.h"
#include "scoreboard.h"

extern const struct vane_handler vane__status_handler;

/* What all processes come to together. */
struct vane__status {
	const struct vane__pages *pages;
	const char *mode;
	struct vane__score_sums sums;
	uint64_t connections, in_flight, rss_bytes;
	int workers;     /* that live */
	double age_sec;  /* since the program began to serve */
	uint32_t second; /* the last that is over, 0: none is */
};

/* A process, or what an id has had. */
struct vane__status_row {
	const struct vane__score *score; /* NULL: none lives */
	struct vane__score_sums sums;
	uint64_t connections, in_flight, rss_bytes;
	uint32_t lag_usec;
};

void vane__status_fill(struct vane__status *status, const struct vane__pages *pages);

/* All that the processes of an id have come to; false if it never had one. */
bool vane__status_row(struct vane__status_row *row, int id);

/*
 * The i-th route, and all that have its pattern, in all processes; index 0 is for requests that have
 * none.  False if nobody asked for it, or if one before it has the pattern.
 */
bool vane__status_route(
	struct vane__score_route *route, const struct vane__status *status, unsigned index);

/* Its pattern, "" for those without. */
const char *vane__status_pattern(const struct vane__status *status, unsigned index);

/*
 * The pattern of the route that a process is in, "" before it has one, and NULL if it is in no request;
 * for how many seconds in sec, below 0 if it is in none.
 */
const char *vane__status_place(
	const struct vane__status *status, const struct vane__score *score, double *sec);

/* The word for a state. */
const char *vane__status_state(const struct vane__score *score);

extern const char *const vane__status_classes[VANE__SCORE_CLASSES];

/* Write it. */
int vane__status_html(struct vane_response *res, const struct vane__status *status);
int vane__status_json(struct vane_response *res, const struct vane__status *status);
int vane__status_metrics(struct vane_response *res, const struct vane__status *status);

#endif
