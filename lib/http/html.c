/* SPDX-License-Identifier: MIT */
/*
 * html.c - text as HTML.
 */
#include "html.h"

#include <vane/util.h>

#include "slice.h"

/* The reference for a byte that HTML gives a meaning to; others have data NULL. */
static const struct vane_slice references[] = {
	['"'] = SLICE_INIT("&quot;"),
	['&'] = SLICE_INIT("&amp;"),
	['\''] = SLICE_INIT("&#39;"),
	['<'] = SLICE_INIT("&lt;"),
	['>'] = SLICE_INIT("&gt;"),
};

/* Take as many bytes off as can be written as they are, or one and give its reference. */
static struct vane_slice take_escaped(struct vane_slice *text)
{
	struct vane_slice piece = { text->data, 0 };

	while (piece.len < text->len) {
		unsigned char c = (unsigned char) text->data[piece.len];

		if (c < ARRAY_SIZE(references) && references[c].data != NULL)
			break;
		piece.len++;
	}
	text->data += piece.len;
	text->len -= piece.len;
	if (piece.len == 0) {
		piece = references[(unsigned char) text->data[0]];
		text->data++;
		text->len--;
	}
	return piece;
}

int vane__html_add(struct buf *out, struct vane_slice text)
{
	size_t start = out->len;

	while (text.len > 0) {
		int rc = vane__buf_add_slice(out, take_escaped(&text));

		if (rc < 0) {
			out->len = start;
			return rc;
		}
	}
	return 0;
}

/* How much of a piece is written: all that fits of text, and a reference whole or not. */
static size_t fitting(struct vane_slice piece, size_t room)
{
	if (piece.len <= room)
		return piece.len;
	return piece.data[0] == '&' ? 0 : room;
}

size_t vane_html_escape(char *buf, size_t size, const char *text)
{
	struct vane_slice rest = vane__slice(text != NULL ? text : "");
	size_t need = 0, len = 0;

	while (rest.len > 0) {
		struct vane_slice piece = take_escaped(&rest);

		if (len == need && size > 0) {
			size_t n = fitting(piece, size - 1 - len);

			memcpy(buf + len, piece.data, n);
			len += n;
		}
		need += piece.len;
	}
	if (size > 0)
		buf[len] = '\0';
	return need;
}
