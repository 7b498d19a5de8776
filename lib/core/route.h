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
#include "method.h"

struct vane__filters;
struct vane__pattern;

/* A route, with those that answer other methods of the same pattern, and what its handler has taught us. */
struct vane__route {
	const char *pattern; /* whole, behind the prefixes of its groups */
	/* its own, or that of all who have the pattern: their functions in one table */
	const struct vane_handler *handler;
	void *data;
	const char *name;
	const struct vane__filters *filters; /* NULL: none */
	const char *method;                  /* the one it answers, NULL: all */
	struct vane__route *next_method;     /* of the same pattern; NULL: no more */
	unsigned number;                     /* among all routes, from 1 */
	unsigned slow; /* requests for which the handler is still held to be slow */
};

/* A route as the router has it. */
struct vane__route_item {
	struct vane__route route;
	struct vane__pattern *compiled;
	struct vane_slice literal;    /* data NULL: it has variables */
	char *own_pattern;            /* of a group; NULL: route.pattern is the table's */
	struct vane_handler *methods; /* made of functions; NULL: the table's */
	const struct vane_route
		*table; /* where it stands: functions of one pattern meet there */
	bool merged;    /* is found by an earlier one of its pattern */
};

/* Where a path without a route belongs: the group whose prefix it has. */
struct vane__route_group {
	struct vane__pattern *itself, *below; /* NULL: it has no prefix */
	const struct vane__filters *filters;
	struct vane__route_group *next;
};

struct vane__router {
	size_t count;     /* of items */
	size_t *patterns; /* indices of the routes with variables, ascending */
	size_t pattern_count;
	size_t *slots; /* index + 1 of a literal route by hash, 0: free */
	size_t mask;
	struct vane__filters *filters;    /* all lists there are */
	struct vane__route_group *groups; /* with filters, the inner before the outer */
	struct vane__route_item items[];
};

/* The slot of a literal, or the free one where it would go. */
size_t *vane__router_slot(const struct vane__router *router, struct vane_slice path);

/* The route of that name, NULL: none. */
const struct vane__route_item *vane__router_named(
	const struct vane__router *router, const char *name);

/*
 * route_build.c: compile a table.  What is not well-formed is logged and gives -EINVAL; -ENOMEM, or
 * what a filter fails with.
 */
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

/* The one of its pattern that has the method; itself if none does. */
struct vane__route *vane__route_of_method(
	struct vane__route *route, enum vane__method method, struct vane_slice name);

/* The filters for a path without a route, NULL: none. */
const struct vane__filters *vane__router_filters(
	const struct vane__router *router, struct vane_slice path);

/*
 * Whether a request can reach the i-th route: not if no path matches it, or if an earlier one,
 * given in *before, matches all that it does.
 */
bool vane__router_reachable(
	const struct vane__router *router, size_t i, const struct vane__route **before);

/* Append the path of a named route: vane__pattern_url(), or -ENOENT for the name. */
int vane__router_url(const struct vane__router *router, const char *name, va_list values,
	struct buf *out);

#endif
