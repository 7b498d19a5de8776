/* SPDX-License-Identifier: MIT */
/*
 * response.c - gathering an answer: status, fields, body.
 *
 * Nothing is sent from here; output.c does that.
 */
#include <vane/response.h>
#include <vane/util.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cond.h"
#include "cookie.h"
#include "exchange.h"
#include "fields.h"
#include "html.h"
#include "slice.h"
#include "status.h"
#include "uri.h"
#include "text.h"

void vane__response_init(struct vane_response *res, bool head_method)
{
	res->status = 200;
	res->error = 0;
	res->head_sent = res->finished = res->deferred = false;
	res->bodyless = head_method;
	res->typed = res->dated = res->named = res->open_ended = res->raw = false;
	res->lost = res->blamed = false;
	res->fault = NULL;
	res->promised = -1;
	res->written = res->taken = 0;
	res->sent = 0;
	res->scratch_at = 0;
	res->segments = res->last = res->spares = NULL;
	res->head.len = res->body.len = res->scratch.len = 0;
}

void vane__response_reset(struct vane_response *res, size_t keep)
{
	vane__output_drop(res);
	vane__buf_reset(&res->head, keep);
	vane__buf_reset(&res->body, keep);
	vane__buf_reset(&res->scratch, 0);
}

int vane__response_clear(struct vane_response *res)
{
	bool head_method = vane__res_exchange(res)->req.method == VANE__HEAD;
	bool deferred = res->deferred;

	if (res->head_sent || res->finished)
		return -EALREADY;
	vane__output_drop(res);
	vane__response_init(res, head_method);
	res->deferred = deferred;
	return 0;
}

int vane__response_fail(struct vane_response *res, int rc)
{
	if (res->error == 0)
		res->error = rc;
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
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	res->fault = vane__arena_dup(&vane__res_exchange(res)->arena, text, strlen(text));
	return rc;
}

/* What keeps a change of the head from happening, 0 if nothing does. */
static int head_closed(struct vane_response *res)
{
	if (res->error < 0)
		return res->error;
	return res->head_sent || res->finished || res->raw ? -EALREADY : 0;
}

int vane_response_status(struct vane_response *res, int status)
{
	int rc = head_closed(res);

	if (rc == 0 && (status < 200 || status > 599))
		rc = -EINVAL;
	if (rc < 0)
		return vane__response_fail(res, rc);
	res->status = status;
	return 0;
}

int vane_response_raw(struct vane_response *res, int status)
{
	struct vane_exchange *x = vane__res_exchange(res);
	int rc = head_closed(res);

	if ((x->driver->caps & VANE_CAP_RAW) == 0)
		return vane__request_fail(
			&x->req, -ENOTSUP, "raw responses are not available in this mode");
	if (rc == 0 && (status < 200 || status > 599))
		rc = -EINVAL;
	if (rc < 0)
		return vane__response_fail(res, rc);
	vane__response_clear(res);
	res->raw = true;
	res->status = status;
	res->bodyless = false; /* whoever writes the head knows of HEAD */
	return 0;
}

int vane_response_get_status(const struct vane_response *res)
{
	return res->status;
}

bool vane_response_head_sent(const struct vane_response *res)
{
	return res->head_sent;
}

int vane__response_field(
	struct vane_response *res, struct vane_slice name, struct vane_slice value)
{
	size_t len = name.len + value.len + 4;
	char *at;

	if (UNLIKELY(vane__buf_reserve(&res->head, len) < 0))
		return vane__response_fail(res, -ENOMEM);
	at = res->head.data + res->head.len;
	memcpy(at, name.data, name.len);
	at += name.len;
	*at++ = ':';
	*at++ = ' ';
	if (value.len > 0)
		memcpy(at, value.data, value.len);
	at += value.len;
	*at++ = '\r';
	*at++ = '\n';
	res->head.len += len;
	return 0;
}

/* Fields that belong to whoever carries the response. */
static bool is_reserved(struct vane_slice name)
{
	static const struct vane_slice reserved[] = {
		SLICE_INIT("connection"),
		SLICE_INIT("keep-alive"),
		SLICE_INIT("status"),
		SLICE_INIT("transfer-encoding"),
		SLICE_INIT("upgrade"),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reserved); i++)
		if (vane__slice_equal_nocase(name, reserved[i]))
			return true;
	return false;
}

/* Take note of the fields that we act upon; value data NULL: it is taken away. */
static int notice(
	struct vane_response *res, struct vane_slice name, struct vane_slice value)
{
	int64_t length;

	if (name.len == 12 && vane__slice_equal_nocase(name, SLICE("content-type")))
		res->typed = value.data != NULL;
	else if (name.len == 4 && vane__slice_equal_nocase(name, SLICE("date")))
		res->dated = value.data != NULL;
	else if (name.len == 6 && vane__slice_equal_nocase(name, SLICE("server")))
		res->named = value.data != NULL;
	if (name.len != 14 || !vane__slice_equal_nocase(name, SLICE("content-length")))
		return 0;
	if (value.data == NULL) {
		res->promised = -1;
		return 0;
	}
	if (res->promised >= 0 || vane__slice_number(value, &length) < 0)
		return -EINVAL;
	if (length < res->written)
		return -EMSGSIZE;
	res->promised = length;
	return 0;
}

int vane_response_add(struct vane_response *res, const char *name, const char *value)
{
	struct vane_slice n, v;
	int rc = head_closed(res);

	if (vane__no_text(__func__, name) || vane__no_text(__func__, value))
		return vane__response_fail(res, -EINVAL);
	n = vane__slice(name);
	v = vane__slice_trim(vane__slice(value));
	if (rc == 0 && (!vane__is_token(n) || !vane__field_value_ok(v) || is_reserved(n)))
		rc = -EINVAL;
	if (rc == 0)
		rc = notice(res, n, v);
	if (rc == 0 && n.len == 14 && vane__slice_equal_nocase(n, SLICE("content-length")))
		return 0; /* output.c writes it */
	return rc < 0 ? vane__response_fail(res, rc) : vane__response_field(res, n, v);
}

int vane_response_remove(struct vane_response *res, const char *name)
{
	struct vane_slice wanted;
	int rc = head_closed(res);
	char *line = res->head.data, *end, *to = line;

	if (vane__no_text(__func__, name))
		rc = -EINVAL;
	if (rc < 0)
		return vane__response_fail(res, rc);
	wanted = vane__slice(name);
	notice(res, wanted, (struct vane_slice) { NULL, 0 });
	if (res->head.len == 0)
		return 0;
	end = line + res->head.len;
	while (line < end) {
		char *next = (char *) memchr(line, '\n', (size_t) (end - line)) + 1;
		char *colon = memchr(line, ':', (size_t) (next - line));
		struct vane_slice n = { line, (size_t) (colon - line) };

		if (!vane__slice_equal_nocase(n, wanted)) {
			memmove(to, line, (size_t) (next - line));
			to += next - line;
		}
		line = next;
	}
	res->head.len = (size_t) (to - res->head.data);
	return 0;
}

int vane_response_set(struct vane_response *res, const char *name, const char *value)
{
	int rc = vane_response_remove(res, name);

	return rc < 0 ? rc : vane_response_add(res, name, value);
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
	if (vane__no_text(__func__, text))
		return vane__response_fail(res, -EINVAL);
	return vane_response_write(res, text, strlen(text));
}

int vane_response_vprintf(struct vane_response *res, const char *fmt, va_list args)
{
	struct vane__segment *segment;
	size_t before = res->body.len, len;
	int rc = vane__no_text(__func__, fmt) ? -EINVAL : body_open(res, 0);

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

int vane_response_puts_html(struct vane_response *res, const char *text)
{
	struct buf escaped = { 0 };
	int rc = -EINVAL;

	if (!vane__no_text(__func__, text))
		rc = vane__html_add(&escaped, vane__slice(text));
	rc = rc < 0 ? vane__response_fail(res, rc)
		    : vane_response_write(res, escaped.data, escaped.len);
	vane__buf_fini(&escaped);
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

int vane_defer(struct vane_response *res)
{
	if (res->finished)
		return -EALREADY;
	res->deferred = true;
	return res->error;
}

/* A Location may hold anything that a careless caller put there: encode what cannot stand. */
static int add_location(struct vane_response *res, const char *location)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t len = strlen(location), at = 0, i;
	char *quoted = malloc(len * 3 + 1);
	int rc;

	if (quoted == NULL)
		return vane__response_fail(res, -ENOMEM);
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char) location[i];

		if (c > 0x20 && c < 0x7f && strchr("\"<>\\^`{|}", c) == NULL) {
			quoted[at++] = (char) c;
			continue;
		}
		quoted[at++] = '%';
		quoted[at++] = hex[c >> 4];
		quoted[at++] = hex[c & 15];
	}
	quoted[at] = '\0';
	rc = vane_response_set(res, "Location", quoted);
	free(quoted);
	return rc;
}

int vane_response_redirect(struct vane_response *res, int status, const char *location)
{
	if (vane__no_text(__func__, location))
		return vane__response_fail(res, -EINVAL);
	if (status != 301 && status != 302 && status != 303 && status != 307 &&
		status != 308)
		return vane__response_fail(res, -EINVAL);
	vane_response_status(res, status);
	return add_location(res, location);
}

int vane_response_add_slash(struct vane_response *res)
{
	struct vane_request *req = &vane__res_exchange(res)->req;
	const char *target = vane_request_target(req);
	struct buf location = { 0 };
	size_t len;
	int rc;

	target += strspn(target, "/");
	len = strcspn(target, "?");
	rc = vane__buf_printf(&location, "/%.*s/%s", (int) len, target, target + len);
	if (rc == 0)
		rc = vane_response_redirect(res, 301, location.data);
	vane__buf_fini(&location);
	return rc;
}

int vane_response_cookie(struct vane_response *res, const struct vane_cookie *cookie)
{
	struct buf value = { 0 };
	int rc = head_closed(res);

	if (vane__no_text(__func__, cookie->name) || vane__no_text(__func__, cookie->value))
		rc = -EINVAL;
	if (rc == 0)
		rc = vane__cookie_format(&value, cookie, (int64_t) time(NULL));
	if (rc < 0)
		vane__response_fail(res, rc);
	else
		rc = vane__response_field(
			res, SLICE("Set-Cookie"), vane__buf_slice(&value));
	vane__buf_fini(&value);
	return rc;
}

/* A repeated precondition joined to one list, as RFC 9110, 5.3 has it. */
static struct vane_slice condition(struct vane_request *req, const char *name)
{
	const char *value = vane_request_field(req, name);

	return value != NULL ? vane__slice(value) : (struct vane_slice) { NULL, 0 };
}

static int set_validators(struct vane_response *res, const char *etag, int64_t modified)
{
	char date[32];
	int rc = 0;

	if (etag != NULL)
		rc = vane__etag_ok(vane__slice(etag)) ? vane_response_set(res, "ETag", etag)
						      : vane__response_fail(res, -EINVAL);
	if (modified >= 0) {
		vane_http_date(date, sizeof(date), modified);
		rc = vane_response_set(res, "Last-Modified", date);
	}
	return rc;
}

int vane_response_validators(struct vane_response *res, const char *etag, int64_t modified)
{
	struct vane_request *req = &vane__res_exchange(res)->req;
	struct vane__cond_fields fields = {
		.if_match = condition(req, "if-match"),
		.if_none_match = condition(req, "if-none-match"),
		.if_modified_since = condition(req, "if-modified-since"),
		.if_unmodified_since = condition(req, "if-unmodified-since"),
	};
	bool safe = req->method == VANE__GET || req->method == VANE__HEAD;
	int rc = set_validators(res, etag, modified);

	if (rc < 0)
		return rc;
	switch (vane__cond_evaluate(&fields, safe,
		etag != NULL ? vane__slice(etag) : (struct vane_slice) { NULL, 0 },
		modified)) {
	case VANE__COND_NOT_MODIFIED:
		return vane_response_status(res, 304) < 0 ? res->error : 1;
	case VANE__COND_FAILED:
		return vane_response_status(res, 412) < 0 ? res->error : 1;
	default:
		return 0;
	}
}
