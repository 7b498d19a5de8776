/* SPDX-License-Identifier: MIT */
/*
 * media_type.c - media types: "text/html; charset=utf-8" taken apart and compared (RFC 9110,
 * 8.3.1).
 *
 * Which of several a client likes best is negotiate.c's business.
 */
#include "media_type.h"

#include <vane/util.h>

#include "fields.h"
#include "slice.h"

int vane__media_type_parse(struct vane__media_type *out, struct vane_slice text)
{
	struct vane_slice rest = vane__slice_trim(text);

	out->type = vane__take_token(&rest);
	if (out->type.len == 0 || rest.len == 0 || rest.data[0] != '/')
		return -EINVAL;
	rest.data++;
	rest.len--;
	out->subtype = vane__take_token(&rest);
	out->params = vane__slice_trim(rest);
	if (out->params.len > 0 && out->params.data[0] != ';')
		return -EINVAL;
	return out->subtype.len > 0 ? 0 : -EINVAL;
}

struct vane_slice vane__media_type_param(
	const struct vane__media_type *type, struct vane_slice name)
{
	struct vane_slice rest = type->params, found, value;
	bool quoted;

	while (vane__param_next(&rest, &found, &value, &quoted) == 1)
		if (vane__slice_equal_nocase(found, name))
			return value;
	return (struct vane_slice) { NULL, 0 };
}

static bool type_fits(struct vane_slice type, struct vane_slice pattern)
{
	return vane__slice_equal(pattern, SLICE("*")) ||
	       vane__slice_equal_nocase(type, pattern);
}

/* As the pattern says it, or with the end that stands behind a "*" in it: "*+json". */
static bool subtype_fits(struct vane_slice subtype, struct vane_slice pattern)
{
	if (pattern.data[0] != '*')
		return vane__slice_equal_nocase(subtype, pattern);
	pattern.data++;
	pattern.len--;
	if (subtype.len <= pattern.len)
		return false;
	subtype.data += subtype.len - pattern.len;
	subtype.len = pattern.len;
	return vane__slice_equal_nocase(subtype, pattern);
}

bool vane_media_type_is(const char *type, const char *pattern)
{
	struct vane__media_type one, other;

	if (type == NULL || pattern == NULL)
		return false;
	return vane__media_type_parse(&one, vane__slice(type)) == 0 &&
	       vane__media_type_parse(&other, vane__slice(pattern)) == 0 &&
	       type_fits(one.type, other.type) && subtype_fits(one.subtype, other.subtype);
}
