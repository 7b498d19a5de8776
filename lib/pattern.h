/* SPDX-License-Identifier: MIT */
/*
 * pattern.h - one route pattern: "/story/{id:[0-9]+}/{part}".
 */
#ifndef VANE__PATTERN_H
#define VANE__PATTERN_H

#include "base.h"

/* What a variable matched. */
struct vane__capture {
	const char *name; /* the pattern's, lives as long as it does */
	struct vane_slice value;
};

#define VANE__MAX_VARS 16

struct vane__pattern;

/* Parse and compile.  -EINVAL with *why set to what is wrong, -ENOMEM. */
int vane__pattern_new(struct vane__pattern **out, const char *text, const char **why);
void vane__pattern_free(struct vane__pattern *pattern);

/* Whether it has no variables. */
bool vane__pattern_is_literal(const struct vane__pattern *pattern);

/*
 * Match a whole path.  Returns the number of captures plus one, or 0.  A regular expression
 * that gives up (match limit) does not match.
 */
int vane__pattern_match(const struct vane__pattern *pattern, struct vane_slice path,
	struct vane__capture captures[VANE__MAX_VARS]);

/* The parts in order: literal text (name NULL) or a variable's name; false past the end. */
bool vane__pattern_part(const struct vane__pattern *pattern, size_t i, const char **name,
	struct vane_slice *literal);

#endif
