/* SPDX-License-Identifier: MIT */
/*
 * record.c - FastCGI 1.0 as a web server speaks it.
 *
 * Pure functions over bytes.  What a record means for a request is fastcgi.c's business,
 * and the responder's side of the protocol is adapters/record.c.
 */
#include "record.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum { VERSION = 1, RESPONDER = 1, KEEP_CONN = 1, END_BYTES = 8 };

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

static void put_head(unsigned char *out, enum vane__fcgi_type type, unsigned id,
	size_t content, size_t padding)
{
	const unsigned char head[VANE__FCGI_HEAD] = { VERSION, (unsigned char) type,
		(unsigned char) (id >> 8), (unsigned char) id,
		(unsigned char) (content >> 8), (unsigned char) content,
		(unsigned char) padding, 0 };

	memcpy(out, head, sizeof(head));
}

size_t vane__fcgi_begin(unsigned char out[16], unsigned id, bool keep)
{
	const unsigned char body[8] = { 0, RESPONDER, keep ? KEEP_CONN : 0 };

	put_head(out, VANE__FCGI_BEGIN_REQUEST, id, sizeof(body), 0);
	memcpy(out + VANE__FCGI_HEAD, body, sizeof(body));
	return VANE__FCGI_HEAD + sizeof(body);
}

size_t vane__fcgi_abort(unsigned char out[VANE__FCGI_HEAD], unsigned id)
{
	put_head(out, VANE__FCGI_ABORT_REQUEST, id, 0, 0);
	return VANE__FCGI_HEAD;
}

size_t vane__fcgi_stream_end(
	unsigned char out[VANE__FCGI_HEAD], enum vane__fcgi_type type, unsigned id)
{
	put_head(out, type, id, 0, 0);
	return VANE__FCGI_HEAD;
}

/* Put header and padding around content: the length of it all. */
static size_t frame(
	unsigned char *out, enum vane__fcgi_type type, unsigned id, size_t content)
{
	size_t padding = -content & 7;

	assert(content <= VANE__FCGI_CONTENT);
	put_head(out, type, id, content, padding);
	memset(out + VANE__FCGI_HEAD + content, 0, padding);
	return VANE__FCGI_HEAD + content + padding;
}

size_t vane__fcgi_stdin(unsigned char *out, unsigned id, size_t content)
{
	return frame(out, VANE__FCGI_STDIN, id, content);
}

/* A length of one byte, or of four with the highest bit set (3.4). */
static int pair_length(struct vane_slice *in, size_t *len)
{
	const unsigned char *at = (const unsigned char *) in->data;

	if (in->len < 1 || (at[0] >= 0x80 && in->len < 4))
		return -EBADMSG;
	if (at[0] < 0x80) {
		*len = at[0];
		take(in, 1);
		return 0;
	}
	*len = (size_t) (at[0] & 0x7f) << 24 | (size_t) at[1] << 16 | (size_t) at[2] << 8 |
	       at[3];
	take(in, 4);
	return 0;
}

/* Cut the next pair off the front: 1, 0 at the end, or -EBADMSG if lengths reach beyond it. */
static int next_pair(
	struct vane_slice *in, struct vane_slice *name, struct vane_slice *value)
{
	size_t name_len, value_len;

	if (in->len == 0)
		return 0;
	if (pair_length(in, &name_len) < 0 || pair_length(in, &value_len) < 0)
		return -EBADMSG;
	if (name_len > in->len || value_len > in->len - name_len)
		return -EBADMSG;
	*name = take(in, name_len);
	*value = take(in, value_len);
	return 1;
}

/*
 * How much of a stream goes into its next record: as many whole pairs as fit.  Once one
 * does not fit, the rest is cut wherever a record is full.
 */
static size_t params_part(const unsigned char *at, size_t len, bool *torn)
{
	struct vane_slice rest = { (const char *) at, len }, name, value;
	size_t part = 0;

	if (len <= VANE__FCGI_CONTENT)
		return len;
	while (!*torn && len - rest.len <= VANE__FCGI_CONTENT) {
		part = len - rest.len;
		*torn = next_pair(&rest, &name, &value) <= 0;
	}
	*torn = *torn || part == 0;
	return *torn ? VANE__FCGI_CONTENT : part;
}

size_t vane__fcgi_params_room(size_t len)
{
	/*
	 * Two records in a row hold more than one may: the second begins with a pair that did
	 * not fit into the first, or is full.
	 */
	size_t records = 2 * (len / VANE__FCGI_CONTENT) + 2;

	return len + records * (VANE__FCGI_HEAD + 7);
}

size_t vane__fcgi_params(unsigned char *out, unsigned id, size_t len)
{
	unsigned char *at = out;
	size_t part, framed;
	bool torn = false;

	while (len > 0) {
		/* Padding needs room before what follows, and so does the next header. */
		part = params_part(at + VANE__FCGI_HEAD, len, &torn);
		framed = VANE__FCGI_HEAD + part + (-part & 7);
		len -= part;
		memmove(at + framed + VANE__FCGI_HEAD, at + VANE__FCGI_HEAD + part, len);
		at += frame(at, VANE__FCGI_PARAMS, id, part);
	}
	at += vane__fcgi_stream_end(at, VANE__FCGI_PARAMS, id);
	return (size_t) (at - out);
}

static const char *const variables[] = { "FCGI_MAX_CONNS", "FCGI_MAX_REQS",
	"FCGI_MPXS_CONNS" };

enum { VARIABLES = sizeof(variables) / sizeof(variables[0]) };

size_t vane__fcgi_ask(unsigned char out[VANE__FCGI_ASK])
{
	size_t len = VANE__FCGI_HEAD, i;

	for (i = 0; i < VARIABLES; i++) {
		size_t name = strlen(variables[i]);

		out[len] = (unsigned char) name;
		out[len + 1] = 0;
		memcpy(out + len + 2, variables[i], name);
		len += 2 + name;
	}
	return frame(out, VANE__FCGI_GET_VALUES, 0, len - VANE__FCGI_HEAD);
}

/* Up to nine digits as a number, -1 for anything else. */
static long number(struct vane_slice text)
{
	long n = 0;
	size_t i;

	if (text.len == 0 || text.len > 9)
		return -1;
	for (i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		n = n * 10 + (text.data[i] - '0');
	}
	return n;
}

static int bad(struct vane__fcgi_reader *reader, const char *why)
{
	reader->why = why;
	return -EBADMSG;
}

static int read_values(struct vane__fcgi_reader *reader)
{
	struct vane_slice pairs = { (const char *) reader->small, reader->small_len };
	long *const slots[VARIABLES] = { &reader->values.max_conns,
		&reader->values.max_reqs, &reader->values.mpxs_conns };
	struct vane_slice name, value;
	size_t i;
	int rc;

	for (i = 0; i < VARIABLES; i++)
		*slots[i] = -1;
	while ((rc = next_pair(&pairs, &name, &value)) > 0) {
		for (i = 0; i < VARIABLES; i++) {
			if (name.len == strlen(variables[i]) &&
				memcmp(name.data, variables[i], name.len) == 0)
				*slots[i] = number(value);
		}
	}
	return rc < 0 ? bad(reader, "malformed FCGI_GET_VALUES_RESULT") : VANE__FCGI_VALUES;
}

static int read_end(struct vane__fcgi_reader *reader)
{
	const unsigned char *at = reader->small;

	reader->app_status = (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 |
			     (uint32_t) at[2] << 8 | at[3];
	reader->status = at[4];
	if (at[4] > VANE__FCGI_UNKNOWN_ROLE)
		return bad(reader, "an FCGI_END_REQUEST with an unknown status");
	return VANE__FCGI_END;
}

/* Whether a record may be as long as its header says. */
static bool length_fits(const struct vane__fcgi_reader *reader)
{
	switch (reader->type) {
	case VANE__FCGI_GET_VALUES_RESULT:
		return reader->content <= VANE__FCGI_SMALL;
	case VANE__FCGI_END_REQUEST:
	case VANE__FCGI_UNKNOWN_TYPE:
		return reader->content == END_BYTES;
	default:
		return true;
	}
}

/* Look at a header that is whole: 0, or -EBADMSG if no application may send it. */
static int check_head(struct vane__fcgi_reader *reader)
{
	const unsigned char *head = reader->head;
	bool management, request;

	reader->type = head[1];
	reader->id = (unsigned) head[2] << 8 | head[3];
	reader->content = (size_t) head[4] << 8 | head[5];
	reader->padding = head[6];
	reader->small_len = 0;
	management = reader->type == VANE__FCGI_GET_VALUES_RESULT ||
		     reader->type == VANE__FCGI_UNKNOWN_TYPE;
	request = reader->type == VANE__FCGI_STDOUT || reader->type == VANE__FCGI_STDERR ||
		  reader->type == VANE__FCGI_END_REQUEST;
	if (head[0] != VERSION)
		return bad(reader, "not version 1 of FastCGI");
	if (!management && !request)
		return bad(reader, "a record that no application sends");
	if (management != (reader->id == 0))
		return bad(reader, "a record whose id does not go with its type");
	if (!length_fits(reader))
		return bad(reader, "a record of the wrong length");
	return 0;
}

/* Collect the header; 1 once it is whole and sound. */
static int read_head(struct vane__fcgi_reader *reader, struct vane_slice *in)
{
	struct vane_slice piece =
		take(in, smaller(VANE__FCGI_HEAD - reader->have, in->len));
	int rc;

	if (piece.len > 0)
		memcpy(reader->head + reader->have, piece.data, piece.len);
	reader->have += (unsigned) piece.len;
	if (reader->have < VANE__FCGI_HEAD)
		return 0;
	rc = check_head(reader);
	return rc < 0 ? rc : 1;
}

/* The content of a stream's record, as it comes. */
static int read_stream(
	struct vane__fcgi_reader *reader, struct vane_slice *in, struct vane_slice *piece)
{
	if (reader->content > 0 && in->len == 0)
		return VANE__FCGI_MORE;
	*piece = take(in, smaller(reader->content, in->len));
	reader->content -= piece->len;
	reader->told = reader->content == 0;
	return reader->type == VANE__FCGI_STDOUT ? VANE__FCGI_OUT : VANE__FCGI_ERR;
}

/* The content of a record that says something once it is whole. */
static int read_whole(struct vane__fcgi_reader *reader, struct vane_slice *in)
{
	struct vane_slice piece = take(in, smaller(reader->content, in->len));

	if (piece.len > 0)
		memcpy(reader->small + reader->small_len, piece.data, piece.len);
	reader->small_len += piece.len;
	reader->content -= piece.len;
	if (reader->content > 0)
		return VANE__FCGI_MORE;
	reader->told = true;
	if (reader->type == VANE__FCGI_END_REQUEST)
		return read_end(reader);
	return reader->type == VANE__FCGI_UNKNOWN_TYPE ? VANE__FCGI_UNKNOWN
						       : read_values(reader);
}

int vane__fcgi_read(
	struct vane__fcgi_reader *reader, struct vane_slice *in, struct vane_slice *piece)
{
	int rc;

	if (reader->told) {
		reader->padding -= take(in, smaller(reader->padding, in->len)).len;
		if (reader->padding > 0)
			return VANE__FCGI_MORE;
		reader->told = false;
		reader->have = 0;
	}
	if (reader->have < VANE__FCGI_HEAD) {
		rc = read_head(reader, in);
		if (rc <= 0)
			return rc;
	}
	if (reader->type == VANE__FCGI_STDOUT || reader->type == VANE__FCGI_STDERR)
		return read_stream(reader, in, piece);
	return read_whole(reader, in);
}
