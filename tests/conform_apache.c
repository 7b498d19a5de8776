/* SPDX-License-Identifier: MIT */
/*
 * conform_apache.c - the rows hold behind Apache httpd, but for what allow.c says of it.
 */
#include "test.h"

#include <stdio.h>

#include "fronts/apache.h"
#include "support/http.h"

static void mod_proxy_fcgi(void **state)
{
	assert_int_equal(
		front_conform(*state, "apache-proxy-fcgi", APACHE_PROXY_FCGI, true), 0);
}

static void mod_fcgid(void **state)
{
	assert_int_equal(front_conform(*state, "apache-fcgid", APACHE_FCGID, true), 0);
}

static void mod_cgid(void **state)
{
	assert_int_equal(front_conform(*state, "apache-cgid", APACHE_CGID, true), 0);
}

static void mod_proxy_scgi(void **state)
{
	assert_int_equal(
		front_conform(*state, "apache-proxy-scgi", APACHE_PROXY_SCGI, true), 0);
}

static int start(void **state)
{
	static struct front front;

	*state = &front;
	return apache_start(&front);
}

static int stop(void **state)
{
	front_stop(*state, false);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mod_proxy_fcgi),
		cmocka_unit_test(mod_fcgid),
		cmocka_unit_test(mod_cgid),
		cmocka_unit_test(mod_proxy_scgi),
	};

	if (!apache_installed()) {
		printf("SKIP: Apache httpd with mod_fcgid is not installed\n");
		return 77;
	}
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
