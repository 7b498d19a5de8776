/* SPDX-License-Identifier: MIT */
/*
 * table.c - the figures of a program as lines of text.
 *
 * Whatever a server says, nothing of it moves the terminal.
 */
#include "table.h"

#include <stdarg.h>
#include <string.h>

#define LINE_MAX_BYTES 512

/* Routes that are shown where the terminal does not say how many lines it has. */
#define ROUTES_MAX 20

/* One line, with what is no text of ASCII as "?", and cut where the terminal ends. */
static void put_line(const struct table *table, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void put_line(const struct table *table, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES], *p;
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	for (p = line; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	if (table->columns > 0 && table->columns < LINE_MAX_BYTES)
		line[table->columns] = '\0';
	fprintf(table->out, "%s%s", line, table->line_end);
}

/* The newest second. */
static const struct jsondoc *last_second(const struct jsondoc *status)
{
	const struct jsondoc *list = jsondoc_get(status, "history"), *one;

	one = list != NULL ? list->child : NULL;
	while (one != NULL && one->next != NULL)
		one = one->next;
	return one;
}

static void put_head(const struct table *table, const struct jsondoc *status)
{
	const struct jsondoc *last = last_second(status);
	const struct jsondoc *classes = jsondoc_get(status, "classes");

	put_line(table, "%.100s: %s, mode %.20s, vane %.20s, up %.0f s",
		jsondoc_text(status, "program"),
		jsondoc_number(status, "ready") != 0 ? "ready" : "leaving",
		jsondoc_text(status, "mode"), jsondoc_text(status, "vane"),
		jsondoc_number(status, "uptime"));
	put_line(table,
		"requests %.0f, %.0f in the last second; 2xx %.0f, 3xx %.0f, 4xx %.0f, 5xx "
		"%.0f",
		jsondoc_number(status, "requests"), jsondoc_number(last, "requests"),
		jsondoc_number(classes, "2xx"), jsondoc_number(classes, "3xx"),
		jsondoc_number(classes, "4xx"), jsondoc_number(classes, "5xx"));
	put_line(table,
		"latency p50 %.3g ms, p90 %.3g ms, p99 %.3g ms; memory %.1f MiB, "
		"lag %.1f ms, restarts %.0f",
		jsondoc_number(status, "p50") * 1e3, jsondoc_number(status, "p90") * 1e3,
		jsondoc_number(status, "p99") * 1e3,
		jsondoc_number(status, "memory") / 1048576,
		jsondoc_number(last, "lag") * 1e3, jsondoc_number(status, "restarts"));
}

static void put_worker(const struct table *table, const struct jsondoc *worker)
{
	put_line(table, "%6.0f %8.0f %-8.8s %10.0f %6.0f %6.0f %7.1f %7.1f %8.3g %5.0f %s",
		jsondoc_number(worker, "id"), jsondoc_number(worker, "pid"),
		jsondoc_text(worker, "state"), jsondoc_number(worker, "requests"),
		jsondoc_number(worker, "in_flight"), jsondoc_number(worker, "connections"),
		jsondoc_number(worker, "memory") / 1048576,
		jsondoc_number(worker, "lag") * 1e3, jsondoc_number(worker, "p99") * 1e3,
		jsondoc_number(worker, "restarts"), jsondoc_text(worker, "route"));
}

/* Returns how many there are. */
static int put_workers(const struct table *table, const struct jsondoc *status)
{
	const struct jsondoc *list = jsondoc_get(status, "workers"), *worker;
	int count = 0;

	put_line(table, "%6s %8s %-8s %10s %6s %6s %7s %7s %8s %5s %s", "WORKER", "PID",
		"STATE", "REQUESTS", "FLIGHT", "CONNS", "MIB", "LAG MS", "P99 MS", "CRASH",
		"ROUTE");
	for (worker = list != NULL ? list->child : NULL; worker != NULL;
		worker = worker->next, count++)
		put_worker(table, worker);
	return count;
}

static void put_routes(const struct table *table, const struct jsondoc *status, int most)
{
	const struct jsondoc *list = jsondoc_get(status, "routes"), *route;

	put_line(table, "%10s %6s %8s %s", "REQUESTS", "5XX", "MEAN MS", "PATTERN");
	for (route = list != NULL ? list->child : NULL; route != NULL && most-- > 0;
		route = route->next) {
		double requests = jsondoc_number(route, "requests");
		const char *pattern = jsondoc_text(route, "pattern");

		put_line(table, "%10.0f %6.0f %8.3g %s", requests,
			jsondoc_number(route, "errors"),
			requests > 0 ? jsondoc_number(route, "seconds") * 1e3 / requests
				     : 0,
			pattern[0] != '\0' ? pattern : "(none)");
	}
}

void table_print(const struct table *table, const struct jsondoc *status)
{
	int workers;

	put_head(table, status);
	put_line(table, "%s", "");
	workers = put_workers(table, status);
	put_line(table, "%s", "");
	put_routes(table, status, table->rows > 0 ? table->rows - workers - 8 : ROUTES_MAX);
}
