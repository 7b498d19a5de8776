/* SPDX-License-Identifier: MIT */
/*
 * fuzz_routes.c - routes with regular expressions, and what is known of them without matching
 *
 * Two lines with a pattern each; what follows is a path.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>
#include <vane/log.h>

#include "pattern.h"
#include "route.h"
#include "uri.h"

static struct vane__pattern *compile(struct vane_slice text)
{
	struct vane__pattern *pattern = NULL;
	char why[VANE__PATTERN_WHY] = "";
	char *copy = malloc(text.len + 1);
	int rc;

	FUZZ_CHECK(copy != NULL);
	if (text.len > 0)
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	rc = vane__pattern_new(&pattern, copy, why);
	FUZZ_CHECK(rc == 0 || (rc == -EINVAL && why[0] != '\0') || rc == -ENOMEM);
	free(copy);
	return rc == 0 ? pattern : NULL;
}

/* Match; what a variable has matched is part of the path. */
static int match(const struct vane__pattern *pattern, struct vane_slice path)
{
	struct vane__capture captures[VANE__MAX_VARS];
	int rc, i;

	if (pattern == NULL)
		return 0;
	rc = vane__pattern_match(pattern, path, captures);
	FUZZ_CHECK(rc >= 0 || rc == -ELOOP || rc == -ENAMETOOLONG || rc == -ENOMEM ||
		   rc == -EINVAL);
	for (i = 0; i < rc - 1; i++) {
		FUZZ_CHECK(captures[i].name[0] != '\0');
		FUZZ_CHECK(
			captures[i].value.len == 0 || fuzz_within(captures[i].value, path));
	}
	if (rc > 0 && vane__pattern_is_literal(pattern))
		FUZZ_CHECK(rc == 1);
	return rc;
}

/* What is said of patterns must hold for every path. */
static void check_knowledge(const struct vane__pattern *first,
	const struct vane__pattern *second, struct vane_slice path)
{
	int a = match(first, path), b = match(second, path);

	if (first != NULL && a > 0 && !vane__path_has_dots(path))
		FUZZ_CHECK(vane__pattern_reachable(first));
	if (first == NULL || second == NULL)
		return;
	if (vane__pattern_covers(first, second) && b > 0)
		FUZZ_CHECK(a != 0); /* it may give up */
}

/* The same as a table: the first that matches, and its arguments. */
static void check_router(const struct vane__pattern *first,
	const struct vane__pattern *second, struct vane_slice lines[2],
	struct vane_slice path)
{
	static const struct vane_handler handler;
	struct vane_route routes[3] = { { 0 } };
	struct vane__router *router;
	struct vane__route *route = NULL;
	struct vane__pairs args = { 0 };
	struct arena arena = { 0 };
	char *texts[2];
	int i, rc, a;

	for (i = 0; i < 2; i++) {
		texts[i] = vane__arena_dup(&arena, lines[i].data, lines[i].len);
		FUZZ_CHECK(texts[i] != NULL);
		routes[i] = (struct vane_route) { texts[i], &handler, NULL, NULL };
	}
	if (vane__router_new(&router, routes) == 0) {
		FUZZ_CHECK(first != NULL && second != NULL);
		a = match(first, path);
		rc = vane__router_match(router, path, &arena, &args, &route);
		FUZZ_CHECK(a <= 0 || (rc == 1 && route->pattern == routes[0].pattern));
		FUZZ_CHECK(rc != 1 || a != 0 || match(second, path) > 0);
		vane__router_free(router);
	}
	vane__arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vane_slice input = { (const char *) data, size }, lines[2];
	struct vane__pattern *first, *second;

	if (size < 3 || size > 2048)
		return 0;
	vane_log_set_level(VANE_LOG_NONE);
	lines[0] = fuzz_line(&input);
	lines[1] = fuzz_line(&input);
	if (memchr(data, '\0', size - input.len) != NULL)
		return 0; /* patterns are text */
	first = compile(lines[0]);
	second = compile(lines[1]);
	check_knowledge(first, second, input);
	if (first != NULL && second != NULL)
		check_router(first, second, lines, input);
	vane__pattern_free(first);
	vane__pattern_free(second);
	return 0;
}
