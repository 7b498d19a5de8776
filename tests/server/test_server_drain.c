/* SPDX-License-Identifier: MIT */
/*
 * test_server_drain.c - the native server: drains, and handlers that stop their server
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/shared.h"

#define H         "Host: h\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"

static int too_early(struct vane_request *req, struct vane_response *res, void *data)
{
	return 500;
}

/* Answered when the test says so, unless that time comes before. */
static int defer_until(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	shared_defer(req, res);
	return vane_request_after(req, shared->msec, too_early, NULL);
}

static int stop(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	vane_server_stop(shared->site.server);
	if (shared->close_all)
		vane_server_close_all_connections(shared->site.server);
	return vane_response_puts(res, "stopped");
}

/* Two that tell each other of their ends, with more than is written in one turn. */
static struct vane_request *met[2];
static int met_count;

static void tell_other(struct vane_request *req, void *data)
{
	static const char told[256 * 1024];
	int mine = met[1] == req, i;
	struct vane_request *other = met[!mine];

	met[mine] = NULL;
	for (i = 0; other != NULL && i < 14; i++) {
		vane_response_write(vane_request_response(other), told, sizeof(told));
		vane_response_flush(vane_request_response(other));
	}
	vane_response_finish(vane_request_response(req));
}

static int meet(struct vane_request *req, struct vane_response *res)
{
	met[met_count++] = req;
	vane_request_on_close(req, tell_other, NULL);
	vane_response_puts(res, "met");
	vane_response_flush(res);
	return vane_response_defer(res);
}

static const struct vane_handler stop_handler = { .get = stop };
static const struct vane_handler meet_handler = { .get = meet };
static const struct vane_handler later_handler = { .get = defer_until };

static struct vane_route routes[] = {
	{ "/meet", &meet_handler },
	{ "/defer", &shared_defer_handler },
	{ "/later", &later_handler },
	{ "/stop", &stop_handler },
	{ "/{rest:.*}", &shared_plain_handler },
	{ 0 },
};

static void begin(struct shared *shared, const struct vane_server_opts *opts)
{
	shared_begin(shared, routes, NULL, opts);
}

static void on_drained(void *data)
{
	struct shared *shared = data;

	shared->drained++;
}

static void a_drain_lets_requests_finish(void **state)
{
	struct client idle, busy, late;
	struct shared shared;

	begin(&shared, NULL);
	client_init(&idle, &shared.site);
	client_puts(&idle, GET("/a"));
	client_await(&idle, "[/a]");
	client_init(&busy, &shared.site);
	client_puts(&busy, GET("/defer"));
	shared_await_deferred(&shared);
	client_init(&late, &shared.site); /* let in by the kernel, not accepted yet */
	assert_int_equal(send(late.fd, GET("/late"), strlen(GET("/late")), MSG_NOSIGNAL),
		strlen(GET("/late")));
	assert_int_equal(
		vane_server_drain(shared.site.server, 60000, on_drained, &shared), 0);
	assert_int_equal(vane_server_drain(shared.site.server, 60000, on_drained, &shared),
		-EALREADY);
	client_await(&late, "[/late]");
	client_await_close(&late);
	client_await_close(&idle);
	assert_int_equal(shared.drained, 0);
	assert_int_equal(vane_server_in_flight(shared.site.server), 1);
	vane_response_puts(shared.deferred, "done");
	vane_response_finish(shared.deferred);
	client_await(&busy, "done");
	client_await_close(&busy);
	assert_non_null(strstr(busy.in, "Connection: close\r\n"));
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 1);
	client_fini(&idle);
	client_fini(&busy);
	client_fini(&late);
	site_await_connections(&shared.site, 0);
	assert_int_equal(vane_server_add_socket(shared.site.server, dup(0)), -EALREADY);
	site_fini(&shared.site);
}

static void a_drain_of_nothing_is_done_at_once(void **state)
{
	struct shared shared;

	begin(&shared, NULL);
	assert_int_equal(
		vane_server_drain(shared.site.server, 60000, on_drained, &shared), 0);
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 1);
	site_fini(&shared.site);
	/* and may be given up before it was told */
	begin(&shared, NULL);
	assert_int_equal(
		vane_server_drain(shared.site.server, 60000, on_drained, &shared), 0);
	vane_server_free(shared.site.server);
	shared.site.server = NULL;
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 0);
	site_fini(&shared.site);
}

static void note_fired(void *data)
{
	bool *fired = data;

	*fired = true;
}

/* Turn the loop until the drain is over, for a second at most. */
static void await_drained(struct shared *shared)
{
	int i;

	for (i = 0; i < 50 && shared->drained == 0; i++)
		site_turn(&shared->site, 20);
}

static void a_drain_waits_for_timers_that_hold_it(void **state)
{
	static const struct {
		bool holds;
		int64_t timer_msec, drain_msec;
		bool fires;
	} rows[] = {
		{ true, 100, 60000, true }, { false, 100, 60000, false },
		{ true, 60000, 50, false }, /* unless it has had its time */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_timer *timer;
		struct shared shared;
		bool fired = false;

		begin(&shared, NULL);
		assert_int_equal(vane_loop_call_later(shared.site.loop, rows[i].timer_msec,
					 note_fired, &fired, &timer),
			0);
		if (rows[i].holds)
			vane_timer_hold(timer);
		assert_int_equal(vane_server_drain(shared.site.server, rows[i].drain_msec,
					 on_drained, &shared),
			0);
		await_drained(&shared);
		assert_int_equal(shared.drained, 1);
		assert_int_equal(fired, rows[i].fires);
		if (!fired)
			vane_timer_cancel(timer);
		site_fini(&shared.site);
	}
}

/* One that is taken back holds nothing any more. */
static void a_drain_does_not_wait_for_a_timer_that_is_cancelled(void **state)
{
	struct vane_timer *timer;
	struct shared shared;
	bool fired = false;

	begin(&shared, NULL);
	assert_int_equal(
		vane_loop_call_later(shared.site.loop, 60000, note_fired, &fired, &timer),
		0);
	vane_timer_hold(timer);
	vane_timer_hold(timer); /* once is enough */
	assert_int_equal(
		vane_server_drain(shared.site.server, 60000, on_drained, &shared), 0);
	site_turn(&shared.site, 40);
	assert_int_equal(shared.drained, 0);
	vane_timer_cancel(timer);
	await_drained(&shared);
	assert_int_equal(shared.drained, 1);
	site_fini(&shared.site);
}

static void a_drain_cuts_what_takes_too_long(void **state)
{
	struct shared shared;
	struct client c;

	begin(&shared, NULL);
	client_init(&c, &shared.site);
	client_puts(&c, GET("/defer"));
	shared_await_deferred(&shared);
	assert_int_equal(vane_server_drain(shared.site.server, 50, on_drained, &shared), 0);
	client_await_close(&c);
	assert_int_equal(c.len, 0);
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 1);
	assert_int_equal(shared.closed, 1);
	assert_int_equal(vane_server_connections(shared.site.server), 0);
	assert_non_null(strstr(shared.site.log, "drain: 1 request"));
	vane_response_finish(shared.deferred);
	client_fini(&c);
	site_fini(&shared.site);
}

static void a_drain_needs_nobody_to_tell(void **state)
{
	struct shared shared;
	struct client c;
	int patience;

	for (patience = 0; patience < 2; patience++) {
		begin(&shared, NULL);
		client_init(&c, &shared.site);
		client_puts(&c, GET("/defer"));
		shared_await_deferred(&shared);
		assert_int_equal(vane_server_drain(shared.site.server,
					 patience ? 60000 : 50, NULL, NULL),
			0);
		assert_int_equal(
			vane_server_drain(shared.site.server, 0, on_drained, &shared),
			-EALREADY);
		if (patience)
			vane_response_finish(shared.deferred);
		client_await_close(&c);
		if (!patience)
			vane_response_finish(shared.deferred);
		site_turn(&shared.site, 20);
		assert_int_equal(vane_server_in_flight(shared.site.server), 0);
		client_fini(&c);
		site_fini(&shared.site);
	}
}

/* A time for all that a server and its requests wait for. */
static void check_endless(int64_t msec)
{
	const struct vane_server_opts opts = { .header_msec = msec,
		.body_msec = msec,
		.min_rate = msec,
		.write_msec = msec,
		.idle_msec = msec,
		.grace_msec = msec };
	static const char head[] = "GET /a HTTP/1.1\r\nHo";
	static const char body[] =
		"POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx";
	struct client idle, in_head, in_body, later;
	struct shared shared;

	begin(&shared, &opts);
	shared.msec = msec > 0 ? msec : INT64_MAX;
	client_init(&idle, &shared.site);
	client_puts(&idle, GET("/a"));
	client_await(&idle, "[/a]");
	client_init(&in_head, &shared.site);
	client_puts(&in_head, head);
	client_init(&in_body, &shared.site);
	client_puts(&in_body, body);
	client_init(&later, &shared.site);
	client_puts(&later, GET("/later"));
	shared_await_deferred(&shared);
	assert_int_equal(
		vane_server_drain(shared.site.server, msec, on_drained, &shared), 0);
	site_turn(&shared.site, 110); /* a tick of the server at least */
	assert_int_equal(vane_server_connections(shared.site.server), 4);
	assert_int_equal(shared.drained, 0);
	client_puts(&in_head, "st: h\r\n\r\n");
	client_await(&in_head, "[/a]");
	client_puts(&in_body, "y");
	client_await(&in_body, "xy");
	vane_response_puts(shared.deferred, "done");
	vane_response_finish(shared.deferred);
	client_await(&later, "done");
	client_fini(&idle);
	client_fini(&in_head);
	client_fini(&in_body);
	client_fini(&later);
	site_await_connections(&shared.site, 0);
	site_turn(&shared.site, 20);
	assert_int_equal(shared.drained, 1);
	site_fini(&shared.site);
}

static void no_limit_and_huge_times_are_endless(void **state)
{
	static const int64_t rows[] = { VANE_NO_LIMIT, INT64_MAX, INT64_MAX / 100,
		INT64_MAX / 1000000 + 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_endless(rows[i]);
}

/* Other connections are handled within this one, and must not get what is gathered for it. */
static void a_handler_may_stop_its_server(void **state)
{
	struct client other, idle, c;
	struct shared shared;

	begin(&shared, NULL);
	client_init(&other, &shared.site);
	client_init(&idle, &shared.site);
	site_await_connections(&shared.site, 2);
	client_init(&c, &shared.site);
	assert_true(send(other.fd, GET("/other"), strlen(GET("/other")), 0) > 0);
	assert_true(send(c.fd, GET("/mine") GET("/stop"), strlen(GET("/mine") GET("/stop")),
			    0) > 0);
	client_await(&c, "stopped");
	client_await_close(&c);
	client_await_close(&other);
	client_await_close(&idle);
	assert_int_equal(client_count(&c, "[/mine]"), 1);
	assert_int_equal(client_count(&c, "HTTP/1.1 200 OK"), 2);
	assert_int_equal(client_count(&other, "[/other]"), 1);
	assert_int_equal(client_count(&other, "HTTP/1.1 200 OK"), 1);
	assert_int_equal(idle.len, 0);
	client_fini(&other);
	client_fini(&idle);
	client_fini(&c);
	site_fini(&shared.site);
}

static void a_handler_may_close_all_connections(void **state)
{
	struct client other, c;
	struct shared shared;

	begin(&shared, NULL);
	shared.close_all = true;
	client_init(&other, &shared.site);
	client_puts(&other, "GET /half");
	client_init(&c, &shared.site);
	client_puts(&c, GET("/stop"));
	client_await_close(&c);
	client_await_close(&other);
	assert_int_equal(other.len, 0);
	site_await_connections(&shared.site, 0);
	client_fini(&other);
	client_fini(&c);
	site_fini(&shared.site);
}

/* A socket that takes much at once, as the end must come before anybody reads. */
static int open_wide(struct shared *shared)
{
	int pair[2], much = 4 << 20;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUFFORCE, &much, sizeof(much));
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	assert_int_equal(vane_server_add_connection(shared->site.server, pair[1]), 0);
	assert_true(send(pair[0], GET("/meet"), strlen(GET("/meet")), 0) > 0);
	return pair[0];
}

static void who_hears_of_the_end_may_write_to_others(void **state)
{
	struct shared shared;
	int fds[2], i;

	begin(&shared, NULL);
	met_count = 0;
	for (i = 0; i < 2; i++)
		fds[i] = open_wide(&shared);
	while (met_count < 2)
		site_turn(&shared.site, 1);
	vane_server_free(shared.site.server);
	shared.site.server = NULL;
	for (i = 0; i < 3; i++)
		/* nothing of the server is left in it */
		vane_loop_turn(shared.site.loop, false);
	for (i = 0; i < 2; i++)
		close(fds[i]);
	site_fini(&shared.site);
}

static void a_server_without_a_loop_begins_when_it_is_started(void **state)
{
	static const struct vane_bind_opts bind_opts = { .address = "127.0.0.1" };
	struct shared shared;
	struct vane_server *server;

	begin(&shared, NULL);
	assert_int_equal(vane_server_new(&server, shared.site.app, NULL, NULL), 0);
	assert_int_equal(vane_server_bind(server, &bind_opts), 0);
	assert_null(vane_server_loop(server));
	assert_int_equal(vane_server_start(server, 1), 0);
	assert_non_null(vane_server_loop(server));
	assert_int_equal(vane_server_start(server, 1), -EALREADY);
	vane_server_stop(server);
	vane_server_stop(server);
	vane_server_free(server);
	/* one that never was started can be drained and stopped all the same */
	assert_int_equal(vane_server_new(&server, shared.site.app, NULL, NULL), 0);
	assert_int_equal(vane_server_bind(server, &bind_opts), 0);
	assert_int_equal(vane_server_drain(server, 10, on_drained, &shared), 0);
	vane_server_free(server);
	vane_server_free(NULL);
	site_fini(&shared.site);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drain_lets_requests_finish),
		cmocka_unit_test(a_drain_of_nothing_is_done_at_once),
		cmocka_unit_test(a_drain_waits_for_timers_that_hold_it),
		cmocka_unit_test(a_drain_does_not_wait_for_a_timer_that_is_cancelled),
		cmocka_unit_test(a_drain_cuts_what_takes_too_long),
		cmocka_unit_test(a_drain_needs_nobody_to_tell),
		cmocka_unit_test(no_limit_and_huge_times_are_endless),
		cmocka_unit_test(a_handler_may_stop_its_server),
		cmocka_unit_test(a_handler_may_close_all_connections),
		cmocka_unit_test(who_hears_of_the_end_may_write_to_others),
		cmocka_unit_test(a_server_without_a_loop_begins_when_it_is_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
