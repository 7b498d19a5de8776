/* SPDX-License-Identifier: MIT */
/*
 * record.c - FastCGI records and name-value pairs.
 *
 * Pure functions over bytes.  What a record means for a request is intake.c's business.
 */
#include "record.h"

#include <errno.h>
#include <fastcgi.h>
#include <stdio.h>
#include <string.h>

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static struct vane_slice take(struct vane_slice *in, size_t len)
{
	struct vane_slice piece = { in->data, len };

	in->data += len;
	in->len -= len;
	return piece;
}

/* Collect the header; true once it is whole. */
static bool head_whole(struct vane__record *rec, struct vane_slice *in)
{
	struct vane_slice piece = take(in, smaller(VANE__RECORD_HEAD - rec->have, in->len));

	if (piece.len > 0)
		memcpy(rec->head + rec->have, piece.data, piece.len);
	rec->have += (unsigned) piece.len;
	return rec->have == VANE__RECORD_HEAD;
}

static enum vane__record_event start(struct vane__record *rec)
{
	const unsigned char *head = rec->head;

	rec->type = head[1];
	rec->id = (unsigned) head[2] << 8 | head[3];
	rec->length = rec->content = (size_t) head[4] << 8 | head[5];
	rec->padding = head[6];
	return head[0] == FCGI_VERSION_1 ? VANE__RECORD_START : VANE__RECORD_VERSION;
}

enum vane__record_event vane__record_next(
	struct vane__record *rec, struct vane_slice *in, struct vane_slice *data)
{
	if (rec->have < VANE__RECORD_HEAD)
		return head_whole(rec, in) ? start(rec) : VANE__RECORD_MORE;
	if (rec->content > 0) {
		if (in->len == 0)
			return VANE__RECORD_MORE;
		*data = take(in, smaller(rec->content, in->len));
		rec->content -= data->len;
		return VANE__RECORD_DATA;
	}
	rec->padding -= take(in, smaller(rec->padding, in->len)).len;
	if (rec->padding > 0)
		return VANE__RECORD_MORE;
	rec->have = 0;
	return VANE__RECORD_END;
}

bool vane__record_is_abort(const struct vane__record *rec, unsigned id)
{
	return rec->type == FCGI_ABORT_REQUEST && rec->id == id;
}

void vane__record_head(
	unsigned char out[VANE__RECORD_HEAD], unsigned type, unsigned id, size_t content)
{
	const unsigned char head[VANE__RECORD_HEAD] = { FCGI_VERSION_1,
		(unsigned char) type, (unsigned char) (id >> 8), (unsigned char) id,
		(unsigned char) (content >> 8), (unsigned char) content, 0, 0 };

	memcpy(out, head, sizeof(head));
}

size_t vane__record_end_request(
	unsigned char out[16], unsigned id, unsigned protocol_status)
{
	vane__record_head(out, FCGI_END_REQUEST, id, 8);
	memset(out + 8, 0, 8);
	out[12] = (unsigned char) protocol_status;
	return 16;
}

size_t vane__record_unknown_type(unsigned char out[16], unsigned type)
{
	vane__record_head(out, FCGI_UNKNOWN_TYPE, FCGI_NULL_REQUEST_ID, 8);
	memset(out + 8, 0, 8);
	out[8] = (unsigned char) type;
	return 16;
}

/* Append a pair whose name and value are short. */
static size_t put_pair(unsigned char *out, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);

	out[0] = (unsigned char) name_len;
	out[1] = (unsigned char) value_len;
	memcpy(out + 2, name, name_len);
	memcpy(out + 2 + name_len, value, value_len);
	return 2 + name_len + value_len;
}

int vane__record_values(unsigned char out[VANE__RECORD_VALUES], struct vane_slice asked,
	const struct vane__record_limits *limits)
{
	const struct {
		const char *name;
		size_t value;
	} known[] = {
		{ FCGI_MAX_CONNS, limits->max_conns },
		{ FCGI_MAX_REQS, limits->max_reqs },
		{ FCGI_MPXS_CONNS, 0 },
	};
	bool told[sizeof(known) / sizeof(known[0])] = { false };
	size_t len = VANE__RECORD_HEAD, i;
	struct vane_slice name, value;
	int rc;

	while ((rc = vane__record_pair(&asked, &name, &value)) > 0) {
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			char number[24];

			/* Once each, so that the answer is bounded whatever is asked. */
			if (told[i] || name.len != strlen(known[i].name) ||
				memcmp(name.data, known[i].name, name.len) != 0)
				continue;
			told[i] = true;
			snprintf(number, sizeof(number), "%zu", known[i].value);
			len += put_pair(out + len, known[i].name, number);
		}
	}
	if (rc < 0)
		return rc;
	vane__record_head(
		out, FCGI_GET_VALUES_RESULT, FCGI_NULL_REQUEST_ID, len - VANE__RECORD_HEAD);
	return (int) len;
}

/* A length of one byte, or of four with the highest bit set. */
static int pair_length(struct vane_slice *in, size_t *len)
{
	const unsigned char *at = (const unsigned char *) in->data;

	if (in->len < 1)
		return -EINVAL;
	if (at[0] < 0x80) {
		*len = take(in, 1).data[0];
		return 0;
	}
	if (in->len < 4)
		return -EINVAL;
	*len = (size_t) (at[0] & 0x7f) << 24 | (size_t) at[1] << 16 | (size_t) at[2] << 8 |
	       at[3];
	take(in, 4);
	return 0;
}

int vane__record_pair(
	struct vane_slice *pairs, struct vane_slice *name, struct vane_slice *value)
{
	size_t name_len, value_len;

	if (pairs->len == 0)
		return 0;
	if (pair_length(pairs, &name_len) < 0 || pair_length(pairs, &value_len) < 0)
		return -EINVAL;
	/* The sum of two lengths below 2^31 may not fit where size_t has 32 bits. */
	if (name_len > pairs->len || value_len > pairs->len - name_len)
		return -EINVAL;
	*name = take(pairs, name_len);
	*value = take(pairs, value_len);
	return 1;
}
