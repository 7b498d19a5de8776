/* SPDX-License-Identifier: MIT */
/*
 * scgi_backend.c - vane_scgi_handler, and the backends it answers for.
 */
#include <errno.h>
#include <stdlib.h>

#include "app_backend.h"
#include "cgi_vars.h"
#include "scgi_request.h"

struct vane_scgi_backend {
	struct vane__app_backend app; /* first: handlers know no more */
	struct vane__scgi scgi;
};

static int answer(struct vane__backend *backend, struct vane_request *req,
	const struct vane__script *script)
{
	struct vane_scgi_backend *self =
		CONTAINER_OF(backend, struct vane_scgi_backend, app.backend);
	struct buf head = { .data = NULL };
	struct vane__relay *relay;
	int rc;

	rc = vane__app_backend_begin(
		&self->app, req, script, "scgi", vane__vars_scgi, &head, &relay);
	if (rc < 0)
		return rc;
	vane__scgi_run(&self->scgi, relay, &head);
	return vane__relay_answer(relay);
}

int vane_scgi_backend_new(
	struct vane_scgi_backend **out, const struct vane_fastcgi_backend_opts *opts)
{
	struct vane_scgi_backend *self = calloc(1, sizeof(*self));
	int rc;

	if (self == NULL)
		return -ENOMEM;
	rc = vane__app_backend_init(&self->app, opts);
	if (rc < 0) {
		free(self);
		return rc;
	}
	self->app.backend.answer = answer;
	rc = vane__scgi_init(&self->scgi, self->app.balancer);
	if (rc < 0) {
		vane_scgi_backend_free(self);
		return rc;
	}
	*out = self;
	return 0;
}

void vane_scgi_backend_free(struct vane_scgi_backend *self)
{
	if (self == NULL)
		return;
	vane__scgi_fini(&self->scgi);
	vane__app_backend_fini(&self->app);
	free(self);
}

int vane_scgi_backend_start(struct vane_scgi_backend *self, struct vane_loop *loop)
{
	return vane__app_backend_start(&self->app, loop);
}

void vane_scgi_backend_reload(struct vane_scgi_backend *self)
{
	vane__app_backend_reload(&self->app);
}

const struct vane_handler vane_scgi_handler = {
	.prepare = vane__backend_prepare,
	.any = vane__backend_any,
	.finished = vane__relay_finished,
};
