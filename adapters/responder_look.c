/* SPDX-License-Identifier: MIT */
/*
 * responder_look.c - what of a request nobody is to see but who looks after the front's configuration
 * (--doctor of vane_main()).
 */
#include "responder.h"

#include "slice.h"

void vane__responder_look(struct vane__responder_conn *conn, const struct vane_field *vars,
	size_t count, bool kept)
{
	struct vane__responder_look *look = conn->responder->look;
	size_t i;

	if (LIKELY(look == NULL))
		return;
	*look = (struct vane__responder_look) { .kept = kept };
	for (i = 0; i < count; i++)
		if (vane__slice_equal(vars[i].name, SLICE("HTTP_PROXY")) &&
			vars[i].value.len > 0)
			look->proxy = true;
}
