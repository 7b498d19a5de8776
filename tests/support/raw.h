/* SPDX-License-Identifier: MIT */
/*
 * raw.h - a client that sends whatever bytes it is told to.
 */
#ifndef VANE_TEST_RAW_H
#define VANE_TEST_RAW_H

#include <stdbool.h>
#include <stddef.h>

struct raw {
	const char *bytes;
	size_t len;
	size_t step;     /* bytes a write; 0: all at once */
	bool half_close; /* say that nothing follows */
	int msec;        /* wait for the end at most; 0: ten seconds */
};

/*
 * Connect to a port of 127.0.0.1, send, and read until the peer closes.  What came is put
 * into *out, to be freed, with a NUL after it; *out_len is its length.  Returns 0,
 * -ETIMEDOUT if the connection was still open in the end (*out holds what came), or another
 * negative errno.
 */
int raw_ask(int port, const struct raw *raw, char **out, size_t *out_len);

/* The status of the i-th response in what raw_ask() gave, 0 past the last. */
int raw_status(const char *data, size_t i);

#endif
