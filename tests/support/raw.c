/* SPDX-License-Identifier: MIT */
/*
 * raw.c - bytes in, bytes out, until the peer closes.
 */
#include "support/raw.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/ask.h"
#include "support/port.h"
#include "support/proc.h"

#define WAIT_MSEC 10000

struct session {
	const struct raw *raw;
	int fd;
	size_t sent;
	struct answer got;
};

/* The peer may refuse early and close: what cannot be sent any more is not an error. */
static void send_some(struct session *s)
{
	size_t len = s->raw->len - s->sent;
	ssize_t n;

	if (s->raw->step > 0 && len > s->raw->step)
		len = s->raw->step;
	n = send(s->fd, s->raw->bytes + s->sent, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN)
		s->sent = s->raw->len;
	else if (n > 0)
		s->sent += (size_t) n;
	if (s->sent == s->raw->len && s->raw->half_close)
		shutdown(s->fd, SHUT_WR);
}

/* 1: the peer has closed. */
static int read_some(struct session *s)
{
	char buf[16384];
	ssize_t n = recv(s->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN ? 0 : 1;
	if (n == 0)
		return 1;
	return answer_add_body(&s->got, buf, (size_t) n);
}

static int converse(struct session *s)
{
	long deadline = proc_now() + (s->raw->msec > 0 ? s->raw->msec : WAIT_MSEC);
	struct pollfd poll_fd = { .fd = s->fd };
	long left;
	int rc;

	while ((left = deadline - proc_now()) > 0) {
		poll_fd.events = POLLIN;
		if (s->sent < s->raw->len)
			poll_fd.events |= POLLOUT;
		if (poll(&poll_fd, 1, (int) left) <= 0)
			continue;
		if ((poll_fd.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
			rc = read_some(s);
			if (rc != 0)
				return rc < 0 ? rc : 0;
		}
		if ((poll_fd.revents & POLLOUT) != 0 && s->sent < s->raw->len)
			send_some(s);
	}
	return -ETIMEDOUT;
}

int raw_ask(int port, const struct raw *raw, char **out, size_t *out_len)
{
	struct session s = { .raw = raw, .fd = port_connect(port, NULL) };
	int on = 1, rc;

	*out = NULL;
	*out_len = 0;
	if (s.fd < 0)
		return s.fd;
	setsockopt(s.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	answer_add_body(&s.got, "", 0);
	rc = converse(&s);
	close(s.fd);
	*out = s.got.body;
	*out_len = s.got.body_len;
	return rc;
}

int raw_status(const char *data, size_t i)
{
	while ((data = strstr(data, "HTTP/1.")) != NULL) {
		if (i-- == 0)
			return (int) strtol(data + 8, NULL, 10);
		data += 8;
	}
	return 0;
}
