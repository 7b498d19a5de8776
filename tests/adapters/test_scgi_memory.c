/* SPDX-License-Identifier: MIT */
/*
 * test_scgi_memory.c - adapters/scgi*.c when memory cannot be had while an answer waits for a front
 * that does not read, or a large body is coming: that one connection may be lost, an answer that is
 * not whole is cut off as such, and no other is sent what was meant for it
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
#include <sys/wait.h>
#include <unistd.h>
#include <vane.h>
#include <vane/scgi.h>

#include "support/alloc.h"
#include "support/scgi_peer.h"

#define BIG_BYTES  (700 * 1024)
#define BODY_BYTES 200000

/* What answers consist of that others are not to see. */
#define SECRET '#'

enum { ALL_WELL = 10, ONE_FAILED = 11 }; /* exit status of the responder */

static char secret[BIG_BYTES];

static struct {
	char dir[64], path[80];
	pid_t pid;
} server;

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

static int length(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%zu", vane_request_body(req).len);
}

static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_handler borrowed_handler = { .get = borrowed };
static const struct vane_handler source_handler = { .get = source };
static const struct vane_handler length_handler = { .post = length };
static const struct vane_route routes[] = { { "/hello", &hello_handler },
	{ "/borrowed", &borrowed_handler }, { "/source", &source_handler },
	{ "/length", &length_handler }, { 0 } };

/* ---- the responder's process ---- */

static struct vane_loop *loop;
static struct vane_scgi *scgi;

static void stop(void *data)
{
	vane_loop_stop(loop);
}

static void on_term(void *data)
{
	if (vane_scgi_drain(scgi, 5000, stop, NULL) < 0)
		stop(NULL);
}

/* The n-th allocation fails; the status says whether there was one. */
static int work(int fd, long n)
{
	struct vane_sockets socks = { 0 };
	struct vane_app *app;

	if (vane_sockets_add(&socks, fd) < 0 || vane_app_new(&app, routes, NULL) < 0 ||
		vane_loop_new(&loop) < 0 ||
		vane_loop_add_signal(loop, SIGTERM, on_term, NULL) < 0 ||
		vane_scgi_new(&scgi, app, loop, NULL) < 0 ||
		vane_scgi_add_sockets(scgi, &socks) < 0)
		return 1;
	alloc_fail_once(n);
	vane_loop_run(loop);
	return alloc_fail_never() > 0 ? ONE_FAILED : ALL_WELL;
}

static void start(long n)
{
	int fd;

	unlink(server.path);
	assert_int_equal(vane_bind_unix_socket(server.path, 0, 0, &fd), 0);
	fflush(NULL);
	server.pid = fork();
	assert_true(server.pid >= 0);
	if (server.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGSEGV, SIG_DFL); /* cmocka's goes on with the tests */
		vane_log_set_level(VANE_LOG_NONE);
		alarm(60);
		_exit(work(fd, n));
	}
	close(fd);
}

static int finish(void)
{
	int status;

	assert_int_equal(kill(server.pid, SIGTERM), 0);
	assert_int_equal(waitpid(server.pid, &status, 0), server.pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* ---- the fronts ---- */

/* Have the other one's bytes sent and answered: whether that is a page, and whole. */
static bool converse(int fd, const char *bytes, size_t len, struct scgi_answer *answer)
{
	int rc = scgi_converse(fd, bytes, len, NULL, answer);

	assert_true(rc == 0 || rc == -EPIPE || rc == -ECONNRESET);
	return rc == 0 && !answer->reset && answer->len > 0 &&
	       strncmp(answer->data, "Status: 200 ", 12) == 0;
}

/* It is answered, or it was this one that found no memory. */
static bool says(const char *method, const char *target, size_t body_len, const char *body)
{
	struct scgi_answer answer = { 0 };
	size_t len;
	char *bytes = scgi_simple(method, target, secret, body_len, &len);
	int fd = scgi_connect(server.path);
	bool answered;

	assert_true(fd >= 0);
	answered = converse(fd, bytes, len, &answer);
	assert_true(answer.len == 0 || strchr(answer.data, SECRET) == NULL);
	assert_true(!answered || strstr(answer.data, body) != NULL);
	free(answer.data);
	free(bytes);
	return answered;
}

/*
 * One front asks, and does not read until others have been answered.  Returns how many were not of
 * all of them.
 */
static int play(const char *target)
{
	struct scgi_answer answer = { 0 };
	size_t len;
	char *bytes = scgi_simple("GET", target, NULL, 0, &len);
	int fd = scgi_connect(server.path), lost = 0;

	assert_true(fd >= 0);
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t) len);
	lost += !says("GET", "/hello", 0, "hello");
	lost += !says("POST", "/length", BODY_BYTES, "200000");
	if (converse(fd, NULL, 0, &answer))
		assert_true(answer.len > BIG_BYTES); /* for whole means whole */
	else
		lost++;
	lost += !says("GET", "/hello", 0, "hello");
	free(answer.data);
	free(bytes);
	return lost;
}

/* ---- the tests ---- */

static void one_is_lost_at_most_and_named_as_such(void **state)
{
	static const char *const targets[] = { "/borrowed", "/source" };
	size_t i;
	long n;

	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		int status = ONE_FAILED;

		for (n = 0; status == ONE_FAILED; n++) {
			start(n);
			if (play(targets[i]) > 1)
				fail_msg("%s: more than one is lost by allocation %ld",
					targets[i], n);
			status = finish();
		}
		assert_int_equal(status, ALL_WELL);
		assert_true(n > 5);
	}
}

static int set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	memset(secret, SECRET, sizeof(secret));
	snprintf(server.dir, sizeof(server.dir), "%.40s/vane-XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(server.dir) == NULL)
		return -1;
	snprintf(server.path, sizeof(server.path), "%s/s", server.dir);
	return 0;
}

static int tear_down(void **state)
{
	unlink(server.path);
	return rmdir(server.dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_lost_at_most_and_named_as_such),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
