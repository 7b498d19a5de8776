/* SPDX-License-Identifier: MIT */
/*
 * negotiate.c - content negotiation: which of the offered media types, languages or codings a client
 * likes best, by its Accept fields with their q values (RFC 9110, 12).
 *
 * Pure functions.  The three fields share one grammar and one rule, so that they differ in no more
 * than how closely an element fits an offer.
 */
#include "negotiate.h"

#include "fields.h"
#include "media_type.h"
#include "slice.h"

#define ELEMENTS_MAX 100
#define WEIGHT_MAX   1000

/* An element of a list: what is spoken of, and how welcome it is, in thousandths. */
struct element {
	struct vane_slice value;
	struct vane_slice params; /* those before the weight */
	int weight;
};

/* How closely an element fits an offer: 0 not at all, -EINVAL if it is malformed. */
typedef int (*fit_fn)(const struct element *element, struct vane_slice offer);

/* qvalue (RFC 9110, 12.4.2), and ".2" and "0.3333", which clients send: -EINVAL above 1. */
static int parse_weight(struct vane_slice s)
{
	int weight = 0, unit = WEIGHT_MAX / 10;
	size_t i = 0;

	for (; i < s.len && vane__is_digit(s.data[i]); i++) {
		weight = weight * 10 + (s.data[i] - '0') * WEIGHT_MAX;
		if (weight > WEIGHT_MAX)
			return -EINVAL;
	}
	if (i == s.len)
		return weight;
	if (s.data[i++] != '.')
		return -EINVAL;
	for (; i < s.len && vane__is_digit(s.data[i]); i++) {
		weight += (s.data[i] - '0') * unit;
		unit /= 10;
	}
	return i == s.len && weight <= WEIGHT_MAX ? weight : -EINVAL;
}

/* What stands behind a weight is not looked at: RFC 7231 had parameters of its own there. */
static int parse_element(struct element *out, struct vane_slice item)
{
	struct vane_slice params = item, name, value;
	const char *before;
	bool quoted;
	int rc;

	out->value = vane__slice_trim(vane__slice_split(&params, ';'));
	out->params = (struct vane_slice) { NULL, 0 };
	out->weight = WEIGHT_MAX;
	if (params.data == NULL)
		return 0;
	params.data--; /* with its semicolon, as params begin */
	params.len++;
	out->params.data = params.data;
	for (;;) {
		before = params.data;
		rc = vane__param_next(&params, &name, &value, &quoted);
		if (rc <= 0 || vane__slice_equal_nocase(name, SLICE("q")))
			break;
	}
	out->params.len = (size_t) (before - out->params.data);
	if (rc == 1)
		rc = out->weight = parse_weight(value);
	return rc < 0 ? rc : 0;
}

/* The weight of an offer, -1 if no element fits; unsaid if the list says nothing at all. */
static int weigh(struct vane_slice list, struct vane_slice offer, fit_fn fit, int unsaid)
{
	int weight = -1, closest = 0, said = 0, i;
	struct element element;
	struct vane_slice item;

	for (i = 0; i < ELEMENTS_MAX && vane__list_next(&list, &item); i++) {
		int fits = parse_element(&element, item);

		if (fits == 0)
			fits = fit(&element, offer);
		if (fits < 0)
			continue;
		said = 1;
		if (fits > closest ||
			(fits == closest && fits > 0 && element.weight > weight)) {
			closest = fits;
			weight = element.weight;
		}
	}
	return said ? weight : unsaid;
}

/* The offer with the highest weight, the first of several; *weight is 0 if there is none. */
static const char *choose(struct vane_slice list, const char *const *offers, fit_fn fit,
	int unsaid, int *weight)
{
	const char *best = NULL;

	*weight = 0;
	for (; *offers != NULL; offers++) {
		int w = weigh(list, vane__slice(*offers), fit, unsaid);

		if (w > *weight) {
			*weight = w;
			best = *offers;
		}
	}
	return best;
}

static bool is_any(struct vane_slice s)
{
	return vane__slice_equal(s, SLICE("*"));
}

/* How many of a range's parameters an offer has, -1 if it lacks one. */
static int count_params(
	const struct vane__media_type *range, const struct vane__media_type *offer)
{
	struct vane_slice rest = range->params, name, value, offered;
	bool quoted;
	int count = 0;

	while (vane__param_next(&rest, &name, &value, &quoted) == 1) {
		offered = vane__media_type_param(offer, name);
		if (offered.data == NULL &&
			vane__slice_equal_nocase(name, SLICE("charset")))
			continue;
		if (offered.data == NULL || !vane__slice_equal_nocase(offered, value))
			return -1;
		count++;
	}
	return count;
}

static int fit_type(const struct element *element, struct vane_slice text)
{
	struct vane__media_type range, offer;
	int params;

	if (is_any(element->value)) /* Java's "*; q=.2" */
		return 1;
	if (vane__media_type_parse(&range, element->value) < 0)
		return -EINVAL;
	range.params = element->params;
	if (is_any(range.type))
		return is_any(range.subtype) ? 1 : -EINVAL;
	if (vane__media_type_parse(&offer, text) < 0 ||
		!vane__slice_equal_nocase(range.type, offer.type))
		return 0;
	if (is_any(range.subtype))
		return 2;
	if (!vane__slice_equal_nocase(range.subtype, offer.subtype))
		return 0;
	params = count_params(&range, &offer);
	return params < 0 ? 0 : 3 + params;
}

const char *vane__negotiate_type(struct vane_slice accept, const char *const *offers)
{
	int weight;

	return choose(accept, offers, fit_type, WEIGHT_MAX, &weight);
}

/* Whether a tag is another one, or that with more subtags behind it. */
static bool extends(struct vane_slice tag, struct vane_slice other)
{
	struct vane_slice head = { tag.data, other.len };

	return tag.len >= other.len && vane__slice_equal_nocase(head, other) &&
	       (tag.len == other.len || tag.data[other.len] == '-');
}

static int fit_language(const struct element *element, struct vane_slice offer)
{
	if (!vane__is_token(element->value))
		return -EINVAL;
	if (is_any(element->value))
		return 1;
	if (extends(offer, element->value))
		return element->value.len < 1000 ? 3 + (int) element->value.len : 0;
	return extends(element->value, offer) && element->weight > 0 ? 2 : 0;
}

const char *vane__negotiate_language(
	struct vane_slice accept_language, const char *const *offers)
{
	int weight;

	return choose(accept_language, offers, fit_language, WEIGHT_MAX, &weight);
}

/* "x-gzip" is another name of "gzip" (RFC 9110, 8.4.1.3). */
static struct vane_slice coding_name(struct vane_slice s)
{
	return vane__slice_equal_nocase(s, SLICE("x-gzip")) ? SLICE("gzip") : s;
}

static int fit_named_coding(const struct element *element, struct vane_slice offer)
{
	if (!vane__is_token(element->value))
		return -EINVAL;
	return vane__slice_equal_nocase(coding_name(element->value), coding_name(offer))
		       ? 2
		       : 0;
}

static int fit_coding(const struct element *element, struct vane_slice offer)
{
	return is_any(element->value) ? 1 : fit_named_coding(element, offer);
}

const char *vane__negotiate_coding(
	struct vane_slice accept_encoding, const char *const *offers)
{
	int identity = weigh(accept_encoding, SLICE("identity"), fit_named_coding, 0);
	int weight;
	const char *best = choose(accept_encoding, offers, fit_coding, 0, &weight);

	return weight >= identity ? best : NULL;
}
