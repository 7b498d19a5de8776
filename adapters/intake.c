/* SPDX-License-Identifier: MIT */
/*
 * intake.c - one FastCGI request, put together from the bytes of a connection.
 *
 * Pure but for its own memory: it is handed bytes and says what should be done.
 */
#include "intake.h"

#include <fastcgi.h>
#include <string.h>

/* Content of a management record that we are willing to keep. */
#define MAX_SMALL 1024

static enum vane__intake_event bad(struct vane__intake *in, const char *why)
{
	in->why = why;
	return VANE__INTAKE_BAD;
}

/*
 * The parameters are more than allowed.  Those that fit stay, as they say whose request it is
 * that is refused.
 */
static enum vane__intake_event large(
	struct vane__intake *in, const struct vane__intake_limits *limits, const char *why)
{
	struct vane_slice pairs = { in->params.data, in->params.len }, name, value;
	size_t count = 0, fit = 0;

	while (count++ < limits->max_params &&
		vane__record_pair(&pairs, &name, &value) > 0 &&
		memchr(name.data, '\0', name.len + value.len) == NULL)
		fit = in->params.len - pairs.len;
	in->params.len = fit;
	in->large = true;
	in->why = why;
	return VANE__INTAKE_LARGE;
}

/* Whether a record belongs to the request that is coming in. */
static bool ours(const struct vane__intake *in)
{
	return in->phase > VANE__INTAKE_BEGIN && in->record.id == in->id;
}

static enum vane__intake_event start_begin(struct vane__intake *in)
{
	if (in->record.id == FCGI_NULL_REQUEST_ID || in->record.length != 8)
		return bad(in, "malformed FCGI_BEGIN_REQUEST");
	if (in->phase == VANE__INTAKE_IDLE) {
		in->phase = VANE__INTAKE_BEGIN;
		in->small.len = 0;
		return VANE__INTAKE_MORE;
	}
	return ours(in) ? bad(in, "a request begins twice") : VANE__INTAKE_MORE;
}

static enum vane__intake_event start_own(struct vane__intake *in)
{
	switch (in->record.type) {
	case FCGI_ABORT_REQUEST:
		return VANE__INTAKE_MORE;
	case FCGI_PARAMS:
		return in->phase == VANE__INTAKE_PARAMS
			       ? VANE__INTAKE_MORE
			       : bad(in, "parameters after their end");
	case FCGI_STDIN:
		return in->phase == VANE__INTAKE_BODY
			       ? VANE__INTAKE_MORE
			       : bad(in, "body before the parameters' end");
	}
	return bad(in, "a record that no responder is sent");
}

/*
 * A header has come: can it stand here?  Records of requests that are answered, or that
 * were refused, may be on their way still, so those of other ids are skipped; but a
 * conversation that neither a BEGIN_REQUEST nor a management record opens is garbage.
 */
static enum vane__intake_event start(struct vane__intake *in)
{
	const struct vane__record *rec = &in->record;

	if (rec->type == FCGI_BEGIN_REQUEST)
		return start_begin(in);
	if (rec->id == FCGI_NULL_REQUEST_ID) {
		in->small.len = 0;
		return rec->length <= MAX_SMALL
			       ? VANE__INTAKE_MORE
			       : bad(in, "a management record that is too long");
	}
	if (ours(in))
		return start_own(in);
	if (rec->type == FCGI_ABORT_REQUEST)
		return VANE__INTAKE_MORE;
	if (rec->type == FCGI_PARAMS || rec->type == FCGI_STDIN)
		return in->id != 0 ? VANE__INTAKE_MORE : bad(in, "no FCGI_BEGIN_REQUEST");
	return bad(in, "a record that no responder is sent");
}

static enum vane__intake_event data(struct vane__intake *in,
	const struct vane__intake_limits *limits, struct vane_slice piece)
{
	struct vane__bytes *bytes = NULL;
	bool over;

	if (in->phase == VANE__INTAKE_BEGIN || in->record.id == FCGI_NULL_REQUEST_ID)
		bytes = &in->small;
	else if (ours(in) && in->record.type == FCGI_PARAMS)
		bytes = &in->params;
	else if (ours(in) && in->record.type == FCGI_STDIN)
		bytes = &in->body;
	if (bytes == NULL)
		return VANE__INTAKE_MORE;
	over = bytes == &in->params &&
	       piece.len > limits->max_params_bytes - in->params.len;
	if (over)
		piece.len = limits->max_params_bytes - in->params.len;
	if (vane__bytes_add(bytes, piece.data, piece.len) < 0)
		return bad(in, "out of memory");
	if (bytes == &in->body)
		in->body_bytes += (int64_t) piece.len;
	return over ? large(in, limits, "too many bytes of parameters") : VANE__INTAKE_MORE;
}

static enum vane__intake_event refuse(struct vane__intake *in, unsigned protocol_status)
{
	in->reply_len = vane__record_end_request(in->reply, in->record.id, protocol_status);
	return VANE__INTAKE_REFUSED;
}

static enum vane__intake_event end_begin(struct vane__intake *in)
{
	const unsigned char *body = (const unsigned char *) in->small.data;
	unsigned role = (unsigned) body[0] << 8 | body[1];

	in->id = in->record.id;
	in->keep = body[2] & FCGI_KEEP_CONN;
	in->phase = VANE__INTAKE_PARAMS;
	if (role != FCGI_RESPONDER)
		return refuse(in, FCGI_UNKNOWN_ROLE);
	return in->overloaded ? refuse(in, FCGI_OVERLOADED) : VANE__INTAKE_MORE;
}

static enum vane__intake_event end_management(
	struct vane__intake *in, const struct vane__intake_limits *limits)
{
	struct vane_slice asked = { in->small.data, in->small.len };
	int len;

	if (in->record.type != FCGI_GET_VALUES) {
		in->reply_len = vane__record_unknown_type(in->reply, in->record.type);
		return VANE__INTAKE_REPLY;
	}
	len = vane__record_values(in->reply, asked, &limits->told);
	if (len < 0)
		return bad(in, "malformed FCGI_GET_VALUES");
	in->reply_len = (size_t) len;
	return VANE__INTAKE_REPLY;
}

/* All parameters are here: are their lengths true, and are they text? */
static enum vane__intake_event end_params(
	struct vane__intake *in, const struct vane__intake_limits *limits)
{
	struct vane_slice pairs = { in->params.data, in->params.len };
	struct vane_slice name, value;
	size_t count = 0;
	int rc;

	while ((rc = vane__record_pair(&pairs, &name, &value)) > 0) {
		if (++count > limits->max_params)
			return large(in, limits, "too many parameters");
		/* libfcgi makes C strings of them: what follows a NUL would be lost. */
		if (memchr(name.data, '\0', name.len + value.len) != NULL)
			return bad(in, "a NUL in a parameter");
	}
	if (rc < 0)
		return bad(in, "malformed parameters");
	in->phase = VANE__INTAKE_BODY;
	return VANE__INTAKE_MORE;
}

/* A record is over, padding included. */
static enum vane__intake_event end(
	struct vane__intake *in, const struct vane__intake_limits *limits)
{
	const struct vane__record *rec = &in->record;

	if (in->phase == VANE__INTAKE_BEGIN)
		return end_begin(in);
	if (rec->id == FCGI_NULL_REQUEST_ID)
		return end_management(in, limits);
	if (rec->type == FCGI_BEGIN_REQUEST) {
		in->reply_len =
			vane__record_end_request(in->reply, rec->id, FCGI_CANT_MPX_CONN);
		return VANE__INTAKE_REPLY;
	}
	if (!ours(in))
		return VANE__INTAKE_MORE;
	if (rec->type == FCGI_ABORT_REQUEST)
		return VANE__INTAKE_ABORTED;
	if (rec->length > 0)
		return VANE__INTAKE_MORE;
	if (rec->type == FCGI_PARAMS)
		return end_params(in, limits);
	in->phase = VANE__INTAKE_WHOLE;
	return VANE__INTAKE_DONE;
}

enum vane__intake_event vane__intake_push(struct vane__intake *in,
	const struct vane__intake_limits *limits, struct vane_slice *bytes)
{
	enum vane__intake_event event = VANE__INTAKE_MORE;
	struct vane_slice piece = { NULL, 0 };

	while (event == VANE__INTAKE_MORE) {
		switch (vane__record_next(&in->record, bytes, &piece)) {
		case VANE__RECORD_MORE:
			return VANE__INTAKE_MORE;
		case VANE__RECORD_START:
			event = start(in);
			break;
		case VANE__RECORD_DATA:
			event = data(in, limits, piece);
			break;
		case VANE__RECORD_END:
			event = end(in, limits);
			break;
		case VANE__RECORD_VERSION:
			return bad(in, "not version 1 of FastCGI");
		}
	}
	return event;
}

void vane__intake_reset(struct vane__intake *in)
{
	in->phase = VANE__INTAKE_IDLE;
	in->large = false;
	vane__bytes_reset(&in->params);
	vane__bytes_reset(&in->body);
	in->body_bytes = 0;
}

bool vane__intake_idle(const struct vane__intake *in)
{
	return in->phase == VANE__INTAKE_IDLE && vane__record_between(&in->record);
}

void vane__intake_fini(struct vane__intake *in)
{
	vane__bytes_fini(&in->params);
	vane__bytes_fini(&in->body);
	vane__bytes_fini(&in->small);
	*in = (struct vane__intake) { 0 };
}
