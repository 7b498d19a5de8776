/* SPDX-License-Identifier: MIT */
/*
 * multipart.c - the parts of a multipart/form-data body (RFC 7578).
 *
 * A delimiter is CRLF "--" boundary; only the first may lack the CRLF, at the very start.
 */
#include "config.h" /* for memmem() */

#include "multipart.h"

#include "fields.h"
#include "slice.h"

/* What stands between two parts. */
struct delimiter {
	char text[VANE__BOUNDARY_MAX + 4]; /* CRLF "--" boundary */
	size_t len;
};

static void skip(struct vane_slice *s, size_t n)
{
	s->data += n;
	s->len -= n;
}

static struct vane_slice dash_boundary(const struct delimiter *delim)
{
	return (struct vane_slice){ delim->text + 2, delim->len - 2 };
}

static int set_delimiter(struct delimiter *delim, struct vane_slice boundary)
{
	if (boundary.len == 0 || boundary.len > VANE__BOUNDARY_MAX ||
		!vane__field_value_ok(boundary))
		return -EINVAL;
	memcpy(delim->text, "\r\n--", 4);
	memcpy(delim->text + 4, boundary.data, boundary.len);
	delim->len = boundary.len + 4;
	return 0;
}

/* Move behind the next delimiter; *before is what was passed: 0 or -EINVAL. */
static int find_delimiter(
	struct vane_slice *rest, const struct delimiter *delim, struct vane_slice *before)
{
	const char *at = rest->len > 0
				 ? memmem(rest->data, rest->len, delim->text, delim->len)
				 : NULL;

	if (at == NULL)
		return -EINVAL;
	*before = (struct vane_slice){ rest->data, (size_t) (at - rest->data) };
	skip(rest, before->len + delim->len);
	return 0;
}

/* What stands behind a delimiter: 1 if a part follows, 0 if it was the last, -EINVAL. */
static int end_delimiter(struct vane_slice *rest)
{
	bool last = vane__slice_starts(*rest, SLICE("--"));

	if (last)
		skip(rest, 2);
	while (rest->len > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t'))
		skip(rest, 1);
	if (last && rest->len == 0)
		return 0;
	if (!vane__slice_starts(*rest, SLICE("\r\n")))
		return -EINVAL;
	skip(rest, 2);
	return last ? 0 : 1;
}

/* Take a line with its CRLF off; *line has none: 0, -EINVAL, -EMSGSIZE. */
static int take_line(struct vane_slice *rest, size_t max, struct vane_slice *line)
{
	size_t within = rest->len < max ? rest->len : max;
	const char *lf = within > 0 ? memchr(rest->data, '\n', within) : NULL;

	if (lf == NULL)
		return within < rest->len ? -EMSGSIZE : -EINVAL;
	*line = (struct vane_slice){ rest->data, (size_t) (lf - rest->data) };
	skip(rest, line->len + 1);
	if (line->len == 0 || line->data[--line->len] != '\r')
		return -EINVAL;
	return 0;
}

/* Copy a name, with the escapes undone that browsers and MIME make: NULL without memory. */
static char *copy_name(struct arena *arena, struct vane_slice s, bool quoted)
{
	static const struct {
		struct vane_slice escape;
		char c;
	} escapes[] = {
		{ SLICE_INIT("\\\""), '"' },
		{ SLICE_INIT("\\\\"), '\\' },
		{ SLICE_INIT("%22"), '"' },
		{ SLICE_INIT("%0D"), '\r' },
		{ SLICE_INIT("%0A"), '\n' },
	};
	char *copy = vane__arena_dup(arena, s.data, s.len);
	size_t i, len = 0;

	if (copy == NULL || !quoted)
		return copy;
	while (s.len > 0) {
		for (i = 0; i < ARRAY_SIZE(escapes); i++)
			if (vane__slice_starts(s, escapes[i].escape))
				break;
		copy[len++] = i < ARRAY_SIZE(escapes) ? escapes[i].c : s.data[0];
		skip(&s, i < ARRAY_SIZE(escapes) ? escapes[i].escape.len : 1);
	}
	copy[len] = '\0';
	return copy;
}

/* Content-Disposition: form-data; name="..."; filename="..." */
static int read_disposition(
	struct vane_slice value, struct arena *arena, struct vane__part *part)
{
	struct vane_slice name, text, kind = value;
	bool quoted;
	int rc;

	if (part->name != NULL)
		return -EINVAL;
	kind = vane__slice_trim(vane__slice_split(&kind, ';'));
	if (!vane__slice_equal_nocase(kind, SLICE("form-data")))
		return -EINVAL;
	skip(&value, kind.len); /* the value had no blanks before it */
	while ((rc = vane__param_next(&value, &name, &text, &quoted)) > 0) {
		const char **slot = NULL;

		if (vane__slice_equal_nocase(name, SLICE("name")))
			slot = &part->name;
		else if (vane__slice_equal_nocase(name, SLICE("filename")))
			slot = &part->filename;
		if (slot == NULL)
			continue;
		if (*slot != NULL)
			return -EINVAL;
		*slot = copy_name(arena, text, quoted);
		if (*slot == NULL)
			return -ENOMEM;
	}
	return rc < 0 ? rc : part->name != NULL ? 0 : -EINVAL;
}

static int read_field(struct vane_slice line, struct arena *arena, struct vane__part *part)
{
	struct vane_slice name = vane__slice_split(&line, ':'),
			  value = vane__slice_trim(line);

	if (line.data == NULL || !vane__is_token(name) || !vane__field_value_ok(value))
		return -EINVAL;
	if (vane__slice_equal_nocase(name, SLICE("Content-Disposition")))
		return read_disposition(value, arena, part);
	if (!vane__slice_equal_nocase(name, SLICE("Content-Type")))
		return 0;
	if (part->content_type != NULL)
		return -EINVAL;
	part->content_type = vane__arena_dup(arena, value.data, value.len);
	return part->content_type != NULL ? 0 : -ENOMEM;
}

/* Read the fields of a part up to the empty line: 0, -EINVAL, -EMSGSIZE, -ENOMEM. */
static int read_head(struct vane_slice *rest, const struct delimiter *delim,
	struct arena *arena, struct vane__part *part)
{
	const char *start = rest->data;
	struct vane_slice line;
	int rc;

	for (;;) {
		size_t used = (size_t) (rest->data - start);

		rc = take_line(rest, VANE__PART_HEAD_MAX - used, &line);
		if (rc < 0)
			return rc;
		if (line.len == 0)
			return part->name != NULL ? 0 : -EINVAL;
		if (vane__slice_starts(line, dash_boundary(delim)))
			return -EINVAL; /* the part had no body */
		rc = read_field(line, arena, part);
		if (rc < 0)
			return rc;
	}
}

int vane__multipart_parse(struct vane_slice body, struct vane_slice boundary,
	struct arena *arena, size_t max_parts,
	int (*fn)(void *data, const struct vane__part *part), void *data)
{
	struct vane_slice preamble;
	struct delimiter delim;
	size_t parts = 0;
	int rc;

	rc = set_delimiter(&delim, boundary);
	if (rc < 0)
		return rc;
	if (vane__slice_starts(body, dash_boundary(&delim)))
		skip(&body, delim.len - 2);
	else if (find_delimiter(&body, &delim, &preamble) < 0)
		return -EINVAL;
	while ((rc = end_delimiter(&body)) > 0) {
		struct vane__part part = { 0 };

		if (parts++ == max_parts)
			return -EMSGSIZE;
		rc = read_head(&body, &delim, arena, &part);
		if (rc < 0)
			return rc;
		rc = find_delimiter(&body, &delim, &part.body);
		if (rc < 0)
			return rc;
		rc = fn(data, &part);
		if (rc < 0)
			return rc;
	}
	return rc;
}
