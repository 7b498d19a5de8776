/* SPDX-License-Identifier: MIT */
/*
 * pattern.h - one route pattern: "/story/{id:[0-9]+}/{part}".
 */
#ifndef VANE__PATTERN_H
#define VANE__PATTERN_H

#include <stdarg.h>

#include "base.h"
#include "buf.h"

/* What a variable matched. */
struct vane__capture {
	const char *name; /* the pattern's, lives as long as it does */
	struct vane_slice value;
};

#define VANE__MAX_VARS 16

/* Room for what is wrong with a pattern. */
#define VANE__PATTERN_WHY 256

struct vane__pattern;

/* Parse and compile.  -EINVAL or -ENOMEM, with what is wrong in why. */
int vane__pattern_new(
	struct vane__pattern **out, const char *text, char why[VANE__PATTERN_WHY]);
void vane__pattern_free(struct vane__pattern *pattern);

/* Whether it has no variables. */
bool vane__pattern_is_literal(const struct vane__pattern *pattern);

/*
 * Match a whole path.  Returns the number of captures plus one, 0 if it does not match, or why
 * nobody can say: -ELOOP if its regular expression took too many steps, -ENAMETOOLONG if it ran
 * out of room, -ENOMEM, or -EINVAL for anything else.
 */
int vane__pattern_match(const struct vane__pattern *pattern, struct vane_slice path,
	struct vane__capture captures[VANE__MAX_VARS]);

/*
 * The parts in order: literal text (name NULL), or a variable's name and its regular expression,
 * if it has one (data NULL: one segment).  false past the end.
 */
bool vane__pattern_part(const struct vane__pattern *pattern, size_t i, const char **name,
	struct vane_slice *literal, struct vane_slice *regex);

/* pattern_cover.c: whether there are paths for it: none has "." or ".." as a segment. */
bool vane__pattern_reachable(const struct vane__pattern *pattern);

/* pattern_cover.c: whether it surely matches whatever path the other one matches. */
bool vane__pattern_covers(
	const struct vane__pattern *pattern, const struct vane__pattern *other);

/*
 * pattern_url.c: append the path that matches and gives these values: name, text pairs up to a
 * NULL.  Slashes in what stands for one segment are encoded.  -EINVAL if a value is missing, if
 * no path gives them, or if "." or ".." would be a segment of it; -ENOMEM.
 */
int vane__pattern_url(const struct vane__pattern *pattern, va_list values, struct buf *out);

/*
 * pattern_url.c: whether "." or ".." is a segment, be it between encoded slashes: clients and
 * servers take those out of a path, however they are written.
 */
bool vane__path_has_dots(struct vane_slice path);

/* pattern_url.c: append a decoded path, percent-encoded, a NUL byte as "%2F".  0 or -ENOMEM. */
int vane__path_quote(struct buf *out, struct vane_slice path);

#endif
