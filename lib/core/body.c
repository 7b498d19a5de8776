/* SPDX-License-Identifier: MIT */
/*
 * body.c - taking in a request body: into memory, a temporary file, or a handler's hands.
 *
 * Pulls from the driver, so that what nobody has asked for stays with the peer.
 */
#include "config.h" /* for large files */

#include <sys/mman.h>
#include <unistd.h>

#include "exchange.h"
#include "limit.h"
#include "temp_file.h"
#include "write_all.h"

#define PIECE (64 * 1024)

void vane__body_init(struct vane_exchange *x, int64_t max)
{
	x->req.body.fd = -1;
	x->req.body.len = 0;
	x->req.body.max = max;
	x->req.body.map = NULL;
}

void vane__body_reset(struct vane_exchange *x, size_t keep)
{
	struct vane__body *body = &x->req.body;

	if (body->counted > 0)
		*x->all_bodies -= body->counted;
	body->counted = 0;
	if (body->map != NULL)
		munmap(body->map, (size_t) body->len);
	if (body->fd >= 0)
		close(body->fd);
	body->map = NULL;
	body->fd = -1;
	body->len = 0;
	vane__buf_reset(&body->mem, keep);
}

int vane_request_open_temp_file(const struct vane_request *req)
{
	return vane__temp_file_open(vane__req_exchange(req)->opts->temp_dir);
}

/* Move what is in memory to the file, which is made when it is first needed. */
static int spool(struct vane_exchange *x)
{
	struct vane__body *body = &x->req.body;
	int rc;

	if (body->fd < 0) {
		rc = vane__temp_file_open(x->opts->temp_dir);
		if (rc < 0)
			return rc;
		body->fd = rc;
	}
	rc = vane__write_all(body->fd, body->mem.data, body->mem.len);
	body->mem.len = 0;
	return rc;
}

/* All is there: a body in a file is mapped, so that it reads like one in memory. */
static int complete(struct vane_exchange *x)
{
	struct vane__body *body = &x->req.body;
	void *map;
	int rc;

	if (x->req.env.body_length < 0)
		x->req.env.body_length = body->len;
	if (body->fd < 0)
		return 1;
	rc = spool(x);
	if (rc < 0)
		return rc;
	if ((uint64_t) body->len > SIZE_MAX)
		return -EFBIG;
	map = mmap(NULL, (size_t) body->len, PROT_READ, MAP_PRIVATE, body->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	body->map = map;
	return 1;
}

/* Room for the next piece: what is announced at first, if that is little, and a spare byte. */
static int make_room(struct vane_exchange *x)
{
	struct vane__body *body = &x->req.body;
	size_t limit = vane__limit_size(x->opts->body_memory_bytes), want = PIECE;
	int64_t announced = x->req.env.body_length - body->len;

	if (body->mem.len >= limit) {
		int rc = spool(x);

		if (rc < 0)
			return rc;
	}
	if (x->req.env.body_length >= 0 && announced < (int64_t) want)
		want = announced > 0 ? (size_t) announced + 1 : 1;
	return vane__buf_reserve(&body->mem, want);
}

/*
 * Count what has come, n bytes or -EAGAIN, and what is announced: a body that is going to be
 * too long is not waited for.  Returns 0 or 413.
 */
static int count(struct vane_exchange *x, ssize_t n)
{
	struct vane__body *body = &x->req.body;
	int64_t more = 0;

	if (n > 0)
		body->len += n;
	if (x->req.env.body_length < 0)
		more = x->req.env.body_announced;
	return body->len > body->max || more > body->max - body->len ? 413 : 0;
}

/*
 * Count what is kept among all bodies that are.  The request that would be too much for all of them
 * is refused, with what is announced of it, so that others come to their end; one alone never is.
 * Returns 0 or 503.
 */
static int count_kept(struct vane_exchange *x)
{
	struct vane__body *body = &x->req.body;
	int64_t length = x->req.env.body_length, others;

	if (length < body->len)
		length = body->len;
	others = *x->all_bodies - body->counted;
	*x->all_bodies = others + body->len;
	body->counted = body->len;
	return others > 0 && length > x->opts->max_body_total_bytes - others ? 503 : 0;
}

static int read_piece(struct vane_exchange *x, ssize_t *n)
{
	struct vane__body *body = &x->req.body;
	int rc = make_room(x);

	if (rc < 0)
		return rc;
	*n = x->driver->read(
		x->carrier, body->mem.data + body->mem.len, body->mem.cap - body->mem.len);
	if (*n < 0 && *n != -EAGAIN)
		vane__response_lost(&x->res, (int) *n);
	if (*n > 0)
		body->mem.len += (size_t) *n;
	return *n > 0 || *n == -EAGAIN ? count(x, *n) : 0;
}

int vane__body_read(struct vane_exchange *x, vane_data_fn fn, int *rc_out)
{
	struct vane__body *body = &x->req.body;
	ssize_t n;
	int rc;

	for (;;) {
		rc = fn == NULL ? count_kept(x) : 0;
		if (rc == 0)
			rc = read_piece(x, &n);
		if (rc != 0)
			return rc;
		if (n == -EAGAIN)
			return 0;
		if (n < 0)
			return (int) n;
		if (n == 0)
			return complete(x);
		if (fn == NULL)
			continue;
		x->running = true;
		*rc_out = fn(&x->req, &x->res, body->mem.data, body->mem.len);
		x->running = false;
		body->mem.len = 0;
		if (*rc_out != 0 || x->res.finished || x->aborted)
			return 2;
	}
}

int vane_request_stream(struct vane_request *req)
{
	if (req->body_way != VANE__BODY_OPEN)
		return -EALREADY;
	req->body_way = VANE__BODY_STREAMED;
	return 0;
}

static ssize_t read_collected(struct vane_request *req, char *buf, size_t size)
{
	struct vane_slice body = vane_request_body(req);

	if (size > body.len - req->body_at)
		size = body.len - req->body_at;
	if (size > 0)
		memcpy(buf, body.data + req->body_at, size);
	req->body_at += size;
	return (ssize_t) size;
}

/* The end of a streamed body, or the error that is one. */
static ssize_t end_stream(struct vane_exchange *x, ssize_t rc)
{
	struct vane_request *req = &x->req;

	req->body_ended = true;
	req->body_error = (int) rc;
	if (rc == 0 && req->env.body_length < 0)
		req->env.body_length = req->body.len;
	if (rc < 0 && rc != -EMSGSIZE)
		vane__response_lost(&x->res, (int) rc);
	if (rc < 0 && rc != -EBADMSG && rc != -EMSGSIZE)
		vane__response_fail(&x->res, (int) rc);
	return rc;
}

static ssize_t read_stream(struct vane_exchange *x, char *buf, size_t size)
{
	struct vane_request *req = &x->req;
	ssize_t n = 0;

	if (req->body_ended)
		return req->body_error;
	if (x->res.finished)
		return -EALREADY;
	if (x->aborted)
		return -EPIPE;
	if (req->env.body_length != 0)
		n = x->driver->read(x->carrier, buf, size);
	if ((n > 0 || n == -EAGAIN) && count(x, n) != 0)
		n = -EMSGSIZE;
	return n > 0 || n == -EAGAIN ? n : end_stream(x, n);
}

ssize_t vane_request_read(struct vane_request *req, void *buf, size_t size)
{
	if (req->body_way == VANE__BODY_OPEN || size == 0)
		return -EINVAL;
	if (req->body_way == VANE__BODY_COLLECTED)
		return read_collected(req, buf, size);
	return read_stream(vane__req_exchange(req), buf, size);
}
