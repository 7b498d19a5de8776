/* SPDX-License-Identifier: MIT */
/*
 * output.c - giving a response to the driver: the head, then the body as fast as it is taken.
 */
#include <vane/util.h>

#include "exchange.h"
#include "slice.h"
#include "status.h"

/* The length of the whole body, -1 if only its end will tell. */
static int64_t body_length(const struct vane_response *res, bool last)
{
	if (UNLIKELY(res->encoders != NULL))
		return res->encode_ended ? (int64_t) res->encoded.len : -1;
	if (res->promised >= 0)
		return res->promised;
	return last && !res->open_ended ? res->written : -1;
}

#define TEXT_TYPE "Content-Type: text/plain; charset=utf-8\r\n"
#define LENGTH    "Content-Length: "

/* The fields that are ours to add, in one go: nearly every response has them. */
static void add_fields(struct vane_response *res, bool type, int64_t length)
{
	char *at;

	if (UNLIKELY(vane__buf_reserve(&res->head, sizeof(TEXT_TYPE LENGTH) + 24) < 0)) {
		vane__response_fail(res, -ENOMEM);
		return;
	}
	at = res->head.data + res->head.len;
	if (type) {
		memcpy(at, TEXT_TYPE, sizeof(TEXT_TYPE) - 1);
		at += sizeof(TEXT_TYPE) - 1;
	}
	if (length >= 0) {
		memcpy(at, LENGTH, sizeof(LENGTH) - 1);
		at += sizeof(LENGTH) - 1;
		at += vane__put_number(at, (uint64_t) length);
		*at++ = '\r';
		*at++ = '\n';
	}
	res->head.len = (size_t) (at - res->head.data);
}

static int begin(struct vane_exchange *x, const struct vane_head *head)
{
	int rc;

	x->res.head_sent = true;
	rc = x->driver->begin(x->carrier, head);
	return rc < 0 ? vane__response_lost(&x->res, rc) : rc;
}

/* There is one among what is written. */
static int begin_raw(struct vane_exchange *x)
{
	struct vane_head head = { .status = x->res.status, .malformed = true, .raw = true };

	return begin(x, &head);
}

static int send_head(struct vane_exchange *x, bool last)
{
	struct vane_response *res = &x->res;
	bool silent = vane__status_bodyless(res->status);
	struct vane_head head = {
		.status = res->status,
		.reason = vane__status_reason(res->status),
		.length = silent ? 0 : body_length(res, last),
		.bodyless = silent || res->bodyless,
		.has_date = res->dated,
		.has_server = res->named,
		.malformed = x->malformed,
	};

	if (!silent)
		add_fields(res, !res->typed && head.length != 0, head.length);
	if (res->error < 0)
		return res->error;
	head.fields = vane__buf_slice(&res->head);
	if (silent)
		vane__response_drop(res);
	res->bodyless = head.bodyless;
	return begin(x, &head);
}

static int send_any_head(struct vane_exchange *x, bool last)
{
	int rc = 0;

	if (UNLIKELY(x->res.raw))
		return begin_raw(x);
	if (UNLIKELY(x->res.encoders != NULL) && last)
		rc = vane__encode_whole(x);
	return rc < 0 ? rc : send_head(x, last);
}

int vane__output(struct vane_exchange *x, bool last)
{
	struct vane_response *res = &x->res;
	int rc;

	if (!res->head_sent) {
		rc = send_any_head(x, last);
		if (rc < 0)
			return rc;
	}
	if (UNLIKELY(res->encoders != NULL) && !res->bodyless)
		return vane__output_encoded(x, last);
	while (res->segments != NULL) {
		rc = vane__segment_send(x, res->segments);
		if (rc != 1)
			return rc;
		vane__segment_next(res);
	}
	return 1;
}

size_t vane_response_pending(const struct vane_response *res)
{
	const struct vane__segment *segment;
	size_t pending =
		res->scratch.len - res->scratch_at + res->encoded.len - res->encoded_at;

	for (segment = res->segments; segment != NULL; segment = segment->next) {
		size_t len = segment->kind == VANE__FILE ? vane__as_size(segment->left)
							 : segment->len;

		pending = len < SIZE_MAX - pending ? pending + len : SIZE_MAX;
	}
	return pending;
}
