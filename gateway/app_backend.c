/* SPDX-License-Identifier: MIT */
/*
 * app_backend.c - what FastCGI and SCGI backends have in common.
 */
#include "app_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>

#include "vars_request.h"

static void free_params(char **params)
{
	size_t i;

	for (i = 0; params != NULL && params[i] != NULL; i++)
		free(params[i]);
	free(params);
}

/* Settings as the administrator gave them: -EINVAL for one that is none. */
static int copy_params(char ***out, const char *const *params)
{
	size_t count = 0, i;
	char **copy;

	while (params != NULL && params[count] != NULL)
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	if (copy == NULL)
		return -ENOMEM;
	*out = copy;
	for (i = 0; i < count; i++) {
		const char *equals = strchr(params[i], '=');

		if (equals == NULL || equals == params[i]) {
			vane_log(VANE_LOG_ERROR,
				"gateway: \"%s\" is not of the form NAME=value", params[i]);
			return -EINVAL;
		}
		copy[i] = strdup(params[i]);
		if (copy[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int init_balancer(
	struct vane__app_backend *app, const struct vane_fastcgi_backend_opts *opts)
{
	int rc;

	if (opts->program != NULL) {
		rc = vane__program_init(&app->program, opts, &app->backend.limits);
		app->balancer = rc == 0 ? &app->program.balancer : NULL;
	} else {
		rc = vane__upstream_init(&app->upstream, opts, &app->backend.limits);
		app->balancer = rc == 0 ? &app->upstream.balancer : NULL;
	}
	return rc;
}

int vane__app_backend_init(
	struct vane__app_backend *app, const struct vane_fastcgi_backend_opts *opts)
{
	int rc;

	*app = (struct vane__app_backend) { .params = NULL };
	if ((opts->upstream == NULL) == (opts->program == NULL)) {
		vane_log(VANE_LOG_ERROR, "gateway: %s",
			opts->upstream == NULL ? "no application is named"
					       : "an address and a program cannot both be "
						 "the application");
		return -EINVAL;
	}
	rc = vane__backend_init(&app->backend, &opts->limits, opts->sendfile_root);
	if (rc == 0)
		rc = vane__scripts_init(&app->backend.scripts, &opts->scripts, false);
	if (rc == 0)
		rc = copy_params(&app->params, opts->params);
	if (rc == 0)
		rc = init_balancer(app, opts);
	if (rc < 0)
		vane__app_backend_fini(app);
	app->backend.stream = opts->stream;
	return rc;
}

void vane__app_backend_fini(struct vane__app_backend *app)
{
	if (app->balancer == &app->upstream.balancer)
		vane__upstream_fini(&app->upstream);
	if (app->balancer == &app->program.balancer)
		vane__program_fini(&app->program);
	vane__vars_fini(&app->vars);
	free_params(app->params);
	vane__backend_fini(&app->backend);
	*app = (struct vane__app_backend) { .params = NULL };
}

int vane__app_backend_start(struct vane__app_backend *app, struct vane_loop *loop)
{
	return app->balancer == &app->program.balancer
		       ? vane__program_start(&app->program, loop)
		       : 0;
}

void vane__app_backend_reload(struct vane__app_backend *app)
{
	if (app->balancer == &app->program.balancer)
		vane__program_reload(&app->program);
}

/* For the log: which script, else which application. */
static int new_relay(struct vane__app_backend *app, struct vane_request *req,
	const struct vane__script *script, const char *kind, struct vane__relay **relay)
{
	const char *what = script->at.script_filename;

	if (what == NULL || *what == '\0')
		what = app->upstream.count > 0 ? app->upstream.peers[0].name
					       : app->program.argv.list[0];
	return vane__relay_new(relay, &app->backend, req, kind, what);
}

int vane__app_backend_begin(struct vane__app_backend *app, struct vane_request *req,
	const struct vane__script *script, const char *kind,
	int (*encode)(const struct vane__vars *vars, struct buf *out), struct buf *out,
	struct vane__relay **relay)
{
	struct vane__vars *vars = &app->vars;
	int rc;

	vane__vars_clear(vars);
	rc = vane__vars_request(vars, req, &script->at, vane_request_body_length(req));
	if (rc == 0)
		rc = vane__vars_settings(vars, (const char *const *) app->params);
	if (rc == 0)
		rc = encode(vars, out);
	if (rc == 0)
		rc = new_relay(app, req, script, kind, relay);
	if (rc < 0)
		vane__buf_fini(out);
	return rc;
}
