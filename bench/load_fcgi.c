/* SPDX-License-Identifier: MIT */
/*
 * load_fcgi.c - asks a FastCGI responder so many times on one kept connection, one request after
 * the other, with the parameters that nginx sends as it is installed.
 *
 *	load_fcgi SOCKET REQUESTS [UNREAD]
 *	load_fcgi -r SOCKET
 *
 * For counting: what it takes itself is of no matter.  With UNREAD, so many connections ask for
 * /large before that and read nothing; it prints p99 and the maximum of the others' answers in us.
 *
 * -r is for responders that are started anew meanwhile: it asks until standard input ends, opens the
 * connection again when that has ended, and prints how many requests were answered, and how many not.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "fcgi_client.h"
#include "slice.h"

static const char *params[][2] = {
	{ "QUERY_STRING", "" },
	{ "REQUEST_METHOD", "GET" },
	{ "CONTENT_TYPE", "" },
	{ "CONTENT_LENGTH", "" },
	{ "SCRIPT_NAME", "/" },
	{ "REQUEST_URI", "/" }, /* as in ask_for() */
	{ "DOCUMENT_URI", "/" },
	{ "DOCUMENT_ROOT", "/usr/share/nginx/html" },
	{ "SERVER_PROTOCOL", "HTTP/1.1" },
	{ "REQUEST_SCHEME", "http" },
	{ "GATEWAY_INTERFACE", "CGI/1.1" },
	{ "SERVER_SOFTWARE", "nginx/1.22.1" },
	{ "REMOTE_ADDR", "127.0.0.1" },
	{ "REMOTE_PORT", "52132" },
	{ "SERVER_ADDR", "127.0.0.1" },
	{ "SERVER_PORT", "8080" },
	{ "SERVER_NAME", "localhost" },
	{ "REDIRECT_STATUS", "200" },
	{ "HTTP_HOST", "127.0.0.1:8080" },
	{ "HTTP_USER_AGENT", "load_fcgi" },
};

/* A whole request without a body: its length. */
static size_t make_request(unsigned char *out)
{
	size_t len = vane__fcgi_begin(out, 1, true), pairs = 0, i;
	unsigned char *at = out + len + VANE__FCGI_HEAD;

	for (i = 0; i < ARRAY_SIZE(params); i++)
		pairs += vane__fcgi_put_pair(
			at + pairs, vane__slice(params[i][0]), vane__slice(params[i][1]));
	len += vane__fcgi_params(out + len, 1, pairs);
	return len + vane__fcgi_stream_end(out + len, VANE__FCGI_STDIN, 1);
}

/* A request for a path; "/" is that of the table. */
static size_t ask_for(const char *path, unsigned char *out)
{
	const char *before = params[5][1];
	size_t len;

	params[5][1] = path;
	len = make_request(out);
	params[5][1] = before;
	return len;
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *) &addr, sizeof(addr)) == 0)
		return fd;
	perror(path);
	return -1;
}

/* Read a response to its end: 0 or -1. */
static int read_response(int fd, struct vane__fcgi_client *client)
{
	static char buf[65536];
	struct vane_slice in = { buf, 0 }, piece;
	int event;

	do {
		if (in.len == 0) {
			ssize_t n = read(fd, buf, sizeof(buf));

			if (n <= 0)
				return -1;
			in = (struct vane_slice) { buf, (size_t) n };
		}
		event = vane__fcgi_client_read(client, &in, &piece);
	} while (event >= 0 && event != VANE__FCGI_END);
	return event >= 0 && client->status == VANE__FCGI_REQUEST_COMPLETE ? 0 : -1;
}

/* Open connections that ask for much and read nothing of it: 0 or -1.  They stay open. */
static int ask_and_leave_unread(const char *path, long count)
{
	unsigned char request[4096];
	size_t len = ask_for("/large", request);

	while (count-- > 0) {
		int fd = connect_to(path);

		if (fd < 0 || write(fd, request, len) != (ssize_t) len)
			return -1;
	}
	return 0;
}

static long now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000L + ts.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b)
{
	long x = *(const long *) a, y = *(const long *) b;

	return (x > y) - (x < y);
}

/* Ask so many times, one after the other, and note what each took: 0 or -1. */
static int ask(int fd, long count, long *took)
{
	static struct vane__fcgi_client client;
	unsigned char request[4096];
	size_t len = ask_for("/", request);
	long i;

	for (i = 0; i < count; i++) {
		long began = now_usec();

		if (write(fd, request, len) != (ssize_t) len ||
			read_response(fd, &client) < 0) {
			fprintf(stderr, "load_fcgi: %ld requests were not answered\n",
				count - i);
			return -1;
		}
		took[i] = now_usec() - began;
	}
	return 0;
}

/* Ask until standard input ends, on as many connections as it takes: 0 or -1. */
static int ask_until_told(const char *path)
{
	static struct vane__fcgi_client client;
	struct pollfd told = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char request[4096];
	size_t len = ask_for("/", request);
	long answered = 0, lost = 0;
	int fd = -1;

	while (poll(&told, 1, 0) == 0) {
		if (fd < 0)
			fd = connect_to(path);
		if (fd < 0)
			return -1;
		if (write(fd, request, len) == (ssize_t) len &&
			read_response(fd, &client) == 0) {
			answered++;
			continue;
		}
		lost++;
		close(fd);
		fd = -1;
		memset(&client, 0, sizeof(client));
	}
	printf("%ld %ld\n", answered, lost);
	return 0;
}

int main(int argc, char **argv)
{
	long count = argc >= 3 ? strtol(argv[2], NULL, 10) : 0;
	long *took = count > 0 ? calloc((size_t) count, sizeof(*took)) : NULL;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "-r") == 0)
		return ask_until_told(argv[2]) < 0;
	if (argc > 4 || took == NULL) {
		fprintf(stderr, "usage: load_fcgi SOCKET REQUESTS [UNREAD]\n"
				"       load_fcgi -r SOCKET\n");
		return 2;
	}
	if (argc == 4 && ask_and_leave_unread(argv[1], strtol(argv[3], NULL, 10)) < 0)
		return 1;
	fd = connect_to(argv[1]);
	if (fd < 0 || ask(fd, count, took) < 0)
		return 1;
	if (argc == 4) {
		qsort(took, (size_t) count, sizeof(*took), by_size);
		printf("%ld %ld\n", took[count * 99 / 100], took[count - 1]);
	}
	free(took);
	return 0;
}
