/* SPDX-License-Identifier: MIT */
/*
 * test_linger.c - an answer to a request whose body nobody wants arrives: whoever sends that
 * body for longer than we wait for silence finds the connection open, and the answer in it.
 *
 * All in one process: pieces are sent while the loop of three servers turns.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

#define PIECE_BYTES (40 * 1024)
#define PIECES      9
#define BODY_BYTES  (PIECE_BYTES * PIECES)

/* Between two pieces; silence may last two seconds. */
#define PAUSE_MSEC    300
#define LONGEST_PAUSE 1700

static int echo(struct vane_request *req, struct vane_response *res)
{
	return 0;
}

static const struct vane_handler small = { .post = echo, .max_body = 100 };
static const struct vane_route routes[] = { { "/", &small }, { 0 } };

static char piece[PIECE_BYTES];

static int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

enum mode { NATIVE, FASTCGI, SCGI, MODES };

static const char *const vars[] = { "REQUEST_METHOD=POST", "REQUEST_URI=/", NULL };

/* One that sends. */
struct client {
	int fd;
	char answer[4096];
	size_t len;
	int broken; /* errno of a send that failed */
	bool eof;
};

static void send_some(struct client *c, const void *data, size_t len)
{
	ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);

	if (n != (ssize_t) len)
		c->broken = n < 0 ? errno : EMSGSIZE;
}

static void begin_fastcgi(struct client *c)
{
	static const char length[] = "CONTENT_LENGTH";
	struct fcgi_bytes bytes = { 0 }, params = { 0 };
	char number[20];

	snprintf(number, sizeof(number), "%d", BODY_BYTES);
	fcgi_peer_pair(&params, "REQUEST_METHOD", "POST");
	fcgi_peer_pair(&params, "REQUEST_URI", "/");
	fcgi_peer_pair(&params, length, number);
	fcgi_peer_begin(&bytes, 1, FCGI_PEER_RESPONDER, 0);
	fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, params.data, params.len, 0);
	fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, "", 0, 0);
	send_some(c, bytes.data, bytes.len);
	fcgi_bytes_fini(&bytes);
	fcgi_bytes_fini(&params);
}

static void begin_scgi(struct client *c)
{
	char *body = calloc(1, BODY_BYTES), *bytes;
	size_t len;

	assert_non_null(body);
	bytes = scgi_request(vars, body, BODY_BYTES, &len);
	assert_non_null(bytes);
	send_some(c, bytes, len - BODY_BYTES);
	free(bytes);
	free(body);
}

static void begin(struct client *c, enum mode mode)
{
	char head[200];
	int len = snprintf(head, sizeof(head),
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", BODY_BYTES);

	if (mode == FASTCGI)
		begin_fastcgi(c);
	else if (mode == SCGI)
		begin_scgi(c);
	else
		send_some(c, head, (size_t) len);
}

static void send_piece(struct client *c, enum mode mode)
{
	struct fcgi_bytes bytes = { 0 };

	if (mode != FASTCGI) {
		send_some(c, piece, sizeof(piece));
		return;
	}
	fcgi_peer_record(&bytes, FCGI_PEER_STDIN, 1, piece, sizeof(piece), 0);
	send_some(c, bytes.data, bytes.len);
	fcgi_bytes_fini(&bytes);
}

/* What has come; nothing is read before all is sent, as by those who send first. */
static void read_answer(struct client *c)
{
	ssize_t n = recv(
		c->fd, c->answer + c->len, sizeof(c->answer) - 1 - c->len, MSG_DONTWAIT);

	c->eof = n == 0 || (n < 0 && errno != EAGAIN);
	if (n < 0 && errno != EAGAIN)
		c->broken = errno;
	if (n > 0)
		c->len += (size_t) n;
}

struct servers {
	struct vane_app *app;
	struct vane_loop *loop;
	struct vane_server *http;
	struct vane_fastcgi *fastcgi;
	struct vane_scgi *scgi;
	struct vane_sockets socks[MODES];
	struct client clients[MODES];
};

static void setup(struct servers *s)
{
	static const struct vane_bind_opts opts = { .address = "127.0.0.1" };
	enum mode mode;
	char port[20];

	memset(s, 0, sizeof(*s));
	vane_log_set_level(VANE_LOG_NONE);
	assert_int_equal(vane_app_new(&s->app, routes, NULL), 0);
	assert_int_equal(vane_loop_new(&s->loop), 0);
	assert_int_equal(vane_server_new(&s->http, s->app, s->loop, NULL), 0);
	assert_int_equal(vane_fastcgi_new(&s->fastcgi, s->app, s->loop, NULL), 0);
	assert_int_equal(vane_scgi_new(&s->scgi, s->app, s->loop, NULL), 0);
	for (mode = NATIVE; mode < MODES; mode++) {
		assert_int_equal(vane_bind_sockets(&opts, &s->socks[mode]), 0);
		snprintf(
			port, sizeof(port), ":%d", vane_socket_port(s->socks[mode].fds[0]));
		s->clients[mode].fd = scgi_connect(port);
		assert_true(s->clients[mode].fd >= 0);
	}
	assert_int_equal(vane_server_add_sockets(s->http, &s->socks[NATIVE]), 0);
	assert_int_equal(vane_fastcgi_add_sockets(s->fastcgi, &s->socks[FASTCGI]), 0);
	assert_int_equal(vane_scgi_add_sockets(s->scgi, &s->socks[SCGI]), 0);
}

static void teardown(struct servers *s)
{
	enum mode mode;

	vane_server_free(s->http);
	vane_fastcgi_free(s->fastcgi);
	vane_scgi_free(s->scgi);
	for (mode = NATIVE; mode < MODES; mode++) {
		close(s->clients[mode].fd);
		vane_sockets_fini(&s->socks[mode]);
	}
	vane_loop_free(s->loop);
	vane_app_free(s->app);
}

/* Turn the loop so long.  Returns how long that was: this process may have been held up. */
static int64_t turn(struct servers *s, int64_t msec)
{
	int64_t began = now_msec();

	do {
		vane_loop_turn(s->loop, false);
		poll(NULL, 0, 1);
	} while (now_msec() - began < msec);
	return now_msec() - began;
}

/* Send all, and then look for the answers.  False if the pauses were too long to judge. */
static bool converse(struct servers *s)
{
	int64_t longest = 0, waited, deadline;
	enum mode mode;
	int i;

	for (mode = NATIVE; mode < MODES; mode++)
		begin(&s->clients[mode], mode);
	for (i = 0; i < PIECES; i++) {
		for (mode = NATIVE; mode < MODES; mode++)
			send_piece(&s->clients[mode], mode);
		waited = turn(s, PAUSE_MSEC);
		longest = waited > longest ? waited : longest;
	}
	for (mode = NATIVE; mode < MODES; mode++) {
		deadline = now_msec() + 10000;
		shutdown(s->clients[mode].fd, SHUT_WR);
		while (!s->clients[mode].eof && now_msec() < deadline) {
			read_answer(&s->clients[mode]);
			turn(s, 1);
		}
	}
	return longest < LONGEST_PAUSE;
}

static void a_body_that_nobody_wants_is_read_until_its_sender_looks(void **state)
{
	struct servers servers;
	enum mode mode;
	bool fair = false;
	int i;

	for (i = 0; i < 3 && !fair; i++) {
		setup(&servers);
		fair = converse(&servers);
		for (mode = NATIVE; fair && mode < MODES; mode++) {
			assert_int_equal(servers.clients[mode].broken, 0);
			assert_true(servers.clients[mode].eof);
			assert_non_null(memmem(servers.clients[mode].answer,
				servers.clients[mode].len, "413", 3));
		}
		teardown(&servers);
	}
	if (!fair)
		skip();
}

/* Much more than the kernel keeps for a socket; the sender reads when it has sent all. */
#define MUCH_BYTES (6 * 1024 * 1024)

static void send_first(int fd)
{
	static const char body[MUCH_BYTES];
	char answer[100] = "";
	size_t at = 0;
	ssize_t n = 1;

	alarm(20);
	for (; n > 0 && at < MUCH_BYTES; at += (size_t) n)
		n = write(fd, body + at, MUCH_BYTES - at);
	if (n <= 0)
		_exit(1);
	n = read(fd, answer, sizeof(answer) - 1);
	_exit(n > 0 && strncmp(answer, "Status: 413 ", 12) == 0 ? 0 : 2);
}

static void a_program_reads_on_as_its_front_sends_first(void **state)
{
	char length[40];
	const char *const cgi[] = { "REQUEST_METHOD=POST", "REQUEST_URI=/", length, NULL };
	struct vane_app *app;
	int fds[2], status;
	pid_t pid;

	snprintf(length, sizeof(length), "CONTENT_LENGTH=%d", MUCH_BYTES);
	assert_int_equal(vane_app_new(&app, routes, NULL), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		send_first(fds[1]);
	}
	close(fds[1]);
	vane_cgi_serve(app, (char *const *) (uintptr_t) cgi, fds[0], fds[0]);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	vane_app_free(app);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_that_nobody_wants_is_read_until_its_sender_looks),
		cmocka_unit_test(a_program_reads_on_as_its_front_sends_first),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
