/* SPDX-License-Identifier: MIT */
/*
 * floor.h - what both floors share: the answer, a listening socket, accepting from it.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

/* As long as what a server that looks at its clock would say. */
#define FLOOR_ANSWER                                                                       \
	"HTTP/1.1 200 OK\r\n"                                                              \
	"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"                                          \
	"Content-Type: text/plain; charset=utf-8\r\n"                                      \
	"Content-Length: 14\r\n"                                                           \
	"\r\n"                                                                             \
	"Hello, World!\n"
#define FLOOR_ANSWER_LEN (sizeof(FLOOR_ANSWER) - 1)

/* Listen on that port of 127.0.0.1.  Returns the descriptor; below 0: see errno. */
static inline int floor_listen(const char *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	addr.sin_port = htons((in_port_t) strtoul(port, NULL, 10));
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -1;
	if (bind(fd, (struct sockaddr *) &addr, sizeof(addr)) < 0 || listen(fd, 1024) < 0)
		return -1;
	return fd;
}

/* Accept one connection.  Returns the descriptor, or a negative number if none waits. */
static inline int floor_accept(int listener)
{
	int on = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		(void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

#endif
