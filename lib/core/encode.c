/* SPDX-License-Identifier: MIT */
/*
 * encode.c - a body that passes through functions of filters before the driver is given it.
 *
 * Each run of the response is handed to them in pieces, and what comes out is kept until the driver
 * has taken it: never much more than one piece gives.
 */
#include <vane/filter.h>

#include "exchange.h"
#include "slice.h"
#include "status.h"

/* So much is handed over at a time, and what waits for the driver is held to it. */
#define PIECE (64 * 1024)

/* A body up to here, all of it in memory, is encoded before its head leaves, which has its length. */
#define WHOLE (256 * 1024)

/* A function that the body passes through. */
struct vane__encoder {
	vane_body_fn fn;
	void *data;
	struct vane__encoder *next;
};

struct vane_sink {
	struct vane_exchange *x;
	struct vane__encoder *next; /* whom bytes go to, NULL: out */
};

int vane_response_filter_body(struct vane_response *res, vane_body_fn fn, void *data)
{
	struct vane__encoder *encoder, **link = &res->encoders;

	if (res->error < 0)
		return res->error;
	if (res->head_sent || res->raw)
		return vane__response_fault(
			res, -EALREADY, "%s(): the head has left already", __func__);
	encoder = vane__arena_alloc(&vane__res_exchange(res)->arena, sizeof(*encoder));
	if (encoder == NULL)
		return vane__response_fail(res, -ENOMEM);
	*encoder = (struct vane__encoder) { .fn = fn, .data = data };
	while (*link != NULL)
		link = &(*link)->next;
	*link = encoder;
	return 0;
}

static int give(struct vane_exchange *x, struct vane__encoder *encoder,
	struct vane_slice bytes, enum vane_piece piece)
{
	struct vane_sink sink = { x, encoder->next };

	return encoder->fn(&x->req, bytes, piece, &sink, encoder->data);
}

int vane_sink_write(struct vane_sink *sink, const void *data, size_t len)
{
	struct vane_slice bytes = { data, len };

	if (len == 0)
		return 0;
	if (sink->next != NULL)
		return give(sink->x, sink->next, bytes, VANE_PIECE_MORE);
	return vane__buf_add(&sink->x->res.encoded, data, len);
}

/* Each is told in turn: what it writes then is still to pass through those behind it. */
static int tell(struct vane_exchange *x, enum vane_piece piece)
{
	struct vane__encoder *encoder = x->res.encoders;
	int rc = 0;

	for (; encoder != NULL && rc == 0; encoder = encoder->next)
		rc = give(x, encoder, (struct vane_slice) { NULL, 0 }, piece);
	return rc;
}

/* The next bytes of a run.  1, 0 at its end, or an errno. */
static int peek(
	struct vane_response *res, struct vane__segment *segment, struct vane_slice *bytes)
{
	size_t len = segment->len < PIECE ? segment->len : PIECE;
	int rc;

	switch (segment->kind) {
	case VANE__COPIED:
		*bytes = (struct vane_slice) { res->body.data + res->sent, len };
		return len > 0;
	case VANE__FILE:
		rc = segment->left > 0 ? vane__segment_read(res, segment) : 0;
		break;
	case VANE__SOURCE:
		rc = vane__segment_pull(res, segment);
		break;
	default:
		*bytes = (struct vane_slice) { segment->data, len };
		return len > 0;
	}
	*bytes = (struct vane_slice) { res->scratch.data, res->scratch.len };
	res->scratch.len = 0;
	return rc;
}

/* They have been handed over. */
static void consume(struct vane_response *res, struct vane__segment *segment, size_t len)
{
	if (segment->kind == VANE__FILE || segment->kind == VANE__SOURCE)
		return;
	segment->len -= len;
	if (segment->kind != VANE__COPIED) {
		segment->data += len;
		return;
	}
	vane__buf_advance(&res->body, &res->sent, len);
}

/* Hand over some of what was written.  1, 0 if there is none, or an errno. */
static int feed(struct vane_exchange *x)
{
	struct vane_response *res = &x->res;
	struct vane__segment *segment = res->segments;
	struct vane_slice bytes;
	int rc;

	if (segment == NULL)
		return 0;
	rc = peek(res, segment, &bytes);
	if (rc == 0)
		vane__segment_next(res);
	if (rc <= 0)
		return rc < 0 ? rc : 1;
	res->unflushed = true;
	rc = give(x, res->encoders, bytes, VANE_PIECE_MORE);
	if (rc < 0)
		return vane__response_fault(
			res, rc, "a filter of the body fails: %s", strerror(-rc));
	consume(res, segment, bytes.len);
	return 1;
}

/* All that was written has been handed over: they may have kept some of it. */
static int complete(struct vane_exchange *x, bool last)
{
	struct vane_response *res = &x->res;

	if (res->encode_ended || (!last && !res->unflushed))
		return 0;
	res->unflushed = false;
	res->encode_ended = last;
	return tell(x, last ? VANE_PIECE_END : VANE_PIECE_FLUSH);
}

/* Whether it is all in memory, and not much. */
static bool is_small(const struct vane_response *res)
{
	const struct vane__segment *segment;
	size_t len = 0;

	for (segment = res->segments; segment != NULL; segment = segment->next) {
		if (segment->kind == VANE__FILE || segment->kind == VANE__SOURCE)
			return false;
		len += segment->len;
		if (len > WHOLE)
			return false;
	}
	return true;
}

int vane__encode_whole(struct vane_exchange *x)
{
	int rc;

	if (x->res.bodyless || vane__status_bodyless(x->res.status) || !is_small(&x->res))
		return 0;
	do
		rc = feed(x);
	while (rc == 1);
	return rc < 0 ? rc : complete(x, true);
}

int vane__output_encoded(struct vane_exchange *x, bool last)
{
	struct vane_response *res = &x->res;
	int fed, rc;

	for (;;) {
		fed = 1;
		while (fed == 1 && res->encoded.len - res->encoded_at < PIECE)
			fed = feed(x);
		if (fed == 0) /* all that there is */
			rc = complete(x, last);
		else if (fed == -EAGAIN) /* and more to come */
			rc = complete(x, false);
		else
			rc = fed < 0 ? fed : 0;
		if (rc < 0)
			return rc;
		rc = vane__segment_send_buf(x, &res->encoded, &res->encoded_at);
		if (rc == 1 && fed == -EAGAIN) {
			rc = vane__segment_await(res);
			fed = 1;
		}
		if (rc != 1 || fed == 0)
			return rc;
	}
}
