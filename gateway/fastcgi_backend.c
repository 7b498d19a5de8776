/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_backend.c - vane_fastcgi_handler, and the backends it answers for.
 */
#include <errno.h>
#include <stdlib.h>

#include "app_backend.h"
#include "fastcgi_request.h"
#include "cgi_vars.h"

struct vane_fastcgi_backend {
	struct vane__app_backend app; /* first: handlers know no more */
	struct vane__fastcgi fastcgi;
};

static int answer(struct vane__backend *backend, struct vane_request *req,
	const struct vane__script *script)
{
	struct vane_fastcgi_backend *self =
		CONTAINER_OF(backend, struct vane_fastcgi_backend, app.backend);
	struct buf params = { .data = NULL };
	struct vane__relay *relay;
	int rc;

	rc = vane__app_backend_begin(
		&self->app, req, script, "fastcgi", vane__vars_fastcgi, &params, &relay);
	if (rc < 0)
		return rc;
	vane__fastcgi_run(&self->fastcgi, relay, &params);
	return vane__relay_answer(relay);
}

/* Those that were told to stop have a moment for it, so that their connections can stay. */
static void settle(struct vane__backend *backend, struct vane_loop *loop)
{
	const struct vane_fastcgi_backend *self =
		CONTAINER_OF(backend, struct vane_fastcgi_backend, app.backend);

	while (!list_empty(&self->fastcgi.leftover))
		vane_loop_turn(loop, true);
}

int vane_fastcgi_backend_new(
	struct vane_fastcgi_backend **out, const struct vane_fastcgi_backend_opts *opts)
{
	struct vane_fastcgi_backend *self = calloc(1, sizeof(*self));
	int rc;

	if (self == NULL)
		return -ENOMEM;
	rc = vane__app_backend_init(&self->app, opts);
	if (rc < 0) {
		free(self);
		return rc;
	}
	self->app.backend.answer = answer;
	self->app.backend.settle = settle;
	rc = vane__fastcgi_init(&self->fastcgi, self->app.balancer, opts->multiplex);
	if (rc < 0) {
		vane_fastcgi_backend_free(self);
		return rc;
	}
	*out = self;
	return 0;
}

void vane_fastcgi_backend_free(struct vane_fastcgi_backend *self)
{
	if (self == NULL)
		return;
	vane__fastcgi_fini(&self->fastcgi);
	vane__app_backend_fini(&self->app);
	free(self);
}

int vane_fastcgi_backend_start(struct vane_fastcgi_backend *self, struct vane_loop *loop)
{
	return vane__app_backend_start(&self->app, loop);
}

void vane_fastcgi_backend_reload(struct vane_fastcgi_backend *self)
{
	vane__app_backend_reload(&self->app);
}

const struct vane_handler vane_fastcgi_handler = {
	.prepare = vane__backend_prepare,
	.any = vane__backend_any,
	.finished = vane__relay_finished,
};
