/* SPDX-License-Identifier: MIT */
/*
 * status_figures.c - what the scores of all processes come to: together, by process and by route.
 */
#include "status.h"

#include <string.h>

const char *const vane__status_classes[VANE__SCORE_CLASSES] = { "1xx", "2xx", "3xx", "4xx",
	"5xx" };

/* Processes by what they take, and others, have more than one score. */
static bool is_living(const struct vane__score *score)
{
	return VANE__SCORE_GET(score->state) != VANE__SCORE_FREE;
}

const char *vane__status_state(const struct vane__score *score)
{
	switch (VANE__SCORE_GET(score->state)) {
	case VANE__SCORE_STARTING:
		return "starting";
	case VANE__SCORE_SERVING:
		return VANE__SCORE_GET(score->since_usec) != 0 ? "handler" : "idle";
	case VANE__SCORE_DRAINING:
	case VANE__SCORE_RECYCLED:
		return "draining";
	default:
		return "gone";
	}
}

bool vane__status_row(struct vane__status_row *row, int id)
{
	const struct vane__score *score;
	bool known = false;
	size_t i;

	*row = (struct vane__status_row) { 0 };
	for (i = 0; (score = vane__board_score(i)) != NULL; i++) {
		if (score->id != id || VANE__SCORE_GET(score->generation) == 0)
			continue;
		known = true;
		vane__score_add_sums(&row->sums, score);
		row->connections += VANE__SCORE_GET(score->connections);
		row->in_flight += VANE__SCORE_GET(score->in_flight);
		if (!is_living(score))
			continue;
		row->rss_bytes += (uint64_t) VANE__SCORE_GET(score->rss_kib) * 1024;
		if (row->score == NULL || score->started_usec > row->score->started_usec) {
			row->score = score;
			row->lag_usec = VANE__SCORE_GET(score->lag_usec);
		}
	}
	return known;
}

void vane__status_fill(struct vane__status *status, const struct vane__pages *pages)
{
	const struct vane__score *score;
	size_t i;

	*status = (struct vane__status) { .pages = pages,
		.age_sec = (double) vane__board_age() / 1e6,
		.second = vane__board_second() - 1 };
	for (i = 0; (score = vane__board_score(i)) != NULL; i++) {
		vane__score_add_sums(&status->sums, score);
		if (!is_living(score))
			continue;
		status->workers++;
		status->connections += VANE__SCORE_GET(score->connections);
		status->in_flight += VANE__SCORE_GET(score->in_flight);
		status->rss_bytes += (uint64_t) VANE__SCORE_GET(score->rss_kib) * 1024;
	}
}

static void add_route(struct vane__score_route *route, unsigned index)
{
	const struct vane__score *score;
	size_t i;

	for (i = 0; (score = vane__board_score(i)) != NULL; i++) {
		const struct vane__score_route *one = &score->routes[index];

		route->requests += VANE__SCORE_GET(one->requests);
		route->errors += VANE__SCORE_GET(one->errors);
		route->usec += VANE__SCORE_GET(one->usec);
	}
}

const char *vane__status_pattern(const struct vane__status *status, unsigned index)
{
	const char *pattern =
		index == 0 ? "" : vane_app_route_pattern(status->pages->app, index - 1);

	return pattern != NULL ? pattern : "";
}

const char *vane__status_place(
	const struct vane__status *status, const struct vane__score *score, double *sec)
{
	int64_t since = VANE__SCORE_GET(score->since_usec);
	unsigned route = VANE__SCORE_GET(score->route);

	*sec = since != 0 ? (double) (vane__score_clock() - since) / 1e6 : -1;
	return since != 0 && route < vane__board_routes()
		       ? vane__status_pattern(status, route)
		       : NULL;
}

/* Functions for different methods of one pattern are routes of their own. */
bool vane__status_route(
	struct vane__score_route *route, const struct vane__status *status, unsigned index)
{
	const char *pattern = vane__status_pattern(status, index);
	unsigned i;

	*route = (struct vane__score_route) { 0 };
	for (i = 1; i < index; i++)
		if (strcmp(vane__status_pattern(status, i), pattern) == 0)
			return false;
	add_route(route, index);
	for (i = index + 1; index > 0 && i < vane__board_routes(); i++)
		if (strcmp(vane__status_pattern(status, i), pattern) == 0)
			add_route(route, i);
	return route->requests > 0;
}
