/* SPDX-License-Identifier: MIT */
/*
 * form.h - names with values, and the query or form body they come from.
 */
#ifndef VANE__FORM_H
#define VANE__FORM_H

#include "arena.h"
#include "base.h"

struct vane__pair {
	const char *name, *value;
};

/* Pairs in the order they came; a zeroed one is empty.  The memory is an arena's. */
struct vane__pairs {
	struct vane__pair *items;
	size_t count, cap;
};

/* Append a pair; the texts are not copied.  -EMSGSIZE if there are max already, -ENOMEM. */
int vane__pairs_add(struct vane__pairs *pairs, struct arena *arena, const char *name,
	const char *value, size_t max);

/* The i-th value of that name, from 0; NULL past the last. */
const char *vane__pairs_find(const struct vane__pairs *pairs, const char *name, size_t i);

/* The i-th pair; false past the last. */
bool vane__pairs_at(
	const struct vane__pairs *pairs, size_t i, const char **name, const char **value);

/*
 * Append what application/x-www-form-urlencoded text holds, as the URL standard reads it:
 * "+" is a blank, a bad escape stays as it is, a name without "=" has the value "", and
 * empty pairs are passed over.
 *
 * -EINVAL for a NUL, encoded or not, -EMSGSIZE above max pairs, -ENOMEM; pairs before the
 * one that failed are there then.
 */
int vane__form_parse(
	struct vane__pairs *out, struct arena *arena, struct vane_slice text, size_t max);

#endif
