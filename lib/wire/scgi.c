/* SPDX-License-Identifier: MIT */
/*
 * scgi.c - SCGI: the head of a request, a netstring of variables, as bytes.
 */
#include "scgi.h"

#include "slice.h"

static const struct vane_slice length_name = SLICE_INIT("CONTENT_LENGTH");
static const struct vane_slice scgi_name = SLICE_INIT("SCGI");
static const struct vane_slice scgi_value = SLICE_INIT("1");

bool vane__scgi_is_first(struct vane_slice name)
{
	return vane__slice_equal(name, length_name) || vane__slice_equal(name, scgi_name);
}

/* Append what there is room for. */
static void put(struct buf *out, const char *data, size_t len)
{
	assert(len <= out->cap - out->len);
	if (len > 0)
		memcpy(out->data + out->len, data, len);
	out->len += len;
}

int vane__scgi_begin(struct buf *out, struct vane_slice content_length, size_t rest)
{
	size_t len = vane__scgi_var_len(length_name, content_length) +
		     vane__scgi_var_len(scgi_name, scgi_value) + rest;
	char number[20];
	size_t digits = vane__put_number(number, len);
	int rc = vane__buf_reserve(out, digits + 1 + len + 1);

	if (rc < 0)
		return rc;
	put(out, number, digits);
	put(out, ":", 1);
	vane__scgi_var(out, length_name, content_length);
	vane__scgi_var(out, scgi_name, scgi_value);
	return 0;
}

void vane__scgi_var(struct buf *out, struct vane_slice name, struct vane_slice value)
{
	put(out, name.data, name.len);
	put(out, "", 1);
	put(out, value.data, value.len);
	put(out, "", 1);
}

void vane__scgi_end(struct buf *out)
{
	put(out, ",", 1);
}
