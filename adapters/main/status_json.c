/* SPDX-License-Identifier: MIT */
/*
 * status_json.c - the figures of --status as JSON.
 *
 * Times are in seconds, sizes in bytes, and what counts counts since the program began to serve.
 */
#include "status.h"

#include <vane/json.h>
#include <vane/process.h>
#include <vane/response.h>

static void put_uint(struct vane_json *json, const char *key, uint64_t value)
{
	vane_json_key(json, key);
	vane_json_uint(json, value);
}

static void put_double(struct vane_json *json, const char *key, double value)
{
	vane_json_key(json, key);
	vane_json_double(json, value);
}

static void put_text(struct vane_json *json, const char *key, const char *value)
{
	vane_json_key(json, key);
	vane_json_string(json, value);
}

static void put_classes(struct vane_json *json, const uint64_t *classes)
{
	size_t i;

	vane_json_key(json, "classes");
	vane_json_begin_object(json);
	for (i = 0; i < VANE__SCORE_CLASSES; i++)
		put_uint(json, vane__status_classes[i], classes[i]);
	vane_json_end_object(json);
}

static void put_percentiles(struct vane_json *json, const uint64_t *histogram)
{
	put_double(json, "p50", vane__histogram_percentile(histogram, 50) / 1e6);
	put_double(json, "p90", vane__histogram_percentile(histogram, 90) / 1e6);
	put_double(json, "p99", vane__histogram_percentile(histogram, 99) / 1e6);
}

static void put_sums(struct vane_json *json, const struct vane__score_sums *sums)
{
	put_uint(json, "requests", vane__score_sums_requests(sums));
	put_classes(json, sums->classes);
	put_uint(json, "bytes", sums->bytes);
	put_double(json, "seconds", (double) sums->usec / 1e6);
	put_percentiles(json, sums->histogram);
	put_uint(json, "given", sums->given);
	put_uint(json, "taken", sums->taken);
	put_uint(json, "restarts", sums->restarts);
	put_uint(json, "recycles", sums->recycles);
}

/* How many requests took at most so long, and longer than the bound before: the last has no bound. */
static void put_latency(struct vane_json *json, const uint64_t *histogram)
{
	size_t i;

	vane_json_key(json, "latency");
	vane_json_begin_array(json);
	for (i = 0; i < VANE__HISTOGRAM_BUCKETS; i++) {
		vane_json_begin_object(json);
		vane_json_key(json, "le");
		if (i < VANE__HISTOGRAM_BOUNDS)
			vane_json_double(json, vane__histogram_bounds[i] / 1e6);
		else
			vane_json_null(json);
		put_uint(json, "count", histogram[i]);
		vane_json_end_object(json);
	}
	vane_json_end_array(json);
}

/* What a worker is at: the route of the request that it is in, and since when. */
static void put_place(struct vane_json *json, const struct vane__status *status,
	const struct vane__score *score)
{
	double sec;

	put_text(json, "route", vane__status_place(status, score, &sec));
	vane_json_key(json, "since");
	if (sec >= 0)
		vane_json_double(json, sec);
	else
		vane_json_null(json);
}

static void put_worker(struct vane_json *json, const struct vane__status *status,
	const struct vane__status_row *row)
{
	const struct vane__score *score = row->score;

	vane_json_begin_object(json);
	vane_json_key(json, "id");
	vane_json_int(json, score->id);
	vane_json_key(json, "pid");
	vane_json_int(json, VANE__SCORE_GET(score->pid));
	put_uint(json, "generation", VANE__SCORE_GET(score->generation));
	put_text(json, "state", vane__status_state(score));
	put_place(json, status, score);
	put_double(
		json, "uptime", (double) (vane__score_clock() - score->started_usec) / 1e6);
	put_uint(json, "connections", row->connections);
	put_uint(json, "in_flight", row->in_flight);
	put_uint(json, "memory", row->rss_bytes);
	put_double(json, "lag", row->lag_usec / 1e6);
	put_sums(json, &row->sums);
	vane_json_end_object(json);
}

static void put_workers(struct vane_json *json, const struct vane__status *status)
{
	struct vane__status_row row;
	int id;

	vane_json_key(json, "workers");
	vane_json_begin_array(json);
	for (id = 0; id < vane__board_ids(); id++)
		if (vane__status_row(&row, id) && row.score != NULL)
			put_worker(json, status, &row);
	vane_json_end_array(json);
}

static void put_routes(struct vane_json *json, const struct vane__status *status)
{
	struct vane__score_route route;
	unsigned i;

	vane_json_key(json, "routes");
	vane_json_begin_array(json);
	for (i = 0; i < vane__board_routes(); i++) {
		if (!vane__status_route(&route, status, i))
			continue;
		vane_json_begin_object(json);
		put_text(json, "pattern", i > 0 ? vane__status_pattern(status, i) : NULL);
		put_uint(json, "requests", route.requests);
		put_uint(json, "errors", route.errors);
		put_double(json, "seconds", (double) route.usec / 1e6);
		vane_json_end_object(json);
	}
	vane_json_end_array(json);
}

static void put_second(struct vane_json *json, uint32_t number, uint32_t last)
{
	struct vane__board_second second;

	vane__board_read_second(number, &second);
	if (second.scores == 0)
		return;
	vane_json_begin_object(json);
	put_uint(json, "age", last - number);
	put_uint(json, "requests", second.requests);
	put_classes(json, second.classes);
	put_percentiles(json, second.histogram);
	put_uint(json, "memory", second.rss_kib * 1024);
	put_double(json, "lag", second.lag_usec / 1e6);
	vane_json_end_object(json);
}

/* Each second of the last five minutes of which somebody has kept something, the oldest first. */
static void put_history(struct vane_json *json, const struct vane__status *status)
{
	uint32_t last = status->second, number;

	vane_json_key(json, "history");
	vane_json_begin_array(json);
	number = last >= VANE__SCORE_SECONDS ? last - VANE__SCORE_SECONDS + 1 : 1;
	for (; number <= last; number++)
		put_second(json, number, last);
	vane_json_end_array(json);
}

int vane__status_json(struct vane_response *res, const struct vane__status *status)
{
	struct vane_json json;

	vane_json_init(&json, res);
	vane_json_begin_object(&json);
	put_text(&json, "program", status->pages->program);
	put_text(&json, "vane", vane_version());
	put_text(&json, "mode", status->mode);
	if (status->pages->sandbox != NULL)
		put_text(&json, "sandbox", status->pages->sandbox);
	put_double(&json, "uptime", status->age_sec);
	vane_json_key(&json, "ready");
	vane_json_bool(&json, !status->pages->leaving);
	put_uint(&json, "connections", status->connections);
	put_uint(&json, "in_flight", status->in_flight);
	put_uint(&json, "memory", status->rss_bytes);
	put_sums(&json, &status->sums);
	put_latency(&json, status->sums.histogram);
	put_workers(&json, status);
	put_routes(&json, status);
	put_history(&json, status);
	vane_json_end_object(&json);
	return vane_json_fini(&json);
}
