/* SPDX-License-Identifier: MIT */
/*
 * route.h - finding the route of a path, and the path of a route.
 */
#ifndef VANE__ROUTE_H
#define VANE__ROUTE_H

#include <stdarg.h>

#include <vane/handler.h>

#include "arena.h"
#include "base.h"
#include "buf.h"
#include "form.h"

/* A route with what its handler's behaviour has taught us. */
struct vane__route {
	const struct vane_route *given;
	unsigned slow; /* requests for which the handler is still held to be slow */
};

struct vane__router;

/* Compile a table.  A pattern that is not well-formed is logged and gives -EINVAL; -ENOMEM. */
int vane__router_new(struct vane__router **out, const struct vane_route *routes);
void vane__router_free(struct vane__router *router);

size_t vane__router_count(const struct vane__router *router);
const struct vane__route *vane__router_at(const struct vane__router *router, size_t i);

/*
 * The first route that matches the whole path, with what it matched added to args; an encoded
 * slash is a NUL byte in path and a slash in args.  Returns 1, 0 if there is none, -ENOMEM, or
 * what vane__pattern_match() says of one that gave up, which *route is then.
 */
int vane__router_match(struct vane__router *router, struct vane_slice path,
	struct arena *arena, struct vane__pairs *args, struct vane__route **route);

/*
 * Whether a request can reach the i-th route: not if no path matches it, or if an earlier one,
 * given in *before, matches all that it does.
 */
bool vane__router_reachable(
	const struct vane__router *router, size_t i, const struct vane_route **before);

/* Append the path of a named route: vane__pattern_url(), or -ENOENT for the name. */
int vane__router_url(const struct vane__router *router, const char *name, va_list values,
	struct buf *out);

#endif
