/* SPDX-License-Identifier: MIT */
/*
 * fcgi_app.c - what only an application says and hears in FastCGI 1.0.
 *
 * What a record means for a request is fcgi_request.c's business.
 */
#include "fcgi_app.h"

#include <stdio.h>

#include "slice.h"

bool vane__fcgi_is_abort(const struct vane__fcgi_record *rec, unsigned id)
{
	return rec->type == VANE__FCGI_ABORT_REQUEST && rec->id == id;
}

/* Both have eight bytes of content, of which one says something. */
static size_t put_status(unsigned char out[16], enum vane__fcgi_type type, unsigned id,
	size_t at, unsigned byte)
{
	vane__fcgi_head(out, type, id, 8, 0);
	memset(out + VANE__FCGI_HEAD, 0, 8);
	out[VANE__FCGI_HEAD + at] = (unsigned char) byte;
	return VANE__FCGI_HEAD + 8;
}

size_t vane__fcgi_end_request(
	unsigned char out[16], unsigned id, enum vane__fcgi_status status)
{
	return put_status(out, VANE__FCGI_END_REQUEST, id, 4, status);
}

size_t vane__fcgi_unknown_type(unsigned char out[16], unsigned type)
{
	return put_status(out, VANE__FCGI_UNKNOWN_TYPE, VANE__FCGI_NULL_ID, 0, type);
}

int vane__fcgi_tell_values(unsigned char out[VANE__FCGI_TOLD], struct vane_slice asked,
	const struct vane__fcgi_limits *limits)
{
	const size_t values[VANE__FCGI_VALUE_COUNT] = {
		[VANE__FCGI_MAX_CONNS] = limits->max_conns,
		[VANE__FCGI_MAX_REQS] = limits->max_reqs,
		[VANE__FCGI_MPXS_CONNS] = 0,
	};
	bool told[VANE__FCGI_VALUE_COUNT] = { false };
	size_t len = VANE__FCGI_HEAD, i;
	struct vane_slice name, value;
	int rc;

	while ((rc = vane__fcgi_pair(&asked, &name, &value)) > 0) {
		for (i = 0; i < VANE__FCGI_VALUE_COUNT; i++) {
			char number[24];

			/* Once each, so that the answer is bounded whatever is asked. */
			if (told[i] || !vane__slice_equal(name, vane__fcgi_value_names[i]))
				continue;
			told[i] = true;
			snprintf(number, sizeof(number), "%zu", values[i]);
			len += vane__fcgi_put_pair(out + len, name, vane__slice(number));
		}
	}
	if (rc < 0)
		return rc;
	vane__fcgi_head(out, VANE__FCGI_GET_VALUES_RESULT, VANE__FCGI_NULL_ID,
		len - VANE__FCGI_HEAD, 0);
	return (int) len;
}
