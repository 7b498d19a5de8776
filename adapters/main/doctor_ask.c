/* SPDX-License-Identifier: MIT */
/*
 * doctor_ask.c - an HTTP client for --doctor: it sends what it is told byte for byte, with a pause in it,
 * and notes when what comes back arrives.
 *
 * It waits, as nobody else is served by this process.
 */
#define _GNU_SOURCE /* memmem() */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chunked.h"
#include "clock.h"
#include "slice.h"

/* Heads and bodies above that are nothing of ours. */
#define ANSWER_MAX   (1024 * 1024)

#define CONNECT_MSEC 3000

struct talk {
	struct vane__doctor_answer *answer;
	int fd;
	int64_t until;
	struct buf
		raw; /* the head, as far as it has come; of the body what is not decoded */
	bool headed; /* the head is whole, and taken away */
	bool is_chunked;
	struct vane__chunked chunked;
	int64_t left; /* of the body, -1: until the end */
	int64_t first_msec, last_msec;
	bool done;
};

/* ---- the connection ---- */

static int left_msec(const struct talk *talk)
{
	int64_t left = talk->until - vane__now_msec();

	return left > 0 ? (int) left : 0;
}

/* Whether it is ready for one of these: 1, 0 when the time is up. */
static int await(int fd, short events, int msec)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int rc;

	do
		rc = poll(&pfd, 1, msec);
	while (rc < 0 && errno == EINTR);
	return rc > 0 ? pfd.revents : 0;
}

static int connect_to(const struct addrinfo *addr)
{
	int fd = socket(addr->ai_family, addr->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		addr->ai_protocol);
	socklen_t len = sizeof(int);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, addr->ai_addr, addr->ai_addrlen) < 0)
		error = errno;
	if (error == EINPROGRESS) {
		error = ETIMEDOUT;
		if (await(fd, POLLOUT, CONNECT_MSEC) != 0)
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	}
	if (error == 0)
		return fd;
	close(fd);
	return -error;
}

static int open_connection(const struct vane__doctor_url *url)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL, *addr;
	int fd = -EHOSTUNREACH;

	if (getaddrinfo(url->host, url->port, &hints, &list) != 0)
		return -EADDRNOTAVAIL;
	for (addr = list; addr != NULL && fd < 0; addr = addr->ai_next)
		fd = connect_to(addr);
	freeaddrinfo(list);
	return fd;
}

/* ---- what comes back ---- */

/* The value of a field in a line of it; data NULL: it is another. */
static struct vane_slice value_of(struct vane_slice line, const char *name)
{
	struct vane_slice value = line, word = vane__slice_split(&value, ':');

	if (value.data == NULL || !vane__slice_equal_nocase(word, vane__slice(name)))
		return (struct vane_slice) { NULL, 0 };
	return vane__slice_trim(value);
}

/* What the first of a name says; a proxy passes on another's behind its own. */
static void keep(char *to, size_t size, struct vane_slice value)
{
	if (value.data != NULL && to[0] == '\0')
		snprintf(to, size, "%.*s", (int) value.len, value.data);
}

static void read_field(struct talk *talk, struct vane_slice line)
{
	struct vane__doctor_answer *answer = talk->answer;
	struct vane_slice length = value_of(line, "Content-Length");
	struct vane_slice coding = value_of(line, "Transfer-Encoding");

	keep(answer->server, sizeof(answer->server), value_of(line, "Server"));
	keep(answer->location, sizeof(answer->location), value_of(line, "Location"));
	if (length.data != NULL && vane__slice_number(length, &talk->left) < 0)
		talk->left = -1;
	if (coding.data != NULL && vane__slice_equal_nocase(coding, SLICE("chunked")))
		talk->is_chunked = true;
}

/* "HTTP/1.1 200 OK": the status, 0 if it is none. */
static int status_of(struct vane_slice line)
{
	int64_t status;

	if (line.len < 12 || memcmp(line.data, "HTTP/1.", 7) != 0 ||
		vane__slice_number((struct vane_slice) { line.data + 9, 3 }, &status) < 0)
		return 0;
	return (int) status;
}

/* Take a whole head off what has come.  False if it is not there yet, or none. */
static bool read_head(struct talk *talk)
{
	const char *end = memmem(talk->raw.data, talk->raw.len, "\r\n\r\n", 4);
	struct vane_slice rest = { talk->raw.data, 0 };
	bool first = true;
	int status = 0;

	if (talk->raw.len == 0 || end == NULL)
		return false;
	rest.len = (size_t) (end - talk->raw.data);
	talk->left = -1;
	while (rest.data != NULL) {
		struct vane_slice line = vane__slice_trim(vane__slice_split(&rest, '\n'));

		while (line.len > 0 && line.data[line.len - 1] == '\r')
			line.len--;
		if (first)
			status = status_of(line);
		else
			read_field(talk, line);
		first = false;
	}
	vane__buf_consume(&talk->raw, (size_t) (end - talk->raw.data) + 4);
	if (status / 100 == 1)
		return read_head(talk); /* what follows it counts */
	talk->answer->status = status;
	talk->headed = true;
	return true;
}

/* Bytes of the body are here. */
static void note(struct talk *talk, size_t len)
{
	if (len == 0)
		return;
	talk->last_msec = vane__now_msec();
	if (talk->first_msec == 0)
		talk->first_msec = talk->last_msec;
}

static int take_chunks(struct talk *talk)
{
	struct buf *body = &talk->answer->body, *raw = &talk->raw;
	size_t used = 0;
	ssize_t n;

	if (vane__buf_reserve(body, raw->len) < 0)
		return -ENOMEM;
	n = vane__chunked_decode(&talk->chunked, raw->data, raw->len, &used,
		body->data + body->len, raw->len);
	if (n < 0)
		return (int) n;
	body->len += (size_t) n;
	note(talk, (size_t) n);
	vane__buf_consume(raw, used);
	talk->done = talk->chunked.state == VANE__CHUNKED_DONE;
	return 0;
}

static int take_body(struct talk *talk)
{
	struct buf *body = &talk->answer->body, *raw = &talk->raw;
	size_t len = raw->len;
	int rc;

	if (talk->is_chunked)
		return raw->len > 0 ? take_chunks(talk) : 0;
	if (talk->left >= 0 && (int64_t) len > talk->left)
		len = (size_t) talk->left;
	rc = vane__buf_add(body, raw->data, len);
	note(talk, len);
	raw->len = 0;
	if (talk->left >= 0) {
		talk->left -= (int64_t) len;
		talk->done = talk->left == 0;
	}
	return rc;
}

/* Read what is there: 0, or a negative errno. */
static int hear(struct talk *talk)
{
	ssize_t n;
	int rc = vane__buf_reserve(&talk->raw, 65536);

	if (rc < 0)
		return rc;
	n = recv(talk->fd, talk->raw.data + talk->raw.len, 65536, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		talk->done = true;
	talk->raw.len += (size_t) n;
	if (talk->raw.len + talk->answer->body.len > ANSWER_MAX)
		return -EMSGSIZE;
	if (!talk->headed && !read_head(talk))
		return 0;
	return take_body(talk);
}

/* Listen until all has come or that time is over. */
static int listen_until(struct talk *talk, int64_t until)
{
	int rc = 0;

	while (rc == 0 && !talk->done) {
		int64_t left = until - vane__now_msec();

		if (left <= 0 || await(talk->fd, POLLIN, (int) left) == 0)
			return -ETIMEDOUT;
		rc = hear(talk);
	}
	return rc;
}

/* ---- what is sent ---- */

/* Who has its answer does not wait for the rest. */
static int say(struct talk *talk, struct vane_slice bytes)
{
	while (bytes.len > 0 && !talk->headed) {
		int events = await(talk->fd, POLLIN | POLLOUT, left_msec(talk));
		ssize_t n;

		if (events == 0)
			return -ETIMEDOUT;
		if ((events & POLLIN) != 0) {
			int rc = hear(talk);

			if (rc < 0 || talk->done)
				return rc;
			continue;
		}
		n = send(talk->fd, bytes.data, bytes.len, MSG_NOSIGNAL);
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return 0; /* perhaps it has answered before */
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		vane__slice_take(&bytes, n > 0 ? (size_t) n : 0);
	}
	return 0;
}

static int talk_through(struct talk *talk, const struct vane__doctor_ask *ask)
{
	int rc = say(talk, ask->head);

	if (rc == 0)
		rc = say(talk, ask->first);
	if (rc == 0 && ask->pause_msec > 0) {
		rc = listen_until(talk, vane__now_msec() + ask->pause_msec);
		if (rc == -ETIMEDOUT)
			rc = 0;
	}
	if (rc == 0)
		rc = say(talk, ask->second);
	return rc == 0 ? listen_until(talk, talk->until) : rc;
}

void vane__doctor_ask(const struct vane__doctor_url *url,
	const struct vane__doctor_ask *ask, struct vane__doctor_answer *answer)
{
	struct talk talk = { .answer = answer, .left = -1 };

	*answer = (struct vane__doctor_answer) { .rc = 0 };
	talk.until = vane__now_msec() + ask->wait_msec;
	talk.fd = open_connection(url);
	if (talk.fd < 0) {
		answer->rc = talk.fd;
		return;
	}
	answer->rc = talk_through(&talk, ask);
	answer->spread_msec = talk.last_msec - talk.first_msec;
	close(talk.fd);
	vane__buf_fini(&talk.raw);
}
