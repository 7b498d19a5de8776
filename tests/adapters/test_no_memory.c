/* SPDX-License-Identifier: MIT */
/*
 * test_no_memory.c - servers that find no memory, in every mode that serves: a connection may
 * be lost, but no process, and none hangs
 *
 * Each server is a child of this process, which is its client.
 */
#include "config.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vane.h>
#include <vane/fastcgi.h>
#include <vane/log.h>
#include <vane/loop.h>
#include <vane/scgi.h>
#include <vane/server.h>

#include "support/alloc.h"
#include "support/fcgi_peer.h"
#include "support/port.h"
#include "support/scgi_peer.h"

#define PATIENCE_MSEC 20000
#define CROWD_MAX     70

enum mode { HTTP, SCGI, FASTCGI, MODES };

enum { ALL_WELL = 10, ONE_FAILED = 11 }; /* exit status of a server */

/* ---- the server ---- */

static int later(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, "hello");
	return vane_response_finish(res);
}

static int hello(struct vane_request *req, struct vane_response *res)
{
	const char *name = vane_request_field(req, "x-name");

	if (vane_request_body(req).len != 5)
		return 400;
	vane_response_set_field(res, "X-Name", name != NULL ? name : "");
	if (!vane_request_can(req, VANE_CAP_TIMERS))
		return vane_response_puts(res, "hello");
	vane_response_defer(res);
	return vane_request_after(req, 1, later, NULL);
}

static const struct vane_handler handler = { .post = hello };
static const struct vane_route routes[] = { { "/{name}", &handler }, { 0 } };

static struct {
	struct vane_loop *loop;
	struct vane_server *server;
	struct vane_fastcgi *fastcgi;
	struct vane_scgi *scgi;
	void *ballast; /* a list */
} self;

static void stop(void *data)
{
	vane_loop_stop(self.loop);
}

static void on_term(void *data)
{
	int rc = -1;

	if (self.server != NULL)
		rc = vane_server_drain(self.server, 60000, stop, NULL);
	else if (self.scgi != NULL)
		rc = vane_scgi_drain(self.scgi, 60000, stop, NULL);
	else
		rc = vane_fastcgi_drain(self.fastcgi, 60000, stop, NULL);
	if (rc < 0)
		stop(NULL);
}

static int make(enum mode mode, int fd)
{
	struct vane_sockets socks = { 0 };
	struct vane_app *app;
	int rc = vane_sockets_add(&socks, fd);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (rc < 0 || vane_app_new(&app, routes, NULL) < 0 ||
		vane_loop_new(&self.loop) < 0 ||
		vane_loop_add_signal(self.loop, SIGTERM, on_term, NULL) < 0)
		return -1;
	switch (mode) {
	case HTTP:
		rc = vane_server_new(&self.server, app, self.loop, NULL);
		return rc < 0 ? rc : vane_server_add_sockets(self.server, &socks);
	case SCGI:
		rc = vane_scgi_new(&self.scgi, app, self.loop, NULL);
		return rc < 0 ? rc : vane_scgi_add_sockets(self.scgi, &socks);
	case FASTCGI:
		rc = vane_fastcgi_new(&self.fastcgi, app, self.loop, NULL);
		return rc < 0 ? rc : vane_fastcgi_add_sockets(self.fastcgi, &socks);
	default:
		return -1;
	}
}

/* The n-th allocation fails; the status says whether there was one. */
static int serve_with_one_failure(long n)
{
	alloc_fail_once(n);
	vane_loop_run(self.loop);
	return alloc_fail_never() > 0 ? ONE_FAILED : ALL_WELL;
}

static void give_back(void *data)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_AS, &none);
	while (self.ballast != NULL) {
		void *next = *(void **) self.ballast;

		free(self.ballast);
		self.ballast = next;
	}
}

static void take_all(size_t size)
{
	void *block;

	while ((block = malloc(size)) != NULL) {
		*(void **) block = self.ballast;
		self.ballast = block;
	}
}

/* Leave so many bytes of memory, in pieces. */
static void leave_memory(size_t bytes)
{
	struct rlimit limit = { 0, RLIM_INFINITY };
	volatile char stack[256 * 1024]; /* grown before there is a limit */
	size_t size = 256 * 1024;

	memset((void *) (uintptr_t) stack, 1, sizeof(stack));
	mallopt(M_TRIM_THRESHOLD, 1 << 30); /* what is freed stays ours */
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	setrlimit(RLIMIT_AS, &limit);
	for (; size >= 16; size /= 2)
		take_all(size);
	while (bytes > 0 && self.ballast != NULL) {
		void *next = *(void **) self.ballast;
		size_t got = malloc_usable_size(self.ballast);

		free(self.ballast);
		self.ballast = next;
		bytes -= got < bytes ? got : bytes;
	}
}

static int serve_with_little(long bytes)
{
	if (vane_loop_add_signal(self.loop, SIGUSR1, give_back, NULL) < 0)
		return 1;
	leave_memory((size_t) bytes);
	vane_loop_run(self.loop);
	return ALL_WELL;
}

/* ---- its client ---- */

struct scene {
	enum mode mode;
	pid_t pid;
	int port;
	char *request;
	size_t len;
};

static void start(struct scene *scene, enum mode mode, int (*serve)(long n), long n)
{
	int fd = port_listen(&scene->port);

	assert_true(fd >= 0);
	scene->mode = mode;
	fflush(NULL);
	scene->pid = fork();
	assert_true(scene->pid >= 0);
	if (scene->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGSEGV, SIG_DFL); /* cmocka's goes on with the tests */
		vane_log_set_level(VANE_LOG_NONE);
		alarm(60);
		_exit(make(mode, fd) < 0 ? 1 : serve(n));
	}
	close(fd);
}

static void make_request(struct scene *scene)
{
	static const char *const vars[] = { "REQUEST_METHOD=POST", "REQUEST_URI=/x",
		"CONTENT_LENGTH=5", "SERVER_PROTOCOL=HTTP/1.1", "HTTP_X_NAME=value",
		"HTTP_HOST=h", NULL };
	const struct fcgi_peer_request fcgi = {
		.params = vars, .body = "12345", .body_len = 5
	};
	struct fcgi_bytes bytes = { 0 };

	switch (scene->mode) {
	case HTTP:
		scene->request =
			strdup("POST /x HTTP/1.1\r\nHost: h\r\nX-Name: value\r\n"
			       "Connection: close\r\nContent-Length: 5\r\n\r\n12345");
		scene->len = strlen(scene->request);
		break;
	case SCGI:
		scene->request = scgi_request(vars, "12345", 5, &scene->len);
		break;
	default:
		fcgi_peer_whole(&bytes, &fcgi);
		scene->request = bytes.data;
		scene->len = bytes.len;
	}
	assert_non_null(scene->request);
}

/* Read to the end: whether that was the answer. */
static bool answered(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	char text[2048];
	size_t len = 0;
	ssize_t n;

	do {
		if (poll(&pollfd, 1, PATIENCE_MSEC) != 1)
			fail_msg("neither an answer nor an end");
		n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
		len += n > 0 ? (size_t) n : 0;
	} while (n > 0 && len < sizeof(text) - 1);
	return memmem(text, len, "hello", 5) != NULL;
}

/* Ask so many times at once; returns how many had no answer. */
static int ask(struct scene *scene, int count)
{
	int fds[CROWD_MAX], lost = 0, i;

	make_request(scene);
	for (i = 0; i < count; i++) {
		fds[i] = port_connect(scene->port, NULL);
		assert_true(fds[i] >= 0);
	}
	for (i = 0; i < count; i++)
		send(fds[i], scene->request, scene->len, MSG_NOSIGNAL);
	for (i = 0; i < count; i++) {
		lost += !answered(fds[i]);
		close(fds[i]);
	}
	free(scene->request);
	return lost;
}

static int finish(struct scene *scene)
{
	int status;

	assert_int_equal(kill(scene->pid, SIGTERM), 0);
	assert_int_equal(
		waitpid(scene->pid, &status, 0), scene->pid); /* it has an alarm() */
	if (!WIFEXITED(status))
		fail_msg("mode %d: killed by signal %d", scene->mode, WTERMSIG(status));
	return WEXITSTATUS(status);
}

/* ---- the tests ---- */

static void one_failed_allocation_costs_one_connection(void **state)
{
	static const struct {
		enum mode mode;
		int crowd;
	} rows[] = { { HTTP, 1 }, { HTTP, CROWD_MAX }, { SCGI, 3 }, { FASTCGI, 3 } };
	struct scene scene;
	size_t i;
	long n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) && rows[i].mode < MODES; i++) {
		for (n = 0;; n += rows[i].crowd < CROWD_MAX ? 1 : 1 + n / 15) {
			start(&scene, rows[i].mode, serve_with_one_failure, n);
			if (ask(&scene, rows[i].crowd) > 1)
				fail_msg("mode %d: more than one by allocation %ld",
					rows[i].mode, n);
			if (finish(&scene) == ALL_WELL)
				break;
		}
		assert_true(n > 5);
	}
}

/*
 * All that the libraries allocate, too: libev and libfcgi end the process if that fails.  Not
 * with sanitizers, which need address space of their own.
 */
__attribute__((unused)) static void memory_that_runs_out_ends_no_process(void **state)
{
	enum mode mode;
	long kib;

	for (mode = HTTP; mode < MODES; mode++)
		for (kib = 0; kib < 256; kib += 4 + kib / 8) {
			struct scene scene;

			start(&scene, mode, serve_with_little, kib * 1024);
			ask(&scene, 20);
			kill(scene.pid, SIGUSR1);
			while (ask(&scene, 1) != 0)
				; /* until it has given it back */
			assert_int_equal(finish(&scene), ALL_WELL);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_failed_allocation_costs_one_connection),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(memory_that_runs_out_ends_no_process),
#endif
	};

	alarm(300);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
