/* SPDX-License-Identifier: MIT */
/*
 * debug_mask.c - what of a request is a secret, by its name, and not for an error page: passwords,
 * tokens, keys, and what cookies say.
 */
#include "debug_report.h"

#include <strings.h>

#include "slice.h"

/* Who has one of these in its name. */
static const char *const words[] = { "auth", "token", "secret", "passw", "pwd", "api-key",
	"api_key", "apikey", "private", "signature", "session", "csrf", "xsrf",
	"credential", "jwt", "assertion" };

static bool has_word(struct vane_slice name, const char *word)
{
	size_t len = strlen(word), i;

	for (i = 0; i + len <= name.len; i++)
		if (strncasecmp(name.data + i, word, len) == 0)
			return true;
	return false;
}

static bool is_secret(struct vane_slice name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (has_word(name, words[i]))
			return true;
	return false;
}

/* The text with the values of its pairs masked, all of them or those that are secret. */
static const char *mask_pairs(
	struct arena *arena, struct vane_slice text, char separator, bool all)
{
	struct buf out = { 0 };
	char *copy = NULL;
	int rc = 0;

	while (text.len > 0 && rc == 0) {
		const char *end = memchr(text.data, separator, text.len);
		size_t len = end != NULL ? (size_t) (end - text.data) : text.len;
		const char *equals = memchr(text.data, '=', len);
		size_t name = equals != NULL ? (size_t) (equals - text.data) : len;
		bool hide = all || is_secret((struct vane_slice) { text.data, name });

		/* a cookie without "=" is a value (RFC 6265bis, 5.6) */
		if (all && equals == NULL)
			name = strspn(text.data, " \t") < len ? strspn(text.data, " \t")
							      : len;
		rc = vane__buf_add(&out, text.data, hide ? name + (equals != NULL) : len);
		if (rc == 0 && hide && (equals != NULL || all))
			rc = vane__buf_printf(&out, VANE__DEBUG_MASK);
		if (rc == 0 && end != NULL)
			rc = vane__buf_add(&out, end, 1);
		len += end != NULL;
		text.data += len;
		text.len -= len;
	}
	if (rc == 0)
		copy = vane__arena_dup(arena, out.len > 0 ? out.data : "", out.len);
	vane__buf_fini(&out);
	return copy;
}

/* "Basic ***": the scheme says what is wrong often enough. */
static const char *mask_credentials(struct arena *arena, const char *value)
{
	size_t scheme = strcspn(value, " ");
	struct buf out = { 0 };
	char *copy = NULL;
	int rc = value[scheme] != '\0' ? vane__buf_add(&out, value, scheme + 1) : 0;

	if (rc == 0)
		rc = vane__buf_printf(&out, VANE__DEBUG_MASK);
	if (rc == 0)
		copy = vane__arena_dup(arena, out.data, out.len);
	vane__buf_fini(&out);
	return copy;
}

const char *vane__debug_mask_target(struct arena *arena, const char *target)
{
	const char *query = strchr(target, '?'), *masked;
	char *whole;
	size_t path;

	if (query == NULL)
		return vane__arena_dup(arena, target, strlen(target));
	path = (size_t) (query - target) + 1;
	masked = mask_pairs(arena, vane__slice(query + 1), '&', false);
	whole = masked != NULL ? vane__arena_alloc(arena, path + strlen(masked) + 1) : NULL;
	if (whole == NULL)
		return NULL;
	memcpy(whole, target, path);
	strcpy(whole + path, masked);
	return whole;
}

const char *vane__debug_mask_field(struct arena *arena, const char *name, const char *value)
{
	if (strcasecmp(name, "Cookie") == 0)
		return mask_pairs(arena, vane__slice(value), ';', true);
	if (strcasecmp(name, "Authorization") == 0 ||
		strcasecmp(name, "Proxy-Authorization") == 0)
		return mask_credentials(arena, value);
	if (is_secret(vane__slice(name)))
		return VANE__DEBUG_MASK;
	if (strcasecmp(name, "Referer") == 0 || strcasecmp(name, "X-Original-URI") == 0)
		return vane__debug_mask_target(arena, value);
	return vane__arena_dup(arena, value, strlen(value));
}
