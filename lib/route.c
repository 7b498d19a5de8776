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
#include "uri.h"

struct compiled {
	struct vane__route route;
	struct vane__pattern *pattern;
	struct vane_slice literal; /* data NULL: it has variables */
};

struct vane__router {
	size_t count;
	size_t *patterns;	/* indices of the routes with variables, ascending */
	size_t pattern_count;
	size_t *slots;		/* index + 1 of a literal route by hash, 0: free */
	size_t mask;
	struct compiled items[];
};

/* FNV-1a: short, and good enough for a table that nobody can fill from outside. */
static size_t hash(struct vane_slice s)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < s.len; i++)
		h = (h ^ (unsigned char) s.data[i]) * 16777619u;
	return h;
}

/* The slot of a literal, or the free one where it would go. */
static size_t *slot_of(const struct vane__router *router, struct vane_slice path)
{
	size_t i = hash(path);

	for (;; i++) {
		size_t *slot = &router->slots[i & router->mask];

		if (*slot == 0 || vane__slice_equal(router->items[*slot - 1].literal, path))
			return slot;
	}
}

static int add(struct vane__router *router, size_t i, const struct vane_route *given)
{
	struct compiled *item = &router->items[i];
	const char *why;
	size_t *slot;
	int rc = vane__pattern_new(&item->pattern, given->pattern, &why);

	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "route %s: %s", given->pattern, why);
		return rc;
	}
	if (given->handler == NULL) {
		vane_log(VANE_LOG_ERROR, "route %s: it has no handler", given->pattern);
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
		rc = keep(captures, count - 1, arena, args);
		return rc < 0 ? rc : 1;
	}
	if (literal == 0)
		return 0;
	*route = &router->items[literal - 1].route;
	return 1;
}

static const char *value_of(const char *name, va_list values)
{
	const char *key, *value, *found = NULL;
	va_list again;

	va_copy(again, values);
	while (found == NULL && (key = va_arg(again, const char *)) != NULL) {
		value = va_arg(again, const char *);
		if (strcmp(key, name) == 0)
			found = value;
	}
	va_end(again);
	return found;
}

int vane__route_quote(struct buf *out, struct vane_slice text)
{
	size_t need = vane__uri_quote(NULL, 0, text);
	int rc = vane__buf_reserve(out, need + 1);

	if (rc < 0)
		return rc;
	vane__uri_quote(out->data + out->len, need + 1, text);
	out->len += need;
	return 0;
}

/* Write the parts twice: as text, to see that it matches, and quoted. */
static int build(const struct vane__pattern *pattern, va_list values, struct buf *plain,
	struct buf *out)
{
	struct vane_slice literal;
	const char *name;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && vane__pattern_part(pattern, i, &name, &literal); i++) {
		if (name != NULL) {
			const char *value = value_of(name, values);

			if (value == NULL)
				return -EINVAL;
			literal = vane__slice(value);
		}
		rc = vane__buf_add_slice(plain, literal);
		if (rc == 0)
			rc = vane__route_quote(out, literal);
	}
	return rc;
}

int vane__router_url(
	struct vane__router *router, const char *name, va_list values, struct buf *out)
{
	struct vane__capture captures[VANE__MAX_VARS];
	struct buf plain = { 0 };
	size_t i;
	int rc = -ENOENT;

	for (i = 0; i < router->count; i++) {
		const struct compiled *item = &router->items[i];

		if (item->route.given->name == NULL ||
			strcmp(item->route.given->name, name) != 0)
			continue;
		rc = build(item->pattern, values, &plain, out);
		if (rc == 0 && vane__pattern_match(item->pattern, vane__buf_slice(&plain),
				       captures) == 0)
			rc = -EINVAL;
		break;
	}
	vane__buf_fini(&plain);
	return rc;
}
