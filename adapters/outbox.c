/* SPDX-License-Identifier: MIT */
/*
 * outbox.c - what goes out on a connection: gathered, sent without waiting, and kept if the socket
 * is full.
 */
#include "outbox.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* What the shared buffer keeps of memory. */
#define SHARED_KEEP (128 * 1024)

/* Nothing can follow: others are not to be sent what was gathered. */
static int fail(struct vane__outbox *out, int rc)
{
	out->error = rc;
	vane__buf_reset(out->shared, SHARED_KEEP);
	return rc;
}

/* The result of a send as one of: bytes, 0 for "full", a negative errno. */
static ssize_t sent(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -errno;
}

int vane__outbox_add(struct vane__outbox *out, const void *data, size_t len)
{
	int rc = out->error == 0 ? vane__buf_add(vane__outbox_gathered(out), data, len)
				 : out->error;

	return rc < 0 ? fail(out, rc) : 0;
}

/* The socket has taken so many bytes of what was gathered: the rest waits with the connection. */
static int keep_rest(struct vane__outbox *out, size_t taken)
{
	int rc = vane__buf_add(
		&out->kept, out->shared->data + taken, out->shared->len - taken);

	out->blocked = true;
	vane__buf_reset(out->shared, SHARED_KEEP);
	return rc < 0 ? fail(out, rc) : 0;
}

static int send_gathered(struct vane__outbox *out)
{
	struct buf *shared = out->shared;
	ssize_t n;

	if (shared->len == 0)
		return 0;
	n = sent(send(out->fd, shared->data, shared->len, MSG_DONTWAIT | MSG_NOSIGNAL));
	if (n < 0)
		return fail(out, (int) n);
	if (UNLIKELY((size_t) n < shared->len))
		return keep_rest(out, (size_t) n);
	vane__buf_reset(shared, SHARED_KEEP);
	return 0;
}

static int send_kept(struct vane__outbox *out)
{
	struct buf *kept = &out->kept;
	ssize_t n = sent(send(out->fd, kept->data + out->sent, kept->len - out->sent,
		MSG_DONTWAIT | MSG_NOSIGNAL));

	if (n < 0)
		return fail(out, (int) n);
	vane__buf_advance(kept, &out->sent, (size_t) n);
	if (kept->len == 0) {
		vane__buf_fini(kept);
		out->blocked = false;
	}
	return 0;
}

int vane__outbox_send(struct vane__outbox *out)
{
	if (out->error < 0)
		return out->error;
	return out->blocked ? send_kept(out) : send_gathered(out);
}

int vane__outbox_send_piece(struct vane__outbox *out, const char *data, size_t len)
{
	size_t before = out->shared->len, n;
	struct iovec iov[2] = { { out->shared->data, before },
		{ (char *) (uintptr_t) data, len } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t rc = sent(sendmsg(out->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL));

	if (rc < 0)
		return fail(out, (int) rc);
	n = (size_t) rc;
	if (n == before + len) {
		vane__buf_reset(out->shared, SHARED_KEEP);
		return 0;
	}
	rc = keep_rest(out, n < before ? n : before);
	n = n > before ? n - before : 0;
	return rc < 0 ? (int) rc : vane__outbox_add(out, data + n, len - n);
}

ssize_t vane__outbox_write(struct vane__outbox *out, const struct vane_slice *piece)
{
	size_t len = piece->len < VANE__OUTBOX_KEPT ? piece->len : VANE__OUTBOX_KEPT;
	int rc = out->error;

	if (rc == 0 && len > VANE__OUTBOX_GATHER && !out->blocked) {
		rc = vane__outbox_send_piece(out, piece->data, len);
	} else if (rc == 0) {
		rc = vane__outbox_add(out, piece->data, len);
		if (rc == 0 && vane__outbox_gathered(out)->len > VANE__OUTBOX_GATHERED)
			rc = vane__outbox_send(out);
	}
	return rc < 0 ? rc : (ssize_t) len;
}

void vane__outbox_fini(struct vane__outbox *out)
{
	vane__buf_fini(&out->kept);
}
