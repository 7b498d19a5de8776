/* SPDX-License-Identifier: MIT */
/*
 * test_census.c - tests/support/census.c notices what a server leaves behind.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/census.h"
#include "support/tmp.h"

#define SLACK_KIB 8192

/* A server that does what it is told, a letter a time, and says when it is done. */
struct server {
	pid_t pid;
	int to, from;
	struct tmp tmp;
	struct census_of of;
	struct census before;
};

/* A program of another name, which it has when this returns. */
static void host_program(const char *sec)
{
	int started[2];
	char byte;

	if (pipe2(started, O_CLOEXEC) < 0)
		_exit(1);
	if (fork() == 0) {
		execl("/bin/sleep", "sleep", sec, (char *) NULL);
		_exit(127);
	}
	close(started[1]);
	while (read(started[0], &byte, 1) > 0)
		continue;
	close(started[0]);
}

/* Its parent ends at once. */
static void lose_program(const char *sec)
{
	pid_t pid = fork();

	if (pid == 0) {
		host_program(sec);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void leave_zombie(void)
{
	pid_t pid = fork();
	siginfo_t info;

	if (pid == 0)
		_exit(0);
	waitid(P_PID, (id_t) pid, &info, WEXITED | WNOWAIT);
}

static void fork_worker(void)
{
	if (fork() == 0) {
		pause();
		_exit(0);
	}
}

static void take_memory(void)
{
	const size_t size = 16 * 1024 * 1024;
	void *at = mmap(
		NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at != MAP_FAILED)
		memset(at, 1, size);
}

static void serve(int from, int to)
{
	char what;

	while (read(from, &what, 1) == 1) {
		switch (what) {
		case 'd':
			if (dup(to) < 0)
				_exit(1);
			break;
		case 'h':
			host_program("600");
			break;
		case 's':
			lose_program("600");
			break;
		case 'q':
			lose_program("0.2");
			break;
		case 'z':
			leave_zombie();
			break;
		case 'w':
			fork_worker();
			break;
		case 'm':
			take_memory();
			break;
		}
		if (write(to, "", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void tell(struct server *server, char what)
{
	char done;

	assert_int_equal(write(server->to, &what, 1), 1);
	assert_int_equal(read(server->from, &done, 1), 1);
}

static int start(void **state)
{
	struct server *server = calloc(1, sizeof(*server));
	int to[2], from[2];

	*state = server;
	if (server == NULL || tmp_make(&server->tmp) < 0 || pipe2(to, O_CLOEXEC) < 0 ||
		pipe2(from, O_CLOEXEC) < 0 || census_adopt() < 0)
		return -1;
	server->pid = fork();
	if (server->pid == 0) {
		setpgid(0, 0);
		close(to[1]);
		serve(to[0], from[1]);
	}
	setpgid(server->pid, server->pid);
	close(to[0]);
	close(from[1]);
	server->to = to[1];
	server->from = from[0];
	server->of = (struct census_of) { .pid = server->pid, .folder = server->tmp.path };
	/* Once it answers it has closed what it does not need. */
	tell(server, '-');
	return census_take(&server->before, &server->of);
}

static int stop(void **state)
{
	struct server *server = *state;

	kill(-server->pid, SIGKILL);
	while (waitpid(-server->pid, NULL, 0) > 0)
		continue;
	close(server->to);
	close(server->from);
	tmp_remove(&server->tmp);
	free(server);
	return 0;
}

static int grown(struct server *server)
{
	return census_return(&server->before, &server->of, SLACK_KIB, 0);
}

static void nothing_has_grown(void **state)
{
	struct server *server = *state;

	assert_int_equal(server->before.workers, 1);
	assert_int_equal(server->before.hosted, 0);
	assert_true(server->before.descriptors >= 3);
	assert_true(server->before.memory > 0);
	tell(server, '-');
	assert_int_equal(grown(server), 0);
}

static void each_leak_is_noticed(void **state)
{
	/*
	 * A zombie is a hosted program that is dead, a worker has descriptors; and memory, of
	 * which there is much under a sanitizer.
	 */
	static const struct {
		char what;
		int grown;
	} rows[] = { { 'd', 1 }, { 'h', 1 }, { 's', 1 }, { 'z', 2 }, { 'w', 2 },
		{ 'm', 1 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct server *server;
		void *one = NULL;
		int more;

		assert_int_equal(start(&one), 0);
		server = one;
		tell(server, rows[i].what);
		more = grown(server);
		if (more != rows[i].grown && (rows[i].what != 'w' || more != 3))
			fail_msg("%c: %d", rows[i].what, more);
		stop(&one);
	}
}

static void files_are_counted(void **state)
{
	struct server *server = *state;
	char path[TMP_PATH_MAX];

	assert_int_equal(tmp_mkdir(&server->tmp, "sub"), 0);
	assert_int_equal(tmp_write(&server->tmp, "sub/file", "x", NULL), 0);
	assert_int_equal(grown(server), 1);
	assert_int_equal(unlink(tmp_path(&server->tmp, path, "sub/file")), 0);
	assert_int_equal(rmdir(tmp_path(&server->tmp, path, "sub")), 0);
	assert_int_equal(grown(server), 0);
}

/* A program that ends by itself, here after a moment. */
static void what_goes_away_is_waited_for(void **state)
{
	struct server *server = *state;

	tell(server, 'q');
	assert_int_equal(census_return(&server->before, &server->of, SLACK_KIB, 20000), 0);
}

static void a_server_that_is_gone_is_said_to_be(void **state)
{
	struct server *server = *state;
	struct census now;

	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	assert_int_equal(census_take(&now, &server->of), -ESRCH);
	assert_int_equal(grown(server), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_has_grown, start, stop),
		cmocka_unit_test(each_leak_is_noticed),
		cmocka_unit_test_setup_teardown(files_are_counted, start, stop),
		cmocka_unit_test_setup_teardown(what_goes_away_is_waited_for, start, stop),
		cmocka_unit_test_setup_teardown(
			a_server_that_is_gone_is_said_to_be, start, stop),
	};

	if (!census_possible()) {
		printf("SKIP: there is no /proc to count in\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
