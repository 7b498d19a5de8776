/* SPDX-License-Identifier: MIT */
/*
 * request_state.c - what owners keep with a request, what its mode can do, and whom it tells of news:
 * the client has gone, there is body, there is room.
 */
#include <vane/request.h>
#include <vane/response.h>

#include "exchange.h"

/* The place of an owner; NULL: it has none yet. */
static struct vane__state_of *state_of(struct vane_request *req, const void *owner)
{
	struct vane__state_of *of;

	for (of = &req->state; of != NULL; of = of->next)
		if (of->owner == owner && of->state != NULL)
			return of;
	return NULL;
}

/* One that nobody has any more; the first is the request's, further ones come behind it. */
static struct vane__state_of *new_state(struct vane_request *req)
{
	struct vane__state_of *of;

	for (of = &req->state; of != NULL; of = of->next)
		if (of->state == NULL)
			return of;
	of = vane_request_alloc(req, sizeof(*of));
	if (of == NULL)
		return NULL;
	of->next = req->state.next;
	req->state.next = of;
	return of;
}

int vane_request_set_state(struct vane_request *req, const void *owner, void *state)
{
	struct vane__state_of *of = state_of(req, owner);

	if (of == NULL && state != NULL)
		of = new_state(req);
	if (of == NULL)
		return state != NULL ? -ENOMEM : 0;
	of->owner = owner;
	of->state = state;
	return 0;
}

void *vane_request_state(const struct vane_request *req, const void *owner)
{
	const struct vane__state_of *of = state_of(vane__req_own(req), owner);

	return of != NULL ? of->state : NULL;
}

struct vane_loop *vane_request_loop(const struct vane_request *req)
{
	return vane__req_exchange(req)->loop;
}

void vane_request_block(struct vane_request *req)
{
	struct vane_exchange *x = vane__req_exchange(req);

	if (!x->aborted && x->driver->stall != NULL)
		x->driver->stall(x->carrier);
}

bool vane_request_gone(struct vane_request *req)
{
	struct vane_exchange *x = vane__req_exchange(req);

	if (x->aborted)
		return true;
	return x->driver->peer_closed != NULL && x->driver->peer_closed(x->carrier) < 0;
}

bool vane_request_can(const struct vane_request *req, unsigned caps)
{
	return (vane__req_exchange(req)->driver->caps & caps) == caps;
}

const char *vane_request_mode(const struct vane_request *req)
{
	return vane__req_exchange(req)->driver->mode;
}

const char *vane_request_last_error(const struct vane_request *req)
{
	return req->last_error != NULL ? req->last_error : "";
}

void vane_request_on_close(struct vane_request *req, vane_notice_fn fn, void *data)
{
	req->on_close = (struct vane__notice) { fn, data };
}

void vane_request_on_body(struct vane_request *req, vane_notice_fn fn, void *data)
{
	struct vane_exchange *x = vane__req_exchange(req);

	req->on_body = (struct vane__notice) { fn, data };
	if (fn != NULL && !x->res.finished && !x->aborted)
		x->driver->read(x->carrier, NULL, 0); /* it is wanted from now on */
}

void vane_response_on_drain(struct vane_response *res, vane_notice_fn fn, void *data)
{
	vane__res_exchange(res)->req.on_drain = (struct vane__notice) { fn, data };
}
