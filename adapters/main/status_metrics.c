/* SPDX-License-Identifier: MIT */
/*
 * status_metrics.c - the figures of --status as text for Prometheus (exposition format 0.0.4).
 *
 * Labels have few values: ids of workers, classes of statuses, patterns of routes; never a path.
 */
#include "status.h"

#include <string.h>

#include <vane/response.h>

#include "c_locale.h"

static void put_head(
	struct vane_response *res, const char *name, const char *type, const char *help)
{
	vane_response_printf(res, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* The text of a label in its quotes. */
static void put_label(struct vane_response *res, const char *name, const char *text)
{
	vane_response_printf(res, "%s=\"", name);
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			vane_response_puts(res, "\\n");
		else if (*text == '\\' || *text == '"')
			vane_response_printf(res, "\\%c", *text);
		else
			vane_response_write(res, text, 1);
	}
	vane_response_puts(res, "\"");
}

/* A number by worker. */
struct metric {
	const char *name, *type, *help;
	double (*value)(const struct vane__status_row *row);
};

static double connections(const struct vane__status_row *row)
{
	return (double) row->connections;
}

static double in_flight(const struct vane__status_row *row)
{
	return (double) row->in_flight;
}

static double memory(const struct vane__status_row *row)
{
	return (double) row->rss_bytes;
}

static double lag(const struct vane__status_row *row)
{
	return row->lag_usec / 1e6;
}

static double up(const struct vane__status_row *row)
{
	return row->score != NULL;
}

static double bytes(const struct vane__status_row *row)
{
	return (double) row->sums.bytes;
}

static double given(const struct vane__status_row *row)
{
	return (double) row->sums.given;
}

static double taken(const struct vane__status_row *row)
{
	return (double) row->sums.taken;
}

static double restarts(const struct vane__status_row *row)
{
	return (double) row->sums.restarts;
}

static double recycles(const struct vane__status_row *row)
{
	return (double) row->sums.recycles;
}

static const struct metric metrics[] = {
	{ "vane_worker_up", "gauge", "Whether the worker lives.", up },
	{ "vane_connections", "gauge", "Connections that are open.", connections },
	{ "vane_requests_in_flight", "gauge", "Requests that are not answered yet.",
		in_flight },
	{ "vane_worker_resident_bytes", "gauge", "Resident memory.", memory },
	{ "vane_worker_loop_lag_seconds", "gauge",
		"How late the loop came to a timer, at most, in the last second.", lag },
	{ "vane_response_bytes_total", "counter", "Bytes of bodies that were sent.",
		bytes },
	{ "vane_connections_given_total", "counter",
		"Connections that were handed over to other workers.", given },
	{ "vane_connections_taken_total", "counter",
		"Connections that were taken over from other workers.", taken },
	{ "vane_worker_restarts_total", "counter", "Restarts after a crash.", restarts },
	{ "vane_worker_recycles_total", "counter",
		"Workers that had reached --max-worker-requests or --max-worker-memory.",
		recycles },
};

static void put_metric(struct vane_response *res, const struct vane__status *status,
	const struct metric *metric)
{
	struct vane__status_row row;
	int id;

	put_head(res, metric->name, metric->type, metric->help);
	for (id = 0; id < vane__board_ids(); id++)
		if (vane__status_row(&row, id))
			vane_response_printf(res, "%s{worker=\"%d\"} %.15g\n", metric->name,
				id, metric->value(&row));
}

static void put_requests(struct vane_response *res, const struct vane__status *status)
{
	static const char name[] = "vane_requests_total";
	struct vane__status_row row;
	size_t i;
	int id;

	put_head(res, name, "counter", "Requests that were answered.");
	for (id = 0; id < vane__board_ids(); id++) {
		if (!vane__status_row(&row, id))
			continue;
		for (i = 0; i < VANE__SCORE_CLASSES; i++)
			vane_response_printf(res, "%s{worker=\"%d\",class=\"%s\"} %llu\n",
				name, id, vane__status_classes[i],
				(unsigned long long) row.sums.classes[i]);
	}
}

/* Buckets of Prometheus have all that took less, too. */
static void put_histogram(struct vane_response *res, const struct vane__status *status)
{
	static const char name[] = "vane_request_duration_seconds";
	const struct vane__score_sums *sums = &status->sums;
	unsigned long long count = 0;
	size_t i;

	put_head(res, name, "histogram",
		"From the head of a request to the end of its answer.");
	for (i = 0; i < VANE__HISTOGRAM_BOUNDS; i++) {
		count += sums->histogram[i];
		vane_response_printf(res, "%s_bucket{le=\"%.15g\"} %llu\n", name,
			vane__histogram_bounds[i] / 1e6, count);
	}
	count += sums->histogram[i];
	vane_response_printf(res, "%s_bucket{le=\"+Inf\"} %llu\n", name, count);
	vane_response_printf(res, "%s_sum %.15g\n", name, (double) sums->usec / 1e6);
	vane_response_printf(res, "%s_count %llu\n", name, count);
}

static void put_route(
	struct vane_response *res, const char *name, const char *pattern, double value)
{
	vane_response_printf(res, "%s{", name);
	put_label(res, "route", pattern);
	vane_response_printf(res, "} %.15g\n", value);
}

/* One of the three numbers of each route that was asked for. */
static void put_routes(struct vane_response *res, const struct vane__status *status,
	const char *name, const char *help,
	double (*value)(const struct vane__score_route *route))
{
	struct vane__score_route route;
	unsigned i;

	put_head(res, name, "counter", help);
	for (i = 0; i < vane__board_routes(); i++) {
		if (vane__status_route(&route, status, i))
			put_route(res, name,
				i > 0 ? vane__status_pattern(status, i) : "(none)",
				value(&route));
	}
}

static double route_requests(const struct vane__score_route *route)
{
	return (double) route->requests;
}

static double route_errors(const struct vane__score_route *route)
{
	return (double) route->errors;
}

static double route_seconds(const struct vane__score_route *route)
{
	return (double) route->usec / 1e6;
}

static void put_program(struct vane_response *res, const struct vane__status *status)
{
	put_head(res, "vane_info", "gauge", "The program and the version of Vane.");
	vane_response_puts(res, "vane_info{");
	put_label(res, "program", status->pages->program);
	vane_response_printf(
		res, ",version=\"%s\",mode=\"%s\"} 1\n", vane_version(), status->mode);
	put_head(res, "vane_uptime_seconds", "gauge", "Since the program began to serve.");
	vane_response_printf(res, "vane_uptime_seconds %.15g\n", status->age_sec);
	put_head(res, "vane_ready", "gauge", "0 from the moment that it is to stop.");
	vane_response_printf(res, "vane_ready %d\n", !status->pages->leaving);
}

static void put_all(struct vane_response *res, const struct vane__status *status)
{
	size_t i;

	put_program(res, status);
	put_requests(res, status);
	put_histogram(res, status);
	for (i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		put_metric(res, status, &metrics[i]);
	put_routes(res, status, "vane_route_requests_total", "Requests by route.",
		route_requests);
	put_routes(res, status, "vane_route_errors_total",
		"Requests by route that were answered with 5xx.", route_errors);
	put_routes(res, status, "vane_route_seconds_total",
		"Time that requests took, by route.", route_seconds);
}

int vane__status_metrics(struct vane_response *res, const struct vane__status *status)
{
	struct vane__c_locale locale;
	int rc = vane__c_locale_enter(&locale);

	if (rc < 0)
		return rc;
	vane_response_add_field(
		res, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
	put_all(res, status);
	vane__c_locale_leave(&locale);
	return 0;
}
