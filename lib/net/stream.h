/* SPDX-License-Identifier: MIT */
/*
 * stream.h - what a connection reads and writes: a non-blocking stream socket, or what stands
 * before one.
 *
 * A plain one is the socket itself, and its calls are system calls that stand here, as each
 * request makes two of them.  A stream that is more than that, one that encrypts, has a table.
 *
 * All calls go by one rule: a count is success, 0 is the end, -EAGAIN is "not now", any other
 * negative errno is the end too.  Signals neither interrupt them nor come of them: a peer that
 * has gone is -EPIPE or -ECONNRESET, and no SIGPIPE.
 */
#ifndef VANE__STREAM_H
#define VANE__STREAM_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base.h"

struct vane_loop;
struct vane__stream;

/* What a stream does that is not plain: each as the function of that name below, but without a loop. */
struct vane__stream_calls {
	ssize_t (*read)(struct vane__stream *stream, void *buf, size_t size);
	ssize_t (*writev)(struct vane__stream *stream, const struct iovec *iov,
		size_t count, int flags);
	ssize_t (*sendfile)(
		struct vane__stream *stream, int fd, int64_t offset, size_t size);
	int (*shutdown)(struct vane__stream *stream);
	bool (*pending)(const struct vane__stream *stream);
	void (*close)(struct vane__stream *stream);
};

/* What stands before a socket has this in it. */
struct vane__stream_layer {
	const struct vane__stream_calls *calls;
};

/* It may be copied to hand it on. */
struct vane__stream {
	int fd;
	struct vane__stream_layer *layer; /* NULL: it is plain */
};

/* For writes: there is more to come at once, so nothing needs to leave yet. */
#define VANE__STREAM_MORE MSG_MORE

/* What a system call that moved nothing has returned, 0 or -1 with its errno, by the rule above. */
int vane__stream_nothing(ssize_t n);

/* Read what has come, at most size bytes, which is not 0. */
static inline ssize_t vane__stream_read(struct vane__stream *stream, void *buf, size_t size)
{
	ssize_t n;

	if (UNLIKELY(stream->layer != NULL))
		return stream->layer->calls->read(stream, buf, size);
	n = recv(stream->fd, buf, size, 0);
	return LIKELY(n > 0) ? n : vane__stream_nothing(n);
}

/* Write as much as is taken of these pieces, which together are not empty. */
ssize_t vane__stream_writev(
	struct vane__stream *stream, const struct iovec *iov, size_t count, int flags);

/* The same of one piece; the first where the stream is not plain. */
ssize_t vane__stream_write_one(
	struct vane__stream *stream, const void *data, size_t len, int flags);

static inline ssize_t vane__stream_write(
	struct vane__stream *stream, const void *data, size_t len, int flags)
{
	ssize_t n;

	if (UNLIKELY(stream->layer != NULL))
		return vane__stream_write_one(stream, data, len, flags);
	n = send(stream->fd, data, len, MSG_NOSIGNAL | flags);
	return LIKELY(n > 0) ? n : vane__stream_nothing(n);
}

/*
 * Write from a file, of which 0 is the end; loop is the one that calls, NULL: none.  -ENOTSUP if this file cannot go out so, or nothing
 * can on this stream: then it is read and written.
 */
ssize_t vane__stream_sendfile(struct vane__stream *stream, const struct vane_loop *loop,
	int fd, int64_t offset, size_t size);

/* Nothing more will be written, which the peer is told; what comes can still be read. */
int vane__stream_shutdown(struct vane__stream *stream);

/* Whether bytes have come that are not read yet; the end is none. */
bool vane__stream_pending(const struct vane__stream *stream);

/* The descriptor is closed, and what else the stream has goes with it. */
void vane__stream_close(struct vane__stream *stream);

#endif
