/* SPDX-License-Identifier: MIT */
/*
 * bytes.h - bytes that grow at the end.
 */
#ifndef VANE__BYTES_H
#define VANE__BYTES_H

#include <vane/types.h>

/* A zeroed one is empty. */
struct vane__bytes {
	char *data;
	size_t len, cap;
};

/* Append: 0 or -ENOMEM. */
int vane__bytes_add(struct vane__bytes *bytes, const void *data, size_t len);

/* Empty it for something else, with its memory if that is not much. */
void vane__bytes_reset(struct vane__bytes *bytes);

/* Give the memory back. */
void vane__bytes_fini(struct vane__bytes *bytes);

#endif
