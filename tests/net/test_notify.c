/* SPDX-License-Identifier: MIT */
/*
 * test_notify.c - lib/net/notify.c: what a service says to systemd, received by a socket of the
 * test.
 */
#include "test.h"

#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notify.h"

struct manager {
	int fd;
	char name[100]; /* as NOTIFY_SOCKET has it */
	char text[2048];
};

/* Listen, on an abstract socket or on a file, and be named in the environment. */
static void listen_as(struct manager *manager, bool abstract)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int len = snprintf(manager->name, sizeof(manager->name), "%svane-notify-%ld",
		abstract ? "@" : "/tmp/", (long) getpid());

	memcpy(addr.sun_path, manager->name, (size_t) len + 1);
	if (abstract)
		addr.sun_path[0] = '\0';
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(manager->fd, (struct sockaddr *) &addr,
				 (socklen_t) (offsetof(struct sockaddr_un, sun_path) +
					      (size_t) len + !abstract)),
		0);
	setenv("NOTIFY_SOCKET", manager->name, 1);
}

static void leave(struct manager *manager)
{
	close(manager->fd);
	if (manager->name[0] == '/')
		unlink(manager->name);
	unsetenv("NOTIFY_SOCKET");
	vane__notify_begin(); /* nobody asks any more */
}

/* The message that has come, "" if there is none. */
static const char *heard(struct manager *manager)
{
	ssize_t n =
		recv(manager->fd, manager->text, sizeof(manager->text) - 1, MSG_DONTWAIT);

	manager->text[n > 0 ? n : 0] = '\0';
	return manager->text;
}

static void it_serves_reloads_and_stops(void **state)
{
	static const bool kinds[] = { false, true };
	struct manager manager;
	char want[200];
	size_t i;

	for (i = 0; i < 2; i++) {
		listen_as(&manager, kinds[i]);
		assert_true(vane__notify_begin());
		vane__notify_ready("http, listening on unix:/a\nREADY=0");
		snprintf(want, sizeof(want),
			"READY=1\nMAINPID=%ld\nSTATUS=http, listening on "
			"unix:/a?READY=0\n",
			(long) getpid());
		assert_string_equal(heard(&manager), want);
		vane__notify_reloading();
		assert_memory_equal(heard(&manager), "RELOADING=1\nMONOTONIC_USEC=", 27);
		assert_true(strtoll(manager.text + 27, NULL, 10) > 0);
		vane__notify_status("half way");
		assert_string_equal(heard(&manager), "STATUS=half way\n");
		vane__notify_stopping();
		assert_memory_equal(heard(&manager), "STOPPING=1\n", 11);
		vane__notify_stopping();
		assert_string_equal(heard(&manager), "");
		leave(&manager);
	}
}

static void nobody_is_told_where_nobody_asks(void **state)
{
	struct manager manager;

	assert_false(vane__notify_begin());
	vane__notify_ready("x");
	assert_int_equal(vane__notify_alive_msec(), 0);
	setenv("NOTIFY_SOCKET", "elsewhere", 1);
	assert_false(vane__notify_begin());
	assert_null(getenv("NOTIFY_SOCKET"));
	listen_as(&manager, true);
	vane__notify_ready("x"); /* not begun */
	assert_string_equal(heard(&manager), "");
	leave(&manager);
}

static void children_neither_speak_nor_know(void **state)
{
	struct manager manager;
	int status;
	pid_t pid;

	listen_as(&manager, true);
	setenv("WATCHDOG_USEC", "1000000", 1);
	assert_true(vane__notify_begin());
	pid = fork();
	if (pid == 0) {
		vane__notify_ready("a worker");
		vane__notify_stopping();
		_exit(vane__notify_alive_msec() != 0 || getenv("NOTIFY_SOCKET") != NULL ||
			getenv("WATCHDOG_USEC") != NULL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(heard(&manager), "");
	leave(&manager);
}

static void it_is_alive_twice_as_often_as_asked(void **state)
{
	static const struct {
		const char *usec, *pid;
		int64_t msec;
	} rows[] = {
		{ "30000000", NULL, 15000 },
		{ "30000000", "1", 0 }, /* somebody else's */
		{ "1", NULL, 1 },
		{ "x", NULL, 0 },
	};
	struct manager manager;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		listen_as(&manager, true);
		setenv("WATCHDOG_USEC", rows[i].usec, 1);
		if (rows[i].pid != NULL)
			setenv("WATCHDOG_PID", rows[i].pid, 1);
		assert_true(vane__notify_begin());
		assert_int_equal(vane__notify_alive_msec(), rows[i].msec);
		vane__notify_alive();
		assert_string_equal(heard(&manager), "WATCHDOG=1\n");
		leave(&manager);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_serves_reloads_and_stops),
		cmocka_unit_test(nobody_is_told_where_nobody_asks),
		cmocka_unit_test(children_neither_speak_nor_know),
		cmocka_unit_test(it_is_alive_twice_as_often_as_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
