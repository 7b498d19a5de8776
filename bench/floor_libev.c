/* SPDX-License-Identifier: MIT */
/*
 * floor_libev.c - floor 2: what libev and llhttp cost when nothing is added.
 *
 * Reads, parses and notes where method, target and fields are, as any server must, and
 * gives a canned answer.  One read buffer for all connections, one write for all requests
 * of a read, no allocation after accept.  What Vane costs above it is Vane's own.
 */
#include <errno.h>
#include <ev.h>
#include <llhttp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "floor.h"

enum { READ_BYTES = 64 * 1024, MAX_FIELDS = 64, MAX_ANSWERS = 256 };

struct span {
	const char *data;
	size_t len;
};

struct conn {
	ev_io io;
	llhttp_t parser;
};

/* The request that is being parsed, and how many of this read are complete. */
static struct {
	struct span target;
	struct span names[MAX_FIELDS], values[MAX_FIELDS];
	unsigned fields, answers;
} now;

static char input[READ_BYTES];
static char output[MAX_ANSWERS * FLOOR_ANSWER_LEN];

static int on_begin(llhttp_t *parser)
{
	now.fields = 0;
	return 0;
}

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
	now.target = (struct span) { at, len };
	return 0;
}

static int on_name(llhttp_t *parser, const char *at, size_t len)
{
	if (now.fields == MAX_FIELDS)
		return -1;
	now.names[now.fields] = (struct span) { at, len };
	return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
	if (now.fields == MAX_FIELDS)
		return -1;
	now.values[now.fields++] = (struct span) { at, len };
	return 0;
}

static int on_complete(llhttp_t *parser)
{
	return ++now.answers <= MAX_ANSWERS ? 0 : -1;
}

static void drop(struct ev_loop *loop, struct conn *conn)
{
	ev_io_stop(loop, &conn->io);
	close(conn->io.fd);
	free(conn);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct conn *conn = (struct conn *) io;
	ssize_t n = read(io->fd, input, sizeof(input));
	size_t len;

	if (n < 0 && errno == EAGAIN)
		return;
	now.answers = 0;
	if (n <= 0 || llhttp_execute(&conn->parser, input, (size_t) n) != HPE_OK) {
		drop(loop, conn);
		return;
	}
	len = now.answers * FLOOR_ANSWER_LEN;
	if (len > 0 && write(io->fd, output, len) != (ssize_t) len)
		drop(loop, conn);
}

static void on_connection(struct ev_loop *loop, ev_io *io, int events)
{
	const llhttp_settings_t *settings = io->data;
	struct conn *conn;
	int fd;

	while ((fd = floor_accept(io->fd)) >= 0) {
		conn = malloc(sizeof(*conn));
		if (conn == NULL) {
			close(fd);
			return;
		}
		llhttp_init(&conn->parser, HTTP_REQUEST, settings);
		ev_io_init(&conn->io, on_readable, fd, EV_READ);
		ev_io_start(loop, &conn->io);
	}
}

int main(int argc, char **argv)
{
	struct ev_loop *loop = ev_default_loop(EVBACKEND_EPOLL);
	int listener = floor_listen(argc > 1 ? argv[1] : "0");
	llhttp_settings_t settings;
	ev_io io;

	if (listener < 0 || loop == NULL) {
		perror("floor_libev");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < MAX_ANSWERS; i++)
		memcpy(output + i * FLOOR_ANSWER_LEN, FLOOR_ANSWER, FLOOR_ANSWER_LEN);
	llhttp_settings_init(&settings);
	settings.on_message_begin = on_begin;
	settings.on_url = on_url;
	settings.on_header_field = on_name;
	settings.on_header_value = on_value;
	settings.on_message_complete = on_complete;
	ev_io_init(&io, on_connection, listener, EV_READ);
	io.data = &settings;
	ev_io_start(loop, &io);
	ev_run(loop, 0);
	return 0;
}
