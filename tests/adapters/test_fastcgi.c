/* SPDX-License-Identifier: MIT */
/*
 * test_fastcgi.c - adapters/fastcgi*.c: a responder in a process of its own, and a scripted
 * web server here.
 */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vane.h>
#include <vane/fastcgi.h>
#include <vane/handover.h>

#include "support/fcgi_peer.h"

#define WAIT_MSEC   10000
#define MAX_WORKERS 2
#define BIG_BYTES   (5 * 1024 * 1024)

/* What handlers and tests tell each other. */
struct shared {
	volatile int closed;      /* on_close callbacks that ran */
	volatile int flush_rc;    /* what the flush said that found out */
	volatile int started, go; /* /block */
};

static struct shared *shared;

struct server {
	char dir[64], address[96];
	struct vane_sockets socks;
	struct vane_handover *handover;
	struct vane_fastcgi_opts opts;
	pid_t pids[MAX_WORKERS];
	int workers;
};

static void pause_msec(int msec)
{
	nanosleep(&(struct timespec) { .tv_nsec = msec * 1000000L }, NULL);
}

/* ---- the application ---- */

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(
		res, "Hello, %s!\n", vane_request_arg_or(req, "name", "World"));
}

static int echo(struct vane_request *req, struct vane_response *res)
{
	struct vane_slice body = vane_request_body(req);

	return vane_response_write(res, body.data, body.len);
}

static int field(struct vane_request *req, struct vane_response *res)
{
	const char *value = vane_request_field(req, vane_request_arg(req, "name"));

	return vane_response_printf(res, "%s", value != NULL ? value : "(none)");
}

static void drop_line(enum vane_log_level level, const char *line, void *data)
{
}

/* Says so many lines to the web server, before and behind its head. */
static int say(struct vane_request *req, struct vane_response *res)
{
	int i, count = atoi(vane_request_arg(req, "count"));

	vane_log_set_function(drop_line, NULL);
	vane_log_set_level(VANE_LOG_WARNING);
	vane_request_log(req, VANE_LOG_INFO, "not wanted");
	for (i = 0; i < count; i++) {
		vane_request_log(req, VANE_LOG_WARNING, "line %d\r", i);
		if (i == 0)
			vane_response_puts(res, "page\n");
		if (i == 1)
			vane_response_flush(res);
	}
	vane_log_set_level(VANE_LOG_NONE);
	return vane_response_puts(res, "end\n");
}

static int pid(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%d", (int) getpid());
}

static void note_closed(struct vane_request *req, void *data)
{
	shared->closed++;
}

/* Flushes a little, until the client has gone. */
static int until_closed(struct vane_request *req, struct vane_response *res)
{
	int i, rc = 0;

	vane_request_on_close(req, note_closed, NULL);
	for (i = 0; i < 5000 && rc == 0; i++) {
		vane_response_printf(res, "tick\n");
		rc = vane_response_flush(res);
		shared->started = 1;
		pause_msec(1);
	}
	shared->flush_rc = rc;
	return 0;
}

/* Writes nothing, but looks. */
static int until_gone(struct vane_request *req, struct vane_response *res)
{
	bool gone = vane_request_gone(req);
	int i;

	assert_false(gone);
	shared->started = 1;
	for (i = 0; i < 5000 && !gone; i++) {
		pause_msec(1);
		gone = vane_request_gone(req);
	}
	shared->closed = gone && vane_request_gone(req);
	shared->flush_rc = gone ? -EPIPE : 1;
	return 0;
}

static int cut(struct vane_request *req, struct vane_response *res)
{
	vane_response_printf(res, "half of");
	vane_response_flush(res);
	return -EIO;
}

static int later(struct vane_request *req, struct vane_response *res, void *data)
{
	return vane_response_defer(res);
}

static int block(struct vane_request *req, struct vane_response *res)
{
	int i;

	shared->started = (int) getpid();
	for (i = 0; i < 5000 && !shared->go; i++)
		pause_msec(1);
	return vane_response_printf(res, "%s", shared->go ? "told" : "timed out");
}

static int caps(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%d %d %d %d",
		vane_request_can(req, VANE_CAP_ASYNC),
		vane_request_can(req, VANE_CAP_TIMERS),
		vane_request_after(req, 1, later, NULL), vane_response_defer(res));
}

/* Who asks, as the front server says; and what a client must not say. */
static int who(struct vane_request *req, struct vane_response *res)
{
	const char *user = vane_request_param(req, "REMOTE_USER");

	return vane_response_printf(res, "%s|%s|%s", vane_request_remote_user(req),
		user != NULL ? user : "-",
		vane_request_param(req, "HTTP_PROXY") == NULL ? "hidden" : "shown");
}

static const struct vane_handler who_handler = { .get = who };
static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_handler echo_handler = { .post = echo, .any = echo };
static const struct vane_handler small_handler = { .post = echo, .max_body = 100 };
static const struct vane_handler field_handler = { .get = field };
static const struct vane_handler say_handler = { .get = say };
static const struct vane_handler pid_handler = { .get = pid };
static const struct vane_handler closed_handler = { .get = until_closed };
static const struct vane_handler gone_handler = { .get = until_gone };
static const struct vane_handler cut_handler = { .get = cut };
static const struct vane_handler block_handler = { .get = block, .blocking = true };
static const struct vane_handler caps_handler = { .get = caps };

static const struct vane_route routes[] = { { "/hello", &hello_handler },
	{ "/who", &who_handler }, { "/echo", &echo_handler }, { "/small", &small_handler },
	{ "/field/{name}", &field_handler }, { "/say/{count}", &say_handler },
	{ "/pid", &pid_handler }, { "/closed", &closed_handler }, { "/cut", &cut_handler },
	{ "/gone", &gone_handler }, { "/block", &block_handler },
	{ "/caps", &caps_handler }, { 0 } };

/* ---- the responder's process ---- */

struct worker {
	struct vane_loop *loop;
	struct vane_fastcgi *fastcgi;
};

static void on_drained(void *data)
{
	struct worker *worker = data;

	vane_loop_stop(worker->loop);
}

static void on_term(void *data)
{
	struct worker *worker = data;

	vane_fastcgi_drain(worker->fastcgi, 5000, on_drained, worker);
}

static int work(struct server *server)
{
	struct worker worker;
	struct vane_app *app;

	if (vane_loop_new(&worker.loop) < 0 || vane_app_new(&app, routes, NULL) < 0 ||
		vane_fastcgi_new(&worker.fastcgi, app, worker.loop, &server->opts) < 0 ||
		vane_fastcgi_add_sockets(worker.fastcgi, &server->socks) < 0 ||
		vane_loop_add_signal(worker.loop, SIGTERM, on_term, &worker) < 0)
		return 3;
	vane_loop_run(worker.loop);
	vane_fastcgi_free(worker.fastcgi);
	vane_app_free(app);
	vane_loop_free(worker.loop);
	vane_handover_free(server->handover);
	return 0;
}

static void start_worker(struct server *server)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* no test leaves it behind */
		vane_log_set_level(VANE_LOG_NONE);
		exit(work(server));
	}
	server->pids[server->workers++] = child;
}

static void start_with(
	struct server *server, const struct vane_fastcgi_opts *opts, int workers)
{
	char path[80];
	const char *tmp = getenv("TMPDIR");
	int fd;

	*server = (struct server) { 0 };
	memset(shared, 0, sizeof(*shared));
	snprintf(server->dir, sizeof(server->dir), "%.40s/vane-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(server->dir));
	snprintf(path, sizeof(path), "%s/s", server->dir);
	snprintf(server->address, sizeof(server->address), "unix:%s", path);
	assert_int_equal(vane_bind_unix_socket(path, 0, 0, &fd), 0);
	assert_int_equal(vane_sockets_add(&server->socks, fd), 0);
	if (opts != NULL)
		server->opts = *opts;
	if (workers > 1) {
		assert_int_equal(vane_handover_new(&server->handover), 0);
		server->opts.handover = server->handover;
	}
	while (workers-- > 0)
		start_worker(server);
}

static int start(void **state)
{
	static struct server server;

	start_with(&server, NULL, 1);
	*state = &server;
	return 0;
}

/* End it; every worker must be alive still, and leave properly. */
static void stop_now(struct server *server)
{
	char path[80];
	int i, status;

	for (i = 0; i < server->workers; i++) {
		assert_int_equal(kill(server->pids[i], SIGTERM), 0);
		assert_int_equal(waitpid(server->pids[i], &status, 0), server->pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	vane_sockets_fini(&server->socks);
	vane_handover_free(server->handover);
	if (server->dir[0] == '\0')
		return;
	snprintf(path, sizeof(path), "%s/s", server->dir);
	unlink(path);
	rmdir(server->dir);
}

static int stop(void **state)
{
	stop_now(*state);
	return 0;
}

/* ---- asking ---- */

#define VARS(method, uri, ...)                                                             \
	(const char *const[])                                                              \
	{                                                                                  \
		"REQUEST_METHOD=" method, "REQUEST_URI=" uri, "SERVER_PROTOCOL=HTTP/1.1",  \
			"HTTP_HOST=example.org", __VA_ARGS__ NULL                          \
	}

#define ASK(...) (&(const struct fcgi_peer_request) { __VA_ARGS__ })

static void connect_to(struct fcgi_peer *peer, const struct server *server)
{
	assert_int_equal(fcgi_peer_connect(peer, server->address), 0);
}

static const char *body_of(const struct fcgi_peer *peer)
{
	const char *end = peer->out.len > 0 ? strstr(peer->out.data, "\r\n\r\n") : NULL;

	return end != NULL ? end + 4 : "(no head)";
}

static void expect_answer(
	const struct fcgi_peer *peer, const char *status, const char *body)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "Status: %s\r\n", status);

	assert_true(peer->ended);
	assert_false(peer->malformed);
	assert_int_equal(peer->protocol_status, 0);
	assert_true(peer->out.len >= (size_t) len);
	assert_memory_equal(peer->out.data, line, (size_t) len);
	if (body != NULL)
		assert_string_equal(body_of(peer), body);
}

/* It answers still: what every test of bad input ends with. */
static void expect_alive(const struct server *server)
{
	struct fcgi_peer peer;

	connect_to(&peer, server);
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.params = VARS("GET", "/hello", )), WAIT_MSEC), 0);
	expect_answer(&peer, "200 OK", "Hello, World!\n");
	fcgi_peer_close(&peer);
}

/* How many descriptors the responder has open. */
static int count_fds(const struct server *server)
{
	char path[64];
	struct dirent *entry;
	int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int) server->pids[0]);
	dir = opendir(path);
	if (dir == NULL)
		return 0; /* no /proc: nothing to compare */
	while ((entry = readdir(dir)) != NULL)
		count++;
	closedir(dir);
	return count;
}

/* The same, known to be at rest: with this one connection, its first. */
static int count_fds_with(const struct server *server, struct fcgi_peer *kept)
{
	connect_to(kept, server);
	assert_int_equal(
		fcgi_peer_ask(kept, ASK(.keep = true, .params = VARS("GET", "/hello", )),
			WAIT_MSEC),
		0);
	return count_fds(server);
}

static void expect_fds(const struct server *server, int count)
{
	int i;

	for (i = 0; i < WAIT_MSEC && count_fds(server) != count; i++)
		pause_msec(1);
	assert_int_equal(count_fds(server), count);
}

/* ---- what should work ---- */

static void a_request_is_answered_and_the_connection_closed(void **state)
{
	struct fcgi_peer peer;

	connect_to(&peer, *state);
	assert_int_equal(fcgi_peer_ask(&peer,
				 ASK(.id = 7, .params = VARS("GET", "/hello?name=Vane", )),
				 WAIT_MSEC),
		0);
	expect_answer(&peer, "200 OK", "Hello, Vane!\n");
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
	assert_int_equal(peer.err.len, 0);
	fcgi_peer_close(&peer);
}

static void a_kept_connection_carries_thousands_of_requests(void **state)
{
	struct fcgi_peer peer;
	char uri[64], body[64];
	int i;

	connect_to(&peer, *state);
	for (i = 0; i < 3000; i++) {
		const char *const vars[] = { "REQUEST_METHOD=GET", uri, NULL };

		snprintf(uri, sizeof(uri), "REQUEST_URI=/hello?name=n%d", i);
		snprintf(body, sizeof(body), "Hello, n%d!\n", i);
		assert_int_equal(fcgi_peer_ask(&peer,
					 ASK(.id = 1 + (unsigned) i % 3, .keep = true,
						 .params = vars),
					 WAIT_MSEC),
			0);
		expect_answer(&peer, "200 OK", body);
	}
	assert_false(peer.closed);
	fcgi_peer_close(&peer);
}

static void bodies_of_all_sizes_come_through(void **state)
{
	static const size_t sizes[] = { 0, 1, 7, 8, 8184, 8192, 32767, 32768, 65535, 65536,
		65537, 300000, 2 * 1024 * 1024 };
	static const unsigned paddings[] = { 0, 1, 8, 255 };
	char *body = malloc(2 * 1024 * 1024);
	struct fcgi_peer peer;
	size_t i, p;

	assert_non_null(body);
	for (i = 0; i < 2 * 1024 * 1024; i++)
		body[i] = (char) (i * 7 + i / 251);
	connect_to(&peer, *state);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (p = 0; p < sizeof(paddings) / sizeof(paddings[0]); p++) {
			char length[48];
			const char *const vars[] = { "REQUEST_METHOD=POST",
				"REQUEST_URI=/echo", length, NULL };

			/* Every other one without a length, as fronts send chunked bodies. */
			snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", sizes[i]);
			if (p % 2 == 1)
				length[sizeof("CONTENT_LENGTH=") - 1] = '\0';
			assert_int_equal(fcgi_peer_ask(&peer,
						 ASK(.keep = true, .params = vars,
							 .body = body, .body_len = sizes[i],
							 .padding = paddings[p],
							 .record = p == 2 ? 1000 : 0),
						 WAIT_MSEC),
				0);
			expect_answer(&peer, "200 OK", NULL);
			assert_int_equal(
				peer.out.len - (size_t) (body_of(&peer) - peer.out.data),
				sizes[i]);
			assert_memory_equal(body_of(&peer), body, sizes[i]);
		}
	}
	free(body);
	fcgi_peer_close(&peer);
}

static void a_request_may_be_cut_at_every_byte(void **state)
{
	const struct fcgi_peer_request request = { .id = 258,
		.keep = true,
		.padding = 3,
		.params = VARS("POST", "/echo", "CONTENT_LENGTH=5", "HTTP_X=y", ),
		.body = "hello",
		.body_len = 5 };
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	size_t at;

	connect_to(&peer, *state);
	fcgi_peer_whole(&bytes, &request);
	for (at = 1; at < bytes.len; at++) {
		fcgi_peer_next(&peer, 258);
		assert_int_equal(
			fcgi_peer_send_cut(&peer, bytes.data, bytes.len, at, WAIT_MSEC), 0);
		assert_int_equal(
			fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, WAIT_MSEC), 0);
		expect_answer(&peer, "200 OK", "hello");
	}
	fcgi_bytes_fini(&bytes);
	fcgi_peer_close(&peer);
}

static void a_request_may_come_byte_by_byte(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	size_t at;

	connect_to(&peer, *state);
	fcgi_peer_whole(&bytes, ASK(.params = VARS("POST", "/echo", "CONTENT_LENGTH=2", ),
					.body = "hi", .body_len = 2, .padding = 1));
	for (at = 0; at < bytes.len; at++)
		assert_int_equal(fcgi_peer_send(&peer, bytes.data + at, 1, WAIT_MSEC), 0);
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, WAIT_MSEC), 0);
	expect_answer(&peer, "200 OK", "hi");
	fcgi_bytes_fini(&bytes);
	fcgi_peer_close(&peer);
}

static void requests_sent_ahead_are_answered_in_turn(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	const char *at;
	unsigned i;

	connect_to(&peer, *state);
	for (i = 1; i <= 3; i++)
		fcgi_peer_whole(&bytes,
			ASK(.id = 1, .keep = i < 3, .params = VARS("POST", "/echo", ),
				.body = "abc", .body_len = i));
	assert_int_equal(fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
	/* One id for all: their answers are collected as one. */
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
	at = peer.out.data;
	for (i = 1; i <= 3; i++) {
		assert_non_null(at);
		at = strstr(at, "\r\n\r\n");
		assert_non_null(at);
		assert_memory_equal(at + 4, "abc", i);
		at += 4 + i;
	}
	assert_int_equal(at - peer.out.data, peer.out.len);
	fcgi_bytes_fini(&bytes);
	fcgi_peer_close(&peer);
}

static void sixty_four_kept_connections_share_a_process(void **state)
{
	struct fcgi_peer peers[64];
	int round, i;

	for (i = 0; i < 64; i++)
		connect_to(&peers[i], *state);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 64; i++) {
			assert_int_equal(fcgi_peer_ask(&peers[i],
						 ASK(.keep = true,
							 .params = VARS("GET", "/hello", )),
						 WAIT_MSEC),
				0);
			expect_answer(&peers[i], "200 OK", "Hello, World!\n");
		}
	}
	for (i = 0; i < 64; i++)
		fcgi_peer_close(&peers[i]);
}

static void parameters_of_all_lengths_come_through(void **state)
{
	static const size_t lengths[] = { 0, 1, 127, 128, 8000, 60000 };
	struct fcgi_peer peer;
	size_t i;

	connect_to(&peer, *state);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char *var = malloc(lengths[i] + 16);
		const char *const vars[] = { "REQUEST_METHOD=GET",
			"REQUEST_URI=/field/x-long", var, NULL };

		assert_non_null(var);
		strcpy(var, "HTTP_X_LONG=");
		memset(var + 12, 'v', lengths[i]);
		var[12 + lengths[i]] = '\0';
		assert_int_equal(fcgi_peer_ask(&peer,
					 ASK(.keep = true, .params = vars, .record = 700),
					 WAIT_MSEC),
			0);
		expect_answer(&peer, "200 OK", var + 12);
		free(var);
	}
	fcgi_peer_close(&peer);
}

static void what_is_logged_of_a_request_reaches_the_web_server(void **state)
{
	struct fcgi_peer peer;

	connect_to(&peer, *state);
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.keep = true, .params = VARS("GET", "/say/3", )),
			WAIT_MSEC),
		0);
	expect_answer(&peer, "200 OK", "page\nend\n");
	assert_int_equal(peer.err.len, 3 * strlen("line 0\\x0d\n"));
	assert_memory_equal(
		peer.err.data, "line 0\\x0d\nline 1\\x0d\nline 2\\x0d\n", peer.err.len);
	fcgi_peer_next(&peer, 1);
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.keep = true, .params = VARS("GET", "/hello", )),
			WAIT_MSEC),
		0);
	assert_int_equal(peer.err.len, 0);
	/* as much as a request may say, and no more */
	fcgi_peer_next(&peer, 1);
	assert_int_equal(fcgi_peer_ask(&peer,
				 ASK(.keep = true, .params = VARS("GET", "/say/20000", )),
				 WAIT_MSEC),
		0);
	expect_answer(&peer, "200 OK", "page\nend\n");
	assert_in_range(peer.err.len, 64 * 1024 - 20, 64 * 1024);
	fcgi_peer_close(&peer);
}

static void of_two_parameters_the_last_counts_and_the_proxy_is_hidden(void **state)
{
	static const char *const twice[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/who",
		"REMOTE_USER=admin", "HTTP_PROXY=http://evil/", "REMOTE_USER=cert-user",
		NULL };
	static const char *const emptied[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/who",
		"REMOTE_USER=admin", "REMOTE_USER=", NULL };
	struct fcgi_peer peer;

	connect_to(&peer, *state);
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.keep = true, .params = twice), WAIT_MSEC), 0);
	expect_answer(&peer, "200 OK", "cert-user|cert-user|hidden");
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.keep = true, .params = emptied), WAIT_MSEC), 0);
	expect_answer(&peer, "200 OK", "||hidden");
	fcgi_peer_close(&peer);
}

/* ---- what the protocol asks for ---- */

static void questions_about_limits_are_answered(void **state)
{
	struct fcgi_bytes asked = { 0 }, bytes = { 0 };
	struct fcgi_peer peer;

	fcgi_peer_pair(&asked, "FCGI_MAX_CONNS", "");
	fcgi_peer_pair(&asked, "FCGI_MPXS_CONNS", "");
	fcgi_peer_pair(&asked, "FCGI_NO_SUCH", "");
	fcgi_peer_record(&bytes, FCGI_PEER_GET_VALUES, 0, asked.data, asked.len, 5);
	connect_to(&peer, *state);
	assert_int_equal(
		fcgi_peer_send_cut(&peer, bytes.data, bytes.len, 11, WAIT_MSEC), 0);
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_VALUES, WAIT_MSEC), 0);
	assert_int_equal(peer.values.len, 2 + 14 + 5 + 2 + 15 + 1);
	assert_memory_equal(peer.values.data,
		"\x0e\x05"
		"FCGI_MAX_CONNS10000"
		"\x0f\x01"
		"FCGI_MPXS_CONNS0",
		peer.values.len);
	/* The connection goes on. */
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.params = VARS("GET", "/hello", )), WAIT_MSEC), 0);
	expect_answer(&peer, "200 OK", NULL);
	fcgi_bytes_fini(&asked);
	fcgi_bytes_fini(&bytes);
	fcgi_peer_close(&peer);
}

static void limits_may_be_asked_in_the_middle_of_a_request(void **state)
{
	struct fcgi_bytes whole = { 0 }, bytes = { 0 };
	struct fcgi_peer peer;

	fcgi_peer_whole(
		&whole, ASK(.params = VARS("POST", "/echo", ), .body = "x", .body_len = 1));
	fcgi_bytes_add(&bytes, whole.data, 16);
	fcgi_peer_record(&bytes, FCGI_PEER_GET_VALUES, 0, NULL, 0, 0);
	fcgi_bytes_add(&bytes, whole.data + 16, whole.len - 16);
	connect_to(&peer, *state);
	assert_int_equal(fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, WAIT_MSEC), 0);
	assert_int_equal(peer.values_count, 1);
	expect_answer(&peer, "200 OK", "x");
	fcgi_bytes_fini(&whole);
	fcgi_bytes_fini(&bytes);
	fcgi_peer_close(&peer);
}

static void unknown_management_records_are_answered(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;

	fcgi_peer_record(&bytes, 77, 0, "what?", 5, 3);
	connect_to(&peer, *state);
	assert_int_equal(fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_VALUES, WAIT_MSEC), 0);
	assert_int_equal(peer.unknown_type, 77);
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.params = VARS("GET", "/hello", )), WAIT_MSEC), 0);
	expect_answer(&peer, "200 OK", NULL);
	fcgi_bytes_fini(&bytes);
	fcgi_peer_close(&peer);
}

static void other_roles_are_refused(void **state)
{
	static const unsigned roles[] = { 0, 2, 3, 257 };
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		bytes.len = 0;
		fcgi_peer_begin(&bytes, 1, roles[i], FCGI_PEER_KEEP);
		connect_to(&peer, *state);
		assert_int_equal(
			fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
		assert_int_equal(
			fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, WAIT_MSEC), 0);
		assert_int_equal(peer.protocol_status, 3); /* FCGI_UNKNOWN_ROLE */
		assert_int_equal(
			fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
		fcgi_peer_close(&peer);
	}
	fcgi_bytes_fini(&bytes);
	expect_alive(*state);
}

static void a_second_request_at_once_is_refused(void **state)
{
	struct fcgi_bytes first = { 0 }, second = { 0 }, bytes = { 0 };
	struct fcgi_peer peer;

	/* All of the second stands between the first one's parameters and its body. */
	fcgi_peer_whole(
		&first, ASK(.id = 1, .keep = true, .params = VARS("POST", "/echo", ),
				.body = "first", .body_len = 5));
	fcgi_peer_whole(
		&second, ASK(.id = 2, .keep = true, .params = VARS("POST", "/echo", ),
				 .body = "second", .body_len = 6));
	fcgi_bytes_add(&bytes, first.data, first.len - 8 - 8 - 5);
	fcgi_bytes_add(&bytes, second.data, second.len);
	fcgi_bytes_add(&bytes, first.data + first.len - 8 - 8 - 5, 8 + 8 + 5);
	connect_to(&peer, *state);
	assert_int_equal(fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, WAIT_MSEC), 0);
	expect_answer(&peer, "200 OK", "first");
	assert_int_equal(peer.other_id, 2);
	assert_int_equal(peer.other_status, 1); /* FCGI_CANT_MPX_CONN */
	/* And now that it is idle, it takes one. */
	assert_int_equal(
		fcgi_peer_ask(
			&peer, ASK(.id = 2, .params = VARS("GET", "/hello", )), WAIT_MSEC),
		0);
	expect_answer(&peer, "200 OK", NULL);
	fcgi_bytes_fini(&first);
	fcgi_bytes_fini(&second);
	fcgi_bytes_fini(&bytes);
	fcgi_peer_close(&peer);
}

static void an_abort_ends_a_request_that_has_not_run(void **state)
{
	struct fcgi_bytes whole = { 0 }, bytes = { 0 };
	struct fcgi_peer peer;
	size_t at[3], i;

	fcgi_peer_whole(&whole, ASK(.keep = true, .params = VARS("POST", "/echo", )));
	at[0] = 16;             /* after the begin */
	at[1] = whole.len - 16; /* before the parameters' end */
	at[2] = whole.len - 8;  /* before the body's */
	connect_to(&peer, *state);
	for (i = 0; i < 3; i++) {
		bytes.len = 0;
		fcgi_peer_next(&peer, 1);
		fcgi_bytes_add(&bytes, whole.data, at[i]);
		fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
		assert_int_equal(
			fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
		assert_int_equal(
			fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, WAIT_MSEC), 0);
		assert_int_equal(peer.out.len, 0);
	}
	/* An abort that comes too late means nothing. */
	bytes.len = 0;
	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
	assert_int_equal(fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.keep = true, .params = VARS("GET", "/hello", )),
			WAIT_MSEC),
		0);
	expect_answer(&peer, "200 OK", NULL);
	fcgi_bytes_fini(&whole);
	fcgi_bytes_fini(&bytes);
	fcgi_peer_close(&peer);
}

static void too_many_connections_are_told_so(void **state)
{
	const struct vane_fastcgi_opts opts = { .max_connections = 2 };
	struct fcgi_peer peers[3];
	struct server server;
	int i;

	start_with(&server, &opts, 1);
	for (i = 0; i < 3; i++)
		connect_to(&peers[i], &server);
	for (i = 0; i < 3; i++)
		assert_int_equal(
			fcgi_peer_ask(&peers[i],
				ASK(.keep = true, .params = VARS("GET", "/hello", )),
				WAIT_MSEC),
			0);
	expect_answer(&peers[1], "200 OK", NULL);
	assert_int_equal(peers[2].protocol_status, 2); /* FCGI_OVERLOADED */
	assert_int_equal(
		fcgi_peer_collect(&peers[2], FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
	for (i = 0; i < 3; i++)
		fcgi_peer_close(&peers[i]);
	stop_now(&server);
}

/* ---- bad input ---- */

static void garbage_closes_the_connection_only(void **state)
{
	struct fcgi_bytes begin = { 0 }, bytes = { 0 };
	struct fcgi_peer kept, peer;
	int row, fds = count_fds_with(*state, &kept);

	fcgi_peer_begin(&begin, 1, 1, FCGI_PEER_KEEP);
	for (row = 0; row < 14; row++) {
		bytes.len = 0;
		if (row >= 4)
			fcgi_bytes_add(&bytes, begin.data, begin.len);
		switch (row) {
		case 0: /* not FastCGI at all */
			fcgi_bytes_add(&bytes, "GET / HTTP/1.1\r\n\r\n", 18);
			break;
		case 1: /* parameters of nothing */
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
			break;
		case 2: /* begin without an id */
			fcgi_peer_begin(&bytes, 0, 1, 0);
			break;
		case 3: /* begin that is too long */
			fcgi_peer_record(
				&bytes, FCGI_PEER_BEGIN, 1, "0123456789abcdef", 16, 0);
			break;
		case 4: /* lengths that libfcgi adds up to less than nothing */
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1,
				"\xff\xff\xff\xfe\x80\x00\x00\x02"
				"ab",
				10, 0);
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
			break;
		case 5:
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1,
				"\xff\xff\xff\xff\xff\xff\xff\xff", 8, 0);
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
			break;
		case 6: /* a length that is cut */
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, "\x01\x80\x00", 3, 0);
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
			break;
		case 7: /* a value that is cut */
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1,
				"\x01\x05"
				"abc",
				5, 0);
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
			break;
		case 8: /* a NUL in a value */
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1,
				"\x01\x03"
				"xa\0b",
				6, 0);
			fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
			break;
		case 9: /* body before the parameters' end */
			fcgi_peer_record(&bytes, FCGI_PEER_STDIN, 1, "x", 1, 0);
			break;
		case 10: /* begun twice */
			fcgi_bytes_add(&bytes, begin.data, begin.len);
			break;
		case 11: /* what only responders send */
			fcgi_peer_record(&bytes, FCGI_PEER_STDOUT, 1, "x", 1, 0);
			break;
		case 12: /* a management record as long as can be */
			fcgi_peer_record(
				&bytes, FCGI_PEER_GET_VALUES, 0, begin.data, 16, 0);
			bytes.data[bytes.len - 16 - 8 + 4] = (char) 0xff;
			break;
		case 13: /* malformed pairs in one */
			fcgi_peer_record(&bytes, FCGI_PEER_GET_VALUES, 0, "\x7f\x7f", 2, 0);
			break;
		}
		connect_to(&peer, *state);
		fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC);
		assert_int_equal(
			fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
		assert_int_equal(peer.out.len, 0);
		fcgi_peer_close(&peer);
	}
	fcgi_bytes_fini(&begin);
	fcgi_bytes_fini(&bytes);
	expect_alive(*state);
	expect_fds(*state, fds);
	fcgi_peer_close(&kept);
}

static void more_parameters_than_allowed_are_431(void **state)
{
	static const char refused[] = "431 Request Header Fields Too Large";
	const struct vane_fastcgi_opts opts = { .max_params_bytes = 1000,
		.max_params = 10 };
	const char *many[13] = { NULL };
	char *large = malloc(BIG_BYTES);
	struct server server;
	struct fcgi_peer peer;
	int i;

	start_with(&server, &opts, 1);
	for (i = 0; i < 11; i++)
		many[i] = "A=b";
	connect_to(&peer, &server);
	assert_int_equal(fcgi_peer_ask(&peer, ASK(.params = many), WAIT_MSEC), 0);
	expect_answer(&peer, refused, NULL);
	fcgi_peer_close(&peer);
	many[10] = NULL;
	connect_to(&peer, &server);
	assert_int_equal(fcgi_peer_ask(&peer, ASK(.params = many), WAIT_MSEC), 0);
	expect_answer(&peer, "400 Bad Request", NULL);
	fcgi_peer_close(&peer);
	/* Far more than sockets hold, with a body behind; a kept connection goes on. */
	memset(large, 'X', BIG_BYTES);
	large[1] = '=';
	large[BIG_BYTES - 1] = '\0';
	many[0] = large;
	many[1] = NULL;
	connect_to(&peer, &server);
	for (i = 0; i < 3; i++) {
		assert_int_equal(fcgi_peer_ask(&peer,
					 ASK(.keep = true, .params = many, .body = "body",
						 .body_len = 4),
					 WAIT_MSEC),
			0);
		expect_answer(&peer, refused, NULL);
	}
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.keep = true, .params = VARS("GET", "/hello", )),
			WAIT_MSEC),
		0);
	expect_answer(&peer, "200 OK", "Hello, World!\n");
	fcgi_peer_close(&peer);
	connect_to(&peer, &server);
	assert_int_equal(fcgi_peer_ask(&peer, ASK(.params = many), WAIT_MSEC), 0);
	expect_answer(&peer, refused, NULL);
	fcgi_peer_close(&peer);
	free(large);
	expect_alive(&server);
	stop_now(&server);
}

static void a_body_shorter_than_announced_is_refused(void **state)
{
	struct fcgi_peer peer;

	connect_to(&peer, *state);
	assert_int_equal(
		fcgi_peer_ask(&peer,
			ASK(.keep = true,
				.params = VARS("POST", "/echo", "CONTENT_LENGTH=10", ),
				.body = "short", .body_len = 5),
			WAIT_MSEC),
		0);
	expect_answer(&peer, "400 Bad Request", NULL);
	fcgi_peer_close(&peer);
}

static void a_body_that_is_too_large_is_refused_early(void **state)
{
	char *body = calloc(1, 1024 * 1024);
	struct fcgi_peer peer;

	assert_non_null(body);
	connect_to(&peer, *state);
	/* A small rest is read, and the connection goes on ... */
	assert_int_equal(
		fcgi_peer_ask(&peer,
			ASK(.keep = true,
				.params = VARS("POST", "/small", "CONTENT_LENGTH=40000", ),
				.body = body, .body_len = 40000),
			WAIT_MSEC),
		0);
	expect_answer(&peer, "413 Content Too Large", NULL);
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.keep = true, .params = VARS("GET", "/hello", )),
			WAIT_MSEC),
		0);
	/* ... and of a large one it is not waited for the end. */
	assert_int_equal(fcgi_peer_ask(&peer,
				 ASK(.keep = true,
					 .params = VARS("POST", "/small",
						 "CONTENT_LENGTH=1048576", ),
					 .body = body, .body_len = 1024 * 1024),
				 WAIT_MSEC),
		0);
	expect_answer(&peer, "413 Content Too Large", NULL);
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
	free(body);
	fcgi_peer_close(&peer);
	expect_alive(*state);
}

/* ---- what handlers notice ---- */

static void handlers_notice_that_the_peer_has_left(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	int i, way;

	for (way = 0; way < 4; way++) {
		bool abort = way & 1, look = way & 2;

		memset(shared, 0, sizeof(*shared));
		bytes.len = 0;
		if (look)
			fcgi_peer_whole(&bytes,
				ASK(.keep = true, .params = VARS("GET", "/gone", )));
		else
			fcgi_peer_whole(&bytes,
				ASK(.keep = true, .params = VARS("GET", "/closed", )));
		connect_to(&peer, *state);
		assert_int_equal(
			fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
		for (i = 0; i < WAIT_MSEC && !shared->started; i++)
			pause_msec(1);
		bytes.len = 0;
		fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
		if (abort)
			assert_int_equal(
				fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
		else
			fcgi_peer_close(&peer);
		for (i = 0; i < WAIT_MSEC && shared->flush_rc == 0; i++)
			pause_msec(1);
		assert_int_equal(shared->closed, 1);
		assert_int_equal(shared->flush_rc, -EPIPE);
		if (abort)
			fcgi_peer_close(&peer);
	}
	fcgi_bytes_fini(&bytes);
	expect_alive(*state);
}

static void a_response_that_fails_halfway_is_cut(void **state)
{
	struct fcgi_peer peer;

	connect_to(&peer, *state);
	assert_int_equal(
		fcgi_peer_ask(&peer, ASK(.keep = true, .params = VARS("GET", "/cut", )),
			WAIT_MSEC),
		-ECONNRESET);
	assert_false(peer.ended);
	assert_true(peer.cut);
	assert_string_equal(body_of(&peer), "half of");
	fcgi_peer_close(&peer);
}

static void what_it_cannot_do_fails_as_the_capabilities_say(void **state)
{
	assert_int_equal(vane_fastcgi_caps(), VANE_CAP_STREAM_OUT | VANE_CAP_STREAM_IN |
						      VANE_CAP_CLOSE_DETECT |
						      VANE_CAP_MULTIREQUEST);
}

/* The same by TCP, where the environment may say who may come. */
static void start_tcp(struct server *server, const char *web_servers)
{
	const struct vane_bind_opts opts = { .address = "127.0.0.1" };

	*server = (struct server) { 0 };
	assert_int_equal(vane_bind_sockets(&opts, &server->socks), 0);
	assert_true(vane_socket_name(server->socks.fds[0], server->address,
			    sizeof(server->address)) > 0);
	if (web_servers != NULL)
		setenv("FCGI_WEB_SERVER_ADDRS", web_servers, 1);
	start_worker(server);
	unsetenv("FCGI_WEB_SERVER_ADDRS");
}

static void only_the_web_servers_named_may_connect(void **state)
{
	static const struct {
		const char *web_servers;
		bool may;
	} rows[] = {
		{ NULL, true },
		{ "127.0.0.1", true },
		{ "10.0.0.1,127.0.0.1,10.0.0.2", true },
		{ "10.0.0.1", false },
		{ "127.0.0.11,27.0.0.1", false },
	};
	struct server server;
	struct fcgi_peer peer;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start_tcp(&server, rows[i].web_servers);
		connect_to(&peer, &server);
		if (rows[i].may) {
			assert_int_equal(fcgi_peer_ask(&peer,
						 ASK(.keep = true,
							 .params = VARS("GET", "/hello", )),
						 WAIT_MSEC),
				0);
			expect_answer(&peer, "200 OK", "Hello, World!\n");
		} else {
			assert_int_equal(
				fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC),
				0);
		}
		fcgi_peer_close(&peer);
		stop_now(&server);
	}
}

/* ---- processes ---- */

static void a_blocked_process_gives_its_idle_connections_away(void **state)
{
	struct fcgi_peer peers[8], blocked;
	struct fcgi_bytes bytes = { 0 };
	struct server server;
	char expected[16];
	int i;

	start_with(&server, NULL, 2);
	for (i = 0; i < 8; i++) {
		connect_to(&peers[i], &server);
		assert_int_equal(fcgi_peer_ask(&peers[i],
					 ASK(.keep = true, .params = VARS("GET", "/pid", )),
					 WAIT_MSEC),
			0);
	}
	connect_to(&blocked, &server);
	fcgi_peer_whole(&bytes, ASK(.keep = true, .params = VARS("GET", "/block", )));
	assert_int_equal(fcgi_peer_send(&blocked, bytes.data, bytes.len, WAIT_MSEC), 0);
	for (i = 0; i < WAIT_MSEC && !shared->started; i++)
		pause_msec(1);
	assert_int_not_equal(shared->started, 0);
	snprintf(expected, sizeof(expected), "%d",
		(int) (shared->started == server.pids[0] ? server.pids[1]
							 : server.pids[0]));
	for (i = 0; i < 8; i++) {
		assert_int_equal(fcgi_peer_ask(&peers[i],
					 ASK(.keep = true, .params = VARS("GET", "/pid", )),
					 WAIT_MSEC / 4),
			0);
		expect_answer(&peers[i], "200 OK", expected);
	}
	shared->go = 1;
	assert_int_equal(fcgi_peer_collect(&blocked, FCGI_PEER_UNTIL_END, WAIT_MSEC), 0);
	expect_answer(&blocked, "200 OK", "told");
	fcgi_bytes_fini(&bytes);
	fcgi_peer_close(&blocked);
	for (i = 0; i < 8; i++)
		fcgi_peer_close(&peers[i]);
	stop_now(&server);
}

/* What is left of a body that was not waited for means nothing to another process. */
static void a_connection_where_body_may_come_is_not_given_away(void **state)
{
	static char body[60000];
	struct fcgi_bytes whole = { 0 }, bytes = { 0 };
	struct fcgi_peer peers[8], blocked;
	struct server server;
	size_t cut = 2 * 10008 + 8; /* two records, and the end */
	int i;

	start_with(&server, NULL, 2);
	fcgi_peer_whole(
		&whole, ASK(.keep = true,
				.params = VARS("POST", "/small", "CONTENT_LENGTH=60000", ),
				.body = body, .body_len = sizeof(body), .record = 10000));
	for (i = 0; i < 8; i++) {
		connect_to(&peers[i], &server);
		assert_int_equal(
			fcgi_peer_send(&peers[i], whole.data, whole.len - cut, WAIT_MSEC),
			0);
		assert_int_equal(
			fcgi_peer_collect(&peers[i], FCGI_PEER_UNTIL_END, WAIT_MSEC), 0);
		expect_answer(&peers[i], "413 Content Too Large", NULL);
	}
	connect_to(&blocked, &server);
	fcgi_peer_whole(&bytes, ASK(.keep = true, .params = VARS("GET", "/block", )));
	assert_int_equal(fcgi_peer_send(&blocked, bytes.data, bytes.len, WAIT_MSEC), 0);
	for (i = 0; i < WAIT_MSEC && !shared->started; i++)
		pause_msec(1);
	for (i = 0; i < 8; i++)
		assert_int_equal(fcgi_peer_send(&peers[i], whole.data + whole.len - cut,
					 cut, WAIT_MSEC),
			0);
	shared->go = 1;
	for (i = 0; i < 8; i++) {
		assert_int_equal(fcgi_peer_ask(&peers[i],
					 ASK(.keep = true, .params = VARS("GET", "/pid", )),
					 WAIT_MSEC),
			0);
		expect_answer(&peers[i], "200 OK", NULL);
		fcgi_peer_close(&peers[i]);
	}
	fcgi_peer_close(&blocked);
	fcgi_bytes_fini(&whole);
	fcgi_bytes_fini(&bytes);
	stop_now(&server);
}

static int map_shared(void **state)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared == MAP_FAILED ? -1 : 0;
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_SERVER(a_request_is_answered_and_the_connection_closed),
		WITH_SERVER(a_kept_connection_carries_thousands_of_requests),
		WITH_SERVER(bodies_of_all_sizes_come_through),
		WITH_SERVER(a_request_may_be_cut_at_every_byte),
		WITH_SERVER(a_request_may_come_byte_by_byte),
		WITH_SERVER(requests_sent_ahead_are_answered_in_turn),
		WITH_SERVER(sixty_four_kept_connections_share_a_process),
		WITH_SERVER(parameters_of_all_lengths_come_through),
		WITH_SERVER(what_is_logged_of_a_request_reaches_the_web_server),
		WITH_SERVER(of_two_parameters_the_last_counts_and_the_proxy_is_hidden),
		WITH_SERVER(questions_about_limits_are_answered),
		WITH_SERVER(limits_may_be_asked_in_the_middle_of_a_request),
		WITH_SERVER(unknown_management_records_are_answered),
		WITH_SERVER(other_roles_are_refused),
		WITH_SERVER(a_second_request_at_once_is_refused),
		WITH_SERVER(an_abort_ends_a_request_that_has_not_run),
		cmocka_unit_test(too_many_connections_are_told_so),
		WITH_SERVER(garbage_closes_the_connection_only),
		cmocka_unit_test(more_parameters_than_allowed_are_431),
		WITH_SERVER(a_body_shorter_than_announced_is_refused),
		WITH_SERVER(a_body_that_is_too_large_is_refused_early),
		WITH_SERVER(handlers_notice_that_the_peer_has_left),
		WITH_SERVER(a_response_that_fails_halfway_is_cut),
		cmocka_unit_test(what_it_cannot_do_fails_as_the_capabilities_say),
		cmocka_unit_test(only_the_web_servers_named_may_connect),
		cmocka_unit_test(a_blocked_process_gives_its_idle_connections_away),
		cmocka_unit_test(a_connection_where_body_may_come_is_not_given_away),
	};

	return cmocka_run_group_tests(tests, map_shared, NULL);
}
