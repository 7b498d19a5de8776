/* SPDX-License-Identifier: MIT */
/*
 * conform_caddy.c - the rows hold behind Caddy, but for what allow.c says of it.
 */
#include "test.h"

#include <stdio.h>

#include "fronts/caddy.h"
#include "support/http.h"

static void fastcgi(void **state)
{
	assert_int_equal(front_conform(*state, "caddy", 0, true), 0);
}

static int start(void **state)
{
	static struct front front;

	*state = &front;
	return caddy_start(&front);
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
	};

	if (!caddy_installed()) {
		printf("SKIP: Caddy is not installed\n");
		return 77;
	}
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
