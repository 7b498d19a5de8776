/* SPDX-License-Identifier: MIT */
/*
 * filter_etag.c - a filter that gives complete bodies an ETag, the hash of their bytes, and answers
 * If-None-Match with 304 (RFC 9110, 8.8.3 and 13.1.2).
 */
#include <vane/filters.h>
#include <vane/request.h>
#include <vane/response.h>

#include <string.h>

#include "base.h"
#include "siphash.h"
#include "slice.h"

static int add_piece(struct vane_slice bytes, void *data)
{
	vane__siphash_add(data, bytes.data, bytes.len);
	return 0;
}

/* The same for the same bytes, in every process and at every time. */
static void write_etag(char *text, struct vane__siphash *hash, bool weak)
{
	unsigned char sum[VANE__SIPHASH_SIZE];

	vane__siphash_end(hash, sum);
	if (weak) {
		*text++ = 'W';
		*text++ = '/';
	}
	*text++ = '"';
	vane__put_hex(text, sum, sizeof(sum));
	memcpy(text + 2 * sizeof(sum), "\"", 2);
}

/* What describes a body is not said of none (RFC 9110, 15.4.5). */
static void drop_content_fields(struct vane_response *res)
{
	vane_response_remove_field(res, "Content-Type");
	vane_response_remove_field(res, "Content-Encoding");
	vane_response_remove_field(res, "Content-Language");
}

static int after(struct vane_request *req, struct vane_response *res, void *data)
{
	static const unsigned char known[VANE__SIPHASH_KEY];
	struct vane__siphash hash;
	char etag[2 * VANE__SIPHASH_SIZE + 5];
	int rc;

	if (vane_response_status(res) != 200 ||
		strcmp(vane_request_method(req), "GET") != 0 ||
		vane_response_field(res, "ETag").data != NULL)
		return 0;
	vane__siphash_init(&hash, known);
	if (vane_response_each_piece(res, add_piece, &hash) != 0)
		return 0;
	/* a coding makes other bytes of them */
	write_etag(etag, &hash, vane_response_field(res, "Content-Encoding").data != NULL);
	rc = vane_response_set_validators(res, etag, -1);
	if (rc == 1 && vane_response_status(res) == 304)
		drop_content_fields(res);
	return rc == 1 && vane_response_status(res) == 412 ? 412 : rc < 0 ? rc : 0;
}

const struct vane_filter_type vane_etag_filter = { .after = after };
