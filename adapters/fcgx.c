/* SPDX-License-Identifier: MIT */
/*
 * fcgx.c - libfcgi, held at arm's length.
 *
 * ipcFd and keepConnection stand below a comment in fcgiapp.h that tells to keep off. There
 * is no other way to choose the connection, and they have not changed from 2.4.0 to 2.4.7;
 * tests/adapters/test_fcgx.c fails if a libfcgi treats them differently.  What we rely on:
 *
 * - FCGX_Accept_r() accepts only if ipcFd is negative, and reads from ipcFd otherwise;
 * - keepConnection is set from the flags of FCGI_BEGIN_REQUEST, and keeps FCGX_Finish_r()
 *   from closing ipcFd; an error on a stream makes it close all the same, so ipcFd is taken
 *   away before;
 * - reading and writing look at ipcFd each time.
 */
#include "config.h" /* for memfd_create() and pwritev() */

#include "fcgx.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "record.h"
#include "wait.h"

/* The feed starts anew when it has grown to this. */
#define FEED_MAX (256 * 1024)

/* libfcgi reads 8 KiB at a time: a request below this is in its buffer after the first. */
#define ONE_READ 8000

/*
 * The file for requests that are whole and small: mapped, so that none is written by a system
 * call.  What stands behind a request there is the rest of an older one; libfcgi may read it
 * along, but looks at nothing behind the end of the body.
 */
#define SMALL_SIZE 8192

/*
 * What libfcgi has written is sent when it is given so much more; it has 8 KiB of its own besides,
 * and the heads of its records.
 */
#define OUT_PIECE (32 * 1024)
#define OUT_SIZE  (128 * 1024)

/*
 * What libfcgi allocates for a request at most, besides the text of its parameters: buffers of
 * 8 KiB to read and to write, the list of 512 parameters, and 32 bytes more for each of them.
 */
#define LIBFCGI_BYTES (48 * 1024)

struct vane__fcgx {
	FCGX_Request request;
	int small;     /* the file for small requests, -1: the other one does as well */
	char *map;     /* and its bytes */
	size_t mapped; /* those in use */
	int feed;      /* the file in memory for all others */
	int from;      /* which of the two this request comes from */
	off_t fed;     /* its length */
	bool dirty;    /* some of it may not have been read */
	size_t unread; /* bytes of the body in it that were not read */
	bool last;     /* its end was fed */
	int out;       /* the file in memory that it writes to */
	char *out_map; /* and its bytes */
	/* bytes of the response since they were sent last: in there, or with it */
	size_t held;
	int fd; /* the connection */
	int64_t write_msec;
	int error; /* of that, from then on; 0: none */
};

/* FCGX_Init() without its signal handlers: signals are the program's, not a library's. */
static int init_libfcgi(void)
{
	static const int signals[] = { SIGPIPE, SIGUSR1, SIGTERM };
	const size_t count = sizeof(signals) / sizeof(signals[0]);
	struct sigaction kept[sizeof(signals) / sizeof(signals[0])];
	sigset_t all, before;
	size_t i;
	int rc;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	for (i = 0; i < count; i++)
		sigaction(signals[i], NULL, &kept[i]);
	rc = FCGX_Init();
	for (i = 0; i < count; i++)
		sigaction(signals[i], &kept[i], NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc == 0 ? 0 : -EIO;
}

static int open_feed(struct vane__fcgx *fcgx)
{
	fcgx->fed = 0;
	fcgx->feed = memfd_create("vane-fastcgi", MFD_CLOEXEC);
	return fcgx->feed < 0 ? -errno : 0;
}

static void close_mapped(int *fd, char **map, size_t size)
{
	if (*map != NULL)
		munmap(*map, size);
	*map = NULL;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A file in memory, and its bytes: 0 or a negative errno. */
static int open_mapped(const char *name, int *fd, char **map, size_t size)
{
	void *at = MAP_FAILED;
	int rc;

	*map = NULL;
	*fd = memfd_create(name, MFD_CLOEXEC);
	if (*fd >= 0 && ftruncate(*fd, (off_t) size) == 0)
		at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	rc = at == MAP_FAILED ? -errno : 0;
	if (rc < 0)
		close_mapped(fd, map, size);
	else
		*map = at;
	return rc;
}

static void close_small(struct vane__fcgx *fcgx)
{
	close_mapped(&fcgx->small, &fcgx->map, SMALL_SIZE);
}

int vane__fcgx_new(struct vane__fcgx **out)
{
	struct vane__fcgx *fcgx = calloc(1, sizeof(*fcgx));
	int rc;

	if (fcgx == NULL)
		return -ENOMEM;
	fcgx->small = fcgx->feed = fcgx->out = -1;
	rc = init_libfcgi();
	if (rc == 0)
		rc = open_mapped("vane-fastcgi-out", &fcgx->out, &fcgx->out_map, OUT_SIZE);
	if (rc == 0)
		rc = open_feed(fcgx);
	if (rc < 0) {
		vane__fcgx_free(fcgx);
		return rc;
	}
	/* or none */
	open_mapped("vane-fastcgi-small", &fcgx->small, &fcgx->map, SMALL_SIZE);
	FCGX_InitRequest(&fcgx->request, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	fcgx->fd = -1;
	*out = fcgx;
	return 0;
}

void vane__fcgx_free(struct vane__fcgx *fcgx)
{
	if (fcgx == NULL)
		return;
	close_small(fcgx);
	close_mapped(&fcgx->out, &fcgx->out_map, OUT_SIZE);
	if (fcgx->feed >= 0)
		close(fcgx->feed);
	free(fcgx);
}

/* Start the feed anew where it has grown, or where the last request left some of it. */
static int rewind_feed(struct vane__fcgx *fcgx)
{
	if (fcgx->feed < 0)
		return open_feed(fcgx);
	if (fcgx->fed < FEED_MAX && !fcgx->dirty)
		return 0;
	fcgx->fed = 0;
	fcgx->dirty = false;
	if (ftruncate(fcgx->feed, 0) < 0 || lseek(fcgx->feed, 0, SEEK_SET) < 0)
		return -errno;
	return 0;
}

/* Records on their way to the feed: few system calls for many records. */
struct gather {
	struct iovec iov[12];
	unsigned char heads[12][VANE__RECORD_HEAD];
	int count;
};

static int flush_small(struct vane__fcgx *fcgx, struct gather *gather)
{
	int i;

	for (i = 0; i < gather->count; i++) {
		const struct iovec *iov = &gather->iov[i];

		if (iov->iov_len > SMALL_SIZE - fcgx->mapped)
			return -ENOSPC;
		memcpy(fcgx->map + fcgx->mapped, iov->iov_base, iov->iov_len);
		fcgx->mapped += iov->iov_len;
	}
	gather->count = 0;
	return 0;
}

static int flush_gather(struct vane__fcgx *fcgx, struct gather *gather)
{
	size_t want = 0;
	ssize_t n;
	int i;

	if (fcgx->from == fcgx->small)
		return flush_small(fcgx, gather);
	for (i = 0; i < gather->count; i++)
		want += gather->iov[i].iov_len;
	do {
		n = pwritev(fcgx->feed, gather->iov, gather->count, fcgx->fed);
	} while (n < 0 && errno == EINTR);
	gather->count = 0;
	if (n < 0)
		return -errno;
	fcgx->fed += n;
	return (size_t) n == want ? 0 : -ENOSPC;
}

/* Add a record; content stays where it is until the flush. */
static int gather_record(struct vane__fcgx *fcgx, struct gather *gather, unsigned type,
	struct vane_slice content)
{
	const int max = (int) (sizeof(gather->iov) / sizeof(gather->iov[0]));
	unsigned char *head;
	int rc = 0;

	if (gather->count + 2 > max)
		rc = flush_gather(fcgx, gather);
	head = gather->heads[gather->count];
	vane__record_head(head, type, (unsigned) fcgx->request.requestId, content.len);
	gather->iov[gather->count++] = (struct iovec) { head, VANE__RECORD_HEAD };
	if (content.len > 0)
		gather->iov[gather->count++] =
			(struct iovec) { (char *) (uintptr_t) content.data, content.len };
	return rc;
}

/* Add a stream; last adds the empty record that ends it. */
static int gather_stream(struct vane__fcgx *fcgx, struct gather *gather, unsigned type,
	struct vane_slice data, bool last)
{
	int rc = 0;

	while (rc == 0 && data.len > 0) {
		size_t n =
			data.len < VANE__RECORD_CONTENT ? data.len : VANE__RECORD_CONTENT;

		rc = gather_record(
			fcgx, gather, type, (struct vane_slice) { data.data, n });
		data.data += n;
		data.len -= n;
	}
	if (rc == 0 && last)
		rc = gather_record(fcgx, gather, type, (struct vane_slice) { NULL, 0 });
	return rc;
}

static int gather_body(
	struct vane__fcgx *fcgx, struct gather *gather, struct vane_slice body, bool last)
{
	fcgx->unread += body.len;
	fcgx->last = last;
	return gather_stream(fcgx, gather, FCGI_STDIN, body, last);
}

int vane__fcgx_feed(struct vane__fcgx *fcgx, struct vane_slice body, bool last)
{
	struct gather gather = { .count = 0 };
	int rc = 0;

	/* With all of the body delivered, all of the file has been read. */
	if (fcgx->unread == 0)
		rc = rewind_feed(fcgx);
	fcgx->dirty = true;
	if (rc == 0)
		rc = gather_body(fcgx, &gather, body, last);
	return rc == 0 ? flush_gather(fcgx, &gather) : rc;
}

/* Feed all of a request that is here, to the file that it comes from. */
static int feed_records(struct vane__fcgx *fcgx, const struct vane__fcgx_request *request)
{
	/* Always with FCGI_KEEP_CONN: closing is our business. */
	static const char begin[8] = { 0, FCGI_RESPONDER, FCGI_KEEP_CONN };
	struct gather gather = { .count = 0 };
	int rc = gather_record(fcgx, &gather, FCGI_BEGIN_REQUEST,
		(struct vane_slice) { begin, sizeof(begin) });

	if (rc == 0)
		rc = gather_stream(fcgx, &gather, FCGI_PARAMS, request->params, true);
	if (rc == 0)
		rc = gather_body(fcgx, &gather, request->body, request->whole);
	return rc == 0 ? flush_gather(fcgx, &gather) : rc;
}

/* Whether a request and the heads of its five records, or fewer, are in libfcgi's first read. */
static bool is_small(const struct vane__fcgx_request *request)
{
	const size_t heads = 5 * VANE__RECORD_HEAD + 8;

	return request->whole && request->params.len < ONE_READ &&
	       request->params.len + request->body.len + heads <= ONE_READ;
}

static int feed_request(struct vane__fcgx *fcgx, const struct vane__fcgx_request *request)
{
	off_t start;
	int rc;

	if (fcgx->small >= 0 && is_small(request)) {
		fcgx->from = fcgx->small;
		fcgx->mapped = 0;
		if (lseek(fcgx->small, 0, SEEK_SET) < 0)
			return -errno;
		return feed_records(fcgx, request);
	}
	rc = rewind_feed(fcgx);
	fcgx->from = fcgx->feed;
	start = fcgx->fed;
	fcgx->dirty = true;
	if (rc == 0)
		rc = feed_records(fcgx, request);
	fcgx->dirty = rc < 0 || fcgx->fed - start > ONE_READ;
	return rc;
}

/* libfcgi has closed the file that it should read from. */
static void lose_file(struct vane__fcgx *fcgx)
{
	if (fcgx->from == fcgx->feed) {
		fcgx->feed = -1;
		return;
	}
	fcgx->small = -1;
	close_small(fcgx);
}

/*
 * libfcgi does not look whether it gets memory.  See that there is as much as it asks for in a
 * request: its buffers, and a copy of each parameter.  What was given back just now is there.
 */
static int see_memory(const struct vane__fcgx_request *request)
{
	void *volatile memory = malloc(LIBFCGI_BYTES + 2 * request->params.len);

	if (memory == NULL)
		return -ENOMEM;
	free(memory);
	return 0;
}

int vane__fcgx_start(struct vane__fcgx *fcgx, const struct vane__fcgx_request *request)
{
	FCGX_Request *fcgi = &fcgx->request;
	int rc;

	fcgx->unread = 0;
	fcgx->error = 0;
	fcgx->write_msec = request->write_msec;
	fcgi->requestId = (int) request->id;
	rc = see_memory(request); /* before anything is fed, which nobody would read */
	if (rc == 0)
		rc = feed_request(fcgx, request);
	if (rc < 0)
		return rc;
	fcgi->ipcFd = fcgx->from;
	fcgi->keepConnection = 1;
	fcgi->appStatus = 0;
	FCGX_Detach(fcgi); /* if it closes after all, it does not linger */
	if (FCGX_Accept_r(fcgi) < 0) {
		lose_file(fcgx);
		return -EPROTO;
	}
	fcgi->ipcFd = fcgx->out;
	fcgx->fd = request->fd;
	return 0;
}

char *const *vane__fcgx_vars(const struct vane__fcgx *fcgx)
{
	return fcgx->request.envp;
}

/* libfcgi reads on when it has none left, so never ask for more than was fed. */
ssize_t vane__fcgx_read(struct vane__fcgx *fcgx, void *buf, size_t size)
{
	FCGX_Request *fcgi = &fcgx->request;
	int n;

	if (fcgx->unread == 0)
		return fcgx->last ? 0 : -EAGAIN;
	if (size > fcgx->unread)
		size = fcgx->unread;
	if (size > INT_MAX)
		size = INT_MAX;
	fcgi->ipcFd = fcgx->from;
	n = FCGX_GetStr(buf, (int) size, fcgi->in);
	fcgi->ipcFd = fcgx->out;
	if (n <= 0)
		return -EPROTO;
	fcgx->unread -= (size_t) n;
	return n;
}

/* Have libfcgi write to the start of its file again; how much it has written. */
static off_t rewind_out(struct vane__fcgx *fcgx)
{
	off_t len = lseek(fcgx->out, 0, SEEK_CUR);

	lseek(fcgx->out, 0, SEEK_SET);
	fcgx->held = 0;
	return len;
}

/* Send what libfcgi has written; rc is what came of that. */
static int send_out(struct vane__fcgx *fcgx, int rc)
{
	off_t len = rewind_out(fcgx);

	/* A stream that broke earlier says 0 to a flush, but keeps its error. */
	if (fcgx->error == 0 && (rc < 0 || FCGX_GetError(fcgx->request.out) != 0))
		fcgx->error = -ENOMEM; /* of which the file is */
	if (fcgx->error == 0 && len > 0)
		fcgx->error = vane__wait_send(
			fcgx->fd, fcgx->out_map, (size_t) len, fcgx->write_msec);
	return fcgx->error;
}

int vane__fcgx_write(struct vane__fcgx *fcgx, const void *data, size_t len)
{
	const char *at = data;

	while (fcgx->error == 0 && len > 0) {
		size_t n = len < OUT_PIECE ? len : OUT_PIECE;
		int rc = FCGX_PutStr(at, (int) n, fcgx->request.out);

		fcgx->held += n;
		if (rc < 0 || fcgx->held >= OUT_PIECE)
			send_out(fcgx, rc);
		at += n;
		len -= n;
	}
	return fcgx->error;
}

int vane__fcgx_flush(struct vane__fcgx *fcgx)
{
	return send_out(fcgx, FCGX_FFlush(fcgx->request.out));
}

int vane__fcgx_end(struct vane__fcgx *fcgx)
{
	/* Nothing was written to err, so its end is silent; the other way round it is not. */
	return send_out(
		fcgx, FCGX_FClose(fcgx->request.err) | FCGX_FClose(fcgx->request.out));
}

/* Flush, and in the same piece send bytes that libfcgi knows nothing of. */
static int flush_with(struct vane__fcgx *fcgx, const void *data, size_t len)
{
	int rc = FCGX_FFlush(fcgx->request.out);

	if (rc == 0 && write(fcgx->out, data, len) != (ssize_t) len)
		rc = -1;
	return send_out(fcgx, rc);
}

int vane__fcgx_end_last(struct vane__fcgx *fcgx)
{
	unsigned char last[VANE__RECORD_HEAD + 16 + 16];
	unsigned id = (unsigned) fcgx->request.requestId;
	size_t len = VANE__RECORD_HEAD;

	vane__record_head(last, FCGI_STDOUT, id, 0);
	len += vane__record_end_request(last + len, id, FCGI_REQUEST_COMPLETE);
	len += vane__record_unknown_type(last + len, 0);
	return flush_with(fcgx, last, len);
}

int vane__fcgx_cut(struct vane__fcgx *fcgx)
{
	static const char no_record[VANE__RECORD_HEAD]; /* version 0 */

	return flush_with(fcgx, no_record, sizeof(no_record));
}

void vane__fcgx_clear(struct vane__fcgx *fcgx)
{
	fcgx->request.ipcFd = -1;
	fcgx->fd = -1;
	if (fcgx->held > 0)
		rewind_out(fcgx);
	FCGX_Free(&fcgx->request, 0);
}
