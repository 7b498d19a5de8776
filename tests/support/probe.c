/* SPDX-License-Identifier: MIT */
/*
 * probe.c - a small application to ask through the test client.
 */
#include "probe.h"

#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane/log.h>
#include <vane/request.h>

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	struct probe *probe = data;
	size_t at = strlen(probe->log);

	snprintf(probe->log + at, sizeof(probe->log) - at, "%s\n", line);
}

void probe_init_routes(struct probe *probe, const struct vane_route *routes,
	const struct vane_app_opts *opts)
{
	probe->app = NULL;
	probe->got = (struct vane_test_response) { 0 };
	probe->log[0] = '\0';
	vane_log_set_function(keep_line, probe);
	assert_int_equal(vane_app_new(&probe->app, routes, opts), 0);
}

void probe_init(struct probe *probe, const struct vane_handler *handler, void *data,
	const struct vane_app_opts *opts)
{
	probe->routes[0] = (struct vane_route) { "/{rest:.*}", handler, .data = data };
	probe->routes[1] = (struct vane_route) { 0 };
	probe_init_routes(probe, probe->routes, opts);
}

static int call_answer(struct vane_request *req, struct vane_response *res)
{
	const struct probe *probe = vane_request_data(req);

	return probe->answer(res);
}

void probe_init_answer(struct probe *probe, int (*answer)(struct vane_response *res))
{
	static const struct vane_handler handler = { .get = call_answer,
		.put = call_answer };

	probe->answer = answer;
	probe_init(probe, &handler, probe, NULL);
}

int probe_answer(struct probe *probe, int (*answer)(struct vane_response *res))
{
	probe_init_answer(probe, answer);
	return probe_get(probe, "/");
}

static void keep_last_line(enum vane_log_level level, const char *line, void *data)
{
	snprintf(data, PROBE_LINE, "%s", line);
}

void probe_refuse_filter(
	const struct vane_filter_type *type, void *data, char log[PROBE_LINE])
{
	const struct vane_filter filters[] = { VANE_FILTER(type, data), VANE_FILTER_END };
	const struct vane_route none[] = { VANE_END };
	const struct vane_route routes[] = { VANE_GROUP("", filters, none), VANE_END };
	struct vane_app *app = NULL;

	log[0] = '\0';
	vane_log_set_function(keep_last_line, log);
	assert_int_equal(vane_app_new(&app, routes, NULL), -EINVAL);
	assert_null(app);
	vane_log_set_function(NULL, NULL);
}

void probe_fini(struct probe *probe)
{
	vane_test_response_fini(&probe->got);
	vane_app_free(probe->app);
	vane_log_set_function(NULL, NULL);
}

int probe_run(struct probe *probe, const struct vane_test_request *request)
{
	vane_test_response_fini(&probe->got);
	assert_int_equal(vane_test_run(probe->app, request, &probe->got), 0);
	return probe->got.status;
}

int probe_method(struct probe *probe, const char *method, const char *target)
{
	struct vane_test_request request = { .method = method, .target = target };

	return probe_run(probe, &request);
}

int probe_get(struct probe *probe, const char *target)
{
	return probe_method(probe, "GET", target);
}

const char *probe_field(struct probe *probe, const char *name)
{
	return vane_test_response_field(
		&probe->got, name, 0, probe->field, sizeof(probe->field));
}
