/* SPDX-License-Identifier: MIT */
/*
 * test_server_limits.c - lib/server/server_limits.c: who may come when there are many, and who gives way
 */
#include "test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/pace.h"
#include "support/site.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static struct vane_request *held[8];
static size_t held_count;

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello");
}

static int hold(struct vane_request *req, struct vane_response *res)
{
	held[held_count++] = req;
	return vane_response_defer(res);
}

static void release(void)
{
	while (held_count > 0)
		vane_response_finish(vane_request_response(held[--held_count]));
}

static const struct vane_handler hello_handler = { .get = hello, .post = hello };
static const struct vane_handler hold_handler = { .get = hold };
static const struct vane_route routes[] = {
	{ "/", &hello_handler },
	{ "/hold", &hold_handler },
	{ 0 },
};

static void ask_hello(struct client *client)
{
	client_forget(client);
	client_puts(client, GET("/"));
	client_await(client, "hello");
}

/* As many as there may be, each of which has asked once: all idle, or all held. */
static void fill(struct site *site, struct client *clients, size_t count, bool busy)
{
	size_t i;

	for (i = 0; i < count; i++) {
		client_init(&clients[i], site);
		ask_hello(&clients[i]);
	}
	for (i = 0; i < count && busy; i++) {
		client_puts(&clients[i], GET("/hold"));
		while (held_count <= i)
			site_turn(site, 1);
	}
}

static void check_limit(const struct vane_server_opts *opts)
{
	struct client clients[4];
	const char *said;
	struct site site;
	size_t i;

	site_init(&site, routes, NULL, opts);
	fill(&site, clients, 3, false);
	client_init(&clients[3], &site);
	ask_hello(&clients[3]);
	client_await_close(&clients[0]); /* it had waited longest */
	for (i = 1; i < 4; i++)
		ask_hello(&clients[i]);
	for (i = 0; i < 4; i++)
		client_fini(&clients[i]);
	site_await_connections(&site, 0);
	fill(&site, clients, 3, true);
	client_init(&clients[3], &site);
	client_await_close(&clients[3]); /* nobody gives way */
	said = strstr(site.log, "connection refused: 3 are open");
	assert_non_null(said);
	client_fini(&clients[3]);
	client_init(&clients[3], &site);
	client_await_close(&clients[3]);
	assert_null(strstr(said + 1, "connection refused")); /* once for many */
	release();
	for (i = 0; i < 3; i++)
		ask_hello(&clients[i]);
	for (i = 0; i < 4; i++)
		client_fini(&clients[i]);
	site_fini(&site);
}

static void an_idle_connection_gives_way_at_the_limit(void **state)
{
	static const struct vane_server_opts opts = { .max_connections = 3 };

	check_limit(&opts);
}

static void so_it_does_among_those_of_an_address(void **state)
{
	static const struct vane_server_opts opts = { .max_per_address = 3 };

	check_limit(&opts);
}

/* Linux answers on all of 127.0.0.0/8. */
static int connect_from(const char *address, int port)
{
	struct sockaddr_in from = { .sin_family = AF_INET }, to = from;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &from.sin_addr);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t) port);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *) &from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *) &to, sizeof(to)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* A client from another address. */
static void client_init_from(struct client *client, struct site *site, const char *address)
{
	client_init(client, site);
	close(client->fd);
	client->fd = connect_from(address, site->port);
}

static void other_addresses_are_counted_apart(void **state)
{
	static const struct vane_server_opts opts = { .max_per_address = 2 };
	struct client clients[2], other;
	struct site site;
	size_t i;

	site_init(&site, routes, NULL, &opts);
	fill(&site, clients, 2, true);
	client_init(&other, &site);
	client_await_close(&other);
	client_fini(&other);
	client_init_from(&other, &site, "127.0.0.2");
	ask_hello(&other);
	client_fini(&other);
	release();
	for (i = 0; i < 2; i++)
		client_fini(&clients[i]);
	site_fini(&site);
}

static void what_is_too_much_of_an_address_takes_nobody_elses_place(void **state)
{
	static const struct vane_server_opts opts = { .max_connections = 3,
		.max_per_address = 2 };
	struct client other, clients[2], next;
	struct site site;
	int busy;

	for (busy = 0; busy < 2; busy++) {
		site_init(&site, routes, NULL, &opts);
		client_init_from(&other, &site, "127.0.0.2");
		ask_hello(&other);
		site_await_connections(&site, 1);
		fill(&site, clients, 2, busy);
		client_init(&next, &site);
		if (busy)
			client_await_close(&next);
		else
			client_await_close(&clients[0]);
		ask_hello(&other); /* it has waited longest, and stays */
		release();
		client_fini(&other);
		client_fini(&clients[0]);
		client_fini(&clients[1]);
		client_fini(&next);
		site_fini(&site);
	}
}

/* Be it that it was not read yet: all came at once. */
static void who_has_asked_does_not_give_way(void **state)
{
	static const struct vane_server_opts rows[] = { { .max_connections = 3 },
		{ .max_per_address = 3 } };
	struct client clients[5];
	struct site site;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		site_init(&site, routes, NULL, &rows[i]);
		for (k = 0; k < 5; k++) {
			client_init(&clients[k], &site);
			assert_true(send(clients[k].fd, GET("/"), strlen(GET("/")),
					    MSG_NOSIGNAL) > 0);
		}
		for (k = 0; k < 3; k++)
			client_await(&clients[k], "hello");
		for (k = 3; k < 5; k++)
			client_await_close(&clients[k]);
		assert_non_null(strstr(site.log, "connection refused: 3 are open"));
		for (k = 0; k < 5; k++)
			client_fini(&clients[k]);
		site_fini(&site);
	}
}

static void who_waits_for_a_head_gives_way_when_nobody_is_idle(void **state)
{
	static const struct vane_server_opts rows[] = { { .max_connections = 3 },
		{ .max_per_address = 3 } };
	struct client clients[3], next;
	struct site site;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		site_init(&site, routes, NULL, &rows[i]);
		fill(&site, clients, 1, true);
		for (k = 1; k < 3; k++) {
			client_init(&clients[k], &site);
			client_puts(&clients[k], "GET / HTTP/1.1\r\nHo");
			while (vane_server_in_flight(site.server) < k + 1)
				site_turn(&site, 1);
		}
		client_init(&next, &site);
		ask_hello(&next);
		client_await_close(&clients[1]);
		client_puts(&clients[2], "st: h\r\n\r\n");
		client_await(&clients[2], "hello");
		release();
		for (k = 0; k < 3; k++)
			client_fini(&clients[k]);
		client_fini(&next);
		site_fini(&site);
	}
}

/* A body of 6,000 bytes, 100 of them every 30 ms: 3,400 bytes a second at most. */
static void trickle(struct client *client, struct pace *pace)
{
	static char piece[100];
	int i;

	memset(piece, 'b', sizeof(piece));
	pace_step(pace);
	client_puts(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6000\r\n\r\n");
	for (i = 0; i < 60 && !client->eof && !client->reset; i++) {
		client_send(client, piece, sizeof(piece));
		site_turn(client->site, 30);
		pace_step(pace);
	}
}

/* False if it was held up for as long as would not be waited for in any case. */
static bool trickle_is_answered(const struct vane_server_opts *opts, bool answered)
{
	struct pace pace = { 0 };
	struct client client;
	struct site site;
	bool kept;

	site_init(&site, routes, NULL, opts);
	client_init(&client, &site);
	trickle(&client, &pace);
	kept = pace.longest_msec < opts->body_msec / 2;
	if (kept && answered)
		client_await(&client, "hello");
	else if (kept)
		client_await_close(&client);
	client_fini(&client);
	site_fini(&site);
	return kept;
}

static void a_body_that_trickles_is_not_waited_for(void **state)
{
	static const struct {
		struct vane_server_opts opts;
		bool answered;
	} rows[] = {
		{ { .body_msec = 1000, .min_rate = 100000 }, false },
		{ { .body_msec = 1000, .min_rate = INT64_C(1) << 62 }, false },
		{ { .body_msec = 1000, .min_rate = 50 }, true },
		{ { .body_msec = 1000, .min_rate = VANE_NO_LIMIT }, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int tries = PACE_TRIES;

		while (!trickle_is_answered(&rows[i].opts, rows[i].answered))
			assert_true(--tries > 0);
	}
}

/* Each byte is in time, the whole is not. */
static void a_head_that_trickles_is_not_waited_for(void **state)
{
	static const struct vane_server_opts opts = { .header_msec = 500 };
	struct client client;
	struct site site;
	char byte;
	int i;

	site_init(&site, routes, NULL, &opts);
	client_init(&client, &site);
	client_puts(&client, "GET / HTTP/1.1\r\nHost: h\r\nX: ");
	for (i = 0; i < 500 && recv(client.fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
		i++) {
		client_puts(&client, "x");
		site_turn(&site, 20);
	}
	assert_true(i < 500);
	client_await(&client, "HTTP/1.1 408 ");
	client_await_close(&client);
	client_fini(&client);
	site_fini(&site);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_connection_gives_way_at_the_limit),
		cmocka_unit_test(so_it_does_among_those_of_an_address),
		cmocka_unit_test(other_addresses_are_counted_apart),
		cmocka_unit_test(what_is_too_much_of_an_address_takes_nobody_elses_place),
		cmocka_unit_test(who_has_asked_does_not_give_way),
		cmocka_unit_test(who_waits_for_a_head_gives_way_when_nobody_is_idle),
		cmocka_unit_test(a_body_that_trickles_is_not_waited_for),
		cmocka_unit_test(a_head_that_trickles_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
