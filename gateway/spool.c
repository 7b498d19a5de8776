/* SPDX-License-Identifier: MIT */
/*
 * spool.c - what the client has not taken of a response yet: in a temporary file.
 *
 * The response gets ranges of the file, and sends them as it sends any file.  Room is given back
 * when all has been taken, not before: then the file begins anew.
 */
#include "config.h" /* for large files */

#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/response.h>

/* What one may keep whatever all have together: one that shares a connection cannot wait. */
#define ALLOWANCE (1024 * 1024)

/* What is read back at a time where the response cannot have the file. */
#define PIECE (64 * 1024)

void vane__spool_init(
	struct vane__spool *spool, struct vane__spools *all, struct vane_request *req)
{
	*spool = (struct vane__spool) { .all = all, .req = req, .fd = -1 };
}

void vane__spool_fini(struct vane__spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	spool->all->total_bytes -= spool->len;
	vane__buf_fini(&spool->rest);
	spool->fd = -1;
	spool->len = spool->at = 0;
}

/* Without a file clients hold up their programs, as long as that lasts: said once. */
static int complain(struct vane__spool *spool, int rc)
{
	if (!spool->all->failed)
		vane_log(VANE_LOG_WARNING,
			"gateway: responses cannot be kept for slow clients: %s",
			strerror(-rc));
	spool->all->failed = true;
	return rc;
}

static int open_file(struct vane__spool *spool)
{
	int fd = spool->fd >= 0 ? spool->fd : vane_request_open_temp_file(spool->req);

	spool->fd = fd >= 0 ? fd : -1;
	return fd >= 0 ? 0 : complain(spool, fd);
}

/* Write to the end of the file: how much it took. */
static size_t write_file(struct vane__spool *spool, const char *data, size_t len)
{
	size_t done = 0;
	ssize_t n;

	if (open_file(spool) < 0)
		return 0;
	while (done < len) {
		n = pwrite(spool->fd, data + done, len - done, (off_t) spool->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			complain(spool, n < 0 ? -errno : -ENOSPC);
			break;
		}
		done += (size_t) n;
		spool->len += n;
		spool->all->total_bytes += n;
	}
	if (done == len)
		spool->all->failed = false;
	return done;
}

int vane__spool_add(struct vane__spool *spool, const void *data, size_t len)
{
	size_t done = spool->rest.len == 0 ? write_file(spool, data, len) : 0;

	return vane__buf_add(&spool->rest, (const char *) data + done, len - done);
}

bool vane__spool_is_full(const struct vane__spool *spool)
{
	const struct vane__spools *all = spool->all;

	return spool->rest.len > 0 || spool->len >= all->max_bytes ||
	       (all->total_bytes >= all->max_total_bytes && spool->len >= ALLOWANCE);
}

bool vane__spool_is_empty(const struct vane__spool *spool)
{
	return spool->at == spool->len && spool->rest.len == 0;
}

/* What is behind the file. */
static int hand_on_rest(struct vane__spool *spool, struct vane_response *res)
{
	int rc = vane_response_write(res, spool->rest.data, spool->rest.len);

	vane__buf_fini(&spool->rest);
	return rc;
}

/* All that is in the file; the descriptor is passed on. */
static int hand_on_file(struct vane__spool *spool, struct vane_response *res, int fd)
{
	int64_t from = spool->at;

	spool->at = spool->len;
	return vane_response_write_file(res, fd, from, spool->len - from);
}

/* A piece of the file, as there is no descriptor for all of it. */
static int hand_on_piece(struct vane__spool *spool, struct vane_response *res)
{
	char *piece = malloc(PIECE);
	int64_t left = spool->len - spool->at;
	ssize_t n;

	if (piece == NULL)
		return -ENOMEM;
	n = pread(
		spool->fd, piece, left < PIECE ? (size_t) left : PIECE, (off_t) spool->at);
	if (n <= 0) {
		free(piece);
		return n < 0 ? -errno : -EIO;
	}
	spool->at += n;
	return vane_response_write_take(res, piece, (size_t) n);
}

int vane__spool_hand_on(struct vane__spool *spool, struct vane_response *res)
{
	int rc = 0, fd;

	if (spool->at < spool->len) {
		fd = fcntl(spool->fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return hand_on_piece(spool, res);
		rc = hand_on_file(spool, res, fd);
	}
	return rc < 0 ? rc : hand_on_rest(spool, res);
}

int vane__spool_hand_over(struct vane__spool *spool, struct vane_response *res)
{
	int rc = 0;

	if (spool->at < spool->len) {
		rc = hand_on_file(spool, res, spool->fd);
		spool->fd = -1;
	}
	return rc < 0 ? rc : hand_on_rest(spool, res);
}

void vane__spool_rewind(struct vane__spool *spool)
{
	if (spool->fd >= 0 && ftruncate(spool->fd, 0) < 0)
		complain(spool, -errno);
	spool->all->total_bytes -= spool->len;
	spool->len = spool->at = 0;
}
