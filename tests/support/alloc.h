/* SPDX-License-Identifier: MIT */
/*
 * alloc.h - make the n-th allocation of what is tested fail.
 *
 * For programs linked with $(TEST_FLAGS_ALLOC): malloc(), calloc() and realloc() go through
 * here.
 */
#ifndef VANE_TEST_ALLOC_H
#define VANE_TEST_ALLOC_H

/* Let n allocations succeed and all after them fail, until told otherwise. */
void alloc_fail_after(long n);

/* Let n allocations succeed and the next one fail, and all after it succeed. */
void alloc_fail_once(long n);

/* Let all succeed again.  Returns how many failed since then. */
long alloc_fail_never(void);

#endif
