/* SPDX-License-Identifier: MIT */
/*
 * cgiout.h - a response as CGI wants it (RFC 3875, 6), in few pieces.
 */
#ifndef VANE__CGIOUT_H
#define VANE__CGIOUT_H

#include <vane/driver.h>
#include <vane/types.h>

/* Takes the pieces of the head, one after the other: 0 or a negative errno. */
typedef int (*vane__cgiout_fn)(void *to, const void *data, size_t len);

/*
 * Write the head: "Status: 200 OK" first, so that no front server has to guess, then the
 * fields, then the blank line.  Returns 0, or what put returned when it failed.
 */
int vane__cgiout_head(const struct vane_head *head, vane__cgiout_fn put, void *to);

#define VANE__CGIOUT_BYTES 16384

/* Gathers what is written until there is enough for send(), which takes all it is given. */
struct vane__cgiout {
	int (*send)(void *to, const char *data, size_t len); /* 0 or a negative errno */
	void *to;
	size_t len;
	char buf[VANE__CGIOUT_BYTES];
};

/* A vane__cgiout_fn for a struct vane__cgiout.  Returns 0, or what send() returned. */
int vane__cgiout_put(void *out, const void *data, size_t len);

/* Send what was gathered.  Returns the same. */
int vane__cgiout_flush(struct vane__cgiout *out);

#endif
