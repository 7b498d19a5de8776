/* SPDX-License-Identifier: MIT */
/*
 * test_sigpipe.c - a native server whose program knows nothing of SIGPIPE, which would end it
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/site.h"

#define LARGE (8 * 1024 * 1024)
#define H     "Host: h\r\n\r\n"

static int large_fd = -1;

static int write_file(struct vane_response *res, int64_t len)
{
	return vane_response_write_file(res, fcntl(large_fd, F_DUPFD_CLOEXEC, 3), 0, len);
}

static int large_get(struct vane_request *req, struct vane_response *res)
{
	return write_file(res, LARGE);
}

static int two_get(struct vane_request *req, struct vane_response *res)
{
	write_file(res, 1000);
	return write_file(res, 1000);
}

static const struct vane_handler large_handler = { .get = large_get };
static const struct vane_handler two_handler = { .get = two_get };
static const struct vane_route routes[] = { { "/large", &large_handler },
	{ "/two", &two_handler }, { 0 } };

static int begin(void **state)
{
	static struct site site;
	char name[] = "/tmp/vane-sigpipe-XXXXXX";

	large_fd = mkstemp(name);
	if (large_fd < 0 || unlink(name) < 0 || ftruncate(large_fd, LARGE) < 0)
		return -1;
	site_init(&site, routes, NULL, NULL);
	*state = &site;
	return 0;
}

static int end(void **state)
{
	site_fini(*state);
	close(large_fd);
	return 0;
}

/* The client says that it is done, reads a little, and leaves: the next write is in vain. */
static void a_client_that_leaves_during_a_file_is_no_signal(void **state)
{
	struct site *site = *state;
	struct client client;
	int i;

	for (i = 0; i < 10; i++) {
		client_init(&client, site);
		client_puts(&client, "GET /large HTTP/1.1\r\n" H);
		client_await(&client, "200 OK");
		shutdown(client.fd, SHUT_WR);
		client_fini(&client);
		site_await_connections(site, 0);
	}
}

/* Outside of the loop: the first file finds out that nobody is there, the next is in vain. */
static void what_a_stop_answers_is_no_signal_either(void **state)
{
	static const char text[] = "GET /two HTTP/1.1\r\n" H;
	struct site *site = *state;
	struct client client;

	client_init(&client, site);
	site_await_connections(site, 1);
	assert_true(send(client.fd, text, sizeof(text) - 1, MSG_NOSIGNAL) > 0);
	close(client.fd);
	client.fd = -1;
	vane_server_stop(site->server);
	client_fini(&client);
	site_await_connections(site, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_client_that_leaves_during_a_file_is_no_signal),
		TEST(what_a_stop_answers_is_no_signal_either),
	};

	signal(SIGPIPE, SIG_DFL); /* whoever started us may ignore it */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
