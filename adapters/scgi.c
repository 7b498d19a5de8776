/* SPDX-License-Identifier: MIT */
/*
 * scgi.c - the SCGI responder: its settings.
 */
#include "scgi.h"

#include <errno.h>
#include <stdlib.h>

unsigned vane_scgi_caps(void)
{
	return vane__scgi_driver.caps;
}

int vane_scgi_new(struct vane_scgi **out, struct vane_app *app, struct vane_loop *loop,
	const struct vane_scgi_opts *opts)
{
	struct vane_scgi *scgi = calloc(1, sizeof(*scgi));
	struct vane_scgi_opts o = opts != NULL ? *opts : (struct vane_scgi_opts) { 0 };
	const struct vane__responder_opts base = { o.request_msec, o.min_rate, o.write_msec,
		o.max_connections, o.grace_msec, NULL };
	int rc;

	if (scgi == NULL)
		return -ENOMEM;
	rc = vane__responder_init(&scgi->base, &vane__scgi_responder, app, loop, &base);
	if (rc < 0) {
		free(scgi);
		return rc;
	}
	scgi->limits = (struct vane__scgi_limits) {
		.max_bytes = o.max_head_bytes > 0 ? o.max_head_bytes : 64 * 1024,
		.max_vars = o.max_vars > 0 ? o.max_vars : 512,
	};
	*out = scgi;
	return 0;
}

void vane_scgi_free(struct vane_scgi *scgi)
{
	if (scgi == NULL)
		return;
	vane__responder_fini(&scgi->base);
	free(scgi);
}

int vane_scgi_add_sockets(struct vane_scgi *scgi, struct vane_sockets *socks)
{
	return vane__responder_add_sockets(&scgi->base, socks);
}

int vane_scgi_drain(struct vane_scgi *scgi, int64_t msec, vane_loop_fn done, void *data)
{
	return vane__responder_drain(&scgi->base, msec, done, data);
}

size_t vane_scgi_cut(struct vane_scgi *scgi)
{
	return vane__responder_cut(&scgi->base);
}
