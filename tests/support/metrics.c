/* SPDX-License-Identifier: MIT */
/*
 * metrics.c - reads text in Prometheus's exposition format 0.0.4, and is as strict as promtool is.
 */
#include "support/metrics.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAMILIES_MAX 64

struct family {
	char name[128];
	char type[16];
	bool helped;
};

struct reader {
	struct metrics *metrics;
	struct family families[FAMILIES_MAX];
	size_t count;
	int line;
	/* of the histogram that is being read */
	double le, bucket;
	bool infinite;
};

static bool wrong(struct reader *r, const char *fmt, ...)
{
	size_t len;
	va_list args;

	if (r->metrics->why[0] != '\0')
		return false;
	len = (size_t) snprintf(
		r->metrics->why, sizeof(r->metrics->why), "line %d: ", r->line);
	va_start(args, fmt);
	vsnprintf(r->metrics->why + len, sizeof(r->metrics->why) - len, fmt, args);
	va_end(args);
	return false;
}

/* The length of a name, 0 if it is none; those of labels have no colon. */
static size_t name_length(const char *text, bool label)
{
	size_t len = 0;

	if (isdigit((unsigned char) text[0]))
		return 0;
	while (isalnum((unsigned char) text[len]) || text[len] == '_' ||
		(!label && text[len] == ':'))
		len++;
	return len;
}

/* Behind one label, NULL if it is malformed. */
static const char *skip_label(const char *p)
{
	size_t len = name_length(p, true);

	if (len == 0 || p[len] != '=' || p[len + 1] != '"')
		return NULL;
	for (p += len + 2; *p != '"'; p++) {
		if (*p == '\0')
			return NULL;
		if (*p == '\\' && strchr("\\\"n", *++p) == NULL)
			return NULL;
	}
	return p + 1;
}

/* Whether that label, of that length, has been among those before it. */
static bool is_repeated(const char *labels, const char *label, size_t len)
{
	const char *p = labels;

	while (p < label) {
		if (name_length(p, true) == len && strncmp(p, label, len) == 0)
			return true;
		p = skip_label(p);
		p += *p == ',';
	}
	return false;
}

/* Behind the labels in braces, NULL if they are malformed. */
static const char *skip_labels(const char *p)
{
	const char *labels = p;

	while (*p != '}') {
		if (is_repeated(labels, p, name_length(p, true)))
			return NULL;
		p = skip_label(p);
		if (p == NULL || (*p != ',' && *p != '}'))
			return NULL;
		p += *p == ',';
	}
	return p + 1;
}

/* Behind a backslash in HELP is another one, or an n. */
static bool is_help(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\\' && *++text != '\\' && *text != 'n')
			return false;
	return true;
}

/* Base units alone: seconds, bytes, ratios. */
static bool has_base_unit(const char *name)
{
	static const char *const others[] = { "milliseconds", "microseconds", "minutes",
		"hours", "days", "kilobytes", "megabytes", "kibibytes", "bits", "percent" };
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strstr(name, others[i]) != NULL)
			return false;
	return true;
}

static bool read_comment(struct reader *r, const char *line)
{
	bool help = strncmp(line, "# HELP ", 7) == 0;
	const char *name = line + 7;
	size_t len = name_length(name, false);
	struct family *last = r->count > 0 ? &r->families[r->count - 1] : NULL;

	if (!help && strncmp(line, "# TYPE ", 7) != 0)
		return true; /* only a comment */
	if (len == 0 || len >= sizeof(last->name) || name[len] != ' ' || name[len + 1] == 0)
		return wrong(r, "no name, or nothing behind it: %s", line);
	if (help) {
		size_t i;

		for (i = 0; i < r->count; i++)
			if (strlen(r->families[i].name) == len &&
				strncmp(r->families[i].name, name, len) == 0)
				return wrong(r, "a family twice: %s", line);
		if (r->count == FAMILIES_MAX)
			return wrong(r, "too many families");
		last = &r->families[r->count++];
		*last = (struct family) { .helped = true };
		memcpy(last->name, name, len);
		if (!is_help(name + len + 1) || !has_base_unit(last->name))
			return wrong(r, "a wrong escape, or no base unit: %s", line);
		r->le = -1;
		r->bucket = 0;
		r->infinite = false;
		return true;
	}
	if (last == NULL || strlen(last->name) != len ||
		strncmp(last->name, name, len) != 0)
		return wrong(r, "TYPE without HELP: %s", line);
	if (last->type[0] != '\0')
		return wrong(r, "TYPE twice: %s", line);
	snprintf(last->type, sizeof(last->type), "%s", name + len + 1);
	if (strcmp(last->type, "counter") != 0 && strcmp(last->type, "gauge") != 0 &&
		strcmp(last->type, "histogram") != 0)
		return wrong(r, "no type: %s", line);
	if ((strcmp(last->type, "counter") == 0) !=
		(len > 6 && strncmp(name + len - 6, "_total", 6) == 0))
		return wrong(r, "counters, and no others, end in _total: %s", line);
	return true;
}

/* A sample of a histogram, whose name has that end. */
static bool check_histogram(
	struct reader *r, const char *end, const char *labels, double value)
{
	double le;

	if (strcmp(end, "_bucket") == 0) {
		if (strncmp(labels, "le=\"", 4) != 0)
			return wrong(r, "a bucket without le");
		le = strtod(labels + 4, NULL); /* "+Inf" too */
		if (le <= r->le || value < r->bucket)
			return wrong(r, "buckets do not ascend at %s", labels);
		r->le = le;
		r->bucket = value;
		r->infinite = isinf(le) != 0;
		return true;
	}
	if (strcmp(end, "_count") == 0)
		return (r->infinite && r->bucket == value) ||
		       wrong(r, "the count is not that of all buckets");
	return strcmp(end, "_sum") == 0 || wrong(r, "a histogram has no %s", end);
}

static bool check_family(
	struct reader *r, const char *name, const char *labels, double value)
{
	const struct family *family = r->count > 0 ? &r->families[r->count - 1] : NULL;
	size_t len = family != NULL ? strlen(family->name) : 0, i;

	if (family == NULL || family->type[0] == '\0' ||
		strncmp(name, family->name, len) != 0)
		return wrong(r, "%s is not behind its HELP and TYPE", name);
	for (i = 0; i < r->metrics->count; i++)
		if (strcmp(r->metrics->samples[i].name, name) == 0 &&
			strcmp(r->metrics->samples[i].labels, labels) == 0)
			return wrong(r, "a series twice: %s{%s}", name, labels);
	if (strcmp(family->type, "histogram") == 0)
		return check_histogram(r, name + len, labels, value);
	return name[len] == '\0' || wrong(r, "%s is of no family", name);
}

static bool read_sample(struct reader *r, char *line)
{
	struct metrics *m = r->metrics;
	size_t len = name_length(line, false);
	char *labels = line + len, *number = labels, *end;
	double value;

	if (len == 0)
		return wrong(r, "no name: %s", line);
	if (*labels == '{') {
		number = (char *) (uintptr_t) skip_labels(++labels);
		if (number == NULL)
			return wrong(r, "malformed labels: %s", line);
		number[-1] = '\0';
	} else {
		labels = line + strlen(line);
	}
	if (*number != ' ')
		return wrong(r, "no blank before the value: %s", line);
	value = strtod(number + 1, &end);
	if (end == number + 1 || *end != '\0' || !isfinite(value))
		return wrong(r, "no number: %s", number);
	line[len] = '\0';
	if (!check_family(r, line, labels, value))
		return false;
	m->samples = realloc(m->samples, (m->count + 1) * sizeof(*m->samples));
	if (m->samples == NULL)
		abort();
	m->samples[m->count++] =
		(struct metrics_sample) { strdup(line), strdup(labels), value };
	return true;
}

const char *metrics_parse(struct metrics *metrics, const char *text)
{
	struct reader r = { .metrics = metrics };
	char *copy = strdup(text), *line = copy, *end;

	*metrics = (struct metrics) { .samples = NULL };
	for (; *line != '\0'; line = end + 1) {
		r.line++;
		end = strchr(line, '\n');
		if (end == NULL) {
			wrong(&r, "no line end");
			break;
		}
		*end = '\0';
		if (*line == '#' ? !read_comment(&r, line)
				 : *line != '\0' && !read_sample(&r, line))
			break;
	}
	free(copy);
	return metrics->why;
}

void metrics_fini(struct metrics *metrics)
{
	while (metrics->count > 0) {
		free(metrics->samples[--metrics->count].name);
		free(metrics->samples[metrics->count].labels);
	}
	free(metrics->samples);
}

double metrics_sum(const struct metrics *metrics, const char *name, const char *label,
	const char *value)
{
	double sum = 0;
	char wanted[256] = "";
	size_t i;

	if (label != NULL)
		snprintf(wanted, sizeof(wanted), "%s=\"%s\"", label, value);
	for (i = 0; i < metrics->count; i++)
		if (strcmp(metrics->samples[i].name, name) == 0 &&
			strstr(metrics->samples[i].labels, wanted) != NULL)
			sum += metrics->samples[i].value;
	return sum;
}
