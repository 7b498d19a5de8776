/* SPDX-License-Identifier: MIT */
/*
 * app_backend.c - the FastCGI and SCGI backends: their settings, and who is asked.
 */
#include "app_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>

#include "vars_request.h"

static int init_balancer(
	struct vane__app_backend *app, const struct vane_fastcgi_backend_opts *opts)
{
	int rc;

	if (opts->spawn != NULL) {
		rc = vane__program_init(&app->program, opts, &app->backend.limits);
		app->balancer = rc == 0 ? &app->program.balancer : NULL;
	} else {
		rc = vane__upstream_init(&app->upstream, opts, &app->backend.limits);
		app->balancer = rc == 0 ? &app->upstream.balancer : NULL;
	}
	return rc;
}

static int init(struct vane__app_backend *app, const struct vane_fastcgi_backend_opts *opts)
{
	int rc;

	if ((opts->upstream == NULL) == (opts->spawn == NULL)) {
		vane_log(VANE_LOG_ERROR, "gateway: %s",
			opts->upstream == NULL ? "no application is named"
					       : "an address and a program cannot both be "
						 "the application");
		return -EINVAL;
	}
	rc = vane__scripts_init(&app->backend.scripts, &opts->scripts, false);
	if (rc == 0)
		rc = vane__backend_set_vars(&app->backend, opts->params);
	if (rc == 0)
		rc = init_balancer(app, opts);
	if (rc == 0)
		rc = app->protocol->open(&app->shared, app->balancer, opts->multiplex);
	return rc;
}

static struct vane__app_backend *app_of(struct vane_backend *backend)
{
	return CONTAINER_OF(backend, struct vane__app_backend, backend);
}

static void app_free(struct vane_backend *backend)
{
	struct vane__app_backend *app = app_of(backend);

	app->protocol->close(app->shared);
	if (app->balancer == &app->upstream.balancer)
		vane__upstream_fini(&app->upstream);
	if (app->balancer == &app->program.balancer)
		vane__program_fini(&app->program);
	vane__vars_fini(&app->vars);
	vane__backend_fini(&app->backend);
	free(app);
}

static int start(struct vane_backend *backend, struct vane_loop *loop)
{
	struct vane__app_backend *app = app_of(backend);

	return app->balancer == &app->program.balancer
		       ? vane__program_start(&app->program, loop)
		       : 0;
}

static void reload(struct vane_backend *backend)
{
	struct vane__app_backend *app = app_of(backend);

	if (app->balancer == &app->program.balancer)
		vane__program_reload(&app->program);
}

/* For the log: which script, else which application. */
static const char *what_is_asked(
	const struct vane__app_backend *app, const struct vane__script *script)
{
	const char *what = script->at.script_filename;

	if (what != NULL && *what != '\0')
		return what;
	return app->upstream.count > 0 ? app->upstream.peers[0].name
				       : app->program.argv.list[0];
}

static int encode(struct vane__app_backend *app, struct vane_request *req,
	const struct vane__script *script, struct buf *head)
{
	struct vane__vars *vars = &app->vars;
	int rc;

	vane__vars_clear(vars);
	rc = vane__vars_request(vars, req, &script->at, vane_request_body_length(req));
	if (rc == 0)
		rc = vane__vars_settings(
			vars, (const char *const *) app->backend.settings.list);
	return rc == 0 ? app->protocol->encode(vars, head) : rc;
}

static int answer(struct vane_backend *backend, struct vane_request *req,
	const struct vane__script *script)
{
	struct vane__app_backend *app = app_of(backend);
	const struct vane__protocol *protocol = app->protocol;
	struct buf head = { .data = NULL };
	struct vane__relay *relay;
	int rc = encode(app, req, script, &head);

	if (rc == 0)
		rc = vane__relay_new(
			&relay, backend, req, protocol->name, what_is_asked(app, script));
	if (rc < 0) {
		vane__buf_fini(&head);
		return rc;
	}
	protocol->run(app->shared, relay, &head);
	return vane__relay_answer(relay);
}

static bool ending(const struct vane_backend *backend)
{
	const struct vane__app_backend *app =
		CONTAINER_OF(backend, struct vane__app_backend, backend);

	return app->protocol->ending != NULL && app->protocol->ending(app->shared);
}

static const struct vane__backend_calls calls = {
	.answer = answer,
	.ending = ending,
	.start = start,
	.reload = reload,
	.free = app_free,
};

static int new_backend(struct vane_backend **out,
	const struct vane_fastcgi_backend_opts *opts, const struct vane__protocol *protocol)
{
	struct vane__app_backend *app = calloc(1, sizeof(*app));
	struct vane_fastcgi_backend_opts o = *opts;
	int rc;

	if (app == NULL)
		return -ENOMEM;
	app->protocol = protocol;
	rc = vane__backend_init(&app->backend, &calls, &o.limits, o.sendfile_root);
	app->backend.stream = o.stream;
	if (rc == 0)
		rc = vane__upstream_fill(&o);
	if (rc == 0)
		rc = init(app, &o);
	if (rc < 0) {
		app_free(&app->backend);
		return rc;
	}
	*out = &app->backend;
	return 0;
}

int vane_fastcgi_backend_new(
	struct vane_backend **backend, const struct vane_fastcgi_backend_opts *opts)
{
	return new_backend(backend, opts, &vane__fastcgi_protocol);
}

int vane_scgi_backend_new(
	struct vane_backend **backend, const struct vane_fastcgi_backend_opts *opts)
{
	return new_backend(backend, opts, &vane__scgi_protocol);
}
