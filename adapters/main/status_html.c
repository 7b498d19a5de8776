/* SPDX-License-Identifier: MIT */
/*
 * status_html.c - the figures of --status as a page for people: plots of the last five minutes, and
 * tables of workers and routes.
 *
 * It has no scripts: the plots are SVG that is drawn here, and the browser asks again by itself.
 */
#include "status.h"

#include <errno.h>
#include <string.h>

#include <vane/request.h>
#include <vane/response.h>

#include "c_locale.h"

/* How often the browser asks again, in seconds. */
#define REFRESH "5"

/* A plot in its own units: two for each second. */
#define WIDTH      (2 * VANE__SCORE_SECONDS)
#define HEIGHT     100

#define SERIES_MAX 4

static const char style[] =
	"body{font:1rem/1.5 system-ui,sans-serif;max-width:78rem;margin:2rem auto;"
	"padding:0 1.5rem;color:#1d2733;background:#fff}"
	"h1{font-size:1.5rem;font-weight:600;margin:0}h2{font-size:1rem;margin:0}"
	"p{color:#5b6773;margin:.25rem 0 1.5rem}"
	".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));"
	"gap:1.5rem}"
	"svg{display:block;width:100%;height:7rem;background:#f1f3f5;border-radius:.4rem}"
	"path{fill:none;stroke-width:1.5;vector-effect:non-scaling-stroke}"
	".grid{stroke:#d5dade;stroke-width:1}"
	".s0{stroke:#1a6fc4;color:#1a6fc4}.s1{stroke:#2e8540;color:#2e8540}"
	".s2{stroke:#b36b00;color:#a66300}.s3{stroke:#c92a2a;color:#c92a2a}"
	".key{display:flex;flex-wrap:wrap;gap:0 1rem;font-size:.875rem}"
	".key b{font-weight:400;color:#5b6773;margin-left:auto}"
	".wide{overflow-x:auto;margin-top:1.5rem}"
	"table{font-size:.875rem;border-collapse:collapse;width:100%}"
	"th,td{text-align:right;padding:.2rem .75rem;white-space:nowrap;"
	"border-bottom:1px solid #d5dade}"
	"th{font-weight:400;color:#5b6773}.text{text-align:left}"
	"@media(prefers-color-scheme:dark){body{color:#e6e9ec;background:#14181c}"
	"p,th,.key b{color:#98a4b0}svg{background:#20262c}.grid{stroke:#39424b}"
	"th,td{border-color:#39424b}"
	".s0{stroke:#6db3f2;color:#6db3f2}.s1{stroke:#7bc98a;color:#7bc98a}"
	".s2{stroke:#f0b45b;color:#f0b45b}.s3{stroke:#ff8f8f;color:#ff8f8f}}";

/* Below 0: there is nothing for that second. */
typedef double (*value_fn)(const struct vane__board_second *second, int series);

struct plot {
	const char *title, *unit;
	const char *names[SERIES_MAX + 1];
	value_fn value;
};

static double requests(const struct vane__board_second *second, int series)
{
	return (double) second->requests;
}

static double latency(const struct vane__board_second *second, int series)
{
	static const double percents[] = { 50, 90, 99 };

	if (second->requests == 0)
		return -1;
	return vane__histogram_percentile(second->histogram, percents[series]) / 1e3;
}

static double classes(const struct vane__board_second *second, int series)
{
	static const int order[] = { 2, 1, 3, 4 }; /* the colours are those of the series */

	return (double) second->classes[order[series]];
}

static double memory(const struct vane__board_second *second, int series)
{
	return (double) second->rss_kib / 1024;
}

static double lag(const struct vane__board_second *second, int series)
{
	return second->lag_usec / 1e3;
}

static const struct plot plots[] = {
	{ "Requests", "a second", { "requests" }, requests },
	{ "Latency", "ms", { "p50", "p90", "p99" }, latency },
	{ "Statuses", "a second", { "3xx", "2xx", "4xx", "5xx" }, classes },
	{ "Memory", "MiB", { "resident" }, memory },
	{ "Loop lag", "ms", { "the worst" }, lag },
};

/* What is at the top of a plot: the least of 1, 2, 5, 10 and so on that is not below that. */
static double scale_for(double most)
{
	static const double steps[] = { 1, 2, 5, 10 };
	double ten = 0.01;
	size_t i = 0;

	while (ten * 10 < most)
		ten *= 10;
	while (i < 3 && steps[i] * ten < most)
		i++;
	return steps[i] * ten;
}

static double most_of(const struct plot *plot, const struct vane__board_second *seconds)
{
	double most = 0;
	int series, i;

	for (series = 0; plot->names[series] != NULL; series++)
		for (i = 0; i < VANE__SCORE_SECONDS; i++) {
			double value = seconds[i].scores > 0
					       ? plot->value(&seconds[i], series)
					       : -1;

			most = value > most ? value : most;
		}
	return most;
}

/* One line, with gaps where there is nothing. */
static void put_path(struct vane_response *res, const struct plot *plot, int series,
	const struct vane__board_second *seconds, double scale)
{
	bool down = false;
	int i;

	vane_response_printf(res, "<path class=\"s%d\" d=\"", series);
	for (i = 0; i < VANE__SCORE_SECONDS; i++) {
		double value =
			seconds[i].scores > 0 ? plot->value(&seconds[i], series) : -1;

		if (value < 0) {
			down = false;
			continue;
		}
		if (!down) /* a point alone is a short line */
			vane_response_printf(
				res, "M%d %.1f", 2 * i, HEIGHT - value / scale * HEIGHT);
		vane_response_printf(
			res, "L%d %.1f", 2 * i + 1, HEIGHT - value / scale * HEIGHT);
		down = true;
	}
	vane_response_puts(res, "\"/>\n");
}

static void put_key(struct vane_response *res, const struct plot *plot,
	const struct vane__board_second *last, double scale)
{
	int series;

	vane_response_puts(res, "<div class=\"key\">");
	for (series = 0; plot->names[series] != NULL; series++) {
		double value = last->scores > 0 ? plot->value(last, series) : -1;

		vane_response_printf(
			res, "<span class=\"s%d\">%s", series, plot->names[series]);
		if (value >= 0)
			vane_response_printf(res, " %.3g", value);
		vane_response_puts(res, "</span>");
	}
	vane_response_printf(res, "<b>0 to %g %s</b></div>\n", scale, plot->unit);
}

static void put_plot(struct vane_response *res, const struct plot *plot,
	const struct vane__board_second *seconds)
{
	double scale = scale_for(most_of(plot, seconds));
	int series;

	vane_response_printf(res,
		"<section><h2>%s</h2>\n"
		"<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
		"aria-label=\"%s, %s, in the last five minutes\">\n"
		"<path class=\"grid\" d=\"M0 %dH%dM%d 0V%dM%d 0V%dM%d 0V%dM%d 0V%d\"/>\n",
		plot->title, WIDTH, HEIGHT, plot->title, plot->unit, HEIGHT / 2, WIDTH,
		WIDTH / 5, HEIGHT, 2 * WIDTH / 5, HEIGHT, 3 * WIDTH / 5, HEIGHT,
		4 * WIDTH / 5, HEIGHT);
	for (series = 0; plot->names[series] != NULL; series++)
		put_path(res, plot, series, seconds, scale);
	vane_response_puts(res, "</svg>\n");
	put_key(res, plot, &seconds[VANE__SCORE_SECONDS - 1], scale);
	vane_response_puts(res, "</section>\n");
}

static int put_plots(struct vane_response *res, const struct vane__status *status)
{
	struct vane__board_second *seconds = vane_request_alloc(
		vane_response_request(res), VANE__SCORE_SECONDS * sizeof(*seconds));
	uint32_t i;

	if (seconds == NULL)
		return -ENOMEM;
	for (i = 0; i < VANE__SCORE_SECONDS; i++) {
		uint32_t back = VANE__SCORE_SECONDS - 1 - i;

		vane__board_read_second(
			status->second > back ? status->second - back : 0, &seconds[i]);
	}
	vane_response_puts(res, "<div class=\"plots\">\n");
	for (i = 0; i < sizeof(plots) / sizeof(plots[0]); i++)
		put_plot(res, &plots[i], seconds);
	vane_response_puts(res, "</div>\n");
	return 0;
}

/* The route that it is in, and for how long. */
static void put_place(struct vane_response *res, const struct vane__status *status,
	const struct vane__score *score)
{
	double sec;
	const char *pattern = vane__status_place(status, score, &sec);

	vane_response_printf_html(
		res, "<td class=\"text\">%s<td class=\"text\">", vane__status_state(score));
	if (pattern != NULL)
		vane_response_printf_html(res, "%s, %.3f s", pattern, sec);
}

static void put_worker(struct vane_response *res, const struct vane__status *status,
	const struct vane__status_row *row)
{
	const struct vane__score *score = row->score;
	const struct vane__score_sums *sums = &row->sums;

	vane_response_printf(
		res, "<tr><td>%d<td>%d", score->id, VANE__SCORE_GET(score->pid));
	put_place(res, status, score);
	vane_response_printf(res,
		"<td>%llu<td>%llu<td>%llu<td>%.1f<td>%.1f<td>%.3g<td>%.3g<td>%llu\n",
		(unsigned long long) vane__score_sums_requests(sums),
		(unsigned long long) row->in_flight, (unsigned long long) row->connections,
		(double) row->rss_bytes / 1048576, row->lag_usec / 1e3,
		vane__histogram_percentile(sums->histogram, 50) / 1e3,
		vane__histogram_percentile(sums->histogram, 99) / 1e3,
		(unsigned long long) sums->restarts);
}

static void put_workers(struct vane_response *res, const struct vane__status *status)
{
	struct vane__status_row row;
	int id;

	vane_response_puts(res,
		"<div class=\"wide\"><table>\n"
		"<tr><th>worker<th>pid<th class=\"text\">state<th class=\"text\">in"
		"<th>requests<th>in flight<th>connections<th>MiB<th>lag, ms<th>p50, ms"
		"<th>p99, ms<th>restarts\n");
	for (id = 0; id < vane__board_ids(); id++)
		if (vane__status_row(&row, id) && row.score != NULL)
			put_worker(res, status, &row);
	vane_response_puts(res, "</table></div>\n");
}

static void put_routes(struct vane_response *res, const struct vane__status *status)
{
	struct vane__score_route route;
	unsigned i;

	vane_response_puts(res,
		"<div class=\"wide\"><table>\n<tr><th class=\"text\">route<th>requests"
		"<th>5xx<th>mean, ms\n");
	for (i = 0; i < vane__board_routes(); i++)
		if (vane__status_route(&route, status, i))
			vane_response_printf_html(res,
				"<tr><td class=\"text\">%s<td>%llu<td>%llu<td>%.3g\n",
				i > 0 ? vane__status_pattern(status, i) : "(none)",
				(unsigned long long) route.requests,
				(unsigned long long) route.errors,
				(double) route.usec / 1e3 / (double) route.requests);
	vane_response_puts(res, "</table></div>\n");
}

static void put_head(struct vane_response *res, const struct vane__status *status)
{
	const char *program = status->pages->program;

	vane_response_printf_html(res,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta http-equiv=\"refresh\" content=\"" REFRESH "\">\n"
		"<title>%s: status</title>\n",
		program);
	vane_response_printf(res, "<style>%s</style>\n", style);
	vane_response_printf_html(res,
		"<h1>%s</h1>\n<p>%s, mode %s, vane %s, %d of %d processes, up %.0f s, "
		"%llu requests, %llu restarts; the last five minutes</p>\n",
		program, status->pages->leaving ? "leaving" : "ready", status->mode,
		vane_version(), status->workers, status->pages->processes, status->age_sec,
		(unsigned long long) vane__score_sums_requests(&status->sums),
		(unsigned long long) status->sums.restarts);
}

static int put_all(struct vane_response *res, const struct vane__status *status)
{
	int rc;

	put_head(res, status);
	rc = put_plots(res, status);
	put_workers(res, status);
	put_routes(res, status);
	vane_response_puts(res, "</html>\n");
	return rc;
}

int vane__status_html(struct vane_response *res, const struct vane__status *status)
{
	struct vane__c_locale locale;
	int rc = vane__c_locale_enter(&locale);

	if (rc < 0)
		return rc;
	vane_response_add_field(res, "Content-Type", "text/html; charset=utf-8");
	vane_response_add_field(res, "Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
		"frame-ancestors 'none'");
	rc = put_all(res, status);
	vane__c_locale_leave(&locale);
	return rc;
}
