/* SPDX-License-Identifier: MIT */
/*
 * test_alloc.c - the hosts of gateway/ with any allocation failing: a request may be
 * lost, but it has an end, nothing is left of it, and the next one is answered
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/gateway.h>

#include "support/alloc.h"
#include "support/proc.h"
#include "support/site.h"
#include "support/tmp.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* How long a request may go on while there is no memory at all. */
#define TURNS       20

#define H           "Host: h\r\nConnection: close\r\n"
#define GET(query)  "GET /?" query " HTTP/1.1\r\n" H "\r\n"
#define POST(query) "POST /?" query " HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nabcde"
#define CHUNKED(query)                                                                     \
	"POST /?" query " HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"             \
	"5\r\nabcde\r\n0\r\n\r\n"

enum kind { CGI, FASTCGI, KEPT, SHARED, SCGI, PROGRAM };

struct stage {
	enum kind kind;
	struct vane_backend *cgi;
	struct vane_backend *fastcgi;
	struct vane_backend *scgi;
	struct vane_route routes[2];
	struct site site;
};

static const struct {
	enum kind kind;
	const char *request;
} rows[] = {
	{ CGI, GET("hello=10") },
	{ CGI, POST("echo") },
	{ CGI, CHUNKED("echo") },
	{ CGI, GET("stderr=10") },
	{ FASTCGI, GET("hello=10") },
	{ FASTCGI, POST("echo") },
	{ FASTCGI, CHUNKED("echo") },
	{ KEPT, GET("hello=10") },
	{ SHARED, POST("echo") },
	{ SCGI, GET("hello=10") },
	{ SCGI, POST("echo") },
	{ PROGRAM, GET("hello=10") },
};

static struct tmp tmp;
static struct proc peers[2];
static char script[4096], fastcgi[TMP_PATH_MAX + 8], scgi[TMP_PATH_MAX + 8];

static void start_peer(struct proc *peer, const char *kind, char *upstream, size_t size)
{
	char socket[TMP_PATH_MAX], log[TMP_PATH_MAX], name[16];
	char program[] = "tests/fixtures/badpeer";
	char *argv[] = { program, (char *) kind, socket, NULL };
	const struct proc_start start = { .argv = argv, .log = log };

	snprintf(name, sizeof(name), "%s.log", kind);
	tmp_path(&tmp, socket, kind);
	tmp_path(&tmp, log, name);
	snprintf(upstream, size, "unix:%s", socket);
	assert_int_equal(proc_start(peer, &start), 0);
	assert_int_equal(proc_wait_unix(peer, socket, 10000), 0);
}

static int setup(void **state)
{
	assert_int_equal(tmp_make(&tmp), 0);
	assert_non_null(realpath("tests/fixtures/badcgi", script));
	start_peer(&peers[0], "fastcgi", fastcgi, sizeof(fastcgi));
	start_peer(&peers[1], "scgi", scgi, sizeof(scgi));
	return 0;
}

static int teardown(void **state)
{
	proc_stop(&peers[0]);
	proc_stop(&peers[1]);
	tmp_remove(&tmp);
	return 0;
}

static int make_host(struct stage *stage)
{
	static const char *const argv[] = { "tests/fixtures/badpeer", "fastcgi", NULL };
	const struct vane_spawn_opts program = { .argv = argv };
	const struct vane_cgi_backend_opts cgi = { .scripts.script = script,
		.kill_msec = 100 };
	struct vane_fastcgi_backend_opts opts = { .upstream = fastcgi };

	opts.max_idle = stage->kind == KEPT || stage->kind == SHARED ? 2 : 0;
	opts.multiplex = stage->kind == SHARED;
	switch (stage->kind) {
	case CGI:
		return vane_cgi_backend_new(&stage->cgi, &cgi);
	case SCGI:
		opts.upstream = scgi;
		return vane_scgi_backend_new(&stage->scgi, &opts);
	case PROGRAM:
		opts.upstream = NULL;
		opts.spawn = &program;
		break;
	default:
		break;
	}
	return vane_fastcgi_backend_new(&stage->fastcgi, &opts);
}

static void free_host(struct stage *stage)
{
	vane_backend_free(stage->cgi);
	vane_backend_free(stage->fastcgi);
	vane_backend_free(stage->scgi);
	stage->cgi = NULL;
	stage->fastcgi = NULL;
	stage->scgi = NULL;
}

static void begin(struct stage *stage, enum kind kind)
{
	int descriptors = site_descriptors();

	memset(stage, 0, sizeof(*stage));
	stage->kind = kind;
	assert_int_equal(make_host(stage), 0);
	if (stage->cgi != NULL)
		stage->routes[0] = (struct vane_route) { "/{path:.*}",
			&vane_backend_handler, .data = stage->cgi };
	else if (stage->scgi != NULL)
		stage->routes[0] = (struct vane_route) { "/{path:.*}",
			&vane_backend_handler, .data = stage->scgi };
	else
		stage->routes[0] = (struct vane_route) { "/{path:.*}",
			&vane_backend_handler, .data = stage->fastcgi };
	site_init(&stage->site, stage->routes, NULL, NULL);
	stage->site.descriptors = descriptors;
}

static void end(struct stage *stage)
{
	site_await_connections(&stage->site, 0);
	assert_int_equal(vane_server_in_flight(stage->site.server), 0);
	free_host(stage);
	site_fini(&stage->site);
	assert_true(waitpid(-1, NULL, WNOHANG) <= 0); /* no child was left */
}

static void ask(struct stage *stage, const char *request, struct client *client)
{
	client_init(client, &stage->site);
	site_await_connections(&stage->site, 1);
	send(client->fd, request, strlen(request), MSG_NOSIGNAL);
}

/* So many more may be opened; below zero: as many as before. */
static void allow_descriptors(long n)
{
	static rlim_t before;
	struct rlimit limit;
	int next;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (n < 0) {
		limit.rlim_cur = before;
	} else {
		next = dup(STDIN_FILENO);
		assert_true(next >= 0);
		close(next);
		before = limit.rlim_cur;
		limit.rlim_cur = (rlim_t) next + (rlim_t) n;
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Returns how many allocations failed. */
static long try_once(enum kind kind, const char *request, long n, void (*arm)(long n))
{
	struct client client;
	struct stage stage;
	long failed;
	int i;

	begin(&stage, kind);
	ask(&stage, request, &client);
	arm(n);
	for (i = 0; i < TURNS && vane_server_connections(stage.site.server) > 0; i++)
		site_turn(&stage.site, 1);
	failed = alloc_fail_never();
	if (arm == allow_descriptors)
		arm(-1);
	client_await_close(&client);
	client_fini(&client);
	ask(&stage, request, &client);
	client_await_close(&client);
	if (strncmp(client.in, "HTTP/1.1 200 ", 13) != 0)
		fail_msg("%d, %ld: %s after that: %s", kind, n, request, client.in);
	client_fini(&client);
	end(&stage);
	return failed;
}

static void a_host_survives_any_failed_allocation(void **state)
{
	size_t row;
	long n;

	for (row = 0; row < LENGTH(rows); row++) {
		for (n = 0; try_once(rows[row].kind, rows[row].request, n,
				    alloc_fail_after) > 0;
			n++)
			;
		assert_true(n > 5);
		for (n = 0;
			try_once(rows[row].kind, rows[row].request, n, alloc_fail_once) > 0;
			n++)
			;
	}
}

/* A page that its client does not read: it is kept for it. */
static void what_is_kept_survives_any_failed_allocation(void **state)
{
	long n = 0;

	while (try_once(CGI, GET("big=5000000"), n, alloc_fail_once) > 0)
		n++;
	assert_true(n > 5);
	for (n = 0; n < 12; n++)
		try_once(CGI, GET("big=5000000"), n, allow_descriptors);
}

/* Gaps are filled first: what was open before is below the limit. */
static void a_host_survives_a_lack_of_descriptors(void **state)
{
	size_t row;
	long n;

	for (row = 0; row < LENGTH(rows); row++)
		for (n = 0; n < 12; n++)
			try_once(rows[row].kind, rows[row].request, n, allow_descriptors);
}

static void a_host_that_cannot_be_made_leaves_nothing(void **state)
{
	static const enum kind kinds[] = { CGI, FASTCGI, SHARED, SCGI, PROGRAM };
	int before = site_descriptors();
	size_t i;
	long n;

	for (i = 0; i < LENGTH(kinds); i++) {
		struct stage stage = { .kind = kinds[i] };
		int rc = -ENOMEM;

		for (n = 0; rc < 0; n++) {
			alloc_fail_once(n);
			rc = make_host(&stage);
			alloc_fail_never();
			assert_true(rc == 0 || rc == -ENOMEM);
		}
		assert_true(n > 1);
		free_host(&stage);
		assert_int_equal(site_descriptors(), before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_survives_any_failed_allocation),
		cmocka_unit_test(what_is_kept_survives_any_failed_allocation),
		cmocka_unit_test(a_host_survives_a_lack_of_descriptors),
		cmocka_unit_test(a_host_that_cannot_be_made_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
