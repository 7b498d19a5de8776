/* SPDX-License-Identifier: MIT */
/*
 * fcgi_request.c - one FastCGI request, put together from the bytes of a connection.
 *
 * Pure but for its own memory: it is handed bytes and says what should be done.
 */
#include "fcgi_request.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "slice.h"

/* Content of a management record that we are willing to keep. */
#define MAX_SMALL 1024

/* What a reset leaves of memory. */
#define KEEP_BYTES (64 * 1024)

static enum vane__fcgi_req_event bad(struct vane__fcgi_req *in, const char *why)
{
	in->why = why;
	return VANE__FCGI_REQ_BAD;
}

/* Room for as many variables as so many bytes can hold, a pair having two at least. */
static int reserve_vars(struct vane__fcgi_req *in, size_t most)
{
	struct vane_field *vars;

	if (LIKELY(most <= in->var_cap))
		return 0;
	vars = realloc(in->vars, most * sizeof(*vars));
	if (vars == NULL)
		return -ENOMEM;
	in->vars = vars;
	in->var_cap = most;
	return 0;
}

/* Move a name one byte to the front: most are short, and the call of a function is long. */
static void move_name(char *name, size_t len)
{
	uint64_t word, last;
	size_t i;

	if (UNLIKELY(len < sizeof(word))) {
		memmove(name - 1, name, len);
		return;
	}
	memcpy(&last, name + len - sizeof(last), sizeof(last));
	for (i = 0; i + sizeof(word) < len; i += sizeof(word)) {
		memcpy(&word, name + i, sizeof(word));
		memcpy(name + i - 1, &word, sizeof(word));
	}
	memcpy(name - 1 + len - sizeof(last), &last, sizeof(last));
}

/* The first NUL of what is left, or its end. */
static const char *next_nul(struct vane_slice rest)
{
	const char *nul = memchr(rest.data, '\0', rest.len);

	return nul != NULL ? nul : rest.data + rest.len;
}

/*
 * Take the pairs apart, up to so many, and end names and values with a NUL each.  Before a name lie
 * two bytes of lengths at least, which are not needed any more: one for its own, as it moves, and
 * one for that of the value before.  Lengths may be NUL, names and values may not.
 *
 * Returns 0, -EBADMSG if lengths reach beyond the end, -EILSEQ for a NUL, as what is text to a
 * handler would end there, -E2BIG or -ENOMEM.
 */
static int split_params(struct vane__fcgi_req *in, size_t max)
{
	struct vane_field *vars;
	struct vane_slice pairs;
	size_t count = 0;
	const char *nul;
	int rc = 0;

	in->var_count = 0;
	if (max > in->params.len / 2)
		max = in->params.len / 2;
	if (vane__buf_reserve(&in->params, 1) < 0 || reserve_vars(in, max) < 0)
		return -ENOMEM;
	pairs = vane__buf_slice(&in->params);
	nul = pairs.data;
	vars = in->vars;
	for (; pairs.len > 0; count++) {
		char *pair = (char *) (uintptr_t) pairs.data, *name, *value;
		size_t name_len, value_len;

		rc = vane__fcgi_lengths(&pairs, &name_len, &value_len);
		*pair = '\0'; /* behind the value before, if there is one */
		if (rc == 0 && count == max)
			rc = -E2BIG;
		if (rc < 0)
			break;
		name = (char *) (uintptr_t) pairs.data;
		value = name + name_len;
		if (nul < name)
			nul = next_nul(pairs);
		pairs.data += name_len + value_len;
		pairs.len -= name_len + value_len;
		if (nul < pairs.data) {
			rc = -EILSEQ;
			break;
		}
		move_name(name, name_len);
		value[-1] = '\0';
		vars[count] = (struct vane_field) { { name - 1, name_len },
			{ value, value_len } };
	}
	in->var_count = count;
	in->params.data[in->params.len] = '\0';
	return rc;
}

/* Whether a record belongs to the request that is coming in. */
static bool ours(const struct vane__fcgi_req *in)
{
	return in->phase > VANE__FCGI_REQ_BEGIN && in->record.id == in->id;
}

static enum vane__fcgi_req_event start_begin(struct vane__fcgi_req *in)
{
	if (in->record.id == VANE__FCGI_NULL_ID || in->record.length != 8)
		return bad(in, "malformed FCGI_BEGIN_REQUEST");
	if (in->phase == VANE__FCGI_REQ_IDLE) {
		in->phase = VANE__FCGI_REQ_BEGIN;
		in->small.len = 0;
		return VANE__FCGI_REQ_MORE;
	}
	return ours(in) ? bad(in, "a request begins twice") : VANE__FCGI_REQ_MORE;
}

static enum vane__fcgi_req_event start_own(struct vane__fcgi_req *in)
{
	switch (in->record.type) {
	case VANE__FCGI_ABORT_REQUEST:
		return VANE__FCGI_REQ_MORE;
	case VANE__FCGI_PARAMS:
		return in->phase == VANE__FCGI_REQ_PARAMS
			       ? VANE__FCGI_REQ_MORE
			       : bad(in, "parameters after their end");
	case VANE__FCGI_STDIN:
		return in->phase == VANE__FCGI_REQ_BODY
			       ? VANE__FCGI_REQ_MORE
			       : bad(in, "body before the parameters' end");
	}
	return bad(in, "a record that no responder is sent");
}

/*
 * A header has come: can it stand here?  Records of requests that are answered, or that
 * were refused, may be on their way still, so those of other ids are skipped; but a
 * conversation that neither a BEGIN_REQUEST nor a management record opens is garbage.
 */
static enum vane__fcgi_req_event start(struct vane__fcgi_req *in)
{
	const struct vane__fcgi_record *rec = &in->record;

	if (rec->type == VANE__FCGI_BEGIN_REQUEST)
		return start_begin(in);
	if (rec->id == VANE__FCGI_NULL_ID) {
		in->small.len = 0;
		return rec->length <= MAX_SMALL
			       ? VANE__FCGI_REQ_MORE
			       : bad(in, "a management record that is too long");
	}
	if (ours(in))
		return start_own(in);
	if (rec->type == VANE__FCGI_ABORT_REQUEST)
		return VANE__FCGI_REQ_MORE;
	if (rec->type == VANE__FCGI_PARAMS || rec->type == VANE__FCGI_STDIN)
		return in->id != 0 ? VANE__FCGI_REQ_MORE : bad(in, "no FCGI_BEGIN_REQUEST");
	return bad(in, "a record that no responder is sent");
}

static enum vane__fcgi_req_event too_large(struct vane__fcgi_req *in, const char *why)
{
	in->large = true;
	in->why = why;
	in->phase = VANE__FCGI_REQ_WHOLE;
	return VANE__FCGI_REQ_LARGE;
}

/*
 * The parameters are more bytes than allowed.  Those that fit stay, as they say whose request it is
 * that is refused.
 */
static enum vane__fcgi_req_event too_long(
	struct vane__fcgi_req *in, const struct vane__fcgi_req_limits *limits)
{
	if (split_params(in, limits->max_params) == -ENOMEM)
		return bad(in, "out of memory");
	return too_large(in, "too many bytes of parameters");
}

static enum vane__fcgi_req_event data(struct vane__fcgi_req *in,
	const struct vane__fcgi_req_limits *limits, struct vane_slice piece)
{
	struct buf *bytes = NULL;
	bool over;

	if (in->phase == VANE__FCGI_REQ_BEGIN || in->record.id == VANE__FCGI_NULL_ID)
		bytes = &in->small;
	else if (ours(in) && in->record.type == VANE__FCGI_PARAMS)
		bytes = &in->params;
	else if (ours(in) && in->record.type == VANE__FCGI_STDIN)
		bytes = &in->body;
	if (bytes == NULL)
		return VANE__FCGI_REQ_MORE;
	over = bytes == &in->params &&
	       piece.len > limits->max_params_bytes - in->params.len;
	if (over)
		piece.len = limits->max_params_bytes - in->params.len;
	if (vane__buf_add(bytes, piece.data, piece.len) < 0)
		return bad(in, "out of memory");
	if (bytes == &in->body)
		in->body_bytes += (int64_t) piece.len;
	return over ? too_long(in, limits) : VANE__FCGI_REQ_MORE;
}

static enum vane__fcgi_req_event refuse(struct vane__fcgi_req *in, unsigned protocol_status)
{
	in->phase = VANE__FCGI_REQ_WHOLE;
	in->reply_len = vane__fcgi_end_request(in->reply, in->record.id, protocol_status);
	return VANE__FCGI_REQ_REFUSED;
}

static enum vane__fcgi_req_event end_begin(struct vane__fcgi_req *in)
{
	const unsigned char *body = (const unsigned char *) in->small.data;
	unsigned role = (unsigned) body[0] << 8 | body[1];

	in->id = in->record.id;
	in->keep = body[2] & VANE__FCGI_KEEP_CONN;
	if (role != VANE__FCGI_RESPONDER)
		return refuse(in, VANE__FCGI_UNKNOWN_ROLE);
	if (in->overloaded)
		return refuse(in, VANE__FCGI_OVERLOADED);
	in->phase = VANE__FCGI_REQ_PARAMS;
	return VANE__FCGI_REQ_MORE;
}

static enum vane__fcgi_req_event end_management(
	struct vane__fcgi_req *in, const struct vane__fcgi_req_limits *limits)
{
	struct vane_slice asked = { in->small.data, in->small.len };
	int len;

	if (in->record.type != VANE__FCGI_GET_VALUES) {
		in->reply_len = vane__fcgi_unknown_type(in->reply, in->record.type);
		return VANE__FCGI_REQ_REPLY;
	}
	len = vane__fcgi_tell_values(in->reply, asked, &limits->told);
	if (len < 0)
		return bad(in, "malformed FCGI_GET_VALUES");
	in->reply_len = (size_t) len;
	return VANE__FCGI_REQ_REPLY;
}

/* All parameters are here: are their lengths true, and are they text? */
static enum vane__fcgi_req_event end_params(
	struct vane__fcgi_req *in, const struct vane__fcgi_req_limits *limits)
{
	switch (split_params(in, limits->max_params)) {
	case 0:
		in->phase = VANE__FCGI_REQ_BODY;
		return VANE__FCGI_REQ_MORE;
	case -E2BIG:
		return too_large(in, "too many parameters");
	case -EILSEQ:
		return bad(in, "a NUL in a parameter");
	case -ENOMEM:
		return bad(in, "out of memory");
	default:
		return bad(in, "malformed parameters");
	}
}

/* A record is over, padding included. */
static enum vane__fcgi_req_event end(
	struct vane__fcgi_req *in, const struct vane__fcgi_req_limits *limits)
{
	const struct vane__fcgi_record *rec = &in->record;

	if (in->phase == VANE__FCGI_REQ_BEGIN)
		return end_begin(in);
	if (rec->id == VANE__FCGI_NULL_ID)
		return end_management(in, limits);
	if (rec->type == VANE__FCGI_BEGIN_REQUEST) {
		in->reply_len = vane__fcgi_end_request(
			in->reply, rec->id, VANE__FCGI_CANT_MPX_CONN);
		return VANE__FCGI_REQ_REPLY;
	}
	if (!ours(in))
		return VANE__FCGI_REQ_MORE;
	if (rec->type == VANE__FCGI_ABORT_REQUEST) {
		in->phase = VANE__FCGI_REQ_WHOLE;
		in->aborted = true;
		return VANE__FCGI_REQ_ABORTED;
	}
	if (rec->length > 0)
		return VANE__FCGI_REQ_MORE;
	if (rec->type == VANE__FCGI_PARAMS)
		return end_params(in, limits);
	in->phase = VANE__FCGI_REQ_WHOLE;
	return VANE__FCGI_REQ_DONE;
}

enum vane__fcgi_req_event vane__fcgi_req_push(struct vane__fcgi_req *in,
	const struct vane__fcgi_req_limits *limits, struct vane_slice *bytes)
{
	enum vane__fcgi_req_event event = VANE__FCGI_REQ_MORE;
	struct vane_slice piece = { NULL, 0 };

	while (event == VANE__FCGI_REQ_MORE) {
		switch (vane__fcgi_record_next(&in->record, bytes, &piece)) {
		case VANE__FCGI_RECORD_MORE:
			return VANE__FCGI_REQ_MORE;
		case VANE__FCGI_RECORD_START:
			event = start(in);
			break;
		case VANE__FCGI_RECORD_DATA:
			event = data(in, limits, piece);
			break;
		case VANE__FCGI_RECORD_END:
			event = end(in, limits);
			break;
		case VANE__FCGI_RECORD_VERSION:
			return bad(in, "not version 1 of FastCGI");
		}
	}
	return event;
}

struct vane_slice vane__fcgi_req_param(
	const struct vane__fcgi_req *in, struct vane_slice name)
{
	size_t i = in->var_count;

	while (i-- > 0)
		if (vane__slice_equal(in->vars[i].name, name))
			return in->vars[i].value;
	return SLICE("");
}

void vane__fcgi_req_reset(struct vane__fcgi_req *in)
{
	in->phase = VANE__FCGI_REQ_IDLE;
	in->large = in->aborted = false;
	in->var_count = 0;
	vane__buf_reset(&in->params, KEEP_BYTES);
	vane__buf_reset(&in->body, KEEP_BYTES);
	in->body_at = 0;
	in->body_bytes = 0;
}

bool vane__fcgi_req_idle(const struct vane__fcgi_req *in)
{
	return in->phase == VANE__FCGI_REQ_IDLE && vane__fcgi_record_between(&in->record);
}

void vane__fcgi_req_fini(struct vane__fcgi_req *in)
{
	free(in->vars);
	vane__buf_fini(&in->params);
	vane__buf_fini(&in->body);
	vane__buf_fini(&in->small);
	*in = (struct vane__fcgi_req) { 0 };
}
