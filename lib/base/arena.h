/* SPDX-License-Identifier: MIT */
/*
 * arena.h - memory that is taken piece by piece and given back at once.
 *
 * An arena keeps its first block when it is reset, so what fits there costs nothing from the
 * heap in the steady state.
 */
#ifndef VANE__ARENA_H
#define VANE__ARENA_H

#include "base.h"

struct arena_block;

struct arena {
	char *at, *end;             /* what is free in the newest block */
	struct arena_block *newest; /* blocks, newest first; the last is kept */
	size_t held;                /* bytes of all blocks */
	/* held never exceeds it; 0: no limit.  The owner's to set */
	size_t max;
	bool refused; /* for that reason, since the last reset */
};

/* Bytes a block holds unless a single piece needs more. */
#define VANE__ARENA_BLOCK 4096

/* Give all back.  It is as if zeroed, which is an arena without memory, but for its limit. */
void vane__arena_fini(struct arena *arena);

/* Forget all pieces; the first block is kept. */
void vane__arena_reset(struct arena *arena);

/* The slow path of vane__arena_alloc(). */
void *vane__arena_grow(struct arena *arena, size_t size);

/* A piece aligned for any type; NULL only for lack of memory, or of what may be had. */
static inline void *vane__arena_alloc(struct arena *arena, size_t size)
{
	size_t rounded = (size + 15) & ~(size_t) 15;
	void *piece = arena->at;

	/* less one, so that a size of 0 and one that wrapped around take the slow path too */
	if (UNLIKELY((size_t) (arena->end - arena->at) <= rounded - 1))
		return vane__arena_grow(arena, size);
	arena->at += rounded;
	return piece;
}

/* A copy that ends in a NUL; NULL only for lack of memory. */
char *vane__arena_dup(struct arena *arena, const void *data, size_t len);

#endif
