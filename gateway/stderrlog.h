/* SPDX-License-Identifier: MIT */
/*
 * stderrlog.h - what a program writes to standard error, line by line in our log, so much
 * of it.
 */
#ifndef VANE__STDERRLOG_H
#define VANE__STDERRLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vane__stderrlog {
	const char *name; /* before each line; borrowed */
	int64_t left;     /* bytes that may still come */
	bool full;        /* that has been said */
	size_t len;       /* of a line without its end */
	char line[512];
};

void vane__stderrlog_init(struct vane__stderrlog *log, const char *name, int64_t max_bytes);

/* Take bytes; whole lines are logged, long ones in pieces. */
void vane__stderrlog_add(struct vane__stderrlog *log, const char *data, size_t len);

/* No more will come: log what is left of a line. */
void vane__stderrlog_end(struct vane__stderrlog *log);

#endif
