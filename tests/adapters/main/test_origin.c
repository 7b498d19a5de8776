/* SPDX-License-Identifier: MIT */
/*
 * test_origin.c - adapters/main/origin.c: the file of a program
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/main/origin.h"

static void the_file_is_found_as_a_shell_finds_it(void **state)
{
	static const struct {
		const char *word, *cwd, *path, *found;
	} rows[] = {
		{ "/bin/app", "/srv", "/usr/bin", "/bin/app" },
		{ "./app", "/srv", "/usr/bin", "/srv/./app" },
		{ "bin/app", "/srv", "/usr/bin", "/srv/bin/app" },
		{ "bin/app", NULL, "/usr/bin", NULL },
		{ "sh", "/srv", "/nowhere:/bin:/usr/bin", "/bin/sh" },
		{ "sh", "/bin", "/nowhere::/usr/bin", "/bin/sh" },
		{ "sh", "/", "/nowhere:bin", "//bin/sh" },
		{ "no-such-program", "/srv", "/bin:/usr/bin", NULL },
		{ "sh", "/srv", NULL, NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *found = vane__origin_find(rows[i].word, rows[i].cwd, rows[i].path);

		if (rows[i].found == NULL)
			assert_null(found);
		else
			assert_string_equal(found, rows[i].found);
		free(found);
	}
}

static void words_are_those_of_the_start(void **state)
{
	char *argv[] = { (char *) "edited", NULL };
	struct vane__origin origin;

	assert_int_equal(vane__origin_init(&origin, 1, argv), 0);
	assert_non_null(strstr(origin.argv[0], "test_origin"));
	assert_null(origin.argv[1]);
	assert_int_equal(origin.path[0], '/');
	assert_string_equal(vane__origin_file(&origin).file, origin.path);
	assert_int_equal(access(vane__origin_again(&origin).file, X_OK), 0);
	vane__origin_fini(&origin);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_found_as_a_shell_finds_it),
		cmocka_unit_test(words_are_those_of_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
