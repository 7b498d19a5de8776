/* SPDX-License-Identifier: MIT */
/*
 * test_scgi.c - adapters/scgi*.c: a responder in a process of its
 * own, and a scripted web server here.
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
#include <vane/scgi.h>

#include "support/scgi_peer.h"

#define WAIT_MSEC 10000
#define BIG_BYTES (5 * 1024 * 1024)

/* What handlers and tests tell each other. */
struct shared {
	volatile int started,
		gone; /* /gone has begun, and found out that nobody is there */
};

static struct shared *shared;

struct server {
	char dir[64], path[80];
	struct vane_sockets socks;
	struct vane_scgi_opts opts;
	pid_t pid; /* 0: it has ended, and that was looked at */
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

static int later(struct vane_request *req, struct vane_response *res, void *data)
{
	return vane_response_defer(res);
}

static int wait_for_leave(struct vane_request *req, struct vane_response *res)
{
	int i;

	shared->gone = vane_request_gone(req);
	shared->started = 1;
	for (i = 0; i < 5000 && !shared->gone; i++) {
		pause_msec(1);
		shared->gone = vane_request_gone(req);
	}
	return 0;
}

static int caps(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%d %d %d %d",
		vane_request_can(req, VANE_CAP_ASYNC),
		vane_request_can(req, VANE_CAP_STREAM_IN),
		vane_request_can(req, VANE_CAP_CLOSE_DETECT),
		vane_request_after(req, 1, later, NULL));
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
static const struct vane_handler echo_handler = { .post = echo };
static const struct vane_handler gone_handler = { .get = wait_for_leave };
static const struct vane_handler caps_handler = { .get = caps };

static const struct vane_route routes[] = { { "/hello", &hello_handler },
	{ "/who", &who_handler }, { "/echo", &echo_handler }, { "/gone", &gone_handler },
	{ "/caps", &caps_handler }, { 0 } };

/* ---- the responder's process ---- */

struct worker {
	struct vane_loop *loop;
	struct vane_scgi *scgi;
};

static void on_drained(void *data)
{
	struct worker *worker = data;

	vane_loop_stop(worker->loop);
}

static void on_term(void *data)
{
	struct worker *worker = data;

	vane_scgi_drain(worker->scgi, 5000, on_drained, worker);
}

static int work(struct server *server)
{
	struct worker worker;
	struct vane_app *app;

	if (vane_loop_new(&worker.loop) < 0 || vane_app_new(&app, routes, NULL) < 0 ||
		vane_scgi_new(&worker.scgi, app, worker.loop, &server->opts) < 0 ||
		vane_scgi_add_sockets(worker.scgi, &server->socks) < 0 ||
		vane_loop_add_signal(worker.loop, SIGTERM, on_term, &worker) < 0)
		return 3;
	vane_loop_run(worker.loop);
	vane_scgi_free(worker.scgi);
	vane_app_free(app);
	vane_loop_free(worker.loop);
	return 0;
}

/* On a unix socket, or with tcp on a port, for which path stands then. */
static void start_with(struct server *server, const struct vane_scgi_opts *opts, bool tcp)
{
	static const struct vane_bind_opts loopback = { .address = "127.0.0.1" };
	const char *tmp = getenv("TMPDIR");
	int fd;

	*server = (struct server) { 0 };
	memset(shared, 0, sizeof(*shared));
	snprintf(server->dir, sizeof(server->dir), "%.40s/vane-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(server->dir));
	snprintf(server->path, sizeof(server->path), "%s/s", server->dir);
	if (tcp) {
		assert_int_equal(vane_bind_sockets(&loopback, &server->socks), 0);
		snprintf(server->path, sizeof(server->path), ":%d",
			vane_socket_port(server->socks.fds[0]));
	} else {
		assert_int_equal(vane_bind_unix_socket(server->path, 0, 0, &fd), 0);
		assert_int_equal(vane_sockets_add(&server->socks, fd), 0);
	}
	if (opts != NULL)
		server->opts = *opts;
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* no test leaves it behind */
		vane_log_set_level(VANE_LOG_NONE);
		exit(work(server));
	}
}

static void expect_end(struct server *server)
{
	int status;

	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	server->pid = 0;
}

/* End it; it must be alive still, and leave properly. */
static void stop_now(struct server *server)
{
	if (server->pid > 0) {
		assert_int_equal(kill(server->pid, SIGTERM), 0);
		expect_end(server);
	}
	vane_sockets_fini(&server->socks);
	unlink(server->path);
	rmdir(server->dir);
}

static int start(void **state)
{
	static struct server server;

	start_with(&server, NULL, false);
	*state = &server;
	return 0;
}

static int start_tcp(void **state)
{
	static struct server server;

	start_with(&server, NULL, true);
	*state = &server;
	return 0;
}

static int stop(void **state)
{
	stop_now(*state);
	return 0;
}

/* ---- asking ---- */

static int connect_to(const struct server *server)
{
	int fd = scgi_connect(server->path);

	assert_true(fd >= 0);
	return fd;
}

/* Send bytes on a connection, and take what comes up to its end. */
static void say(int fd, const char *bytes, size_t len, struct scgi_answer *answer)
{
	assert_int_equal(scgi_converse(fd, bytes, len, NULL, answer), 0);
}

/* Ask properly. */
static void ask(const struct server *server, const char *method, const char *target,
	const char *body, size_t body_len, struct scgi_answer *answer)
{
	size_t len;
	char *bytes = scgi_simple(method, target, body, body_len, &len);

	assert_non_null(bytes);
	say(connect_to(server), bytes, len, answer);
	free(bytes);
}

/* Its end; body NULL: whatever it is. */
static void expect_answer(struct scgi_answer *answer, const char *status, const char *body)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "Status: %s\r\n", status);
	const char *end;

	assert_false(answer->reset);
	assert_true(answer->len >= (size_t) len);
	assert_memory_equal(answer->data, line, (size_t) len);
	end = strstr(answer->data, "\r\n\r\n");
	assert_non_null(end);
	if (body != NULL)
		assert_string_equal(end + 4, body);
	free(answer->data);
}

static void expect_nothing(struct scgi_answer *answer)
{
	assert_int_equal(answer->len, 0);
	free(answer->data);
}

/* It answers still: what every test of bad input ends with. */
static void expect_alive(const struct server *server)
{
	struct scgi_answer answer;

	ask(server, "GET", "/hello", NULL, 0, &answer);
	expect_answer(&answer, "200 OK", "Hello, World!\n");
}

/* ---- what should work ---- */

static void of_two_variables_the_last_counts_and_the_proxy_is_hidden(void **state)
{
	static const struct {
		const char *vars[6], *answer;
	} rows[] = {
		{ { "REQUEST_METHOD=GET", "REQUEST_URI=/who", "REMOTE_USER=admin",
			  "HTTP_PROXY=http://evil/", "REMOTE_USER=cert-user" },
			"cert-user|cert-user|hidden" },
		{ { "REQUEST_METHOD=GET", "REQUEST_URI=/who", "REMOTE_USER=admin",
			  "REMOTE_USER=" },
			"||hidden" },
	};
	struct scgi_answer answer;
	size_t i, len;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *bytes = scgi_request(rows[i].vars, NULL, 0, &len);

		say(connect_to(*state), bytes, len, &answer);
		expect_answer(&answer, "200 OK", rows[i].answer);
		free(bytes);
	}
}

static void bodies_of_all_sizes_come_through(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 32767, 32768, 32769, 65535, 65536, 65537,
		100000, 300000, 1048576 };
	struct scgi_answer answer;
	char *body = malloc(1048576);
	const char *came;
	size_t i;

	assert_non_null(body);
	for (i = 0; i < 1048576; i++)
		body[i] = (char) (i * 7 + i / 251);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ask(*state, "POST", "/echo", body, sizes[i], &answer);
		assert_false(answer.reset);
		came = strstr(answer.data, "\r\n\r\n");
		assert_non_null(came);
		assert_int_equal(answer.len - (size_t) (came + 4 - answer.data), sizes[i]);
		assert_memory_equal(came + 4, body, sizes[i]);
		free(answer.data);
	}
	free(body);
}

/* Slow ones do not keep others waiting. */
static void many_connections_wait_in_the_loop(void **state)
{
	struct scgi_answer answer;
	size_t len, i;
	char *bytes = scgi_simple("POST", "/echo", "body", 4, &len);
	int fds[64];

	for (i = 0; i < 64; i++) {
		fds[i] = connect_to(*state);
		assert_int_equal(scgi_send(fds[i], bytes, i % len), 0);
	}
	expect_alive(*state);
	for (i = 0; i < 64; i++) {
		say(fds[i], bytes + i % len, len - i % len, &answer);
		expect_answer(&answer, "200 OK", "body");
	}
	free(bytes);
}

static void what_it_cannot_do_fails_as_the_capabilities_say(void **state)
{
	struct scgi_answer answer;
	char body[64];

	snprintf(body, sizeof(body), "0 1 0 %d", -ENOTSUP);
	ask(*state, "GET", "/caps", NULL, 0, &answer);
	expect_answer(&answer, "200 OK", body);
	assert_int_equal(vane_scgi_caps(),
		VANE_CAP_STREAM_OUT | VANE_CAP_STREAM_IN | VANE_CAP_MULTIREQUEST);
}

/* ---- bad input ---- */

static void garbage_closes_the_connection_only(void **state)
{
	static const char *const rows[] = { "Get / HTTP/1.1\r\n\r\n", "0:,", "017:", "a",
		"99999999999999999999999:", "5:abcde,", "1:a;" };
	struct scgi_answer answer;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i]);
		say(connect_to(*state), rows[i], strlen(rows[i]), &answer);
		expect_nothing(&answer);
	}
	expect_alive(*state);
}

static void more_variables_than_allowed_are_431(void **state)
{
	static const char refused[] = "431 Request Header Fields Too Large";
	const struct vane_scgi_opts opts = { .max_head_bytes = 300, .max_vars = 6 };
	struct scgi_answer answer;
	struct server server;
	char target[256] = "/hello?name=", *large = malloc(BIG_BYTES);
	const char *const vars[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/hello",
		"A=", "B=", "C=", NULL };
	const char *const vars_large[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/hello",
		large, NULL };
	size_t len;
	char *bytes;

	start_with(&server, &opts, false);
	expect_alive(&server);                     /* with six */
	bytes = scgi_request(vars, NULL, 0, &len); /* seven */
	say(connect_to(&server), bytes, len, &answer);
	expect_answer(&answer, refused, NULL);
	free(bytes);
	memset(target + 12, 'x', 200);
	ask(&server, "GET", target, NULL, 0, &answer);
	expect_answer(&answer, refused, NULL);
	say(connect_to(&server), "301:", 4, &answer); /* without a wait for them */
	expect_answer(&answer, refused, NULL);
	/* Far more than sockets hold: the answer is not lost by a reset. */
	memset(large, 'X', BIG_BYTES);
	large[1] = '=';
	large[BIG_BYTES - 1] = '\0';
	bytes = scgi_request(vars_large, "body", 4, &len);
	say(connect_to(&server), bytes, len, &answer);
	expect_answer(&answer, refused, NULL);
	free(bytes);
	free(large);
	expect_alive(&server);
	stop_now(&server);
}

static void other_lengths_are_refused(void **state)
{
	static const struct {
		const char *head;
		size_t len;
		const char *status;
	} rows[] = {
#define HEAD(size, length) size ":REQUEST_METHOD\0POST\0REQUEST_URI\0/echo\0" length ","
		/* What vane_exchange_env_from_params() makes of it. */
		{ HEAD("72", "CONTENT_LENGTH\0001\0CONTENT_LENGTH\0002\0") "ab", 78,
			"400 Bad Request" },
		{ HEAD("38", ""), 42, NULL },
		{ HEAD("56", "CONTENT_LENGTH\000-1\0"), 60, NULL },
	};
	struct scgi_answer answer;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say(connect_to(*state), rows[i].head, rows[i].len, &answer);
		if (rows[i].status != NULL)
			expect_answer(&answer, rows[i].status, NULL);
		else
			expect_nothing(&answer);
	}
}

/* One that has only said all is there still. */
static void a_handler_that_asks_is_told_who_has_left(void **state)
{
	size_t len;
	char *bytes = scgi_simple("GET", "/gone", NULL, 0, &len);
	int fd = connect_to(*state), i;

	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
	shutdown(fd, SHUT_WR);
	for (i = 0; i < WAIT_MSEC && !shared->started; i++)
		pause_msec(1);
	assert_int_equal(shared->gone, 0);
	close(fd);
	expect_alive(*state);
	assert_int_equal(shared->gone, 1);
	free(bytes);
}

static void connections_above_the_limit_are_closed(void **state)
{
	const struct vane_scgi_opts opts = { .max_connections = 2 };
	struct scgi_answer answer;
	struct server server;
	size_t len;
	char *bytes = scgi_simple("GET", "/hello", NULL, 0, &len);
	int first, second;

	start_with(&server, &opts, false);
	first = connect_to(&server);
	second = connect_to(&server);
	assert_int_equal(scgi_send(first, bytes, 5), 0);
	assert_int_equal(scgi_send(second, bytes, 5), 0);
	say(connect_to(&server), bytes, len, &answer);
	expect_nothing(&answer);
	say(first, bytes + 5, len - 5, &answer);
	expect_answer(&answer, "200 OK", "Hello, World!\n");
	expect_alive(&server);
	close(second);
	free(bytes);
	stop_now(&server);
}

/* ---- the end ---- */

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)
#define OVER_TCP(test)    { #test " over TCP", test, start_tcp, stop, NULL }

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_SERVER(of_two_variables_the_last_counts_and_the_proxy_is_hidden),
		WITH_SERVER(bodies_of_all_sizes_come_through),
		OVER_TCP(bodies_of_all_sizes_come_through),
		WITH_SERVER(many_connections_wait_in_the_loop),
		WITH_SERVER(what_it_cannot_do_fails_as_the_capabilities_say),
		WITH_SERVER(garbage_closes_the_connection_only),
		cmocka_unit_test(more_variables_than_allowed_are_431),
		WITH_SERVER(other_lengths_are_refused),
		WITH_SERVER(a_handler_that_asks_is_told_who_has_left),
		cmocka_unit_test(connections_above_the_limit_are_closed),
	};

	signal(SIGPIPE, SIG_IGN);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
