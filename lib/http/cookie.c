/* SPDX-License-Identifier: MIT */
/*
 * cookie.c - Cookie and Set-Cookie (RFC 6265, and what its successor adds).
 */
#include "cookie.h"

#include "date.h"
#include "fields.h"
#include "slice.h"

static struct vane_slice unquote(struct vane_slice s)
{
	if (s.len >= 2 && s.data[0] == '"' && s.data[s.len - 1] == '"')
		return (struct vane_slice) { s.data + 1, s.len - 2 };
	return s;
}

/* A name that can be told apart from others, and a value that a field may carry. */
static bool pair_ok(struct vane_slice name, struct vane_slice value)
{
	return name.len > 0 && vane__field_value_ok(name) && vane__field_value_ok(value);
}

/* Copy text and a NUL to *at, which moves on. */
static const char *put(char **at, struct vane_slice text)
{
	char *start = *at;

	if (text.len > 0)
		memcpy(start, text.data, text.len);
	start[text.len] = '\0';
	*at += text.len + 1;
	return start;
}

int vane__cookie_parse(
	struct vane__pairs *out, struct arena *arena, struct vane_slice header)
{
	/* a NUL for each "=" and ";", and one for the end: all fits into a piece as long */
	char *at = vane__arena_alloc(arena, header.len + 1);
	int rc = at != NULL ? 0 : -ENOMEM;

	while (rc == 0 && header.data != NULL) {
		struct vane_slice value = vane__slice_split(&header, ';');
		struct vane_slice name = vane__slice_trim(vane__slice_split(&value, '='));
		const char *copy;

		if (value.data == NULL)
			continue;
		value = unquote(vane__slice_trim(value));
		if (!pair_ok(name, value))
			continue;
		copy = put(&at, name);
		rc = vane__pairs_add(out, arena, copy, put(&at, value), SIZE_MAX);
	}
	return rc;
}

/* cookie-octet, all of them or within quotes (RFC 6265, 4.1.1) */
static bool value_ok(struct vane_slice s)
{
	size_t i;

	s = unquote(s);
	for (i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (c <= 0x20 || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\')
			return false;
	}
	return true;
}

/* av-octet: ASCII without control characters and ";" */
static bool attribute_ok(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text >= 0x7f || *text == ';')
			return false;
	return true;
}

/* The attribute as it is written, NULL if that is none. */
static const char *same_site_attribute(const char *same_site)
{
	static const char *const attributes[] = { "; SameSite=Lax", "; SameSite=Strict",
		"; SameSite=None" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attributes); i++)
		if (vane__slice_equal_nocase(vane__slice(same_site),
			    vane__slice(attributes[i] + strlen("; SameSite="))))
			return attributes[i];
	return NULL;
}

static bool has_prefix(const char *name, struct vane_slice prefix)
{
	return strlen(name) >= prefix.len &&
	       vane__slice_equal_nocase((struct vane_slice) { name, prefix.len }, prefix);
}

bool vane__cookie_is_host(const char *name)
{
	return has_prefix(name, SLICE("__Host-"));
}

bool vane__cookie_is_secure(const char *name)
{
	return vane__cookie_is_host(name) || has_prefix(name, SLICE("__Secure-"));
}

static bool is_given(const char *attribute)
{
	return attribute != NULL && *attribute != '\0';
}

/* The path as it is written, NULL if none is. */
static const char *path_of(const struct vane_cookie *cookie)
{
	if (cookie->path == NULL)
		return "/";
	return is_given(cookie->path) ? cookie->path : NULL;
}

/* What is wrong with one of its members, NULL if nothing is. */
static const char *member_fault(const struct vane_cookie *cookie)
{
	const char *path = path_of(cookie);

	if (cookie->name == NULL || !vane__is_token(vane__slice(cookie->name)))
		return "is no name of a cookie";
	if (cookie->value != NULL && !value_ok(vane__slice(cookie->value)))
		return "has a byte in its value that no cookie may have";
	if (path != NULL && (!attribute_ok(path) || *path != '/'))
		return "has a path that is none: it begins with \"/\"";
	if (cookie->domain != NULL && !attribute_ok(cookie->domain))
		return "has a domain that is none";
	return cookie->max_age_sec < VANE_NO_LIMIT ? "has a max_age_sec below 0" : NULL;
}

const char *vane__cookie_fault(const struct vane_cookie *cookie)
{
	const char *fault = member_fault(cookie), *path = path_of(cookie);
	const char *same_site = NULL;

	if (fault != NULL)
		return fault;
	if (cookie->same_site != NULL)
		same_site = same_site_attribute(cookie->same_site);
	if (cookie->same_site != NULL && same_site == NULL)
		return "has a SameSite that is none of Lax, Strict and None";
	if (vane__cookie_is_host(cookie->name) &&
		(path == NULL || strcmp(path, "/") != 0 || is_given(cookie->domain)))
		return "wants the path \"/\" and no domain, as __Host- says";
	if (cookie->secure)
		return NULL;
	if (same_site != NULL && strcmp(same_site, "; SameSite=None") == 0)
		return "has SameSite=None, which clients take with .secure only";
	if (cookie->partitioned)
		return "is .partitioned, which clients take with .secure only";
	return vane__cookie_is_secure(cookie->name) ? "is not .secure, as its prefix says"
						    : NULL;
}

/* As long as browsers keep a cookie (draft-ietf-httpbis-rfc6265bis, 5.5). */
#define FOR_EVER_SEC (INT64_C(400) * 24 * 3600)

/* How long a cookie lives: of no age where the client is to forget it. */
struct lifetime {
	bool has_age, has_end; /* neither: as long as the browser likes */
	int64_t age_sec, end;
};

static struct lifetime lifetime_of(const struct vane_cookie *cookie, int64_t now)
{
	struct lifetime life = { .age_sec = cookie->max_age_sec, .end = cookie->expires };

	life.has_age = life.age_sec != 0;
	life.has_end = life.has_age || life.end != 0;
	if (life.age_sec == VANE_NO_LIMIT)
		life.age_sec = FOR_EVER_SEC;
	if (life.end == 0 && __builtin_add_overflow(now, life.age_sec, &life.end))
		life.end = INT64_MAX;
	return life;
}

/* Max-Age and Expires. */
static int add_lifetime(struct buf *out, const struct lifetime *life)
{
	char expires[VANE__DATE_LEN];
	int rc = 0;

	if (life->has_age)
		rc = vane__buf_printf(out, "; Max-Age=%lld", (long long) life->age_sec);
	if (rc < 0 || !life->has_end)
		return rc;
	vane__date_format(expires, life->end);
	return vane__buf_printf(out, "; Expires=%.*s", VANE__DATE_LEN, expires);
}

static int add_attributes(
	struct buf *out, const struct vane_cookie *cookie, const struct lifetime *life)
{
	const char *path = path_of(cookie);
	int rc = 0;

	if (is_given(cookie->domain))
		rc = vane__buf_printf(out, "; Domain=%s", cookie->domain);
	if (rc == 0)
		rc = add_lifetime(out, life);
	if (rc == 0 && path != NULL)
		rc = vane__buf_printf(out, "; Path=%s", path);
	if (rc == 0)
		rc = vane__buf_printf(out, "%s%s%s%s", cookie->secure ? "; Secure" : "",
			cookie->http_only ? "; HttpOnly" : "",
			cookie->same_site != NULL ? same_site_attribute(cookie->same_site)
						  : "",
			cookie->partitioned ? "; Partitioned" : "");
	return rc;
}

static int format(struct buf *out, const struct vane_cookie *cookie, const char *value,
	const struct lifetime *life)
{
	size_t start = out->len;
	int rc = vane__buf_printf(out, "%s=%s", cookie->name, value != NULL ? value : "");

	if (rc == 0)
		rc = add_attributes(out, cookie, life);
	if (rc < 0)
		out->len = start;
	return rc;
}

int vane__cookie_format(struct buf *out, const struct vane_cookie *cookie, int64_t now)
{
	struct lifetime life;

	if (vane__cookie_fault(cookie) != NULL)
		return -EINVAL;
	life = lifetime_of(cookie, now);
	return format(out, cookie, cookie->value, &life);
}

int vane__cookie_format_gone(struct buf *out, const struct vane_cookie *cookie)
{
	static const struct lifetime over = { .has_age = true, .has_end = true };

	return vane__cookie_fault(cookie) == NULL ? format(out, cookie, NULL, &over)
						  : -EINVAL;
}
