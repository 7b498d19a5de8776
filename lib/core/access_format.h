/* SPDX-License-Identifier: MIT */
/*
 * access_format.h - formats of the access log, in nginx's words and in Apache httpd's.
 */
#ifndef VANE__ACCESS_FORMAT_H
#define VANE__ACCESS_FORMAT_H

#include "base.h"
#include "buf.h"

struct vane_exchange;
struct vane__access_format;

/* What is known of an exchange at its end besides. */
struct vane__access_end {
	int status;        /* what the client has got */
	bool cut;          /* not all of it, at that */
	int64_t took_usec; /* since the request was there */
};

/*
 * Compile a format.  -EINVAL for a word that there is none of, with a line in the log that names it
 * and the nearest one; -ENOMEM.
 */
int vane__access_format_new(struct vane__access_format **out, const char *text);
void vane__access_format_free(struct vane__access_format *format);

/*
 * Append the line of an exchange, without an end.  What did not come from us is escaped: it cannot
 * end the line, nor the quotes or the word that it stands in.  0 or -ENOMEM.
 */
int vane__access_format_write(const struct vane__access_format *format,
	struct vane_exchange *x, const struct vane__access_end *end, struct buf *line);

#endif
