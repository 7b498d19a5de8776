/* SPDX-License-Identifier: MIT */
/*
 * base.h - the handful of macros that all of the library uses.
 */
#ifndef VANE__BASE_H
#define VANE__BASE_H

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <vane/types.h>

/* Whoever compiles this without the flags of Makefile.am would mistake what others hand out. */
_Static_assert(sizeof(off_t) == 8, "wants -D_FILE_OFFSET_BITS=64");

#define ARRAY_SIZE(a)                   (sizeof(a) / sizeof((a)[0]))

#define CONTAINER_OF(ptr, type, member) ((type *) ((char *) (ptr) - offsetof(type, member)))

#define LIKELY(x)                       __builtin_expect(!!(x), 1)
#define UNLIKELY(x)                     __builtin_expect(!!(x), 0)

/* A slice of a string literal, for initialisers and for expressions. */
#define SLICE_INIT(s) { (s), sizeof(s) - 1 }
#define SLICE(s)      ((struct vane_slice) SLICE_INIT(s))

#endif
