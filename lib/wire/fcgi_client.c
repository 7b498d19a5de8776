/* SPDX-License-Identifier: MIT */
/*
 * fcgi_client.c - FastCGI 1.0 as a web server speaks it.
 *
 * What a record means for a request is gateway/fastcgi_conn.c's business.
 */
#include "fcgi_client.h"

#include "slice.h"

enum { END_BYTES = 8 };

size_t vane__fcgi_begin(unsigned char out[16], unsigned id, bool keep)
{
	const unsigned char body[8] = { 0, VANE__FCGI_RESPONDER,
		keep ? VANE__FCGI_KEEP_CONN : 0 };

	vane__fcgi_head(out, VANE__FCGI_BEGIN_REQUEST, id, sizeof(body), 0);
	memcpy(out + VANE__FCGI_HEAD, body, sizeof(body));
	return VANE__FCGI_HEAD + sizeof(body);
}

size_t vane__fcgi_abort(unsigned char out[VANE__FCGI_HEAD], unsigned id)
{
	return vane__fcgi_stream_end(out, VANE__FCGI_ABORT_REQUEST, id);
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
		*torn = vane__fcgi_pair(&rest, &name, &value) <= 0;
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
		at += vane__fcgi_frame(at, VANE__FCGI_PARAMS, id, part);
	}
	at += vane__fcgi_stream_end(at, VANE__FCGI_PARAMS, id);
	return (size_t) (at - out);
}

size_t vane__fcgi_get_values(unsigned char out[VANE__FCGI_GET_VALUES_LEN])
{
	size_t len = 0, i;

	for (i = 0; i < VANE__FCGI_VALUE_COUNT; i++)
		len += vane__fcgi_put_pair(
			out + VANE__FCGI_HEAD + len, vane__fcgi_value_names[i], SLICE(""));
	return vane__fcgi_frame(out, VANE__FCGI_GET_VALUES, VANE__FCGI_NULL_ID, len);
}

/* Up to nine digits as a number, -1 for anything else. */
static long small_number(struct vane_slice text)
{
	int64_t n = -1;

	return text.len <= 9 && vane__slice_number(text, &n) == 0 ? (long) n : -1;
}

static int bad(struct vane__fcgi_client *client, const char *why)
{
	client->why = why;
	return -EBADMSG;
}

static int read_values(struct vane__fcgi_client *client)
{
	struct vane_slice pairs = { (const char *) client->small, client->small_len };
	struct vane_slice name, value;
	size_t i;
	int rc;

	for (i = 0; i < VANE__FCGI_VALUE_COUNT; i++)
		client->values[i] = -1;
	while ((rc = vane__fcgi_pair(&pairs, &name, &value)) > 0) {
		for (i = 0; i < VANE__FCGI_VALUE_COUNT; i++) {
			if (vane__slice_equal(name, vane__fcgi_value_names[i]))
				client->values[i] = small_number(value);
		}
	}
	return rc < 0 ? bad(client, "malformed FCGI_GET_VALUES_RESULT") : VANE__FCGI_VALUES;
}

static int read_end(struct vane__fcgi_client *client)
{
	const unsigned char *at = client->small;

	client->app_status = (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 |
			     (uint32_t) at[2] << 8 | at[3];
	client->status = at[4];
	if (at[4] > VANE__FCGI_UNKNOWN_ROLE)
		return bad(client, "an FCGI_END_REQUEST with an unknown status");
	return VANE__FCGI_END;
}

/* Whether a record may be as long as its header says. */
static bool length_fits(const struct vane__fcgi_record *record)
{
	switch (record->type) {
	case VANE__FCGI_GET_VALUES_RESULT:
		return record->length <= VANE__FCGI_SMALL;
	case VANE__FCGI_END_REQUEST:
	case VANE__FCGI_UNKNOWN_TYPE:
		return record->length == END_BYTES;
	default:
		return true;
	}
}

static bool is_stream(const struct vane__fcgi_record *record)
{
	return record->type == VANE__FCGI_STDOUT || record->type == VANE__FCGI_STDERR;
}

/* A header has come: 0, or -EBADMSG if no application may send it. */
static int start(struct vane__fcgi_client *client)
{
	const struct vane__fcgi_record *record = &client->record;
	bool management = record->type == VANE__FCGI_GET_VALUES_RESULT ||
			  record->type == VANE__FCGI_UNKNOWN_TYPE;

	if (!management && !is_stream(record) && record->type != VANE__FCGI_END_REQUEST)
		return bad(client, "a record that no application sends");
	if (management != (record->id == VANE__FCGI_NULL_ID))
		return bad(client, "a record whose id does not go with its type");
	if (!length_fits(record))
		return bad(client, "a record of the wrong length");
	client->small_len = 0;
	return 0;
}

/* A piece of content: what is told of it, if anything. */
static int data(struct vane__fcgi_client *client, struct vane_slice piece)
{
	const struct vane__fcgi_record *record = &client->record;

	if (is_stream(record))
		return record->type == VANE__FCGI_STDOUT ? VANE__FCGI_OUT : VANE__FCGI_ERR;
	if (piece.len > 0)
		memcpy(client->small + client->small_len, piece.data, piece.len);
	client->small_len += piece.len;
	if (record->content > 0)
		return VANE__FCGI_MORE;
	if (record->type == VANE__FCGI_END_REQUEST)
		return read_end(client);
	return record->type == VANE__FCGI_UNKNOWN_TYPE ? VANE__FCGI_UNKNOWN
						       : read_values(client);
}

int vane__fcgi_client_read(
	struct vane__fcgi_client *client, struct vane_slice *in, struct vane_slice *piece)
{
	int rc = 0;

	while (rc == 0) {
		switch (vane__fcgi_record_next(&client->record, in, piece)) {
		case VANE__FCGI_RECORD_MORE:
			return VANE__FCGI_MORE;
		case VANE__FCGI_RECORD_VERSION:
			return bad(client, "not version 1 of FastCGI");
		case VANE__FCGI_RECORD_START:
			rc = start(client);
			*piece = (struct vane_slice) { in->data, 0 };
			if (rc == 0 && client->record.length == 0)
				rc = data(client, *piece);
			break;
		case VANE__FCGI_RECORD_DATA:
			rc = data(client, *piece);
			break;
		case VANE__FCGI_RECORD_END:
			break;
		}
	}
	return rc;
}
