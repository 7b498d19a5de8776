/* SPDX-License-Identifier: MIT */
/*
 * evalloc.c - memory for libev, which ends the process where it gets none.
 *
 * What libev holds are blocks of malloc(), as in a program that has loops of libev's own.  The
 * reserve is a few blocks that are asked for in advance and not touched, so they take address
 * space rather than memory.
 */
#include "config.h"

#include "evalloc.h"

#include <ev.h>
#include <stdlib.h>
#ifdef HAVE_MALLOC_USABLE_SIZE
#include <malloc.h>
#endif

#include "base.h"

/*
 * As many arrays as may grow in one turn: descriptors, changes, events of the kernel's, events
 * that are pending, timers, and what hooks there are.
 */
#define BLOCKS 6

/* The least size; and what an array of libev's has for a descriptor, twice as it doubles. */
#define FIRST_BYTES   8192
#define BYTES_EACH_FD 32

/* Loops belong to threads. */
static _Thread_local struct {
	void *blocks[BLOCKS];
	size_t count;   /* of those that are there */
	size_t size;    /* of each of them */
	size_t largest; /* what libev has ever asked for */
	unsigned loops;
} reserve;

/* How much of a block may be copied. */
static size_t usable_size(void *block)
{
#ifdef HAVE_MALLOC_USABLE_SIZE
	return block != NULL ? malloc_usable_size(block) : 0;
#else
	return 0;
#endif
}

/* A block of the reserve in the place of one that could not grow. */
static void *take(void *old, size_t size)
{
	size_t used = usable_size(old);
	void *block;

	if (reserve.count == 0 || size > reserve.size || (old != NULL && used == 0))
		return NULL;
	block = reserve.blocks[--reserve.count];
	if (used > 0)
		memcpy(block, old, used < size ? used : size);
	free(old);
	return block;
}

/* What libev calls.  It ends the process if this returns NULL. */
static void *reallocate(void *old, long size)
{
	void *block;

	if (size == 0) {
		free(old);
		return NULL;
	}
	if ((size_t) size > reserve.largest)
		reserve.largest = (size_t) size;
	block = realloc(old, (size_t) size);
	return block != NULL ? block : take(old, (size_t) size);
}

static void drop(void)
{
	while (reserve.count > 0)
		free(reserve.blocks[--reserve.count]);
}

void vane__evalloc_enter(void)
{
	ev_set_allocator(reallocate);
	reserve.loops++;
}

void vane__evalloc_leave(void)
{
	if (--reserve.loops > 0)
		return;
	drop();
	reserve.size = reserve.largest = 0;
}

static int fill(void)
{
	while (reserve.count < BLOCKS) {
		void *block = malloc(reserve.size);

		if (block == NULL)
			return -ENOMEM;
		reserve.blocks[reserve.count++] = block;
	}
	return 0;
}

/* Larger blocks in the place of those that are there, or none of them. */
static int grow(size_t wanted)
{
	size_t size = reserve.size > 0 ? reserve.size : FIRST_BYTES, count;
	void *blocks[BLOCKS];

	while (size < wanted)
		size *= 2;
	for (count = 0; count < BLOCKS; count++) {
		blocks[count] = malloc(size);
		if (blocks[count] != NULL)
			continue;
		while (count > 0)
			free(blocks[--count]);
		return -ENOMEM;
	}
	drop();
	memcpy(reserve.blocks, blocks, sizeof(blocks));
	reserve.count = BLOCKS;
	reserve.size = size;
	return 0;
}

int vane__evalloc_ready(int fd)
{
	size_t wanted = FIRST_BYTES + (size_t) (fd + 1) * BYTES_EACH_FD;

	if (wanted < 2 * reserve.largest)
		wanted = 2 * reserve.largest;
	if (LIKELY(wanted <= reserve.size && reserve.count == BLOCKS))
		return 0;
	return wanted > reserve.size ? grow(wanted) : fill();
}
