/* SPDX-License-Identifier: MIT */
/*
 * maps.c - vane-gateway's options of the form WHERE=WHAT.
 */
#include "maps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct vane__map *vane__maps_find(const struct vane__maps *maps, const char *where)
{
	const struct vane__map *map;

	for (map = maps->first; map != NULL; map = map->next)
		if (strcmp(map->where, where) == 0)
			return map;
	return NULL;
}

/* Why a place is none, NULL: it is one. */
static const char *check_where(const char *where, size_t len)
{
	if (len == 0 || (where[0] != '/' && where[0] != '.'))
		return "must begin with a path, as in /cgi-bin/=DIR, or a suffix, as in "
		       ".php=WHAT";
	if (where[0] == '.' && (len == 1 || memchr(where, '/', len) != NULL))
		return "does not begin with a suffix of file names, as .php is";
	if (memchr(where, '{', len) != NULL || memchr(where, '}', len) != NULL)
		return "has a brace in its path";
	return NULL;
}

static struct vane__map *new_map(
	enum vane__map_kind kind, const char *where, size_t len, const char *what)
{
	size_t what_len = strlen(what);
	struct vane__map *map = malloc(sizeof(*map) + len + what_len + 3);

	if (map == NULL)
		return NULL;
	map->next = NULL;
	map->kind = kind;
	memcpy(map->where, where, len);
	map->bare = where[0] == '/' && where[len - 1] != '/';
	if (map->bare)
		map->where[len++] = '/';
	map->where[len] = '\0';
	map->what = map->where + len + 1;
	memcpy(map->what, what, what_len + 1);
	return map;
}

int vane__maps_add(struct vane__maps *maps, enum vane__map_kind kind, const char *text,
	const char **why)
{
	const char *equals = strchr(text, '=');
	struct vane__map *map;

	if (equals == NULL) {
		*why = "has no '=' between a path or a suffix and what answers it";
		return -EINVAL;
	}
	*why = check_where(text, (size_t) (equals - text));
	if (*why == NULL && equals[1] == '\0' && !(kind == VANE__MAP_CGI && text[0] == '.'))
		*why = "has nothing behind the '='";
	if (*why != NULL)
		return -EINVAL;
	map = new_map(kind, text, (size_t) (equals - text), equals + 1);
	if (map == NULL)
		return -ENOMEM;
	if (vane__maps_find(maps, map->where) != NULL) {
		free(map);
		*why = "is for a place that another option has taken";
		return -EEXIST;
	}
	if (maps->last != NULL)
		maps->last->next = map;
	else
		maps->first = map;
	maps->last = map;
	maps->count++;
	return 0;
}

void vane__maps_fini(struct vane__maps *maps)
{
	while (maps->first != NULL) {
		struct vane__map *map = maps->first;

		maps->first = map->next;
		free(map);
	}
	maps->last = NULL;
	maps->count = 0;
}
