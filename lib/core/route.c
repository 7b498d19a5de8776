/* SPDX-License-Identifier: MIT */
/*
 * route.c - finding the route of a path, and the path of a route.
 *
 * The first match wins.  Literal patterns are found by their hash; the others are tried in
 * turn, but only those that stand before the literal that was found.
 */
#include "route.h"

#include <stdlib.h>

#include <vane/log.h>

#include "pattern.h"
#include "slice.h"

struct compiled {
	struct vane__route route;
	struct vane__pattern *pattern;
	struct vane_slice literal; /* data NULL: it has variables */
};

struct vane__router {
	size_t count;
	size_t *patterns; /* indices of the routes with variables, ascending */
	size_t pattern_count;
	size_t *slots; /* index + 1 of a literal route by hash, 0: free */
	size_t mask;
	struct compiled items[];
};

/* The slot of a literal, or the free one where it would go. */
static size_t *slot_of(const struct vane__router *router, struct vane_slice path)
{
	size_t i = vane__slice_hash(path);

	for (;; i++) {
		size_t *slot = &router->slots[i & router->mask];

		if (*slot == 0 || vane__slice_equal(router->items[*slot - 1].literal, path))
			return slot;
	}
}

static const struct compiled *named(const struct vane__router *router, const char *name)
{
	size_t i;

	for (i = 0; i < router->count && router->items[i].route.given != NULL; i++) {
		const char *own = router->items[i].route.given->name;

		if (own != NULL && strcmp(own, name) == 0)
			return &router->items[i];
	}
	return NULL;
}

static int add(struct vane__router *router, size_t i, const struct vane_route *given)
{
	struct compiled *item = &router->items[i];
	char why[VANE__PATTERN_WHY];
	size_t *slot;
	int rc = vane__pattern_new(&item->pattern, given->pattern, why);

	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "route %s: %s", given->pattern, why);
		return rc;
	}
	if (given->handler == NULL) {
		vane_log(VANE_LOG_ERROR, "route %s: it has no handler", given->pattern);
		return -EINVAL;
	}
	if (given->name != NULL && named(router, given->name) != NULL) {
		vane_log(VANE_LOG_ERROR, "route %s: another one before it has the name %s",
			given->pattern, given->name);
		return -EINVAL;
	}
	item->route.given = given;
	if (!vane__pattern_is_literal(item->pattern)) {
		router->patterns[router->pattern_count++] = i;
		return 0;
	}
	item->literal = vane__slice(given->pattern);
	slot = slot_of(router, item->literal);
	if (*slot == 0)
		*slot = i + 1;
	return 0;
}

static struct vane__router *allocate(size_t count)
{
	struct vane__router *router =
		calloc(1, sizeof(*router) + count * sizeof(router->items[0]));
	size_t slots = 4;

	if (router == NULL)
		return NULL;
	while (slots < 2 * count)
		slots *= 2;
	router->count = count;
	router->mask = slots - 1;
	router->slots = calloc(slots, sizeof(router->slots[0]));
	router->patterns = calloc(count + 1, sizeof(router->patterns[0]));
	if (router->slots == NULL || router->patterns == NULL) {
		vane__router_free(router);
		return NULL;
	}
	return router;
}

int vane__router_new(struct vane__router **out, const struct vane_route *routes)
{
	struct vane__router *router;
	size_t count = 0, i;
	int rc = 0;

	while (routes[count].pattern != NULL)
		count++;
	router = allocate(count);
	if (router == NULL)
		return -ENOMEM;
	for (i = 0; i < count && rc == 0; i++)
		rc = add(router, i, &routes[i]);
	if (rc < 0)
		vane__router_free(router);
	else
		*out = router;
	return rc;
}

void vane__router_free(struct vane__router *router)
{
	size_t i;

	if (router == NULL)
		return;
	for (i = 0; i < router->count; i++)
		vane__pattern_free(router->items[i].pattern);
	free(router->slots);
	free(router->patterns);
	free(router);
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
	size_t literal = *slot_of(router, path), i;
	int rc;

	for (i = 0; i < router->pattern_count; i++) {
		struct compiled *item = &router->items[router->patterns[i]];
		int count;

		if (literal > 0 && router->patterns[i] > literal - 1)
			break;
		count = vane__pattern_match(item->pattern, path, captures);
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
	const struct compiled *item = named(router, name);

	return item != NULL ? vane__pattern_url(item->pattern, values, out) : -ENOENT;
}

bool vane__router_reachable(
	const struct vane__router *router, size_t i, const struct vane_route **before)
{
	const struct vane__pattern *pattern = router->items[i].pattern;
	size_t k;

	*before = NULL;
	if (!vane__pattern_reachable(pattern))
		return false;
	for (k = 0; k < i; k++) {
		if (!vane__pattern_covers(router->items[k].pattern, pattern))
			continue;
		*before = router->items[k].route.given;
		return false;
	}
	return true;
}
