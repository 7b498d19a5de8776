/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_host.c - vane_fastcgi_handler, and the hosts it answers for.
 */
#include <errno.h>
#include <stdlib.h>

#include "apphost.h"
#include "fastcgi_request.h"
#include "cgi_vars.h"

struct vane_fastcgi_host {
	struct vane__apphost app; /* first: handlers know no more */
	struct vane__fastcgi fastcgi;
};

static int answer(struct vane__host *host, struct vane_request *req,
	const struct vane__script *script)
{
	struct vane_fastcgi_host *self =
		CONTAINER_OF(host, struct vane_fastcgi_host, app.host);
	struct buf params = { .data = NULL };
	struct vane__relay *relay;
	int rc;

	rc = vane__apphost_begin(
		&self->app, req, script, "fastcgi", vane__vars_fastcgi, &params, &relay);
	if (rc < 0)
		return rc;
	vane__fastcgi_run(&self->fastcgi, relay, &params);
	return vane__relay_answer(relay);
}

/* Those that were told to stop have a moment for it, so that their connections can stay. */
static void settle(struct vane__host *host, struct vane_loop *loop)
{
	const struct vane_fastcgi_host *self =
		CONTAINER_OF(host, struct vane_fastcgi_host, app.host);

	while (!list_empty(&self->fastcgi.leftover))
		vane_loop_turn(loop, true);
}

int vane_fastcgi_host_new(
	struct vane_fastcgi_host **out, const struct vane_fastcgi_host_opts *opts)
{
	struct vane_fastcgi_host *self = calloc(1, sizeof(*self));
	int rc;

	if (self == NULL)
		return -ENOMEM;
	rc = vane__apphost_init(&self->app, opts);
	if (rc < 0) {
		free(self);
		return rc;
	}
	self->app.host.answer = answer;
	self->app.host.settle = settle;
	rc = vane__fastcgi_init(&self->fastcgi, self->app.balancer, opts->multiplex);
	if (rc < 0) {
		vane_fastcgi_host_free(self);
		return rc;
	}
	*out = self;
	return 0;
}

void vane_fastcgi_host_free(struct vane_fastcgi_host *self)
{
	if (self == NULL)
		return;
	vane__fastcgi_fini(&self->fastcgi);
	vane__apphost_fini(&self->app);
	free(self);
}

int vane_fastcgi_host_start(struct vane_fastcgi_host *self, struct vane_loop *loop)
{
	return vane__apphost_start(&self->app, loop);
}

void vane_fastcgi_host_reload(struct vane_fastcgi_host *self)
{
	vane__apphost_reload(&self->app);
}

const struct vane_handler vane_fastcgi_handler = {
	.prepare = vane__host_prepare,
	.any = vane__host_any,
	.finished = vane__relay_finished,
};
