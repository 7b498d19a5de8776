/* SPDX-License-Identifier: MIT */
/*
 * test_secret.c - lib/base/secret.c
 */
#include "test.h"

#include "base.h"
#include "secret.h"

static void only_the_same_text_is_equal(void **state)
{
	static const struct {
		const char *secret, *given;
		bool same;
	} rows[] = {
		{ "", "", true },
		{ "secret", "secret", true },
		{ "secret", "secreT", false },
		{ "secret", "Secret", false },
		{ "secret", "secre", false },
		{ "secret", "secret ", false },
		{ "secret", "", false },
		{ "", "secret", false },
		{ "a", "aa", false },
		{ "\xff", "\x7f", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(
			vane__secret_equal(rows[i].secret, rows[i].given), rows[i].same);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_same_text_is_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
