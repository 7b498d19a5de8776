/* SPDX-License-Identifier: MIT */
/*
 * stream.c - the calls of a plain stream that not every request makes.
 */
#include "config.h" /* for large files */

#include "stream.h"

#include <sys/sendfile.h>
#include <unistd.h>

#include "loop.h"
#include "sigpipe.h"

/* None of them waits, so none is interrupted; if one were, it would be tried again as well. */
int vane__stream_nothing(ssize_t n)
{
	if (n == 0)
		return 0;
	return errno == EINTR ? -EAGAIN : -errno;
}

ssize_t vane__stream_writev(
	struct vane__stream *stream, const struct iovec *iov, size_t count, int flags)
{
	struct msghdr msg = { .msg_iov = (struct iovec *) (uintptr_t) iov,
		.msg_iovlen = count };
	ssize_t n;

	if (stream->layer != NULL)
		return stream->layer->calls->writev(stream, iov, count, flags);
	n = sendmsg(stream->fd, &msg, MSG_NOSIGNAL | flags);
	return n > 0 ? n : vane__stream_nothing(n);
}

ssize_t vane__stream_write_one(
	struct vane__stream *stream, const void *data, size_t len, int flags)
{
	const struct iovec iov = { (void *) (uintptr_t) data, len };

	return vane__stream_writev(stream, &iov, 1, flags);
}

static ssize_t send_file(int to, int fd, int64_t offset, size_t size)
{
	off_t at = (off_t) offset;
	ssize_t n = sendfile(to, fd, &at, size);

	if (n < 0 && (errno == EINVAL || errno == ENOSYS))
		return -ENOTSUP;
	return n > 0 ? n : vane__stream_nothing(n);
}

ssize_t vane__stream_sendfile(struct vane__stream *stream, const struct vane_loop *loop,
	int fd, int64_t offset, size_t size)
{
	struct sigpipe before;
	ssize_t n;

	if (stream->layer != NULL)
		return stream->layer->calls->sendfile(stream, fd, offset, size);
	/* it has no MSG_NOSIGNAL; the signal is blocked where the loop turns: nearly always */
	if (LIKELY(loop != NULL && vane__loop_is_running(loop)))
		return send_file(stream->fd, fd, offset, size);
	vane__sigpipe_hold(&before);
	n = send_file(stream->fd, fd, offset, size);
	vane__sigpipe_release(&before);
	return n;
}

int vane__stream_shutdown(struct vane__stream *stream)
{
	if (stream->layer != NULL)
		return stream->layer->calls->shutdown(stream);
	return shutdown(stream->fd, SHUT_WR) < 0 ? -errno : 0;
}

bool vane__stream_pending(const struct vane__stream *stream)
{
	char byte;

	if (stream->layer != NULL)
		return stream->layer->calls->pending(stream);
	return recv(stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void vane__stream_close(struct vane__stream *stream)
{
	if (stream->layer != NULL)
		stream->layer->calls->close(stream);
	else
		close(stream->fd);
}
