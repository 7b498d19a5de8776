/* SPDX-License-Identifier: MIT */
/*
 * test_server_peer.c - who is at the other end, where the server has not accepted in its
 * usual way: connections that were handed over, and those taken at a stop.
 */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vane/request.h>
#include <vane/response.h>

#include "support/site.h"

/* What the handler saw. */
static struct {
	int requests;
	char addr[64];
} seen;

static int note(struct vane_request *req, struct vane_response *res)
{
	seen.requests++;
	snprintf(seen.addr, sizeof(seen.addr), "%s", vane_request_remote_addr(req));
	return 0;
}

static const struct vane_handler handler = { .any = note };
static const struct vane_route routes[] = { { "/", &handler }, { 0 } };
static const struct vane_app_opts opts = { .xheaders = true, .trusted = "10.0.0.1" };
static const char forged[] = "GET / HTTP/1.1\r\nHost: x\r\nX-Real-Ip: 6.6.6.6\r\n\r\n";

static int connect_to(int port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t) port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
	return fd;
}

/* Leave by a reset. */
static void reset(int fd)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

/* Wait until a reset has reached the other end, which has something to read already. */
static void await_reset(int fd)
{
	struct pollfd poller = { .fd = fd };
	int i;

	for (i = 0; i < 10000 && (poller.revents & POLLHUP) == 0; i++)
		poll(&poller, 1, 1);
	assert_true(poller.revents & POLLHUP);
}

/* Its request lies in the socket, but there is nobody to say whose it is. */
static void a_connection_that_was_reset_before_it_is_handed_over_is_not_served(void **state)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int listener, client, fd;
	struct site site;

	seen.requests = 0;
	site_init(&site, routes, &opts, NULL);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *) &addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *) &addr, &len), 0);
	client = connect_to(ntohs(addr.sin_port));
	assert_int_equal(send(client, forged, strlen(forged), 0), strlen(forged));
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	reset(client);
	await_reset(fd);
	assert_int_equal(vane_server_add_connection(site.server, fd), -ENOTCONN);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	site_turn(&site, 20);
	assert_int_equal(seen.requests, 0);
	close(listener);
	site_fini(&site);
}

/* At a stop, those that wait are taken with their addresses, whatever became of them. */
static void what_is_taken_at_a_stop_has_its_address(void **state)
{
	struct site site;
	int client;

	seen.requests = 0;
	site_init(&site, routes, &opts, NULL);
	client = connect_to(site.port);
	assert_int_equal(send(client, forged, strlen(forged), 0), strlen(forged));
	reset(client);
	vane_server_stop(site.server);
	site_turn(&site, 20);
	if (seen.requests > 0) /* a kernel may have dropped it */
		assert_string_equal(seen.addr, "127.0.0.1");
	site_fini(&site);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_connection_that_was_reset_before_it_is_handed_over_is_not_served),
		cmocka_unit_test(what_is_taken_at_a_stop_has_its_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
