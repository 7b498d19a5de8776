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
#include <string.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/response.h>

void vane__spool_init(
	struct vane__spool *spool, struct vane__spools *all, struct vane_request *req)
{
	*spool = (struct vane__spool){ .all = all, .req = req, .fd = -1 };
}

void vane__spool_fini(struct vane__spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	spool->all->total_bytes -= spool->len;
	vane__blob_fini(&spool->rest);
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
	int fd = spool->fd >= 0 ? spool->fd : vane_request_temp_file(spool->req);

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

	return vane__blob_add(&spool->rest, (const char *) data + done, len - done);
}

bool vane__spool_is_full(const struct vane__spool *spool)
{
	const struct vane__spools *all = spool->all;

	return spool->rest.len > 0 || (all->max_bytes >= 0 && spool->len >= all->max_bytes) ||
	       (all->max_total_bytes >= 0 && all->total_bytes >= all->max_total_bytes);
}

bool vane__spool_is_empty(const struct vane__spool *spool)
{
	return spool->at == spool->len && spool->rest.len == 0;
}

int vane__spool_hand_on(struct vane__spool *spool, struct vane_response *res)
{
	int64_t len = spool->len - spool->at;
	int rc = 0, fd = -1;

	if (len > 0) {
		fd = fcntl(spool->fd, F_DUPFD_CLOEXEC, 3);
		rc = fd < 0 ? -errno : vane_response_write_file(res, fd, spool->at, len);
	}
	if (rc < 0)
		return rc;
	spool->at = spool->len;
	rc = vane_response_write(res, spool->rest.data, spool->rest.len);
	vane__blob_fini(&spool->rest);
	return rc;
}

void vane__spool_rewind(struct vane__spool *spool)
{
	if (spool->fd >= 0 && ftruncate(spool->fd, 0) < 0)
		complain(spool, -errno);
	spool->all->total_bytes -= spool->len;
	spool->len = spool->at = 0;
}
