/* SPDX-License-Identifier: MIT */
/*
 * fuzzpeer.h - the peer of a server in this process, for fuzz targets: sends an input in
 * pieces, turns the server's loop meanwhile, and keeps what comes back.
 */
#ifndef VANE_TEST_FUZZPEER_H
#define VANE_TEST_FUZZPEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct vane_loop;

struct fuzzpeer {
	struct sockaddr_un addr; /* without a file */
	socklen_t addr_len;
	int fd; /* -1: closed */
	char got[256 * 1024];
	size_t got_len;
	bool eof;
};

/* How a peer behaves: bits of a byte; the lowest three choose how large its pieces are. */
enum {
	FUZZPEER_READS_LATE = 8, /* not before all is sent */
	FUZZPEER_ENDS = 16,      /* says that nothing follows */
	FUZZPEER_LEAVES = 32,    /* and does not look at the answer */
	FUZZPEER_RESETS = 64     /* in the middle */
};

/* Listen on an address of its own: the socket, non-blocking. */
int fuzzpeer_listen(struct fuzzpeer *peer);

/* Connect there, and forget the last answer. */
bool fuzzpeer_connect(struct fuzzpeer *peer);

/* Send, turn the loop, read. */
void fuzzpeer_run(struct fuzzpeer *peer, struct vane_loop *loop, unsigned manner,
	const char *data, size_t len);

/* Read what has come. */
void fuzzpeer_read(struct fuzzpeer *peer);

void fuzzpeer_close(struct fuzzpeer *peer);

/* A head that has come whole begins so, is made of field lines, and frames its body once. */
void fuzzpeer_check_head(const struct fuzzpeer *peer, const char *start);

#endif
