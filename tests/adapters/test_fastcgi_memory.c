/* SPDX-License-Identifier: MIT */
/*
 * test_fastcgi_memory.c - adapters/fastcgi*.c when memory cannot be had while an answer waits for a
 * front that does not read: that one connection may be lost, and no other is sent what was meant
 * for it
 *
 * The responder is a process of its own, in which one allocation after the other fails.
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vane.h>
#include <vane/fastcgi.h>

#include "support/alloc.h"
#include "support/fcgi_peer.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define WAIT_MSEC 20000
#define BIG_BYTES (700 * 1024)

/* What answers consist of that others are not to see. */
#define SECRET '#'

/* Room that an answer leaves in the responder's buffer: too little for the records that end it. */
#define ROOM 20

enum { ALL_WELL = 10, ONE_FAILED = 11 }; /* exit status of the responder */

static char secret[BIG_BYTES];

/* ---- the application ---- */

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello");
}

static int borrowed(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write_ref(res, secret, sizeof(secret));
}

static ssize_t pull(void *data, char *buf, size_t size)
{
	size_t *left = data, n = *left < size ? *left : size;

	memset(buf, SECRET, n);
	*left -= n;
	return (ssize_t) n;
}

static int source(struct vane_request *req, struct vane_response *res)
{
	size_t *left = vane_request_alloc(req, sizeof(*left));
	struct vane_source from = { .pull = pull, .data = left, .length = BIG_BYTES };

	if (left == NULL)
		return -ENOMEM;
	*left = BIG_BYTES;
	return vane_response_write_source(res, &from);
}

static int fill(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write(
		res, secret, strtoul(vane_request_arg(req, "bytes"), NULL, 10));
}

static int length(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%zu", vane_request_body(req).len);
}

static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_handler borrowed_handler = { .get = borrowed };
static const struct vane_handler source_handler = { .get = source };
static const struct vane_handler fill_handler = { .get = fill };
static const struct vane_handler length_handler = { .post = length };
static const struct vane_route routes[] = { { "/hello", &hello_handler },
	{ "/borrowed", &borrowed_handler }, { "/source", &source_handler },
	{ "/fill/{bytes}", &fill_handler }, { "/length", &length_handler }, { 0 } };

/* ---- the responder's process ---- */

static struct {
	struct vane_loop *loop;
	struct vane_fastcgi *fastcgi;
} self;

static void stop(void *data)
{
	vane_loop_stop(self.loop);
}

static void on_term(void *data)
{
	if (vane_fastcgi_drain(self.fastcgi, 5000, stop, NULL) < 0)
		stop(NULL);
}

/* The n-th allocation fails; the status says whether there was one. */
static int work(int fd, long n)
{
	struct vane_sockets socks = { 0 };
	struct vane_app *app;

	if (vane_sockets_add(&socks, fd) < 0 || vane_app_new(&app, routes, NULL) < 0 ||
		vane_loop_new(&self.loop) < 0 ||
		vane_loop_add_signal(self.loop, SIGTERM, on_term, NULL) < 0 ||
		vane_fastcgi_new(&self.fastcgi, app, self.loop, NULL) < 0 ||
		vane_fastcgi_add_sockets(self.fastcgi, &socks) < 0)
		return 1;
	alloc_fail_once(n);
	vane_loop_run(self.loop);
	return alloc_fail_never() > 0 ? ONE_FAILED : ALL_WELL;
}

/* A socket whose name the kernel picks. */
static int listen_somewhere(struct sockaddr_un *addr, socklen_t *len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	*addr = (struct sockaddr_un) { .sun_family = AF_UNIX };
	*len = sizeof(addr->sun_family);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *) addr, *len), 0);
	*len = sizeof(*addr);
	assert_int_equal(getsockname(fd, (struct sockaddr *) addr, len), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

struct server {
	struct sockaddr_un addr;
	socklen_t len;
	pid_t pid;
};

static void start(struct server *server, long n)
{
	int fd = listen_somewhere(&server->addr, &server->len);

	fflush(NULL);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGSEGV, SIG_DFL); /* cmocka's goes on with the tests */
		vane_log_set_level(VANE_LOG_NONE);
		alarm(60);
		_exit(work(fd, n));
	}
	close(fd);
}

static int finish(const struct server *server)
{
	int status;

	assert_int_equal(kill(server->pid, SIGTERM), 0);
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* ---- the fronts ---- */

static void connect_to(struct fcgi_peer *peer, const struct server *server)
{
	*peer = (struct fcgi_peer) { .id = 1 };
	peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(peer->fd >= 0);
	assert_int_equal(
		connect(peer->fd, (const struct sockaddr *) &server->addr, server->len), 0);
}

static void add_request(struct fcgi_bytes *bytes, unsigned id, const char *method,
	const char *uri, size_t body_len)
{
	char method_var[32], uri_var[64], length_var[48];
	const char *const vars[] = { method_var, uri_var, length_var, NULL };
	const struct fcgi_peer_request request = {
		.id = id, .keep = true, .params = vars, .body = secret, .body_len = body_len
	};

	snprintf(method_var, sizeof(method_var), "REQUEST_METHOD=%s", method);
	snprintf(uri_var, sizeof(uri_var), "REQUEST_URI=%s", uri);
	snprintf(length_var, sizeof(length_var), "CONTENT_LENGTH=%zu", body_len);
	fcgi_peer_whole(bytes, &request);
}

static size_t body_length(const struct fcgi_peer *peer)
{
	const char *end = peer->out.len > 0 ? strstr(peer->out.data, "\r\n\r\n") : NULL;

	return end != NULL ? (size_t) (peer->out.data + peer->out.len - end - 4) : 0;
}

/* It is answered, or it was this one that found no memory.  Returns whether it is answered. */
static bool says_hello(const struct server *server)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	bool answered;

	connect_to(&peer, server);
	add_request(&bytes, 1, "GET", "/hello", 0);
	fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC);
	answered = fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, WAIT_MSEC) == 0;
	assert_false(peer.malformed);
	assert_true(peer.out.len == 0 || strchr(peer.out.data, SECRET) == NULL);
	answered = answered && strncmp(peer.out.data, "Status: 200", 11) == 0;
	fcgi_bytes_fini(&bytes);
	fcgi_peer_close(&peer);
	return answered;
}

/*
 * One front asks, with another request behind, and does not read until others have been answered.
 * Returns how many of the others were not.
 */
static int play(const struct server *server, const char *uri, size_t expected)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	int lost = 0;

	connect_to(&peer, server);
	add_request(&bytes, 1, "GET", uri, 0);
	if (expected == BIG_BYTES) /* what comes behind it is kept */
		add_request(&bytes, 1, "POST", "/length", 40000);
	send(peer.fd, bytes.data, bytes.len, MSG_NOSIGNAL); /* it may be closed already */
	lost += !says_hello(server);
	lost += !says_hello(server);
	fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, WAIT_MSEC);
	assert_true(peer.ended || peer.closed);
	if (peer.ended && strncmp(peer.out.data, "Status: 200", 11) == 0)
		assert_true(body_length(&peer) >= expected);
	fcgi_peer_close(&peer);
	lost += !says_hello(server);
	fcgi_bytes_fini(&bytes);
	return lost;
}

/* ---- the tests ---- */

static void expect_one_lost(const char *uri, size_t expected)
{
	struct server server;
	int status = ONE_FAILED;
	long n;

	for (n = 0; status == ONE_FAILED; n++) {
		start(&server, n);
		if (play(&server, uri, expected) > 1)
			fail_msg("%s: more than one is lost by allocation %ld", uri, n);
		status = finish(&server);
	}
	assert_int_equal(status, ALL_WELL);
	assert_true(n > 5);
}

static void an_answer_that_waits_costs_its_own_connection_at_most(void **state)
{
	expect_one_lost("/borrowed", BIG_BYTES);
	expect_one_lost("/source", BIG_BYTES);
}

/* How many bytes an answer is, all records told, but for those that end it. */
static size_t answer_length(size_t body)
{
	struct fcgi_bytes bytes = { 0 };
	struct server server;
	struct fcgi_peer peer;
	char uri[32];
	size_t len;

	start(&server, 1 << 20);
	connect_to(&peer, &server);
	snprintf(uri, sizeof(uri), "/fill/%zu", body);
	add_request(&bytes, 1, "GET", uri, 0);
	fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC);
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, WAIT_MSEC), 0);
	len = 8 + peer.out.len;
	fcgi_peer_close(&peer);
	fcgi_bytes_fini(&bytes);
	assert_int_equal(finish(&server), ALL_WELL);
	return len;
}

/* The answer fits in the memory that is there, and what ends it does not. */
static void an_answer_without_an_end_is_sent_to_nobody_else(void **state)
{
	size_t bytes, want;

	for (want = 512; want <= 1024; want *= 2) {
		char uri[32];

		bytes = want - ROOM - answer_length(100) + 100;
		assert_int_equal(answer_length(bytes), want - ROOM);
		snprintf(uri, sizeof(uri), "/fill/%zu", bytes);
		expect_one_lost(uri, bytes);
	}
}

static int set_up(void **state)
{
	memset(secret, SECRET, sizeof(secret));
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_waits_costs_its_own_connection_at_most),
		cmocka_unit_test(an_answer_without_an_end_is_sent_to_nobody_else),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
