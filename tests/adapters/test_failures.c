/* SPDX-License-Identifier: MIT */
/*
 * test_failures.c - what the log says of what went wrong, in every mode: how much was sent,
 * that it was cut, and whose fault it was.
 *
 * The server is in this process, its peer in another: one that reads some and leaves, or all.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vane.h>
#include <vane/cgi.h>
#include <vane/fastcgi.h>
#include <vane/scgi.h>
#include <vane/server.h>

#include "support/fcgi_peer.h"
#include "support/scgi_peer.h"

/* Much more than all buffers on the way hold, and where the impatient peer stops reading. */
#define BIG_BYTES    ((int64_t) 256 * 1024 * 1024)
#define READ_BYTES   (100 * 1024)

#define DEADLINE_SEC 20

/* ---- what was logged ---- */

static struct log {
	char errors[2048],
		infos[4096]; /* lines of these levels; warnings are with the latter */
} logged;

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	char *to = level == VANE_LOG_ERROR ? logged.errors : logged.infos;
	size_t size =
		level == VANE_LOG_ERROR ? sizeof(logged.errors) : sizeof(logged.infos);
	size_t at = strlen(to);

	snprintf(to + at, size - at, "%s\n", line);
}

static size_t lines(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

/* ---- the application ---- */

static ssize_t pull_zeroes(void *data, char *buf, size_t size)
{
	memset(buf, 0, size);
	return (ssize_t) size;
}

static int big(struct vane_request *req, struct vane_response *res)
{
	static const struct vane_source source = { .pull = pull_zeroes,
		.length = BIG_BYTES };

	return vane_response_write_source(res, &source);
}

/* A file that has no bytes on any disk. */
static int big_file(struct vane_request *req, struct vane_response *res)
{
	char path[] = "/tmp/vane-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		return -errno;
	unlink(path);
	if (ftruncate(fd, BIG_BYTES) < 0)
		return -errno;
	return vane_response_write_file(res, fd, 0, BIG_BYTES);
}

static int short_file(struct vane_request *req, struct vane_response *res)
{
	char path[] = "/tmp/vane-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		return -errno;
	unlink(path);
	if (ftruncate(fd, 5) < 0)
		return -errno;
	return vane_response_write_file(res, fd, 0, 10);
}

static ssize_t pull_once(void *data, char *buf, size_t size)
{
	static int count;

	if (count++ % 2 > 0)
		return *(const int *) data;
	memcpy(buf, "abc", 3);
	return 3;
}

static int broken_source(struct vane_request *req, struct vane_response *res)
{
	static int rc = -EPIPE; /* its own peer has gone, not ours */
	const struct vane_source source = { .pull = pull_once, .data = &rc, .length = -1 };

	return vane_response_write_source(res, &source);
}

static int short_source(struct vane_request *req, struct vane_response *res)
{
	static int rc = 0;
	const struct vane_source source = { .pull = pull_once, .data = &rc, .length = 10 };

	return vane_response_write_source(res, &source);
}

static int late_500(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "half of");
	vane_response_flush(res);
	return 500;
}

static int late_error(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "half of");
	vane_response_flush(res);
	return vane_response_send_error(res, 503, "the %s is down", "database");
}

static int broken_promise(struct vane_request *req, struct vane_response *res)
{
	vane_response_add_field(res, "Content-Length", "10");
	return vane_response_puts(res, "half of");
}

static int plain_500(struct vane_request *req, struct vane_response *res)
{
	return 500;
}

static int explained_500(struct vane_request *req, struct vane_response *res)
{
	return vane_response_send_error(res, 500, "the %s is down", "database");
}

static int lost_upstream(struct vane_request *req, struct vane_response *res)
{
	return -ECONNRESET;
}

static int fire(struct vane_request *req, struct vane_response *res, void *data)
{
	return 500;
}

static int timer_500(struct vane_request *req, struct vane_response *res)
{
	int rc = vane_request_after(req, 1, fire, NULL);

	return rc < 0 ? 501 : vane_response_defer(res);
}

static const struct vane_handler big_handler = { .get = big };
static const struct vane_handler big_file_handler = { .get = big_file };
static const struct vane_handler short_file_handler = { .get = short_file };
static const struct vane_handler broken_source_handler = { .get = broken_source };
static const struct vane_handler short_source_handler = { .get = short_source };
static const struct vane_handler late_500_handler = { .get = late_500 };
static const struct vane_handler late_error_handler = { .get = late_error };
static const struct vane_handler broken_promise_handler = { .get = broken_promise };
static const struct vane_handler plain_500_handler = { .get = plain_500 };
static const struct vane_handler explained_500_handler = { .get = explained_500 };
static const struct vane_handler lost_upstream_handler = { .get = lost_upstream };
static const struct vane_handler timer_500_handler = { .get = timer_500 };

static const struct vane_route routes[] = { { "/big", &big_handler },
	{ "/big-file", &big_file_handler }, { "/short-file", &short_file_handler },
	{ "/broken-source", &broken_source_handler },
	{ "/short-source", &short_source_handler }, { "/late-500", &late_500_handler },
	{ "/late-error", &late_error_handler },
	{ "/broken-promise", &broken_promise_handler },
	{ "/plain-500", &plain_500_handler }, { "/explained-500", &explained_500_handler },
	{ "/lost-upstream", &lost_upstream_handler }, { "/timer-500", &timer_500_handler },
	{ 0 } };

/* ---- the modes ---- */

enum mode { NATIVE, FASTCGI, SCGI, CGI, MODES };

static struct vane_app *make_app(void)
{
	static const struct vane_app_opts opts = { .access_log = VANE_ACCESS_LOG_TORNADO };
	struct vane_app *app;

	memset(&logged, 0, sizeof(logged));
	vane_log_set_function(keep_line, NULL);
	assert_int_equal(vane_app_new(&app, routes, &opts), 0);
	return app;
}

/* What the peer sends to ask for a target. */
static char *request_bytes(enum mode mode, const char *target, size_t *len)
{
	char uri[200];
	const char *const vars[] = { "REQUEST_METHOD=GET", uri, "REMOTE_ADDR=127.0.0.1",
		NULL };
	struct fcgi_peer_request request = { .params = vars };
	struct fcgi_bytes bytes = { 0 };
	char *text;

	snprintf(uri, sizeof(uri), "REQUEST_URI=%s", target);
	if (mode == SCGI)
		return scgi_request(vars, "", 0, len);
	if (mode == FASTCGI) {
		fcgi_peer_whole(&bytes, &request);
		*len = bytes.len;
		return bytes.data;
	}
	text = calloc(1, 300);
	*len = (size_t) snprintf(text, 300,
		"GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", target);
	return text;
}

/* Read so many bytes, or until the end; then leave. */
static void read_some(int fd, int64_t most)
{
	static char buf[16 * 1024];
	ssize_t n = 1;

	while (most > 0 && n > 0) {
		n = read(fd, buf, sizeof(buf));
		most -= n;
	}
}

/* The peer, in a process of its own.  fd is connected, or the end of a pipe. */
static pid_t start_peer(enum mode mode, int fd, const char *target, int64_t most)
{
	pid_t pid = fork();
	size_t len;
	char *bytes;

	assert_true(pid >= 0);
	if (pid > 0) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(DEADLINE_SEC);
	bytes = request_bytes(mode, target, &len);
	if (mode != CGI && write(fd, bytes, len) != (ssize_t) len)
		_exit(1);
	read_some(fd, most);
	close(fd);
	_exit(0);
}

static void expect_peer_gone(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A socket to listen on, and one that is connected to it. */
static int connect_pair(struct vane_sockets *socks)
{
	struct vane_bind_opts opts = { .address = "127.0.0.1" };
	char path[20];
	int fd;

	assert_int_equal(vane_bind_sockets(&opts, socks), 0);
	snprintf(path, sizeof(path), ":%d", vane_socket_port(socks->fds[0]));
	fd = scgi_connect(path);
	assert_true(fd >= 0);
	return fd;
}

/* Turn the loop until the line of the exchange is there: it is the last. */
static void turn(struct vane_loop *loop)
{
	time_t deadline = time(NULL) + DEADLINE_SEC;

	while (strstr(logged.infos, "ms") == NULL && strstr(logged.errors, "ms") == NULL) {
		assert_true(time(NULL) < deadline);
		vane_loop_turn(loop, false);
	}
}

static void ask_server(
	struct vane_app *app, enum mode mode, const char *target, int64_t most)
{
	struct vane_sockets socks = { 0 };
	struct vane_server *server = NULL;
	struct vane_fastcgi *fastcgi = NULL;
	struct vane_scgi *scgi = NULL;
	struct vane_loop *loop;
	pid_t peer = start_peer(mode, connect_pair(&socks), target, most);

	assert_int_equal(vane_loop_new(&loop), 0);
	if (mode == NATIVE) {
		assert_int_equal(vane_server_new(&server, app, loop, NULL), 0);
		assert_int_equal(vane_server_add_sockets(server, &socks), 0);
	} else if (mode == FASTCGI) {
		assert_int_equal(vane_fastcgi_new(&fastcgi, app, loop, NULL), 0);
		assert_int_equal(vane_fastcgi_add_sockets(fastcgi, &socks), 0);
	} else {
		assert_int_equal(vane_scgi_new(&scgi, app, loop, NULL), 0);
		assert_int_equal(vane_scgi_add_sockets(scgi, &socks), 0);
	}
	turn(loop);
	vane_server_free(server);
	vane_fastcgi_free(fastcgi);
	vane_scgi_free(scgi);
	vane_loop_free(loop);
	vane_sockets_fini(&socks);
	expect_peer_gone(peer);
}

static void ask_cgi(struct vane_app *app, const char *target, int64_t most)
{
	char uri[200];
	const char *const vars[] = { "REQUEST_METHOD=GET", uri, "REMOTE_ADDR=127.0.0.1",
		NULL };
	int in[2], out[2];
	pid_t peer;

	snprintf(uri, sizeof(uri), "REQUEST_URI=%s", target);
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	close(in[1]);
	fcntl(out[1], F_SETFD, FD_CLOEXEC);
	peer = fork();
	assert_true(peer >= 0);
	if (peer == 0) {
		close(out[1]);
		alarm(DEADLINE_SEC);
		read_some(out[0], most);
		_exit(0);
	}
	close(out[0]);
	vane_cgi_serve(app, (char *const *) (uintptr_t) vars, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	expect_peer_gone(peer);
}

/* Ask for a target; the peer reads so much of the answer, and closes. */
static void ask(enum mode mode, const char *target, int64_t most)
{
	struct vane_app *app = make_app();

	if (mode == CGI)
		ask_cgi(app, target, most);
	else
		ask_server(app, mode, target, most);
	vane_app_free(app);
	vane_log_set_function(NULL, NULL);
}

/* ---- what is expected ---- */

static void a_peer_that_leaves_is_logged_with_what_it_took(void **state)
{
	static const char *const targets[] = { "/big", "/big-file" };
	long long bytes = 0;
	enum mode mode;
	const char *at;
	size_t i;

	for (mode = NATIVE; mode < MODES; mode++)
		for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
			ask(mode, targets[i], READ_BYTES);
			assert_string_equal(logged.errors, "");
			assert_int_equal(lines(logged.infos), 1);
			assert_memory_equal(logged.infos, "200 GET /big", 12);
			at = strstr(logged.infos, "ms, cut after ");
			assert_non_null(at);
			assert_int_equal(
				sscanf(at, "ms, cut after %lld bytes\n", &bytes), 1);
			/* less than it read: the head, FastCGI's records, a last piece */
			assert_true(bytes > READ_BYTES / 2 && bytes < BIG_BYTES / 2);
		}
}

static void what_is_sent_whole_is_logged_as_before(void **state)
{
	enum mode mode;

	for (mode = NATIVE; mode < MODES; mode++) {
		ask(mode, "/nothing?x", BIG_BYTES);
		assert_string_equal(logged.errors, "");
		assert_int_equal(lines(logged.infos), 1);
		assert_memory_equal(logged.infos, "404 GET /nothing?x (127.0.0.1) ", 31);
		assert_string_equal(strstr(logged.infos, "ms"), "ms\n");
	}
}

static void what_we_cut_is_an_error_with_method_path_route_and_reason(void **state)
{
	static const struct {
		const char *target, *reason;
	} rows[] = {
		{ "/short-file", "the file is shorter than was said" },
		{ "/broken-source", "the source failed: Broken pipe" },
		{ "/short-source", "the source gave less than it had said" },
		{ "/late-500", "the handler returned 500" },
		{ "/late-error", "503 the database is down" },
		{ "/broken-promise", "Tried to write 3 bytes less than Content-Length" },
	};
	char line[200];
	enum mode mode;
	size_t i;

	for (mode = NATIVE; mode < MODES; mode++)
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			ask(mode, rows[i].target, BIG_BYTES);
			snprintf(line, sizeof(line),
				"GET %s (127.0.0.1) route %s: cut after ", rows[i].target,
				rows[i].target);
			assert_int_equal(lines(logged.errors), 1);
			assert_memory_equal(logged.errors, line, strlen(line));
			snprintf(line, sizeof(line), " bytes: %s\n", rows[i].reason);
			assert_non_null(strstr(logged.errors, line));
			assert_non_null(strstr(logged.infos, "ms, cut after "));
		}
}

static void a_500_is_an_error_with_method_path_route_and_reason(void **state)
{
	static const struct {
		const char *target, *reason;
		enum mode last; /* from there on the mode has no timers */
	} rows[] = {
		{ "/plain-500", "the handler returned 500", MODES },
		{ "/explained-500", "the database is down", MODES },
		{ "/lost-upstream", "Connection reset by peer", MODES },
		{ "/timer-500", "the handler returned 500", FASTCGI },
	};
	char line[200];
	enum mode mode;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (mode = NATIVE; mode < rows[i].last; mode++) {
			ask(mode, rows[i].target, BIG_BYTES);
			snprintf(line, sizeof(line),
				"GET %s (127.0.0.1) route %s: %s\n500 GET %s ",
				rows[i].target, rows[i].target, rows[i].reason,
				rows[i].target);
			assert_int_equal(
				lines(logged.errors), 2); /* the second is the usual one */
			assert_memory_equal(logged.errors, line, strlen(line));
			assert_string_equal(logged.infos, "");
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_that_leaves_is_logged_with_what_it_took),
		cmocka_unit_test(what_is_sent_whole_is_logged_as_before),
		cmocka_unit_test(what_we_cut_is_an_error_with_method_path_route_and_reason),
		cmocka_unit_test(a_500_is_an_error_with_method_path_route_and_reason),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
