/* SPDX-License-Identifier: MIT */
/*
 * floor_epoll.c - floor 1: what the kernel alone costs.
 *
 * One process, raw epoll, one canned answer for each read, whatever was read: no server
 * that looks at its requests can be cheaper.  It does not understand pipelining.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "floor.h"

enum { EVENTS = 64, READ_BYTES = 16 * 1024 };

static int watch(int epoll, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev);
}

static void accept_some(int epoll, int listener)
{
	int fd;

	while ((fd = floor_accept(listener)) >= 0) {
		if (watch(epoll, fd) < 0)
			close(fd);
	}
}

static void answer(int fd)
{
	static char buf[READ_BYTES];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 ||
		write(fd, FLOOR_ANSWER, FLOOR_ANSWER_LEN) != (ssize_t) FLOOR_ANSWER_LEN)
		close(fd);
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int listener = floor_listen(argc > 1 ? argv[1] : "0");
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (listener < 0 || epoll < 0 || watch(epoll, listener) < 0) {
		perror("floor_epoll");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				accept_some(epoll, listener);
			else
				answer(events[i].data.fd);
		}
	}
}
