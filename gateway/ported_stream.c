/* SPDX-License-Identifier: MIT */
/*
 * ported_stream.c - libfcgi's streams, filled from a request and emptied into its response.
 *
 * struct FCGX_Stream is public, with the functions that fill and empty it; what its data points to
 * is not.  libfcgi looks there in three places: FCGX_SetExitStatus() and FCGX_StartFilterData()
 * for the stream's request, and FCGX_FreeStream(), which FCGX_Finish_r() calls, for a buffer to
 * free.  So the data is an array, all of whose elements point to one block from malloc() that is a
 * request and holds the buffer too: whichever of its members libfcgi means, it finds what it wants,
 * and frees what is to be freed.
 */
#include <errno.h>
#include <fastcgi.h>
#include <stdlib.h>
#include <vane/log.h>
#include <vane/request.h>

#include "ported.h"

#define BUFFER_BYTES 8192 /* as libfcgi's own */
#define LINE_BYTES   1024 /* of standard error, that are logged as one line */
#define DATA_MEMBERS 64   /* more than libfcgi has there */

struct block {
	FCGX_Request request;
	unsigned char bytes[BUFFER_BYTES];
};

/* A stream of ours; libfcgi frees it as one of its own. */
struct stream {
	FCGX_Stream stream;
	struct vane__ported *ported;
	struct block *block;
};

static struct stream *ours(FCGX_Stream *stream)
{
	return CONTAINER_OF(stream, struct stream, stream);
}

/* Nothing can be read or written any more; the first errno is the one that counts. */
static void close_stream(FCGX_Stream *stream, int rc)
{
	if (rc < 0 && stream->FCGI_errno == 0)
		stream->FCGI_errno = -rc;
	stream->isClosed = 1;
	stream->rdNext = stream->wrNext = stream->stop;
}

static void fill(FCGX_Stream *stream)
{
	struct stream *self = ours(stream);
	ssize_t n;

	if (stream->isClosed)
		return;
	n = vane_request_read(
		self->ported->out.req, self->block->bytes, sizeof(self->block->bytes));
	if (n <= 0) {
		close_stream(stream, (int) n);
		return;
	}
	stream->rdNext = stream->stopUnget = self->block->bytes;
	stream->wrNext = stream->stop = self->block->bytes + n;
}

/*
 * FCGX_FFlush() comes here just as a full buffer does, and nothing tells them apart if it is full;
 * libfcgi sends in both cases.
 */
static void empty_out(FCGX_Stream *stream, int closing)
{
	struct stream *self = ours(stream);
	struct vane__ported_out *out = &self->ported->out;
	size_t len = (size_t) (stream->wrNext - self->block->bytes);
	int rc;

	if (stream->isClosed)
		return;
	stream->wrNext = self->block->bytes;
	rc = vane__ported_out_take(out, self->block->bytes, len);
	if (rc == 0 && !closing)
		rc = vane__ported_out_flush(out);
	if (rc < 0)
		close_stream(stream, rc);
}

static void empty_err(FCGX_Stream *stream, int closing)
{
	struct stream *self = ours(stream);
	char *bytes = (char *) self->block->bytes;
	size_t len = (size_t) (stream->wrNext - self->block->bytes), done;

	if (stream->isClosed)
		return;
	done = vane__ported_log_lines(
		&self->ported->log, bytes, len, closing || stream->wrNext == stream->stop);
	memmove(bytes, bytes + done, len - done);
	stream->wrNext -= done;
}

static void note_exit_status(struct vane__ported *ported, FCGX_Stream *stream)
{
	if (stream != NULL && ours(stream)->block->request.appStatus != 0)
		ported->exit_status = ours(stream)->block->request.appStatus;
}

static void note_exit_statuses(struct vane__ported *ported)
{
	note_exit_status(ported, ported->request.in);
	note_exit_status(ported, ported->request.out);
	note_exit_status(ported, ported->request.err);
}

/* The last of them that FCGX_Finish_r() calls before the streams are gone. */
static void close_out(FCGX_Stream *stream, int closing)
{
	empty_out(stream, closing);
	if (closing)
		note_exit_statuses(ours(stream)->ported);
}

/* Memory for a stream that FCGX_FreeStream() frees; what there is of it so far, too. */
static FCGX_Stream *new_stream(struct vane__ported *ported)
{
	struct stream *self = calloc(1, sizeof(*self));
	void **data = malloc(DATA_MEMBERS * sizeof(*data));
	struct block *block = malloc(sizeof(*block));
	size_t i;

	if (self == NULL || data == NULL || block == NULL) {
		free(self);
		free(data);
		free(block);
		return NULL;
	}
	block->request = (FCGX_Request) { .role = FCGI_RESPONDER, .ipcFd = -1 };
	for (i = 0; i < DATA_MEMBERS; i++)
		data[i] = block;
	self->ported = ported;
	self->block = block;
	self->stream.data = data;
	self->stream.rdNext = self->stream.wrNext = block->bytes;
	self->stream.stop = self->stream.stopUnget = block->bytes;
	return &self->stream;
}

static FCGX_Stream *new_reader(struct vane__ported *ported)
{
	FCGX_Stream *stream = new_stream(ported);

	if (stream == NULL)
		return NULL;
	stream->isReader = 1;
	stream->fillBuffProc = fill;
	return stream;
}

static FCGX_Stream *new_writer(struct vane__ported *ported, size_t size,
	void (*empty)(FCGX_Stream *stream, int closing))
{
	FCGX_Stream *stream = new_stream(ported);

	if (stream == NULL)
		return NULL;
	stream->rdNext = stream->stop = stream->wrNext + size;
	stream->emptyBuffProc = empty;
	return stream;
}

int vane__ported_open(struct vane__ported *ported)
{
	FCGX_Request *request = &ported->request;

	*request = (FCGX_Request) { .requestId = 1,
		.role = FCGI_RESPONDER,
		.in = new_reader(ported),
		.out = new_writer(ported, BUFFER_BYTES, close_out),
		.err = new_writer(ported, LINE_BYTES, empty_err),
		.ipcFd = -1,
		.isBeginProcessed = 1,
		.keepConnection = 1,
		.nWriters = 2,
		.listen_sock = -1 };
	if (request->in != NULL && request->out != NULL && request->err != NULL)
		return 0;
	vane__ported_close(ported);
	return -ENOMEM;
}

void vane__ported_close(struct vane__ported *ported)
{
	FCGX_Request *request = &ported->request;

	note_exit_statuses(ported);
	FCGX_FClose(request->err);
	FCGX_FClose(request->out);
	FCGX_Free(request, 0);
}
