/* SPDX-License-Identifier: MIT */
/*
 * test_fcgx.c - adapters/fcgx.c: that libfcgi does with ipcFd and keepConnection what we
 * need.
 *
 * If this fails with another libfcgi, fcgx.c has to be looked at before anything else.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/fcgx.h"
#include "support/fcgi_peer.h"

struct pair {
	struct vane__fcgx *fcgx;
	struct fcgi_peer peer;
	int fd; /* the responder's end */
};

static void open_pair(struct pair *pair)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pair->fd = fds[0];
	pair->peer = (struct fcgi_peer) { .fd = fds[1], .id = 1 };
	assert_int_equal(vane__fcgx_new(&pair->fcgx), 0);
}

static void close_pair(struct pair *pair)
{
	/* libfcgi has not closed it: it is ours to close. */
	assert_int_equal(close(pair->fd), 0);
	fcgi_peer_close(&pair->peer);
	vane__fcgx_free(pair->fcgx);
}

static int start_request(struct pair *pair, const char *body, size_t len, bool whole)
{
	struct fcgi_bytes params = { 0 };
	struct vane__fcgx_request request = { .fd = pair->fd,
		.write_msec = 30000,
		.id = 1,
		.body = { body, len },
		.whole = whole };
	int rc;

	fcgi_peer_pair(&params, "NAME", "value");
	fcgi_peer_pair(&params, "EMPTY", "");
	request.params = (struct vane_slice) { params.data, params.len };
	rc = vane__fcgx_start(pair->fcgx, &request);
	fcgi_bytes_fini(&params);
	return rc;
}

static void a_request_comes_from_memory_and_its_answer_goes_out(void **state)
{
	struct pair pair;
	char buf[16];
	int i;

	open_pair(&pair);
	for (i = 0; i < 3; i++) {
		char *const *vars;

		fcgi_peer_next(&pair.peer, 1);
		assert_int_equal(start_request(&pair, "body", 4, true), 0);
		vars = vane__fcgx_vars(pair.fcgx);
		assert_string_equal(vars[0], "FCGI_ROLE=RESPONDER");
		assert_string_equal(vars[1], "NAME=value");
		assert_string_equal(vars[2], "EMPTY=");
		assert_null(vars[3]);
		assert_int_equal(vane__fcgx_read(pair.fcgx, buf, 3), 3);
		assert_int_equal(vane__fcgx_read(pair.fcgx, buf + 3, 9), 1);
		assert_memory_equal(buf, "body", 4);
		assert_int_equal(vane__fcgx_read(pair.fcgx, buf, 9), 0);
		assert_int_equal(vane__fcgx_write(pair.fcgx, "answer", 6), 0);
		assert_int_equal(vane__fcgx_end(pair.fcgx), 0);
		vane__fcgx_clear(pair.fcgx);
		assert_int_equal(
			fcgi_peer_collect(&pair.peer, FCGI_PEER_UNTIL_END, 5000), 0);
		assert_string_equal(pair.peer.out.data, "answer");
		assert_int_equal(pair.peer.err.len, 0);
		/* Open still, both for us and for the peer. */
		assert_int_equal(fcntl(pair.fd, F_GETFD) < 0, 0);
		assert_false(pair.peer.closed);
	}
	close_pair(&pair);
}

static void a_body_may_be_fed_as_it_comes(void **state)
{
	static char data[300000], got[sizeof(data)];
	struct pair pair;
	size_t fed = 1000, at = 0, i;
	ssize_t n;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (char) (i % 251);
	open_pair(&pair);
	assert_int_equal(start_request(&pair, data, fed, false), 0);
	while ((n = vane__fcgx_read(pair.fcgx, got + at, 7000)) != 0) {
		size_t more = sizeof(data) - fed < 65536 ? sizeof(data) - fed : 65536;

		if (n == -EAGAIN) {
			assert_int_equal(vane__fcgx_feed(pair.fcgx,
						 (struct vane_slice) { data + fed, more },
						 fed + more == sizeof(data)),
				0);
			fed += more;
			continue;
		}
		assert_true(n > 0);
		at += (size_t) n;
	}
	assert_int_equal(at, sizeof(data));
	assert_memory_equal(got, data, sizeof(data));
	vane__fcgx_clear(pair.fcgx);
	close_pair(&pair);
}

/* Whatever a request leaves unread, the next one finds nothing of it. */
static void what_is_left_unread_is_gone(void **state)
{
	static char data[100000];
	static const size_t sizes[] = { 0, 1, 7000, 7990, 8192, 8200, 70000, 100000 };
	struct pair pair;
	char buf[4];
	size_t i;

	open_pair(&pair);
	for (i = 0; i < 40 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i % (sizeof(sizes) / sizeof(sizes[0]))];

		assert_int_equal(start_request(&pair, data, size, i % 3 != 0), 0);
		vane__fcgx_clear(pair.fcgx);
		assert_int_equal(start_request(&pair, "next", 4, true), 0);
		assert_string_equal(vane__fcgx_vars(pair.fcgx)[1], "NAME=value");
		assert_int_equal(vane__fcgx_read(pair.fcgx, buf, 4), 4);
		assert_memory_equal(buf, "next", 4);
		vane__fcgx_clear(pair.fcgx);
	}
	close_pair(&pair);
}

static void what_cannot_be_read_does_no_harm(void **state)
{
	/*
	 * The intake lets no such thing through; libfcgi closes what it reads from, without
	 * ado.
	 */
	static const char evil[] = "\4\177NAME";
	struct pair pair;
	struct vane__fcgx_request request = {
		.id = 1, .params = { evil, sizeof(evil) - 1 }, .whole = true
	};

	open_pair(&pair);
	request.fd = pair.fd;
	assert_int_equal(vane__fcgx_start(pair.fcgx, &request), -EPROTO);
	assert_int_equal(start_request(&pair, "", 0, true), 0);
	assert_int_equal(vane__fcgx_end(pair.fcgx), 0);
	vane__fcgx_clear(pair.fcgx);
	assert_int_equal(fcgi_peer_collect(&pair.peer, FCGI_PEER_UNTIL_END, 5000), 0);
	close_pair(&pair);
}

static void a_peer_that_left_is_an_error_now_and_later(void **state)
{
	struct pair pair;

	open_pair(&pair);
	assert_int_equal(start_request(&pair, "", 0, true), 0);
	close(pair.peer.fd);
	pair.peer.fd = -1;
	assert_int_equal(vane__fcgx_write(pair.fcgx, "x", 1), 0);
	assert_int_equal(vane__fcgx_flush(pair.fcgx), -EPIPE);
	assert_int_equal(vane__fcgx_write(pair.fcgx, "x", 1), -EPIPE);
	assert_int_equal(vane__fcgx_flush(pair.fcgx), -EPIPE);
	assert_int_equal(vane__fcgx_end(pair.fcgx), -EPIPE);
	vane__fcgx_clear(pair.fcgx);
	close_pair(&pair);
}

static void on_signal(int signo)
{
}

static void signals_do_not_break_what_waits(void **state)
{
	static char data[4 * 1024 * 1024];
	struct sigaction action = { .sa_handler = on_signal }, before;
	struct pair pair;
	pid_t child;

	open_pair(&pair);
	sigaction(SIGUSR2, &action, &before);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pair.fd);
		/* Reads a little at a time, with a signal each time the writer waits for it. */
		do {
			usleep(1000);
			kill(getppid(), SIGUSR2);
			usleep(1000);
		} while (recv(pair.peer.fd, data, 65536, 0) > 0);
		_exit(0);
	}
	assert_int_equal(start_request(&pair, "", 0, true), 0);
	assert_int_equal(vane__fcgx_write(pair.fcgx, data, sizeof(data)), 0);
	assert_int_equal(vane__fcgx_end(pair.fcgx), 0);
	vane__fcgx_clear(pair.fcgx);
	shutdown(pair.fd, SHUT_WR);
	while (waitpid(child, NULL, 0) < 0)
		assert_int_equal(errno, EINTR);
	sigaction(SIGUSR2, &before, NULL);
	close_pair(&pair);
}

static void signals_stay_the_programs(void **state)
{
	static const int signals[] = { SIGTERM, SIGUSR1, SIGPIPE };
	struct sigaction now;
	struct vane__fcgx *fcgx;
	size_t i;

	assert_int_equal(vane__fcgx_new(&fcgx), 0);
	for (i = 0; i < 3; i++) {
		sigaction(signals[i], NULL, &now);
		assert_ptr_equal(now.sa_handler, SIG_DFL);
	}
	vane__fcgx_free(fcgx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_stay_the_programs),
		cmocka_unit_test(a_request_comes_from_memory_and_its_answer_goes_out),
		cmocka_unit_test(a_body_may_be_fed_as_it_comes),
		cmocka_unit_test(what_is_left_unread_is_gone),
		cmocka_unit_test(what_cannot_be_read_does_no_harm),
		cmocka_unit_test(a_peer_that_left_is_an_error_now_and_later),
		cmocka_unit_test(signals_do_not_break_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
