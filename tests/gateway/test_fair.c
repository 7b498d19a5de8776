/* SPDX-License-Identifier: MIT */
/*
 * test_fair.c - gateway/fastcgi_conn.c, gateway/scgi_request.c: a large body that was collected
 * goes to its application in pieces, between which others have their turn.
 *
 * What the gateway has sent is told by the kernel, and counted in turns of the loop.
 */
#include "test.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <vane/gateway.h>

#include "support/app_peer.h"

#define BODY_SIZE (8 * 1024 * 1024)
#define TURN_MOST (768 * 1024)
#define TURNS     200

struct stage {
	struct app_peer app;
	struct vane_route routes[2];
	struct site site;
	struct client client;
	size_t most; /* bytes in a turn */
};

/* The gateway's end of a connection, which is in this process too; -1: there is none. */
static int other_end(int fd)
{
	struct sockaddr_in mine, theirs;
	socklen_t len = sizeof(mine);
	int other;

	assert_int_equal(getsockname(fd, (struct sockaddr *) &mine, &len), 0);
	for (other = 3; other < 1024; other++) {
		struct sockaddr_in own;

		len = sizeof(own);
		if (getsockname(other, (struct sockaddr *) &own, &len) < 0)
			continue;
		len = sizeof(theirs);
		if (getpeername(other, (struct sockaddr *) &theirs, &len) == 0 &&
			theirs.sin_family == AF_INET && theirs.sin_port == mine.sin_port)
			return other;
	}
	return -1;
}

/* What was sent and not read. */
static size_t count_sent(int ours, int theirs)
{
	int queued = 0, come = 0;

	assert_int_equal(ioctl(ours, SIOCOUTQ, &queued), 0);
	assert_int_equal(ioctl(theirs, SIOCINQ, &come), 0);
	return (size_t) queued + (size_t) come;
}

static void post(struct stage *stage)
{
	static const char head[] =
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8388608\r\n\r\n";
	char *body = calloc(1, BODY_SIZE);

	assert_non_null(body);
	client_puts(&stage->client, head);
	client_send(&stage->client, body, BODY_SIZE);
	free(body);
}

/* An application that takes the connection, and then reads nothing. */
static void watch(struct stage *stage)
{
	size_t before = 0, now = 0;
	struct app_conn conn;
	int ours, turns;

	post(stage);
	app_accept(&stage->app, &conn);
	ours = other_end(conn.fd);
	assert_true(ours >= 0);
	before = count_sent(ours, conn.fd);
	stage->most = before;
	for (turns = 0; turns < TURNS; turns++) {
		vane_loop_turn(stage->site.loop, false);
		now = count_sent(ours, conn.fd);
		if (now > before && now - before > stage->most)
			stage->most = now - before;
		before = now;
	}
	print_message("%zu bytes in all, %zu at most in a turn\n", now, stage->most);
	app_close(&conn);
}

static void run(const struct vane_handler *handler, void *host, struct stage *stage)
{
	stage->routes[0] = (struct vane_route) { "/{path:.*}", handler, .data = host };
	site_init(&stage->site, stage->routes, NULL, NULL);
	client_init(&stage->client, &stage->site);
	watch(stage);
	client_fini(&stage->client);
	site_turn(&stage->site, 1);
}

static void a_large_body_to_fastcgi_leaves_turns_to_others(void **state)
{
	struct vane_fastcgi_backend_opts opts = { .upstream = NULL };
	struct vane_backend *host;
	struct stage stage = { .most = 0 };

	app_peer_init(&stage.app, &stage.site);
	opts.upstream = stage.app.address;
	assert_int_equal(vane_fastcgi_backend_new(&host, &opts), 0);
	run(&vane_backend_handler, host, &stage);
	vane_backend_free(host);
	site_fini(&stage.site);
	app_peer_fini(&stage.app);
	assert_in_range(stage.most, 1, TURN_MOST);
}

static void a_large_body_to_scgi_leaves_turns_to_others(void **state)
{
	struct vane_fastcgi_backend_opts opts = { .upstream = NULL };
	struct vane_backend *host;
	struct stage stage = { .most = 0 };

	app_peer_init(&stage.app, &stage.site);
	opts.upstream = stage.app.address;
	assert_int_equal(vane_scgi_backend_new(&host, &opts), 0);
	run(&vane_backend_handler, host, &stage);
	vane_backend_free(host);
	site_fini(&stage.site);
	app_peer_fini(&stage.app);
	assert_in_range(stage.most, 1, TURN_MOST);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_body_to_fastcgi_leaves_turns_to_others),
		cmocka_unit_test(a_large_body_to_scgi_leaves_turns_to_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
