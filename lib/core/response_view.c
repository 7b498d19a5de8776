/* SPDX-License-Identifier: MIT */
/*
 * response_view.c - looking at a response before it leaves: its fields, its length, its body.
 *
 * For filters, which see what others have written.
 */
#include <vane/response.h>

#include "exchange.h"
#include "slice.h"

/* The value of a field line that ends at end, if it has that name; data NULL if not. */
static struct vane_slice value_of(const char *line, const char *end, struct vane_slice name)
{
	struct vane_slice value = { NULL, 0 };

	if ((size_t) (end - line) < name.len + 4 || line[name.len] != ':' ||
		!vane__slice_equal_nocase((struct vane_slice) { line, name.len }, name))
		return value;
	value.data = line + name.len + 2;
	value.len = (size_t) (end - value.data) - 2;
	return value;
}

struct vane_slice vane_response_field(const struct vane_response *res, const char *name)
{
	struct vane_slice value = { NULL, 0 }, wanted;
	const char *line = res->head.data, *end;

	if (res->head.len == 0 ||
		vane__req_no_text(&vane__res_exchange(res)->req, __func__, name))
		return value;
	wanted = vane__slice(name);
	end = line + res->head.len;
	while (line < end && value.data == NULL) {
		const char *next =
			(const char *) memchr(line, '\n', (size_t) (end - line)) + 1;

		value = value_of(line, next, wanted);
		line = next;
	}
	return value;
}

int64_t vane_response_length(const struct vane_response *res)
{
	if (res->promised >= 0)
		return res->promised;
	return res->complete && !res->open_ended ? res->written : -1;
}

/* The bytes of a run. */
static struct vane_slice run_bytes(const struct vane_response *res,
	const struct vane__segment *segment, size_t *copied)
{
	struct vane_slice bytes = { segment->data, segment->len };

	if (segment->kind == VANE__COPIED) {
		bytes.data = res->body.data + *copied;
		*copied += segment->len;
	}
	return bytes;
}

int vane_response_each_piece(const struct vane_response *res,
	int (*fn)(struct vane_slice bytes, void *data), void *data)
{
	const struct vane__segment *segment;
	size_t copied = res->sent;
	int rc = 0;

	if (!res->complete || res->head_sent)
		return -EAGAIN;
	if (res->bodyless && res->written > 0)
		return -ENOTSUP;
	for (segment = res->segments; segment != NULL; segment = segment->next)
		if (segment->kind == VANE__FILE || segment->kind == VANE__SOURCE)
			return -ENOTSUP;
	for (segment = res->segments; segment != NULL && rc == 0; segment = segment->next)
		rc = fn(run_bytes(res, segment, &copied), data);
	return rc;
}
