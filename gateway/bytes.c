/* SPDX-License-Identifier: MIT */
/*
 * bytes.c - bytes that grow at the end, up to a limit.
 *
 * The library's own is private to it.
 */
#include "bytes.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST 512

void vane__blob_fini(struct vane__blob *blob)
{
	free(blob->data);
	*blob = (struct vane__blob) { .max = blob->max };
}

int vane__blob_grow(struct vane__blob *blob, size_t more)
{
	size_t want, cap = blob->cap > 0 ? blob->cap : SMALLEST;
	char *data;

	if (blob->max > 0 && more > blob->max - blob->len)
		return -EMSGSIZE;
	if (more > SIZE_MAX / 2 - blob->len)
		return -ENOMEM;
	want = blob->len + more;
	if (want <= blob->cap)
		return 0;
	while (cap < want)
		cap *= 2;
	data = realloc(blob->data, cap);
	if (data == NULL)
		return -ENOMEM;
	blob->data = data;
	blob->cap = cap;
	return 0;
}

int vane__blob_add(struct vane__blob *blob, const void *data, size_t len)
{
	int rc = vane__blob_reserve(blob, len);

	if (rc < 0)
		return rc;
	if (len > 0)
		memcpy(blob->data + blob->len, data, len);
	blob->len += len;
	return 0;
}

int vane__blob_puts(struct vane__blob *blob, const char *text)
{
	return vane__blob_add(blob, text, strlen(text));
}

void vane__blob_consume(struct vane__blob *blob, size_t len)
{
	assert(len <= blob->len);
	blob->len -= len;
	if (blob->len > 0)
		memmove(blob->data, blob->data + len, blob->len);
}
