/* SPDX-License-Identifier: MIT */
/*
 * response.c - gathering an answer: what becomes of it, and its body; response_head.c has the head.
 *
 * Nothing is sent from here; output.c does that.
 */
#include <vane/response.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exchange.h"
#include "slice.h"
#include "text.h"

void vane__segment_release(struct vane_response *res, struct vane__segment *segment)
{
	if (segment->kind == VANE__TAKEN)
		free(segment->base);
	else if (segment->kind == VANE__FILE)
		close(segment->fd);
	else if (segment->kind == VANE__SOURCE && segment->source.done != NULL)
		segment->source.done(segment->source.data);
	if (segment == &res->first)
		return;
	segment->next = res->spares;
	res->spares = segment;
}

void vane__response_drop(struct vane_response *res)
{
	while (res->segments != NULL) {
		struct vane__segment *segment = res->segments;

		res->segments = segment->next;
		vane__segment_release(res, segment);
	}
	res->last = NULL;
	res->body.len = res->sent = 0;
	res->scratch.len = res->scratch_at = 0;
	res->encoded.len = res->encoded_at = 0;
}

void vane__response_init(struct vane_response *res, bool head_method)
{
	res->status = 200;
	res->error = 0;
	res->head_sent = res->finished = res->deferred = res->complete = false;
	res->bodyless = head_method;
	res->typed = res->dated = res->named = res->open_ended = res->raw = false;
	res->lost = res->blamed = res->dry = false;
	res->fault = res->begun = NULL;
	res->promised = -1;
	res->written = res->taken = 0;
	res->sent = 0;
	res->scratch_at = 0;
	res->segments = res->last = res->spares = NULL;
	res->head.len = res->body.len = res->scratch.len = 0;
	res->encoders = NULL;
	res->encoded.len = res->encoded_at = 0;
	res->unflushed = res->encode_ended = false;
}

void vane__response_reset(struct vane_response *res, size_t keep)
{
	if (UNLIKELY(res->segments != NULL)) /* most have been sent */
		vane__response_drop(res);
	vane__buf_reset(&res->head, keep);
	vane__buf_reset(&res->body, keep);
	vane__buf_reset(&res->scratch, 0);
	vane__buf_reset(&res->encoded, 0);
}

int vane__response_clear(struct vane_response *res)
{
	bool head_method = vane__res_exchange(res)->req.method == VANE__HEAD;
	bool deferred = res->deferred;

	if (res->head_sent || res->finished)
		return -EALREADY;
	vane__response_drop(res);
	vane__response_init(res, head_method);
	res->deferred = deferred;
	return 0;
}

int vane__response_fail(struct vane_response *res, int rc)
{
	if (res->error == 0) {
		res->error = rc;
		vane__exchange_keep_stack(vane__res_exchange(res));
	}
	return rc;
}

int vane__response_lost(struct vane_response *res, int rc)
{
	res->lost |= rc != -ENOMEM; /* which is ours */
	return rc;
}

int vane__response_fault(struct vane_response *res, int rc, const char *fmt, ...)
{
	char text[256];
	va_list args;

	if (res->fault != NULL)
		return rc;
	vane__exchange_keep_stack(vane__res_exchange(res));
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	res->fault = vane__arena_dup(&vane__res_exchange(res)->arena, text, strlen(text));
	return rc;
}

/* Whether so many more bytes of body may be written. */
static int body_open(struct vane_response *res, int64_t len)
{
	if (res->error < 0)
		return res->error;
	if (res->finished)
		return -EALREADY;
	if (res->promised >= 0 && len > res->promised - res->written)
		return vane__response_fault(
			res, -EMSGSIZE, "Tried to write more data than Content-Length");
	return 0;
}

/* A new run at the end; the first is part of the response, so that most need no memory. */
static struct vane__segment *append(struct vane_response *res, enum vane__segment_kind kind)
{
	struct vane__segment *segment = &res->first;

	if (res->segments != NULL && res->spares != NULL) {
		segment = res->spares;
		res->spares = segment->next;
	} else if (res->segments != NULL) {
		segment = vane__arena_alloc(
			&vane__res_exchange(res)->arena, sizeof(*segment));
	}
	if (segment == NULL)
		return NULL;
	segment->kind = kind;
	segment->next = NULL;
	segment->len = 0;
	segment->fd = -1;
	if (res->segments == NULL)
		res->segments = segment;
	else
		res->last->next = segment;
	res->last = segment;
	return segment;
}

/* The run that copied bytes go to. */
static struct vane__segment *copied(struct vane_response *res)
{
	if (res->segments != NULL && res->last->kind == VANE__COPIED)
		return res->last;
	return append(res, VANE__COPIED);
}

int vane_response_write(struct vane_response *res, const void *data, size_t len)
{
	struct vane__segment *segment;
	int rc = body_open(res, (int64_t) len);

	if (rc < 0)
		return vane__response_fail(res, rc);
	res->written += (int64_t) len;
	if (len == 0 || UNLIKELY(res->bodyless))
		return 0;
	segment = copied(res);
	if (segment == NULL || vane__buf_add(&res->body, data, len) < 0)
		return vane__response_fail(res, -ENOMEM);
	segment->len += len;
	return 0;
}

int vane_response_puts(struct vane_response *res, const char *text)
{
	if (vane__res_no_text(res, __func__, text))
		return vane__response_fail(res, -EINVAL);
	return vane_response_write(res, text, strlen(text));
}

int vane_response_vprintf(struct vane_response *res, const char *fmt, va_list args)
{
	struct vane__segment *segment;
	size_t before = res->body.len, len;
	int rc = vane__res_no_text(res, __func__, fmt) ? -EINVAL : body_open(res, 0);

	if (rc == 0)
		rc = vane__buf_vprintf(&res->body, fmt, args);
	if (rc < 0)
		return vane__response_fail(res, rc);
	len = res->body.len - before;
	rc = body_open(res, (int64_t) len);
	if (rc < 0 || res->bodyless) {
		res->body.len = before;
		if (rc < 0)
			return vane__response_fail(res, rc);
		res->written += (int64_t) len;
		return 0;
	}
	if (len == 0)
		return 0;
	segment = copied(res);
	if (segment == NULL) {
		res->body.len = before;
		return vane__response_fail(res, -ENOMEM);
	}
	segment->len += len;
	res->written += (int64_t) len;
	return 0;
}

int vane_response_printf(struct vane_response *res, const char *fmt, ...)
{
	va_list args;
	int rc;

	va_start(args, fmt);
	rc = vane_response_vprintf(res, fmt, args);
	va_end(args);
	return rc;
}

/* Account for a run of len bytes; NULL with *rc 0: it is dropped. */
static struct vane__segment *begin_run(
	struct vane_response *res, enum vane__segment_kind kind, int64_t len, int *rc)
{
	struct vane__segment *segment;

	*rc = body_open(res, len);
	if (*rc < 0) {
		vane__response_fail(res, *rc);
		return NULL;
	}
	res->written += len;
	if (res->bodyless || len == 0)
		return NULL;
	segment = append(res, kind);
	if (segment == NULL)
		*rc = vane__response_fail(res, -ENOMEM);
	return segment;
}

int vane_response_write_ref(struct vane_response *res, const void *data, size_t len)
{
	int rc;
	struct vane__segment *segment = begin_run(res, VANE__BORROWED, (int64_t) len, &rc);

	if (segment != NULL) {
		segment->data = data;
		segment->len = len;
	}
	return rc;
}

int vane_response_write_take(struct vane_response *res, void *data, size_t len)
{
	int rc;
	struct vane__segment *segment = begin_run(res, VANE__TAKEN, (int64_t) len, &rc);

	if (segment == NULL) {
		free(data);
		return rc;
	}
	segment->data = segment->base = data;
	segment->len = len;
	return rc;
}

int vane_response_write_file(struct vane_response *res, int fd, int64_t offset, int64_t len)
{
	struct vane__segment *segment = NULL;
	int rc = -EINVAL;

	if (fd < 0 || offset < 0 || len < 0)
		vane__response_fail(res, rc);
	else
		segment = begin_run(res, VANE__FILE, len, &rc);
	if (segment == NULL) {
		if (fd >= 0)
			close(fd);
		return rc;
	}
	segment->fd = fd;
	segment->offset = offset;
	segment->left = len;
	return rc;
}

int vane_response_write_source(struct vane_response *res, const struct vane_source *source)
{
	int64_t known = source->length > 0 ? source->length : 0;
	struct vane__segment *segment = NULL;
	int rc = body_open(res, known);

	if (rc < 0) {
		vane__response_fail(res, rc);
	} else {
		res->written += known;
		res->open_ended |= source->length < 0;
		if (!res->bodyless && source->length != 0) {
			segment = append(res, VANE__SOURCE);
			rc = segment != NULL ? 0 : vane__response_fail(res, -ENOMEM);
		}
	}
	if (segment == NULL) {
		if (source->done != NULL)
			source->done(source->data);
		return rc;
	}
	segment->source = *source;
	segment->left = source->length;
	return 0;
}

int vane_response_defer(struct vane_response *res)
{
	if (res->finished)
		return -EALREADY;
	res->deferred = true;
	return res->error;
}
