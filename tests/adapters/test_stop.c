/* SPDX-License-Identifier: MIT */
/*
 * test_stop.c - lib/net/acceptor.c: what FastCGI and SCGI responders that are told to stop still
 * answer.
 *
 * Responder and web server are in this process: who waits for an answer turns the loop.
 */

#include "config.h" /* for memmem() */
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <vane.h>
#include <vane/fastcgi.h>
#include <vane/log.h>
#include <vane/scgi.h>

#include "support/fcgi_peer.h"
#include "support/scgi_peer.h"

/* As many milliseconds as never pass here, unless a responder waits for what it should not. */
#define NEVER 60000

#define TURNS 20000 /* of a millisecond at least: it hangs */

/* What a handler takes that takes its time, and what lasts not quite as long. */
#define LONG_MSEC      1500
#define NOT_QUITE_MSEC 1400

/* Bytes, more than a socket holds. */
#define ENDLESS (8 * 1024 * 1024)

enum protocol { SCGI, FASTCGI, FASTCGI_KEPT };

struct site {
	enum protocol protocol;
	struct sockaddr_un addr;
	int listener; /* of the test, as a parent holds it */
	struct vane_app *app;
	struct vane_loop *loop;
	struct vane_scgi *scgi;
	struct vane_fastcgi *fastcgi;
	struct vane_route routes[2];
	/* called by the next handler; NULL: nothing */
	void (*meanwhile)(struct site *site);
	void (*when_finished)(struct site *site); /* the same, when it is over */
	bool endless; /* a response that no socket takes whole */
	int other;    /* a connection with half a request */
	int drained;
	int handled, handled_before; /* requests; of them, when a timer got its turn */
	char log[4096];
};

static int echo(struct vane_request *req, struct vane_response *res)
{
	struct vane_slice body = vane_request_body(req);
	struct site *site = vane_request_data(req);
	void (*meanwhile)(struct site *site) = site->meanwhile;

	site->meanwhile = NULL;
	if (meanwhile != NULL)
		meanwhile(site);
	if (site->endless)
		return vane_response_printf(res, "%0*d", ENDLESS, 0);
	return vane_response_printf(res, "[%.*s]", (int) body.len, body.data);
}

static void echo_finished(struct vane_request *req)
{
	struct site *site = vane_request_data(req);

	if (site->when_finished != NULL)
		site->when_finished(site);
}

static const struct vane_handler echo_handler = { .post = echo, .finished = echo_finished };

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	struct site *site = data;
	size_t at = strlen(site->log);

	snprintf(site->log + at, sizeof(site->log) - at, "%s\n", line);
}

/* shared: the socket is given as one that others serve, too. */
static void begin_with(struct site *site, enum protocol protocol, int64_t grace_msec,
	bool shared, int64_t request_msec)
{
	const struct vane_scgi_opts scgi_opts = { .grace_msec = grace_msec,
		.request_msec = request_msec };
	const char *tmp = getenv("TMPDIR");
	struct vane_sockets socks = { 0 };
	int fd;

	*site = (struct site) { .protocol = protocol,
		.addr.sun_family = AF_UNIX,
		.routes = { { "/echo", &echo_handler, .data = site } } };
	snprintf(site->addr.sun_path, sizeof(site->addr.sun_path), "%s/vane-stop-%d",
		tmp != NULL ? tmp : "/tmp", (int) getpid());
	assert_int_equal(
		vane_bind_unix_socket(site->addr.sun_path, 0, 0, &site->listener), 0);
	fd = dup(site->listener);
	assert_int_equal(
		shared ? vane_sockets_adopt(&socks, fd) : vane_sockets_add(&socks, fd), 0);
	vane_log_set_function(keep_line, site);
	assert_int_equal(vane_app_new(&site->app, site->routes, NULL), 0);
	assert_int_equal(vane_loop_new(&site->loop), 0);
	if (protocol == SCGI) {
		assert_int_equal(
			vane_scgi_new(&site->scgi, site->app, site->loop, &scgi_opts), 0);
		assert_int_equal(vane_scgi_add_sockets(site->scgi, &socks), 0);
		return;
	}
	assert_int_equal(vane_fastcgi_new(&site->fastcgi, site->app, site->loop,
				 &(struct vane_fastcgi_opts) { .grace_msec = grace_msec,
					 .request_msec = request_msec }),
		0);
	assert_int_equal(vane_fastcgi_add_sockets(site->fastcgi, &socks), 0);
}

static void begin(
	struct site *site, enum protocol protocol, int64_t grace_msec, bool shared)
{
	begin_with(site, protocol, grace_msec, shared, 0);
}

static void end(struct site *site)
{
	vane_scgi_free(site->scgi);
	vane_fastcgi_free(site->fastcgi);
	vane_loop_free(site->loop);
	vane_app_free(site->app);
	vane_log_set_function(NULL, NULL);
	close(site->listener);
	unlink(site->addr.sun_path);
}

/* Turn the loop so many milliseconds, and a few times at least: the time may be another's. */
static void turn(struct site *site, int msec)
{
	int64_t until = vane_loop_now(site->loop) + msec;
	int turns = 0;

	do {
		vane_loop_turn(site->loop, false);
		poll(NULL, 0, 1);
	} while (++turns < 3 || vane_loop_now(site->loop) < until);
}

static void on_drained(void *data)
{
	struct site *site = data;

	site->drained++;
}

static void drain(struct site *site, int64_t msec)
{
	if (site->protocol == SCGI)
		assert_int_equal(vane_scgi_drain(site->scgi, msec, on_drained, site), 0);
	else
		assert_int_equal(
			vane_fastcgi_drain(site->fastcgi, msec, on_drained, site), 0);
}

static size_t cut(struct site *site)
{
	if (site->protocol != SCGI)
		return vane_fastcgi_cut(site->fastcgi);
	return vane_scgi_cut(site->scgi);
}

static void await_drained(struct site *site)
{
	int turns;

	for (turns = 0; !site->drained && turns < TURNS; turns++)
		turn(site, 1);
	assert_int_equal(site->drained, 1);
}

static int try_connect(const struct site *site)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (connect(fd, (const struct sockaddr *) &site->addr, sizeof(site->addr)) == 0)
		return fd;
	close(fd);
	return -errno;
}

static int connect_to(const struct site *site)
{
	int fd = try_connect(site);

	assert_true(fd >= 0);
	return fd;
}

/*
 * POST /echo?me with a body of four bytes, in the protocol's words, and one more parameter, NULL:
 * none; to be freed.
 */
static char *request_with(const struct site *site, const char *more, size_t *len)
{
	const char *const params[] = { "REQUEST_METHOD=POST", "REQUEST_URI=/echo?me",
		"SERVER_PROTOCOL=HTTP/1.1", "CONTENT_LENGTH=4", "QUERY_STRING=me", more,
		NULL };
	const struct fcgi_peer_request ask = { .keep = site->protocol == FASTCGI_KEPT,
		.params = params,
		.body = "body",
		.body_len = 4 };
	struct fcgi_bytes bytes = { 0 };

	if (site->protocol == SCGI)
		return scgi_request(params, "body", 4, len);
	fcgi_peer_whole(&bytes, &ask);
	*len = bytes.len;
	return (char *) bytes.data;
}

static char *request(const struct site *site, size_t *len)
{
	return request_with(site,
		site->protocol == FASTCGI_KEPT ? "SERVER_SOFTWARE=nginx/1.22.1" : NULL,
		len);
}

/* Send the bytes of a request from an offset on. */
static void send_from(const struct site *site, int fd, size_t from, size_t upto)
{
	size_t len;
	char *bytes = request(site, &len);

	len = upto < len ? upto : len;
	assert_int_equal(send(fd, bytes + from, len - from, MSG_NOSIGNAL), len - from);
	free(bytes);
}

/* Read until there is an answer, and what has come with its end.  Its length. */
static size_t read_answer(struct site *site, int fd, char *in, size_t size)
{
	size_t len = 0;
	ssize_t n = -1;
	int turns;

	for (turns = 0; turns < TURNS && n != 0; turns++) {
		turn(site, 1);
		n = recv(fd, in + len, size - len, 0);
		len += n > 0 ? (size_t) n : 0;
		if (len > 6 && memmem(in, len, "[body]", 6) != NULL)
			return len;
	}
	fail_msg("there was no answer");
	return 0;
}

static void await_answer(struct site *site, int fd)
{
	char in[4096];

	read_answer(site, fd, in, sizeof(in));
}

/* Read until the responder closes. */
static void await_close(struct site *site, int fd)
{
	char in[4096];
	int turns;

	for (turns = 0; turns < TURNS; turns++) {
		turn(site, 1);
		if (recv(fd, in, sizeof(in), 0) == 0)
			break;
	}
	assert_true(turns < TURNS);
	close(fd);
}

/* Each in each protocol. */
static void each(void (*test)(struct site *site, enum protocol protocol))
{
	struct site site;

	test(&site, SCGI);
	test(&site, FASTCGI);
	test(&site, FASTCGI_KEPT);
}

static void open_and_answer_within(struct site *site, enum protocol protocol, int64_t msec)
{
	int fresh, waiting;

	begin(site, protocol, msec, false);
	fresh = connect_to(site);
	turn(site, 5);
	waiting = connect_to(site);
	drain(site, msec);
	turn(site, 20);
	assert_int_equal(site->drained, 0);
	assert_int_equal(try_connect(site), -ECONNREFUSED);
	send_from(site, waiting, 0, 10000);
	await_answer(site, waiting);
	await_close(site, waiting);
	send_from(site, fresh, 0, 10000);
	await_answer(site, fresh);
	await_close(site, fresh);
	await_drained(site);
	assert_int_equal(cut(site), 0);
	end(site);
}

static void open_and_answer(struct site *site, enum protocol protocol)
{
	static const int64_t rows[] = { NEVER, VANE_NO_LIMIT, INT64_MAX, INT64_MAX - 1,
		INT64_MAX / 1000 };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		open_and_answer_within(site, protocol, rows[i]);
}

static void drain_silently(struct site *site, enum protocol protocol)
{
	int fd;

	begin(site, protocol, NEVER, false);
	fd = connect_to(site);
	turn(site, 5);
	if (protocol == SCGI)
		assert_int_equal(vane_scgi_drain(site->scgi, 20, NULL, NULL), 0);
	else
		assert_int_equal(vane_fastcgi_drain(site->fastcgi, 20, NULL, NULL), 0);
	await_close(site, fd);
	turn(site, 5);
	end(site);
}

static void a_drain_needs_nobody_to_tell(void **state)
{
	each(drain_silently);
}

/* The first is answered, and gone, before the second is so much as accepted. */
static void answer_one_and_wait(struct site *site, enum protocol protocol)
{
	int whole, silent;

	begin(site, protocol, NEVER, false);
	whole = connect_to(site);
	send_from(site, whole, 0, 10000);
	silent = connect_to(site);
	drain(site, NEVER);
	await_answer(site, whole);
	close(whole);
	turn(site, 20);
	assert_int_equal(site->drained, 0);
	send_from(site, silent, 0, 10000);
	await_answer(site, silent);
	await_close(site, silent);
	await_drained(site);
	assert_int_equal(cut(site), 0);
	end(site);
}

static void the_last_to_come_are_waited_for_one_by_one(void **state)
{
	each(answer_one_and_wait);
}

static void connections_just_opened_are_answered(void **state)
{
	each(open_and_answer);
}

static void wait_for_silent(struct site *site, enum protocol protocol)
{
	int lately, silent;

	begin(site, protocol, 300, false);
	silent = connect_to(site);
	turn(site, 320);
	lately = connect_to(site);
	turn(site, 5);
	drain(site, NEVER);
	await_close(site, silent);
	await_close(site, lately);
	await_drained(site);
	assert_string_equal(site->log, "");
	end(site);
}

static void silent_connections_are_closed_when_the_grace_is_over(void **state)
{
	each(wait_for_silent);
}

static void leave_at_once(struct site *site, enum protocol protocol)
{
	int fd;

	begin(site, protocol, 20, false);
	fd = connect_to(site);
	turn(site, 100);
	drain(site, NEVER);
	turn(site, 5);
	assert_int_equal(site->drained, 1);
	await_close(site, fd);
	end(site);
}

static void nobody_waits_for_those_silent_for_long(void **state)
{
	each(leave_at_once);
}

static void leave_to_others(struct site *site, enum protocol protocol)
{
	int fd, taken;

	begin(site, protocol, NEVER, true);
	fd = connect_to(site);
	drain(site, NEVER);
	await_drained(site);
	assert_true(vane_socket_is_listening(site->listener));
	taken = accept(site->listener, NULL, NULL);
	assert_true(taken >= 0);
	close(taken);
	close(fd);
	end(site);
}

static void what_others_would_serve_is_left_to_them(void **state)
{
	each(leave_to_others);
}

static void cut_and_name(struct site *site, enum protocol protocol)
{
	int half, most, fresh;
	size_t len;

	begin(site, protocol, NEVER, false);
	free(request(site, &len));
	half = connect_to(site);
	send_from(site, half, 0, 20);
	most = connect_to(site);
	/* all but the last bytes of the body, in FastCGI its end too: four and their padding */
	send_from(site, most, 0, protocol == SCGI ? len - 1 : len - 8 - 8 - 4);
	fresh = connect_to(site);
	turn(site, 20);
	drain(site, 50);
	await_drained(site);
	assert_non_null(strstr(site->log, " s: a head that is not whole\n"));
	assert_non_null(strstr(site->log, " s: POST /echo?me\n"));
	assert_int_equal(cut(site), 2);
	close(half);
	close(most);
	close(fresh);
	end(site);
}

static void what_is_cut_is_named(void **state)
{
	each(cut_and_name);
}

static void reset_and_stop(struct site *site, enum protocol protocol)
{
	int fds[4], last;
	size_t i;

	begin(site, protocol, NEVER, false);
	for (i = 0; i < 4; i++) {
		fds[i] = connect_to(site);
		if (i % 2 == 0)
			send_from(site, fds[i], 0, 20);
		if (i == 1)
			turn(site, 5);
	}
	for (i = 0; i < 4; i++)
		close(fds[i]);
	last = connect_to(site);
	drain(site, NEVER);
	send_from(site, last, 0, 10000);
	await_answer(site, last);
	await_close(site, last);
	await_drained(site);
	end(site);
}

static void peers_that_are_gone_hold_nothing_up(void **state)
{
	each(reset_and_stop);
}

static void do_nothing(void *data)
{
}

static void take_long(struct site *site)
{
	poll(NULL, 0, LONG_MSEC);
}

static void take_long_and_stop(struct site *site, enum protocol protocol)
{
	int busy, silent;

	begin(site, protocol, NOT_QUITE_MSEC, false);
	/* as in every program a timer is waited for */
	assert_int_equal(
		vane_loop_call_later(site->loop, NEVER, do_nothing, NULL, NULL), 0);
	busy = connect_to(site);
	send_from(site, busy, 0, 10000);
	silent = connect_to(site);
	site->meanwhile = take_long;
	await_answer(site, busy);
	drain(site, NEVER);
	turn(site, 5);
	assert_int_equal(site->drained, 0);
	send_from(site, silent, 0, 10000);
	await_answer(site, silent);
	await_close(site, silent);
	if (protocol == FASTCGI_KEPT) {
		send_from(site, busy, 0, 10000);
		await_answer(site, busy);
	}
	await_close(site, busy);
	await_drained(site);
	end(site);
}

static void a_long_handler_takes_nothing_from_the_grace(void **state)
{
	each(take_long_and_stop);
}

static void take_long_as_the_rest_comes(struct site *site)
{
	poll(NULL, 0, LONG_MSEC);
	send_from(site, site->other, 20, 10000);
}

static void take_long_beside_another(struct site *site, enum protocol protocol)
{
	int busy;

	begin_with(site, protocol, NEVER, false, NOT_QUITE_MSEC);
	site->other = connect_to(site);
	send_from(site, site->other, 0, 20);
	turn(site, 5);
	busy = connect_to(site);
	send_from(site, busy, 0, 10000);
	site->meanwhile = take_long_as_the_rest_comes;
	await_answer(site, busy);
	await_answer(site, site->other);
	assert_string_equal(site->log, "");
	close(busy);
	close(site->other);
	end(site);
}

static void what_came_during_a_long_handler_is_in_time(void **state)
{
	each(take_long_beside_another);
}

static void on_turn(void *data)
{
	struct site *site = data;

	site->handled_before = site->handled;
}

static void take_a_while(struct site *site)
{
	if (site->handled++ == 0)
		vane_loop_call_later(site->loop, 0, on_turn, site, NULL);
	poll(NULL, 0, 30);
	site->meanwhile = take_a_while;
}

static void handle_many_that_come_at_once(struct site *site, enum protocol protocol)
{
	int fds[6];
	size_t i;

	begin(site, protocol, NEVER, false);
	site->meanwhile = take_a_while;
	for (i = 0; i < 6; i++) {
		fds[i] = connect_to(site);
		send_from(site, fds[i], 0, 10000);
	}
	for (i = 0; i < 6; i++)
		await_answer(site, fds[i]);
	assert_int_equal(site->handled, 6);
	assert_in_range(site->handled_before, 1, 2);
	for (i = 0; i < 6; i++)
		close(fds[i]);
	end(site);
}

/* What waits for the loop, as an order to stop does, is not kept waiting by who comes. */
static void handlers_of_new_connections_leave_others_their_turn(void **state)
{
	each(handle_many_that_come_at_once);
}

static void cut_in_handler(struct site *site)
{
	assert_int_equal(cut(site), 1);
}

static void cut_and_answer(struct site *site, enum protocol protocol)
{
	int busy;

	begin(site, protocol, NEVER, false);
	site->other = connect_to(site);
	send_from(site, site->other, 0, 20);
	turn(site, 5);
	busy = connect_to(site);
	send_from(site, busy, 0, 10000);
	site->meanwhile = cut_in_handler;
	await_answer(site, busy);
	await_close(site, site->other);
	assert_int_equal(cut(site), 1);
	await_close(site, busy);
	end(site);
}

static void a_handler_that_cuts_all_is_not_cut_itself(void **state)
{
	each(cut_and_answer);
}

static void refuse_large(struct site *site, enum protocol protocol)
{
	char *more = calloc(1, 70000), *bytes, in[4096];
	const char *said;
	size_t len;
	int fd, turns;

	memcpy(memset(more, 'x', 69999), "HTTP_X=", 7);
	begin(site, protocol, NEVER, false);
	bytes = request_with(site, more, &len);
	fd = connect_to(site);
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
	for (turns = 0; turns < TURNS && recv(fd, in, sizeof(in), 0) < 0; turns++)
		turn(site, 1);
	assert_non_null(memmem(in, sizeof(in), "431 Request", 11));
	said = strstr(site->log, "431 POST /echo?me (");
	assert_non_null(said);
	said = strstr(said, protocol == SCGI ? "): too many bytes of variables"
					     : "): too many bytes of parameters");
	assert_non_null(said);
	assert_null(strstr(site->log, "refused"));
	close(fd);
	free(bytes);
	free(more);
	end(site);
}

static void the_log_says_why_a_head_is_refused(void **state)
{
	each(refuse_large);
}

static void turn_once(struct site *site)
{
	site->handled++;
	vane_loop_turn(site->loop, false);
}

/* A connection whose request is being answered, to a peer that does not read. */
static int begin_endless(struct site *site)
{
	int fd = connect_to(site);

	send_from(site, fd, 0, 10000);
	turn(site, 5);
	return fd;
}

static void turn_as_peers_leave(struct site *site, enum protocol protocol)
{
	begin(site, protocol, NEVER, false);
	site->endless = true;
	site->when_finished = turn_once;
	close(begin_endless(site));
	turn(site, 20);
	assert_int_equal(site->handled, 1);
	end(site);
}

static void turn_as_all_is_cut(struct site *site, enum protocol protocol)
{
	int fds[2];

	begin(site, protocol, NEVER, false);
	site->endless = true;
	site->when_finished = turn_once;
	fds[0] = begin_endless(site);
	fds[1] = begin_endless(site);
	drain(site, NEVER);
	close(fds[1]); /* there is an event for the loop */
	assert_int_equal(cut(site), 2);
	assert_int_equal(site->handled, 2);
	close(fds[0]);
	await_drained(site);
	end(site);
}

static void cut_all(struct site *site)
{
	site->handled++;
	cut(site);
}

/* It is the web server that takes a request back; others are cut then. */
static void a_handler_may_cut_all_as_its_request_is_aborted(void **state)
{
	static const char abort_request[8] = { 1, 2, 0, 1 };
	struct site site;
	int fd;

	begin(&site, FASTCGI_KEPT, NEVER, false);
	site.endless = true;
	site.when_finished = cut_all;
	fd = begin_endless(&site);
	assert_int_equal(send(fd, abort_request, 8, MSG_NOSIGNAL), 8);
	turn(&site, 20);
	assert_int_equal(site.handled, 1);
	site.when_finished = NULL;
	close(fd);
	end(&site);
}

static void a_handler_may_turn_the_loop_as_its_request_is_lost(void **state)
{
	each(turn_as_peers_leave);
	each(turn_as_all_is_cut);
}

static void a_kept_connection_used_lately_is_answered(void **state)
{
	struct site site;
	int fd;

	begin(&site, FASTCGI_KEPT, NEVER, false);
	fd = connect_to(&site);
	send_from(&site, fd, 0, 10000);
	await_answer(&site, fd);
	drain(&site, NEVER);
	turn(&site, 20);
	assert_int_equal(site.drained, 0);
	send_from(&site, fd, 0, 10000);
	await_answer(&site, fd);
	await_close(&site, fd);
	await_drained(&site);
	end(&site);
}

/* It keeps a connection unless something follows the end of the response in the same piece. */
static void nginx_is_told_that_a_response_is_the_last(void **state)
{
	static const char nothing[16] = { 1, 11, 0, 0, 0, 8 }; /* FCGI_UNKNOWN_TYPE */
	struct site site;
	char in[4096];
	size_t len;
	int fd;

	begin(&site, FASTCGI_KEPT, NEVER, false);
	fd = connect_to(&site);
	send_from(&site, fd, 0, 10000);
	len = read_answer(&site, fd, in, sizeof(in));
	assert_int_equal(in[len - 16 + 1], 3); /* FCGI_END_REQUEST */
	drain(&site, NEVER);
	send_from(&site, fd, 0, 10000);
	len = read_answer(&site, fd, in, sizeof(in));
	assert_int_equal(in[len - 32 + 1], 3);
	assert_memory_equal(in + len - 16, nothing, sizeof(nothing));
	await_close(&site, fd);
	await_drained(&site);
	end(&site);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_just_opened_are_answered),
		cmocka_unit_test(a_drain_needs_nobody_to_tell),
		cmocka_unit_test(the_last_to_come_are_waited_for_one_by_one),
		cmocka_unit_test(silent_connections_are_closed_when_the_grace_is_over),
		cmocka_unit_test(nobody_waits_for_those_silent_for_long),
		cmocka_unit_test(what_others_would_serve_is_left_to_them),
		cmocka_unit_test(what_is_cut_is_named),
		cmocka_unit_test(peers_that_are_gone_hold_nothing_up),
		cmocka_unit_test(a_long_handler_takes_nothing_from_the_grace),
		cmocka_unit_test(what_came_during_a_long_handler_is_in_time),
		cmocka_unit_test(handlers_of_new_connections_leave_others_their_turn),
		cmocka_unit_test(a_handler_that_cuts_all_is_not_cut_itself),
		cmocka_unit_test(a_handler_may_cut_all_as_its_request_is_aborted),
		cmocka_unit_test(a_handler_may_turn_the_loop_as_its_request_is_lost),
		cmocka_unit_test(the_log_says_why_a_head_is_refused),
		cmocka_unit_test(a_kept_connection_used_lately_is_answered),
		cmocka_unit_test(nginx_is_told_that_a_response_is_the_last),
	};

	alarm(120); /* rather than wait for ever for what does not come */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
