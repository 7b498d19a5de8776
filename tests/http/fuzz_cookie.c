/* SPDX-License-Identifier: MIT */
/*
 * fuzz_cookie.c - lib/http/cookie.c: the input is a name, a line end, and a Cookie field
 */
#include "fuzz.h"

#include "cookie.h"
#include "fields.h"

/* The first of that name, NULL if there is none. */
static const char *first(struct vane_slice header, const char *name, struct arena *arena)
{
	struct vane__pairs all = { 0 };
	size_t i;

	FUZZ_CHECK(vane__cookie_parse(&all, arena, header) == 0);
	for (i = 0; i < all.count; i++)
		if (strcmp(all.items[i].name, name) == 0)
			return all.items[i].value;
	return NULL;
}

static void check_find(struct vane_slice header, const char *name, struct arena *arena)
{
	const char *value = first(header, name, arena);
	size_t len;

	if (value == NULL)
		return;
	len = strlen(value);
	FUZZ_CHECK(len < header.len);
	FUZZ_CHECK(vane__field_value_ok(vane__slice(value)));
	FUZZ_CHECK(strchr(value, ';') == NULL);
}

static size_t count(struct vane_slice s, char c)
{
	size_t i, n = 0;

	for (i = 0; i < s.len; i++)
		n += s.data[i] == c;
	return n;
}

static size_t attributes(const struct vane_cookie *cookie)
{
	size_t n = cookie->secure + cookie->http_only + cookie->partitioned;

	n += cookie->path == NULL || *cookie->path != '\0';
	n += cookie->domain != NULL && *cookie->domain != '\0';
	n += cookie->max_age_sec != 0;
	return n + (cookie->max_age_sec != 0 || cookie->expires != 0);
}

/* A cookie that is written has no more parts than it should have, and is found again. */
static void check_format(const struct vane_cookie *cookie, struct arena *arena)
{
	struct buf out = { 0 };
	struct vane_slice text, want = vane__slice(cookie->value);
	int rc = vane__cookie_format(&out, cookie, INT64_C(784111777));

	FUZZ_CHECK(rc == 0 || rc == -EINVAL);
	FUZZ_CHECK(rc == 0 || out.len == 0);
	if (rc == 0) {
		text = vane__buf_slice(&out);
		FUZZ_CHECK(vane__field_value_ok(text));
		FUZZ_CHECK(count(text, ';') == attributes(cookie));
		if (want.len >= 2 && want.data[0] == '"')
			want = (struct vane_slice) { want.data + 1, want.len - 2 };
		FUZZ_CHECK(vane__slice_equal(
			vane__slice(first(text, cookie->name, arena)), want));
	}
	vane__buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vane_slice in = { (const char *) data, size };
	struct arena arena = { 0 };
	struct vane_slice line = fuzz_line(&in);
	const char *name = vane__arena_dup(&arena, line.data, line.len);
	const char *value = vane__arena_dup(&arena, in.data, in.len);
	struct vane_cookie cookie = { .name = name, .value = value };

	FUZZ_CHECK(name != NULL && value != NULL);
	check_find(in, name, &arena);
	check_format(&cookie, &arena);
	cookie.domain = value;
	cookie.max_age_sec = VANE_NO_LIMIT;
	check_format(&cookie, &arena);
	cookie = (struct vane_cookie) { .name = name,
		.value = "1",
		.path = value,
		.max_age_sec = (int64_t) ((uint64_t) size << size % 56),
		.http_only = true };
	check_format(&cookie, &arena);
	cookie.expires = cookie.max_age_sec;
	cookie.max_age_sec = 0;
	cookie.secure = cookie.partitioned = true;
	check_format(&cookie, &arena);
	vane__arena_fini(&arena);
	return 0;
}
