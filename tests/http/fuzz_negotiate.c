/* SPDX-License-Identifier: MIT */
/*
 * fuzz_negotiate.c - lib/http/negotiate.c and lib/http/media_type.c: the input is an offer, a line
 * end, and an Accept field
 */
#include "fuzz.h"

#include <vane/util.h>

#include "arena.h"
#include "media_type.h"
#include "negotiate.h"

typedef const char *(*negotiate_fn)(struct vane_slice field, const char *const *offers);

/* What is found is one of the offers, and stands alone too; what nobody offers is not found. */
static void check_negotiate(struct vane_slice field, const char *offer, negotiate_fn fn)
{
	const char *const offers[] = { "text/html", offer, "gzip", "en", NULL };
	const char *best = fn(field, offers);
	size_t i = 0;

	if (best == NULL) {
		for (; offers[i] != NULL; i++) {
			const char *const only[] = { offers[i], NULL };

			FUZZ_CHECK(fn == vane__negotiate_coding || fn(field, only) == NULL);
		}
		return;
	}
	while (offers[i] != NULL && offers[i] != best)
		i++;
	FUZZ_CHECK(offers[i] == best);
	FUZZ_CHECK(fn(field, (const char *const[]) { best, NULL }) == best);
	FUZZ_CHECK(fn(field, offers + 4) == NULL);
}

static void check_media_type(struct vane_slice in, const char *text)
{
	struct vane__media_type type;
	struct vane_slice charset;

	if (vane__media_type_parse(&type, in) < 0)
		return;
	FUZZ_CHECK(fuzz_within(type.type, in) && fuzz_within(type.subtype, in));
	FUZZ_CHECK(type.params.len == 0 || fuzz_within(type.params, in));
	FUZZ_CHECK(type.type.len > 0 && type.subtype.len > 0);
	charset = vane__media_type_param(&type, SLICE("charset"));
	FUZZ_CHECK(charset.data == NULL || fuzz_within(charset, type.params));
	FUZZ_CHECK(strlen(text) < in.len || vane_media_type_is(text, "*/*"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vane_slice in = { (const char *) data, size };
	struct arena arena = { 0 };
	struct vane_slice line = fuzz_line(&in);
	const char *offer = vane__arena_dup(&arena, line.data, line.len);

	FUZZ_CHECK(offer != NULL);
	check_media_type(line, offer);
	check_negotiate(in, offer, vane__negotiate_type);
	check_negotiate(in, offer, vane__negotiate_language);
	check_negotiate(in, offer, vane__negotiate_coding);
	vane__arena_fini(&arena);
	return 0;
}
