/* SPDX-License-Identifier: MIT */
/*
 * conform_lighttpd.c - the rows hold behind lighttpd, but for what allow.c says of it.
 */
#include "test.h"

#include <stdio.h>

#include "fronts/lighttpd.h"
#include "support/http.h"

static void fastcgi(void **state)
{
	assert_int_equal(front_conform(*state, "lighttpd", LIGHTTPD_FASTCGI, true), 0);
}

static void scgi(void **state)
{
	assert_int_equal(front_conform(*state, "lighttpd-scgi", LIGHTTPD_SCGI, true), 0);
}

static int start(void **state)
{
	static struct front front;

	*state = &front;
	return lighttpd_start(&front);
}

static int stop(void **state)
{
	front_stop(*state, false);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fastcgi),
		cmocka_unit_test(scgi),
	};

	if (!lighttpd_installed()) {
		printf("SKIP: lighttpd is not installed\n");
		return 77;
	}
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
