/* SPDX-License-Identifier: MIT */
/*
 * test_share.c - processes that share a listening socket share the work too, though their handlers
 * block: with a master or without, in every mode, and in programs with a main of their own.
 *
 * Sixteen requests are there at once, for four processes; who answers is counted.
 */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
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
#include <vane/fastcgi.h>
#include <vane/process.h>
#include <vane/scgi.h>
#include <vane/server.h>

#include "support/fcgi_peer.h"
#include "support/scgi_peer.h"

enum { PROCESSES = 4, REQUESTS = 16, BLOCK_MSEC = 150, PATIENCE_MSEC = 20000 };

enum mode { HTTP, FASTCGI, SCGI };

/* How the processes come to be. */
enum way {
	BY_HAND, /* as those of a process manager: each is given the socket */
	PIECES,  /* bind, vane_fork_processes(), serve */
	START    /* vane_server_bind(), vane_server_start() */
};

static int block(struct vane_request *req, struct vane_response *res)
{
	nanosleep(&(struct timespec) { .tv_nsec = BLOCK_MSEC * 1000000L }, NULL);
	return vane_response_printf(res, "pid=%ld;", (long) getpid());
}

static const struct vane_handler slow = { .get = block };
static const struct vane_route routes[] = { { "/", &slow }, { 0 } };

/* ---- the programs ---- */

static void serve(enum mode mode, struct vane_sockets *socks)
{
	struct vane_loop *loop;
	struct vane_app *app;
	struct vane_server *server;
	struct vane_fastcgi *fastcgi;
	struct vane_scgi *scgi;
	int rc = vane_loop_new(&loop);

	if (rc == 0)
		rc = vane_app_new(&app, routes, NULL);
	if (rc == 0 && mode == HTTP) {
		rc = vane_server_new(&server, app, loop, NULL);
		if (rc == 0)
			rc = vane_server_add_sockets(server, socks);
	} else if (rc == 0 && mode == FASTCGI) {
		rc = vane_fastcgi_new(&fastcgi, app, loop, NULL);
		if (rc == 0)
			rc = vane_fastcgi_add_sockets(fastcgi, socks);
	} else if (rc == 0) {
		rc = vane_scgi_new(&scgi, app, loop, NULL);
		if (rc == 0)
			rc = vane_scgi_add_sockets(scgi, socks);
	}
	if (rc == 0)
		vane_loop_run(loop);
	_exit(9);
}

/* As supervisord starts them: there is nobody between them and the test. */
static void run_by_hand(enum mode mode, int listener)
{
	struct vane_sockets socks = { 0 };

	if (vane_sockets_adopt(&socks, listener) == 0)
		serve(mode, &socks);
	_exit(9);
}

static void run_pieces(enum mode mode, int listener)
{
	const struct vane_process_opts four = { .processes = PROCESSES };
	struct vane_sockets socks = { 0 };

	if (vane_sockets_add(&socks, listener) == 0 && vane_fork_processes(&four) >= 0)
		serve(mode, &socks);
	_exit(9);
}

static void run_start(int port)
{
	char text[16];
	struct vane_bind_opts where = { .address = "127.0.0.1", .port = text };
	struct vane_server *server;
	struct vane_app *app;

	snprintf(text, sizeof(text), "%d", port);
	if (vane_app_new(&app, routes, NULL) == 0 &&
		vane_server_new(&server, app, NULL, NULL) == 0 &&
		vane_server_bind(server, &where) == 0 &&
		vane_server_start(server, PROCESSES) == 0)
		vane_loop_run(vane_server_loop(server));
	_exit(9);
}

struct program {
	struct sockaddr_in addr;
	pid_t pids[PROCESSES];
	int count;
};

static int bind_here(struct sockaddr_in *addr)
{
	const struct vane_bind_opts opts = { .address = "127.0.0.1" };
	struct vane_sockets socks = { 0 };
	socklen_t len = sizeof(*addr);
	int fd;

	assert_int_equal(vane_bind_sockets(&opts, &socks), 0);
	fd = socks.fds[0];
	assert_int_equal(getsockname(fd, (struct sockaddr *) addr, &len), 0);
	socks.count = 0;
	vane_sockets_fini(&socks);
	return fd;
}

static void run(enum way way, enum mode mode, int listener, int port)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	vane_log_set_level(VANE_LOG_ERROR);
	if (way == BY_HAND)
		run_by_hand(mode, listener);
	else if (way == PIECES)
		run_pieces(mode, listener);
	close(listener);
	run_start(port);
}

static void start(struct program *program, enum way way, enum mode mode)
{
	int listener = bind_here(&program->addr), i;

	program->count = way == BY_HAND ? PROCESSES : 1;
	if (way == START) /* the program binds it by itself */
		close(listener);
	for (i = 0; i < program->count; i++) {
		program->pids[i] = fork();
		assert_true(program->pids[i] >= 0);
		if (program->pids[i] == 0)
			run(way, mode, listener, ntohs(program->addr.sin_port));
	}
	if (way != START)
		close(listener);
}

static void stop(struct program *program)
{
	int i;

	for (i = 0; i < program->count; i++)
		kill(program->pids[i], SIGTERM);
	for (i = 0; i < program->count; i++)
		waitpid(program->pids[i], NULL, 0);
}

/* ---- their clients ---- */

static int connect_to(const struct program *program)
{
	int fd = -1, i;

	for (i = 0; i < 1000; i++) { /* a program that binds by itself takes its time */
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (const struct sockaddr *) &program->addr,
			    sizeof(program->addr)) == 0)
			return fd;
		close(fd);
		nanosleep(&(struct timespec) { .tv_nsec = 5000000 }, NULL);
	}
	fail_msg("nobody listens");
	return -1;
}

static void say(int fd, const char *data, size_t len)
{
	assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), len);
}

static void send_request(int fd, enum mode mode)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	static const char *const params[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/", NULL };
	const struct fcgi_peer_request request = { .keep = true, .params = params };
	struct fcgi_bytes bytes = { 0 };
	char *scgi;
	size_t len;

	if (mode == HTTP) {
		say(fd, text, sizeof(text) - 1);
	} else if (mode == FASTCGI) {
		fcgi_peer_whole(&bytes, &request);
		say(fd, bytes.data, bytes.len);
		fcgi_bytes_fini(&bytes);
	} else {
		scgi = scgi_simple("GET", "/", NULL, 0, &len);
		say(fd, scgi, len);
		free(scgi);
	}
}

/* Wait for an answer, and say who gave it. */
static pid_t read_pid(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char text[4096];
	size_t len = 0, i;
	ssize_t n;

	while (poll(&pfd, 1, PATIENCE_MSEC) > 0 &&
		(n = recv(fd, text + len, sizeof(text) - 1 - len, 0)) > 0) {
		len += (size_t) n;
		text[len] = '\0';
		for (i = 0; i + 4 < len; i++)
			if (memcmp(text + i, "pid=", 4) == 0 &&
				memchr(text + i, ';', len - i) != NULL)
				return (pid_t) strtol(text + i + 4, NULL, 10);
	}
	fail_msg("no answer: %s", strerror(errno));
	return 0;
}

/* Ask for all at once; returns how many answers came from the process that has given the most. */
static int ask(const struct program *program, enum mode mode, bool connect_first)
{
	int fds[REQUESTS], counts[REQUESTS] = { 0 }, most = 0, i, j;
	pid_t pids[REQUESTS];

	for (i = 0; i < REQUESTS; i++) {
		fds[i] = connect_to(program);
		if (!connect_first)
			send_request(fds[i], mode);
	}
	for (i = 0; i < REQUESTS && connect_first; i++)
		send_request(fds[i], mode);
	for (i = 0; i < REQUESTS; i++) {
		pids[i] = read_pid(fds[i]);
		close(fds[i]);
		for (j = 0; pids[j] != pids[i]; j++)
			;
		if (++counts[j] > most)
			most = counts[j];
	}
	return most;
}

static const struct {
	const char *name;
	enum way way;
	enum mode mode;
} rows[] = {
	{ "http on a socket that each is given", BY_HAND, HTTP },
	{ "FastCGI on a socket that each is given", BY_HAND, FASTCGI },
	{ "SCGI on a socket that each is given", BY_HAND, SCGI },
	{ "http from pieces", PIECES, HTTP },
	{ "FastCGI from pieces", PIECES, FASTCGI },
	{ "SCGI from pieces", PIECES, SCGI },
	{ "vane_server_start()", START, HTTP },
};

/* As many as there are processes would be the ideal; nobody does more than twice his share. */
static void share(bool connect_first)
{
	size_t i;
	int round;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program program;

		start(&program, rows[i].way, rows[i].mode);
		for (round = 0; round < 2; round++) {
			int most = ask(&program, rows[i].mode, connect_first);

			print_message("%s, round %d: %d\n", rows[i].name, round, most);
			assert_in_range(most, 1, 2 * REQUESTS / PROCESSES - 1);
		}
		stop(&program);
	}
}

static void requests_are_shared(void **state)
{
	share(false);
}

/* Connections that say nothing yet are the harder case: whoever takes them has to do the work. */
static void requests_on_connections_that_were_there_before_are_shared(void **state)
{
	share(true);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_shared),
		cmocka_unit_test(requests_on_connections_that_were_there_before_are_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
