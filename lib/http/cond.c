/* SPDX-License-Identifier: MIT */
/*
 * cond.c - conditional requests (RFC 9110, 13).
 */
#include "cond.h"

#include "date.h"
#include "slice.h"

/* An entity-tag taken apart: what stands between the quotes, and whether it is weak. */
struct etag {
	struct vane_slice opaque;
	bool weak;
};

/* etagc: no blank, no control character, no quote; a backslash is an ordinary byte. */
static bool is_etagc(char c)
{
	unsigned char u = (unsigned char) c;

	return u > 0x20 && u != '"' && u != 0x7f;
}

static void skip(struct vane_slice *s, size_t n)
{
	s->data += n;
	s->len -= n;
}

/* Take an entity-tag off. */
static bool take_etag(struct vane_slice *s, struct etag *etag)
{
	size_t len = 0;

	etag->weak = vane__slice_starts(*s, SLICE("W/"));
	if (etag->weak)
		skip(s, 2);
	if (s->len == 0 || s->data[0] != '"')
		return false;
	skip(s, 1);
	while (len < s->len && is_etagc(s->data[len]))
		len++;
	if (len == s->len || s->data[len] != '"')
		return false;
	etag->opaque = (struct vane_slice) { s->data, len };
	skip(s, len + 1);
	return true;
}

bool vane__etag_ok(struct vane_slice etag)
{
	struct etag parsed;

	return take_etag(&etag, &parsed) && etag.len == 0;
}

/*
 * Whether a list has the entity-tag, or is "*".  Strong comparison takes two strong ones,
 * weak comparison does not ask (RFC 9110, 8.8.3.2).
 */
static bool list_matches(struct vane_slice list, struct vane_slice etag, bool strong)
{
	struct etag current, item;

	list = vane__slice_trim(list);
	if (vane__slice_equal(list, SLICE("*")))
		return true;
	if (etag.data == NULL || !take_etag(&etag, &current) || (strong && current.weak))
		return false;
	for (;;) {
		while (list.len > 0 && (list.data[0] == ',' || list.data[0] == ' ' ||
					       list.data[0] == '\t'))
			skip(&list, 1);
		if (list.len == 0 || !take_etag(&list, &item))
			return false;
		if (vane__slice_equal(item.opaque, current.opaque) &&
			!(strong && item.weak))
			return true;
	}
}

/* A field that has a date to compare with: whether modified is later.  Else otherwise. */
static bool modified_since(struct vane_slice field, int64_t modified, bool otherwise)
{
	int64_t date;

	if (field.data == NULL || modified < 0 || vane__date_parse(field, &date) < 0)
		return otherwise;
	return modified > date;
}

enum vane__cond vane__cond_evaluate(const struct vane__cond_fields *f, bool safe,
	struct vane_slice etag, int64_t modified)
{
	if (f->if_match.data != NULL) {
		if (!list_matches(f->if_match, etag, true))
			return VANE__COND_FAILED;
	} else if (modified_since(f->if_unmodified_since, modified, false)) {
		return VANE__COND_FAILED;
	}
	if (f->if_none_match.data != NULL) {
		if (!list_matches(f->if_none_match, etag, false))
			return VANE__COND_PASS;
		return safe ? VANE__COND_NOT_MODIFIED : VANE__COND_FAILED;
	}
	if (safe && !modified_since(f->if_modified_since, modified, true))
		return VANE__COND_NOT_MODIFIED;
	return VANE__COND_PASS;
}

bool vane__cond_if_range(struct vane_slice field, struct vane_slice etag, int64_t modified)
{
	int64_t date;

	if (field.data == NULL)
		return true;
	field = vane__slice_trim(field);
	if (vane__etag_ok(field))
		return list_matches(field, etag, true);
	return vane__date_parse(field, &date) == 0 && date == modified;
}
