/* SPDX-License-Identifier: MIT */
/*
 * responder_app.c - what the responder of responder.c answers with.
 */
#include "support/responder_app.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/responder.h"

static void note_finished(struct vane_request *req)
{
	responder_shared->finished++;
}

static void note_closed(struct vane_request *req, void *data)
{
	responder_shared->closed++;
}

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello");
}

static int big_borrowed(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write_ref(res, responder_big, responder_big_len);
}

static int some(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write_ref(res, responder_big, RESPONDER_SOME_BYTES);
}

static int big_copied(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write(res, responder_big, responder_big_len);
}

static int big_file(struct vane_request *req, struct vane_response *res)
{
	int fd = vane_request_open_temp_file(req);
	size_t done = 0;

	while (fd >= 0 && done < responder_big_len) {
		ssize_t n = write(fd, responder_big + done, responder_big_len - done);

		if (n < 0)
			return 500;
		done += (size_t) n;
	}
	return vane_response_write_file(res, fd, 0, responder_big_len);
}

static ssize_t pull_big(void *data, char *buf, size_t size)
{
	size_t *at = data, left = responder_big_len - *at, n = left < size ? left : size;

	memcpy(buf, responder_big + *at, n);
	*at += n;
	return (ssize_t) n;
}

/* No faster than anybody reads. */
static ssize_t pull_endless(void *data, char *buf, size_t size)
{
	size_t n = size < 8192 ? size : 8192;

	responder_pause(1);
	memset(buf, 'e', n);
	return (ssize_t) n;
}

static void forget_source(void *data)
{
	free(data);
	responder_shared->closed++;
}

static int big_source(struct vane_request *req, struct vane_response *res)
{
	const struct vane_source source = { .pull = pull_big,
		.done = forget_source,
		.data = calloc(1, sizeof(size_t)),
		.length = (int64_t) responder_big_len };

	return source.data != NULL ? vane_response_write_source(res, &source) : -ENOMEM;
}

static int endless(struct vane_request *req, struct vane_response *res)
{
	const struct vane_source source = {
		.pull = pull_endless, .done = forget_source, .length = -1
	};

	return vane_response_write_source(res, &source);
}

/* Writes for ever, and looks only at what the flush says. */
static int flood(struct vane_request *req, struct vane_response *res)
{
	int rc = 0;

	while (rc == 0) {
		vane_response_write(res, responder_big, 16384);
		rc = vane_response_flush(res);
		responder_shared->started++;
	}
	responder_shared->error = rc;
	return 0;
}

/* Writes a little now and then, until it is told that nobody listens. */
static int tick(struct vane_request *req, struct vane_response *res)
{
	int rc = 0;

	vane_request_on_close(req, note_closed, NULL);
	while (rc == 0) {
		vane_response_puts(res, "tick\n");
		rc = vane_response_flush(res);
		responder_shared->started++;
		responder_pause(1);
	}
	responder_shared->error = rc;
	return 0;
}

static int take_stream(struct vane_request *req, struct vane_response *res)
{
	return vane_request_stream(req);
}

/* What comes goes back at once. */
static int echo(struct vane_request *req, struct vane_response *res)
{
	char buf[30000];
	ssize_t n;

	while ((n = vane_request_read(req, buf, sizeof(buf))) > 0) {
		responder_shared->started += (int) n;
		vane_response_write(res, buf, (size_t) n);
		if (vane_response_flush(res) < 0)
			break;
	}
	responder_shared->error = (int) n;
	return 0;
}

static int count_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	responder_shared->started += (int) len;
	return 0;
}

static int count(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%d", responder_shared->started);
}

static int length(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%zu", vane_request_body(req).len);
}

/* Turns the loop itself, and not for a moment only. */
static int turn_loop(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	int64_t until = vane_loop_now(responder_loop) + 2 * RESPONDER_SHORT_MSEC;

	responder_shared->started += (int) len;
	while (responder_shared->started > 40000 && vane_loop_now(responder_loop) < until) {
		vane_loop_turn(responder_loop, false);
		responder_pause(1);
	}
	return 0;
}

static int fill(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write(
		res, responder_big, strtoul(vane_request_arg(req, "bytes"), NULL, 10));
}

/* A head of so many fields of 4 KiB. */
static int fields(struct vane_request *req, struct vane_response *res)
{
	char value[4096 + 1] = { 0 };
	int i, count = atoi(vane_request_arg(req, "count"));

	memset(value, 'x', sizeof(value) - 1);
	for (i = 0; i < count; i++)
		vane_response_add_field(res, "X-Long", value);
	return vane_response_puts(res, "below");
}

/* Waits, until a test says something. */
static int block(struct vane_request *req, struct vane_response *res)
{
	int i;

	responder_shared->started = 1;
	for (i = 0; i < 5000 && !responder_shared->go; i++)
		responder_pause(1);
	return vane_response_puts(res, responder_shared->go ? "told" : "timed out");
}

static int cut(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "half of");
	vane_response_flush(res);
	return -EIO;
}

static int later(struct vane_request *req, struct vane_response *res)
{
	return vane_response_defer(res);
}

/* Stops the responder from within, as a command of an administrator may. */
static int leave(struct vane_request *req, struct vane_response *res)
{
	if (responder_drain(5000) < 0)
		return 500;
	return vane_response_puts(res, "bye");
}

#define READER .finished = note_finished, .max_body = VANE_NO_LIMIT

static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_handler borrowed_handler = { .get = big_borrowed,
	.finished = note_finished };
static const struct vane_handler some_handler = { .get = some };
static const struct vane_handler copied_handler = { .get = big_copied,
	.finished = note_finished };
static const struct vane_handler file_handler = { .get = big_file,
	.finished = note_finished };
static const struct vane_handler source_handler = { .get = big_source,
	.finished = note_finished };
static const struct vane_handler endless_handler = { .get = endless,
	.finished = note_finished };
static const struct vane_handler flood_handler = { .get = flood,
	.finished = note_finished };
static const struct vane_handler tick_handler = { .get = tick, .finished = note_finished };
/* answers before it has read its body, which it never does */
static const struct vane_handler early_handler = {
	.prepare = take_stream, .post = big_borrowed, READER
};
static const struct vane_handler echo_handler = {
	.prepare = take_stream, .post = echo, READER
};
static const struct vane_handler count_handler = {
	.data = count_piece, .post = count, READER
};
static const struct vane_handler turn_handler = {
	.data = turn_loop, .post = count, READER
};
static const struct vane_handler length_handler = { .post = length, READER };
static const struct vane_handler small_handler = { .post = length, .max_body = 100 };
static const struct vane_handler fill_handler = { .get = fill };
static const struct vane_handler fields_handler = { .get = fields };
static const struct vane_handler block_handler = { .get = block };
static const struct vane_handler cut_handler = { .get = cut, .post = cut };
static const struct vane_handler later_handler = { .get = later };
static const struct vane_handler leave_handler = { .get = leave };

const struct vane_route responder_routes[] = { { "/hello", &hello_handler },
	{ "/borrowed", &borrowed_handler }, { "/some", &some_handler },
	{ "/copied", &copied_handler }, { "/file", &file_handler },
	{ "/source", &source_handler }, { "/endless", &endless_handler },
	{ "/flood", &flood_handler }, { "/tick", &tick_handler },
	{ "/early", &early_handler }, { "/echo", &echo_handler },
	{ "/count", &count_handler }, { "/length", &length_handler },
	{ "/turn", &turn_handler }, { "/leave", &leave_handler },
	{ "/small", &small_handler }, { "/fields/{count}", &fields_handler },
	{ "/fill/{bytes}", &fill_handler }, { "/block", &block_handler },
	{ "/cut", &cut_handler }, { "/later", &later_handler }, { 0 } };
