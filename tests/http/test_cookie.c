/* SPDX-License-Identifier: MIT */
/*
 * test_cookie.c - lib/http/cookie.c
 */
#include "test.h"

#include "cookie.h"
#include "slice.h"
#include "support/alloc.h"

/* The first of that name. */
static const char *first(struct vane_slice header, const char *name, struct arena *arena)
{
	struct vane__pairs all = { 0 };
	size_t i;

	assert_int_equal(vane__cookie_parse(&all, arena, header), 0);
	for (i = 0; i < all.count; i++)
		if (strcmp(all.items[i].name, name) == 0)
			return all.items[i].value;
	return NULL;
}

static void all_cookies_are_found_in_their_order(void **state)
{
	static const char *const names[] = { "a", "b", "a", "c" }, *const values[] = { "1",
		"2=3", "", "4 5" };
	struct vane_slice header = SLICE("a=1; ; junk; =x;b = 2=3 ;\"=\x01; a=;c=\"4 5\"");
	struct vane__pairs all = { 0 };
	struct arena arena = { 0 };
	size_t i;

	assert_int_equal(vane__cookie_parse(&all, &arena, header), 0);
	assert_int_equal(all.count, ARRAY_SIZE(names));
	for (i = 0; i < all.count; i++) {
		assert_string_equal(all.items[i].name, names[i]);
		assert_string_equal(all.items[i].value, values[i]);
	}
	vane__arena_fini(&arena);
}

static void cookies_are_found_by_name(void **state)
{
	static const struct {
		struct vane_slice header;
		const char *value;
	} rows[] = {
		{ SLICE_INIT("a=1"), "1" },
		{ SLICE_INIT("b=2; a=1; c=3"), "1" },
		{ SLICE_INIT("b=2;a=1"), "1" },
		{ SLICE_INIT(" a = 1 "), "1" },
		{ SLICE_INIT("a=1; a=2"), "1" },
		{ SLICE_INIT("a="), "" },
		{ SLICE_INIT("a=b=c"), "b=c" },
		{ SLICE_INIT("a=\"1 2\""), "1 2" },
		{ SLICE_INIT("a=\"\""), "" },
		{ SLICE_INIT("a=\""), "\"" },
		{ SLICE_INIT("a=\"1"), "\"1" },
		{ SLICE_INIT("a=caf\xc3\xa9"), "caf\xc3\xa9" },
		{ SLICE_INIT(";;=; x; a; =2; a=1"), "1" },
		{ SLICE_INIT("a=\x01; a=1"), "1" },
		{ SLICE_INIT("a=1\0; a=2"), "2" },
		{ SLICE_INIT(""), NULL },
		{ { NULL, 0 }, NULL },
		{ SLICE_INIT("a"), NULL },
		{ SLICE_INIT("A=1"), NULL },
		{ SLICE_INIT("aa=1; b=a=1"), NULL },
	};
	struct arena arena = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *value = first(rows[i].header, "a", &arena);

		if (rows[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, rows[i].value);
	}
	vane__arena_fini(&arena);
}

static const struct {
	struct vane_cookie cookie;
	int rc;
	const char *text;
} rows[] = {
	{ { .name = "a", .value = "1" }, 0, "a=1; Path=/" },
	{ { .name = "a" }, 0, "a=; Path=/" },
	{ { .name = "a", .value = "\"1\"" }, 0, "a=\"1\"; Path=/" },
	{ { .name = "a", .value = "!#$%&'()*+-./:<=>?@[]^_`{|}~" }, 0,
		"a=!#$%&'()*+-./:<=>?@[]^_`{|}~; Path=/" },
	{ { .name = "a", .value = "1", .path = "/x y", .domain = "example.org" }, 0,
		"a=1; Domain=example.org; Path=/x y" },
	{ { .name = "a",
		  .value = "1",
		  .max_age_sec = 3600,
		  .secure = true,
		  .http_only = true },
		0,
		"a=1; Max-Age=3600; Expires=Thu, 01 Jan 1970 02:00:00 GMT; Path=/; Secure; "
		"HttpOnly" },
	{ { .name = "a", .value = "1", .max_age_sec = VANE_NO_LIMIT }, 0,
		"a=1; Max-Age=34560000; Expires=Fri, 05 Feb 1971 01:00:00 GMT; Path=/" },
	{ { .name = "a", .value = "1", .max_age_sec = -2 }, -EINVAL, NULL },
	{ { .name = "a", .value = "1", .max_age_sec = INT64_MAX }, 0,
		"a=1; Max-Age=9223372036854775807; Expires=Fri, 31 Dec 9999 23:59:59 GMT; "
		"Path=/" },
	{ { .name = "a", .value = "1", .same_site = "lax" }, 0,
		"a=1; Path=/; SameSite=Lax" },
	{ { .name = "a", .value = "1", .same_site = "Strict" }, 0,
		"a=1; Path=/; SameSite=Strict" },
	{ { .name = "a", .value = "1", .same_site = "None", .secure = true }, 0,
		"a=1; Path=/; Secure; SameSite=None" },
	{ { .name = "a", .value = "1", .same_site = "none" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1", .same_site = "" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1", .same_site = "Lax; Domain=x" }, -EINVAL, NULL },
	{ { .name = "a",
		  .value = "1",
		  .same_site = "None",
		  .secure = true,
		  .partitioned = true },
		0, "a=1; Path=/; Secure; SameSite=None; Partitioned" },
	{ { .name = "a", .value = "1", .partitioned = true }, -EINVAL, NULL },
	{ { .name = "a", .value = "1", .path = "", .domain = "" }, 0, "a=1" },
	{ { .name = "a", .value = "1", .path = "app" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1", .path = " /" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1", .path = "", .expires = 784111777 }, 0,
		"a=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT" },
	{ { .name = "a", .value = "1", .path = "", .expires = -1 }, 0,
		"a=1; Expires=Wed, 31 Dec 1969 23:59:59 GMT" },
	{ { .name = "a",
		  .value = "1",
		  .path = "",
		  .expires = 784111777,
		  .max_age_sec = 60 },
		0, "a=1; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT" },
	{ { .name = "a",
		  .value = "1",
		  .path = "",
		  .expires = 784111777,
		  .max_age_sec = -9 },
		-EINVAL, NULL },
	{ { .name = "__Secure-a", .value = "1", .domain = "x.y", .secure = true }, 0,
		"__Secure-a=1; Domain=x.y; Path=/; Secure" },
	{ { .name = "__Secure-a", .value = "1" }, -EINVAL, NULL },
	{ { .name = "__Host-a", .value = "1", .secure = true }, 0,
		"__Host-a=1; Path=/; Secure" },
	{ { .name = "__Host-a", .value = "1", .secure = true, .path = "/" }, 0,
		"__Host-a=1; Path=/; Secure" },
	{ { .name = "__Host-a", .value = "1" }, -EINVAL, NULL },
	{ { .name = "__host-a", .value = "1" }, -EINVAL, NULL },
	{ { .name = "__Host-a", .value = "1", .secure = true, .path = "" }, -EINVAL, NULL },
	{ { .name = "__Host-a", .value = "1", .secure = true, .path = "/a" }, -EINVAL,
		NULL },
	{ { .name = "__Host-a", .value = "1", .secure = true, .domain = "x.y" }, -EINVAL,
		NULL },
	{ { .name = "__Host", .value = "1" }, 0, "__Host=1; Path=/" },
	{ { .name = NULL, .value = "1" }, -EINVAL, NULL },
	{ { .name = "", .value = "1" }, -EINVAL, NULL },
	{ { .name = "a b", .value = "1" }, -EINVAL, NULL },
	{ { .name = "a=", .value = "1" }, -EINVAL, NULL },
	{ { .name = "a;", .value = "1" }, -EINVAL, NULL },
	{ { .name = "caf\xc3\xa9", .value = "1" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1 2" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1,2" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1;2" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1\\2" }, -EINVAL, NULL },
	{ { .name = "a", .value = "\"" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1\"2" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1\r\nX: y" }, -EINVAL, NULL },
	{ { .name = "a", .value = "\x7f" }, -EINVAL, NULL },
	{ { .name = "a", .value = "\xff" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1", .path = "/;x" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1", .path = "/\n" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1", .domain = "a;b" }, -EINVAL, NULL },
	{ { .name = "a", .value = "1", .domain = "\xff" }, -EINVAL, NULL },
};

static void cookies_are_written_or_refused_whole(void **state)
{
	struct buf out = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		out.len = 0;
		assert_int_equal(vane__buf_add(&out, "x", 1), 0);
		assert_int_equal(
			vane__cookie_format(&out, &rows[i].cookie, 3600), rows[i].rc);
		assert_int_equal(vane__buf_add(&out, "", 1), 0);
		assert_string_equal(out.data + 1, rows[i].text != NULL ? rows[i].text : "");
	}
	vane__buf_fini(&out);
}

static void what_is_wrong_with_a_cookie_is_said(void **state)
{
	static const struct {
		struct vane_cookie cookie;
		const char *says;
	} faults[] = {
		{ { .name = "a" }, NULL },
		{ { .name = "a b" }, "is no name" },
		{ { .name = "a", .value = "1;2" }, "has a byte in its value" },
		{ { .name = "a", .path = "x" }, "has a path" },
		{ { .name = "a", .domain = "a;b" }, "has a domain" },
		{ { .name = "a", .max_age_sec = -2 }, "has a max_age_sec below 0" },
		{ { .name = "a", .same_site = "no" }, "has a SameSite" },
		{ { .name = "a", .same_site = "None" }, "has SameSite=None" },
		{ { .name = "a", .partitioned = true }, "is .partitioned" },
		{ { .name = "__Secure-a" }, "is not .secure" },
		{ { .name = "__Host-a" }, "is not .secure" },
		{ { .name = "__Host-a", .path = "/x" },
			"wants the path \"/\" and no domain" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		const char *fault = vane__cookie_fault(&faults[i].cookie);

		if (faults[i].says == NULL)
			assert_null(fault);
		else
			assert_ptr_equal(strstr(fault, faults[i].says), fault);
	}
}

static void a_written_cookie_is_found_again(void **state)
{
	struct arena arena = { 0 };
	struct buf out = { 0 };
	const char *value;

	assert_int_equal(vane__cookie_format(&out, &rows[3].cookie, 0), 0);
	value = first(vane__buf_slice(&out), "a", &arena);
	assert_non_null(value);
	assert_string_equal(value, rows[3].cookie.value);
	vane__buf_fini(&out);
	vane__arena_fini(&arena);
}

static void lack_of_memory_appends_nothing(void **state)
{
	char path[3000];
	struct vane_cookie cookie = {
		.name = "a", .value = path, .path = path, .domain = path, .max_age_sec = 1
	};
	struct vane__pairs all = { 0 };
	struct arena arena = { 0 };
	long n = 0, failed;

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	do {
		struct buf out = { 0 };
		int rc;

		alloc_fail_after(n++);
		rc = vane__cookie_format(&out, &cookie, 0);
		failed = alloc_fail_never();
		assert_int_equal(rc, failed > 0 ? -ENOMEM : 0);
		assert_int_equal(out.len > 0, failed == 0);
		vane__buf_fini(&out);
	} while (failed > 0);
	assert_true(n > 3);
	alloc_fail_after(0);
	assert_int_equal(vane__cookie_parse(&all, &arena, SLICE("a=1")), -ENOMEM);
	alloc_fail_never();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cookies_are_found_by_name),
		cmocka_unit_test(all_cookies_are_found_in_their_order),
		cmocka_unit_test(cookies_are_written_or_refused_whole),
		cmocka_unit_test(what_is_wrong_with_a_cookie_is_said),
		cmocka_unit_test(a_written_cookie_is_found_again),
		cmocka_unit_test(lack_of_memory_appends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
