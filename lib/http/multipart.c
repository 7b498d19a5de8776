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
	return (struct vane_slice) { delim->text + 2, delim->len - 2 };
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
	*before = (struct vane_slice) { rest->data, (size_t) (at - rest->data) };
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
	*line = (struct vane_slice) { rest->data, (size_t) (lf - rest->data) };
	skip(rest, line->len + 1);
	if (line->len == 0 || line->data[--line->len] != '\r')
		return -EINVAL;
	return 0;
}

/*
 * Take a field and the lines that continue it (RFC 5322, 2.2.3): some write as if for mail.
 * Folded ones are copied, with blanks for the line ends.
 */
static int take_field(
	struct vane_slice *rest, size_t max, struct arena *arena, struct vane_slice *field)
{
	const char *start = rest->data;
	bool folded = false;
	char *copy;
	size_t i;
	int rc = take_line(rest, max, field);

	while (rc == 0 && field->len > 0 && rest->len > 0 &&
		(rest->data[0] == ' ' || rest->data[0] == '\t')) {
		struct vane_slice more;

		folded = true;
		rc = take_line(rest, max - (size_t) (rest->data - start), &more);
		field->len = rc == 0 ? (size_t) (more.data + more.len - start) : 0;
	}
	if (rc < 0 || !folded)
		return rc;
	copy = vane__arena_dup(arena, field->data, field->len);
	if (copy == NULL)
		return -ENOMEM;
	for (i = 0; i < field->len; i++)
		if (copy[i] == '\r' || copy[i] == '\n')
			copy[i] = ' ';
	field->data = copy;
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

/*
 * Copy the text of charset'language'text, which is percent-encoded (RFC 8187, 3.2.1).  Of the
 * charsets there could be only UTF-8 is understood: -EINVAL for others, -ENOMEM.
 */
static int copy_extended(struct arena *arena, struct vane_slice s, const char **out)
{
	struct vane_slice charset = vane__slice_split(&s, '\'');
	size_t i, len = 0;
	char *copy;

	if (s.data != NULL)
		vane__slice_split(&s, '\'');
	if (s.data == NULL || !vane__slice_equal_nocase(charset, SLICE("utf-8")))
		return -EINVAL;
	copy = vane__arena_dup(arena, s.data, s.len);
	if (copy == NULL)
		return -ENOMEM;
	for (i = 0; i < s.len; i++) {
		int high, low;

		if (s.data[i] != '%') {
			copy[len++] = s.data[i];
			continue;
		}
		high = s.len - i > 2 ? vane__hex(s.data[i + 1]) : -1;
		low = high >= 0 ? vane__hex(s.data[i + 2]) : -1;
		if (low < 0 || (high | low) == 0)
			return -EINVAL;
		copy[len++] = (char) (high << 4 | low);
		i += 2;
	}
	copy[len] = '\0';
	*out = copy;
	return 0;
}

/* A parameter that may be there in two forms: plain, and with "*" behind its name. */
struct twofold {
	const char *plain, *extended;
	bool unreadable; /* the extended form */
};

static int take_plain(
	struct twofold *to, struct arena *arena, struct vane_slice text, bool quoted)
{
	if (to->plain != NULL)
		return -EINVAL;
	to->plain = copy_name(arena, text, quoted);
	return to->plain != NULL ? 0 : -ENOMEM;
}

static int take_extended(struct twofold *to, struct arena *arena, struct vane_slice text)
{
	int rc;

	if (to->extended != NULL || to->unreadable)
		return -EINVAL;
	rc = copy_extended(arena, text, &to->extended);
	to->unreadable = rc == -EINVAL;
	return rc == -EINVAL ? 0 : rc;
}

/* The extended form is the better one (RFC 6266, 4.3), unless it cannot be read. */
static int choose(const struct twofold *from, const char **out)
{
	*out = from->extended != NULL ? from->extended : from->plain;
	return *out == NULL && from->unreadable ? -EINVAL : 0;
}

/* Content-Disposition: form-data; name="..."; filename="...", or filename*=utf-8''... */
static int read_disposition(
	struct vane_slice value, struct arena *arena, struct vane__part *part)
{
	struct twofold field = { 0 }, file = { 0 };
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
		if (vane__slice_equal_nocase(name, SLICE("name")))
			rc = take_plain(&field, arena, text, quoted);
		else if (vane__slice_equal_nocase(name, SLICE("filename")))
			rc = take_plain(&file, arena, text, quoted);
		else if (vane__slice_equal_nocase(name, SLICE("name*")))
			rc = take_extended(&field, arena, text);
		else if (vane__slice_equal_nocase(name, SLICE("filename*")))
			rc = take_extended(&file, arena, text);
		if (rc < 0)
			return rc;
	}
	if (rc == 0)
		rc = choose(&field, &part->name);
	if (rc == 0)
		rc = choose(&file, &part->filename);
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

		rc = take_field(rest, VANE__PART_HEAD_MAX - used, arena, &line);
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
