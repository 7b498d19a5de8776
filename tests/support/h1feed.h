/* SPDX-License-Identifier: MIT */
/*
 * h1feed.h - feed a request to lib/wire/h1in.c in any number of pieces, and write down what came
 * out.
 */
#ifndef VANE_TEST_H1FEED_H
#define VANE_TEST_H1FEED_H

#include <stddef.h>

#include "buf.h"

/*
 * Read one request that comes as pieces of at most step bytes, the first of them first
 * bytes long (0: as the others).  Each piece makes the buffer move and end where its bytes
 * end, so that a sanitizer sees what is read behind them.
 *
 * Appends to out what was understood: a refusal as its status, else a line with method,
 * target, version and flags, a line for each field, and one for the body.
 */
void h1feed(const char *bytes, size_t len, size_t first, size_t step, struct buf *out);

#endif
