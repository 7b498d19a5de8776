/* SPDX-License-Identifier: MIT */
/*
 * fcgi_peer.c - a FastCGI web server's side, scripted.
 */
#include "fcgi_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void fcgi_bytes_add(struct fcgi_bytes *bytes, const void *data, size_t len)
{
	if (bytes->len + len + 1 > bytes->cap) {
		bytes->cap = (bytes->len + len + 1) * 2;
		bytes->data = realloc(bytes->data, bytes->cap);
		if (bytes->data == NULL)
			abort();
	}
	if (len > 0)
		memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
	bytes->data[bytes->len] = '\0';
}

void fcgi_bytes_fini(struct fcgi_bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct fcgi_bytes) { 0 };
}

void fcgi_peer_record(struct fcgi_bytes *to, unsigned type, unsigned id,
	const void *content, size_t len, unsigned padding)
{
	static const char zeroes[256];
	const unsigned char head[8] = { 1, (unsigned char) type, (unsigned char) (id >> 8),
		(unsigned char) id, (unsigned char) (len >> 8), (unsigned char) len,
		(unsigned char) padding, 0 };

	fcgi_bytes_add(to, head, sizeof(head));
	fcgi_bytes_add(to, content, len);
	fcgi_bytes_add(to, zeroes, padding & 0xff);
}

void fcgi_peer_begin(struct fcgi_bytes *to, unsigned id, unsigned role, unsigned flags)
{
	const unsigned char body[8] = { (unsigned char) (role >> 8), (unsigned char) role,
		(unsigned char) flags };

	fcgi_peer_record(to, FCGI_PEER_BEGIN, id, body, sizeof(body), 0);
}

static void add_length(struct fcgi_bytes *to, size_t len)
{
	const unsigned char four[4] = { (unsigned char) (0x80 | len >> 24),
		(unsigned char) (len >> 16), (unsigned char) (len >> 8),
		(unsigned char) len };

	if (len < 128)
		fcgi_bytes_add(to, &four[3], 1);
	else
		fcgi_bytes_add(to, four, 4);
}

static void add_pair(
	struct fcgi_bytes *to, const char *name, size_t name_len, const char *value)
{
	add_length(to, name_len);
	add_length(to, strlen(value));
	fcgi_bytes_add(to, name, name_len);
	fcgi_bytes_add(to, value, strlen(value));
}

void fcgi_peer_pair(struct fcgi_bytes *to, const char *name, const char *value)
{
	add_pair(to, name, strlen(name), value);
}

/* A stream in records, and its end. */
static void add_stream(struct fcgi_bytes *to, unsigned type, const char *data, size_t len,
	const struct fcgi_peer_request *request)
{
	size_t max = request->record > 0 ? request->record : 65535;
	unsigned id = request->id > 0 ? request->id : 1;

	while (len > 0) {
		size_t n = len < max ? len : max;

		fcgi_peer_record(to, type, id, data, n, request->padding);
		data += n;
		len -= n;
	}
	fcgi_peer_record(to, type, id, NULL, 0, request->padding);
}

void fcgi_peer_whole(struct fcgi_bytes *to, const struct fcgi_peer_request *request)
{
	const char *const *var;
	struct fcgi_bytes pairs = { 0 };

	fcgi_peer_begin(to, request->id > 0 ? request->id : 1, FCGI_PEER_RESPONDER,
		request->keep ? FCGI_PEER_KEEP : 0);
	for (var = request->params; var != NULL && *var != NULL; var++)
		add_pair(&pairs, *var, strcspn(*var, "="), strchr(*var, '=') + 1);
	add_stream(to, FCGI_PEER_PARAMS, pairs.data, pairs.len, request);
	add_stream(to, FCGI_PEER_STDIN, request->body, request->body_len, request);
	fcgi_bytes_fini(&pairs);
}

static int connect_to(int family, const void *addr, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		return -errno;
	if (connect(fd, addr, len) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

int fcgi_peer_connect(struct fcgi_peer *peer, const char *address)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET };
	const char *colon = strrchr(address, ':');
	char host[INET_ADDRSTRLEN] = "";

	*peer = (struct fcgi_peer) { .fd = -1, .id = 1 };
	if (strncmp(address, "unix:", 5) == 0) {
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", address + 5);
		peer->fd = connect_to(AF_UNIX, &un, sizeof(un));
		return peer->fd < 0 ? peer->fd : 0;
	}
	if (colon == NULL || (size_t) (colon - address) >= sizeof(host))
		return -EINVAL;
	memcpy(host, address, (size_t) (colon - address));
	in.sin_port = htons((uint16_t) strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &in.sin_addr) != 1)
		return -EINVAL;
	peer->fd = connect_to(AF_INET, &in, sizeof(in));
	return peer->fd < 0 ? peer->fd : 0;
}

void fcgi_peer_close(struct fcgi_peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	fcgi_bytes_fini(&peer->in);
	fcgi_bytes_fini(&peer->out);
	fcgi_bytes_fini(&peer->err);
	fcgi_bytes_fini(&peer->values);
	peer->fd = -1;
}

void fcgi_peer_next(struct fcgi_peer *peer, unsigned id)
{
	peer->out.len = peer->err.len = 0;
	peer->id = id;
	peer->ended = false;
	peer->app_status = 0;
	peer->protocol_status = 0;
	peer->unknown_type = peer->other_id = peer->other_status = peer->values_count = 0;
}

static void take_end(struct fcgi_peer *peer, unsigned id, const unsigned char *body)
{
	if (id != peer->id) {
		peer->other_id = id;
		peer->other_status = body[4];
		return;
	}
	peer->malformed = peer->malformed || peer->ended;
	peer->ended = true;
	peer->app_status = (uint32_t) body[0] << 24 | (uint32_t) body[1] << 16 |
			   (uint32_t) body[2] << 8 | body[3];
	peer->protocol_status = body[4];
}

static void take_record(struct fcgi_peer *peer, const unsigned char *head, size_t len)
{
	unsigned id = (unsigned) head[2] << 8 | head[3];
	const unsigned char *body = head + 8;

	switch (head[1]) {
	case FCGI_PEER_STDOUT:
	case FCGI_PEER_STDERR:
		peer->malformed = peer->malformed || id != peer->id || peer->ended;
		fcgi_bytes_add(
			head[1] == FCGI_PEER_STDOUT ? &peer->out : &peer->err, body, len);
		return;
	case FCGI_PEER_END:
		peer->malformed = peer->malformed || len != 8;
		take_end(peer, id, body);
		return;
	case FCGI_PEER_VALUES:
		peer->malformed = peer->malformed || id != 0;
		peer->values.len = 0;
		fcgi_bytes_add(&peer->values, body, len);
		peer->values_count++;
		return;
	case FCGI_PEER_UNKNOWN_TYPE:
		peer->malformed = peer->malformed || id != 0 || len != 8;
		peer->unknown_type = body[0];
		return;
	}
	peer->malformed = true;
}

/* Take all whole records off what has come. */
static void take_records(struct fcgi_peer *peer)
{
	size_t at = 0;

	for (;;) {
		const unsigned char *head = (const unsigned char *) peer->in.data + at;
		size_t left = peer->in.len - at, len;

		if (left < 8)
			break;
		len = (size_t) head[4] << 8 | head[5];
		if (left < 8 + len + head[6])
			break;
		if (memcmp(head, "\0\0\0\0\0\0\0", 8) == 0) {
			peer->cut = true;
			break;
		}
		if (head[0] != 1)
			peer->malformed = true;
		take_record(peer, head, len);
		at += 8 + len + head[6];
	}
	if (at > 0)
		memmove(peer->in.data, peer->in.data + at, peer->in.len - at);
	peer->in.len -= at;
}

static void receive(struct fcgi_peer *peer)
{
	char buf[65536]; /* not static: clients may be threads */
	ssize_t n = recv(peer->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		peer->closed = true;
		return;
	}
	fcgi_bytes_add(&peer->in, buf, (size_t) n);
	take_records(peer);
}

static int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Wait for one of these events until then; what has come is collected. */
static int turn(struct fcgi_peer *peer, short events, int64_t until, short *got)
{
	struct pollfd pfd = { .fd = peer->fd, .events = events };
	int64_t left = until - now_msec();
	int n = poll(&pfd, 1, left > 0 ? (int) left : 0);

	*got = pfd.revents;
	if (n == 0)
		return -ETIMEDOUT;
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (pfd.revents & (POLLIN | POLLHUP | POLLERR))
		receive(peer);
	return 0;
}

int fcgi_peer_send(struct fcgi_peer *peer, const void *data, size_t len, int msec)
{
	int64_t until = now_msec() + msec;
	const char *at = data;
	short got;

	while (len > 0) {
		int rc = turn(
			peer, (short) (POLLOUT | (peer->closed ? 0 : POLLIN)), until, &got);
		ssize_t n;

		if (rc < 0)
			return rc;
		if (peer->ended && peer->closed)
			return 0;
		if ((got & (POLLOUT | POLLERR | POLLHUP)) == 0)
			continue;
		n = send(peer->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		at += n > 0 ? n : 0;
		len -= n > 0 ? (size_t) n : 0;
	}
	return 0;
}

int fcgi_peer_taken(struct fcgi_peer *peer, int msec)
{
	int64_t until = now_msec() + msec;
	int queued = 1;

	while (ioctl(peer->fd, SIOCOUTQ, &queued) == 0 && queued > 0) {
		if (now_msec() >= until)
			return -ETIMEDOUT;
		nanosleep(&(struct timespec) { .tv_nsec = 20000 }, NULL);
	}
	return 0;
}

int fcgi_peer_send_cut(
	struct fcgi_peer *peer, const void *data, size_t len, size_t at, int msec)
{
	int rc = fcgi_peer_send(peer, data, at, msec);

	if (rc == 0)
		rc = fcgi_peer_taken(peer, msec);
	if (rc == 0)
		rc = fcgi_peer_send(peer, (const char *) data + at, len - at, msec);
	return rc;
}

static bool is_there(const struct fcgi_peer *peer, enum fcgi_peer_until until)
{
	switch (until) {
	case FCGI_PEER_UNTIL_END:
		return peer->ended;
	case FCGI_PEER_UNTIL_VALUES:
		return peer->values_count > 0 || peer->unknown_type != 0;
	case FCGI_PEER_UNTIL_OTHER:
		return peer->other_id != 0;
	case FCGI_PEER_UNTIL_CLOSED:
		return peer->closed;
	}
	return false;
}

int fcgi_peer_collect(struct fcgi_peer *peer, enum fcgi_peer_until until, int msec)
{
	int64_t deadline = now_msec() + msec;
	short got;

	while (!is_there(peer, until)) {
		int rc;

		if (peer->closed)
			return -ECONNRESET;
		rc = turn(peer, POLLIN, deadline, &got);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int fcgi_peer_ask(struct fcgi_peer *peer, const struct fcgi_peer_request *request, int msec)
{
	struct fcgi_bytes bytes = { 0 };
	int rc;

	fcgi_peer_next(peer, request->id > 0 ? request->id : 1);
	fcgi_peer_whole(&bytes, request);
	rc = fcgi_peer_send(peer, bytes.data, bytes.len, msec);
	if (rc == 0 || peer->ended)
		rc = fcgi_peer_collect(peer, FCGI_PEER_UNTIL_END, msec);
	fcgi_bytes_fini(&bytes);
	return rc;
}
