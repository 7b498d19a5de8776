/* SPDX-License-Identifier: MIT */
/*
 * segment.c - a run of a response body: its bytes are given to the driver, or read into memory.
 */
#include <unistd.h>

#include "exchange.h"

#define SCRATCH (64 * 1024)

/* When to ask a source again that has nothing, where nobody says when it has. */
#define AGAIN_MSEC 20

/*
 * Bytes in memory, *len of them, for the driver.  Returns 1 when all are taken, 0 if it is full, or an
 * errno; how many it was in *taken, and in *len those that are left.
 */
static int send_bytes(struct vane_exchange *x, const char *data, size_t *len, size_t *taken)
{
	*taken = 0;
	while (*len > 0) {
		struct vane_slice piece = { data + *taken, *len };
		ssize_t n = x->driver->write(x->carrier, &piece);

		if (n == -EAGAIN)
			return 0;
		if (n < 0)
			return vane__response_lost(&x->res, (int) n);
		*taken += (size_t) n;
		*len -= (size_t) n;
		x->res.taken += n;
	}
	return 1;
}

int vane__segment_send_buf(struct vane_exchange *x, struct buf *buf, size_t *gone)
{
	size_t left = buf->len - *gone, taken;
	int rc;

	if (left == 0)
		return 1; /* there may be no buffer yet */
	rc = send_bytes(x, buf->data + *gone, &left, &taken);
	vane__buf_advance(buf, gone, taken);
	return rc;
}

static int file_failed(struct vane_response *res, int rc)
{
	return vane__response_fault(res, rc, "the file cannot be read: %s", strerror(-rc));
}

/* So many bytes of a file have been read or sent: 1, or an errno. */
static int advance_file(struct vane_response *res, struct vane__segment *segment, ssize_t n)
{
	if (n == 0)
		return vane__response_fault(
			res, -EPROTO, "the file is shorter than was said");
	segment->offset += n;
	segment->left -= n;
	return 1;
}

int vane__segment_read(struct vane_response *res, struct vane__segment *segment)
{
	size_t size = segment->left < SCRATCH ? (size_t) segment->left : SCRATCH;
	ssize_t n;

	if (vane__buf_reserve(&res->scratch, SCRATCH) < 0)
		return -ENOMEM;
	n = pread(segment->fd, res->scratch.data, size, segment->offset);
	if (n < 0)
		return file_failed(res, -errno);
	res->scratch.len = (size_t) n;
	return advance_file(res, segment, n);
}

/* Whether somebody says when a source has more. */
static bool is_told(const struct vane_response *res)
{
	return (vane__res_exchange(res)->driver->caps & VANE_CAP_ASYNC) != 0;
}

int vane__segment_await(struct vane_response *res)
{
	struct vane_exchange *x = vane__res_exchange(res);
	int rc;

	if (is_told(res))
		return 0;
	res->dry = false;
	if (x->req.waited_msec > VANE_WAIT_MAX_MSEC - AGAIN_MSEC)
		return vane__response_fault(
			res, -ETIMEDOUT, "the source has nothing for too long");
	x->req.waited_msec += AGAIN_MSEC;
	rc = x->driver->flush(x->carrier);
	if (rc == 0)
		rc = vane__request_wait_here(&x->req, AGAIN_MSEC);
	return rc < 0 ? vane__response_lost(res, rc) : 1;
}

/*
 * What the source gives into that much room.  -EAGAIN where the mode is told when there is more, or
 * where filters of the body have to give out what they keep before one waits.
 */
static ssize_t ask_source(
	struct vane_response *res, const struct vane_source *source, size_t size)
{
	bool dry_counts = is_told(res) || res->encoders != NULL;
	ssize_t n;
	int rc;

	for (;;) {
		n = source->pull(source->data, res->scratch.data, size);
		res->dry = n == -EAGAIN && dry_counts;
		if (n >= 0 || res->dry)
			return n;
		if (n != -EAGAIN)
			return vane__response_fault(
				res, (int) n, "the source failed: %s", strerror((int) -n));
		rc = vane__segment_await(res);
		if (rc < 0)
			return rc;
	}
}

int vane__segment_pull(struct vane_response *res, struct vane__segment *segment)
{
	size_t size = SCRATCH;
	ssize_t n;

	if (segment->left == 0)
		return 0;
	if (segment->left > 0 && segment->left < SCRATCH)
		size = (size_t) segment->left;
	if (vane__buf_reserve(&res->scratch, SCRATCH) < 0)
		return -ENOMEM;
	n = ask_source(res, &segment->source, size);
	if (n < 0)
		return (int) n;
	if (n == 0 && segment->left > 0)
		return vane__response_fault(
			res, -EPROTO, "the source gave less than it had said");
	if (n == 0)
		return 0;
	assert((size_t) n <= size);
	res->scratch.len = (size_t) n;
	if (segment->left > 0)
		segment->left -= n;
	else
		res->written += n;
	if (res->promised >= 0 && res->written > res->promised)
		return vane__response_fault(
			res, -EMSGSIZE, "Tried to write more data than Content-Length");
	return 1;
}

static int send_copied(struct vane_exchange *x, struct vane__segment *segment)
{
	struct vane_response *res = &x->res;
	size_t taken;
	int rc = send_bytes(x, res->body.data + res->sent, &segment->len, &taken);

	vane__buf_advance(&res->body, &res->sent, taken);
	return rc;
}

static int send_borrowed(struct vane_exchange *x, struct vane__segment *segment)
{
	size_t taken;
	int rc = send_bytes(x, segment->data, &segment->len, &taken);

	segment->data += taken;
	return rc;
}

static int send_scratch(struct vane_exchange *x)
{
	return vane__segment_send_buf(x, &x->res.scratch, &x->res.scratch_at);
}

/* By the driver itself, if it can.  It says only by the errno whose failure it is. */
static ssize_t send_directly(struct vane_exchange *x, const struct vane__segment *segment)
{
	size_t size = vane__as_size(segment->left);
	ssize_t n;

	if (x->driver->sendfile == NULL)
		return -ENOTSUP;
	n = x->driver->sendfile(x->carrier, segment->fd, segment->offset, size);
	if (n > 0)
		x->res.taken += n;
	if (n >= 0 || n == -EAGAIN || n == -ENOTSUP)
		return n;
	return n == -EIO || n == -ESTALE ? file_failed(&x->res, (int) n)
					 : vane__response_lost(&x->res, (int) n);
}

static int send_file(struct vane_exchange *x, struct vane__segment *segment)
{
	for (;;) {
		ssize_t n;
		int rc = send_scratch(x);

		if (rc != 1 || segment->left == 0)
			return rc;
		n = send_directly(x, segment);
		if (n == -EAGAIN)
			return 0;
		if (n == -ENOTSUP)
			rc = vane__segment_read(&x->res, segment);
		else
			rc = n < 0 ? (int) n : advance_file(&x->res, segment, n);
		if (rc < 0)
			return rc;
	}
}

static int send_source(struct vane_exchange *x, struct vane__segment *segment)
{
	for (;;) {
		int rc = send_scratch(x);

		if (rc != 1)
			return rc;
		rc = vane__segment_pull(&x->res, segment);
		if (rc == -EAGAIN) /* as if the driver were full */
			return 0;
		if (rc <= 0)
			return rc < 0 ? rc : 1;
	}
}

int vane__segment_send(struct vane_exchange *x, struct vane__segment *segment)
{
	switch (segment->kind) {
	case VANE__COPIED:
		return send_copied(x, segment);
	case VANE__FILE:
		return send_file(x, segment);
	case VANE__SOURCE:
		return send_source(x, segment);
	default:
		return send_borrowed(x, segment);
	}
}

void vane__segment_next(struct vane_response *res)
{
	struct vane__segment *segment = res->segments;

	res->segments = segment->next;
	if (res->segments == NULL)
		res->last = NULL;
	vane__segment_release(res, segment);
}
