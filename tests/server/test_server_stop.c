/* SPDX-License-Identifier: MIT */
/*
 * test_server_stop.c - lib/server/server_stop.c: what a server that is told to stop still answers.
 */
#include "config.h" /* for accept4() */

#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane/handler.h>
#include <vane/handover.h>
#include <vane/process.h>
#include <vane/request.h>
#include <vane/response.h>

#include "support/site.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

/* As many milliseconds as never pass here, unless the server waits for what it should not. */
#define NEVER 60000

/* What handlers and the test share. */
struct shared {
	struct site site;
	struct vane_route routes[4];
	struct vane_response *deferred;
	int drained;
};

static int plain(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "[%s]", vane_request_path(req));
}

/* The head leaves at once, the rest when the test says so. */
static int defer(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	shared->deferred = res;
	vane_response_set_field(res, "Content-Length", "4");
	if (strcmp(vane_request_path(req), "/begun") == 0)
		vane_response_flush(res);
	return vane_response_defer(res);
}

static const struct vane_handler plain_handler = { .get = plain };
static const struct vane_handler defer_handler = { .get = defer };

static void begin_with(
	struct shared *shared, int64_t grace_msec, struct vane_handover *handover)
{
	const struct vane_server_opts opts = { .grace_msec = grace_msec,
		.handover = handover };

	*shared =
		(struct shared) { .routes = { { "/begun", &defer_handler, .data = shared },
					  { "/defer", &defer_handler, .data = shared },
					  { "/{rest:.*}", &plain_handler } } };
	site_init(&shared->site, shared->routes, NULL, &opts);
}

static void begin(struct shared *shared, int64_t grace_msec)
{
	begin_with(shared, grace_msec, NULL);
}

static void on_drained(void *data)
{
	struct shared *shared = data;

	shared->drained++;
}

static void drain(struct shared *shared, int64_t msec)
{
	assert_int_equal(
		vane_server_drain(shared->site.server, msec, on_drained, shared), 0);
}

static void await_drained(struct shared *shared)
{
	int i;

	for (i = 0; !shared->drained && i < 10000; i++)
		site_turn(&shared->site, 1);
	assert_int_equal(shared->drained, 1);
}

static void ask(struct client *client, const char *request, const char *answer)
{
	client_puts(client, request);
	client_await(client, answer);
}

static void a_connection_that_was_just_opened_is_answered(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NEVER);
	client_init(&c, &shared.site);
	site_await_connections(&shared.site, 1);
	drain(&shared, NEVER);
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 0);
	assert_int_equal(vane_server_in_flight(shared.site.server), 1);
	ask(&c, GET("/a"), "[/a]");
	client_await_close(&c);
	assert_non_null(strstr(c.in, "Connection: close\r\n"));
	client_fini(&c);
	await_drained(&shared);
	site_fini(&shared.site);
}

static void what_waits_in_the_kernel_is_answered(void **state)
{
	struct client c[3];
	struct shared shared;
	int i;

	begin(&shared, NEVER);
	for (i = 0; i < 3; i++)
		client_init(&c[i], &shared.site);
	drain(&shared, NEVER);
	assert_int_equal(vane_server_connections(shared.site.server), 3);
	for (i = 0; i < 3; i++) {
		ask(&c[i], GET("/a"), "[/a]");
		client_fini(&c[i]);
	}
	await_drained(&shared);
	site_fini(&shared.site);
}

static void a_kept_connection_used_lately_is_answered(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NEVER);
	client_init(&c, &shared.site);
	ask(&c, GET("/a"), "[/a]");
	drain(&shared, NEVER);
	ask(&c, GET("/b"), "[/b]");
	client_await_close(&c);
	client_fini(&c);
	await_drained(&shared);
	site_fini(&shared.site);
}

/* Its head has told the client that the connection stays open. */
static void a_connection_that_was_promised_to_stay_is_answered_once_more(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NEVER);
	client_init(&c, &shared.site);
	ask(&c, GET("/begun"), "\r\n\r\n");
	assert_null(strstr(c.in, "Connection: close"));
	drain(&shared, NEVER);
	vane_response_puts(shared.deferred, "done");
	vane_response_finish(shared.deferred);
	client_await(&c, "done");
	site_turn(&shared.site, 20);
	assert_false(c.eof);
	ask(&c, GET("/b"), "[/b]");
	client_await_close(&c);
	assert_non_null(strstr(c.in, "Connection: close\r\n"));
	client_fini(&c);
	await_drained(&shared);
	site_fini(&shared.site);
}

static void those_silent_for_longer_than_the_grace_have_a_moment(void **state)
{
	struct client fresh, kept;
	struct shared shared;

	begin(&shared, 50);
	client_init(&fresh, &shared.site);
	client_init(&kept, &shared.site);
	ask(&kept, GET("/a"), "[/a]");
	site_await_connections(&shared.site, 2);
	site_turn(&shared.site, 500);
	drain(&shared, NEVER);
	site_turn(&shared.site, 20);
	assert_int_equal(vane_server_connections(shared.site.server), 2);
	ask(&kept, GET("/b"), "[/b]");
	client_await_close(&kept);
	client_await_close(&fresh);
	await_drained(&shared);
	client_fini(&fresh);
	client_fini(&kept);
	site_fini(&shared.site);
}

static void those_that_stay_silent_are_closed_when_the_grace_is_over(void **state)
{
	struct client fresh, kept;
	struct shared shared;

	begin(&shared, 300);
	client_init(&fresh, &shared.site);
	client_init(&kept, &shared.site);
	ask(&kept, GET("/a"), "[/a]");
	site_await_connections(&shared.site, 2);
	drain(&shared, NEVER);
	assert_int_equal(vane_server_connections(shared.site.server), 2);
	client_await_close(&fresh);
	client_await_close(&kept);
	client_fini(&fresh);
	client_fini(&kept);
	await_drained(&shared);
	assert_null(strstr(shared.site.log, "cut"));
	site_fini(&shared.site);
}

static void after_the_least_grace_idle_ones_are_closed(void **state)
{
	struct client fresh, kept, begun;
	struct shared shared;

	begin(&shared, 1);
	client_init(&fresh, &shared.site);
	client_init(&kept, &shared.site);
	ask(&kept, GET("/a"), "[/a]");
	client_init(&begun, &shared.site);
	ask(&begun, GET("/begun"), "\r\n\r\n");
	drain(&shared, NEVER);
	client_await_close(&fresh);
	client_await_close(&kept);
	vane_response_puts(shared.deferred, "done");
	vane_response_finish(shared.deferred);
	client_await(&begun, "done");
	client_await_close(&begun);
	client_fini(&fresh);
	client_fini(&kept);
	client_fini(&begun);
	await_drained(&shared);
	site_fini(&shared.site);
}

static void what_is_cut_is_named(void **state)
{
	struct client slow, half, fresh;
	struct shared shared;

	begin(&shared, NEVER);
	client_init(&slow, &shared.site);
	client_puts(&slow, GET("/defer?who=me"));
	client_init(&half, &shared.site);
	client_puts(&half, "GET /half HTTP/1.1\r\nHost: h\r\nX:");
	client_init(&fresh, &shared.site);
	while (vane_server_in_flight(shared.site.server) < 2)
		site_turn(&shared.site, 1);
	drain(&shared, 50);
	await_drained(&shared);
	assert_non_null(strstr(shared.site.log, " s: GET /defer?who=me"));
	assert_non_null(strstr(shared.site.log, " s: a head that is not whole"));
	assert_non_null(strstr(shared.site.log, "drain: 2 requests cut"));
	assert_int_equal(vane_server_cut(shared.site.server), 2);
	vane_response_finish(shared.deferred); /* nobody is there any more */
	client_fini(&slow);
	client_fini(&half);
	client_fini(&fresh);
	site_fini(&shared.site);
}

/* A connection that waits in a socket when a server leaves that is not alone. */
static void what_others_would_serve_is_left_to_them(void **state)
{
	struct vane_bind_opts opts = { .address = "127.0.0.1" };
	struct vane_sockets bound = { 0 }, adopted = { 0 };
	struct shared shared;
	struct client c;
	int fd;

	begin(&shared, NEVER);
	assert_int_equal(vane_bind_sockets(&opts, &bound), 0);
	assert_int_equal(vane_sockets_adopt(&adopted, dup(bound.fds[0])), 0);
	assert_true(vane_sockets_shared(&adopted, 0));
	assert_false(vane_sockets_shared(&bound, 0));
	shared.site.port = vane_socket_port(bound.fds[0]);
	assert_int_equal(vane_server_add_sockets(shared.site.server, &adopted), 0);
	client_init(&c, &shared.site);
	drain(&shared, NEVER);
	assert_int_equal(vane_server_connections(shared.site.server), 0);
	await_drained(&shared);
	assert_true(vane_socket_is_listening(bound.fds[0]));
	fd = accept(bound.fds[0], NULL, NULL);
	assert_true(fd >= 0);
	close(fd);
	client_fini(&c);
	vane_sockets_fini(&bound);
	site_fini(&shared.site);
}

/* Whoever holds the socket besides, as a master does. */
static void whoever_comes_later_is_refused_at_once(void **state)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct vane_bind_opts opts = { .address = "127.0.0.1" };
	struct vane_sockets bound = { 0 }, also = { 0 };
	struct shared shared;
	int fd;

	begin(&shared, NEVER);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(vane_bind_sockets(&opts, &bound), 0);
	addr.sin_port = htons((in_port_t) vane_socket_port(bound.fds[0]));
	assert_int_equal(vane_sockets_add(&also, dup(bound.fds[0])), 0);
	assert_int_equal(vane_server_add_sockets(shared.site.server, &also), 0);
	drain(&shared, NEVER);
	assert_int_equal(connect(fd, (struct sockaddr *) &addr, sizeof(addr)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
	vane_sockets_fini(&bound);
	site_fini(&shared.site);
}

static void reset_client(struct client *client)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	client_fini(client);
}

/* Before they are accepted, and after that; with a request, and without. */
static void clients_that_reset_at_a_stop_leave_nothing_behind(void **state)
{
	struct client c[4], last;
	struct shared shared;
	int i;

	begin(&shared, NEVER);
	for (i = 0; i < 2; i++)
		client_init(&c[i], &shared.site);
	site_await_connections(&shared.site, 2);
	for (i = 2; i < 4; i++)
		client_init(&c[i], &shared.site);
	for (i = 0; i < 4; i += 2)
		assert_int_equal(send(c[i].fd, GET("/a"), strlen(GET("/a")), MSG_NOSIGNAL),
			strlen(GET("/a")));
	for (i = 0; i < 4; i++)
		reset_client(&c[i]);
	client_init(&last, &shared.site);
	drain(&shared, NEVER);
	ask(&last, GET("/last"), "[/last]");
	client_fini(&last);
	await_drained(&shared);
	site_await_connections(&shared.site, 0);
	site_fini(&shared.site);
}

/* A connection of another worker's: the client's end, and ours in *fd. */
static int connection_of_another(int *fd)
{
	struct vane_bind_opts opts = { .address = "127.0.0.1" };
	struct vane_sockets socks = { 0 };
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(vane_bind_sockets(&opts, &socks), 0);
	assert_int_equal(getsockname(socks.fds[0], (struct sockaddr *) &addr, &len), 0);
	assert_int_equal(connect(client, (struct sockaddr *) &addr, len), 0);
	*fd = accept4(socks.fds[0], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(*fd >= 0);
	vane_sockets_fini(&socks);
	return client;
}

/* They wait in the queue when the server is told to stop; one was reset before. */
static void connections_that_were_handed_over_are_answered(void **state)
{
	const struct linger now = { .l_onoff = 1 };
	struct vane_handover *handover;
	struct shared shared;
	char answer[1024];
	int fds[2], clients[2], turns;
	ssize_t n = -1;

	assert_int_equal(vane_handover_new(&handover), 0);
	begin_with(&shared, NEVER, handover);
	clients[0] = connection_of_another(&fds[0]);
	clients[1] = connection_of_another(&fds[1]);
	setsockopt(clients[1], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(clients[1]);
	assert_int_equal(vane_handover_give(handover, fds, 2), 2);
	drain(&shared, NEVER);
	assert_int_equal(vane_server_connections(shared.site.server), 1);
	assert_int_equal(send(clients[0], GET("/a"), strlen(GET("/a")), MSG_NOSIGNAL),
		strlen(GET("/a")));
	for (turns = 0; n < 0 && turns < 10000; turns++) {
		site_turn(&shared.site, 1);
		n = recv(clients[0], answer, sizeof(answer) - 1, MSG_DONTWAIT);
	}
	assert_true(n > 0);
	answer[n] = '\0';
	assert_non_null(strstr(answer, "Connection: close\r\n"));
	assert_non_null(strstr(answer, "[/a]"));
	close(clients[0]);
	await_drained(&shared);
	site_fini(&shared.site);
	vane_handover_free(handover);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_that_was_just_opened_is_answered),
		cmocka_unit_test(what_waits_in_the_kernel_is_answered),
		cmocka_unit_test(a_kept_connection_used_lately_is_answered),
		cmocka_unit_test(
			a_connection_that_was_promised_to_stay_is_answered_once_more),
		cmocka_unit_test(those_silent_for_longer_than_the_grace_have_a_moment),
		cmocka_unit_test(those_that_stay_silent_are_closed_when_the_grace_is_over),
		cmocka_unit_test(after_the_least_grace_idle_ones_are_closed),
		cmocka_unit_test(what_is_cut_is_named),
		cmocka_unit_test(what_others_would_serve_is_left_to_them),
		cmocka_unit_test(whoever_comes_later_is_refused_at_once),
		cmocka_unit_test(clients_that_reset_at_a_stop_leave_nothing_behind),
		cmocka_unit_test(connections_that_were_handed_over_are_answered),
	};

	alarm(120); /* rather than wait for ever for what does not come */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
