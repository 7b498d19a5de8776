/* SPDX-License-Identifier: MIT */
/*
 * fcgi.c - FastCGI 1.0: records and name-value pairs, read and written, for both sides.
 */
#include "fcgi.h"

#include "slice.h"

enum { VERSION = 1 };

const struct vane_slice vane__fcgi_value_names[VANE__FCGI_VALUE_COUNT] = {
	[VANE__FCGI_MAX_CONNS] = SLICE_INIT("FCGI_MAX_CONNS"),
	[VANE__FCGI_MAX_REQS] = SLICE_INIT("FCGI_MAX_REQS"),
	[VANE__FCGI_MPXS_CONNS] = SLICE_INIT("FCGI_MPXS_CONNS"),
};

void vane__fcgi_head(unsigned char out[VANE__FCGI_HEAD], enum vane__fcgi_type type,
	unsigned id, size_t content, size_t padding)
{
	out[0] = VERSION;
	out[1] = (unsigned char) type;
	out[2] = (unsigned char) (id >> 8);
	out[3] = (unsigned char) id;
	out[4] = (unsigned char) (content >> 8);
	out[5] = (unsigned char) content;
	out[6] = (unsigned char) padding;
	out[7] = 0;
}

size_t vane__fcgi_frame(
	unsigned char *out, enum vane__fcgi_type type, unsigned id, size_t content)
{
	size_t padding = -content & 7;

	assert(content <= VANE__FCGI_CONTENT);
	vane__fcgi_head(out, type, id, content, padding);
	memset(out + VANE__FCGI_HEAD + content, 0, padding);
	return VANE__FCGI_HEAD + content + padding;
}

size_t vane__fcgi_stream_end(
	unsigned char out[VANE__FCGI_HEAD], enum vane__fcgi_type type, unsigned id)
{
	vane__fcgi_head(out, type, id, 0, 0);
	return VANE__FCGI_HEAD;
}

/* A length of one byte, or of four with the highest bit set. */
static size_t put_length(unsigned char *out, size_t len)
{
	if (len < 0x80) {
		out[0] = (unsigned char) len;
		return 1;
	}
	out[0] = (unsigned char) (0x80 | len >> 24);
	out[1] = (unsigned char) (len >> 16);
	out[2] = (unsigned char) (len >> 8);
	out[3] = (unsigned char) len;
	return 4;
}

size_t vane__fcgi_put_pair(
	unsigned char *out, struct vane_slice name, struct vane_slice value)
{
	unsigned char *at = out;

	assert(name.len <= INT32_MAX && value.len <= INT32_MAX);
	at += put_length(at, name.len);
	at += put_length(at, value.len);
	if (name.len > 0)
		memcpy(at, name.data, name.len);
	at += name.len;
	if (value.len > 0)
		memcpy(at, value.data, value.len);
	return (size_t) (at - out) + value.len;
}

static int pair_length(struct vane_slice *in, size_t *len)
{
	const unsigned char *at = (const unsigned char *) in->data;

	if (in->len < 1 || (at[0] >= 0x80 && in->len < 4))
		return -EBADMSG;
	if (at[0] < 0x80) {
		*len = at[0];
		vane__slice_take(in, 1);
		return 0;
	}
	*len = (size_t) (at[0] & 0x7f) << 24 | (size_t) at[1] << 16 | (size_t) at[2] << 8 |
	       at[3];
	vane__slice_take(in, 4);
	return 0;
}

int vane__fcgi_long_lengths(struct vane_slice *pairs, size_t *name_len, size_t *value_len)
{
	if (pair_length(pairs, name_len) < 0 || pair_length(pairs, value_len) < 0)
		return -EBADMSG;
	/* The sum of two lengths below 2^31 may not fit where size_t has 32 bits. */
	return *name_len > pairs->len || *value_len > pairs->len - *name_len ? -EBADMSG : 0;
}

int vane__fcgi_pair(
	struct vane_slice *pairs, struct vane_slice *name, struct vane_slice *value)
{
	size_t name_len, value_len;

	if (pairs->len == 0)
		return 0;
	if (vane__fcgi_lengths(pairs, &name_len, &value_len) < 0)
		return -EBADMSG;
	*name = vane__slice_take(pairs, name_len);
	*value = vane__slice_take(pairs, value_len);
	return 1;
}

/* Collect the header; true once it is whole. */
static bool head_whole(struct vane__fcgi_record *rec, struct vane_slice *in)
{
	struct vane_slice piece = vane__slice_take(in, VANE__FCGI_HEAD - rec->have);

	if (piece.len > 0)
		memcpy(rec->head + rec->have, piece.data, piece.len);
	rec->have += (unsigned) piece.len;
	return rec->have == VANE__FCGI_HEAD;
}

static enum vane__fcgi_record_event start(
	struct vane__fcgi_record *rec, const unsigned char *head)
{
	rec->have = VANE__FCGI_HEAD;
	rec->type = head[1];
	rec->id = (unsigned) head[2] << 8 | head[3];
	rec->length = rec->content = (size_t) head[4] << 8 | head[5];
	rec->padding = head[6];
	return head[0] == VERSION ? VANE__FCGI_RECORD_START : VANE__FCGI_RECORD_VERSION;
}

enum vane__fcgi_record_event vane__fcgi_record_next(
	struct vane__fcgi_record *rec, struct vane_slice *in, struct vane_slice *data)
{
	if (rec->have == 0 && LIKELY(in->len >= VANE__FCGI_HEAD))
		return start(rec,
			(const unsigned char *) vane__slice_take(in, VANE__FCGI_HEAD).data);
	if (rec->have < VANE__FCGI_HEAD)
		return head_whole(rec, in) ? start(rec, rec->head) : VANE__FCGI_RECORD_MORE;
	if (rec->content > 0) {
		if (in->len == 0)
			return VANE__FCGI_RECORD_MORE;
		*data = vane__slice_take(in, rec->content);
		rec->content -= data->len;
		return VANE__FCGI_RECORD_DATA;
	}
	rec->padding -= vane__slice_take(in, rec->padding).len;
	if (rec->padding > 0)
		return VANE__FCGI_RECORD_MORE;
	rec->have = 0;
	return VANE__FCGI_RECORD_END;
}
