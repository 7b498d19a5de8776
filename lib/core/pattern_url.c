/* SPDX-License-Identifier: MIT */
/*
 * pattern_url.c - the path that a pattern and values for its variables make.
 *
 * What is written leads back: it matches the pattern, and gives the same values again.
 */
#include "pattern.h"

#include "slice.h"
#include "uri.h"

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

/* A value with its slashes as they are, or as the NUL bytes that encoded ones are to routes. */
static int put_value(struct buf *path, struct vane_slice value, bool encoded)
{
	size_t at = path->len;
	int rc = vane__buf_add_slice(path, value);

	for (; rc == 0 && encoded && at < path->len; at++)
		if (path->data[at] == '/')
			path->data[at] = '\0';
	return rc;
}

/*
 * Put the parts together.  In one segment all slashes are encoded.  With a regular expression
 * either may match: bits of encode say for each that has slashes which it is, and *choices
 * how many those are.
 */
static int put_parts(const struct vane__pattern *pattern, va_list values, unsigned encode,
	unsigned *choices, struct buf *path)
{
	struct vane_slice literal, regex;
	const char *name, *value;
	size_t i;
	int rc = 0;

	path->len = 0;
	*choices = 0;
	for (i = 0; rc == 0 && vane__pattern_part(pattern, i, &name, &literal, &regex);
		i++) {
		bool encoded = regex.data == NULL;

		if (name == NULL) {
			rc = vane__buf_add_slice(path, literal);
			continue;
		}
		value = value_of(name, values);
		if (value == NULL)
			return -EINVAL;
		if (!encoded && strchr(value, '/') != NULL)
			encoded = (encode >> (*choices)++ & 1) != 0;
		rc = put_value(path, vane__slice(value), encoded);
	}
	return rc;
}

/* Whether a captured text is that value, an encoded slash being one. */
static bool is_value(struct vane_slice text, const char *value)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (value[i] != (text.data[i] != '\0' ? text.data[i] : '/'))
			return false;
	return value[i] == '\0';
}

/* Whether the path matches, and gives the values: 1, 0 or -ENOMEM. */
static int leads_back(
	const struct vane__pattern *pattern, struct vane_slice path, va_list values)
{
	struct vane__capture captures[VANE__MAX_VARS];
	int count = vane__pattern_match(pattern, path, captures), i;

	if (count <= 0)
		return count == -ENOMEM ? count : 0;
	for (i = 0; i < count - 1; i++)
		if (!is_value(captures[i].value, value_of(captures[i].name, values)))
			return 0;
	return 1;
}

bool vane__path_has_dots(struct vane_slice path)
{
	size_t i, start = 0;

	for (i = 0; i <= path.len; i++) {
		if (i < path.len && path.data[i] != '/' && path.data[i] != '\0')
			continue;
		if ((i - start == 1 && path.data[start] == '.') ||
			(i - start == 2 && memcmp(path.data + start, "..", 2) == 0))
			return true;
		start = i + 1;
	}
	return false;
}

int vane__path_quote(struct buf *out, struct vane_slice path)
{
	int rc = 0;

	for (;;) {
		struct vane_slice piece = vane__slice_split(&path, '\0');
		size_t need = vane__uri_quote(NULL, 0, piece);

		rc = vane__buf_reserve(out, need + 1);
		if (rc < 0)
			return rc;
		vane__uri_quote(out->data + out->len, need + 1, piece);
		out->len += need;
		if (path.data == NULL)
			return 0;
		rc = vane__buf_add(out, "%2F", 3);
		if (rc < 0)
			return rc;
	}
}

int vane__pattern_url(const struct vane__pattern *pattern, va_list values, struct buf *out)
{
	struct buf path = { 0 };
	unsigned choices = 0, encode;
	int rc, leads = 0;

	for (encode = 0; leads == 0 && encode >> choices == 0; encode++) {
		leads = put_parts(pattern, values, encode, &choices, &path);
		if (leads == 0)
			leads = leads_back(pattern, vane__buf_slice(&path), values);
	}
	if (leads < 0)
		rc = leads;
	else if (leads == 0 || vane__path_has_dots(vane__buf_slice(&path)))
		rc = -EINVAL;
	else
		rc = vane__path_quote(out, vane__buf_slice(&path));
	vane__buf_fini(&path);
	return rc;
}
