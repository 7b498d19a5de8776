/* SPDX-License-Identifier: MIT */
/*
 * app.c - an application: routes, and the settings that hold for all of them.
 */
#include "app.h"

#include <stdlib.h>

#include <vane/log.h>

#include "buf.h"
#include "exchange.h"
#include "limit.h"
#include "pattern.h"
#include "route.h"
#include "slice.h"
#include "xheaders.h"
#include "text.h"

#define DEFAULT_MAX_BODY    (100 * 1024 * 1024)
#define DEFAULT_BODY_TOTAL  (1024 * 1024 * 1024)
#define DEFAULT_BODY_MEMORY (256 * 1024)
#define DEFAULT_MAX_FORM    (1024 * 1024)
#define DEFAULT_MAX_MEMORY  (4 * 1024 * 1024)
#define DEFAULT_MAX_ARGS    1000
#define DEFAULT_MAX_PARTS   1000

static int copy_text(char **copy, const char **text)
{
	if (*text == NULL)
		return 0;
	*copy = strdup(*text);
	*text = *copy;
	return *copy != NULL ? 0 : -ENOMEM;
}

/* "/app" stays, "/" and "" are the root, "/app/" loses its last slash. */
static int check_mount(struct vane_app *app)
{
	size_t len;

	if (app->mount == NULL)
		return 0;
	len = strlen(app->mount);
	if (len > 0 && app->mount[len - 1] == '/')
		app->mount[--len] = '\0';
	if (len > 0 && app->mount[0] != '/') {
		vane_log(VANE_LOG_ERROR, "mount %s: it must begin with /", app->mount);
		return -EINVAL;
	}
	if (len == 0)
		app->opts.mount = NULL;
	return 0;
}

/* What a request takes in memory includes its form, so the form's limit comes first. */
static int fill_limits(struct vane_app_opts *o)
{
	const struct vane__limit limits[] = {
		{ "vane_app_opts.max_body_bytes", &o->max_body_bytes, DEFAULT_MAX_BODY },
		{ "vane_app_opts.body_memory_bytes", &o->body_memory_bytes,
			DEFAULT_BODY_MEMORY },
		{ "vane_app_opts.max_body_total_bytes", &o->max_body_total_bytes,
			DEFAULT_BODY_TOTAL },
		{ "vane_app_opts.max_form_bytes", &o->max_form_bytes, DEFAULT_MAX_FORM },
		{ "vane_app_opts.max_args", &o->max_args, DEFAULT_MAX_ARGS },
		{ "vane_app_opts.max_parts", &o->max_parts, DEFAULT_MAX_PARTS },
	};
	int rc = vane__limits_fill(limits, ARRAY_SIZE(limits));

	if (rc < 0)
		return rc;
	return vane__limit_fill("vane_app_opts.max_memory_bytes", &o->max_memory_bytes,
		vane__limit_add(o->max_form_bytes, DEFAULT_MAX_MEMORY));
}

/* One of the two, kept as a constant. */
static int set_protocol(const char **protocol)
{
	static const char *const known[] = { "http", "https" };
	size_t i;

	for (i = 0; *protocol != NULL && i < ARRAY_SIZE(known); i++)
		if (strcmp(*protocol, known[i]) == 0) {
			*protocol = known[i];
			return 0;
		}
	if (*protocol == NULL)
		return 0;
	vane_log(VANE_LOG_ERROR, "protocol %s: it is http or https", *protocol);
	return -EINVAL;
}

static int fill_opts(struct vane_app *app, const struct vane_app_opts *opts)
{
	int rc;

	if (opts != NULL)
		app->opts = *opts;
	rc = fill_limits(&app->opts);
	if (rc < 0)
		return rc;
	rc = copy_text(&app->mount, &app->opts.mount);
	if (rc == 0)
		rc = copy_text(&app->trusted, &app->opts.trusted);
	if (rc == 0)
		rc = copy_text(&app->temp_dir, &app->opts.temp_dir);
	if (rc == 0)
		rc = copy_text(&app->access_log_format, &app->opts.access_log_format);
	if (rc == 0)
		rc = copy_text(&app->access_log_if, &app->opts.access_log_if);
	if (rc == 0)
		rc = check_mount(app);
	if (rc == 0)
		rc = set_protocol(&app->opts.protocol);
	return rc;
}

static int make_trust(struct vane_app *app)
{
	int rc;

	if (!app->opts.xheaders && !app->opts.forwarded)
		return 0;
	rc = vane__trust_new(&app->trust, app->opts.trusted);
	if (rc == -EINVAL)
		vane_log(VANE_LOG_ERROR,
			"trusted %s: addresses or networks are wanted, as in "
			"10.0.0.1,192.168.0.0/16",
			app->opts.trusted);
	return rc;
}

int vane_app_new(struct vane_app **out, const struct vane_route *routes,
	const struct vane_app_opts *opts)
{
	struct vane_app *app = calloc(1, sizeof(*app));
	int rc;

	if (app == NULL)
		return -ENOMEM;
	list_init(&app->left);
	rc = fill_opts(app, opts);
	if (rc == 0)
		rc = make_trust(app);
	if (rc == 0)
		rc = vane__access_new(&app->access, &app->opts);
	if (rc == 0)
		rc = vane__router_new(&app->router, routes);
	if (rc < 0) {
		vane_app_free(app);
		return rc;
	}
	*out = app;
	return 0;
}

void vane_app_free(struct vane_app *app)
{
	if (app == NULL)
		return;
	vane__app_end_left(app);
	vane__router_free(app->router);
	vane__trust_free(app->trust);
	vane__access_free(app->access);
	free(app->mount);
	free(app->trusted);
	free(app->temp_dir);
	free(app->access_log_format);
	free(app->access_log_if);
	free(app);
}

/* The mount and the path of a named route, as snprintf() would. */
static int write_url(const struct vane_app *app, struct vane_slice mount, char *buf,
	size_t size, const char *name, va_list values)
{
	struct buf url = { 0 };
	int rc;

	if (vane__no_text("vane_request_url", name))
		return -EINVAL;
	rc = vane__path_quote(&url, mount);
	if (rc == 0)
		rc = vane__router_url(app->router, name, values, &url);
	if (rc == 0) {
		size_t fits = size == 0 ? 0 : url.len < size ? url.len : size - 1;

		if (size > 0) {
			memcpy(buf, url.data, fits);
			buf[fits] = '\0';
		}
		rc = (int) url.len;
	}
	vane__buf_fini(&url);
	return rc;
}

int vane_app_url(const struct vane_app *app, char *buf, size_t size, const char *name, ...)
{
	const char *mount = app->opts.mount;
	va_list values;
	int rc;

	if (app->opts.mount_auto || app->opts.path_from_pathinfo)
		return -ENOTSUP;
	va_start(values, name);
	rc = write_url(
		app, vane__slice(mount != NULL ? mount : ""), buf, size, name, values);
	va_end(values);
	return rc;
}

int vane_request_url(
	const struct vane_request *req, char *buf, size_t size, const char *name, ...)
{
	va_list values;
	int rc;

	va_start(values, name);
	rc = write_url(vane__req_exchange(req)->app, req->mount, buf, size, name, values);
	va_end(values);
	return rc;
}

size_t vane_app_each_unreachable(const struct vane_app *app,
	void (*fn)(const char *pattern, const char *before, void *data), void *data)
{
	const struct vane__route *before;
	size_t i, count = 0;

	for (i = 0; i < vane__router_count(app->router); i++) {
		if (vane__router_reachable(app->router, i, &before))
			continue;
		count++;
		if (fn != NULL)
			fn(vane__router_at(app->router, i)->pattern,
				before != NULL ? before->pattern : NULL, data);
	}
	return count;
}

size_t vane_app_each_unserved(const struct vane_app *app, unsigned caps,
	void (*fn)(const char *pattern, unsigned lacking, void *data), void *data)
{
	size_t i, count = 0;

	for (i = 0; i < vane__router_count(app->router); i++) {
		const struct vane__route *route = vane__router_at(app->router, i);
		unsigned lacking = route->handler->needs & ~caps;

		if (lacking == 0)
			continue;
		count++;
		if (fn != NULL)
			fn(route->pattern, lacking, data);
	}
	return count;
}

size_t vane_app_route_count(const struct vane_app *app)
{
	return vane__router_count(app->router);
}

const char *vane_app_route_pattern(const struct vane_app *app, size_t i)
{
	if (i >= vane__router_count(app->router))
		return NULL;
	return vane__router_at(app->router, i)->pattern;
}

void *vane_app_data(const struct vane_app *app)
{
	return app->opts.data;
}

const struct vane_app_opts *vane_app_opts(const struct vane_app *app)
{
	return &app->opts;
}

const char *vane_cap_name(unsigned cap)
{
	switch (cap) {
	case VANE_CAP_ASYNC:
		return "async";
	case VANE_CAP_TIMERS:
		return "timers";
	case VANE_CAP_STREAM_OUT:
		return "stream-out";
	case VANE_CAP_STREAM_IN:
		return "stream-in";
	case VANE_CAP_CLOSE_DETECT:
		return "close-detect";
	case VANE_CAP_MULTIREQUEST:
		return "multirequest";
	case VANE_CAP_SENDFILE:
		return "sendfile";
	case VANE_CAP_RAW:
		return "raw";
	default:
		return "?";
	}
}
