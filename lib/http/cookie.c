/* SPDX-License-Identifier: MIT */
/*
 * cookie.c - Cookie and Set-Cookie (RFC 6265).
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

const char *vane__cookie_find(
	struct vane_slice header, const char *name, struct arena *arena)
{
	struct vane_slice want = vane__slice(name);

	while (header.data != NULL) {
		struct vane_slice value = vane__slice_split(&header, ';');
		struct vane_slice key = vane__slice_split(&value, '=');

		if (value.data == NULL || !vane__slice_equal(vane__slice_trim(key), want))
			continue;
		value = unquote(vane__slice_trim(value));
		if (vane__field_value_ok(value))
			return vane__arena_dup(arena, value.data, value.len);
	}
	return NULL;
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

static bool cookie_ok(const struct vane_cookie *cookie)
{
	if (cookie->name == NULL || !vane__is_token(vane__slice(cookie->name)))
		return false;
	if (cookie->value != NULL && !value_ok(vane__slice(cookie->value)))
		return false;
	if (cookie->path != NULL && !attribute_ok(cookie->path))
		return false;
	if (cookie->domain != NULL && !attribute_ok(cookie->domain))
		return false;
	if (cookie->same_site == NULL)
		return true;
	if (same_site_attribute(cookie->same_site) == NULL)
		return false;
	return cookie->secure ||
	       !vane__slice_equal_nocase(vane__slice(cookie->same_site), SLICE("None"));
}

/* As long as browsers keep a cookie (draft-ietf-httpbis-rfc6265bis, 5.5). */
#define FOR_EVER_SEC (INT64_C(400) * 24 * 3600)

/* How long a cookie lives: of no age where the client is to forget it. */
struct lifetime {
	bool session; /* as long as the browser likes: neither is written */
	int64_t age_sec, end;
};

static struct lifetime lifetime_of(const struct vane_cookie *cookie, int64_t now)
{
	struct lifetime life = { .age_sec = cookie->max_age_sec };

	life.session = life.age_sec == 0;
	if (life.age_sec == VANE_NO_LIMIT)
		life.age_sec = FOR_EVER_SEC;
	if (__builtin_add_overflow(now, life.age_sec, &life.end))
		life.end = INT64_MAX;
	return life;
}

/* Max-Age and Expires. */
static int add_lifetime(struct buf *out, const struct lifetime *life)
{
	char expires[VANE__DATE_LEN];

	if (life->session)
		return 0;
	vane__date_format(expires, life->end);
	return vane__buf_printf(out, "; Max-Age=%lld; Expires=%.*s",
		(long long) life->age_sec, VANE__DATE_LEN, expires);
}

static int add_attributes(
	struct buf *out, const struct vane_cookie *cookie, const struct lifetime *life)
{
	int rc = 0;

	if (cookie->domain != NULL)
		rc = vane__buf_printf(out, "; Domain=%s", cookie->domain);
	if (rc == 0)
		rc = add_lifetime(out, life);
	if (rc == 0)
		rc = vane__buf_printf(out, "; Path=%s%s%s%s",
			cookie->path != NULL ? cookie->path : "/",
			cookie->secure ? "; Secure" : "",
			cookie->http_only ? "; HttpOnly" : "",
			cookie->same_site != NULL ? same_site_attribute(cookie->same_site)
						  : "");
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

	if (!cookie_ok(cookie) || cookie->max_age_sec < VANE_NO_LIMIT)
		return -EINVAL;
	life = lifetime_of(cookie, now);
	return format(out, cookie, cookie->value, &life);
}

int vane__cookie_format_gone(struct buf *out, const struct vane_cookie *cookie)
{
	static const struct lifetime over = { .age_sec = 0, .end = 0 };

	return cookie_ok(cookie) ? format(out, cookie, NULL, &over) : -EINVAL;
}
