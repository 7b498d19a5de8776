/* SPDX-License-Identifier: MIT */
/*
 * buf.c - bytes that grow at the end.
 */
#include "buf.h"

#include <stdio.h>
#include <stdlib.h>

#define SMALLEST 512

void vane__buf_fini(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf) { 0 };
}

int vane__buf_grow(struct buf *buf, size_t more)
{
	size_t want, cap = buf->cap > 0 ? buf->cap : SMALLEST;
	char *data;

	if (more > SIZE_MAX / 2 - buf->len)
		return -ENOMEM;
	want = buf->len + more;
	while (cap < want)
		cap *= 2;
	data = realloc(buf->data, cap);
	if (data == NULL)
		return -ENOMEM;
	buf->data = data;
	buf->cap = cap;
	return 0;
}

void vane__buf_consume(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	buf->len -= len;
	if (buf->len > 0)
		memmove(buf->data, buf->data + len, buf->len);
}

int vane__buf_vprintf(struct buf *buf, const char *fmt, va_list args)
{
	size_t room = buf->cap - buf->len;
	va_list again;
	int n, rc;

	va_copy(again, args);
	n = vsnprintf(room > 0 ? buf->data + buf->len : NULL, room, fmt, args);
	if (n < 0) {
		rc = -EINVAL;
		goto out;
	}
	if ((size_t) n >= room) {
		rc = vane__buf_reserve(buf, (size_t) n + 1);
		if (rc < 0)
			goto out;
		vsnprintf(buf->data + buf->len, (size_t) n + 1, fmt, again);
	}
	buf->len += (size_t) n;
	rc = 0;
out:
	va_end(again);
	return rc;
}

int vane__buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	int rc;

	va_start(args, fmt);
	rc = vane__buf_vprintf(buf, fmt, args);
	va_end(args);
	return rc;
}
