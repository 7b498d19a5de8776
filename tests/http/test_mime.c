/* SPDX-License-Identifier: MIT */
/*
 * test_mime.c - lib/http/mime.c, whole, as the table is nobody else's to see
 */
#include "test.h"

#include "mime.c"

static void files_have_a_type_by_their_extension(void **state)
{
	static const struct {
		const char *filename, *type;
	} rows[] = {
		{ "index.html", "text/html; charset=utf-8" },
		{ "/srv/www/INDEX.HTM", "text/html; charset=utf-8" },
		{ "a.min.js", "text/javascript; charset=utf-8" },
		{ "a.mjs", "text/javascript; charset=utf-8" },
		{ "a.css", "text/css; charset=utf-8" },
		{ "a.json", "application/json" },
		{ "a.webmanifest", "application/manifest+json" },
		{ "a.wasm", "application/wasm" },
		{ "a.avif", "image/avif" },
		{ "a.svg", "image/svg+xml" },
		{ "a.woff", "font/woff" },
		{ "a.woff2", "font/woff2" },
		{ "a.3gp", "video/3gpp" },
		{ "a.zip", "application/zip" },
		{ "a.txt.gz", "application/gzip" },
		{ "a.tgz", "application/gzip" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(vane_mime_type(rows[i].filename), rows[i].type);
}

static void other_files_are_bytes(void **state)
{
	static const char *const rows[] = { "", "html", ".html", "/a/.html", "a.",
		"a.html/b", "a.htmlx", "a.h\xf4ml", "a.bz2", "a.xz", "a.0", "a.~",
		"a.html.unknown", "a/" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(vane_mime_type(rows[i]), "application/octet-stream");
}

static void the_table_is_sorted_and_every_row_is_found(void **state)
{
	char filename[32] = "a.";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		bool text = strncmp(types[i].type, "text/", 5) == 0;

		if (i > 0)
			assert_true(strcmp(types[i - 1].extension, types[i].extension) < 0);
		assert_int_equal(strstr(types[i].type, "; charset=utf-8") != NULL, text);
		memcpy(filename + 2, types[i].extension, strlen(types[i].extension) + 1);
		assert_ptr_equal(vane_mime_type(filename), types[i].type);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_have_a_type_by_their_extension),
		cmocka_unit_test(other_files_are_bytes),
		cmocka_unit_test(the_table_is_sorted_and_every_row_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
