/* SPDX-License-Identifier: MIT */
/*
 * app_peer.c - a FastCGI or SCGI application's side, scripted.
 */
#include "support/app_peer.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/port.h"
#include "support/proc.h"

#define DEADLINE_MSEC 10000

void app_peer_init(struct app_peer *app, struct site *site)
{
	int port = 0;

	*app = (struct app_peer) { .site = site, .listener = port_listen(&port) };
	assert_true(app->listener >= 0);
	fcntl(app->listener, F_SETFL, O_NONBLOCK);
	snprintf(app->address, sizeof(app->address), "127.0.0.1:%d", port);
}

void app_peer_fini(struct app_peer *app)
{
	close(app->listener);
}

static bool try_accept(struct app_peer *app, struct app_conn *conn)
{
	int fd = accept(app->listener, NULL, NULL), on = 1;

	if (fd < 0)
		return false;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*conn = (struct app_conn) { .app = app, .fd = fd };
	return true;
}

void app_accept(struct app_peer *app, struct app_conn *conn)
{
	long deadline = proc_now() + DEADLINE_MSEC;

	while (!try_accept(app, conn)) {
		assert_true(proc_now() < deadline);
		site_turn(app->site, 1);
	}
}

bool app_is_called(struct app_peer *app)
{
	struct app_conn conn;

	site_turn(app->site, 20);
	if (!try_accept(app, &conn))
		return false;
	app_close(&conn);
	return true;
}

static void take_record(
	struct app_conn *conn, unsigned type, unsigned id, const char *data, size_t len)
{
	if (type == FCGI_PEER_BEGIN) {
		app_next(conn);
		conn->id = id;
		conn->keep = (data[2] & FCGI_PEER_KEEP) != 0;
	} else if (type == FCGI_PEER_GET_VALUES) {
		conn->asked = true;
	} else if (type == FCGI_PEER_PARAMS && id == conn->id) {
		fcgi_bytes_add(&conn->params, data, len);
	} else if (type == FCGI_PEER_STDIN && id == conn->id) {
		fcgi_bytes_add(&conn->body, data, len);
		conn->whole = len == 0;
	} else if (type == FCGI_PEER_ABORT) {
		conn->aborted = true;
	} else {
		fail_msg("a record of type %u for %u", type, id);
	}
}

/* Take apart what has come; what SCGI sends begins with a digit. */
static void take_records(struct app_conn *conn)
{
	struct fcgi_bytes *in = &conn->in;

	while (in->len >= 8 && in->data[0] == 1) {
		const unsigned char *head = (const unsigned char *) in->data;
		size_t content = (size_t) head[4] << 8 | head[5];
		size_t whole = 8 + content + head[6];

		if (in->len < whole)
			break;
		take_record(conn, head[1], (unsigned) head[2] << 8 | head[3], in->data + 8,
			content);
		in->len -= whole;
		memmove(in->data, in->data + whole, in->len + 1);
	}
}

/* Turn the loop, and take what comes; one record at a time would be one too many. */
static void step(struct app_conn *conn)
{
	static char buf[65536];
	ssize_t n;

	site_turn(conn->app->site, 0);
	n = recv(conn->fd, buf, sizeof(buf), 0);
	if (n > 0) {
		fcgi_bytes_add(&conn->in, buf, (size_t) n);
		take_records(conn);
	} else if (n == 0 || errno != EAGAIN) {
		conn->eof = true;
	} else {
		site_turn(conn->app->site, 1);
	}
}

void app_await(struct app_conn *conn, const bool *flag)
{
	long deadline = proc_now() + DEADLINE_MSEC;

	while (!*flag) {
		if (conn->eof || proc_now() > deadline)
			fail_msg("waited in vain%s", conn->eof ? ": it is closed" : "");
		step(conn);
	}
}

void app_await_body(struct app_conn *conn, size_t len)
{
	long deadline = proc_now() + DEADLINE_MSEC;

	while (conn->body.len < len) {
		assert_true(!conn->eof && proc_now() < deadline);
		step(conn);
	}
}

void app_await_text(struct app_conn *conn, const char *text)
{
	long deadline = proc_now() + DEADLINE_MSEC;

	while (conn->in.len == 0 ||
		memmem(conn->in.data, conn->in.len, text, strlen(text)) == NULL) {
		assert_true(!conn->eof && proc_now() < deadline);
		step(conn);
	}
}

void app_next(struct app_conn *conn)
{
	conn->params.len = conn->body.len = 0;
	conn->whole = conn->aborted = false;
}

void app_send(struct app_conn *conn, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = send(conn->fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return;
		at += n > 0 ? n : 0;
		len -= n > 0 ? (size_t) n : 0;
		site_turn(conn->app->site, 0);
	}
}

void app_out(struct app_conn *conn, unsigned id, const void *data, size_t len)
{
	struct fcgi_bytes bytes = { 0 };

	fcgi_peer_record(&bytes, FCGI_PEER_STDOUT, id, data, len, -len & 7);
	app_send(conn, bytes.data, bytes.len);
	fcgi_bytes_fini(&bytes);
}

void app_end(struct app_conn *conn, unsigned id, unsigned app_status, unsigned status)
{
	struct fcgi_bytes bytes = { 0 };
	const unsigned char content[8] = { 0, 0, (unsigned char) (app_status >> 8),
		(unsigned char) app_status, (unsigned char) status };

	fcgi_peer_record(&bytes, FCGI_PEER_END, id, content, sizeof(content), 0);
	app_send(conn, bytes.data, bytes.len);
	fcgi_bytes_fini(&bytes);
}

void app_answer(struct app_conn *conn, const char *text)
{
	app_out(conn, conn->id, text, strlen(text));
	app_end(conn, conn->id, 0, 0);
	app_next(conn);
}

void app_close(struct app_conn *conn)
{
	close(conn->fd);
	fcgi_bytes_fini(&conn->in);
	fcgi_bytes_fini(&conn->params);
	fcgi_bytes_fini(&conn->body);
}
