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

static int fill_opts(struct vane_scgi_opts *o)
{
	const struct vane__limit limits[] = {
		{ "vane_scgi_opts.request_msec", &o->request_msec,
			VANE__RESPONDER_REQUEST_MSEC },
		{ "vane_scgi_opts.min_rate", &o->min_rate, VANE__RESPONDER_MIN_RATE, true },
		{ "vane_scgi_opts.write_msec", &o->write_msec, VANE__RESPONDER_WRITE_MSEC },
		{ "vane_scgi_opts.max_head_bytes", &o->max_head_bytes,
			VANE__RESPONDER_HEAD_BYTES },
		{ "vane_scgi_opts.max_vars", &o->max_vars, VANE__RESPONDER_HEAD_VARS },
		{ "vane_scgi_opts.max_connections", &o->max_connections,
			VANE__RESPONDER_MAX_CONNECTIONS },
		{ "vane_scgi_opts.grace_msec", &o->grace_msec, VANE__RESPONDER_GRACE_MSEC },
	};

	return vane__limits_fill(limits, ARRAY_SIZE(limits));
}

int vane_scgi_new(struct vane_scgi **out, struct vane_app *app, struct vane_loop *loop,
	const struct vane_scgi_opts *opts)
{
	struct vane_scgi *scgi = calloc(1, sizeof(*scgi));
	struct vane_scgi_opts o = opts != NULL ? *opts : (struct vane_scgi_opts) { 0 };
	int rc;

	if (scgi == NULL)
		return -ENOMEM;
	rc = fill_opts(&o);
	if (rc == 0)
		rc = vane__responder_init(&scgi->base, &vane__scgi_responder, app, loop,
			&(struct vane__responder_opts) { o.request_msec, o.min_rate,
				o.write_msec, o.max_connections, o.grace_msec, NULL });
	if (rc < 0) {
		free(scgi);
		return rc;
	}
	scgi->limits = (struct vane__scgi_limits) {
		.max_bytes = vane__limit_size(o.max_head_bytes),
		.max_vars = vane__limit_size(o.max_vars),
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

void vane__scgi_set_look(struct vane_scgi *scgi, struct vane__responder_look *look)
{
	scgi->base.look = look;
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
