/* SPDX-License-Identifier: MIT */
/*
 * format.h - printf() whose texts pass through a function on their way: to be escaped, say.
 */
#ifndef VANE__FORMAT_H
#define VANE__FORMAT_H

#include <stdarg.h>

#include "base.h"
#include "buf.h"

/* Append text in another form.  0 or -ENOMEM. */
typedef int (*vane__format_fn)(struct buf *out, struct vane_slice text);

/*
 * As vane__buf_vprintf(), but what %s and %c give goes through fn.  -EINVAL for a conversion that
 * is none, or is %n; -ENOMEM.  NULL in the place of a text is "".
 */
int vane__format(struct buf *out, vane__format_fn fn, const char *fmt, va_list args);

#endif
