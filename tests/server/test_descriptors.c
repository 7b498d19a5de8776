/* SPDX-License-Identifier: MIT */
/*
 * test_descriptors.c - lib/server/server_limits.c and lib/net/accept.c where few descriptors are left
 *
 * Not under Valgrind, which accepts a connection beyond the limit, closes it, and says EMFILE:
 * the kernel leaves it in the queue.
 */
#include "test.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/site.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static struct vane_request *held;

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello");
}

static int hold(struct vane_request *req, struct vane_response *res)
{
	held = req;
	return vane_response_defer(res);
}

static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_handler hold_handler = { .get = hold };
static const struct vane_route routes[] = {
	{ "/", &hello_handler },
	{ "/hold", &hold_handler },
	{ 0 },
};

/* Open files until the next descriptor is that one.  Returns how many. */
static size_t open_up_to(int next, int *fds)
{
	size_t count = 0;

	do {
		fds[count] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert_in_range(fds[count], 0, next - 1);
	} while (fds[count++] < next - 1);
	return count;
}

static void the_last_descriptors_are_left_to_files(void **state)
{
	struct client clients[2];
	struct rlimit before, few;
	struct site site;
	int files[80];
	size_t count;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 80;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	site_init(&site, routes, NULL, NULL);
	client_init(&clients[0], &site);
	client_puts(&clients[0], GET("/hold"));
	while (held == NULL)
		site_turn(&site, 1);
	count = open_up_to(69, files);
	client_init(&clients[1], &site);
	assert_int_equal(clients[1].fd, 69); /* and the server's end is 70 */
	client_await_close(&clients[1]);
	assert_non_null(strstr(site.log, "connection refused: 1 are open"));
	while (count > 0)
		close(files[--count]);
	client_fini(&clients[1]);
	client_init(&clients[1], &site);
	client_puts(&clients[1], GET("/"));
	client_await(&clients[1], "hello");
	vane_response_finish(vane_request_response(held));
	client_fini(&clients[0]);
	client_fini(&clients[1]);
	site_fini(&site);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* Connects often, and keeps it; whether the last one is answered. */
static int be_a_crowd(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t) port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timeval patience = { .tv_sec = 20 };
	const char request[] = GET("/");
	char answer[100] = "";
	int fd = -1, i;

	for (i = 0; i < 200; i++) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *) &to, sizeof(to)) < 0)
			return 1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		return 2;
	if (recv(fd, answer, sizeof(answer) - 1, 0) <= 0)
		return 3;
	return memcmp(answer, "HTTP/1.1 200", 12) == 0 ? 0 : 4;
}

static void an_idle_connection_gives_way_when_descriptors_run_out(void **state)
{
	struct rlimit before, few;
	struct site site;
	pid_t child;
	int status = -1;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	site_init(&site, routes, NULL, NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_NOFILE, &before);
		_exit(be_a_crowd(site.port));
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		site_turn(&site, 1);
	assert_int_equal(status, 0);
	assert_null(strstr(site.log, "cannot accept"));
	site_await_connections(&site, 0);
	site_fini(&site);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_descriptors_are_left_to_files),
		cmocka_unit_test(an_idle_connection_gives_way_when_descriptors_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
