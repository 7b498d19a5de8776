/* SPDX-License-Identifier: MIT */
/*
 * gateway_reload.c - instances of php-cgi that the gateway runs are replaced under load, by their
 * number of requests and by a reload, and no request is lost.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vane/gateway.h>

#include "support/site.h"
#include "support/tmp.h"

static const char *const php[] = { "/usr/bin/php-cgi", NULL };
static const char page[] = "<?php usleep(2000); echo $_SERVER['REQUEST_METHOD'], "
			   "strlen(file_get_contents('php://input')), '.';";

/* Ask for the page, every third time with a form: that is not asked again if it fails. */
static void ask_page(struct site *site, struct client *client, int i)
{
	client_init(client, site);
	client_puts(client, i % 3 == 0 ? "POST /page.php HTTP/1.1\r\nHost: h\r\n"
					 "Content-Type: text/plain\r\n"
					 "Content-Length: 5\r\nConnection: close\r\n"
					 "\r\nhello"
				       : "GET /page.php HTTP/1.1\r\nHost: h\r\n"
					 "Connection: close\r\n\r\n");
}

/* Many ask at once, and all is replaced each time while instances are busy. */
static void ask_all(struct site *site, struct vane_backend *host)
{
	struct client clients[12];
	int i;

	for (i = 0; i < 12; i++)
		ask_page(site, &clients[i], i);
	for (i = 0; i < 12; i++) {
		if (i == 0 || i == 6)
			vane_backend_reload(host);
		client_await_close(&clients[i]);
		if (strstr(clients[i].in, i % 3 == 0 ? "POST5." : "GET0.") == NULL)
			fail_msg("%s\n%s", clients[i].in, site->log);
		client_fini(&clients[i]);
	}
}

static void php_is_replaced_and_no_request_is_lost(void **state)
{
	const struct vane_spawn_opts program = {
		.argv = php, .min_instances = 2, .max_instances = 3, .max_requests = 7
	};
	struct vane_fastcgi_backend_opts opts = { .spawn = &program };
	struct vane_route routes[2] = { { "/{path:.*}", &vane_backend_handler } };
	int descriptors = site_descriptors(), i;
	struct vane_backend *host;
	struct site site;
	struct tmp tmp;

	assert_int_equal(tmp_make(&tmp), 0);
	assert_int_equal(tmp_write(&tmp, "page.php", page, NULL), 0);
	opts.scripts.root = tmp.path;
	opts.scripts.suffixes = ".php";
	assert_int_equal(vane_fastcgi_backend_new(&host, &opts), 0);
	routes[0].data = host;
	site_init(&site, routes, NULL, NULL);
	site.descriptors = descriptors;
	for (i = 0; i < 12; i++)
		ask_all(&site, host);
	assert_string_equal(site.log, "");
	vane_backend_free(host);
	site_fini(&site);
	tmp_remove(&tmp);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(php_is_replaced_and_no_request_is_lost),
	};

	if (access(php[0], X_OK) != 0) {
		puts("SKIP: php-cgi is not installed");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
