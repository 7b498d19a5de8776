/* SPDX-License-Identifier: MIT */
/*
 * route_build.c - the routes of an application from its tables: groups are taken apart, and functions
 * for several methods of one pattern put together.
 */
#include "route.h"

#include <stdlib.h>

#include <vane/filter.h>
#include <vane/log.h>

#include "filter.h"
#include "pattern.h"
#include "slice.h"

/* Groups within groups: so many, so that one that holds itself comes to an end. */
#define MAX_DEPTH 16

/* What lies below a prefix. */
#define BELOW "/{_below:.*}"

/* A table on the way through all of them. */
struct place {
	struct vane__router *router;
	const struct vane_route *table;
	const char *prefix; /* of its groups */
	const struct vane__filters *filters;
	int depth;
};

static int invalid(const char *pattern, const char *why)
{
	vane_log(VANE_LOG_ERROR, "route %s: %s", pattern, why);
	return -EINVAL;
}

/* Two texts as one. */
static char *joined(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	char *both = malloc(a_len + b_len + 1);

	if (both == NULL)
		return NULL;
	memcpy(both, a, a_len);
	memcpy(both + a_len, b, b_len + 1);
	return both;
}

/* How many routes a table has, with those of its groups.  Negative: they nest too deep. */
static ptrdiff_t count_routes(const struct vane_route *table, int depth)
{
	ptrdiff_t count = 0, inner;

	for (; table->pattern != NULL; table++) {
		if (table->routes == NULL) {
			count++;
			continue;
		}
		if (depth == MAX_DEPTH)
			return invalid(table->pattern, "groups of groups go no deeper");
		inner = count_routes(table->routes, depth + 1);
		if (inner < 0)
			return inner;
		count += inner;
	}
	return count;
}

/* The place of a method in a table of functions, NULL if it has none there. */
static vane_handler_fn *function_of(struct vane_handler *handler, const char *method)
{
	if (method == NULL)
		return &handler->any;
	switch (vane__method(vane__slice(method))) {
	case VANE__GET:
		return &handler->get;
	case VANE__HEAD:
		return &handler->head;
	case VANE__POST:
		return &handler->post;
	case VANE__PUT:
		return &handler->put;
	case VANE__PATCH:
		return &handler->patch;
	case VANE__DELETE:
		return &handler->del;
	case VANE__OPTIONS:
		return &handler->options;
	default:
		return NULL;
	}
}

/* The first route of functions that stands in the same table at the same pattern, or NULL. */
static struct vane__route_item *same_pattern(
	struct vane__router *router, const struct vane__route_item *item)
{
	size_t i;

	for (i = 0; &router->items[i] != item; i++)
		if (router->items[i].methods != NULL &&
			router->items[i].table == item->table &&
			strcmp(router->items[i].route.pattern, item->route.pattern) == 0)
			return &router->items[i];
	return NULL;
}

/* A function for a method: the first of its pattern has the table that all of them share. */
static int add_function(struct vane__router *router, struct vane__route_item *item,
	const struct vane_route *given)
{
	struct vane__route_item *first = same_pattern(router, item);
	struct vane_handler *handler;
	struct vane__route **link;
	vane_handler_fn *fn;

	if (first == NULL) {
		item->methods = calloc(1, sizeof(*item->methods));
		if (item->methods == NULL)
			return -ENOMEM;
		first = item;
	}
	handler = first->methods;
	fn = function_of(handler, given->method);
	if (fn == NULL)
		return invalid(
			item->route.pattern, "its method is none that can be routed");
	if (*fn != NULL)
		return invalid(item->route.pattern, "a method is there twice");
	*fn = given->fn;
	item->route.handler = handler;
	item->route.method = given->method;
	if (first == item)
		return 0;
	item->merged = true;
	for (link = &first->route.next_method; *link != NULL;)
		link = &(*link)->next_method;
	*link = &item->route;
	return 0;
}

static int add_handler(struct vane__router *router, struct vane__route_item *item,
	const struct vane_route *given)
{
	const char *pattern = item->route.pattern;

	if (given->handler != NULL && given->fn != NULL)
		return invalid(pattern, "it has a handler and a function");
	if (given->fn != NULL)
		return add_function(router, item, given);
	if (given->handler == NULL)
		return invalid(pattern, "it has no handler");
	if (given->handler->max_body < VANE_NO_LIMIT)
		return invalid(pattern, "vane_handler.max_body is below 0; no limit is "
					"VANE_NO_LIMIT, -1");
	item->route.handler = given->handler;
	return 0;
}

/* Where the route is looked for. */
static void enlist(struct vane__router *router, struct vane__route_item *item)
{
	size_t i = (size_t) (item - router->items), *slot;

	if (item->merged)
		return;
	if (!vane__pattern_is_literal(item->compiled)) {
		router->patterns[router->pattern_count++] = i;
		return;
	}
	item->literal = vane__slice(item->route.pattern);
	slot = vane__router_slot(router, item->literal);
	if (*slot == 0)
		*slot = i + 1;
}

/* What is wrong with it is said of name. */
static int compile(struct vane__pattern **out, const char *text, const char *name)
{
	char why[VANE__PATTERN_WHY];
	int rc = vane__pattern_new(out, text, why);

	return rc == -EINVAL ? invalid(name, why) : rc;
}

static int set_pattern(const struct place *at, struct vane__route_item *item,
	const struct vane_route *given)
{
	item->route.pattern = given->pattern;
	if (at->prefix[0] != '\0') {
		item->own_pattern = joined(at->prefix, given->pattern);
		if (item->own_pattern == NULL)
			return -ENOMEM;
		item->route.pattern = item->own_pattern;
	}
	return compile(&item->compiled, item->route.pattern, item->route.pattern);
}

static int add_route(const struct place *at, const struct vane_route *given)
{
	struct vane__router *router = at->router;
	struct vane__route_item *item = &router->items[router->count];
	int rc;

	item->table = at->table;
	item->route.filters = at->filters;
	item->route.data = given->data;
	item->route.number = (unsigned) ++router->count; /* from now on it is freed */
	rc = set_pattern(at, item, given);
	if (rc < 0)
		return rc;
	if (given->name != NULL && vane__router_named(router, given->name) != NULL) {
		vane_log(VANE_LOG_ERROR, "route %s: another one before it has the name %s",
			item->route.pattern, given->name);
		return -EINVAL;
	}
	item->route.name = given->name;
	rc = add_handler(router, item, given);
	if (rc == 0)
		enlist(router, item);
	return rc;
}

static int make_pattern(
	struct vane__pattern **pattern, const char *prefix, const char *rest)
{
	char *text = joined(prefix, rest);
	int rc = text != NULL ? compile(pattern, text, prefix) : -ENOMEM;

	free(text);
	return rc;
}

static void free_group(struct vane__route_group *group)
{
	vane__pattern_free(group->itself);
	vane__pattern_free(group->below);
	free(group);
}

/* A path below the group that has no route passes its filters all the same. */
static int add_group(const struct place *at)
{
	struct vane__route_group *group = calloc(1, sizeof(*group)), **link;
	int rc;

	if (group == NULL)
		return -ENOMEM;
	rc = make_pattern(&group->below, at->prefix, BELOW);
	if (rc == 0 && at->prefix[0] != '\0')
		rc = make_pattern(&group->itself, at->prefix, "");
	if (rc < 0) {
		free_group(group);
		return rc;
	}
	group->filters = at->filters;
	for (link = &at->router->groups; *link != NULL;)
		link = &(*link)->next;
	*link = group;
	return 0;
}

static int add_table(const struct place *at);

/* The routes of a group, behind its prefix and its filters. */
static int enter_group(const struct place *at, const struct vane_route *group)
{
	struct place inner = *at;
	char *prefix = joined(at->prefix, group->pattern);
	size_t len = strlen(group->pattern);
	int rc = prefix != NULL ? 0 : -ENOMEM;

	if (len > 0 && (group->pattern[0] != '/' || group->pattern[len - 1] == '/'))
		rc = invalid(group->pattern,
			"the prefix of a group begins with / and does not end with it");
	if (rc == 0 && (group->handler != NULL || group->fn != NULL))
		rc = invalid(group->pattern, "a group has no handler of its own");
	inner.table = group->routes;
	inner.prefix = prefix;
	inner.depth++;
	if (rc == 0 && group->filters != NULL)
		rc = vane__filters_new(
			&at->router->filters, at->filters, group->filters, &inner.filters);
	if (rc == 0)
		rc = add_table(&inner);
	if (rc == 0 && inner.filters != at->filters)
		rc = add_group(&inner);
	free(prefix);
	return rc;
}

static int add_table(const struct place *at)
{
	const struct vane_route *given;
	int rc = 0;

	for (given = at->table; given->pattern != NULL && rc == 0; given++)
		rc = given->routes != NULL ? enter_group(at, given) : add_route(at, given);
	return rc;
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
	ptrdiff_t count = count_routes(routes, 0);
	struct place top = { .table = routes, .prefix = "" };
	int rc;

	if (count < 0)
		return (int) count;
	top.router = allocate((size_t) count);
	if (top.router == NULL)
		return -ENOMEM;
	rc = add_table(&top);
	if (rc < 0)
		vane__router_free(top.router);
	else
		*out = top.router;
	return rc;
}

static void free_groups(struct vane__router *router)
{
	while (router->groups != NULL) {
		struct vane__route_group *group = router->groups;

		router->groups = group->next;
		free_group(group);
	}
}

void vane__router_free(struct vane__router *router)
{
	size_t i;

	if (router == NULL)
		return;
	for (i = 0; i < router->count; i++) {
		vane__pattern_free(router->items[i].compiled);
		free(router->items[i].own_pattern);
		free(router->items[i].methods);
	}
	free_groups(router);
	vane__filters_free(router->filters);
	free(router->slots);
	free(router->patterns);
	free(router);
}
