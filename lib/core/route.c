/* SPDX-License-Identifier: MIT */
/*
 * route.c - finding the route of a path, and the path of a route; route_build.c makes them.
 *
 * The first match wins.  Literal patterns are found by their hash; the others are tried in
 * turn, but only those that stand before the literal that was found.
 */
#include "route.h"

#include "pattern.h"
#include "slice.h"

size_t *vane__router_slot(const struct vane__router *router, struct vane_slice path)
{
	size_t i = vane__slice_hash(path);

	for (;; i++) {
		size_t *slot = &router->slots[i & router->mask];

		if (*slot == 0 || vane__slice_equal(router->items[*slot - 1].literal, path))
			return slot;
	}
}

const struct vane__route_item *vane__router_named(
	const struct vane__router *router, const char *name)
{
	size_t i;

	for (i = 0; i < router->count; i++) {
		const char *own = router->items[i].route.name;

		if (own != NULL && strcmp(own, name) == 0)
			return &router->items[i];
	}
	return NULL;
}

size_t vane__router_count(const struct vane__router *router)
{
	return router->count;
}

const struct vane__route *vane__router_at(const struct vane__router *router, size_t i)
{
	return i < router->count ? &router->items[i].route : NULL;
}

/* Keep what the variables matched, with the slashes that were encoded. */
static int keep(const struct vane__capture *captures, int count, struct arena *arena,
	struct vane__pairs *args)
{
	int i, rc;

	for (i = 0; i < count; i++) {
		char *value = vane__arena_dup(
			arena, captures[i].value.data, captures[i].value.len);
		size_t k;

		if (value == NULL)
			return -ENOMEM;
		for (k = 0; k < captures[i].value.len; k++)
			if (value[k] == '\0')
				value[k] = '/';
		rc = vane__pairs_add(args, arena, captures[i].name, value, VANE__MAX_VARS);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int vane__router_match(struct vane__router *router, struct vane_slice path,
	struct arena *arena, struct vane__pairs *args, struct vane__route **route)
{
	struct vane__capture captures[VANE__MAX_VARS];
	size_t literal = *vane__router_slot(router, path), i;
	int rc;

	for (i = 0; i < router->pattern_count; i++) {
		struct vane__route_item *item = &router->items[router->patterns[i]];
		int count;

		if (literal > 0 && router->patterns[i] > literal - 1)
			break;
		count = vane__pattern_match(item->compiled, path, captures);
		if (count == 0)
			continue;
		*route = &item->route;
		if (count < 0)
			return count;
		rc = keep(captures, count - 1, arena, args);
		return rc < 0 ? rc : 1;
	}
	if (literal == 0)
		return 0;
	*route = &router->items[literal - 1].route;
	return 1;
}

int vane__router_url(const struct vane__router *router, const char *name, va_list values,
	struct buf *out)
{
	const struct vane__route_item *item = vane__router_named(router, name);

	return item != NULL ? vane__pattern_url(item->compiled, values, out) : -ENOENT;
}

struct vane__route *vane__route_of_method(
	struct vane__route *route, enum vane__method method, struct vane_slice name)
{
	struct vane__route *other, *get = NULL, *any = NULL;

	for (other = route; other != NULL; other = other->next_method) {
		if (other->method == NULL)
			any = other;
		else if (vane__slice_equal(name, vane__slice(other->method)))
			return other;
		else if (method == VANE__HEAD && strcmp(other->method, "GET") == 0)
			get = other;
	}
	if (get != NULL)
		return get;
	return any != NULL ? any : route;
}

const struct vane__filters *vane__router_filters(
	const struct vane__router *router, struct vane_slice path)
{
	struct vane__capture captures[VANE__MAX_VARS];
	const struct vane__route_group *group;

	for (group = router->groups; group != NULL; group = group->next)
		if (vane__pattern_match(group->below, path, captures) > 0 ||
			(group->itself != NULL &&
				vane__pattern_match(group->itself, path, captures) > 0))
			return group->filters;
	return NULL;
}

bool vane__router_reachable(
	const struct vane__router *router, size_t i, const struct vane__route **before)
{
	const struct vane__pattern *pattern = router->items[i].compiled;
	size_t k;

	*before = NULL;
	if (!vane__pattern_reachable(pattern))
		return false;
	for (k = 0; k < i && !router->items[i].merged; k++) {
		if (!vane__pattern_covers(router->items[k].compiled, pattern))
			continue;
		*before = &router->items[k].route;
		return false;
	}
	return true;
}
