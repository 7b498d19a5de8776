/* SPDX-License-Identifier: MIT */
/*
 * form.c - names with values, and the query or form body they come from.
 */
#include "form.h"

#include "slice.h"

#define FIRST_CAP 16

int vane__pairs_add(struct vane__pairs *pairs, struct arena *arena, const char *name,
	const char *value, size_t max)
{
	if (pairs->count >= max)
		return -EMSGSIZE;
	if (pairs->count == pairs->cap) {
		size_t cap = pairs->cap > 0 ? pairs->cap * 2 : FIRST_CAP;
		struct vane__pair *items;

		if (cap > SIZE_MAX / sizeof(*items))
			return -ENOMEM;
		items = vane__arena_alloc(arena, cap * sizeof(*items));
		if (items == NULL)
			return -ENOMEM;
		if (pairs->count > 0)
			memcpy(items, pairs->items, pairs->count * sizeof(*items));
		pairs->items = items;
		pairs->cap = cap;
	}
	pairs->items[pairs->count++] = (struct vane__pair) { name, value };
	return 0;
}

const char *vane__pairs_find(const struct vane__pairs *pairs, const char *name, size_t i)
{
	size_t k;

	for (k = 0; k < pairs->count; k++)
		if (strcmp(pairs->items[k].name, name) == 0 && i-- == 0)
			return pairs->items[k].value;
	return NULL;
}

bool vane__pairs_at(
	const struct vane__pairs *pairs, size_t i, const char **name, const char **value)
{
	if (i >= pairs->count)
		return false;
	*name = pairs->items[i].name;
	*value = pairs->items[i].value;
	return true;
}

/* Decode and add a NUL: the length without it, or -EINVAL.  The length shrinks or stays. */
static ssize_t decode(char *out, struct vane_slice in)
{
	size_t i, n = 0;

	for (i = 0; i < in.len; i++) {
		char c = in.data[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%' && in.len - i >= 3 && vane__hex(in.data[i + 1]) >= 0 &&
			   vane__hex(in.data[i + 2]) >= 0) {
			c = (char) (vane__hex(in.data[i + 1]) << 4 |
				    vane__hex(in.data[i + 2]));
			i += 2;
		}
		if (c == '\0')
			return -EINVAL;
		out[n++] = c;
	}
	out[n] = '\0';
	return (ssize_t) n;
}

int vane__form_parse(
	struct vane__pairs *out, struct arena *arena, struct vane_slice text, size_t max)
{
	/* a NUL for each "=" and "&", and one for the end: all fits into a piece as long */
	char *at;

	if (text.len == 0)
		return 0;
	at = text.len < SIZE_MAX ? vane__arena_alloc(arena, text.len + 1) : NULL;
	if (at == NULL)
		return -ENOMEM;
	while (text.data != NULL) {
		struct vane_slice value = vane__slice_split(&text, '&'), name;
		struct vane__pair pair;
		ssize_t n;
		int rc;

		if (value.len == 0)
			continue;
		name = vane__slice_split(&value, '=');
		pair.name = at;
		n = decode(at, name);
		if (n < 0)
			return (int) n;
		at += n;
		pair.value = at; /* the name's NUL, unless a value follows */
		if (value.data != NULL) {
			pair.value = ++at;
			n = decode(at, value);
			if (n < 0)
				return (int) n;
			at += n;
		}
		at++;
		rc = vane__pairs_add(out, arena, pair.name, pair.value, max);
		if (rc < 0)
			return rc;
	}
	return 0;
}
