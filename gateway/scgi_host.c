/* SPDX-License-Identifier: MIT */
/*
 * scgi_host.c - vane_scgi_handler, and the hosts it answers for.
 */
#include <errno.h>
#include <stdlib.h>

#include "apphost.h"
#include "cgi_vars.h"
#include "scgi_request.h"

struct vane_scgi_host {
	struct vane__apphost app; /* first: handlers know no more */
	struct vane__scgi scgi;
};

static int answer(struct vane__host *host, struct vane_request *req,
	const struct vane__script *script)
{
	struct vane_scgi_host *self = CONTAINER_OF(host, struct vane_scgi_host, app.host);
	struct buf head = { .data = NULL };
	struct vane__relay *relay;
	int rc;

	rc = vane__apphost_begin(
		&self->app, req, script, "scgi", vane__vars_scgi, &head, &relay);
	if (rc < 0)
		return rc;
	vane__scgi_run(&self->scgi, relay, &head);
	return vane__relay_answer(relay);
}

int vane_scgi_host_new(
	struct vane_scgi_host **out, const struct vane_fastcgi_host_opts *opts)
{
	struct vane_scgi_host *self = calloc(1, sizeof(*self));
	int rc;

	if (self == NULL)
		return -ENOMEM;
	rc = vane__apphost_init(&self->app, opts);
	if (rc < 0) {
		free(self);
		return rc;
	}
	self->app.host.answer = answer;
	rc = vane__scgi_init(&self->scgi, self->app.balancer);
	if (rc < 0) {
		vane_scgi_host_free(self);
		return rc;
	}
	*out = self;
	return 0;
}

void vane_scgi_host_free(struct vane_scgi_host *self)
{
	if (self == NULL)
		return;
	vane__scgi_fini(&self->scgi);
	vane__apphost_fini(&self->app);
	free(self);
}

int vane_scgi_host_start(struct vane_scgi_host *self, struct vane_loop *loop)
{
	return vane__apphost_start(&self->app, loop);
}

void vane_scgi_host_reload(struct vane_scgi_host *self)
{
	vane__apphost_reload(&self->app);
}

const struct vane_handler vane_scgi_handler = {
	.prepare = vane__host_prepare,
	.any = vane__host_any,
	.finished = vane__relay_finished,
};
