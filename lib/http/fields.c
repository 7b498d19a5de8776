/* SPDX-License-Identifier: MIT */
/*
 * fields.c - the grammar that fields share: tokens, lists, parameters (RFC 9110, 5).
 */
#include "fields.h"

#include <stdint.h>

#include "slice.h"

enum { TCHAR = 1, CTL = 2 };

static const unsigned char classes[256] = {
	[0 ... 8] = CTL,
	[10 ... 31] = CTL,
	[127] = CTL,
	['!'] = TCHAR,
	['#' ... '\''] = TCHAR,
	['*'] = TCHAR,
	['+'] = TCHAR,
	['-'] = TCHAR,
	['.'] = TCHAR,
	['0' ... '9'] = TCHAR,
	['A' ... 'Z'] = TCHAR,
	['^' ... 'z'] = TCHAR, /* ^ _ ` and letters */
	['|'] = TCHAR,
	['~'] = TCHAR,
};

static inline unsigned class_of(char c)
{
	return classes[(unsigned char) c];
}

bool vane__is_token(struct vane_slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (!(class_of(s.data[i]) & TCHAR))
			return false;
	return s.len > 0;
}

static bool none_is_ctl(const char *at, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (class_of(at[i]) & CTL)
			return false;
	return true;
}

/* Whether one of eight bytes may be a control character: a closer look is worth while. */
static inline bool may_have_ctl(const char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t w, del;

	memcpy(&w, at, sizeof(w));
	del = w ^ ones * 0x7f;
	return ((((w - ones * 0x20) & ~w) | ((del - ones) & ~del)) & ones * 0x80) != 0;
}

bool vane__field_value_ok(struct vane_slice s)
{
	size_t i;

	for (i = 0; i + 8 <= s.len; i += 8)
		if (UNLIKELY(may_have_ctl(s.data + i)) && !none_is_ctl(s.data + i, 8))
			return false;
	return none_is_ctl(s.data + i, s.len - i);
}

/* The length of a quoted string with both quotes; s begins with one.  0 if it has no end. */
static size_t quoted_length(struct vane_slice s)
{
	size_t i;

	for (i = 1; i < s.len; i++) {
		if (s.data[i] == '"')
			return i + 1;
		if (s.data[i] == '\\')
			i++;
	}
	return 0;
}

static void skip(struct vane_slice *s, size_t n)
{
	s->data += n;
	s->len -= n;
}

static void skip_blanks(struct vane_slice *s)
{
	while (s->len > 0 && (s->data[0] == ' ' || s->data[0] == '\t'))
		skip(s, 1);
}

/* Where the item at the beginning of a list ends: at its comma, or with the list. */
static size_t item_length(struct vane_slice list)
{
	size_t i = 0, quoted;

	while (i < list.len && list.data[i] != ',') {
		if (list.data[i] != '"') {
			i++;
			continue;
		}
		quoted = quoted_length((struct vane_slice) { list.data + i, list.len - i });
		i = quoted > 0 ? i + quoted : list.len;
	}
	return i;
}

bool vane__list_next(struct vane_slice *rest, struct vane_slice *item)
{
	while (rest->len > 0) {
		size_t len = item_length(*rest);

		*item = vane__slice_trim((struct vane_slice) { rest->data, len });
		skip(rest, len < rest->len ? len + 1 : len);
		if (item->len > 0)
			return true;
	}
	*rest = (struct vane_slice) { NULL, 0 };
	return false;
}

struct vane_slice vane__take_token(struct vane_slice *s)
{
	struct vane_slice token = { s->data, 0 };

	while (token.len < s->len && (class_of(s->data[token.len]) & TCHAR))
		token.len++;
	skip(s, token.len);
	return token;
}

/* Take a token or a quoted string off: 0 or -EINVAL. */
static int take_value(struct vane_slice *s, struct vane_slice *value, bool *quoted)
{
	size_t len;

	*quoted = s->len > 0 && s->data[0] == '"';
	if (!*quoted) {
		*value = vane__take_token(s);
		return value->len > 0 ? 0 : -EINVAL;
	}
	len = quoted_length(*s);
	if (len == 0)
		return -EINVAL;
	*value = (struct vane_slice) { s->data + 1, len - 2 };
	skip(s, len);
	return 0;
}

int vane__param_next(struct vane_slice *rest, struct vane_slice *name,
	struct vane_slice *value, bool *quoted)
{
	int rc;

	skip_blanks(rest);
	if (rest->len > 0 && rest->data[0] != ';')
		return -EINVAL;
	while (rest->len > 0 && rest->data[0] == ';') {
		skip(rest, 1);
		skip_blanks(rest);
	}
	if (rest->len == 0)
		return 0;
	*name = vane__take_token(rest);
	if (name->len == 0 || rest->len == 0 || rest->data[0] != '=')
		return -EINVAL;
	skip(rest, 1);
	rc = take_value(rest, value, quoted);
	if (rc < 0)
		return rc;
	skip_blanks(rest);
	return rest->len == 0 || rest->data[0] == ';' ? 1 : -EINVAL;
}

/* Copy a value into the arena without the backslashes of a quoted string. */
static int copy_value(
	struct vane_slice value, bool quoted, struct arena *arena, struct vane_slice *out)
{
	size_t i, len = 0;
	char *copy;

	if (!vane__field_value_ok(value))
		return -EINVAL;
	copy = vane__arena_dup(arena, value.data, value.len);
	if (copy == NULL)
		return -ENOMEM;
	for (i = 0; i < value.len; i++) {
		if (quoted && copy[i] == '\\')
			i++; /* another byte follows, or this were no quoted string */
		copy[len++] = copy[i];
	}
	copy[len] = '\0';
	*out = (struct vane_slice) { copy, len };
	return 1;
}

int vane__field_param(struct vane_slice value, struct vane_slice name, struct arena *arena,
	struct vane_slice *out)
{
	const char *semicolon = value.len > 0 ? memchr(value.data, ';', value.len) : NULL;
	struct vane_slice found, text;
	bool quoted;
	int rc;

	if (semicolon == NULL)
		return 0;
	skip(&value, (size_t) (semicolon - value.data));
	while ((rc = vane__param_next(&value, &found, &text, &quoted)) > 0)
		if (vane__slice_equal_nocase(found, name))
			return copy_value(text, quoted, arena, out);
	return rc;
}

/* Whether a name whose length is known is that literal: no more than a few comparisons. */
#define IS(name, literal) (memcmp((name).data, (literal), sizeof(literal) - 1) == 0)

bool vane__field_hop_by_hop(struct vane_slice lower_name)
{
	/* By length, which most names fail already: this is asked for each field. */
	switch (lower_name.len) {
	case 2:
		return IS(lower_name, "te");
	case 5:
		return IS(lower_name, "proxy");
	case 6:
		return IS(lower_name, "expect");
	case 7:
		return IS(lower_name, "trailer") || IS(lower_name, "upgrade");
	case 10:
		return IS(lower_name, "connection") || IS(lower_name, "keep-alive");
	case 16:
		return IS(lower_name, "proxy-connection");
	case 17:
		return IS(lower_name, "transfer-encoding");
	default:
		return false;
	}
}

bool vane__param_hidden(struct vane_slice name)
{
	return name.len == 10 && vane__slice_equal_nocase(name, SLICE("HTTP_PROXY"));
}
