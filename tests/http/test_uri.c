/* SPDX-License-Identifier: MIT */
/*
 * test_uri.c - lib/http/uri.c
 */
#include "test.h"

#include <vane/util.h>

#include "slice.h"
#include "uri.h"

static void assert_slice(struct vane_slice got, const char *want)
{
	if (want == NULL) {
		assert_null(got.data);
		return;
	}
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.data, want, got.len);
}

static void targets_are_split_at_the_first_question_mark(void **state)
{
	static const struct {
		const char *target, *path, *query;
	} rows[] = {
		{ "/", "/", NULL },
		{ "*", "*", NULL },
		{ "/a/b", "/a/b", NULL },
		{ "/a?", "/a", "" },
		{ "/a?b=c", "/a", "b=c" },
		{ "/a?b?c", "/a", "b?c" },
		{ "//a/../b", "//a/../b", NULL },
		{ "/a;b=%zz", "/a;b=%zz", NULL },
		{ "/caf\xc3\xa9?\xff", "/caf\xc3\xa9", "\xff" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_slice path, query;

		assert_int_equal(
			vane__uri_split(vane__slice(rows[i].target), &path, &query),
			strpbrk(rows[i].path, "%.") == NULL);
		assert_slice(path, rows[i].path);
		assert_slice(query, rows[i].query);
	}
}

static void other_targets_are_refused(void **state)
{
	static const struct vane_slice rows[] = {
		SLICE_INIT(""),
		SLICE_INIT("a"),
		SLICE_INIT("?a"),
		SLICE_INIT("**"),
		SLICE_INIT("*?a"),
		SLICE_INIT("http://h/"),
		SLICE_INIT("h:80"),
		SLICE_INIT("/a b"),
		SLICE_INIT("/a\t"),
		SLICE_INIT("/a#b"),
		SLICE_INIT("/a?b#"),
		SLICE_INIT("/a\0"),
		SLICE_INIT("/\x7f"),
		SLICE_INIT("/a?\r\n"),
	};
	struct vane_slice path, query;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vane__uri_split(rows[i], &path, &query), -EINVAL);
}

static void paths_are_decoded_once_and_keep_encoded_slashes_apart(void **state)
{
	static const struct {
		struct vane_slice in;
		int rc;
		struct vane_slice path;
	} rows[] = {
		{ SLICE_INIT(""), 0, SLICE_INIT("") },
		{ SLICE_INIT("/a%20b"), 0, SLICE_INIT("/a b") },
		{ SLICE_INIT("%c3%A9"), 0, SLICE_INIT("\xc3\xa9") },
		{ SLICE_INIT("a+b%2B"), 0, SLICE_INIT("a+b+") },
		{ SLICE_INIT("/a%2Fb%2fc"), 0, SLICE_INIT("/a\0b\0c") },
		{ SLICE_INIT("%252F"), 0, SLICE_INIT("%2F") },
		{ SLICE_INIT("%ff\xff"), 0, SLICE_INIT("\xff\xff") },
		{ SLICE_INIT("%"), -EINVAL, { NULL, 0 } },
		{ SLICE_INIT("a%4"), -EINVAL, { NULL, 0 } },
		{ SLICE_INIT("%4g"), -EINVAL, { NULL, 0 } },
		{ SLICE_INIT("%g4"), -EINVAL, { NULL, 0 } },
		{ SLICE_INIT("%-1"), -EINVAL, { NULL, 0 } },
		{ SLICE_INIT("a%00b"), -EINVAL, { NULL, 0 } },
		{ SLICE_INIT("a\0b"), -EINVAL, { NULL, 0 } },
	};
	char out[32];
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vane__uri_decode_path(out, rows[i].in, &len), rows[i].rc);
		if (rows[i].rc < 0)
			continue;
		assert_true(
			vane__slice_equal((struct vane_slice) { out, len }, rows[i].path));
		assert_int_equal(out[len], '\0');
	}
}

static void decoding_works_in_place(void **state)
{
	char text[] = "a%20%41b";
	size_t len;

	assert_int_equal(vane__uri_decode_path(
				 text, (struct vane_slice) { text, strlen(text) }, &len),
		0);
	assert_string_equal(text, "a Ab");
	assert_int_equal(len, 4);
}

static void dot_segments_are_resolved(void **state)
{
	static const struct {
		struct vane_slice path;
		const char *resolved; /* NULL: refused; "|" is an encoded slash */
		int rc;
	} rows[] = {
		{ SLICE_INIT("/"), "/" },
		{ SLICE_INIT("/a/b"), "/a/b" },
		{ SLICE_INIT("/."), "/" },
		{ SLICE_INIT("/a/."), "/a/" },
		{ SLICE_INIT("/a/./b"), "/a/b" },
		{ SLICE_INIT("/././a/././b/./"), "/a/b/" },
		{ SLICE_INIT("/a/.."), "/" },
		{ SLICE_INIT("/a/../"), "/" },
		{ SLICE_INIT("/a/b/../c"), "/a/c" },
		{ SLICE_INIT("/a/b/../../c/../d"), "/d" },
		{ SLICE_INIT("/private/../method"), "/method" },
		{ SLICE_INIT("/a/.b/..c/.../d..e./f"), "/a/.b/..c/.../d..e./f" },
		{ SLICE_INIT("/..a/../.b/..c"), "/.b/..c" },
		/* an encoded slash is a border too */
		{ SLICE_INIT("/a\0b"), "/a|b" },
		{ SLICE_INIT("/private/..\0method"), "/method" },
		{ SLICE_INIT("/private\0../method"), "/method" },
		{ SLICE_INIT("/private\0..\0method"), "/method" },
		{ SLICE_INIT("/a\0b/../c"), "/a|c" },
		{ SLICE_INIT("/a\0.\0b"), "/a|b" },
		{ SLICE_INIT("/a\0.."), "/" },
		/* above the root */
		{ SLICE_INIT("/.."), NULL, -EINVAL },
		{ SLICE_INIT("/../a"), NULL, -EINVAL },
		{ SLICE_INIT("/a/../.."), NULL, -EINVAL },
		{ SLICE_INIT("/a/../../b/c"), NULL, -EINVAL },
		{ SLICE_INIT("/..\0a"), NULL, -EINVAL },
		/* slashes in a row are one for some, and several for others */
		{ SLICE_INIT("/a//b/../c"), "/a//c" },
		{ SLICE_INIT("//a/../b"), "//b" },
		{ SLICE_INIT("/a//../b"), NULL, -EBADMSG },
		{ SLICE_INIT("/a//.."), NULL, -EBADMSG },
		{ SLICE_INIT("/a//./../b"), NULL, -EBADMSG },
		{ SLICE_INIT("/a\0/../b"), NULL, -EBADMSG },
		{ SLICE_INIT("/a//b/../../c"), NULL, -EBADMSG },
		{ SLICE_INIT("//.."), NULL, -EBADMSG },
	};
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		char path[32];
		size_t len = rows[i].path.len;

		memcpy(path, rows[i].path.data, len + 1);
		if (rows[i].resolved == NULL) {
			assert_int_equal(vane__uri_resolve(path, &len), rows[i].rc);
			continue;
		}
		assert_int_equal(vane__uri_resolve(path, &len), 0);
		assert_int_equal(path[len], '\0');
		for (k = 0; k < len; k++)
			if (path[k] == '\0')
				path[k] = '|';
		assert_string_equal(path, rows[i].resolved);
	}
}

static void absolute_targets_are_taken_apart(void **state)
{
	static const struct {
		const char *target, *scheme, *authority, *origin;
	} rows[] = {
		{ "http://h/a?b", "http", "h", "/a?b" },
		{ "HTTP://H:80", "HTTP", "H:80", "/" },
		{ "https://[::1]:443/", "https", "[::1]:443", "/" },
		{ "http://h?q", "http", "h", "?q" },
		{ "http://h//a:b@c", "http", "h", "//a:b@c" },
		{ "git+ssh-1.x://h/", "git+ssh-1.x", "h", "/" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_slice scheme, authority, origin;

		assert_int_equal(vane__uri_absolute(vane__slice(rows[i].target), &scheme,
					 &authority, &origin),
			0);
		assert_slice(scheme, rows[i].scheme);
		assert_slice(authority, rows[i].authority);
		assert_slice(origin, rows[i].origin);
	}
}

static void other_absolute_targets_are_refused(void **state)
{
	static const char *const rows[] = { "", "/", "http", "http:", "http:/", "http:/h/",
		"http://", "http:///a", "http://u@h/", "http://u:p@h/", "://h/",
		"1http://h/", "ht_tp://h/", "http://h:65536/", "http://h/#f",
		"http://h/a b", "mailto:a", "http://h\\x/" };
	struct vane_slice scheme, authority, origin;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vane__uri_absolute(vane__slice(rows[i]), &scheme,
					 &authority, &origin),
			-EINVAL);
}

static void authorities_are_checked(void **state)
{
	static const struct {
		struct vane_slice host;
		bool ok;
	} rows[] = {
		{ SLICE_INIT("example.org"), true },
		{ SLICE_INIT("example.org:8888"), true },
		{ SLICE_INIT("example.org:"), true },
		{ SLICE_INIT("127.0.0.1:0"), true },
		{ SLICE_INIT("h:65535"), true },
		{ SLICE_INIT("a_b-c.~!$&'()*+,;="), true },
		{ SLICE_INIT("caf%C3%A9"), true },
		{ SLICE_INIT("[::1]"), true },
		{ SLICE_INIT("[2001:db8::1]:80"), true },
		{ SLICE_INIT("[::ffff:1.2.3.4]"), true },
		{ SLICE_INIT(""), false },
		{ SLICE_INIT(":80"), false },
		{ SLICE_INIT("h:65536"), false },
		{ SLICE_INIT("h:000080"), false },
		{ SLICE_INIT("h:-1"), false },
		{ SLICE_INIT("h:80:80"), false },
		{ SLICE_INIT("h:8a"), false },
		{ SLICE_INIT("u@h"), false },
		{ SLICE_INIT("h/"), false },
		{ SLICE_INIT("h?"), false },
		{ SLICE_INIT("h h"), false },
		{ SLICE_INIT("h%4"), false },
		{ SLICE_INIT("h%zz"), false },
		{ SLICE_INIT("caf\xc3\xa9"), false },
		{ SLICE_INIT("h\0"), false },
		{ SLICE_INIT("::1"), false },
		{ SLICE_INIT("[]"), false },
		{ SLICE_INIT("["), false },
		{ SLICE_INIT("[::1"), false },
		{ SLICE_INIT("[::1]80"), false },
		{ SLICE_INIT("[::1]:x"), false },
		{ SLICE_INIT("[1.2.3.4]"), false },
		{ SLICE_INIT("[fe80::1%25eth0]"), false },
		{ SLICE_INIT("[v1.x]"), false },
		{ SLICE_INIT("[::1\0]"), false },
		{ SLICE_INIT("[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]"),
			false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vane__authority_ok(rows[i].host), rows[i].ok);
}

static void paths_are_quoted_as_far_as_needed(void **state)
{
	char buf[64];

	assert_int_equal(
		vane__uri_quote(buf, sizeof(buf), SLICE("/a-._~!$&'()*+,;=:@")), 19);
	assert_string_equal(buf, "/a-._~!$&'()*+,;=:@");
	assert_int_equal(
		vane__uri_quote(buf, sizeof(buf), SLICE("/a b?#%\xc3\xa9\0[")), 27);
	assert_string_equal(buf, "/a%20b%3F%23%25%C3%A9%00%5B");
}

static void arguments_are_quoted_whole(void **state)
{
	char buf[64];

	assert_int_equal(vane_url_escape(buf, sizeof(buf), "a/b c&d=e+~"), 21);
	assert_string_equal(buf, "a%2Fb%20c%26d%3De%2B~");
}

static void quoting_cuts_to_fit_and_says_what_it_needs(void **state)
{
	static const struct {
		size_t size;
		const char *text;
	} rows[] = { { 1, "" }, { 2, "a" }, { 4, "a" }, { 5, "a%20" }, { 6, "a%20b" },
		{ 9, "a%20b" } };
	char buf[16];
	size_t i;

	assert_int_equal(vane_url_escape(NULL, 0, "a b"), 5);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(buf, 'x', sizeof(buf));
		assert_int_equal(vane_url_escape(buf, rows[i].size, "a b"), 5);
		assert_string_equal(buf, rows[i].text);
		assert_int_equal(buf[rows[i].size], 'x');
	}
	/* what follows an escape that did not fit is not written in its place */
	assert_int_equal(vane_url_escape(buf, 4, "a bc"), 6);
	assert_string_equal(buf, "a");
}

static void escapes_are_taken_out_once(void **state)
{
	static const struct {
		const char *text, *plain, *plus;
	} rows[] = {
		{ "", "", "" },
		{ "abc", "abc", "abc" },
		{ "a%2Fb%2fc", "a/b/c", "a/b/c" },
		{ "%41%2525", "A%25", "A%25" },
		{ "a+b%2Bc", "a+b+c", "a b+c" },
		{ "caf%C3%A9%20\xc3\xa9", "caf\xc3\xa9 \xc3\xa9", "caf\xc3\xa9 \xc3\xa9" },
		{ "%FF", "\xff", "\xff" },
	};
	char buf[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vane_url_unescape(buf, sizeof(buf), rows[i].text),
			strlen(rows[i].plain));
		assert_string_equal(buf, rows[i].plain);
		assert_int_equal(vane_url_unescape_plus(buf, sizeof(buf), rows[i].text),
			strlen(rows[i].plus));
		assert_string_equal(buf, rows[i].plus);
	}
	assert_int_equal(vane_url_unescape(buf, sizeof(buf), NULL), 0);
	assert_string_equal(buf, "");
}

static void malformed_escapes_and_an_encoded_nul_are_refused(void **state)
{
	static const char *const rows[] = { "%", "a%", "a%4", "%zz", "%4g", "%%41", "a%00b",
		"ab%0", "% 41" };
	char buf[8];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		strcpy(buf, "x");
		assert_int_equal(vane_url_unescape(buf, sizeof(buf), rows[i]), -EINVAL);
		assert_string_equal(buf, "");
		assert_int_equal(
			vane_url_unescape_plus(buf, sizeof(buf), rows[i]), -EINVAL);
		assert_int_equal(vane_url_unescape(NULL, 0, rows[i]), -EINVAL);
	}
}

static void unescaping_cuts_to_fit_and_works_in_place(void **state)
{
	static const char *const cut[] = { "", "a", "a ", "a b" };
	char buf[16];
	size_t size;

	assert_int_equal(vane_url_unescape(NULL, 0, "a%20b"), 3);
	for (size = 1; size <= ARRAY_SIZE(cut); size++) {
		memset(buf, 'x', sizeof(buf));
		assert_int_equal(vane_url_unescape(buf, size, "a%20b"), 3);
		assert_string_equal(buf, cut[size - 1]);
		assert_int_equal(buf[size], 'x');
	}
	strcpy(buf, "%61+%62c");
	assert_int_equal(vane_url_unescape_plus(buf, sizeof(buf), buf), 4);
	assert_string_equal(buf, "a bc");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_split_at_the_first_question_mark),
		cmocka_unit_test(other_targets_are_refused),
		cmocka_unit_test(paths_are_decoded_once_and_keep_encoded_slashes_apart),
		cmocka_unit_test(decoding_works_in_place),
		cmocka_unit_test(dot_segments_are_resolved),
		cmocka_unit_test(absolute_targets_are_taken_apart),
		cmocka_unit_test(other_absolute_targets_are_refused),
		cmocka_unit_test(authorities_are_checked),
		cmocka_unit_test(paths_are_quoted_as_far_as_needed),
		cmocka_unit_test(arguments_are_quoted_whole),
		cmocka_unit_test(quoting_cuts_to_fit_and_says_what_it_needs),
		cmocka_unit_test(escapes_are_taken_out_once),
		cmocka_unit_test(malformed_escapes_and_an_encoded_nul_are_refused),
		cmocka_unit_test(unescaping_cuts_to_fit_and_works_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
