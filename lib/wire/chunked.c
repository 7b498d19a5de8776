/* SPDX-License-Identifier: MIT */
/*
 * chunked.c - the chunked transfer coding of request bodies (RFC 9112, 7.1), decoded.
 *
 * A byte at a time but for the data.  Lines end in CR LF; a bare LF ends none.
 */
#include "chunked.h"

#include "fields.h"
#include "slice.h"

/* Another digit of a size: 0, or -EBADMSG if that is none, or the size is beyond counting. */
static int take_digit(struct vane__chunked *chunked, char c)
{
	int digit = vane__hex(c);

	if (digit < 0 || chunked->left > INT64_MAX >> 4)
		return -EBADMSG;
	chunked->left = chunked->left << 4 | digit;
	chunked->state = VANE__CHUNKED_DIGITS;
	return 0;
}

/* A byte that must be that one: 0 or -EBADMSG. */
static int expect(
	struct vane__chunked *chunked, char c, char wanted, enum vane__chunked_state next)
{
	chunked->state = next;
	return c == wanted ? 0 : -EBADMSG;
}

/* A byte of text that a CR ends: 0 or -EBADMSG. */
static int take_text(struct vane__chunked *chunked, char c, enum vane__chunked_state next)
{
	if (c == '\r') {
		chunked->state = next;
		return 0;
	}
	return vane__field_value_ok((struct vane_slice) { &c, 1 }) ? 0 : -EBADMSG;
}

/* Behind the size there is nothing, or an extension. */
static int take_size(struct vane__chunked *chunked, char c)
{
	if (c == '\r' || c == ';') {
		chunked->state = c == ';' ? VANE__CHUNKED_EXT : VANE__CHUNKED_SIZE_LF;
		return 0;
	}
	return take_digit(chunked, c);
}

/* A byte of a trailer's name.  What would frame a body has no place behind one. */
static int take_name(struct vane__chunked *chunked, char c)
{
	static const char framing[] = "transfer-encoding";
	unsigned *len = &chunked->name_len;
	bool named = *len == sizeof(framing) - 1;

	if (c == ':') {
		chunked->state = VANE__CHUNKED_VALUE;
		return named ? -EBADMSG : 0;
	}
	if (*len < sizeof(framing))
		*len = !named && vane__lower(c) == framing[*len] ? *len + 1
								 : sizeof(framing);
	return vane__is_token((struct vane_slice) { &c, 1 }) ? 0 : -EBADMSG;
}

/* The first byte behind a line: of another trailer, or of the line that ends it all. */
static int start_trailer(struct vane__chunked *chunked, char c)
{
	chunked->state = c == '\r' ? VANE__CHUNKED_LAST_LF : VANE__CHUNKED_NAME;
	chunked->name_len = 0;
	if (c == '\r')
		return 0;
	return c == ':' ? -EBADMSG : take_name(chunked, c);
}

/* A byte that is no data: 0 or -EBADMSG. */
static int take_byte(struct vane__chunked *chunked, char c)
{
	switch (chunked->state) {
	case VANE__CHUNKED_SIZE:
		return take_digit(chunked, c);
	case VANE__CHUNKED_DIGITS:
		return take_size(chunked, c);
	case VANE__CHUNKED_EXT:
		return take_text(chunked, c, VANE__CHUNKED_SIZE_LF);
	case VANE__CHUNKED_SIZE_LF:
		return expect(chunked, c, '\n',
			chunked->left > 0 ? VANE__CHUNKED_DATA : VANE__CHUNKED_TRAILER);
	case VANE__CHUNKED_DATA_CR:
		return expect(chunked, c, '\r', VANE__CHUNKED_DATA_LF);
	case VANE__CHUNKED_DATA_LF:
		return expect(chunked, c, '\n', VANE__CHUNKED_SIZE);
	case VANE__CHUNKED_TRAILER:
		return start_trailer(chunked, c);
	case VANE__CHUNKED_NAME:
		return take_name(chunked, c);
	case VANE__CHUNKED_VALUE:
		return take_text(chunked, c, VANE__CHUNKED_TRAILER_LF);
	case VANE__CHUNKED_TRAILER_LF:
		return expect(chunked, c, '\n', VANE__CHUNKED_TRAILER);
	case VANE__CHUNKED_LAST_LF:
		return expect(chunked, c, '\n', VANE__CHUNKED_DONE);
	case VANE__CHUNKED_DATA:
	case VANE__CHUNKED_DONE:
		break;
	}
	return -EBADMSG;
}

/* As much of the chunk's data as there is room for. */
static size_t copy_data(
	struct vane__chunked *chunked, const char *src, size_t len, char *dst, size_t size)
{
	size_t n = len < size ? len : size;

	if ((int64_t) n > chunked->left)
		n = (size_t) chunked->left;
	memmove(dst, src, n);
	chunked->left -= (int64_t) n;
	if (chunked->left == 0)
		chunked->state = VANE__CHUNKED_DATA_CR;
	return n;
}

ssize_t vane__chunked_decode(struct vane__chunked *chunked, const char *src, size_t len,
	size_t *used, char *dst, size_t size)
{
	size_t at = 0, out = 0;

	while (at < len && chunked->state != VANE__CHUNKED_DONE) {
		if (chunked->state != VANE__CHUNKED_DATA) {
			if (take_byte(chunked, src[at++]) < 0)
				return -EBADMSG;
		} else if (out < size) {
			size_t n = copy_data(
				chunked, src + at, len - at, dst + out, size - out);

			at += n;
			out += n;
		} else {
			break;
		}
	}
	*used = at;
	return (ssize_t) out;
}
