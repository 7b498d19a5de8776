/* SPDX-License-Identifier: MIT */
/*
 * bytes.h - bytes that grow at the end, up to a limit.
 */
#ifndef VANE__BYTES_H
#define VANE__BYTES_H

#include <vane/types.h>

/* A zeroed one is empty and has no limit. */
struct vane__blob {
	char *data;
	size_t len, cap;
	size_t max; /* len never exceeds it; 0: no limit */
};

/* Give the memory back; it is empty, keeps its limit, and can be used again. */
void vane__blob_fini(struct vane__blob *blob);

/* What vane__blob_reserve() does where there may not be room yet. */
int vane__blob_grow(struct vane__blob *blob, size_t more);

/*
 * Make room for so many bytes behind what is there, for the caller to write and then to add
 * to len.  Returns 0, -EMSGSIZE above the limit, or -ENOMEM; it is as it was then.
 */
static inline int vane__blob_reserve(struct vane__blob *blob, size_t more)
{
	return blob->max == 0 && more <= blob->cap - blob->len
		       ? 0
		       : vane__blob_grow(blob, more);
}

/* Append; data may be NULL if len is 0.  As vane__blob_reserve(). */
int vane__blob_add(struct vane__blob *blob, const void *data, size_t len);
int vane__blob_puts(struct vane__blob *blob, const char *text);

/* Take bytes away from the front. */
void vane__blob_consume(struct vane__blob *blob, size_t len);

#endif
