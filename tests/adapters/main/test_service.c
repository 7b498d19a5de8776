/* SPDX-License-Identifier: MIT */
/*
 * test_service.c - whole programs as services of systemd: sockets with names, and what is said to
 * NOTIFY_SOCKET.  The test speaks the protocols by hand, and has systemd-socket-activate do so where
 * there is one.
 */
#include "config.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vane.h>

#include "support/proc.h"

enum { PATIENCE_MSEC = 10000 };

/* What a handler sees of systemd: whatever it starts sees no more. */
static int tell_environment(struct vane_request *req, struct vane_response *res)
{
	static const char *const names[] = { "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
		"NOTIFY_SOCKET", "WATCHDOG_USEC" };
	size_t i;
	int fd;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (getenv(names[i]) != NULL)
			vane_response_printf(res, "%s ", names[i]);
	for (fd = 3; fd < 6; fd++)
		if (fcntl(fd, F_GETFD) == 0) /* open, and not close-on-exec */
			vane_response_printf(res, "descriptor %d ", fd);
	return vane_response_printf(res, "are inherited\n");
}

static const struct vane_route routes[] = { VANE_GET("/", tell_environment), VANE_END };

/* The manager of a service, and its sockets: "web", "admin" and "admin" again. */
struct manager {
	char dir[64];
	int listeners[3];
	int notify; /* what the service says comes here */
	char notify_name[120];
	char said[4096];
	pid_t pid;
};

static struct sockaddr_un address_of(const struct manager *manager, int i)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%d", manager->dir, i);
	return addr;
}

static void make_sockets(struct manager *manager)
{
	struct sockaddr_un addr;
	int i;

	memset(manager, 0, sizeof(*manager));
	strcpy(manager->dir, "/tmp/vane-service-XXXXXX");
	assert_non_null(mkdtemp(manager->dir));
	for (i = 0; i < 3; i++) {
		addr = address_of(manager, i);
		manager->listeners[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(manager->listeners[i], (struct sockaddr *) &addr,
					 sizeof(addr)),
			0);
		assert_int_equal(listen(manager->listeners[i], 8), 0);
	}
	addr = address_of(manager, 3);
	manager->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(manager->notify, (struct sockaddr *) &addr, sizeof(addr)), 0);
	snprintf(manager->notify_name, sizeof(manager->notify_name), "%s", addr.sun_path);
}

static void remove_sockets(struct manager *manager)
{
	int i;

	for (i = 0; i < 4; i++)
		unlink(address_of(manager, i).sun_path);
	for (i = 0; i < 3; i++)
		close(manager->listeners[i]);
	close(manager->notify);
	rmdir(manager->dir);
}

/* As systemd starts a service: its sockets from descriptor 3 on. */
static void become(struct manager *manager, const char *const *words)
{
	char *argv[6] = { (char *) "prog" }, pid[20];
	int argc, i;

	for (i = 0; i < 3; i++) /* out of the way first */
		manager->listeners[i] = fcntl(manager->listeners[i], F_DUPFD_CLOEXEC, 50);
	for (i = 0; i < 3; i++)
		dup2(manager->listeners[i], 3 + i);
	snprintf(pid, sizeof(pid), "%ld", (long) getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "3", 1);
	setenv("LISTEN_FDNAMES", "web:admin:admin", 1);
	setenv("NOTIFY_SOCKET", manager->notify_name, 1);
	setenv("WATCHDOG_USEC", "400000", 1);
	for (argc = 1; argc < 5 && words[argc - 1] != NULL; argc++)
		argv[argc] = (char *) words[argc - 1];
	exit(vane_main(argc, argv, routes));
}

static void start(struct manager *manager, const char *const *words)
{
	manager->said[0] = '\0';
	fflush(NULL);
	manager->pid = fork();
	assert_true(manager->pid >= 0);
	if (manager->pid == 0)
		become(manager, words);
}

static int stop(struct manager *manager)
{
	int status;

	kill(manager->pid, SIGTERM);
	assert_int_equal(waitpid(manager->pid, &status, 0), manager->pid);
	return status;
}

/* Wait until the service has said that, so often. */
static void await(struct manager *manager, const char *words, int times)
{
	struct pollfd pfd = { .fd = manager->notify, .events = POLLIN };
	const char *at;
	size_t len;
	ssize_t n;
	int count;

	for (;;) {
		for (count = 0, at = manager->said; (at = strstr(at, words)) != NULL; at++)
			count++;
		if (count >= times)
			return;
		len = strlen(manager->said);
		if (poll(&pfd, 1, PATIENCE_MSEC) <= 0)
			fail_msg("\"%s\" was not said, but:\n%s", words, manager->said);
		n = recv(manager->notify, manager->said + len,
			sizeof(manager->said) - 1 - len, 0);
		assert_true(n > 0);
		manager->said[len + (size_t) n] = '\0';
	}
}

/* Ask at a socket; answers that do not come within that time are "". */
static void ask(const struct sockaddr_un *addr, char *answer, size_t size, int msec)
{
	static const char text[] = "GET / HTTP/1.0\r\nHost: x\r\n\r\n";
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	answer[0] = '\0';
	if (connect(fd, (const struct sockaddr *) addr, sizeof(*addr)) == 0 &&
		send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL) > 0)
		while (poll(&pfd, 1, msec) > 0 &&
			(n = recv(fd, answer + len, size - 1 - len, 0)) > 0)
			answer[len += (size_t) n] = '\0';
	close(fd);
}

static bool serves(const struct manager *manager, int i, int msec)
{
	struct sockaddr_un addr = address_of(manager, i);
	char answer[1024];

	ask(&addr, answer, sizeof(answer), msec);
	if (answer[0] != '\0')
		assert_non_null(strstr(answer, "\r\n\r\nare inherited\n"));
	return answer[0] != '\0';
}

static void sockets_are_chosen_by_name(void **state)
{
	static const struct {
		const char *words[3];
		bool served[3];
	} rows[] = {
		{ { NULL }, { true, true, true } },
		{ { "--listen=systemd" }, { true, true, true } },
		{ { "--listen=fd:web" }, { true, false, false } },
		{ { "--listen=fd:admin" }, { false, true, true } },
		{ { "--listen=fd:admin", "--processes=2" }, { false, true, true } },
		{ { "--listen=fd:web", "--listen=fd:admin" }, { true, true, true } },
		{ { "--listen=fd:4" }, { false, true, false } },
	};
	struct manager manager;
	size_t i;
	int j;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_sockets(&manager);
		start(&manager, rows[i].words);
		await(&manager, "READY=1\n", 1);
		for (j = 0; j < 3; j++)
			assert_int_equal(
				serves(&manager, j, rows[i].served[j] ? PATIENCE_MSEC : 50),
				rows[i].served[j]);
		assert_int_equal(stop(&manager), 0);
		remove_sockets(&manager);
	}
}

static void a_name_that_is_not_there_is_an_error(void **state)
{
	static const char *const words[] = { "--listen=fd:amdin", NULL };
	struct manager manager;
	int status;

	make_sockets(&manager);
	start(&manager, words);
	assert_int_equal(waitpid(manager.pid, &status, 0), manager.pid);
	assert_int_equal(WEXITSTATUS(status), 1);
	remove_sockets(&manager);
}

static void the_manager_hears_of_the_life_of_a_service(void **state)
{
	static const char *const rows[][3] = { { NULL }, { "--processes=2", NULL } };
	struct manager manager;
	char want[40];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_sockets(&manager);
		start(&manager, rows[i]);
		await(&manager, "STATUS=http, listening on unix:", 1);
		snprintf(want, sizeof(want), "READY=1\nMAINPID=%ld\n", (long) manager.pid);
		assert_non_null(strstr(manager.said, want));
		assert_true(serves(&manager, 0, PATIENCE_MSEC));
		await(&manager, "WATCHDOG=1\n", 3);
		assert_null(strstr(manager.said, "STOPPING"));
		assert_int_equal(stop(&manager), 0);
		await(&manager, "STOPPING=1\n", 1);
		remove_sockets(&manager);
	}
}

static void systemds_own_tool_is_understood(void **state)
{
	char web[80], admin[80], log[80];
	char *argv[] = { (char *) "systemd-socket-activate", (char *) "-l", web,
		(char *) "-l", admin, (char *) "--fdname=web:admin",
		(char *) "examples/hello", (char *) "--listen=fd:admin", NULL };
	struct proc_start start = { .argv = argv, .log = log };
	struct manager manager = { .dir = "/tmp/vane-service-XXXXXX" };
	struct sockaddr_un addr;
	struct proc proc = { 0 };
	char answer[1024];

	if (!proc_available(argv[0]) || access("examples/hello", X_OK) < 0)
		skip();
	assert_non_null(mkdtemp(manager.dir));
	snprintf(web, sizeof(web), "%s/0", manager.dir);
	snprintf(admin, sizeof(admin), "%s/1", manager.dir);
	snprintf(log, sizeof(log), "%s/log", manager.dir);
	assert_int_equal(proc_start(&proc, &start), 0);
	assert_int_equal(proc_wait_unix(&proc, admin, PATIENCE_MSEC), 0);
	addr = address_of(&manager, 1);
	ask(&addr, answer, sizeof(answer), PATIENCE_MSEC);
	assert_non_null(strstr(answer, "200 OK"));
	addr = address_of(&manager, 0);
	ask(&addr, answer, sizeof(answer), 50);
	assert_string_equal(answer, "");
	proc_stop(&proc);
	unlink(web);
	unlink(admin);
	unlink(log);
	rmdir(manager.dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets_are_chosen_by_name),
		cmocka_unit_test(a_name_that_is_not_there_is_an_error),
		cmocka_unit_test(the_manager_hears_of_the_life_of_a_service),
		cmocka_unit_test(systemds_own_tool_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
