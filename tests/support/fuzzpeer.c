/* SPDX-License-Identifier: MIT */
/*
 * fuzzpeer.c - the peer of a server in this process, for fuzz targets.
 */
#include "config.h" /* for memmem() */

#include "fuzzpeer.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <vane/loop.h>

#include "fuzz.h"

/* Turns of the loop after a piece, and after the last while anything moves. */
#define TURNS      2
#define LAST_TURNS 40

#define MAX_PIECES 16

int fuzzpeer_listen(struct fuzzpeer *peer)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	FUZZ_CHECK(fd >= 0);
	peer->fd = -1;
	peer->addr.sun_family = AF_UNIX;
	/* the kernel chooses a name that is no file */
	FUZZ_CHECK(bind(fd, (struct sockaddr *) &peer->addr, sizeof(sa_family_t)) == 0);
	peer->addr_len = sizeof(peer->addr);
	FUZZ_CHECK(getsockname(fd, (struct sockaddr *) &peer->addr, &peer->addr_len) == 0);
	FUZZ_CHECK(listen(fd, 16) == 0);
	return fd;
}

bool fuzzpeer_connect(struct fuzzpeer *peer)
{
	peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	peer->got_len = 0;
	peer->eof = false;
	return peer->fd >= 0 &&
	       connect(peer->fd, (struct sockaddr *) &peer->addr, peer->addr_len) == 0;
}

void fuzzpeer_read(struct fuzzpeer *peer)
{
	ssize_t n = 1;

	while (n > 0 && peer->got_len < sizeof(peer->got)) {
		n = recv(peer->fd, peer->got + peer->got_len,
			sizeof(peer->got) - peer->got_len, MSG_DONTWAIT);
		if (n > 0)
			peer->got_len += (size_t) n;
	}
	peer->eof = n == 0 || (n < 0 && errno != EAGAIN);
}

static void turn(struct vane_loop *loop, int times)
{
	while (times-- > 0)
		vane_loop_turn(loop, false);
}

static void send_pieces(struct fuzzpeer *peer, struct vane_loop *loop, unsigned manner,
	const char *data, size_t len)
{
	static const size_t sizes[] = { 4096, 1, 2, 3, 7, 30, 100, 500 };
	size_t step = sizes[manner & 7], at = 0, n;

	if (len / step > MAX_PIECES)
		step = len / MAX_PIECES + 1;
	for (; at < len; at += n) {
		n = len - at < step ? len - at : step;
		if ((manner & FUZZPEER_RESETS) && at > len / 2)
			return;
		if (send(peer->fd, data + at, n, MSG_NOSIGNAL) != (ssize_t) n)
			return; /* the server has closed, or does not read */
		turn(loop, TURNS);
		if (!(manner & FUZZPEER_READS_LATE))
			fuzzpeer_read(peer);
	}
}

void fuzzpeer_run(struct fuzzpeer *peer, struct vane_loop *loop, unsigned manner,
	const char *data, size_t len)
{
	int i, still = 0;
	size_t before;

	turn(loop, 1);
	send_pieces(peer, loop, manner, data, len);
	if (manner & FUZZPEER_RESETS)
		return;
	if (manner & FUZZPEER_ENDS)
		shutdown(peer->fd, SHUT_WR);
	for (i = 0; i < LAST_TURNS && still < 4 && !peer->eof; i++) {
		turn(loop, 1);
		before = peer->got_len;
		if (!(manner & FUZZPEER_LEAVES))
			fuzzpeer_read(peer);
		still = peer->got_len == before ? still + 1 : 0;
	}
}

void fuzzpeer_close(struct fuzzpeer *peer)
{
	close(peer->fd);
	peer->fd = -1;
}

static bool is_named(const char *line, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	return len > name_len && strncasecmp(line, name, name_len) == 0 &&
	       line[name_len] == ':';
}

void fuzzpeer_check_head(const struct fuzzpeer *peer, const char *start)
{
	const char *at = peer->got, *end = memmem(at, peer->got_len, "\r\n\r\n", 4), *eol;
	size_t start_len = strlen(start);
	int framed = 0;

	FUZZ_CHECK(memcmp(at, start,
			   peer->got_len < start_len ? peer->got_len : start_len) == 0);
	if (end == NULL)
		return;
	if (strcmp(start, "HTTP/1.1 ") == 0) {
		at = memmem(at, (size_t) (end + 2 - at), "\r\n", 2);
		FUZZ_CHECK(at != NULL);
		at += 2;
	}
	for (; at < end; at = eol + 2) {
		eol = memmem(at, (size_t) (end + 2 - at), "\r\n", 2);
		FUZZ_CHECK(eol != NULL);
		FUZZ_CHECK(memchr(at, '\n', (size_t) (eol - at)) == NULL &&
			   memchr(at, '\r', (size_t) (eol - at)) == NULL &&
			   memchr(at, '\0', (size_t) (eol - at)) == NULL);
		FUZZ_CHECK(memchr(at, ':', (size_t) (eol - at)) != NULL);
		framed += is_named(at, (size_t) (eol - at), "content-length") ||
			  is_named(at, (size_t) (eol - at), "transfer-encoding");
	}
	FUZZ_CHECK(framed <= 1);
}
