/* SPDX-License-Identifier: MIT */
/*
 * buf.h - bytes that grow at the end.
 */
#ifndef VANE__BUF_H
#define VANE__BUF_H

#include <assert.h>
#include <stdarg.h>

#include "base.h"

/* A zeroed buffer is an empty one. */
struct buf {
	char *data;
	size_t len, cap;
};

/* Give the memory back; the buffer is empty and can be used again. */
void vane__buf_fini(struct buf *buf);

/* Empty it; memory above keep bytes is given back. */
static inline void vane__buf_reset(struct buf *buf, size_t keep)
{
	if (UNLIKELY(buf->cap > keep))
		vane__buf_fini(buf);
	buf->len = 0;
}

/* The slow path of vane__buf_reserve(). */
int vane__buf_grow(struct buf *buf, size_t more);

/* Make room for so many bytes behind what is there: 0 or -ENOMEM. */
static inline int vane__buf_reserve(struct buf *buf, size_t more)
{
	return LIKELY(buf->cap - buf->len >= more) ? 0 : vane__buf_grow(buf, more);
}

/* Take bytes away from the front. */
void vane__buf_consume(struct buf *buf, size_t len);

/*
 * Of a buffer that goes out from its front, *gone bytes already: so many more have.  It begins anew
 * when all of it has gone, and moves up when more has gone than is left: who never quite catches up
 * must not have it keep all that ever was.
 */
static inline void vane__buf_advance(struct buf *buf, size_t *gone, size_t len)
{
	*gone += len;
	assert(*gone <= buf->len);
	if (LIKELY(*gone == buf->len))
		buf->len = *gone = 0;
	else if (*gone > buf->len / 2) {
		vane__buf_consume(buf, *gone);
		*gone = 0;
	}
}

/* Append formatted text: 0 or -ENOMEM. */
int vane__buf_vprintf(struct buf *buf, const char *fmt, va_list args) VANE_PRINTF(2, 0);
int vane__buf_printf(struct buf *buf, const char *fmt, ...) VANE_PRINTF(2, 3);

/* Append bytes: 0 or -ENOMEM. */
static inline int vane__buf_add(struct buf *buf, const void *data, size_t len)
{
	int rc = vane__buf_reserve(buf, len);

	if (rc < 0)
		return rc;
	if (LIKELY(len > 0))
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	return 0;
}

static inline int vane__buf_add_slice(struct buf *buf, struct vane_slice s)
{
	return vane__buf_add(buf, s.data, s.len);
}

static inline struct vane_slice vane__buf_slice(const struct buf *buf)
{
	return (struct vane_slice) { buf->data, buf->len };
}

#endif
