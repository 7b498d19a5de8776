/* SPDX-License-Identifier: MIT */
/*
 * conform_nginx.c - the rows hold behind nginx, but for what allow.c says of it.
 */
#include "test.h"

#include <stdio.h>

#include "fronts/nginx.h"
#include "support/http.h"

static void fastcgi(void **state)
{
	assert_int_equal(front_conform(*state, "nginx-fastcgi", NGINX_FASTCGI, true), 0);
}

static void fastcgi_with_kept_connections(void **state)
{
	assert_int_equal(
		front_conform(*state, "nginx-fastcgi-kept", NGINX_FASTCGI_KEPT, true), 0);
}

static void fastcgi_with_streamed_bodies(void **state)
{
	assert_int_equal(front_conform(*state, "nginx-fastcgi-streamed",
				 NGINX_FASTCGI_STREAMED, true),
		0);
}

static void fastcgi_with_both(void **state)
{
	assert_int_equal(front_conform(*state, "nginx-fastcgi-kept-streamed",
				 NGINX_FASTCGI_KEPT_STREAMED, true),
		0);
}

static void proxy_pass_to_the_native_server(void **state)
{
	assert_int_equal(front_conform(*state, "nginx-proxy", NGINX_PROXY, false), 0);
}

static void scgi(void **state)
{
	assert_int_equal(front_conform(*state, "nginx-scgi", NGINX_SCGI, true), 0);
}

static void scgi_with_streamed_responses(void **state)
{
	assert_int_equal(
		front_conform(*state, "nginx-scgi-streamed", NGINX_SCGI_STREAMED, true), 0);
}

static int start(void **state)
{
	static struct front front;

	*state = &front;
	return nginx_start(&front);
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
		cmocka_unit_test(fastcgi_with_kept_connections),
		cmocka_unit_test(fastcgi_with_streamed_bodies),
		cmocka_unit_test(fastcgi_with_both),
		cmocka_unit_test(proxy_pass_to_the_native_server),
		cmocka_unit_test(scgi),
		cmocka_unit_test(scgi_with_streamed_responses),
	};

	if (!nginx_installed()) {
		printf("SKIP: nginx is not installed\n");
		return 77;
	}
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
