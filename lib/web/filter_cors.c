/* SPDX-License-Identifier: MIT */
/*
 * filter_cors.c - a filter for cross-origin requests (CORS): preflights, and Access-Control-* fields.
 *
 * What browsers make of them is in the Fetch standard, "HTTP extensions": CORS protocol.
 */
#include <vane/filters.h>
#include <vane/request.h>
#include <vane/response.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "filter_text.h"
#include "limit.h"

#define DEFAULT_METHODS "GET, HEAD, POST"
#define DEFAULT_AGE_SEC 600

struct rules {
	const struct vane_cors_opts *opts;
	bool everybody; /* any origin, and all get the same answer */
	char max_age[24];
};

static bool is_everybody(const struct vane_cors_opts *opts)
{
	return opts->origins == NULL ||
	       (opts->origins[0] != NULL && opts->origins[0][0] == '*');
}

/* As browsers write one: "https://example.org:8443", without a path. */
static bool is_origin(const char *text)
{
	const char *host = strstr(text, "://");

	return host != NULL && host != text && host[3] != '\0' &&
	       strpbrk(host + 3, "/?#@* ,") == NULL &&
	       strpbrk(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL;
}

static int check_origins(const struct vane_cors_opts *opts)
{
	const char *const *origin = opts->origins;

	if (origin == NULL)
		return 0;
	if (strcmp(origin[0] != NULL ? origin[0] : "", "*") == 0)
		return origin[1] == NULL ? 0
					 : vane__filter_refuse("vane_cors_opts.origins",
						   "has \"*\", and others beside it");
	for (; *origin != NULL; origin++)
		if (!is_origin(*origin) ||
			vane__filter_check_value("vane_cors_opts.origins", *origin) < 0)
			return vane__filter_refuse("vane_cors_opts.origins",
				"has something that is no origin, as \"https://example.org\" is");
	return 0;
}

/* With credentials browsers take "*" for the name of something (Fetch). */
static int check_credentials(const struct vane_cors_opts *opts)
{
	if (!opts->credentials)
		return 0;
	if (is_everybody(opts))
		return vane__filter_refuse("vane_cors_opts.credentials",
			"is not for all origins: name those that may");
	if ((opts->methods != NULL && strchr(opts->methods, '*') != NULL) ||
		(opts->headers != NULL && strchr(opts->headers, '*') != NULL) ||
		(opts->exposed != NULL && strchr(opts->exposed, '*') != NULL))
		return vane__filter_refuse("vane_cors_opts.credentials",
			"does not go with \"*\" in methods, headers or exposed");
	return 0;
}

static int check(const struct vane_cors_opts *opts)
{
	int rc = check_origins(opts);

	if (rc == 0)
		rc = check_credentials(opts);
	if (rc == 0)
		rc = vane__filter_check_value("vane_cors_opts.methods", opts->methods);
	if (rc == 0)
		rc = vane__filter_check_value("vane_cors_opts.headers", opts->headers);
	if (rc == 0)
		rc = vane__filter_check_value("vane_cors_opts.exposed", opts->exposed);
	return rc;
}

static int start(void *config, void **data)
{
	static const struct vane_cors_opts none;
	const struct vane_cors_opts *opts = config != NULL ? config : &none;
	int64_t age = opts->max_age_sec;
	struct rules *rules;
	int rc = check(opts);

	if (rc == 0)
		rc = vane__limit_fill("vane_cors_opts.max_age_sec", &age, DEFAULT_AGE_SEC);
	if (rc < 0)
		return rc;
	rules = calloc(1, sizeof(*rules));
	if (rules == NULL)
		return -ENOMEM;
	rules->opts = opts;
	rules->everybody = is_everybody(opts);
	/* browsers have limits of their own, of a day and less */
	snprintf(rules->max_age, sizeof(rules->max_age), "%" PRId64,
		age < INT32_MAX ? age : INT32_MAX);
	*data = rules;
	return 0;
}

static bool is_allowed(const struct rules *rules, const char *origin)
{
	const char *const *one;

	for (one = rules->opts->origins; origin != NULL && *one != NULL; one++)
		if (strcmp(*one, origin) == 0)
			return true;
	return false;
}

/* A browser asks what it may, before it sends what it was to send. */
static bool is_preflight(const struct vane_request *req)
{
	return strcmp(vane_request_method(req), "OPTIONS") == 0 &&
	       vane_request_field(req, "Origin") != NULL &&
	       vane_request_field(req, "Access-Control-Request-Method") != NULL;
}

static int before(struct vane_request *req, struct vane_response *res, void *data)
{
	const struct rules *rules = data;
	const struct vane_cors_opts *opts = rules->opts;

	if (!is_preflight(req))
		return 0;
	vane_response_set_status(res, 204);
	vane_response_add_field(res, "Vary",
		"Access-Control-Request-Method, Access-Control-Request-Headers");
	vane_response_add_field(res, "Access-Control-Allow-Methods",
		opts->methods != NULL ? opts->methods : DEFAULT_METHODS);
	if (opts->headers != NULL)
		vane_response_add_field(res, "Access-Control-Allow-Headers", opts->headers);
	vane_response_add_field(res, "Access-Control-Max-Age", rules->max_age);
	return vane_response_finish(res);
}

static int after(struct vane_request *req, struct vane_response *res, void *data)
{
	const struct rules *rules = data;
	const char *origin = vane_request_field(req, "Origin");

	if (!rules->everybody) {
		vane_response_add_field(res, "Vary", "Origin");
		if (!is_allowed(rules, origin))
			return 0;
	}
	vane_response_set_field(
		res, "Access-Control-Allow-Origin", rules->everybody ? "*" : origin);
	if (rules->opts->credentials)
		vane_response_set_field(res, "Access-Control-Allow-Credentials", "true");
	if (rules->opts->exposed != NULL)
		vane_response_set_field(
			res, "Access-Control-Expose-Headers", rules->opts->exposed);
	return 0;
}

const struct vane_filter_type vane_cors_filter = {
	.start = start, .stop = free, .before = before, .after = after
};
