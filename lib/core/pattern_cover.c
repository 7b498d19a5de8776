/* SPDX-License-Identifier: MIT */
/*
 * pattern_cover.c - whether a pattern matches all that another one does, or nothing at all.
 *
 * What {name} stands for is text without a slash, and a pattern of such variables treats all
 * of it alike: it is enough to try a byte that occurs in neither pattern.  What a regular
 * expression matches is not looked into: it may be anything, also nothing.
 */
#include "pattern.h"

#include "slice.h"

static bool has_regex(const struct vane__pattern *pattern)
{
	struct vane_slice literal, regex;
	const char *name;
	size_t i;

	for (i = 0; vane__pattern_part(pattern, i, &name, &literal, &regex); i++)
		if (regex.data != NULL && !vane__slice_equal(regex, SLICE(".*")))
			return true;
	return false;
}

/* Whether they differ in the names of their variables only. */
static bool is_same(const struct vane__pattern *a, const struct vane__pattern *b)
{
	struct vane_slice literal_a, literal_b, regex_a, regex_b;
	const char *name;
	bool more_a, more_b;
	size_t i;

	for (i = 0;; i++) {
		more_a = vane__pattern_part(a, i, &name, &literal_a, &regex_a);
		more_b = vane__pattern_part(b, i, &name, &literal_b, &regex_b);
		if (!more_a || !more_b)
			return more_a == more_b;
		if (!vane__slice_equal(literal_a, literal_b) ||
			!vane__slice_equal(regex_a, regex_b))
			return false;
	}
}

static void mark_bytes(const struct vane__pattern *pattern, bool seen[256])
{
	struct vane_slice literal, regex;
	const char *name;
	size_t i, k;

	for (i = 0; vane__pattern_part(pattern, i, &name, &literal, &regex); i++)
		for (k = 0; name == NULL && k < literal.len; k++)
			seen[(unsigned char) literal.data[k]] = true;
}

/* A byte of neither pattern's text that means nothing in a path: 0 if they have them all. */
static char unused_byte(const struct vane__pattern *a, const struct vane__pattern *b)
{
	bool seen[256] = { ['/'] = true, ['.'] = true };
	int c;

	mark_bytes(a, seen);
	mark_bytes(b, seen);
	for (c = 1; c < 256; c++)
		if (!seen[c])
			return (char) c;
	return '\0';
}

/* Append the pattern's text with these in place of its variables.  0 or -ENOMEM. */
static int put_text(const struct vane__pattern *pattern, char any,
	struct vane_slice anything, struct buf *path)
{
	const struct vane_slice segment = { &any, 1 };
	struct vane_slice literal, regex;
	const char *name;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && vane__pattern_part(pattern, i, &name, &literal, &regex); i++)
		rc = vane__buf_add_slice(path, name == NULL         ? literal
					       : regex.data == NULL ? segment
								    : anything);
	return rc;
}

static bool matches(const struct vane__pattern *pattern, const struct vane__pattern *other,
	char any, struct vane_slice anything)
{
	struct vane__capture captures[VANE__MAX_VARS];
	struct buf path = { 0 };
	bool yes = put_text(other, any, anything, &path) == 0 &&
		   vane__pattern_match(pattern, vane__buf_slice(&path), captures) > 0;

	vane__buf_fini(&path);
	return yes;
}

bool vane__pattern_reachable(const struct vane__pattern *pattern)
{
	struct buf path = { 0 };
	bool yes = put_text(pattern, 'x', SLICE("x"), &path) < 0 ||
		   !vane__path_has_dots(vane__buf_slice(&path));

	vane__buf_fini(&path);
	return yes;
}

bool vane__pattern_covers(
	const struct vane__pattern *pattern, const struct vane__pattern *other)
{
	const char any = unused_byte(pattern, other), much[] = { any, '/', '/', any, '/' };
	const struct vane_slice tries[] = { SLICE(""), { &any, 1 },
		{ much, sizeof(much) } };
	size_t i;

	if (is_same(pattern, other))
		return true;
	if (any == '\0' || (has_regex(pattern) && !vane__pattern_is_literal(other)))
		return false;
	for (i = 0; i < ARRAY_SIZE(tries); i++)
		if (!matches(pattern, other, any, tries[i]))
			return false;
	return true;
}
