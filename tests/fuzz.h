/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what a fuzz target is, and how it says that something is wrong.
 *
 * With --enable-fuzzing a target is a libFuzzer program:
 *
 *	./configure CC=clang --enable-fuzzing && make tests/http/fuzz_uri
 *	mkdir new && tests/http/fuzz_uri -max_total_time=60 new ../tests/corpus/uri
 *
 * Else it links with fuzz_replay.c, and make check runs it on its corpus.
 */
#ifndef VANE_TEST_FUZZ_H
#define VANE_TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "slice.h"

/* libFuzzer's entry: run one input.  Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Abort unless it holds, also where assert() is compiled out. */
#define FUZZ_CHECK(condition) fuzz_check((condition), #condition, __FILE__, __LINE__)

static inline void fuzz_check(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* Whether a slice lies within another, as results lie within their input. */
static inline bool fuzz_within(struct vane_slice part, struct vane_slice whole)
{
	return part.data >= whole.data && part.len <= whole.len &&
	       part.data + part.len <= whole.data + whole.len;
}

/* Take the first line off an input whose rest is something else; it may be all there is. */
static inline struct vane_slice fuzz_line(struct vane_slice *input)
{
	struct vane_slice line = vane__slice_split(input, '\n');

	if (input->data == NULL)
		*input = (struct vane_slice) { line.data + line.len, 0 };
	return line;
}

#endif
