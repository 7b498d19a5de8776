/* SPDX-License-Identifier: MIT */
/*
 * front_config_files.c - which of a program's routes are directories that a front can serve itself.
 *
 * Only what nobody would notice: routes of vane_static_handler, "/static/{path:.*}", that no other route
 * comes before for a part of the paths, and around which no filter stands, as one may keep clients out.
 */
#include "front_config.h"

#include <stdio.h>
#include <string.h>

#include <vane/static.h>

#include "base.h"

/* What such a pattern ends with. */
#define BELOW "/{path:.*}"

/* What has no limit is kept for so long. */
#define YEAR_SEC (365 * 24 * 3600)

/* Where one looks for routes: those before the one that is looked at have been seen already. */
struct search {
	struct vane__front_config *config;
	const struct vane_route *all; /* the program's */
};

/* Whether a path below that prefix may be one of the pattern's, which stands behind another. */
static bool touches(const char *before, const char *pattern, const char *prefix)
{
	char whole[512], below[300];
	size_t head, len;

	snprintf(whole, sizeof(whole), "%s%s", before, pattern);
	len = (size_t) snprintf(below, sizeof(below), "%s/", prefix);
	head = strcspn(whole, "{");
	return strncmp(whole, below, head < len ? head : len) == 0 &&
	       (head >= len || whole[head] == '{');
}

/* Whether a route before that one may take some of its paths.  *found: it has been reached. */
static bool is_hidden(const struct vane_route *table, const char *before,
	const struct vane_route *route, const char *prefix, bool *found)
{
	char inner[300];

	for (; table->pattern != NULL && !*found; table++) {
		*found = table == route;
		if (*found)
			return false;
		if (table->routes == NULL) {
			if (touches(before, table->pattern, prefix))
				return true;
			continue;
		}
		snprintf(inner, sizeof(inner), "%s%s", before, table->pattern);
		if (table->filters != NULL && touches(inner, "", prefix))
			return true;
		if (is_hidden(table->routes, inner, route, prefix, found))
			return true;
	}
	return false;
}

/* Whether text can stand in any configuration. */
static bool is_plain(const char *text)
{
	return strpbrk(text, " \t\n\"'\\${};%#,()*^~") == NULL;
}

static void take(
	const struct search *search, const struct vane_route *route, const char *prefix)
{
	const struct vane_static_opts *opts = vane_static_opts(route->data);
	struct vane__front_config *config = search->config;
	struct vane__front_files *files = &config->files[config->file_count];
	bool found = false;

	if (config->file_count == ARRAY_SIZE(config->files) || prefix[0] == '\0' ||
		!is_plain(prefix) || opts->root == NULL || !is_plain(opts->root) ||
		strlen(prefix) >= sizeof(files->prefix) ||
		strlen(opts->root) >= sizeof(files->root) ||
		is_hidden(search->all, "", route, prefix, &found))
		return;
	*files = (struct vane__front_files) { .index = opts->index,
		.links = opts->symlinks,
		.dotfiles = opts->dotfiles,
		.max_age_sec =
			opts->max_age_sec != VANE_NO_LIMIT ? opts->max_age_sec : YEAR_SEC };
	snprintf(files->prefix, sizeof(files->prefix), "%s", prefix);
	snprintf(files->root, sizeof(files->root), "%s", opts->root);
	config->file_count++;
}

static void look(
	const struct search *search, const struct vane_route *table, const char *before)
{
	char whole[512];
	size_t len;

	for (; table->pattern != NULL; table++) {
		if (table->filters != NULL)
			continue;
		len = (size_t) snprintf(
			whole, sizeof(whole), "%s%s", before, table->pattern);
		if (len >= sizeof(whole))
			continue;
		if (table->routes != NULL) {
			look(search, table->routes, whole);
			continue;
		}
		if (table->handler != &vane_static_handler || table->data == NULL ||
			len < strlen(BELOW) ||
			strcmp(whole + len - strlen(BELOW), BELOW) != 0)
			continue;
		whole[len - strlen(BELOW)] = '\0';
		take(search, table, whole);
	}
}

void vane__front_config_find_files(
	struct vane__front_config *config, const struct vane_route *routes)
{
	const struct search search = { .config = config, .all = routes };

	if (routes != NULL)
		look(&search, routes, "");
}
