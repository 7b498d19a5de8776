/* SPDX-License-Identifier: MIT */
/*
 * cgiout.h - a response's head as CGI wants it (RFC 3875, 6.3).
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

#endif
