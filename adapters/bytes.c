/* SPDX-License-Identifier: MIT */
/*
 * bytes.c - bytes that grow at the end.
 */
#include "bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Memory that is kept for the next use. */
#define KEEP_BYTES 16384

int vane__bytes_add(struct vane__bytes *bytes, const void *data, size_t len)
{
	if (len > bytes->cap - bytes->len) {
		size_t cap = bytes->cap < 512 ? 1024 : bytes->cap * 2;
		char *grown;

		if (cap - bytes->len < len)
			cap = bytes->len + len;
		grown = realloc(bytes->data, cap);
		if (grown == NULL)
			return -ENOMEM;
		bytes->data = grown;
		bytes->cap = cap;
	}
	if (len > 0)
		memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
	return 0;
}

void vane__bytes_reset(struct vane__bytes *bytes)
{
	bytes->len = 0;
	if (bytes->cap > KEEP_BYTES)
		vane__bytes_fini(bytes);
}

void vane__bytes_fini(struct vane__bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct vane__bytes) { 0 };
}
