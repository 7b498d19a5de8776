/* SPDX-License-Identifier: MIT */
/*
 * test_accept.c - lib/net/accept.c
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/loop.h>
#include <vane/netutil.h>

#include "base.h"
#include "netutil.h"

struct scene {
	struct vane_loop *loop;
	struct vane_sockets socks;
	struct vane_accept *accept;
	int peers[200];    /* the clients' ends */
	int accepted[200]; /* ours */
	int connected, taken;
	int complaints; /* lines in the log */
};

static void count_line(enum vane_log_level level, const char *line, void *data)
{
	struct scene *scene = data;

	scene->complaints++;
}

static int begin(void **state)
{
	static struct scene scene;

	memset(&scene, 0, sizeof(scene));
	*state = &scene;
	vane_log_set_function(count_line, &scene);
	if (vane_bind_sockets(
		    &(struct vane_bind_opts) { .address = "127.0.0.1" }, &scene.socks))
		return -1;
	return vane_loop_new(&scene.loop);
}

static int end(void **state)
{
	struct scene *scene = *state;
	int i;

	for (i = 0; i < scene->connected; i++)
		close(scene->peers[i]);
	for (i = 0; i < scene->taken; i++)
		close(scene->accepted[i]);
	vane_accept_remove(scene->accept);
	vane_loop_free(scene->loop);
	vane_sockets_fini(&scene->socks);
	vane_log_set_function(NULL, NULL);
	return 0;
}

static void connect_peers(struct scene *scene, int count)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	assert_int_equal(
		getsockname(scene->socks.fds[0], (struct sockaddr *) &addr, &len), 0);
	while (count-- > 0) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		assert_true(fd >= 0);
		assert_int_equal(connect(fd, (struct sockaddr *) &addr, len), 0);
		scene->peers[scene->connected++] = fd;
	}
}

static void keep(int fd, const struct sockaddr *peer, unsigned peer_len, void *data)
{
	struct scene *scene = data;

	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(peer->sa_family, AF_INET);
	assert_int_equal(peer_len, sizeof(struct sockaddr_in));
	scene->accepted[scene->taken++] = fd;
}

static void a_turn_takes_what_waits_but_not_above_128(void **state)
{
	struct scene *scene = *state;

	connect_peers(scene, 130);
	assert_int_equal(vane_loop_add_accept(scene->loop, scene->socks.fds[0], keep, scene,
				 &scene->accept),
		0);
	vane_loop_turn(scene->loop, true);
	assert_int_equal(scene->taken, 128);
	vane_loop_turn(scene->loop, true);
	assert_int_equal(scene->taken, 130);
	vane_loop_turn(scene->loop, false);
	assert_int_equal(scene->taken, 130);
}

static void keep_and_leave(
	int fd, const struct sockaddr *peer, unsigned peer_len, void *data)
{
	struct scene *scene = data;

	keep(fd, peer, peer_len, data);
	vane_accept_remove(scene->accept);
	scene->accept = NULL;
}

static void a_callback_may_remove_its_handler(void **state)
{
	struct scene *scene = *state;

	connect_peers(scene, 3);
	vane_loop_add_accept(
		scene->loop, scene->socks.fds[0], keep_and_leave, scene, &scene->accept);
	vane_loop_turn(scene->loop, true);
	vane_loop_turn(scene->loop, false);
	assert_int_equal(scene->taken, 1);
	assert_true(vane_socket_is_listening(scene->socks.fds[0]));
}

static void accept_rest(int fd, const struct sockaddr *peer, unsigned peer_len, void *data)
{
	struct scene *scene = data;

	keep(fd, peer, peer_len, data);
	if (scene->taken == 1) /* as another process would, while this callback runs */
		scene->accepted[scene->taken++] = accept(scene->socks.fds[0], NULL, NULL);
}

static void each_is_served_before_the_next_is_accepted(void **state)
{
	struct scene *scene = *state;

	connect_peers(scene, 2);
	vane_loop_add_accept(
		scene->loop, scene->socks.fds[0], accept_rest, scene, &scene->accept);
	vane_loop_turn(scene->loop, true);
	assert_int_equal(scene->taken, 2);
	assert_true(scene->accepted[1] >= 0);
}

static void note(void *data)
{
	*(bool *) data = true;
}

/* Let this process have no descriptor above those that are open. */
static struct rlimit forbid_descriptors(void)
{
	struct rlimit old, none;
	int next = dup(STDIN_FILENO);

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = (rlim_t) next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	return old;
}

static void it_pauses_when_descriptors_run_out(void **state)
{
	struct scene *scene = *state;
	struct rlimit old;
	bool over = false;
	int turns;

	connect_peers(scene, 1);
	vane_loop_add_accept(scene->loop, scene->socks.fds[0], keep, scene, &scene->accept);
	vane_loop_turn(scene->loop, true); /* libev makes its own descriptors now */
	assert_int_equal(scene->taken, 1);

	connect_peers(scene, 2);
	old = forbid_descriptors();
	vane_loop_call_later(scene->loop, 250, note, &over, NULL);
	for (turns = 0; !over && turns < 30; turns++)
		vane_loop_turn(scene->loop, true);
	assert_true(over); /* a loop that spins turns thousands of times meanwhile */
	assert_int_equal(scene->taken, 1);
	assert_int_equal(scene->complaints, 1);

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	for (turns = 0; scene->taken < 3 && turns < 30; turns++)
		vane_loop_turn(scene->loop, true);
	assert_int_equal(scene->taken, 3);
	assert_int_equal(scene->complaints, 1);
}

static void a_paused_handler_can_be_removed(void **state)
{
	struct scene *scene = *state;
	struct rlimit old;

	vane_loop_add_accept(scene->loop, scene->socks.fds[0], keep, scene, &scene->accept);
	vane_loop_turn(scene->loop, false);
	connect_peers(scene, 1);
	old = forbid_descriptors();
	vane_loop_turn(scene->loop, true);
	vane_accept_remove(scene->accept);
	scene->accept = NULL;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	vane_loop_turn(scene->loop, false);
	assert_int_equal(scene->complaints, 1);
	assert_int_equal(scene->taken, 0);
}

/* A connection whose first segment is dropped is refused when the client tries again. */
static int connect_result(struct scene *scene)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	assert_true(fd >= 0);
	assert_int_equal(
		getsockname(scene->socks.fds[0], (struct sockaddr *) &addr, &len), 0);
	rc = connect(fd, (struct sockaddr *) &addr, len) < 0 ? errno : 0;
	close(fd);
	return rc;
}

static void the_last_takes_all_that_wait_and_others_are_refused(void **state)
{
	struct scene *scene = *state;

	vane_loop_add_accept(scene->loop, scene->socks.fds[0], keep, scene, &scene->accept);
	connect_peers(scene, 150);
	vane_accept_last(scene->accept);
	assert_int_equal(scene->taken, 150);
	assert_int_equal(connect_result(scene), ECONNREFUSED); /* it is open still */
	vane_loop_turn(scene->loop, false);
	assert_int_equal(scene->complaints, 0);
}

/* It is a sibling that has accepted the last: what is left to do is to wait for the end. */
static void a_socket_that_a_sibling_has_ended_is_let_alone(void **state)
{
	struct scene *scene = *state;
	struct vane_accept *sibling;
	bool over = false;
	int turns;

	vane_loop_add_accept(scene->loop, scene->socks.fds[0], keep, scene, &scene->accept);
	vane_loop_turn(scene->loop, false);
	vane_loop_add_accept(scene->loop, dup(scene->socks.fds[0]), keep, scene, &sibling);
	vane_accept_last(sibling);
	vane_accept_remove(sibling);
	vane_loop_call_later(scene->loop, 50, note, &over, NULL);
	for (turns = 0; !over && turns < 30; turns++)
		vane_loop_turn(scene->loop, true);
	assert_true(over); /* a loop that spins turns thousands of times meanwhile */
	assert_int_equal(scene->complaints, 0);
	assert_int_equal(scene->taken, 0);
	/* who is not told to leave, too, has that in the log */
	for (turns = 0; scene->complaints == 0 && turns < 30; turns++)
		vane_loop_turn(scene->loop, true);
	assert_int_equal(scene->complaints, 1);
}

static void take(int fd, const struct sockaddr *peer, unsigned peer_len, void *data)
{
	struct scene *scene = data;

	scene->accepted[scene->taken++] = fd;
}

static void be_blocking(int fd)
{
	assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK), 0);
}

/* As one of libfcgi: it waits in accept(), and any error is its end.  Leaves after count with 0. */
static void wait_in_accept(int listener, int count)
{
	while (count-- > 0) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		close(fd);
	}
	_exit(0);
}

static void a_blocking_socket_is_served_and_stays_so(void **state)
{
	struct scene *scene = *state;
	int taken = 0, i;

	be_blocking(scene->socks.fds[0]);
	vane_loop_add_accept(scene->loop, scene->socks.fds[0], keep, scene, &scene->accept);
	for (i = 0; i < 20; i++) {
		connect_peers(scene, 3);
		taken += 3;
		while (scene->taken < taken)
			vane_loop_turn(scene->loop, true);
	}
	vane_loop_turn(scene->loop, false); /* nothing waits: it returns */
	assert_int_equal(scene->complaints, 0);
	assert_false(fcntl(scene->socks.fds[0], F_GETFL) & O_NONBLOCK);
}

static void ring(int signo)
{
}

/* Somebody else was faster: the wait has an end, and what was borrowed for that is given back. */
static void accepting_too_late_does_not_wait_for_long(void **state)
{
	const struct sigaction mine = { .sa_handler = ring };
	const struct itimerval hour = { .it_value = { .tv_sec = 3600 } };
	struct scene *scene = *state;
	struct sockaddr_storage peer;
	unsigned len = sizeof(peer);
	struct sigaction action;
	struct itimerval timer;
	sigset_t mask;

	be_blocking(scene->socks.fds[0]);
	sigaction(SIGALRM, &mine, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGALRM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	setitimer(ITIMER_REAL, &hour, NULL);
	assert_int_equal(
		vane__accept_late(scene->socks.fds[0], (struct sockaddr *) &peer, &len),
		-EAGAIN);
	sigaction(SIGALRM, NULL, &action);
	assert_ptr_equal(action.sa_handler, ring);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_true(sigismember(&mask, SIGALRM));
	getitimer(ITIMER_REAL, &timer);
	assert_in_range(timer.it_value.tv_sec, 3000, 3600);
	timer = (struct itimerval) { 0 };
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* Both take from the socket until none is left; what the sibling takes is closed at once. */
static void a_sibling_that_waits_in_accept_goes_on(void **state)
{
	struct scene *scene = *state;
	int status = 0, i;
	pid_t pid;

	be_blocking(scene->socks.fds[0]);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		wait_in_accept(scene->socks.fds[0], 20);
	vane_loop_add_accept(scene->loop, scene->socks.fds[0], keep, scene, &scene->accept);
	for (i = 0; i < 180 && waitpid(pid, &status, WNOHANG) == 0; i++) {
		connect_peers(scene, 1);
		vane_loop_turn(scene->loop, false);
	}
	if (i == 180) {
		connect_peers(scene, 20);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	assert_int_equal(status, 0);
	assert_int_equal(scene->complaints, 0);
}

static void the_last_of_a_unix_socket_is_as_that_of_tcp(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct scene *scene = *state;
	int fd, i;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/vane-accept-%d",
		getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp", (int) getpid());
	assert_int_equal(vane_bind_unix_socket(addr.sun_path, 0, 0, &fd), 0);
	vane_loop_add_accept(scene->loop, fd, take, scene, &scene->accept);
	for (i = 0; i < 150; i++) {
		scene->peers[scene->connected] =
			socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(connect(scene->peers[scene->connected++],
					 (struct sockaddr *) &addr, sizeof(addr)),
			0);
	}
	vane_accept_last(scene->accept);
	assert_int_equal(scene->taken, 150);
	i = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(i, (struct sockaddr *) &addr, sizeof(addr)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(i);
	vane_accept_remove(scene->accept);
	scene->accept = NULL;
	close(fd);
	unlink(addr.sun_path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_turn_takes_what_waits_but_not_above_128),
		TEST(a_callback_may_remove_its_handler),
		TEST(each_is_served_before_the_next_is_accepted),
		TEST(it_pauses_when_descriptors_run_out),
		TEST(a_paused_handler_can_be_removed),
		TEST(the_last_takes_all_that_wait_and_others_are_refused),
		TEST(a_socket_that_a_sibling_has_ended_is_let_alone),
		TEST(a_blocking_socket_is_served_and_stays_so),
		TEST(accepting_too_late_does_not_wait_for_long),
		TEST(a_sibling_that_waits_in_accept_goes_on),
		TEST(the_last_of_a_unix_socket_is_as_that_of_tcp),
	};

	alarm(120); /* rather than wait for ever for what does not come */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
