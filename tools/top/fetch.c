/* SPDX-License-Identifier: MIT */
/*
 * fetch.c - a document from an HTTP server: one request, one connection.
 *
 * It is HTTP/1.0, so that the body is what comes until the end, and not in chunks.
 */
#include "fetch.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_SEC 5
#define ANSWER_MAX   (16 * 1024 * 1024)

static int connect_unix(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *) &addr, sizeof(addr)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int connect_one(const struct addrinfo *addr)
{
	const struct timeval patience = { .tv_sec = PATIENCE_SEC };
	int fd = socket(addr->ai_family, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, addr->ai_addr, addr->ai_addrlen) == 0)
		return fd;
	close(fd);
	return -1;
}

static int connect_host(const char *address, const char **why)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(address, ':');
	struct addrinfo *list, *addr;
	char host[256];
	int len, fd = -1, rc;

	if (colon == NULL || colon == address || colon[1] == '\0') {
		*why = "HOST:PORT or unix:PATH is wanted";
		return -1;
	}
	len = (int) (colon - address);
	if (address[0] == '[' && address[len - 1] == ']')
		snprintf(host, sizeof(host), "%.*s", len - 2, address + 1);
	else
		snprintf(host, sizeof(host), "%.*s", len, address);
	rc = getaddrinfo(host, colon + 1, &hints, &list);
	if (rc != 0) {
		*why = gai_strerror(rc);
		return -1;
	}
	for (addr = list; addr != NULL && fd < 0; addr = addr->ai_next)
		fd = connect_one(addr);
	freeaddrinfo(list);
	return fd;
}

static int send_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			len -= (size_t) n;
		}
	}
	return 0;
}

/* All that comes, followed by a NUL; NULL and errno if it does not end well. */
static char *receive(int fd)
{
	char *text = NULL, *grown;
	size_t len = 0, room = 0;
	ssize_t n;

	for (;;) {
		if (room - len < 4096) {
			room = 2 * room + 16384;
			grown = room <= ANSWER_MAX ? realloc(text, room) : NULL;
			if (grown == NULL) {
				errno = ENOMEM;
				break;
			}
			text = grown;
		}
		n = recv(fd, text + len, room - len - 1, 0);
		if (n == 0) {
			text[len] = '\0';
			return text;
		}
		if (n < 0 && errno != EINTR)
			break;
		len += n > 0 ? (size_t) n : 0;
	}
	free(text);
	return NULL;
}

/* The body of an answer in its place. */
static char *take_body(char *answer, const char **why)
{
	char *end = strstr(answer, "\r\n\r\n");

	if (strncmp(answer, "HTTP/1.", 7) != 0 || end == NULL) {
		*why = "what was answered is not HTTP";
	} else if (strncmp(answer + 8, " 404", 4) == 0) {
		*why = "404: it has no such --status, or not for us";
	} else if (strncmp(answer + 8, " 200", 4) != 0) {
		*why = "it did not answer with 200";
	} else {
		memmove(answer, end + 4, strlen(end + 4) + 1);
		return answer;
	}
	free(answer);
	return NULL;
}

char *fetch(const char *address, const char *target, const char **why)
{
	const struct timeval patience = { .tv_sec = PATIENCE_SEC };
	char request[2048], *answer = NULL;
	int fd, len;

	*why = NULL;
	len = snprintf(request, sizeof(request),
		"GET %s HTTP/1.0\r\nHost: vane-top\r\nAccept: application/json\r\n\r\n",
		target);
	if (len < 0 || (size_t) len >= sizeof(request)) {
		*why = "the path is too long";
		return NULL;
	}
	fd = strncmp(address, "unix:", 5) == 0 ? connect_unix(address + 5)
					       : connect_host(address, why);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		if (send_all(fd, request, (size_t) len) == 0)
			answer = receive(fd);
	}
	if (answer == NULL && *why == NULL)
		*why = strerror(errno == EAGAIN ? ETIMEDOUT : errno);
	if (fd >= 0)
		close(fd);
	return answer != NULL ? take_body(answer, why) : NULL;
}
