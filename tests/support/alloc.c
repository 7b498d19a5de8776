/* SPDX-License-Identifier: MIT */
/*
 * alloc.c - make the n-th allocation of what is tested fail.
 *
 * The linker's --wrap sends the calls here; it also chooses these reserved names.
 */
#include "alloc.h"

#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static struct {
	bool armed, once;
	long left, failed;
} state;

void alloc_fail_after(long n)
{
	state.armed = true;
	state.once = false;
	state.left = n;
	state.failed = 0;
}

void alloc_fail_once(long n)
{
	alloc_fail_after(n);
	state.once = true;
}

long alloc_fail_never(void)
{
	state.armed = false;
	return state.failed;
}

static bool fails(void)
{
	if (!state.armed || state.left-- > 0)
		return false;
	state.failed++;
	state.armed = !state.once;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}
